"""`sunledger serve` as a process: what it refuses to serve, and how it stops."""

import contextlib
import http.client
import json
import re
import shutil
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import steady
from serving_process import ServingProcess, heard
from shell import DATABASE, PASSWORD, URL, sunledger

from api.http.edge.serving import bind
from bench.workload import ORIGIN, SteadyClock, Workload
from ledger.app import create_ledger, open_ledger
from ledger.keys import create_key_file
from ledger.store.store import open_store

READERS = 8


@pytest.fixture
def reading(city_file: Path, tmp_path: Path) -> Iterator[ServingProcess]:
    """Serve the demo city's ledger for reading."""
    options = ("--role", "reader", "--db", f"sqlite:///{city_file}")
    with ServingProcess(tmp_path, *options, SUNLEDGER_REQUESTS_A_SECOND="0") as server:
        yield server


# -- what is not served --------------------------------------------------------------------------


@pytest.mark.usefixtures("ledger_folder")
def test_a_database_that_is_missing_or_foreign_is_not_served() -> None:
    """Nothing is created, and the sentence says what was looked for."""
    sqlite3.connect("other.db").execute("CREATE TABLE t (a)").connection.close()
    for name, why in (("none.db", "none.db"), ("other.db", "not a ledger")):
        ended = sunledger("serve", "--db", f"sqlite:///{name}", "--listen", "127.0.0.1:0")
        assert (ended.code, ended.out) == (1, "")
        assert why in ended.err
    assert not Path("none.db").exists()


