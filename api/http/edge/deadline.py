"""An answer in time.

Whoever asks hears within a minute, if only that it took too long; and who takes an answer so
slowly that a piece of it waits for half a minute is hung up on. What was begun in a thread goes
on to its end, so of a statement nobody can say what came of it: whoever submits it again hears.
An answer that goes on for long, a stream or a download, has begun in time and may.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.edge.refusing import refuse
from api.http.edge.sharing import READS
from api.http.problems import SECONDS_TO_RETRY, Problem

ANSWER_SECONDS = 60
"""Time for an answer to begin: twice what a long poll of the feed may wait."""
PIECE_SECONDS = 30
"""Time for a piece of an answer to be taken: what no line that works needs."""


class Deadline:
    """Ends what takes too long."""

    def __init__(self, app: ASGIApp) -> None:
        """Have `app` answer in time."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request in time."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        timer = asyncio.get_running_loop().call_later(ANSWER_SECONDS, answer.expire)
        try:
            await self._app(scope, receive, answer.send)
        finally:
            timer.cancel()
            if answer.refusal is not None:
                await answer.refusal


class _Answer:
    """One answer: the application's, or that it took too long; never both."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.refusal: asyncio.Task[None] | None = None
        self._scope = scope
        self._send = send
        self._begun = False

    def expire(self) -> None:
        """Answer in the application's place, unless it has begun."""
        if not self._begun:
            self.refusal = asyncio.create_task(refuse(self._scope, self._send, self._late()))

    async def send(self, message: Message) -> None:
        """Pass on a piece of the application's answer, unless it comes too late."""
        if self.refusal is not None:
            return
        self._begun = True
        if not message.get("more_body"):
            await self._send(message)
            return
        try:
            async with asyncio.timeout(PIECE_SECONDS):
                await self._send(message)
        except TimeoutError as error:
            raise ClientTooSlow from error

    def _late(self) -> Problem:
        again = {"Retry-After": str(SECONDS_TO_RETRY)}
        code = "busy" if self._scope["method"] in READS else "outcome_unknown"
        return Problem(code, headers=again)


class ClientTooSlow(Exception):
    """A client does not take its answer; the connection ends."""
