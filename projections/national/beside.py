"""Processes beside this one that check months, each one month at a time.

Whoever is free is given the next month, so which month a process had is known when it is killed;
and what is read of the next ledger, its keys, is read while the others are at work. They are forked
from a process that has read the code, once for all of them, and that has no threads; it is started
with the first of them.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait

from ledger.errors import LedgerError
from projections.collecting import collecting_rarely
from projections.national.checking import Month, MonthFound, check_month
from projections.national.engine import Keys


class _Beside:
    """A process, the pipe to it, and the month it has."""

    def __init__(self) -> None:
        context = get_context("forkserver")
        context.set_forkserver_preload([check_month.__module__])
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()  # so that the pipe ends when the process does
        self.month: Month | None = None

    def ask(self, month: Month, keys: Keys, *, signatures: bool) -> None:
        self.month = month
        # One that was killed does not read; that is told where its answer is awaited.
        with suppress(OSError):
            self.pipe.send((month, keys, signatures))

    def answer(self) -> MonthFound:
        month, self.month = self.month, None
        try:
            found: MonthFound = self.pipe.recv()
        except (EOFError, OSError):
            self.process.join()
            of = "the audit" if month is None else f"{month.month} of the ledger {month.origin}"
            raise LedgerError(
                f"the process that checked {of} was ended from outside (exit code "
                f"{self.process.exitcode}): nothing is said of any ledger; with fewer --jobs the "
                "audit needs less memory"
            ) from None
        return found

    def close(self) -> None:
        self.pipe.close()
        if self.month is not None:
            self.process.terminate()  # nobody waits for what it finds
        self.process.join()


def check_beside(
    asked: Iterable[tuple[Month, Keys]], jobs: int, *, signatures: bool
) -> Iterator[MonthFound]:
    """Yield what `jobs` processes find of each month, as they find it.

    Raises:
        LedgerError: a process was killed.

    """
    workers: list[_Beside] = []
    try:
        for month, keys in asked:
            free = next((each for each in workers if each.month is None), None)
            if free is None and len(workers) < jobs:
                free = _Beside()
                workers.append(free)
            if free is None:
                ready = _ready(workers)
                free = ready[0]
                for each in ready:
                    yield each.answer()
            free.ask(month, keys, signatures=signatures)
        while any(each.month is not None for each in workers):
            for each in _ready(workers):
                yield each.answer()
    finally:
        for each in workers:
            each.close()


def _ready(workers: Iterable[_Beside]) -> list[_Beside]:
    """Wait until some processes have answered, or ended."""
    busy = {each.pipe: each for each in workers if each.month is not None}
    answered = set(wait(list(busy)))
    return [each for pipe, each in busy.items() if pipe in answered]


def _serve(pipe: Connection) -> None:
    """Check months until the pipe ends: the life of a process."""
    with suppress(EOFError, OSError, KeyboardInterrupt), collecting_rarely():
        while True:
            month, keys, signatures = pipe.recv()
            pipe.send(check_month(month, keys, signatures=signatures))
