"""No body too large, and none too slow.

A body is read whole before anything is done with it, against a limit of bytes and one of time, no
matter how it is sent (with its length, or in chunks). So no handler waits for a client, and what
is refused is refused before it has cost anything. All bodies that are being read share one room.
"""

import asyncio
from collections import Counter
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.edge.rates import subscriber
from api.http.edge.refusing import HANG_UP, refuse
from api.http.problems import SECONDS_TO_RETRY, Problem
from ledger.statement import MAX_STATEMENT_BYTES


class Limit(NamedTuple):
    """What a body may have.

    Attributes:
        max_bytes: size.
        seconds: time for all of it to arrive.

    """

    max_bytes: int
    seconds: int


FRAMING_BYTES = 64 << 10
"""What a statement may be wrapped in: a form's boundaries, or a draft's few fields."""
STATEMENT = Limit(MAX_STATEMENT_BYTES + FRAMING_BYTES, 150)
"""A statement is as large as the ledger takes it; it arrives in time over a line of 1 Mbit/s."""
OTHER = Limit(64 << 10, 20)
"""Everything else is some lines of JSON or a form."""
OF_STATEMENTS = ("/v1/statements", "/v1/drafts")
"""Where statements are sent to."""
MAX_HELD_BYTES = 256 << 20
"""Memory for bodies that are being read and dealt with, at once: fifteen of the largest."""
MAX_HELD_EACH_BYTES = 64 << 20
"""How much of it one address has."""
SMALL_BYTES = 256 << 10
"""What nearly every statement is smaller than."""
ROOM_FOR_SMALL_BYTES = 64 << 20
"""Memory beside it for what is small, so that large ones never keep it out."""


class Bodies:
    """Reads bodies, within limits."""

    def __init__(self, app: ASGIApp) -> None:
        """Read bodies for `app`."""
        self._app = app
        self._held = 0
        self._held_of: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request with its body, or refuse that."""
        if scope["type"] != "http" or not _has_body(scope):
            await self._app(scope, receive, send)
            return
        limit = STATEMENT if scope["path"].startswith(OF_STATEMENTS) else OTHER
        body = bytearray()
        whose = subscriber(scope)
        refused: Problem | None = None
        try:
            try:
                async with asyncio.timeout(limit.seconds):
                    await self._read(receive, body, limit, _declared(scope), whose)
            except TimeoutError:
                late = f"a body has {limit.seconds} seconds to arrive here"
                refused = Problem("timed_out", late, HANG_UP)
            except Problem as problem:
                refused = problem
            if refused is None:
                await self._app(scope, _again(bytes(body), receive), send)
            else:
                await refuse(scope, send, refused)
        except _HungUp:
            return
        finally:
            self._held -= len(body)
            self._held_of[whose] -= len(body)
            if not self._held_of[whose]:
                del self._held_of[whose]

    async def _read(
        self,
        receive: Receive,
        body: bytearray,
        limit: Limit,
        declared: int | None,
        whose: str,
    ) -> None:
        """Read into `body`, as far as there is room for it and for whoever sends it."""
        if declared is not None and declared > limit.max_bytes:
            raise _too_large(limit)
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _HungUp
            piece = message.get("body", b"")
            if len(body) + len(piece) > limit.max_bytes:
                raise _too_large(limit)
            is_small = len(body) + len(piece) <= SMALL_BYTES
            room = MAX_HELD_BYTES + (ROOM_FOR_SMALL_BYTES if is_small else 0)
            of_address = self._held_of[whose] + len(piece)
            if self._held + len(piece) > room or of_address > MAX_HELD_EACH_BYTES:
                raise Problem("busy", headers={"Retry-After": str(SECONDS_TO_RETRY), **HANG_UP})
            self._held += len(piece)
            self._held_of[whose] = of_address
            body += piece
            more = message.get("more_body", False)


class _HungUp(Exception):
    """The client went away before its body was there."""


def _too_large(limit: Limit) -> Problem:
    return Problem("too_large", f"a body has at most {limit.max_bytes} bytes here", HANG_UP)


def _has_body(scope: Scope) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in scope["headers"]
    )


def _declared(scope: Scope) -> int | None:
    text = Headers(scope=scope).get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() else None


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body in one piece, then what else there is to hear."""
    given = False

    async def hear() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return hear
