"""A real store to which named faults happen. A fault is named by what survives it.

    append_lost              the database says that it took nothing, which is true
    append_lost_reply_lost   the commit's answer is lost; nothing was written
    append_lost_head_lost    the same, and then the head cannot be read either
    append_kept_reply_lost   the commit's answer is lost; everything was written
    append_kept_head_lost    the same, and then the head cannot be read either
    process_lost             the process stops before its commit; the database goes on
    process_lost_append_kept the process stops after its commit, before anybody is answered
    machine_lost             the power fails during the commit: of what was written to the log
                             since the last commit, some bytes survive or all
    reads_lost               the next read of the database fails

That a checkpoint is lost on its way to the auditor (`checkpoint_lost`) happens outside of the
store, in run.py.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args

from sqlalchemy import Select

from ledger.store.errors import OutcomeUnknown, StoreUnavailable
from ledger.store.fetching import Parameters
from ledger.store.rows import Batch
from ledger.store.store import Store

Fault = Literal[
    "append_lost",
    "append_lost_reply_lost",
    "append_lost_head_lost",
    "append_kept_reply_lost",
    "append_kept_head_lost",
    "process_lost",
    "process_lost_append_kept",
    "machine_lost",
    "reads_lost",
]
FAULTS: tuple[Fault, ...] = get_args(Fault)


class Stopped(BaseException):
    """The process ends here: nobody is answered any more. No error that code could handle."""

    def __init__(self, fault: Fault, synced_bytes: int) -> None:
        """Name what stopped it, and how much of the database's log had reached the disk before."""
        super().__init__(fault)
        self.fault = fault
        self.synced_bytes = synced_bytes


class FaultyStore(Store):
    """A store whose next append meets a fault.

    Attributes:
        fault: what happens to the next append, or to the next read.
        meanwhile: what another process does just before the next append reaches the database.

    """

    def __init__(self, sound: Store) -> None:
        """Take over the database of a store as it was opened."""
        super().__init__(sound.url, sound._database)
        self.fault: Fault | None = None
        self.meanwhile: Callable[[], None] | None = None
        self._unreadable = False

    def disarm(self) -> None:
        """Let nothing more happen."""
        self.fault, self.meanwhile, self._unreadable = None, None, False

    def append(self, batch: Batch) -> None:
        """Commit, or not, as the fault has it."""
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        fault = self.fault
        if fault == "reads_lost" or fault is None:
            super().append(batch)
            return
        self.fault = None
        if fault == "append_lost":
            raise StoreUnavailable("the disk is full")
        synced_bytes = Path(f"{self.where}-wal").stat().st_size
        if "kept" in fault or fault == "machine_lost":
            super().append(batch)
        if fault.startswith(("process", "machine")):
            raise Stopped(fault, synced_bytes)
        self._unreadable = fault.endswith("head_lost")
        raise OutcomeUnknown("the connection broke")

    def fetch(self, query: Select[Any] | str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Read, or fail."""
        if self._unreadable or self.fault == "reads_lost":
            self.fault = None
            raise StoreUnavailable("the connection is gone")
        return super().fetch(query, parameters)
