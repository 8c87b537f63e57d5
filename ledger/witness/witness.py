"""A witness: cosigns a log's checkpoints, each only when it continues the one before.

For every log that it knows it has one history, ever: it does not cosign two roots of one size, nor
a smaller size than before, nor a larger one without proof that nothing changed below. A *replaying*
witness cosigns, besides, only what it has judged itself, statement by statement, by the rules of
`verify`: then the rules were followed, and every closing is true.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from ledger.cosigning import UNPROCESSABLE, NotCosigned, check_extends, open_request
from ledger.errors import LedgerError
from ledger.note import Signer, VerifierKey, cosign, format_note
from ledger.replay.report import Wrong
from ledger.times import MS_PER_SECOND
from ledger.tlog import Checkpoint
from ledger.witness.memory import Memory

UNAVAILABLE = 503
"""HTTP status of a witness that cannot judge at the moment; the log may ask again."""


Now = Callable[[], int]
"""Tells the time, milliseconds since the epoch; it dates cosignatures."""


class Follower(Protocol):
    """Replays a ledger's history."""

    def follow(self, size: int) -> bytes:
        """Judge the history up to `size` statements, and return the log's root there.

        Raises:
            Wrong: the history is not lawful; it stays so.
            LedgerError: it could not be read so far; it may be later.

        """


class Witness:
    """Answers the requests of logs; may be asked from many threads."""

    def __init__(
        self,
        signer: Signer,
        logs: Sequence[VerifierKey],
        memory: Memory,
        now_ms: Now,
        follower: Follower | None = None,
    ) -> None:
        """Cosign for `logs` with `signer`; with a `follower`, only what that has replayed.

        Raises:
            LedgerError: what is remembered cannot be believed.

        """
        self._signer = signer
        self._logs = logs
        self._memory = memory
        self._now_ms = now_ms
        self._follower = follower
        self._turn = threading.Lock()
        for log in logs:
            memory.last(log.name)

    def add_checkpoint(self, data: bytes) -> tuple[Checkpoint, bytes]:
        """Judge the body of a request; return its checkpoint and the witness's signature line.

        Raises:
            NotCosigned: a reason stands against it.

        """
        opened = open_request(data, self._logs)
        checkpoint = opened.checkpoint
        # One after another: between reading what was cosigned last and replacing it nothing may
        # come, or two requests could both be answered from one state.
        with self._turn:
            try:
                check_extends(opened, self._memory.last(checkpoint.origin))
                if self._follower is not None:
                    _replay(self._follower, checkpoint)
                text = checkpoint.encode()
                line = cosign(text, self._signer, self._now_ms() // MS_PER_SECOND)
                cosigned = format_note(text, [*opened.signatures, line])
                self._memory.keep(checkpoint.origin, cosigned)
            except NotCosigned:
                raise
            except (LedgerError, OSError) as error:
                reason = f"the witness's memory fails: {error}"
                raise NotCosigned(UNAVAILABLE, reason) from error
        return checkpoint, line.encode().encode()


def _replay(follower: Follower, checkpoint: Checkpoint) -> None:
    try:
        root = follower.follow(checkpoint.size)
    except Wrong as error:
        raise NotCosigned(UNPROCESSABLE, f"the history does not hold: {error}") from error
    except LedgerError as error:
        raise NotCosigned(UNAVAILABLE, f"the history is not there to replay: {error}") from error
    if root != checkpoint.root:
        reason = f"the history replayed has another root at size {checkpoint.size}"
        raise NotCosigned(UNPROCESSABLE, reason)
