"""Work shared with a second thread, for what lets other threads run while it computes.

Both Ed25519 libraries release Python's global lock while they check a signature. So a group of
statements is opened by the writer and one helper, each taking the next from the same list: on two
cores in little more than half the time. More helpers would only wait for the global lock.
"""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

WORTH_SHARING = 4
"""Items from which on waking the helper costs less than it saves."""


class Shared(Generic[T, R]):
    """A function applied to many items by the caller and one helper thread.

    The function must not raise: what it returns stands for what went wrong, too.
    """

    def __init__(self, function: Callable[[T], R]) -> None:
        """Apply `function`; the helper starts when it is first needed."""
        self._function = function
        self._jobs: queue.SimpleQueue[_Job[T, R] | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._helper: threading.Thread | None = None

    def map(self, items: Sequence[T]) -> list[R]:
        """Return what the function gives for each item, in their order."""
        if len(items) < WORTH_SHARING:
            return [self._function(item) for item in items]
        if self._helper is None:
            self._helper = threading.Thread(target=self._help, name="sunledger-opener", daemon=True)
            self._helper.start()
        job: _Job[T, R] = _Job(items)
        self._jobs.put(job)
        try:
            job.work(self._function)
        finally:
            failure = self._done.get()
        if failure is not None:
            raise failure
        return [job.results[place] for place in range(len(items))]

    def close(self) -> None:
        """Let the helper end."""
        self._jobs.put(None)

    def _help(self) -> None:
        while (job := self._jobs.get()) is not None:
            failure: BaseException | None = None
            try:
                job.work(self._function)
            except BaseException as error:  # noqa: BLE001 (raised by the caller)
                failure = error
            self._done.put(failure)


class _Job(Generic[T, R]):
    """Items, each taken once by whoever is free: `next` on one iterator is atomic."""

    def __init__(self, items: Sequence[T]) -> None:
        self.results: dict[int, R] = {}
        self._places: Iterator[int] = iter(range(len(items)))
        self._items = items

    def work(self, function: Callable[[T], R]) -> None:
        for place in self._places:
            self.results[place] = function(self._items[place])
