"""Streams of events that are open: counted, and ended when the server stops.

A stream goes on until its client leaves. A server that stops would wait for it in vain, so it
ends each where it stands; its client asks again, from the position it has come to.
"""

import asyncio

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MEDIA_TYPE = "text/event-stream"


class OpenStreams:
    """The streams of one server."""

    def __init__(self) -> None:
        """Begin with none."""
        self._tasks: set[asyncio.Task[object]] = set()
        self._ended = False

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._tasks)

    def end(self) -> None:
        """End all, and every one that begins from here on."""
        self._ended = True
        for task in self._tasks:
            task.cancel()

    def enter(self, task: "asyncio.Task[object]") -> None:
        """Count the stream that `task` serves."""
        self._tasks.add(task)
        if self._ended:
            task.cancel()

    def leave(self, task: "asyncio.Task[object]") -> None:
        """Count it no more."""
        self._tasks.discard(task)

    @property
    def are_ended(self) -> bool:
        """Whether the server stops."""
        return self._ended


class Streams:
    """Keeps `OpenStreams`."""

    def __init__(self, app: ASGIApp, streams: OpenStreams) -> None:
        """Count the streams that `app` answers with."""
        self._app = app
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request; an event stream until it ends, or all are ended."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        serving = asyncio.current_task()
        streaming = False

        async def counted(message: Message) -> None:
            nonlocal streaming
            if message["type"] == "http.response.start" and _is_stream(message):
                streaming = True
                self._streams.enter(serving)  # type: ignore[arg-type]  # a coroutine has a task
            await send(message)

        try:
            await self._app(scope, receive, counted)
        except asyncio.CancelledError:
            if not (streaming and self._streams.are_ended):
                raise
            serving.uncancel()  # type: ignore[union-attr]  # the same
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            if streaming:
                self._streams.leave(serving)  # type: ignore[arg-type]  # the same


def _is_stream(message: Message) -> bool:
    kind = Headers(raw=list(message["headers"])).get("content-type", "")
    return kind.startswith(MEDIA_TYPE)
