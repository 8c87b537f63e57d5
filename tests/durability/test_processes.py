"""Real processes: killed at any moment, and two of them writing one ledger."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from forked import fork
from snapshot_process import row_of
from writing_process import pack, write

from bench.workload import SteadyClock, Workload
from ledger.app import create_ledger, open_ledger
from ledger.statement import decode_statement_file, parse_statement
from ledger.store.store import create_store, open_store

KILLS = 50
STATEMENTS_A_ROUND = 48
SNAPSHOT_KILLS = 8
CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def workload(database_url: str) -> Workload:
    """Open a ledger with contracts under which visits may be recorded."""
    workload = Workload()
    opening = workload.opening()
    with create_ledger(database_url, next(opening), workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
    return workload


def test_what_was_acknowledged_survives_kill_9(
    database_url: str, workload: Workload, tmp_path: Path
) -> None:
    """Every receipt given before a kill stands after it, once; the rest is admitted once."""
    moments = random.Random(9)
    acknowledged = tmp_path / "acknowledged"
    rounds = _rounds(workload)
    waiting: list[bytes] = []
    killed_midway = 0
    for _ in range(KILLS):
        waiting += next(rounds)
        process, told = fork(write, database_url, waiting, acknowledged)
        assert told.recv() == "ready"
        told.send("go")
        time.sleep(moments.uniform(0, 0.06))
        process.kill()
        process.join()
        told.close()
        done = set(_receipts(acknowledged))
        still_waiting = [data for data in waiting if _id(data) not in done]
        killed_midway += bool(still_waiting)
        # What was acknowledged is not submitted again in every round: the log itself must show it.
        waiting = still_waiting + waiting[:2]
    last = _start(database_url, waiting, tmp_path, acknowledged)
    _go(last)
    assert _end(last) == 0
    assert killed_midway > KILLS // 2, "the kills came too late to test anything"
    _check(database_url, workload, acknowledged, KILLS * STATEMENTS_A_ROUND)


def test_a_snapshot_that_is_being_stored_when_it_is_killed_leaves_a_whole_one(
    database_url: str,
) -> None:
    """After each kill there is one snapshot, the note of one number with the data of the same."""
    create_store(database_url, "test.example/log").close()
    moments = random.Random(5)
    script = str(CHECKOUT / "tests" / "snapshot_process.py")
    stored = set()
    for _ in range(SNAPSHOT_KILLS):
        process = subprocess.Popen(
            [sys.executable, script, database_url],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        )
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(moments.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        with open_store(database_url) as store:
            row = store.snapshot()
        assert row is not None
        assert row == row_of(int(row.note))
        stored.add(row.note)
    assert len(stored) > 1, "the kills came too early to test anything"


def test_two_writer_processes_make_one_history(
    database_url: str, workload: Workload, tmp_path: Path
) -> None:
    """Two processes submit to one database: no fork, nothing lost or doubled, no gap."""
    statements = list(workload.visits(800, 2))
    acknowledged = tmp_path / "acknowledged"
    shares = [
        _start(database_url, statements, tmp_path, acknowledged, share=share, of=2)
        for share in (0, 1)
    ]
    # A third takes a part of what the first two submit: the same text has one place.
    shares.append(_start(database_url, statements[::4], tmp_path, acknowledged, name="part"))
    for process in shares:
        _go(process)
    for process in shares:
        assert _end(process) == 0
    _check(database_url, workload, acknowledged, len(statements))


def _rounds(workload: Workload) -> Iterator[list[bytes]]:
    while True:
        yield list(workload.visits(STATEMENTS_A_ROUND, 2))


def _start(
    url: str,
    statements: list[bytes],
    folder: Path,
    acknowledged: Path,
    *,
    share: int = 0,
    of: int = 1,
    name: str = "all",
) -> "subprocess.Popen[str]":
    file = folder / f"{name}-{share}"
    file.write_bytes(pack(statements))
    script = str(CHECKOUT / "tests" / "writing_process.py")
    process = subprocess.Popen(
        [sys.executable, script, url, str(file), str(acknowledged), str(share), str(of)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def _go(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _end(process: "subprocess.Popen[str]") -> int:
    process.communicate(timeout=120)
    return process.returncode


def _receipts(acknowledged: Path) -> dict[str, int]:
    receipts: dict[str, int] = {}
    if acknowledged.exists():
        for line in acknowledged.read_text().splitlines():
            statement_id, index = line.split()
            assert receipts.setdefault(statement_id, int(index)) == int(index)
    return receipts


def _check(url: str, workload: Workload, acknowledged: Path, statements: int) -> None:
    """Every receipt names its statement's one place; the log is gap-free and verifies."""
    receipts = _receipts(acknowledged)
    assert len(receipts) == statements
    with open_store(url) as store:
        rows = [(row, events) for row, events in store.entries(0)]
        assert [row.index for row, _ in rows] == list(range(store.head().size))
        positions = [event.position for _, events in rows for event in events]
        assert positions == list(range(store.head().positions))
        places = Counter(row.id.hex() for row, _ in rows)
        assert set(places.values()) == {1}
        assert {row.id.hex(): row.index for row, _ in rows}.items() >= receipts.items()
    # Opening replays everything: signatures, law, tree, and the newest checkpoint.
    open_ledger(url, workload.ledger_key, SteadyClock()).close()


def _id(data: bytes) -> str:
    return parse_statement(decode_statement_file(data)[0]).id.hex()
