"""What a server works with: the ledger, its read models, and how far these have come.

A server that writes holds the ledger open; one that only reads does without its key. Both keep
the read models up to date by a thread of their own (`Following`), so a request finds them as new
as they can be and folds nothing itself.

    with Service(store, projections, ledger) as service:
        app = create_app(service)
"""

import asyncio
import time
from typing import Self

from api.http.edge.streams import OpenStreams
from api.http.following import Followed, Following
from api.http.slowly import Slowly
from api.http.streams import Downloads
from ledger.app import Ledger
from ledger.bank.accounts import Accounts
from ledger.clock import Clock, SystemClock
from ledger.note import Signer
from ledger.policy import Policy
from ledger.store.published import Published
from ledger.store.store import Store
from ledger.witness.witness import Witness
from projections.engine import Projections

AWAIT_SECONDS = 0.01
"""How often a request that waits for a position looks again."""


class Service:
    """The ledger behind a server. Safe to use from several threads.

    Attributes:
        store: the ledger's database, for reading.
        projections: the read models.
        ledger: the ledger open for writing, or None in a server that only reads.
        clock: what tells the time of requests.
        operator: the operator's key, which signs refusals, or None where it is not at hand.
        witness: what cosigns other ledgers' checkpoints here, or None where nothing does.
        origin: the ledger's name in the log.
        policy: whose cosignatures proofs are given with; None for any.
        accounts: the account numbers that order files name, where they were given.
        slowly: does what takes seconds.
        downloads: the downloads that are being made.
        published: the log's checkpoint, tiles and entries.
        streams: the streams of events that clients have open.
        one_at_a_time: whether this process answers one request after another, without threads.

    """

    def __init__(
        self,
        store: Store,
        projections: Projections,
        ledger: Ledger | None = None,
        *,
        clock: Clock | None = None,
        policy: Policy | None = None,
        operator: Signer | None = None,
        witness: Witness | None = None,
        accounts: Accounts | None = None,
        following: Followed | None = None,
        one_at_a_time: bool = False,
    ) -> None:
        """Use what the caller opened, and closes after this is closed.

        `following` says how far the read models are; where it is not given, they are followed here
        while this is entered.
        """
        self.store = store
        self.projections = projections
        self.ledger = ledger
        self.clock = clock or SystemClock()
        self.operator = operator
        self.witness = witness
        self.origin = store.head().origin
        self.policy = policy
        self.accounts = accounts or Accounts()
        self.slowly = Slowly()
        self.downloads = Downloads()
        self.published = Published(store)
        self.streams = OpenStreams()
        self.one_at_a_time = one_at_a_time
        self._following: Followed = following or Following(store, projections)

    @property
    def position(self) -> int:
        """How many events every read model reflects that is not stopped."""
        return self._following.position

    @property
    def rebuilt(self) -> int:
        """What is another number after a read model was rebuilt."""
        return self._following.rebuilt

    @property
    def fault(self) -> str | None:
        """What keeps the read models from being followed, or None."""
        return self._following.fault

    @property
    def is_writing(self) -> bool:
        """Whether statements are admitted here."""
        return self.ledger is not None and self.ledger.is_open

    async def reached(self, position: int, timeout_s: float) -> bool:
        """Wait until the read models reflect `position` events; False if the time is over first."""
        deadline = time.monotonic() + timeout_s
        while self.position < position:
            if time.monotonic() >= deadline:
                return False
            self._following.hurry()
            await asyncio.sleep(AWAIT_SECONDS)
        return True

    def follow(self) -> None:
        """Bring the read models to the ledger's head.

        Raises:
            StoreUnavailable: a database cannot serve.
            ProjectionStopped: a read model reflects another history.

        """
        self._following.catch_up()

    def __enter__(self) -> Self:
        """Bring the read models to the head, then keep following; a writer expects many."""
        if self.ledger is not None:
            self.ledger.expect_many()
        self.follow()
        self._following.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop following."""
        self._following.stop()
