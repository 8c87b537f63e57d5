"""What pages elsewhere may read (CORS).

What anybody may read without a login any page may read, too: a newspaper's charts, a provider's
own portal. A request with a cookie or a token is answered without that leave, and no other method
ever has it, so nothing can be done from elsewhere in somebody's name.
"""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

READS = frozenset({"GET", "HEAD"})
EXPOSED = "ETag, Link, Retry-After, Sunledger-Position, X-Request-Id"
"""What else of an answer's head a page elsewhere may see."""

_LEAVE = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", EXPOSED.encode()),
]
_PREFLIGHT = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"Accept-Language, If-None-Match, X-Request-Id"),
    (b"access-control-max-age", b"86400"),
    (b"content-length", b"0"),
]
NO_CONTENT = 204


class Sharing:
    """Gives pages elsewhere leave to read what is public."""

    def __init__(self, app: ASGIApp) -> None:
        """Share the public answers of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; answer a browser that asks first what it may (a preflight)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            start = {"type": "http.response.start", "status": NO_CONTENT, "headers": _PREFLIGHT}
            await send(start)
            await send({"type": "http.response.body", "body": b""})
            return
        if scope["method"] not in READS or "authorization" in headers or "cookie" in headers:
            await self._app(scope, receive, send)
            return

        async def shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_LEAVE]
            await send(message)

        await self._app(scope, receive, shared)
