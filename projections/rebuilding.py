"""Rebuilding read models in several processes at once, as many as there are processors.

Read models know nothing of one another, so they are shared out among the processes, and each
fills its share in one pass over the history (`Projections.rebuild`); what is derived from others
waits for them. Who is killed leaves what was live.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from ledger.errors import LedgerError
from ledger.store.store import open_store
from projections.catalogue import MODELS, open_projections
from projections.folding import one_error
from projections.model import ReadModel

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
    wanted = [model for model in MODELS if not names or model.name in names]
    own = [model for model in wanted if not model.sources]
    derived = [[model.name] for model in wanted if model.sources]
    faults: list[LedgerError] = []
    # Not forked: connections of this process must not be shared.
    try:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as processes:
            for stage in (_shares(own, jobs), derived):
                waiting = {
                    processes.submit(_rebuild, ledger_url, url, share): share for share in stage
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


def _rebuild(ledger_url: str, url: str | None, names: Sequence[str]) -> str | None:
    """Rebuild read models together in this process; return what was wrong."""
    try:
        with open_store(ledger_url) as store, open_projections(store, url) as projections:
            projections.rebuild(*names)
    except LedgerError as error:
        return str(error)
    return None
