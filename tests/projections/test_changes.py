"""The feed: whoever follows it sees every position once, however many write and however it is cut.

While a ledger is written by several processes with eight clients each, followers read it.
"""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from histories import Kept, busy_city, keep
from writing_process import pack

from bench.workload import Workload
from ledger.app import create_ledger
from ledger.errors import LedgerError
from ledger.store.store import Store, open_store
from projections import changes as module
from projections.changes import Change, Follower, changes

CHECKOUT = Path(__file__).parents[2]
WRITERS = 2
"""Processes; each lets eight clients submit at once."""
STATEMENTS = 600


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    """Give a ledger with a busy history."""
    made = keep(database_url, busy_city())
    yield made
    made.ledger.close()


def test_every_event_is_given_as_it_is_stored(kept: Kept) -> None:
    """Position, id, type, home subject and statement are the ledger's own."""
    store = kept.ledger.store
    given = read_all(store, limit=7)
    assert [change.position for change in given] == list(range(store.head().positions))
    for change in given:
        row = store.event_at(change.position)
        assert row is not None
        assert (row.id, row.type) == (UUID(change.event).bytes, change.type)
        assert row.statement_index == change.statement
        subjects = {subject.no: subject.key for subject in store.subjects()}
        assert subjects[row.home] == change.subject


def test_a_type_is_given_without_the_others(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is passed over is not asked for again, also where whole stretches hold none."""
    store = kept.ledger.store
    wanted = [change for change in read_all(store) if change.type == "claim.submitted"]
    monkeypatch.setattr(module, "_SCANNED", 3)
    assert read_all(store, types=("claim.submitted",)) == wanted
    last = changes(store, wanted[-1].position + 1, types=("claim.submitted",))
    assert last.items == ()


def test_what_cannot_be_followed_is_refused(kept: Kept) -> None:
    """A position beyond the ledger, or a type that is none, is told in one sentence."""
    store = kept.ledger.store
    size = store.head().positions
    with pytest.raises(LedgerError, match=f"the ledger holds {size}"):
        changes(store, size + 1)
    with pytest.raises(LedgerError, match="no event type visit"):
        Follower(store, 0, types=("visit.made",))
    with pytest.raises(ValueError, match="one change at least"):
        changes(store, 0, limit=0)


def test_a_follower_waits_until_something_comes(kept: Kept) -> None:
    """At the end of the ledger it waits; what comes in wakes it, and `stop` ends it."""
    store = kept.ledger.store
    before = store.head().positions
    follower = Follower(store, before)
    given: list[Change] = []
    thread = threading.Thread(target=lambda: given.extend(follower))
    thread.start()
    kept.world.budget("line-9", 900)
    kept.catch_up()
    size = store.head().positions
    while follower.reached < size:
        assert thread.is_alive()
    follower.stop()
    thread.join()
    assert [change.position for change in given] == list(range(before, size))


@pytest.mark.parametrize("how", ["polls", "reconnects"])
def test_followers_of_many_writers_see_every_position_once(
    database_url: str, tmp_path: Path, how: str
) -> None:
    """Two processes of eight clients write; one follower polls, one is cut off at random."""
    workload = Workload()
    opening = workload.opening()
    with create_ledger(database_url, next(opening), workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
    statements = list(workload.visits(STATEMENTS, 2))
    writers = [start(database_url, statements, tmp_path, share) for share in range(WRITERS)]
    seen: list[int] = []
    done = threading.Event()
    with open_store(database_url) as store:
        follow = {"polls": poll, "reconnects": reconnect}[how]
        thread = threading.Thread(target=follow, args=(store, seen.append, done))
        thread.start()
        for writer in writers:
            writer.communicate("go\n", timeout=120)
            assert writer.returncode == 0
        done.set()
        thread.join()
        positions = store.head().positions
    assert positions >= STATEMENTS * 2
    assert seen == list(range(positions))


def poll(store: Store, see: Callable[[int], object], done: threading.Event) -> None:
    """Ask again and again, in pages of odd sizes, until all that was written is read."""
    sizes = random.Random(3)
    after = 0
    while True:
        ended = done.is_set()
        found = changes(store, after, limit=sizes.randint(1, 70))
        for change in found.items:
            see(change.position)
        after = found.reached
        if ended and after == found.size:
            return


def reconnect(store: Store, see: Callable[[int], object], done: threading.Event) -> None:
    """Stay connected, be cut off after some changes, and go on from what was reached."""
    lengths = random.Random(5)
    after = 0
    while not (done.is_set() and after == store.head().positions):
        follower = Follower(store, after)
        timer = threading.Timer(0.2, follower.stop)
        timer.start()
        for _, change in zip(range(lengths.randint(1, 90)), follower, strict=False):
            see(change.position)
            after = follower.reached
        timer.cancel()


def read_all(store: Store, *, types: tuple[str, ...] = (), limit: int = 50) -> list[Change]:
    """Return all changes, page by page."""
    given: list[Change] = []
    after, size = 0, 1
    while after < size:
        found = changes(store, after, types=types, limit=limit)
        given += found.items
        after, size = found.reached, found.size
    return given


def start(url: str, statements: list[bytes], folder: Path, share: int) -> "subprocess.Popen[str]":
    """Start a process that submits its share when it is told to go."""
    file = folder / f"share-{share}"
    file.write_bytes(pack(statements))
    script = str(CHECKOUT / "tests" / "writing_process.py")
    answers = str(folder / "acknowledged")
    process = subprocess.Popen(
        [sys.executable, script, url, str(file), answers, str(share), str(WRITERS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process
