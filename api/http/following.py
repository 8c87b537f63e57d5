"""How far read models are, and the thread that brings them on: `Following`."""

import threading
import time
from typing import Protocol

import structlog

from ledger.errors import LedgerError
from ledger.store.store import Store
from projections.apart import Apart, Ended, Reached, follow
from projections.engine import Projections

POLL_SECONDS = 0.1
"""How long what another process appended may stay unnoticed."""
REST_FOR_WORK = 8
"""How many times as long as folding took the follower rests, unless a request waits for it.

Folding one event costs as much as folding fifty, so under load it is done in larger steps.
"""
MAX_REST_SECONDS = 2.0
"""How far read models may lag for that, where nobody waits for them."""
PROCESS_AGAIN_SECONDS = 30.0
"""How long to wait before such a process is started in the place of one that ended."""
AGAIN_SECONDS = 1.0
"""How long to wait before following again when a database could not serve."""

_log = structlog.get_logger()


class Followed(Protocol):
    """How far the read models are, and what brings them on.

    Attributes:
        position: how many events all that are not stopped reflect.
        rebuilt: what is another number after a read model was rebuilt.
        fault: what is in the way, or None.

    """

    position: int
    rebuilt: int
    fault: str | None

    def catch_up(self) -> None:
        """Fold what the ledger holds now."""

    def start(self) -> None:
        """Begin to follow."""

    def stop(self) -> None:
        """End following."""

    def hurry(self) -> None:
        """Do it now: somebody waits."""


class Following:
    """A thread that keeps read models at the ledger's head: `Followed`.

    It folds, or has a process of its own fold, so that nothing here waits for the interpreter.
    """

    def __init__(self, store: Store, projections: Projections, *, apart: bool = False) -> None:
        """Follow `store` into `projections`, `apart` from this process."""
        self.position = 0
        self.rebuilt = 0
        self.fault: str | None = None
        self._store = store
        self._projections = projections
        self._is_apart = apart
        self._process: Apart | None = None
        self._process_from_s = 0.0
        self._stopping = threading.Event()
        self._hurried = threading.Event()
        self._thread = threading.Thread(target=self._run, name="following", daemon=True)

    def catch_up(self) -> None:
        """Fold what the ledger holds now.

        Raises:
            StoreUnavailable: a database cannot serve.
            ProjectionStopped: a read model reflects another history.

        """
        reached = self._fold()
        if reached.position is not None:
            self.position = reached.position
        self.rebuilt = reached.rebuilt

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
        self._end_process()  # it may be folding for long
        self._thread.join()
        self._end_process()  # or was started just now

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._start_process()
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

    def _fold(self) -> Reached:
        """Fold by the process where there is one that is ready, else here."""
        try:
            if self._process is not None and self._process.is_ready():
                return self._process.follow()
        except Ended:
            self._end_process()
            self._process = None
            if self._stopping.is_set():
                return Reached(None, self.rebuilt)
            self._tell("the process that folds has ended")
        return follow(self._projections)

    def _start_process(self) -> None:
        if not self._is_apart or self._process or time.monotonic() < self._process_from_s:
            return
        try:
            self._process = Apart(self._store, self._projections)
        except OSError as error:
            self._tell(f"no process can be started that folds: {error}")

    def _tell(self, event: str) -> None:
        self._process_from_s = time.monotonic() + PROCESS_AGAIN_SECONDS
        _log.warning(event, again_in_s=PROCESS_AGAIN_SECONDS)

    def _end_process(self) -> None:
        process = self._process
        if process is not None:
            process.end()

    def _rest(self, worked_s: float) -> None:
        """Let what comes next gather, unless somebody waits."""
        self._hurried.wait(min(worked_s * REST_FOR_WORK, MAX_REST_SECONDS))
        self._hurried.clear()
