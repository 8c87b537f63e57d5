"""The feed: gap-free for everybody, silent about what is private, waited for and streamed."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest
from histories import Kept, busy_city, keep
from starlette.requests import Request
from starlette.testclient import TestClient

from api.application import create_app
from api.http.arrivals import Arrivals
from api.http.feeding import Feed
from api.http.questions import Question
from api.http.routes import feed as feed_route
from api.http.routes.feed import _stream
from api.http.service import Service
from api.rights import AUDIENCES, PUBLIC, Audience, Reader
from bench.feed import follow
from projections.catalogue import open_projections

AUDITOR = Reader("lushan-audit", "lushan-audit/one", frozenset({"auditor"}))
PROVIDER = Reader("yangguang-care", "yangguang-care/one", frozenset({"provider"}))
PRIVATE = {name for name, audience in AUDIENCES.items() if audience is Audience.PARTIES}


def whole(service: Service, reader: Reader, *types: str, limit: int = 1_000) -> list[Any]:
    """Return all that a reader is given, part by part."""
    found: list[Any] = []
    after = 0
    while after < service.position:
        page = Feed(service, reader).page(after, types, limit)
        assert page.reached > after
        found += page.items
        after = page.reached
    return found


def test_everybody_sees_every_position_and_the_public_no_private_type(service: Service) -> None:
    """An auditor reads all types; the public those of public events, and of others nothing."""
    audited, public = whole(service, AUDITOR), whole(service, PUBLIC)
    positions = list(range(service.position))
    assert [each.position for each in audited] == positions
    assert [each.position for each in public] == positions
    for known, told in zip(audited, public, strict=True):
        assert (known.event, known.statement, known.recorded) == (
            told.event,
            told.statement,
            told.recorded,
        )
        if AUDIENCES[known.type] is Audience.PUBLIC:
            assert told == known
        elif known.type in PRIVATE:
            assert (told.type, told.subject) == (None, None)


def test_a_party_is_told_what_happens_under_its_contracts(service: Service) -> None:
    """A provider sees its own visits, and of other providers' that there was something."""
    audited, own = whole(service, AUDITOR), whole(service, PROVIDER)
    visits = [n for n, each in enumerate(audited) if each.type == "visit.recorded"]
    told = {audited[n].subject for n in visits if own[n].type is not None}
    assert told == {"contract/c-2025-01"}
    assert {audited[n].subject for n in visits} > told


@pytest.mark.parametrize("limit", [1, 7, 1_000])
@pytest.mark.parametrize("reader", [PUBLIC, PROVIDER, AUDITOR])
def test_a_filter_gives_what_may_be_read_and_tells_nothing_of_the_rest(
    service: Service, reader: Reader, limit: int
) -> None:
    """Where a private event lies shows neither in the items nor in `reached`."""
    types = ("visit.denied", "payment.settled")
    told = [each for each in whole(service, reader) if each.type in types]
    assert whole(service, reader, *types, limit=limit) == told
    if reader is not AUDITOR:
        page = Feed(service, PUBLIC).page(0, ("visit.denied",), limit)
        assert (page.reached, page.items) == (service.position, ())
        page = Feed(service, reader).page(0, ("visit.denied",), 1)
        own = [each.position for each in told if each.type == "visit.denied"]
        assert page.reached in {service.position, *(each + 1 for each in own)}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("after=-1", 400, "invalid_request"),
        ("after=99999999", 503, "behind"),
        ("type=nothing.known", 400, "invalid_request"),
        ("limit=1001", 400, "invalid_request"),
        ("wait=31", 400, "invalid_request"),
    ],
)
def test_what_the_feed_cannot_be_asked(
    client: TestClient, query: str, status: int, code: str
) -> None:
    """Each is a problem that says why."""
    answer = client.get(f"/v1/feed?{query}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_answer_is_given_at_once_where_there_is_something(
    client: TestClient, service: Service
) -> None:
    """Waiting is for the end of the ledger; there an empty answer says where it is."""
    page = client.get("/v1/feed?after=100&limit=3&wait=30").json()
    assert [each["position"] for each in page["items"]] == [100, 101, 102]
    assert (page["reached"], page["size"]) == (103, service.position)
    end = client.get(f"/v1/feed?after={service.position}").json()
    assert (end["items"], end["reached"]) == ([], service.position)


