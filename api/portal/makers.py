"""Pages made by processes beside the server's own: `Makers`.

To make a page takes the interpreter some milliseconds, in which the process that admits statements
admits none; and one interpreter uses one core. So from the moment when two pages are wanted at
once, makers make them: programs of ours (`api.maker`) that only read, on their own connections.

What is asked goes to a maker over a socket, and its answer comes back: a frame is four bytes that
tell its length, and a message (MessagePack). Only pages that are for everybody are asked of a
maker: it knows no sessions. Before the makers have started, where one has ended, and where they
are set to none, the server makes pages itself; so an answer never depends on them.
"""

import asyncio
import struct
import subprocess
from collections.abc import Callable, Iterator
from typing import cast

import msgspec
import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.edge.templates import ROUTE
from api.http.languages import language_of
from api.http.service import Service
from api.portal.site import KINDS, LISTS
from ledger.programs import start

PROGRAM = "api.maker"

AGAIN_SECONDS = 30.0
"""How long to wait before a maker is started in the place of one that ended."""

LENGTH = struct.Struct(">I")

READY = 0
"""The number of what a maker says once it has opened all."""

OK = 200
FAULT = 500
"""From this status on an answer tells of a fault: the server tries itself, and tells of its own."""

_SIGNED_IN = frozenset({b"authorization", b"cookie"})
"""Headers of requests that no maker is asked."""
_ASKED = frozenset({b"host", b"accept", b"accept-language", b"if-none-match"})
"""Headers that a page may depend on."""

_log = structlog.get_logger()


class Plan(msgspec.Struct, frozen=True, array_like=True):
    """What a maker needs to know of its server, its first message.

    Attributes:
        store: URL of the ledger's database.
        projections: URL of the read models'.
        policy: the server's policy as text, or None.
        url: the server's address as its users know it.

    """

    store: str
    projections: str
    policy: str | None
    url: str


class Wanted(msgspec.Struct, frozen=True, array_like=True):
    """A page that is wanted.

    Attributes:
        number: what its answer is told apart by.
        position: how many events the read models reflect, at least.
        rebuilt: how often they were rebuilt.
        path: the address without what it is asked with.
        query: what it is asked with.
        headers: the request's.
        scheme: `http` or `https`.
        request_id: the request's name in the log.

    """

    number: int
    position: int
    rebuilt: int
    path: str
    query: bytes
    headers: list[tuple[bytes, bytes]]
    scheme: str
    request_id: str | None


class Made(msgspec.Struct, frozen=True, array_like=True):
    """A page as it was made.

    Attributes:
        number: that of what was wanted.
        status: of the answer.
        headers: its head.
        body: its body.
        route: the route that gave it.

    """

    number: int
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    route: str | None


_MADE = msgspec.msgpack.Decoder(Made)
_encode = msgspec.msgpack.Encoder().encode


def taken(received: bytearray) -> Iterator[bytes]:
    """Take the messages that are whole from what was received."""
    while len(received) >= LENGTH.size:
        end = LENGTH.size + LENGTH.unpack_from(received)[0]
        if len(received) < end:
            return
        yield bytes(received[LENGTH.size : end])
        del received[:end]


def framed(message: msgspec.Struct) -> bytes:
    """Return a message as a frame."""
    data = _encode(message)
    return LENGTH.pack(len(data)) + data


