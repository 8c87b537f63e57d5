"""A connection: where bytes become requests, before any layer.

The library reads a request's head whatever its length and however slowly it comes; here it has a
size and a time. What is refused hears a problem, like everybody else, and is hung up on.

    HTTP/1.1 431 Request Header Fields Too Large
    content-type: application/problem+json
    connection: close
"""

import asyncio
from collections import Counter
from http import HTTPStatus
from typing import Any, ClassVar

import msgspec
import structlog
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.http.problems import KINDS, MEDIA_TYPE, ProblemDetails
from api.text import translate

MAX_HEAD_BYTES = 32 << 10
"""A request's first line and headers: browsers and proxies send a few thousand bytes."""
HEAD_SECONDS = 10
"""Time for a head to arrive, and for a new connection to say anything."""
IDLE_SECONDS = 5
"""How long a connection may wait between two requests."""
MAX_CONNECTIONS = 1_000
"""At once: each has a file open, and the usual limit of a process is 1,024."""
MAX_CONNECTIONS_EACH = 200
"""At once of one address, where no proxy is in front: an office behind one address, and no more."""

_log = structlog.get_logger()


class Connection(HttpToolsProtocol):
    """One connection of a client."""

    connections_of: ClassVar[Counter[str]]
    each: ClassVar[int]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Begin, in the state before the first request."""
        super().__init__(*arguments, **options)
        self._in_head = False
        self._head_bytes = 0  # received, whether or not it made a header yet
        self._counted = 0  # of headers that are whole
        self._timer: asyncio.TimerHandle | None = None
        self._fault: str | None = None
        self._address = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a request, unless the address has too many connections."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.connections_of[self._address] += 1
        self._arm()
        if self.each and self.connections_of[self._address] > self.each:
            self.hang_up("too_many_requests")

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._disarm()
        self.connections_of[self._address] -= 1
        if not self.connections_of[self._address]:
            del self.connections_of[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, as far as there is room for a head."""
        if self.transport.is_closing():
            return
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._head_bytes > MAX_HEAD_BYTES:
            self.hang_up("head_too_large")
        elif self._in_head or self.cycle is None or self.cycle.response_complete:
            # A head that is not whole, or bytes that begin none: both have a time.
            self._arm()

    def on_message_begin(self) -> None:
        """Begin a head."""
        self._in_head, self._head_bytes, self._counted = True, 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address."""
        self._fits(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        self._fits(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Begin the request."""
        self._in_head = False
        self._disarm()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, or what a callback could not take."""
        self.hang_up(self._fault or "malformed", msg)

    def hang_up(self, code: str, why: str | None = None) -> None:
        """Answer with a problem, and end the connection."""
        _log.warning("a connection was refused", code=code, why=why)
        kind = KINDS[code]
        titles = {"en": translate(kind.title, "en"), "zh": translate(kind.title, "zh")}
        body = msgspec.json.encode(
            ProblemDetails(f"/problems/{code}", titles["en"], kind.status, code, titles)
        )
        head = (
            f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}\r\n"
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\n"
            "cache-control: no-store\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + body)
        self.transport.close()

    # -- helpers -------------------------------------------------------------------------------

    def _fits(self, size: int) -> None:
        """Count what a head holds so far; the parser ends at what is raised."""
        self._counted += size
        if self._counted > MAX_HEAD_BYTES:
            self._fault = "head_too_large"
            raise ValueError("the head is too large")

    def _arm(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_SECONDS, self._late)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if self.transport.is_closing():
            return
        if self._in_head:
            self.hang_up("timed_out")
        elif self.cycle is None or self.cycle.response_complete:
            self.transport.close()


def connections(*, behind_proxy: bool) -> type[Connection]:
    """Return the connections of one server, which are counted together."""

    class Counted(Connection):
        connections_of: ClassVar[Counter[str]] = Counter()
        each = 0 if behind_proxy else MAX_CONNECTIONS_EACH

    return Counted
