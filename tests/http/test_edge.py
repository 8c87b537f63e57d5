"""The layers around the application: what they add to every answer, and what they refuse."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Router
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs

from api.application import create_app
from api.http.edge import bodies, deadline, rates
from api.http.edge.measures import Measures
from api.http.edge.security import STRICT
from api.http.edge.streams import OpenStreams
from api.http.edge.surrounding import PLAIN, Edge, surround
from api.http.service import Service


def small_app() -> FastAPI:
    """Return an application of a few routes that tests need and the product has not."""
    app = FastAPI(openapi_url=None)

    @app.get("/thing")
    def read() -> Response:
        return PlainTextResponse("a thing")

    @app.put("/thing")
    def write() -> Response:
        return PlainTextResponse("written")

    @app.post("/v1/statements")
    @app.post("/v1/other")
    async def take(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    @app.get("/v1/slow")
    @app.post("/v1/slow")
    async def slow() -> Response:
        await asyncio.sleep(0.5)
        return PlainTextResponse("at last")

    @app.get("/stream")
    async def stream() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(5):
                await asyncio.sleep(0.1)
                yield b"piece"

        return StreamingResponse(pieces())

    return app


def layered(app: ASGIApp | None = None, edge: Edge = PLAIN) -> ASGIApp:
    """Return an application within its layers, the small one if none is named."""
    small = small_app()
    return surround(app or small, small.router, edge, Measures(), OpenStreams())


def around(edge: Edge = PLAIN) -> TestClient:
    """Return a client of the small application within its layers."""
    return TestClient(layered(edge=edge))


# -- what is added ------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["trace-7.A_b", "x" * 64])
def test_a_request_keeps_the_name_that_it_comes_with(client: TestClient, given: str) -> None:
    """A proxy's name for a request is ours, too: in the answer, the problem and the log."""
    with capture_logs() as lines:
        answer = client.get("/v1/nothing", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given
    assert answer.json()["request_id"] == given
    assert [line["request_id"] for line in lines if line["event"] == "request"] == [given]


@pytest.mark.parametrize("given", ["", "two words", "x" * 65, "a\u00e9", '"}{"'])
def test_a_name_that_is_no_plain_word_is_replaced(client: TestClient, given: str) -> None:
    """What would be written into a log is not taken from anybody as it stands."""
    headers = {b"X-Request-Id": given.encode()}
    answer = client.get("/v1/nothing", headers=headers)
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_the_log_tells_of_a_request_and_of_nobody(client: TestClient) -> None:
    """Method, path, status, time, bytes, name; not what was searched for, nor who asked."""
    secret = {"Authorization": "Bearer s3cret", "Cookie": "session=s3cret"}
    with capture_logs() as lines:
        answer = client.get("/v1/contracts?text=Wang+Xiuying", headers=secret)
    (line,) = [line for line in lines if line["event"] == "request"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/v1/contracts", 401)
    assert line["bytes"] == len(answer.content)
    assert line["ms"] >= 0
    assert line["party"] is None
    assert not re.search("Wang|s3cret|testclient", str(line))


@pytest.mark.parametrize("path", ["/v1/contracts", "/zh/contracts", "/v1/nothing", "/static/x"])
def test_every_answer_keeps_browsers_strict(client: TestClient, path: str) -> None:
    """Answers, pages, files and problems alike carry the headers, once each."""
    answer = client.get(path)
    for name, value in STRICT.items():
        assert answer.headers.get_list(name) == [value]
    assert "Strict-Transport-Security" not in answer.headers


def test_over_https_browsers_are_told_to_stay_there(service: Service) -> None:
    """Behind a trusted proxy that speaks https, a year of https is asked for."""
    proxied = Edge(trusted_proxies=("testclient",))
    headers = {"X-Forwarded-Proto": "https"}
    behind = TestClient(create_app(service, edge=proxied)).get("/v1/contracts", headers=headers)
    assert behind.headers["Strict-Transport-Security"] == "max-age=31536000"
    lied = TestClient(create_app(service)).get("/v1/contracts", headers=headers)
    assert "Strict-Transport-Security" not in lied.headers


# -- methods -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/contracts", "/en/contracts", "/v1/nothing"])
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    """The same status and head, the length included, and not a byte more."""
    whole, head = client.get(path), client.head(path)
    varying = {"x-request-id"}
    assert head.status_code == whole.status_code
    assert head.content == b""
    assert {k: v for k, v in head.headers.items() if k not in varying} == {
        k: v for k, v in whole.headers.items() if k not in varying
    }


def test_a_method_that_is_not_taken_names_all_that_are() -> None:
    """Two routes bring GET and PUT; `Allow` names both, and what the layers add."""
    client = around()
    for method in ("DELETE", "PATCH", "BREW"):
        answer = client.request(method, "/thing")
        assert answer.status_code == 405
        assert answer.headers.get_list("Allow") == ["GET, HEAD, PUT, OPTIONS"]
    told = client.options("/thing")
    assert (told.status_code, told.headers["Allow"]) == (204, "GET, HEAD, PUT, OPTIONS")
    assert client.options("/nothing").status_code == 404


# -- pages elsewhere -----------------------------------------------------------------------------


def test_pages_elsewhere_may_read_what_anybody_may(client: TestClient) -> None:
    """A public read is shared; with a cookie or a token it is not, and no other method is."""
    elsewhere = {"Origin": "https://news.example"}
    shared = client.get("/v1/contracts", headers=elsewhere)
    assert shared.headers["Access-Control-Allow-Origin"] == "*"
    assert "Sunledger-Position" in shared.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in shared.headers
    for own in ({"Cookie": "session=1"}, {"Authorization": "Bearer 1"}):
        answer = client.get("/v1/contracts", headers={**elsewhere, **own})
        assert "Access-Control-Allow-Origin" not in answer.headers
    posted = client.post("/v1/contracts", headers=elsewhere)
    assert "Access-Control-Allow-Origin" not in posted.headers


def test_a_browser_that_asks_first_may_only_read(client: TestClient) -> None:
    """The preflight of a write is answered with the methods that read."""
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/v1/statements", headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"


# -- bodies --------------------------------------------------------------------------------------


def pieces(*parts: bytes) -> Iterator[bytes]:
    """Return a body that is sent in chunks, its length untold."""
    yield from parts


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/v1/other", 64 << 10, 200),
        ("/v1/other", (64 << 10) + 1, 413),
        ("/v1/statements", (16 << 20) + (64 << 10), 200),
        ("/v1/statements", (16 << 20) + (64 << 10) + 1, 413),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_is_taken_up_to_its_limit(
    path: str, size: int, status: int, *, chunked: bool
) -> None:
    """To the byte, whether its length is told before or not; the connection ends at a refusal."""
    body = b"x" * size
    half = size // 2
    answer = around().post(path, content=pieces(body[:half], body[half:]) if chunked else body)
    assert answer.status_code == status
    if status == 200:
        assert answer.text == str(size)
    else:
        assert answer.json()["code"] == "too_large"
        assert str(size - 1) in answer.json()["detail"]
        assert answer.headers["Connection"] == "close"


async def exchange(
    app: ASGIApp, path: str, messages: Sequence[Message | float], address: str = "192.0.2.1"
) -> list[Message]:
    """Post to `app` what arrives message by message, a number being a pause; return its answer."""
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"a"), (b"transfer-encoding", b"chunked")],
        "client": (address, 1),
        "state": {},
    }
    waiting = iter(messages)
    answered: list[Message] = []

    async def receive() -> Message:
        for each in waiting:
            if not isinstance(each, float):
                return each
            await asyncio.sleep(each)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        answered.append(message)

    await app(scope, receive, send)
    return answered


