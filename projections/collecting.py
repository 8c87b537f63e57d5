"""Keeping Python's garbage collector from walking over everything while a history is folded.

A batch makes tens of thousands of rows and lets them all go, without a cycle among them; the
collector, which counts what was made, would look through the whole program for each batch and
find nothing. That took a quarter of a rebuild's time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

COLLECT_EVERY = 200_000
"""Objects made and not let go before the collector looks: more than a batch holds."""

_lock = Lock()
_before: list[tuple[int, int, int]] = []


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Let the collector look rarely while the block runs, in the whole process."""
    with _lock:
        before = gc.get_threshold()
        _before.append(before)
        gc.set_threshold(max(before[0], COLLECT_EVERY), *before[1:])
    try:
        yield
    finally:
        with _lock:
            # Who came last may leave first: what held before all of them is put back at the end.
            first = _before[0]
            _before.pop()
            if not _before:
                gc.set_threshold(*first)
