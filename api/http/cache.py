"""Answers to everybody, kept in memory until the read models move.

Most of what is asked is asked often between two statements. An answer that says it is public and
which position it reflects is kept under its address and languages, and given again as long as the
read models are where they were, or a second passed since it was asked: it says itself how far it
goes, and who needs more says so by `min_position`. One that says it never changes is kept for as
long as there is room. Of many who ask at once for what was kept before, one makes it anew and the
others wait for that. Who is signed in passes through.
"""

import asyncio
import time
from collections import OrderedDict
from threading import Lock
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.edge.templates import ROUTE, route_of
from api.http.questions import POSITION, PUBLIC_CACHE, matches
from api.http.service import Service

MAX_BYTES = 64 << 20
"""Memory for kept answers: about a thousand pages."""
MAX_ANSWER_BYTES = 512 << 10
"""A larger answer is a download, and is made each time."""
MAX_KEY_BYTES = 2_048
"""What is asked at greater length is asked by nobody else."""
KEPT_BYTES = 1_000
"""Memory that an answer takes besides what can be counted."""

FRESH_SECONDS = 1.0
"""How old an answer may be while the read models move: while they do, the next is a second away."""

IMMUTABLE = "public, max-age=31536000, immutable"
"""Said of what never changes under its address."""

OK, NOT_MODIFIED = 200, 304

_Key = tuple[str, bytes, str]


class Kept(NamedTuple):
    """An answer.

    Attributes:
        position: the one that it reflects, None where it never changes.
        rebuilt: how often the read models had been rebuilt then.
        asked_s: when it was asked for, by the monotonic clock.
        headers: its head.
        body: its body.
        route: the route that gave it.

    """

    position: int | None
    rebuilt: int
    asked_s: float
    headers: list[tuple[bytes, bytes]]
    body: bytes
    route: str | None


class Cache:
    """An ASGI application in front of another."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        """Keep the answers of `app` while `service` stays where it is."""
        self._app = app
        self._service = service
        self._kept: OrderedDict[_Key, Kept] = OrderedDict()
        self._making: dict[_Key, asyncio.Event] = {}
        self._bytes = 0
        self._turn = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from memory, or pass on and keep the answer."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if "authorization" in headers or "cookie" in headers:
            await self._app(scope, receive, send)
            return
        key = (scope["path"], scope["query_string"], headers.get("accept-language", ""))
        if sum(map(len, key)) > MAX_KEY_BYTES:
            await self._app(scope, receive, send)
            return
        kept = self._found(key)
        if kept is None and key in self._making:
            await self._making[key].wait()
            kept = self._found(key)
        if kept is None:
            await self._make(key, scope, receive, send)
            return
        scope[ROUTE] = kept.route
        await _give(kept, headers.get("if-none-match"), send)

    async def _make(self, key: _Key, scope: Scope, receive: Receive, send: Send) -> None:
        keeping = _Keeping(send)
        rebuilt, asked_s = self._service.rebuilt, time.monotonic()
        made = asyncio.Event()
        if key in self._kept:  # so it is kept again, and worth waiting for
            self._making[key] = made
        try:
            await self._app(scope, receive, keeping)
            position = keeping.position
            if keeping.is_whole and (keeping.is_immutable or position is not None):
                answer = (keeping.headers, bytes(keeping.body), route_of(scope))
                self._keep(key, Kept(position, rebuilt, asked_s, *answer))
        finally:
            self._making.pop(key, None)
            made.set()

    def _found(self, key: _Key) -> Kept | None:
        """Return what is kept and still holds; what does not stays until it is made anew."""
        with self._turn:
            kept = self._kept.get(key)
            if kept is None:
                return None
            if kept.position is not None:
                is_old = time.monotonic() - kept.asked_s > FRESH_SECONDS
                if kept.rebuilt != self._service.rebuilt:
                    return None
                if is_old and kept.position != self._service.position:
                    return None
            self._kept.move_to_end(key)
            return kept

    def _keep(self, key: _Key, kept: Kept) -> None:
        with self._turn:
            if key in self._kept:
                self._drop(key)
            self._kept[key] = kept
            self._bytes += _size(key, kept)
            while self._bytes > MAX_BYTES:
                self._drop(next(iter(self._kept)))

    def _drop(self, key: _Key) -> None:
        self._bytes -= _size(key, self._kept.pop(key))


def _size(key: _Key, kept: Kept) -> int:
    heads = sum(len(name) + len(value) for name, value in kept.headers)
    return sum(map(len, key)) + heads + len(kept.body) + KEPT_BYTES


class _Keeping:
    """Passes an answer on, and remembers it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()
        self._may_be_kept = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self.headers = list(message["headers"])
            policy = MutableHeaders(raw=self.headers).get("cache-control")
            self._may_be_kept = policy in {PUBLIC_CACHE, IMMUTABLE}
        elif self._may_be_kept and len(self.body) <= MAX_ANSWER_BYTES:
            self.body += message.get("body", b"")
        await self._send(message)

    @property
    def is_whole(self) -> bool:
        """Whether it is an answer that is not too large to be kept."""
        return self._status == OK and len(self.body) <= MAX_ANSWER_BYTES

    @property
    def is_immutable(self) -> bool:
        """Whether it says that it never changes."""
        return MutableHeaders(raw=self.headers).get("cache-control") == IMMUTABLE

    @property
    def position(self) -> int | None:
        """How many events an answer to everybody reflects, None for any other."""
        headers = MutableHeaders(raw=self.headers)
        position = headers.get(POSITION)
        is_public = headers.get("cache-control") == PUBLIC_CACHE
        return int(position) if position is not None and is_public else None


async def _give(kept: Kept, if_none_match: str | None, send: Send) -> None:
    headers, body, status = kept.headers, kept.body, OK
    tag = MutableHeaders(raw=headers).get("etag", "")
    if matches(if_none_match, tag):
        headers = [each for each in headers if each[0] not in {b"content-length", b"content-type"}]
        body, status = b"", NOT_MODIFIED
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