def piece(body: bytes, *, more: bool) -> Message:
    """Return a piece of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_body_that_trickles_in_is_refused_when_its_time_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The time is for the whole body: no byte that comes begins it anew."""
    monkeypatch.setattr(bodies, "OTHER", bodies.Limit(1_000, 1))
    trickle: list[Message | float] = [piece(b"x", more=True), 0.1] * 30
    start, body = asyncio.run(exchange(layered(), "/v1/other", trickle))
    assert start["status"] == 408
    assert b"timed_out" in body["body"]


def test_bodies_at_once_have_one_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all that is being read fills the memory set aside for it, others come again later."""
    monkeypatch.setattr(bodies, "MAX_HELD_BYTES", 1_500)
    monkeypatch.setattr(bodies, "SMALL_BYTES", 500)
    edge = layered()
    long: list[Message | float] = [piece(b"x" * 1_000, more=True), 0.2, piece(b"", more=False)]

    async def together() -> list[list[Message]]:
        return await asyncio.gather(*(exchange(edge, "/v1/other", list(long)) for _ in range(2)))

    statuses = [answer[0]["status"] for answer in asyncio.run(together())]
    assert statuses == [200, 503]
    # What was read is forgotten, however it ended.
    assert asyncio.run(exchange(edge, "/v1/other", list(long)))[0]["status"] == 200


def test_one_address_fills_its_part_of_the_room_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Large bodies that wait for their end refuse a third of theirs, and nothing of others."""
    monkeypatch.setattr(bodies, "MAX_HELD_EACH_BYTES", 2_500)
    edge = layered()
    long: list[Message | float] = [piece(b"x" * 1_000, more=True), 0.2, piece(b"", more=False)]

    async def together() -> list[list[Message]]:
        slow = (exchange(edge, "/v1/other", list(long)) for _ in range(3))
        other = exchange(edge, "/v1/other", list(long), address="192.0.2.7")
        return await asyncio.gather(*slow, other)

    statuses = [answer[0]["status"] for answer in asyncio.run(together())]
    assert statuses == [200, 200, 503, 200]


