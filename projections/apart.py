"""Read models followed in a process of its own: `Apart`.

Folding takes the interpreter from whoever admits statements or answers requests in the same
process; in one of its own it takes another core. Nothing else is different: whoever follows moves
rows and position in one transaction, so this process may be killed at any time, and two may
follow at once.
"""

import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NamedTuple

import msgspec

from ledger.errors import LedgerError
from ledger.programs import leave_signals, start
from ledger.store.store import Store, open_store
from projections.catalogue import open_projections
from projections.engine import Projections


class Reached(NamedTuple):
    """How far read models were brought.

    Attributes:
        position: how many events all that are not stopped reflect; None where all are.
        rebuilt: what is another number after one of them was rebuilt.

    """

    position: int | None
    rebuilt: int


class Ended(Exception):
    """The process has ended."""


class _Where(msgspec.Struct, frozen=True, array_like=True):
    """The process's first message: URLs of the ledger's database and of the read models'."""

    store: str
    projections: str


class _Answer(msgspec.Struct, frozen=True, array_like=True):
    """What it answers: how far it came, or what was in the way."""

    position: int | None
    rebuilt: int
    fault: str | None


_READY = b"ready"
_FOLLOW = b"follow"
_WHERE = msgspec.msgpack.Decoder(_Where)
_ANSWER = msgspec.msgpack.Decoder(_Answer)
_encode = msgspec.msgpack.Encoder().encode


def follow(projections: Projections) -> Reached:
    """Fold what the ledger holds now.

    Raises:
        StoreUnavailable: a database cannot serve.
        ProjectionStopped: a read model reflects another history.

    """
    going = [each for each in projections.follow() if each.stopped_at is None]
    position = min((each.position for each in going), default=None)
    return Reached(position, projections.generations.rebuilt())


class Apart:
    """A process that follows. For one thread, but for `end`."""

    def __init__(self, store: Store, projections: Projections) -> None:
        """Start it for the read models of a ledger; it gets ready meanwhile.

        Raises:
            OSError: no process can be started.

        """
        self._process, ours = start(__spec__.name)
        self._pipe = Connection(ours.detach())
        self._is_ready = False
        try:
            self._pipe.send_bytes(_encode(_Where(store.url, projections.database.url)))
        except OSError:
            self.end()
            raise

    def is_ready(self) -> bool:
        """Tell whether it has opened the databases.

        Raises:
            Ended: it has ended instead.

        """
        try:
            if not self._is_ready and self._pipe.poll():
                self._pipe.recv_bytes()
                self._is_ready = True
        except (EOFError, OSError) as error:
            raise Ended from error
        return self._is_ready

    def follow(self) -> Reached:
        """Have it fold what the ledger holds now: as `follow`, once it is ready.

        Raises:
            Ended: it has ended, or does before it answers.
            LedgerError: what was in the way there.

        """
        try:
            self._pipe.send_bytes(_FOLLOW)
            answer = _ANSWER.decode(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:
            raise Ended from error
        if answer.fault is not None:
            raise LedgerError(answer.fault)
        return Reached(answer.position, answer.rebuilt)

    def end(self) -> None:
        """End it, whatever it does: nothing is lost by that."""
        self._process.kill()
        self._process.wait()


def _serve(pipe: Connection) -> None:
    """Follow whenever it is asked: the life of the process."""
    with suppress(EOFError, OSError):
        where = _WHERE.decode(pipe.recv_bytes())
        with open_store(where.store) as store, open_projections(store, where.projections) as opened:
            pipe.send_bytes(_READY)
            while True:
                pipe.recv_bytes()
                pipe.send_bytes(_encode(_answer(opened)))


def _answer(projections: Projections) -> _Answer:
    try:
        reached = follow(projections)
    except LedgerError as error:
        return _Answer(None, 0, str(error))
    return _Answer(reached.position, reached.rebuilt, None)


def main() -> None:
    """Follow for the process at the other end of the socket that the argument names."""
    leave_signals()
    try:
        _serve(Connection(int(sys.argv[1])))
    except LedgerError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
