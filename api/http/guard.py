"""Nothing is changed because another site's page asked: cross-site requests are refused.

A browser sends our cookie along whoever's page made it ask. The cookie is `SameSite=Strict`, which
prevents that; and of every request that may change something (not GET, HEAD or OPTIONS) a browser
says where it comes from: `Sec-Fetch-Site` (Fetch Metadata), else `Origin` (RFC 6454). What comes
from elsewhere is refused, and so is what says nothing though it brings our cookie or is for a page
of the portal. What a program submits to `/v1` without a cookie is none of this: its signature or
its token is its authority, and no browser adds those by itself.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.access import Access
from api.http.problems import FOR_PROGRAMS, Problem

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})

_log = structlog.get_logger()


class Guard:
    """An ASGI application in front of another."""

    def __init__(
        self, app: ASGIApp, access: Access, tell: Callable[[Request, Problem], Response]
    ) -> None:
        """Stand before `app`; `tell` makes the answer of a problem."""
        self._app = app
        self._access = access
        self._tell = tell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and scope["method"] not in SAFE:
            request = Request(scope, receive)
            if self._concerns(request) and not self._is_own(request):
                _log.warning(
                    "a cross-site request was refused",
                    path=request.url.path,
                    origin=request.headers.get("origin"),
                    site=request.headers.get("sec-fetch-site"),
                )
                told = self._tell(request, Problem("cross_site"))
                await told(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _concerns(self, request: Request) -> bool:
        for_people = not request.scope["path"].startswith(FOR_PROGRAMS)
        return self._access.cookie in request.cookies or for_people

    def _is_own(self, request: Request) -> bool:
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site in _OWN
        origin = request.headers.get("origin")
        if origin is None:
            return False
        host = urlsplit(origin).netloc
        return host != "" and host in {request.headers.get("host"), *self._access.hosts}
