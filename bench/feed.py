"""`python -m bench feed`: a follower that reconnects at random sees every position once.

A real server, eight writers, and followers of both kinds: one polls and gives up in the midst of
an answer now and then, one streams and hangs up at random. At the end each has to have seen every
position of the ledger, in order, once.
"""

import logging
import random
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2
import msgspec
import structlog
import uvicorn

from api.application import create_app
from api.http.service import Service
from bench.databases import Databases, postgres_server, sqlite_files
from bench.workload import Workload
from ledger.app import Ledger, create_ledger
from projections.catalogue import open_projections

WRITERS = 8
EVENTS_A_STATEMENT = 4
CUT_OFF = 0.2
"""How often a poll gives up before its answer is there."""
HANGS_UP_WITHIN = 400
"""Events after which a stream is hung up on, at most."""


class Followed(NamedTuple):
    """What a follower saw: every position in the order it came, and how often it reconnected."""

    positions: list[int]
    reconnected: int


class Outcome(NamedTuple):
    """How many events there were, and what each follower saw, by its kind."""

    events: int
    followed: dict[str, Followed]


def main(seconds: int, databases: list[str]) -> None:
    """Follow the feed on every database asked for; end with an error if a position is missed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    for kind, opened in (("sqlite", sqlite_files), ("postgres", postgres_server)):
        if kind in databases:
            with opened() as server:
                _tell(kind, server, seconds)


def _tell(kind: str, server: Databases, seconds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcome = follow(server.new(), seconds, Path(folder))
    print(f"{kind}: {outcome.events:,} events by {WRITERS} writers in {seconds} s")
    for name, followed in outcome.followed.items():
        is_whole = followed.positions == list(range(outcome.events))
        verdict = "every position once" if is_whole else "POSITIONS MISSED OR REPEATED"
        print(f"  {name}: {verdict}, {followed.reconnected} times reconnected", flush=True)
        if not is_whole:
            raise SystemExit(1)


def follow(url: str, seconds: float, folder: Path, seed: int = 1) -> Outcome:
    """Write for some seconds while followers read; then let them come to the end.

    The read models are kept in `folder`.
    """
    workload = Workload()
    opening = workload.opening()
    with create_ledger(url, next(opening), workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
        with (
            open_projections(ledger.store, f"sqlite:///{folder / 'models.db'}") as projections,
            Service(ledger.store, projections, ledger) as service,
            _serving(service) as address,
        ):
            followers = [_Polling(address, seed), _Streaming(address, seed + 1)]
            for each in followers:
                each.start()
            _write(ledger, workload, seconds)
            events = ledger.store.head().positions
            for each in followers:
                each.goal = events
            for each in followers:
                each.join()
    return Outcome(events, {each.kind: each.followed() for each in followers})


def _write(ledger: Ledger, workload: Workload, seconds: float) -> None:
    statements = workload.visits(10**9, EVENTS_A_STATEMENT)
    turn, until = threading.Lock(), time.monotonic() + seconds

    def writer() -> None:
        while time.monotonic() < until:
            with turn:
                data = next(statements)
            ledger.submit(data)

    writers = [threading.Thread(target=writer) for _ in range(WRITERS)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()


@contextmanager
def _serving(service: Service) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        config = uvicorn.Config(create_app(service), log_config=None, access_log=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}/v1/feed"
        finally:
            server.should_exit = True
            thread.join()


class _Follower(threading.Thread):
    """Follows until it has come to its goal."""

    kind = ""

    def __init__(self, address: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.goal: int | None = None
        self.positions: list[int] = []
        self.reconnected = 0
        self._address = address
        self._random = random.Random(seed)

    def followed(self) -> Followed:
        return Followed(self.positions, self.reconnected)

    @property
    def is_there(self) -> bool:
        return self.goal is not None and len(self.positions) >= self.goal


class _Polling(_Follower):
    kind = "long poll"

    def run(self) -> None:
        """Ask for what comes next; take an answer only when it is whole."""
        reached = 0
        with httpx2.Client() as client:
            while not self.is_there:
                asked = {"after": reached, "wait": 1, "limit": self._random.randint(1, 500)}
                cut_off = self._random.random() < CUT_OFF
                try:
                    answer = client.get(
                        self._address, params=asked, timeout=0.002 if cut_off else 60
                    )
                except httpx2.TimeoutException:
                    self.reconnected += 1
                    continue
                page = answer.raise_for_status().json()
                self.positions += [each["position"] for each in page["items"]]
                reached = page["reached"]


class _Streaming(_Follower):
    kind = "event stream"

    def run(self) -> None:
        """Read the stream; hang up at random, and go on behind the last whole event."""
        with httpx2.Client(timeout=60) as client:
            while not self.is_there:
                self._connect(client)
                self.reconnected += 1

    def _connect(self, client: httpx2.Client) -> None:
        headers = {"Accept": "text/event-stream"}
        if self.positions:
            headers["Last-Event-ID"] = str(self.positions[-1])
        left = self._random.randint(1, HANGS_UP_WITHIN)
        with client.stream("GET", self._address, headers=headers) as answer:
            answer.raise_for_status()
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    change = msgspec.json.decode(line.removeprefix("data: "))
                    self.positions.append(change["position"])
                    left -= 1
                if left == 0 or self.is_there:
                    return
