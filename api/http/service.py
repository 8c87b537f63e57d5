"""What a server works with: the ledger, its read models, and how far these have come.

A server that writes holds the ledger open; one that only reads does without its key. Both keep
the read models up to date by a thread of their own (`Following`), so a request finds them as new
as they can be and folds nothing itself.

    with Service(store, projections, ledger) as service:
        app = create_app(service)
"""

import asyncio
import threading
import time
from typing import Protocol, Self

import structlog

from api.http.edge.streams import OpenStreams
from api.http.slowly import Slowly
from api.http.streams import Downloads
from ledger.app import Ledger
from ledger.bank.accounts import Accounts
from ledger.clock import Clock, SystemClock
from ledger.errors import LedgerError
from ledger.note import Signer
from ledger.policy import Policy
from ledger.store.published import Published
from ledger.store.store import Store
from ledger.witness.witness import Witness
from projections.engine import Projections

POLL_SECONDS = 0.1
"""How long what another process appended may stay unnoticed."""
AWAIT_SECONDS = 0.01
"""How often a request that waits for a position looks again."""
REST_FOR_WORK = 8
"""How many times as long as folding took the follower rests, unless a request waits for it.

Folding one event costs as much as folding fifty, so under load it is done in larger steps.
"""
MAX_REST_SECONDS = 2.0
"""How far read models may lag for that, where nobody waits for them."""
AGAIN_SECONDS = 1.0
"""How long to wait before following again when a database could not serve."""

_log = structlog.get_logger()


class Followed(Protocol):
    """How far the read models are.

    Attributes:
        position: how many events all that are not stopped reflect.
        rebuilt: what is another number after a read model was rebuilt.
        fault: what is in the way, or None.

    """

    position: int
    rebuilt: int
    fault: str | None

    def hurry(self) -> None:
        """End a rest: somebody waits."""


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

        Where `following` is not given, a thread of its own follows while this is entered.
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
        self._own = Following(store, projections)
        self._following: Followed = following or self._own

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

    def __enter__(self) -> Self:
        """Bring the read models to the head, then keep following."""
        self.follow()
        if self._following is self._own:
            self._own.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop following."""
        if self._following is self._own:
            self._own.stop()

    def follow(self) -> None:
        """Bring the read models to the ledger's head, where this process follows at all.

        Raises:
            StoreUnavailable: a database cannot serve.
            ProjectionStopped: a read model reflects another history.

        """
        if self._following is self._own:
            self._own.catch_up()


class Following:
    """A thread that keeps read models at the ledger's head: `Followed`."""

    def __init__(self, store: Store, projections: Projections) -> None:
        """Follow `store` into `projections`."""
        self.position = 0
        self.rebuilt = 0
        self.fault: str | None = None
        self._store = store
        self._projections = projections
        self._stopping = threading.Event()
        self._hurried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="following", daemon=True)

    def catch_up(self) -> None:
        """Fold what the ledger holds now.

        Raises:
            StoreUnavailable: a database cannot serve.
            ProjectionStopped: a read model reflects another history.

        """
        going = [each for each in self._projections.follow() if each.stopped_at is None]
        self.position = min((each.position for each in going), default=self.position)
        self.rebuilt = self._projections.generations.rebuilt()

    def hurry(self) -> None:
        """End a rest: somebody waits."""
        self._hurried.set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch at hand."""
        self._stopping.set()
        self._hurried.set()
        with self._store.appended:
            self._store.appended.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._store.head().positions > self.position:
                    begun = time.monotonic()
                    self.catch_up()
                    self._rest(time.monotonic() - begun)
                else:
                    self.rebuilt = self._projections.generations.rebuilt()
                self.fault = None
            except LedgerError as error:
                if self.fault is None:
                    _log.warning("read models cannot be followed", why=str(error))
                self.fault = str(error)
                self._stopping.wait(AGAIN_SECONDS)
                continue
            with self._store.appended:
                if not self._stopping.is_set():
                    self._store.appended.wait(POLL_SECONDS)

    def _rest(self, worked_s: float) -> None:
        """Let what comes next gather, unless somebody waits."""
        self._hurried.wait(min(worked_s * REST_FOR_WORK, MAX_REST_SECONDS))
        self._hurried.clear()
