"""Only the names that are served here.

A request names the server it is meant for (`Host`, RFC 9110, 7.2), and what links are made of it.
One that is no host is refused always; where the setting `hosts` lists names, every other, too: so
a name that somebody else points at this server serves nothing (DNS rebinding).
"""

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.edge.refusing import refuse
from api.http.problems import Problem

ALWAYS = frozenset({"/healthz", "/readyz"})
"""Asked by whoever watches the machine, under its address."""

_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class Hosts:
    """Refuses requests that are meant for others."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        """Serve `app` under `names`, under any where there are none."""
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request that is meant for us."""
        if scope["type"] == "http":
            stated = Headers(scope=scope).getlist("host")
            match = _HOST.fullmatch(stated[0]) if len(stated) == 1 else None
            if match is None:
                problem = Problem("malformed", "the header `Host` has to name one host")
                await refuse(scope, send, problem)
                return
            name = match[1].lower()
            if self._names and name not in self._names and scope["path"] not in ALWAYS:
                await refuse(scope, send, Problem("misdirected"))
                return
        await self._app(scope, receive, send)
