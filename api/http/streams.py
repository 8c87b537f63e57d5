"""Long answers, sent as they are made: memory for a chunk, however long they are.

Starlette asks a plain iterator for each chunk in the thread pool, so one that reads a database
holds a thread while it makes a chunk, and none while a slow reader takes it.
"""

import threading
from collections import Counter
from collections.abc import Generator, Iterable, Iterator
from typing import TypeAlias
from urllib.parse import quote

from anyio import CancelScope
from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from api.http.edge.rates import subscriber
from api.http.problems import SECONDS_TO_RETRY, Problem

MAX_DOWNLOADS = 8
"""Downloads that are made at once: each keeps a core busy as fast as its reader takes it."""
MAX_DOWNLOADS_EACH = 3
"""How many of them are for one address."""
CHUNK_BYTES = 64 << 10
"""Bytes a chunk: a hop between threads costs little beside making so many."""

Parts: TypeAlias = Generator[bytes, None, None]
"""Parts of a file, which can be let go before the end."""


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


def saved_as(name: str) -> dict[str, str]:
    """Return the header by which a browser saves a file, `/` in its name written as `-`."""
    quoted = quote(name.replace("/", "-"), safe="")
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quoted}"}


class Downloads:
    """The downloads that are being made, counted."""

    def __init__(self) -> None:
        """Begin with none."""
        self._turn = threading.Lock()
        self._running: Counter[str] = Counter()

    def counted(self, parts: Iterable[bytes], whose: str) -> Parts:
        """Return `parts`, which counts as a download from its first part until its last.

        The first part is made at once, so that whatever is wrong is told by a status. `whose` is
        the address that it is for.

        Raises:
            Problem: `busy`: so many are made already.

        """
        self._enter(whose)
        counting = self._counting(iter(parts), whose)
        next(counting)  # begun, it leaves also when it is dropped
        return counting

    def _counting(self, parts: Iterator[bytes], whose: str) -> Parts:
        try:
            first = next(parts, b"")
            yield b""
            yield first
            yield from parts
        finally:
            self._leave(whose)

    def _enter(self, whose: str) -> None:
        with self._turn:
            full = self._running.total() >= MAX_DOWNLOADS
            if full or self._running[whose] >= MAX_DOWNLOADS_EACH:
                raise Problem("busy", headers={"Retry-After": str(SECONDS_TO_RETRY)})
            self._running[whose] += 1

    def _leave(self, whose: str) -> None:
        with self._turn:
            self._running -= Counter([whose])


class Download(StreamingResponse):
    """A file that is made while it is sent.

    Whoever takes it may go away at any time; then it counts no longer, and its parts are let go.
    """

    def __init__(
        self,
        downloads: Downloads,
        request: Request,
        parts: Iterable[bytes],
        media_type: str,
        headers: dict[str, str],
    ) -> None:
        """Answer `request` with `parts`, sent as they are made.

        Raises:
            Problem: `busy`: so many are made already.

        """
        self._parts = downloads.counted(in_chunks(parts), subscriber(request.scope))
        super().__init__(self._parts, 200, {"Cache-Control": "no-store", **headers}, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, until its end or its reader's."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):  # its thread is out of it by now
                await run_in_threadpool(self._parts.close)