def test_large_bodies_never_keep_out_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nearly every statement is smaller than has room of its own."""
    monkeypatch.setattr(bodies, "MAX_HELD_BYTES", 1_500)
    monkeypatch.setattr(bodies, "SMALL_BYTES", 500)
    edge = layered()
    long: list[Message | float] = [piece(b"x" * 1_400, more=True), 0.2, piece(b"", more=False)]

    async def together() -> list[list[Message]]:
        sizes = (600, 500)
        others = ([piece(b"x" * size, more=False)] for size in sizes)
        return await asyncio.gather(
            exchange(edge, "/v1/other", long), *(exchange(edge, "/v1/other", m) for m in others)
        )

    statuses = [answer[0]["status"] for answer in asyncio.run(together())]
    assert statuses == [200, 503, 200]


def test_who_hangs_up_in_the_middle_is_not_answered() -> None:
    """Nothing is done with half a body."""
    broken: list[Message | float] = [piece(b"x", more=True)]
    with capture_logs() as lines:
        assert asyncio.run(exchange(layered(), "/v1/other", broken)) == []
    assert [(line["event"], line["status"]) for line in lines] == [("request", None)]


# -- rates, hosts, deadline ----------------------------------------------------------------------


def test_who_asks_too_often_is_told_when_to_come_again() -> None:
    """The bucket holds five seconds' worth; then it is 429 with `Retry-After`."""
    client = around(Edge(requests_a_second=1))
    statuses = [client.get("/thing").status_code for _ in range(8)]
    assert statuses == [200] * rates.BURST_SECONDS + [429] * 3
    refused = client.get("/thing")
    assert refused.json()["code"] == "too_many_requests"
    assert refused.headers["Retry-After"] == "1"


def test_a_bucket_fills_again_and_no_further_than_it_is_large() -> None:
    """By the clock that is given: five at once, then one a second, whatever was refused before."""
    layer = rates.Rates(Router(), 1)
    assert [layer.take("a", 100.0) for _ in range(5)] == [0] * 5
    assert layer.take("a", 100.0) == 1.0
    assert layer.take("a", 100.5) == 0.5
    assert layer.take("b", 100.5) == 0
    assert layer.take("a", 101.0) == 0
    assert [bool(layer.take("a", 1_000.0)) for _ in range(6)] == [False] * 5 + [True]


