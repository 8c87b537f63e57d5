"""Work that takes seconds, for requests: one piece at a time, each done once, the last ones kept.

Replaying a history keeps a core busy. So all that needs it queues for one thread; who asks for
what is being done already waits for the same outcome; and who has waited for `PATIENCE_SECONDS`
is told to come again, while the work goes on and is kept for then.

    explanation = await slowly.done(("explain", payment, position), lambda: explain(…))
"""

import asyncio
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from api.http.problems import Problem

T = TypeVar("T")

PATIENCE_SECONDS = 10.0
"""How long a request waits: less than what browsers and proxies wait for."""
MAX_WAITING = 8
"""Pieces of work that may wait: more would have given up before their turn."""
KEPT = 32
"""Outcomes kept for who comes again."""
SECONDS_TO_RETRY = 5
"""What `Retry-After` says."""


class Slowly:
    """A queue of work with one thread, which lives as long as there is some."""

    def __init__(self) -> None:
        """Begin with nothing to do."""
        self._turn = threading.Lock()
        self._known: OrderedDict[Hashable, Future[Any]] = OrderedDict()
        self._waiting: deque[tuple[Hashable, Callable[[], Any], Future[Any]]] = deque()
        self._is_working = False

    async def done(self, key: Hashable, work: Callable[[], T]) -> T:
        """Return the outcome of `work`, which is the same whenever `key` is.

        Raises:
            Problem: `working`: it is not done yet, or too much is waiting.

        """
        future = self._future(key, work)
        try:
            return await asyncio.wait_for(
                asyncio.shield(asyncio.wrap_future(future)), PATIENCE_SECONDS
            )
        except TimeoutError:
            if future.done():
                raise  # the work's own
            raise _come_again("it is being worked on") from None

    def _future(self, key: Hashable, work: Callable[[], T]) -> Future[T]:
        with self._turn:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
            if len(self._waiting) >= MAX_WAITING:
                raise _come_again("other work is waiting")
            future: Future[T] = Future()
            self._known[key] = future
            self._waiting.append((key, work, future))
            if not self._is_working:
                self._is_working = True
                threading.Thread(target=self._work, name="slowly", daemon=True).start()
            return future

    def _work(self) -> None:
        while True:
            with self._turn:
                if not self._waiting:
                    self._is_working = False
                    return
                key, work, future = self._waiting.popleft()
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001 (whoever waits for it raises it)
                with self._turn:
                    self._known.pop(key, None)
                future.set_exception(error)
            with self._turn:
                self._forget()

    def _forget(self) -> None:
        done = [key for key, future in self._known.items() if future.done()]
        for key in done[: max(len(done) - KEPT, 0)]:
            del self._known[key]


def _come_again(why: str) -> Problem:
    return Problem("working", why, {"Retry-After": str(SECONDS_TO_RETRY)})
