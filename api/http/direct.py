"""Statements are taken without a search for the route: they come by the thousand a second.

To find a route, and what its function wants of a request, takes FastAPI a fifth of the time that a
statement costs the server's own thread; and here is nothing to find. What is asked besides
(`?wait=true`) goes the way of all requests, to the same function.
"""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response
from starlette.types import Receive, Scope, Send

from api.http import problems
from api.http.edge.measures import SUBMISSIONS
from api.http.edge.templates import ROUTE


class Direct:
    """An ASGI application in front of one with routes."""

    def __init__(self, app: FastAPI, take: Callable[[Request], Awaitable[Response]]) -> None:
        """Have `take` answer what is submitted, and `app` everything else."""
        self._app = app
        self._take = take
        self._answer_error = problems.answering(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a statement, or pass the request on."""
        if not _is_statement(scope):
            await self._app(scope, receive, send)
            return
        scope["app"], scope[ROUTE] = self._app, SUBMISSIONS
        request = Request(scope, receive)
        try:
            answer = await self._take(request)
        except Exception as error:  # noqa: BLE001 (each is told, as those of routes are)
            answer = await self._answer_error(request, error)
        await answer(scope, receive, send)


def _is_statement(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["path"] == SUBMISSIONS
        and scope["method"] == "POST"
        and not scope["query_string"]
    )
