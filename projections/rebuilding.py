"""Rebuilding read models in several processes at once, as many as there are processors.

Read models know nothing of one another, so they are shared out among the processes, and each
fills its share in one pass over the history (`Projections.rebuild`); what is derived from others
waits for them, and then has a helper. Who is killed leaves what was live.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, NamedTuple, Self, TypeVar

from ledger.errors import LedgerError
from ledger.store.store import open_store
from projections.catalogue import MODELS, open_projections
from projections.collecting import collecting_rarely
from projections.engine import Projections
from projections.feed import Place
from projections.folding import one_error
from projections.model import ReadModel
from projections.sources import sources_of

T = TypeVar("T")
Done = Callable[[str], None]
"""Told when a read model is rebuilt."""


def rebuild_at_once(
    ledger_url: str, url: str | None, names: Sequence[str], jobs: int, done: Done
) -> None:
    """Rebuild read models (all of them, or those named) of a ledger in `jobs` processes.

    Raises:
        LedgerError: there is no such read model, or one of them could not be rebuilt: its old
            tables stay live, and the others were rebuilt all the same.

    """
    unknown = set(names) - {model.name for model in MODELS}
    if unknown:
        known = ", ".join(model.name for model in MODELS)
        raise LedgerError(f"there is no read model {min(unknown)}; there are {known}")
    where = Where(ledger_url, url)
    wanted = [model for model in MODELS if not names or model.name in names]
    own = [model for model in wanted if not model.sources]
    derived = [[model.name] for model in wanted if model.sources]
    faults: list[LedgerError] = []
    # Not forked: connections of this process must not be shared.
    try:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as processes:
            for stage in (_shares(own, jobs), derived):
                helped = len(stage) < jobs
                waiting = {
                    processes.submit(_rebuild, where, share, helped): share for share in stage
                }
                for finished in as_completed(waiting):
                    fault = finished.result()
                    if fault is not None:
                        faults.append(LedgerError(fault))
                    for name in waiting[finished]:
                        done(name)
    except BrokenProcessPool as error:
        raise LedgerError(
            "a process that rebuilt read models was killed; what was live stays: run "
            "`sunledger rebuild` again, with fewer `--jobs` if memory is short"
        ) from error
    if faults:
        raise one_error(faults)


def _shares(models: Sequence[ReadModel], jobs: int) -> list[list[str]]:
    """Share read models out among processes, each of which reads the history once.

    Who decodes the mass events takes as long as all the others, so it shares with nobody if it
    need not.
    """
    heavy = [model.name for model in models if model.lean]
    light = [model.name for model in models if not model.lean]
    shares: list[list[str]] = [[] for _ in range(jobs)]
    for number, name in enumerate(heavy):
        shares[number % jobs].append(name)
    others = shares[len(heavy) :] or shares
    for number, name in enumerate(light):
        others[number % len(others)].append(name)
    return [share for share in shares if share]


class Where(NamedTuple):
    """A ledger, and where its read models are if elsewhere."""

    ledger_url: str
    url: str | None

    @contextmanager
    def open(self) -> Iterator[Projections]:
        """Open the read models."""
        with open_store(self.ledger_url) as store, open_projections(store, self.url) as opened:
            yield opened


def _rebuild(where: Where, names: Sequence[str], helped: bool) -> str | None:
    """Rebuild read models together in this process; return what was wrong."""
    try:
        with where.open() as projections, _Process(where) as helper:
            projections.rebuild(*names, helper=helper if helped else None)
    except LedgerError as error:
        return str(error)
    return None


class _Process:
    """A helper: a process of its own, from its first question on."""

    def __init__(self, where: Where) -> None:
        """Name the read models that it opens."""
        self._where = where
        self._processes = ProcessPoolExecutor(1, get_context("spawn"))

    def ask(
        self, names: Sequence[str], place: Place, question: Callable[..., T], *about: Any
    ) -> Callable[[], T | None]:
        """Begin a question; see `Helper.ask`."""
        asked = self._processes.submit(answer_there, self._where, names, place, question, about)

        def answer() -> T | None:
            try:
                return asked.result()
            except BrokenProcessPool:
                return None

        return answer

    def __enter__(self) -> Self:
        """Have the process for a while."""
        return self

    def __exit__(self, *_error: object) -> None:
        """End it."""
        self._processes.shutdown()


def answer_there(
    where: Where,
    names: Sequence[str],
    place: Place,
    question: Callable[..., T],
    about: Sequence[Any],
) -> T | None:
    """Answer as the process that helps: see `Helper.ask`."""
    models = [model for model in MODELS if model.name in names]
    with where.open() as projections, projections.database.snapshot() as connection:
        sources = sources_of(connection, models, projections.feed)
        if sources is None or sources.place != place:
            return None
        with collecting_rarely():
            return question(sources, *about)
