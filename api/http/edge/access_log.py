"""One line in the log for each request, and an answer to each, whatever goes wrong.

    {"event":"request","method":"GET","path":"/v1/contracts","status":200,"ms":3.1,"bytes":4120,
     "request_id":"5f0c2a9be1d44a07","party":"P1", …}

It tells who asks only by party, and only where a session says so. It tells neither addresses nor
what stands behind `?` (a search may be somebody's name) nor any header. `status` is null where
the client hung up before it was answered.
"""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.edge.refusing import refuse
from api.http.problems import Problem

MAX_PATH = 200
"""Characters of a path in the log: every address of ours is shorter."""

_log = structlog.get_logger()


class AccessLog:
    """Writes the log of requests."""

    def __init__(self, app: ASGIApp) -> None:
        """Tell of the requests to `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter_ns()
        status: int | None = None
        size = 0

        async def counted(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except Exception as error:  # noqa: BLE001 (told in the log, whatever it is)
            # What the application could not foresee it has told of; a layer's fault nobody has.
            if not scope["state"].get("fault_told"):
                _log.error("a request failed", exc_info=error)
            if status is None:
                await refuse(scope, counted, Problem("internal_error"))
        finally:
            took_us = (time.perf_counter_ns() - began) // 1_000
            _log.info(
                "request",
                method=scope["method"],
                path=scope["path"][:MAX_PATH],
                status=status,
                ms=took_us / 1_000,
                bytes=size,
                request_id=scope["state"].get("request_id"),
                party=scope["state"].get("party"),
            )
