"""How a layer answers by itself: with a problem, and a name for it in the log."""

from starlette.requests import Request
from starlette.types import Scope, Send

from api.http.problems import Problem, details_of, respond

HANG_UP = {"Connection": "close"}
"""Said where the rest of a request is not worth reading."""


async def refuse(scope: Scope, send: Send, problem: Problem) -> None:
    """Answer a request with a problem."""
    response = respond(details_of(problem, Request(scope)), problem.headers)
    await response(scope, _hears_nothing, send)


async def _hears_nothing() -> dict[str, object]:
    return {"type": "http.disconnect"}
