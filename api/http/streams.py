"""Long answers, sent as they are made: memory for a chunk, however long they are.

Starlette asks a plain iterator for each chunk in the thread pool, so one that reads a database
holds a thread while it makes a chunk, and none while a slow reader takes it.
"""

import threading
from collections.abc import Iterable, Iterator

from api.http.problems import SECONDS_TO_RETRY, Problem

MAX_DOWNLOADS = 8
"""Downloads that are made at once: each keeps a core busy as fast as its reader takes it."""
CHUNK_BYTES = 64 << 10
"""Bytes a chunk: a hop between threads costs little beside making so many."""


def in_chunks(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield parts joined to chunks of some size; the last one may be small."""
    chunk = bytearray()
    for part in parts:
        chunk += part
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)


class Downloads:
    """The downloads that are being made, counted."""

    def __init__(self) -> None:
        """Begin with none."""
        self._turn = threading.Lock()
        self._running = 0

    def counted(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        """Return `parts`, which counts as a download from its first part until its last.

        The first part is made at once, so that whatever is wrong is told by a status.

        Raises:
            Problem: `busy`: so many are made already.

        """
        self._enter()
        counting = self._counting(parts)
        next(counting)  # begun, it leaves also when it is dropped
        return counting

    def _counting(self, parts: Iterator[bytes]) -> Iterator[bytes]:
        try:
            first = next(parts, b"")
            yield b""
            yield first
            yield from parts
        finally:
            self._leave()

    def _enter(self) -> None:
        with self._turn:
            if self._running >= MAX_DOWNLOADS:
                raise Problem("busy", headers={"Retry-After": str(SECONDS_TO_RETRY)})
            self._running += 1

    def _leave(self) -> None:
        with self._turn:
            self._running -= 1