def test_the_memory_for_addresses_is_bounded() -> None:
    """Whoever comes from ever new addresses fills no memory."""
    layer = rates.Rates(Router(), 1)
    for n in range(rates.MAX_ADDRESSES + 500):
        layer.take(str(n), 1.0)
    assert len(layer._full_at) == rates.MAX_ADDRESSES


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("2001:db8::1", "2001:db8::2:3", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("not:an:address", "not:an:address", True),
    ],
)
def test_one_subscriber_is_one_address(first: str, second: str, *, same: bool) -> None:
    """All of an IPv6 network is one; an IPv4 address in IPv6's clothes is itself."""
    subscribers = [rates.subscriber({"client": (each, 1)}) for each in (first, second)]
    assert (subscribers[0] == subscribers[1]) is same


def test_only_a_trusted_proxy_speaks_for_others() -> None:
    """Of anybody else `X-Forwarded-For` is no way around a limit."""
    trusting = around(Edge(trusted_proxies=("testclient",), requests_a_second=1))
    alone = around(Edge(requests_a_second=1))
    for client, last in ((trusting, 200), (alone, 429)):
        statuses = [
            client.get("/thing", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
            for n in range(6)
        ]
        assert statuses[-1] == last


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("ledger.example.gov.cn", 200),
        ("LEDGER.example.gov.cn:8443", 200),
        ("evil.example", 421),
        ("ledger.example.gov.cn.evil.example", 421),
        ("", 400),
        ("a/b", 400),
        ("[::1", 400),
        ("user@ledger.example.gov.cn", 400),
    ],
)
def test_a_request_for_another_name_is_refused(host: str, status: int) -> None:
    """Where names are set, only these are served; what is no name never is."""
    client = around(Edge(hosts=frozenset({"ledger.example.gov.cn"})))
    assert client.get("/thing", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [("GET", "/v1/slow", 503, "busy"), ("POST", "/v1/slow", 503, "outcome_unknown")],
)
def test_who_waits_too_long_is_told(
    monkeypatch: pytest.MonkeyPatch, method: str, path: str, status: int, code: str
) -> None:
    """The answer that comes after all is not sent behind the refusal."""
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 0.05)
    answer = around().request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "at last" not in answer.text


def test_a_long_answer_that_has_begun_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream begins in time and may go on."""
    monkeypatch.setattr(deadline, "ANSWER_SECONDS", 0.2)
    assert around().get("/stream").text == "piece" * 5


def test_a_server_that_stops_ends_its_streams() -> None:
    """Who follows a stream is let go in good order, and who comes later, too."""
    streams = OpenStreams()
    app = FastAPI(openapi_url=None)

    @app.get("/feed")
    async def feed() -> Response:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield b"data: 1\n\n"
                if len(streams):
                    streams.end()
                await asyncio.sleep(0.01)

        return StreamingResponse(endless(), media_type="text/event-stream")

    client = TestClient(surround(app, app.router, PLAIN, Measures(), streams))
    first = client.get("/feed")
    assert (first.status_code, first.text) == (200, "data: 1\n\n")
    assert client.get("/feed").status_code == 200
    assert len(streams) == 0


def test_who_does_not_take_the_answer_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece that nobody takes does not keep its answer in memory for ever."""
    monkeypatch.setattr(deadline, "PIECE_SECONDS", 0.05)
    taken: list[Message] = []

    async def send(message: Message) -> None:
        if message.get("more_body"):
            await asyncio.sleep(10)
        taken.append(message)

    async def receive() -> Message:
        await asyncio.sleep(10)
        return {"type": "http.disconnect"}

    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": "/stream",
        "query_string": b"",
        "headers": [(b"host", b"a")],
        "state": {},
    }

    async def served(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, send)

    with capture_logs() as lines:
        asyncio.run(served(layered(), scope, receive, send))
    assert [message["type"] for message in taken] == ["http.response.start"]
    assert lines[-1]["event"] == "request"


def test_a_fault_in_a_layer_is_told_and_answered() -> None:
    """What no application could catch is 500 with a line in the log, and no word of what it was."""

    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("a secret of the server")

    with capture_logs() as lines:
        answer = TestClient(layered(broken)).get("/thing")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert [line["event"] for line in lines] == ["a request failed", "request"]
