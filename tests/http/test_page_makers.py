"""Pages made by processes beside the server: the same pages, whatever becomes of the processes."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import pytest
from histories import busy_city, keep
from portal_pages import PAGES
from serving_process import ServingProcess
from shell import PASSWORD
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.application import routed
from api.http.service import Service
from api.portal import makers
from api.portal.makers import Made, Makers, Wanted
from ledger.store.store import open_store
from projections.catalogue import open_projections

URL = "http://testserver"
PATIENCE_S = 60


class Answered(NamedTuple):
    """An answer: what a client sees of it."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


async def ask(
    app: ASGIApp, address: str, *headers: tuple[bytes, bytes], method: str = "GET"
) -> Answered:
    """Ask an application for an address."""
    path, _, query = address.partition("?")
    scope: Scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "server": ("testserver", 80),
        "headers": [(b"host", b"testserver"), *headers],
        "state": {"request_id": "r-1"},
    }
    status, head, body = 0, list[tuple[bytes, bytes]](), b""

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status, head, body
        if message["type"] == "http.response.start":
            status, head = message["status"], message["headers"]
        body += message.get("body", b"")

    await app(scope, receive, send)
    return Answered(status, head, body)


class Here:
    """Stands for the server's own routes: says that it was asked, and waits if told to."""

    def __init__(self) -> None:
        """Have heard nothing."""
        self.heard: list[str] = []

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer with 299, which nothing else does."""
        self.heard.append(scope["path"])
        await asyncio.sleep(0)  # so that two can be here at once
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"here"})


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def with_makers(
    service: Service, count: int, work: Callable[[Makers, Here], Awaitable[None]]
) -> None:
    """Do some work once `count` makers are ready; the server itself is a `Here`."""

    async def run() -> None:
        here = Here()
        made = Makers(here, service, URL, count)
        assert [each.body for each in await both(made, "/en/overview")] == [b"here", b"here"]
        try:
            await until(lambda: len(made._ready) == count)
            here.heard.clear()
            await work(made, here)
        finally:
            made._stop()
            await until(lambda: not made._running)

    asyncio.run(run())


async def both(app: ASGIApp, address: str) -> list[Answered]:
    """Ask for an address twice at once."""
    return list(await asyncio.gather(ask(app, address), ask(app, address)))


def test_a_maker_makes_what_the_server_would(service: Service) -> None:
    """Every page and its twin, in both languages: status, head and body are the same."""
    own = routed(service)
    addresses = [f"/{language}{address}" for language in ("zh", "en") for address in PAGES]
    addresses += ["/en/contracts.json", "/zh/contracts/c-2025-01.json", "/en/sign", "/en/verify"]

    async def compare(made: Makers, here: Here) -> None:
        for address in addresses:
            assert await ask(made, address) == await ask(own, address), address
        assert here.heard == []

    with_makers(service, 1, compare)


def test_a_page_that_is_known_is_not_sent_again(service: Service) -> None:
    """A maker hears `If-None-Match`, too."""

    async def twice(made: Makers, _here: Here) -> None:
        first = await ask(made, "/en/contracts")
        tag = dict(first.headers)[b"etag"]
        again = await ask(made, "/en/contracts", (b"if-none-match", tag))
        assert (again.status, again.body) == (304, b"")

    with_makers(service, 1, twice)


def test_a_maker_reads_either_database(database_url: str) -> None:
    """The databases are named to it by their URLs."""
    keep(database_url, busy_city())
    with (
        open_store(database_url) as store,
        open_projections(store) as projections,
        Service(store, projections) as service,
    ):
        own = routed(service)

        async def compare(made: Makers, here: Here) -> None:
            assert await ask(made, "/zh/contracts/c-1") == await ask(own, "/zh/contracts/c-1")
            assert here.heard == []

        with_makers(service, 1, compare)


@pytest.mark.parametrize(
    ("address", "headers", "method"),
    [
        ("/en/contracts", ((b"cookie", b"__Host-session=x"),), "GET"),
        ("/en/contracts", ((b"authorization", b"Bearer x"),), "GET"),
        ("/en/contracts?min_position=3", (), "GET"),
        ("/en/contracts", (), "HEAD"),
        ("/en/session", (), "POST"),
        ("/en/session", (), "GET"),
        ("/en", (), "GET"),
        ("/en/no/such/place", (), "GET"),
        ("/v1/contracts", (), "GET"),
        ("/checkpoint", (), "GET"),
    ],
)
def test_what_is_not_for_everybody_is_answered_by_the_server(
    service: Service, address: str, headers: tuple[tuple[bytes, bytes], ...], method: str
) -> None:
    """A maker knows no sessions, and waits for nothing."""
    here = Here()
    made = Makers(here, service, URL, 1)
    made._ready.append(cast(Any, Faulty()))
    assert asyncio.run(ask(made, address, *headers, method=method)).body == b"here"
    assert here.heard == [address.partition("?")[0]]


class Faulty:
    """Stands for a maker in which everything fails, or that ends at every question."""

    def __init__(self, *, ends: bool = False) -> None:
        """Have been asked nothing."""
        self.asked: dict[int, object] = {}
        self.wanted: list[Wanted] = []
        self._ends = ends

    async def make(self, wanted: Wanted) -> Made | None:
        """Tell of a fault, or nothing."""
        self.wanted.append(wanted)
        return None if self._ends else Made(wanted.number, 500, [], b"a fault", None)


@pytest.mark.parametrize("ends", [False, True])
def test_what_a_maker_fails_at_the_server_tries(service: Service, ends: bool) -> None:
    """So a fault is told once, by the server; and of one that is ending nobody asks twice."""
    here, makers_there = Here(), [Faulty(ends=ends), Faulty(ends=ends)]
    made = Makers(here, service, URL, 2)
    made._ready += cast(Any, makers_there)
    assert asyncio.run(ask(made, "/en/contracts")).body == b"here"
    asked = [each.position for maker in makers_there for each in maker.wanted]
    assert asked == [service.position] * (2 if ends else 1)


def test_who_asks_alone_starts_no_process(service: Service) -> None:
    """One page after another the server makes itself."""

    async def run() -> None:
        here = Here()
        made = Makers(here, service, URL, 2)
        for _ in range(5):
            await ask(made, "/en/overview")
        none = Makers(here, service, URL, 0)
        await both(none, "/en/overview")
        assert not made._starting
        assert not none._starting
        assert len(here.heard) == 7

    asyncio.run(run())


def test_a_maker_that_is_killed_is_missed_by_nobody(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it was asked the server makes, and another is started in its place."""
    monkeypatch.setattr(makers, "AGAIN_SECONDS", 0.05)

    async def kill(made: Makers, here: Here) -> None:
        (maker,) = made._ready
        process = maker._process
        process.send_signal(signal.SIGSTOP)
        asked = asyncio.create_task(ask(made, "/en/contracts"))
        await until(lambda: bool(maker.asked))
        process.kill()
        assert (await asked).body == b"here"
        await until(lambda: bool(made._ready))
        assert made._ready != [maker]
        here.heard.clear()
        assert (await ask(made, "/en/contracts")).status == 200
        assert here.heard == []

    with_makers(service, 1, kill)


