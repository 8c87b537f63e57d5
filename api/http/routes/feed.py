"""The feed of changes: asked for, waited for, or streamed.

    GET /v1/feed?after=3900                       what came after the first 3,900 events
    GET /v1/feed?after=3900&wait=25               the same, as soon as there is something
    GET /v1/feed  Accept: text/event-stream       the same, and what comes, until the client leaves

A stream is that of the HTML standard (server-sent events): the id of each event is its position, so
a browser that reconnects says by `Last-Event-ID` where to go on. It ends after
`STREAM_SECONDS`, so that rights are asked anew, and when the server stops; clients reconnect.
"""

import re
import time
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from fastapi import Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.http.arrivals import Arrivals
from api.http.edge.streams import MEDIA_TYPE
from api.http.feeding import Feed, FeedPage
from api.http.problems import SECONDS_TO_RETRY, Problem
from api.http.questions import POSITION, Answer, Asked, Question, Routes
from projections.changes import DEFAULT_LIMIT, MAX_LIMIT, check_types

routes = Routes(tags=["feed"])

MAX_WAIT_SECONDS = 30
"""The longest poll: half of the time in which an answer has to begin."""
MAX_STREAMS = 256
"""Streams that are open at once: each holds a connection."""
STREAM_SECONDS = 600
"""How long a stream lasts: then whoever reads it shows again who it is."""
HEARTBEAT_SECONDS = 15.0
"""How long a stream may be silent: proxies hang up on what is silent for a minute."""
RETRY_MS = 2_000
"""After what time a browser reconnects."""

_MAX_POSITION = 2**53 - 1
_EVENT_ID = re.compile(r"[0-9]{1,15}")


@routes.get(
    "/feed",
    summary="Follow what happens",
    responses={
        200: {
            "description": "Changes by position; as `text/event-stream` they go on coming.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
        }
    },
)
async def feed(
    request: Request,
    question: Asked,
    after: Annotated[
        int,
        Query(
            ge=0,
            le=_MAX_POSITION,
            description="How many events are known already: the `reached` of the part before.",
            examples=[3900],
        ),
    ] = 0,
    types: Annotated[
        list[str] | None,
        Query(
            alias="type",
            max_length=100,
            description="Only events of this type; repeatable.",
            examples=[["payment.settled"]],
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Events a part, at most.")] = (
        DEFAULT_LIMIT
    ),
    wait: Annotated[
        int,
        Query(
            ge=0,
            le=MAX_WAIT_SECONDS,
            description="Seconds to wait where there is nothing yet.",
        ),
    ] = 0,
    last_event_id: Annotated[
        str | None,
        Header(description="The id of the last event that a stream gave: it goes on behind it."),
    ] = None,
) -> Answer[FeedPage]:
    """List events by position, without gaps; ask again `after` what was reached.

    Nothing is missed or seen twice, however often a follower is cut off. Of an event that is not
    for whoever asks, type and subject are null.
    """
    asked, arrivals = tuple(types or ()), arrivals_of(request)
    check_types(asked)
    if _wants_stream(request):
        start = after if last_event_id is None else _behind(last_event_id)
        _check_reached(question, start)
        if len(question.service.streams) >= MAX_STREAMS:
            raise Problem("busy", headers={"Retry-After": str(SECONDS_TO_RETRY)})
        parts = _stream(question, arrivals, start, asked)
        return StreamingResponse(parts, 200, {"Cache-Control": "no-store"}, MEDIA_TYPE)  # type: ignore[return-value]  # documented above
    page = await _poll(question, arrivals, (after, asked, limit), wait)
    headers = {POSITION: str(page.size), "Cache-Control": "no-store"}
    return Answer(msgspec.json.encode(page), 200, headers, "application/json")


async def _poll(
    question: Question, arrivals: Arrivals, asked: tuple[int, tuple[str, ...], int], wait_s: int
) -> FeedPage:
    """Return what comes after a position, as soon as there is something or the wait is over."""
    after, types, limit = asked
    deadline = time.monotonic() + wait_s
    if wait_s:
        await arrivals.beyond(after, wait_s)
    _check_reached(question, after)
    reading = Feed(question.service, question.reader)
    page = await run_in_threadpool(reading.page, after, types, limit)
    while not page.items and (left := deadline - time.monotonic()) > 0:
        if page.reached == page.size and not await arrivals.beyond(page.reached, left):
            break
        page = await run_in_threadpool(reading.page, page.reached, types, limit)
    return page


def arrivals_of(request: Request) -> Arrivals:
    """Return what wakes those that wait."""
    arrivals: Arrivals = request.app.state.arrivals
    return arrivals


def _wants_stream(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return any(each.partition(";")[0].strip() == MEDIA_TYPE for each in accepted.split(","))


def _behind(last_event_id: str) -> int:
    if not _EVENT_ID.fullmatch(last_event_id):
        raise Problem("invalid_request", "header.Last-Event-ID: it is no position")
    return int(last_event_id) + 1


def _check_reached(question: Question, after: int) -> None:
    if after > question.service.position:
        raise Problem(
            "behind",
            f"{question.service.position} events are told of, and not yet {after}",
            {"Retry-After": str(SECONDS_TO_RETRY)},
        )


async def _stream(
    question: Question, arrivals: Arrivals, after: int, types: tuple[str, ...]
) -> AsyncIterator[bytes]:
    yield f"retry: {RETRY_MS}\n\n".encode()
    reading = Feed(question.service, question.reader)
    ends = time.monotonic() + STREAM_SECONDS
    while time.monotonic() < ends:
        page = await run_in_threadpool(reading.page, after, types, MAX_LIMIT)
        told = [
            b"id: %d\ndata: %s\n\n" % (each.position, msgspec.json.encode(each))
            for each in page.items
        ]
        if page.reached > after and (not page.items or page.reached > page.items[-1].position + 1):
            told.append(b"id: %d\n\n" % (page.reached - 1))  # dispatches nothing, and is resumed at
        after = page.reached
        if told:
            yield b"".join(told)
        if page.reached == page.size and not await arrivals.beyond(after, HEARTBEAT_SECONDS):
            yield b": still here\n\n"
