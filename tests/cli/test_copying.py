"""`sunledger backup` and `restore`: copies of a ledger in use, and what they prove."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from shell import DATABASE, POLICY, URL, sunledger

from bench.workload import SteadyClock, Workload
from ledger.app import create_ledger, open_ledger
from ledger.policy import Policy
from ledger.store.copying import copy_file
from ledger.store.store import open_store


def test_a_copy_made_while_statements_come_in_is_one_moment_of_the_ledger(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every copy verifies by itself, and holds what was acknowledged before it began."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    workload = Workload()
    opening = workload.opening()
    stop = threading.Event()
    with create_ledger(URL, next(opening), workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
    with open_ledger(URL, workload.ledger_key, SteadyClock()) as ledger:
        first = ledger.store.statement(0)
        assert first is not None
        policy = Policy.of(workload.ledger_key.verifier, first.leaf)
        Path("policy").write_text(policy.encode())

        def write() -> None:
            for data in workload.visits(2_000, 1):
                if stop.is_set():
                    return
                ledger.submit(data)

        writing = threading.Thread(target=write)
        writing.start()
        try:
            for n in range(3):
                before = ledger.store.head().size
                ended = sunledger("backup", f"copy-{n}.db", "--json")
                assert ended.code == 0, ended.err
                assert before <= ended.document["statements"] <= ledger.store.head().size
        finally:
            stop.set()
            writing.join()
    for n in range(3):
        verified = sunledger("verify", f"copy-{n}.db", "--policy", "policy")
        assert verified.code == 0, verified.err


def test_a_ledger_comes_back_from_its_copy(ledger_folder: Path) -> None:
    """It verifies while it is restored, opens for writing, and goes on."""
    assert sunledger("backup", "copy.db").code == 0
    _remove(ledger_folder)
    ended = sunledger("restore", "copy.db", "--policy", POLICY, "--json")
    assert (ended.code, ended.document["verdict"]) == (0, "OK"), ended.err
    assert sunledger("close", "--key", "operator/office").code in {0, 1}
    assert {path.name for path in ledger_folder.glob("*.unproved*")} == set()
    with open_store(URL) as store, open_store("sqlite:///copy.db") as copy:
        assert store.statement(0) == copy.statement(0)


def test_without_a_policy_it_comes_back_and_is_told_to_be_unanchored(ledger_folder: Path) -> None:
    """Whoever has no policy hears that nobody vouches for the copy: exit code 3."""
    assert sunledger("backup", "copy.db").code == 0
    _remove(ledger_folder)
    ended = sunledger("restore", "copy.db")
    assert ended.code == 3
    assert "not anchored" in ended.out
    assert Path(DATABASE).exists()


def test_a_copy_that_was_changed_is_not_put_in_place(ledger_folder: Path) -> None:
    """A byte of an event, and nothing is restored; nothing is left lying about."""
    assert sunledger("backup", "copy.db").code == 0
    data = Path("copy.db").read_bytes()
    assert data.count(b"A test") > 0
    Path("copy.db").write_bytes(data.replace(b"A test", b"A tost"))
    _remove(ledger_folder)
    ended = sunledger("restore", "copy.db", "--policy", POLICY)
    assert ended.code == 1
    assert list(ledger_folder.glob(f"{DATABASE}*")) == [ledger_folder / POLICY]


def test_an_older_copy_than_was_accepted_once_is_not_put_in_place(ledger_folder: Path) -> None:
    """What this machine has verified further on would be undone: that is told, and not done."""
    assert sunledger("backup", "old.db").code == 0
    events = Path("a.ndjson")
    events.write_text(
        '{"type":"party.registered","party":"finance","names":{"en":"Finance"},"identifier":'
        '{"scheme":"CN-USCC","id":"11430100006127328B"},"kind":"government"}\n'
    )
    for command in (
        ("sign", events, "--key", "city/office", "--out", "a.stmt"),
        ("submit", "a.stmt"),
        ("verify", DATABASE, "--policy", POLICY),
    ):
        ended = sunledger(*command)
        assert ended.code == 0, ended.err
    _remove(ledger_folder)
    ended = sunledger("restore", "old.db", "--policy", POLICY)
    assert ended.code == 1
    assert not Path(DATABASE).exists()


def test_a_copy_is_not_put_beside_what_a_killed_ledger_left(ledger_folder: Path) -> None:
    """SQLite would add it to the copy, after the verdict: a WAL is moved away like its file."""
    assert sunledger("backup", "copy.db").code == 0
    _remove(ledger_folder)
    left = ledger_folder / f"{DATABASE}-wal"
    left.write_bytes(b"what was written last")
    ended = sunledger("restore", "copy.db", "--policy", POLICY)
    assert ended.code == 1
    assert f"{DATABASE}-wal already; move it away" in ended.err
    assert not (ledger_folder / DATABASE).exists()
    left.unlink()
    assert sunledger("restore", "copy.db", "--policy", POLICY).code == 0


def test_nothing_is_overwritten(ledger_folder: Path) -> None:
    """Neither a file by a backup nor a ledger by a restoration."""
    Path("mine").write_text("mine")
    taken = sunledger("backup", "mine")
    assert (taken.code, Path("mine").read_text()) == (1, "mine")
    assert sunledger("backup", "copy.db").code == 0
    before = (ledger_folder / DATABASE).read_bytes()
    there = sunledger("restore", "copy.db", "--policy", POLICY)
    assert there.code == 1
    assert "move it away" in there.err
    assert (ledger_folder / DATABASE).read_bytes() == before


@pytest.mark.parametrize("database", ["sqlite:///none.db", "sqlite:///other.db"])
def test_only_a_ledger_is_copied(ledger_folder: Path, database: str) -> None:
    """What is missing or foreign is told of; no copy is made of it."""
    sqlite3.connect(ledger_folder / "other.db").execute("CREATE TABLE t (a)").connection.close()
    ended = sunledger("backup", "copy.db", "--db", database)
    assert ended.code == 1
    assert not Path("copy.db").exists()


@pytest.mark.usefixtures("ledger_folder")
def test_postgresql_is_left_to_its_own_tools() -> None:
    """The sentence names them."""
    for command in (("backup", "copy.db"), ("restore", POLICY)):
        ended = sunledger(*command, "--db", "postgresql+psycopg://nobody@127.0.0.1:1/none")
        assert ended.code == 1
        assert "pg_dump" in ended.err


def test_a_copy_that_broke_off_is_in_nobodys_way(ledger_folder: Path) -> None:
    """What a killed backup left bears another name, and the next one replaces it."""
    Path("copy.db.part").write_bytes(b"half")
    copy_file(ledger_folder / DATABASE, Path("copy.db"))
    assert not Path("copy.db.part").exists()
    shutil.copy("copy.db", "other.db")
    with open_store("sqlite:///other.db") as store:
        assert store.head().size > 0


def _remove(folder: Path) -> None:
    for path in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm"):
        (folder / path).unlink(missing_ok=True)
