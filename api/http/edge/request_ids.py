"""A name for each request: in its answer's head, in the log, and in problems.

    X-Request-Id: 5f0c2a9be1d44a07

A proxy or a client may give it, so that its log and ours can be laid side by side; what is no
plain word is replaced, for it would be written into the log.
"""

import re
import secrets

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

HEADER = b"x-request-id"

_SANE = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_ID_BYTES = 8


class RequestIds:
    """Names requests: `request.state.request_id`."""

    def __init__(self, app: ASGIApp) -> None:
        """Name the requests of `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Name a request and its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        name = _given(scope) or secrets.token_hex(_ID_BYTES)
        scope.setdefault("state", {})["request_id"] = name
        bind_contextvars(request_id=name)
        header = (HEADER, name.encode())

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], header]
            await send(message)

        await self._app(scope, receive, named)


def _given(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == HEADER and _SANE.fullmatch(value):
            return str(value, "ascii")
    return None