def test_a_key_that_is_not_the_ledgers_does_not_write(
    ledger_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another key, a wrong password, no key at all: each is told before anything is served."""
    assert sunledger("key", "new", "other/key").code == 0
    other = sunledger("serve", "--ledger-key", "other/key", "--listen", "127.0.0.1:0")
    assert (other.code, other.out) == (1, "")
    monkeypatch.setenv("SUNLEDGER_KEY_PASSWORD", "wrong")
    wrong = sunledger("serve", "--listen", "127.0.0.1:0")
    assert (wrong.code, "password" in wrong.err) == (1, True)
    shutil.rmtree(ledger_folder / "keys")
    assert sunledger("serve", "--listen", "127.0.0.1:0").code == 1


@pytest.mark.usefixtures("ledger_folder")
def test_an_address_that_is_taken_is_told_at_once() -> None:
    """Before the ledger is opened, which takes a while; with what to do."""
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        ended = sunledger("serve", "--listen", f"127.0.0.1:{port}", "--db", "sqlite:///none.db")
    assert (ended.code, ended.out) == (1, "")
    assert re.search(rf"nobody can listen at 127.0.0.1:{port}: .+ `--listen`", ended.err)


def test_a_reader_needs_no_key_and_says_so(reading: ServingProcess) -> None:
    """It is ready, and has no writer to tell of."""
    status, body = reading.ask("/readyz")
    assert status == 200
    assert {each["name"] for each in json.loads(body)["checks"]} == {"database", "read_models"}


def test_a_ledger_is_served_by_its_writer(ledger_folder: Path) -> None:
    """With its key it opens, answers, logs JSON, and closes: what is left is a whole ledger."""
    with ServingProcess(ledger_folder, "--db", URL, SUNLEDGER_KEY_PASSWORD=PASSWORD) as server:
        status, body = server.ask("/readyz")
        assert (status, json.loads(body)["ready"]) == (200, True)
        assert {each["name"] for each in json.loads(body)["checks"]} > {"writer"}
        assert server.stop() == 0
        assert [line["event"] for line in server.log] == [
            "serving",
            "request",
            "stopping",
            "stopped",
        ]
    assert not Path(f"{DATABASE}-wal").exists()  # closed in good order, so nothing is left there


# -- how it stops --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_that_was_begun_is_answered(
    reading: ServingProcess, number: signal.Signals
) -> None:
    """Told to stop in the middle of a request, the server hears it out, answers, and ends well."""
    body = b"x" * 1_000
    head = b"POST /v1/other HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(body)
    with reading.connect() as connection:
        connection.sendall(head + body[:500])
        time.sleep(0.5)
        reading.process.send_signal(number)
        _wait_for(reading, "stopping")
        with pytest.raises(ConnectionError):  # nothing new is accepted
            _until_refused(reading)
        connection.sendall(body[500:])
        assert heard(connection).startswith(b"HTTP/1.1 404 ")
    assert reading.process.wait(20) == 0
    assert reading.log[-1]["event"] == "stopped"


def test_who_is_read_to_under_load_hears_whole_answers(reading: ServingProcess) -> None:
    """Eight readers ask on when the server is told to stop: each answer is whole, or none came."""
    whole = reading.ask("/v1/contracts?limit=3")[1]
    answers: list[bytes] = []
    broken: list[http.client.HTTPException] = []

    def ask_on() -> None:
        connection = http.client.HTTPConnection(*reading.address, timeout=30)
        with contextlib.closing(connection), contextlib.suppress(ConnectionError, TimeoutError):
            while True:
                try:
                    connection.request("GET", "/v1/contracts?limit=3")
                    answers.append(connection.getresponse().read())
                except http.client.RemoteDisconnected:
                    return
                except http.client.HTTPException as error:  # an answer that breaks off
                    broken.append(error)
                    return

    readers = [threading.Thread(target=ask_on) for _ in range(READERS)]
    for each in readers:
        each.start()
    time.sleep(1)
    reading.process.send_signal(signal.SIGTERM)
    for each in readers:
        each.join()
    assert reading.process.wait(20) == 0
    assert broken == []
    assert len(answers) > READERS
    assert set(answers) == {whole}


def test_what_was_acknowledged_is_durable_however_it_stops(tmp_path: Path) -> None:
    """Eight parties submit when the server is told to stop: each receipt names a stored entry.

    A statement that was not answered may be there or not; whoever sends it again hears.
    """
    url, workload = f"sqlite:///{tmp_path / DATABASE}", Workload()
    opening = workload.opening()
    with create_ledger(url, next(opening), workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
        opened = ledger.store.head().size
    file = create_key_file(
        tmp_path / "keys", ORIGIN, steady.LEDGER_SEED, use="ledger", holder="h", password=PASSWORD
    )
    assert file.verifier == workload.ledger_key.verifier
    statements = list(workload.visits(4_000, 1))
    receipts: list[dict[str, object]] = []
    server = ServingProcess(
        tmp_path,
        *("--db", url),
        program="import steady; steady.main()",
        SUNLEDGER_KEY_PASSWORD=PASSWORD,
        SUNLEDGER_REQUESTS_A_SECOND="0",
    )

    def submit(mine: list[bytes]) -> None:
        connection = http.client.HTTPConnection(*server.address, timeout=30)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            for data in mine:
                try:
                    connection.request("POST", "/v1/statements", data)
                    answer = connection.getresponse()
                    body = answer.read()
                except http.client.HTTPException:
                    return
                assert answer.status == 201, body
                receipts.append(json.loads(body))

    with server:
        parties = [
            threading.Thread(target=submit, args=(statements[n::READERS],)) for n in range(READERS)
        ]
        for each in parties:
            each.start()
        while len(receipts) < 200:
            time.sleep(0.02)
        server.process.send_signal(signal.SIGTERM)
        for each in parties:
            each.join()
        assert server.process.wait(30) == 0
        assert [line for line in server.log if line["level"] == "error"] == []
    assert 200 <= len(receipts) < len(statements)
    with open_store(url) as store:
        for receipt in receipts:
            row = store.statement(int(str(receipt["index"])))
            assert row is not None
            assert row.id.hex() == receipt["id"]
    with open_ledger(url, workload.ledger_key, SteadyClock()) as ledger:
        ledger.submit_all(statements)  # the rest is admitted, and nothing twice
        assert ledger.store.head().size == opened + len(statements)


def _wait_for(server: ServingProcess, event: str) -> None:
    until = time.monotonic() + 20
    while event not in {line["event"] for line in server.log}:
        assert time.monotonic() < until, server.stderr
        time.sleep(0.02)


def _until_refused(server: ServingProcess) -> None:
    until = time.monotonic() + 5
    while time.monotonic() < until:
        with socket.create_connection(server.address, timeout=5):
            time.sleep(0.05)


# -- the demo ------------------------------------------------------------------------------------


def test_the_demo_serves_what_it_played(tmp_path: Path) -> None:
    """One command plays the city and opens the portal; the next opens it as it stands."""
    for _ in range(2):
        with ServingProcess(tmp_path, "--serve", command="demo") as server:
            status, page = server.ask("/en/contracts")
            assert status == 200
            assert b"c-2025-01" in page
            assert server.stop() == 0
    assert (tmp_path / "demo" / "archive" / "checkpoint").exists()