@pytest.fixture
def growing(tmp_path: Path) -> Kept:
    """Give a ledger that can go on."""
    return keep(f"sqlite:///{tmp_path / 'ledger.db'}", busy_city())


def test_who_waits_is_answered_when_something_comes(growing: Kept) -> None:
    """A poll that waits gets what is admitted meanwhile; one in vain ends with nothing."""
    with (
        growing.ledger,
        open_projections(growing.ledger.store) as projections,
        Service(growing.ledger.store, projections, growing.ledger) as service,
    ):

        async def wait_and_submit() -> tuple[bool, bool]:
            arrivals = Arrivals(service)
            in_vain = await arrivals.beyond(service.position, 0.1)
            waiting = asyncio.create_task(arrivals.beyond(service.position, 20))
            await asyncio.sleep(0)
            growing.world.do(growing.world.closed())
            await asyncio.to_thread(growing.catch_up)
            return in_vain, await waiting

        assert asyncio.run(wait_and_submit()) == (False, True)
        with TestClient(create_app(service)) as client:
            end = service.position
            begun = time.monotonic()
            page = client.get(f"/v1/feed?after={end}&wait=1").json()
            assert (page["items"], page["reached"]) == ([], end)
            assert time.monotonic() - begun >= 1


def question(service: Service, reader: Reader = PUBLIC) -> Question:
    """Return a question that `reader` puts."""
    request = Request({"type": "http", "method": "GET", "path": "/v1/feed", "headers": []})
    return Question(request, service, reader)


def streamed(service: Service, after: int, types: tuple[str, ...] = ()) -> str:
    """Return all that a stream gives from `after` on until it ends."""

    async def read() -> bytes:
        parts = _stream(question(service), Arrivals(service), after, types)
        return b"".join([part async for part in parts])

    return asyncio.run(read()).decode()


def test_a_stream_names_each_event_by_its_position(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence is broken by a comment; a stretch without an event leaves an id to go on from."""
    monkeypatch.setattr(feed_route, "STREAM_SECONDS", 0.3)
    monkeypatch.setattr(feed_route, "HEARTBEAT_SECONDS", 0.05)
    end = service.position
    told = streamed(service, end - 2)
    assert told.startswith("retry: 2000\n\n")
    assert [line for line in told.splitlines() if line.startswith("id: ")] == [
        f"id: {end - 2}",
        f"id: {end - 1}",
    ]
    assert ": still here\n\n" in told
    silent = streamed(service, 0, ("flag.raised",))
    assert f"id: {end - 1}\n\n" in silent
    assert "data:" not in silent


@pytest.mark.parametrize("last", ["x", "-1", "1" * 16, "٣"])
def test_an_id_that_no_stream_gave_is_refused(client: TestClient, last: str) -> None:
    """It is no position."""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": last.encode()}
    answer = client.get("/v1/feed", headers=headers)  # type: ignore[arg-type]  # bytes will do
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_there_are_so_many_streams_and_no_more(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes then is told to come again."""
    monkeypatch.setattr(feed_route, "MAX_STREAMS", 0)
    answer = client.get("/v1/feed", headers={"Accept": "text/event-stream"})
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["Retry-After"]


def test_a_follower_that_reconnects_sees_every_position_once(
    database_url: str, tmp_path: Path
) -> None:
    """Under eight writers, over a real server, by long polls and by an event stream."""
    outcome = follow(database_url, 2, tmp_path)
    assert set(outcome.followed) == {"long poll", "event stream"}
    for followed in outcome.followed.values():
        assert followed.positions == list(range(outcome.events))
        assert followed.reconnected > 0