def test_signals_to_all_leave_the_makers_at_work(service: Service) -> None:
    """A service manager and a terminal tell every process; the server finishes what was begun."""

    async def tell(made: Makers, here: Here) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            made._ready[0]._process.send_signal(number)
        assert (await ask(made, "/en/contracts")).status == 200
        assert here.heard == []

    with_makers(service, 1, tell)


# -- as processes ------------------------------------------------------------------------------


@pytest.fixture
def reading(city_file: Path, tmp_path: Path) -> Iterator[ServingProcess]:
    """Serve the demo city's ledger for reading."""
    options = ("--role", "reader", "--db", f"sqlite:///{city_file}")
    with ServingProcess(
        tmp_path,
        *options,
        SUNLEDGER_REQUESTS_A_SECOND="0",
        SUNLEDGER_PAGE_MAKERS="2",
        SUNLEDGER_KEY_PASSWORD=PASSWORD,
    ) as server:
        yield server


def processes_of(server: ServingProcess) -> list[int]:
    """Return the processes that a server has started."""
    return [
        int(child)
        for task in Path(f"/proc/{server.process.pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


def makers_among(processes: list[int]) -> list[int]:
    """Return those processes that make pages."""
    return [
        each
        for each in processes
        if makers.PROGRAM.encode() in Path(f"/proc/{each}/cmdline").read_bytes()
    ]


def is_running(process: int) -> bool:
    """Tell whether a process goes on."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_all_processes_end_with_their_server(
    reading: ServingProcess, number: signal.Signals
) -> None:
    """Told to stop, or killed: none is left. None was given the password of a key."""
    stopped = threading.Event()

    def ask_on(reader: int) -> None:
        asked = 0
        while not stopped.is_set():
            assert reading.ask(f"/en/contracts?{reader}.{asked}")[0] == 200
            asked += 1

    readers = [threading.Thread(target=ask_on, args=(each,)) for each in range(4)]
    for each in readers:
        each.start()
    deadline = time.monotonic() + PATIENCE_S
    while len(makers_among(processes_of(reading))) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(1)
    stopped.set()
    for each in readers:
        each.join()
    started = processes_of(reading)
    assert (len(started), len(makers_among(started))) == (3, 2)  # and what follows
    told = [Path(f"/proc/{each}/environ").read_bytes() for each in started]
    assert not any(b"SUNLEDGER_" in each for each in told)
    reading.process.send_signal(number)
    assert reading.process.wait(20) == (0 if number == signal.SIGTERM else -number)
    while any(is_running(each) for each in started):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert [line for line in reading.log if line["level"] != "info"] == []
