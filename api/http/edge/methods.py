"""HEAD, OPTIONS and `Allow`, the same for every address (RFC 9110, 9.3 and 10.2.1).

HEAD is answered as GET would be, without the body. OPTIONS and 405 name every method that the
address takes, whichever routes bring them.
"""

from starlette.routing import Match, Router
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.edge.templates import ROUTE, route_of

NO_CONTENT, NOT_ALLOWED = 204, 405
_TRIED = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Methods:
    """Completes what routes say of methods."""

    def __init__(self, app: ASGIApp, router: Router) -> None:
        """Serve `app`, whose routes are those of `router`."""
        self._app = app
        self._router = router

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request by any method."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] == "HEAD":
            await self._head(scope, receive, send)
        elif scope["method"] == "OPTIONS" and (allowed := self._allowed(scope)):
            headers = [(b"allow", allowed), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": NO_CONTENT, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
        elif scope["method"] == "GET":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, self._completing(scope, send))

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def bodiless(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # The server keeps the scope and has to see HEAD there; what matched is told of it.
        as_get = {**scope, "method": "GET"}
        await self._app(as_get, receive, self._completing(as_get, bodiless))
        scope[ROUTE] = route_of(as_get)

    def _completing(self, scope: Scope, send: Send) -> Send:
        async def complete(message: Message) -> None:
            if message.get("status") == NOT_ALLOWED:
                kept = [each for each in message["headers"] if each[0] != b"allow"]
                message["headers"] = [*kept, (b"allow", self._allowed(scope))]
            await send(message)

        return complete

    def _allowed(self, scope: Scope) -> bytes:
        """Return the methods that an address takes, as `Allow` names them; nothing where none."""
        found = [method for method in _TRIED if self._takes({**scope, "method": method})]
        if "GET" in found:
            found.insert(1, "HEAD")
        return ", ".join([*found, "OPTIONS"]).encode() if found else b""

    def _takes(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._router.routes)