class Makers:
    """An ASGI application in front of another: has processes make its pages."""

    def __init__(self, app: ASGIApp, service: Service, url: str, count: int) -> None:
        """Have `count` processes make what `app` shows to everybody at `url`."""
        self._app = app
        self._service = service
        self._url = url
        self._count = count
        self._running: set[_Maker] = set()
        self._ready: list[_Maker] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._is_wanted = False
        self._made_here = 0
        self._asked = READY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a page made, or pass the request on."""
        if scope["type"] == "lifespan":
            await self._app(scope, _before_shutdown(receive, self._stop), send)
        elif scope["type"] != "http" or not self._count or not _is_for_everybody(scope):
            await self._app(scope, receive, send)
        elif (made := await self._make(scope)) is None:
            await self._make_here(scope, receive, send)
        else:
            scope[ROUTE] = made.route
            head = {"status": made.status, "headers": made.headers}
            await send({"type": "http.response.start", **head})
            await send({"type": "http.response.body", "body": made.body})

    async def _make(self, scope: Scope) -> Made | None:
        """Return the page as a maker made it; None if there is none that can."""
        self._asked += 1
        wanted = _wanted(self._asked, self._service, scope)
        for maker in sorted(self._ready, key=lambda each: len(each.asked)):
            made = await maker.make(wanted)
            if made is not None:
                return made if made.status < FAULT else None
        return None

    async def _make_here(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._made_here += 1
        if self._made_here > 1 and not self._is_wanted:
            self._is_wanted = True
            self._start_missing()
        try:
            await self._app(scope, receive, send)
        finally:
            self._made_here -= 1

    def _start_missing(self) -> None:
        if not self._is_wanted:
            return
        for _number in range(self._count - len(self._ready) - len(self._starting)):
            starting = asyncio.get_running_loop().create_task(self._start())
            self._starting.add(starting)
            starting.add_done_callback(self._starting.discard)

    async def _start(self) -> None:
        try:
            process, ours = start(PROGRAM)
        except OSError as error:
            self._tell("no process can be started that makes pages", why=str(error))
            return
        _, maker = await asyncio.get_running_loop().create_unix_connection(
            lambda: _Maker(process, self._ended), sock=ours
        )
        self._running.add(maker)
        service = self._service
        policy = None if service.policy is None else service.policy.encode()
        plan = Plan(service.store.url, service.projections.database.url, policy, self._url)
        if await maker.is_ready(plan):
            self._ready.append(maker)

    def _ended(self, maker: "_Maker") -> None:
        self._running.discard(maker)
        if maker in self._ready:
            self._ready.remove(maker)
        if self._is_wanted:
            self._tell("a process that makes pages has ended")

    def _tell(self, event: str, **facts: str) -> None:
        _log.warning(event, again_in_s=AGAIN_SECONDS, **facts)
        asyncio.get_running_loop().call_later(AGAIN_SECONDS, self._start_missing)

    def _stop(self) -> None:
        self._is_wanted = False
        for starting in tuple(self._starting):
            starting.cancel()
        for maker in tuple(self._running):
            maker.stop()


class _Maker(asyncio.Protocol):
    """A process that makes pages, as the server sees it.

    Attributes:
        asked: what it was asked and has not answered, by number; each answer is None if it ends.

    """

    def __init__(
        self, process: "subprocess.Popen[bytes]", tell_ended: Callable[["_Maker"], None]
    ) -> None:
        self.asked: dict[int, asyncio.Future[Made | None]] = {}
        self._process = process
        self._tell_ended = tell_ended
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        for message in taken(self._received):
            made = _MADE.decode(message)
            answer = self.asked.pop(made.number, None)
            if answer is not None and not answer.done():
                answer.set_result(made)

    def connection_lost(self, error: Exception | None) -> None:  # noqa: ARG002 (the library's name)
        asked, self.asked = self.asked, {}
        for answer in asked.values():
            if not answer.done():
                answer.set_result(None)
        self._tell_ended(self)
        asyncio.get_running_loop().run_in_executor(None, self._process.wait)

    async def is_ready(self, plan: Plan) -> bool:
        """Wait until it has opened what `plan` names; False if it ended instead."""
        return await self._ask(READY, plan) is not None

    async def make(self, wanted: Wanted) -> Made | None:
        """Return a page, or None if the process ends before it was made."""
        return await self._ask(wanted.number, wanted)

    def stop(self) -> None:
        """End the process; it only reads."""
        self._process.kill()
        self._transport.close()

    async def _ask(self, number: int, message: msgspec.Struct) -> Made | None:
        if self._transport.is_closing():
            return None
        answer: asyncio.Future[Made | None] = asyncio.get_running_loop().create_future()
        self.asked[number] = answer
        self._transport.write(framed(message))
        try:
            return await answer
        finally:
            self.asked.pop(number, None)


def _is_for_everybody(scope: Scope) -> bool:
    """Tell whether a request is for a page, by nobody in particular, as the read models are now."""
    place = scope["path"].split("/", 3)[2:3]
    return (
        scope["method"] == "GET"
        and language_of(scope["path"]) is not None
        and any(each.removesuffix(".json") in LISTS | KINDS for each in place)
        and b"min_position" not in scope["query_string"]
        and not any(name in _SIGNED_IN for name, _ in scope["headers"])
    )


def _wanted(number: int, service: Service, scope: Scope) -> Wanted:
    return Wanted(
        number,
        service.position,
        service.rebuilt,
        scope["path"],
        scope["query_string"],
        [(name, value) for name, value in scope["headers"] if name in _ASKED],
        scope["scheme"],
        scope.get("state", {}).get("request_id"),
    )


def _before_shutdown(receive: Receive, stop: Callable[[], None]) -> Receive:
    async def received() -> Message:
        message = await receive()
        if message["type"] == "lifespan.shutdown":
            stop()
        return message

    return received
