"""Rebuilding several read models at once, each in a process of its own.

Read models know nothing of one another, so as many are filled at a time as there are processors;
what is derived from others waits for them. Each is switched by itself when it is full
(`Projections.rebuild`); who is killed leaves what was live.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from ledger.errors import LedgerError
from ledger.store.store import open_store
from projections.catalogue import MODELS, open_projections
from projections.model import ReadModel

Done = Callable[[str], None]
"""Told when a read model is rebuilt."""


def rebuild_at_once(
    ledger_url: str, url: str | None, names: Sequence[str], jobs: int, done: Done
) -> None:
    """Rebuild read models (all of them, or those named) of a ledger, `jobs` at a time.

    Raises:
        LedgerError: there is no such read model, or one of them could not be rebuilt: its old
            tables stay live, and the others were rebuilt all the same.

    """
    unknown = set(names) - {model.name for model in MODELS}
    if unknown:
        known = ", ".join(model.name for model in MODELS)
        raise LedgerError(f"there is no read model {min(unknown)}; there are {known}")
    wanted = [model for model in MODELS if not names or model.name in names]
    own = sorted((model for model in wanted if not model.sources), key=_is_light)
    derived = [model for model in wanted if model.sources]
    faults: list[str] = []
    # Not forked: connections of this process must not be shared.
    try:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as processes:
            for stage in (own, derived):
                waiting = [processes.submit(_rebuild, ledger_url, url, each.name) for each in stage]
                for finished in as_completed(waiting):
                    name, fault = finished.result()
                    if fault is not None:
                        faults.append(fault)
                    done(name)
    except BrokenProcessPool as error:
        raise LedgerError(
            "a process that rebuilt read models was killed; what was live stays: run "
            "`sunledger rebuild` again, with fewer `--jobs` if memory is short"
        ) from error
    if faults:
        raise LedgerError("; ".join(faults))


def _is_light(model: ReadModel) -> bool:
    """Tell whether a read model passes over mass events; those that do not take longest."""
    return not model.lean


def _rebuild(ledger_url: str, url: str | None, name: str) -> tuple[str, str | None]:
    """Rebuild one read model in this process; return its name, and what was wrong."""
    try:
        with open_store(ledger_url) as store, open_projections(store, url) as projections:
            projections.rebuild(name)
    except LedgerError as error:
        return name, str(error)
    return name, None
