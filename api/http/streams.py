"""Long answers, sent as they are made: memory for a chunk, however long they are.

Starlette asks a plain iterator for each chunk in the thread pool, so one that reads a database
holds a thread while it makes a chunk, and none while a slow reader takes it.
"""

from collections.abc import Iterable, Iterator

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
