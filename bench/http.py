"""`python -m bench http`: the server under load, beside a plain FastAPI route of the same size.

Clients run in this process, each server in one of its own, as `sunledger serve` runs. Measured in
turn: a plain route; pages that everybody asks, which come from memory; contract pages that nobody
asked before; then single-event statements from 64 connections while others read. After that the
server is killed, and what it acknowledged is sought in the database.
"""

import itertools
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from bench.databases import sqlite_files
from bench.http_clients import Tally, get, post, run, shares
from bench.measure import show, turn_by_turn
from bench.workload import CONTRACTS, Workload
from ledger.app import create_ledger
from ledger.store.store import open_store

READERS, WRITERS = 16, 64
BESIDE = 4
"""Connections that read beside the writers, each twenty times a second."""
REQUESTS = 4_000
CONTRACT_REQUESTS = 2_000
STARTED_SECONDS = 3.0
"""Time for the server's processes to start."""
STATEMENTS = 6_000
CACHED = ("/en/contracts", "/zh/contracts/c-1", "/v1/contracts", "/tile/entries/000.p/30")
"""What everybody asks: pages, an answer of the API, and a part of the log."""
BARS = (
    "cached at least 0.5 × plain, contract pages 500 a second, statements 1,500 a second,",
    "p99 of reads beside them under 50 ms",
)


class Served(NamedTuple):
    """A server's process and port."""

    process: subprocess.Popen[bytes]
    port: int


def main(runs: int) -> None:
    """Measure on SQLite."""
    with sqlite_files() as databases:
        workload, url = Workload(), databases.new()
        opening = workload.opening()
        with create_ledger(url, next(opening), workload.ledger_key, workload.clock) as ledger:
            for data in opening:
                ledger.submit(data)
        statements = list(workload.visits(STATEMENTS * runs, 1))
        with _server("ledger", url, url) as ours:
            with _server("plain") as plain:
                _reads(ours, plain, runs)
            answers = [_write(ours, statements[number::runs], number) for number in range(runs)]
            ours.process.send_signal(signal.SIGKILL)
            ours.process.wait()
        _check_durable(url, list(itertools.chain.from_iterable(answers)))
        print("  (asked for:", *BARS, ")", sep=" ")


def _reads(ours: Served, plain: Served, runs: int) -> None:
    numbers = itertools.count()

    def rate(port: int, requests: Sequence[bytes]) -> float:
        tally, _, seconds = run(port, shares(requests, READERS))
        _expect(tally, {200})
        return len(requests) / seconds

    def asking(port: int, path: str) -> Callable[[int], float]:
        return lambda _run: rate(port, [get(path)] * REQUESTS)

    def unseen(_run: int) -> float:
        paths = (
            f"/en/contracts/c-{number % CONTRACTS}?n={number}"
            for number in itertools.islice(numbers, CONTRACT_REQUESTS)
        )
        return rate(ours.port, [get(path) for path in paths])

    for path in CACHED:
        size = _size(ours.port, path)  # from here on it is kept
        results = turn_by_turn(
            runs,
            (path, asking(ours.port, path)),
            ("plain FastAPI", asking(plain.port, f"/plain/{size}")),
        )
        show(f"{path}, {size:,} bytes", "answers", results, bar=0.5)
    unseen(0)
    time.sleep(STARTED_SECONDS)  # the processes that make pages start when several are wanted
    results = turn_by_turn(runs, ("a contract's page, not asked before", unseen))
    show("Contract pages", "answers", results)


def _write(ours: Served, statements: Sequence[bytes], number: int) -> list[bytes]:
    """Send statements while others read; return what was answered."""
    requests = [post("/v1/statements", data) for data in statements]
    reads = [
        map(get, itertools.cycle([f"/v1/contracts/c-{n}?w={number}", "/en/contracts"]))
        for n in range(BESIDE)
    ]
    tally, beside, seconds = run(ours.port, shares(requests, WRITERS), reads)
    _expect(tally, {201})
    _expect(beside, {200})
    print(
        f"\nSQLite: {WRITERS} connections, one event a statement: "
        f"{len(requests) / seconds:,.0f} a second, each in "
        f"{tally.percentile(50) * 1_000:,.0f} ms (p99 {tally.percentile(99) * 1_000:,.0f})\n"
        f"  {len(beside.seconds)} reads beside it: median {beside.percentile(50) * 1_000:,.1f} ms, "
        f"p99 {beside.percentile(99) * 1_000:,.1f} ms"
    )
    return tally.small


def _check_durable(url: str, answers: Sequence[bytes]) -> None:
    """Check that everything acknowledged is in the database of the server that was killed."""
    with open_store(url) as store:
        for answer in answers:
            receipt = json.loads(answer)
            row = store.statement(receipt["index"])
            if row is None or row.id.hex() != receipt["id"]:
                raise RuntimeError(f"statement {receipt['id']} was acknowledged and is not there")
    print(f"  all {len(answers):,} acknowledged statements are in the killed server's database")


def _expect(tally: Tally, statuses: set[int]) -> None:
    if set(tally.statuses) - statuses:
        raise RuntimeError(f"the server answered {dict(tally.statuses)}")


def _size(port: int, path: str) -> int:
    tally, _, _ = run(port, [iter([get(path)])])
    _expect(tally, {200})
    return tally.largest


@contextmanager
def _server(kind: str, *arguments: str) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bench.http_serving", kind, str(port), *arguments]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)  # a line a request
    try:
        _wait(process, port)
        yield Served(process, port)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("the server did not start") from None
            time.sleep(0.1)
        else:
            return
