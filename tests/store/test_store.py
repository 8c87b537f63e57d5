"""The port of a ledger to its database: one suite, run on SQLite and on PostgreSQL."""

import multiprocessing
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from store.batches import batch, event_id, statement_id

from ledger.errors import Conflict
from ledger.store import schema
from ledger.store.errors import DuplicateId, HeadMoved, LedgerExists
from ledger.store.rows import (
    TILE_BYTES,
    Batch,
    CheckpointRow,
    CosignedRow,
    EventRow,
    Head,
    PostingRow,
    StatementRow,
    SubjectRow,
    TileRow,
    TouchRow,
)
from ledger.store.store import Store, create_store, open_store

ORIGIN = "test.example/log"


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Give a new store on this run's database."""
    with create_store(database_url, ORIGIN) as made:
        yield made


def test_new_ledger_is_empty_and_reopens(database_url: str) -> None:
    """A created ledger holds its origin and nothing else, also after it was closed."""
    create_store(database_url, ORIGIN).close()
    with open_store(database_url) as store:
        assert store.head() == Head(ORIGIN, 0, 0)
        assert store.checkpoint() is None
        assert list(store.entries()) == []
        assert store.row_counts() == {"head": 1} | {t.name: 0 for t in schema.HISTORY}


def test_ledger_is_not_created_twice(store: Store) -> None:
    """Creating where a ledger is refuses and leaves it as it was."""
    first = batch(store.head())
    store.append(first)
    with pytest.raises(LedgerExists, match="holds a ledger already"):
        create_store(store.url, "other.example/log")
    assert store.head() == first.head_after


def test_what_was_appended_is_read_back(store: Store) -> None:
    """Every row of every table comes back as it was given."""
    first = batch(store.head(), statements=3, events=2)
    tile = TileRow(0, 0, bytes(range(256)) * 32)
    assert len(tile.hashes) == TILE_BYTES
    first = Batch(
        first.head_before,
        first.statements,
        first.events,
        first.subjects,
        first.touches,
        first.postings,
        [tile],
        first.checkpoint,
    )
    store.append(first)
    second = batch(store.head(), statements=1, events=0)
    store.append(second)
    assert store.head() == Head(ORIGIN, 4, 6)
    pairs = [(row, first.events[2 * i : 2 * i + 2]) for i, row in enumerate(first.statements)]
    assert list(store.entries()) == [*pairs, (second.statements[0], [])]
    assert list(store.entries(1, 3)) == pairs[1:]
    assert list(store.events()) == first.events
    assert list(store.events(1, 4)) == first.events[1:4]
    assert list(store.subjects()) == first.subjects
    assert list(store.touches()) == first.touches
    assert list(store.touches(2, 5)) == first.touches[2:5]
    assert list(store.postings()) == first.postings
    assert list(store.postings(2, 3)) == first.postings[2:3]
    assert list(store.tiles()) == [tile]
    assert store.tile(0, 0) == tile.hashes
    assert store.tile(0, 1) is None
    assert store.leaves(0, 4) == [row.leaf for row in first.statements + second.statements]
    assert list(store.checkpoints()) == [
        CheckpointRow(3, 0, first.checkpoint[1]),
        CheckpointRow(4, 3, second.checkpoint[1]),
    ]


def test_rows_are_found_by_their_names(store: Store) -> None:
    """A statement, event, subject and checkpoint is found by index, id, position and key."""
    given = batch(store.head(), statements=2, events=2)
    store.append(given)
    later = batch(store.head())
    store.append(later)
    assert store.statement(1) == given.statements[1]
    assert store.statement(9) is None
    assert store.statement_by_id(given.statements[1].id) == given.statements[1]
    assert store.statement_by_id(bytes(32)) is None
    assert store.event(given.events[3].id) == given.events[3]
    assert store.event(bytes(16)) is None
    assert store.event_at(2) == given.events[2]
    assert store.events_of_statement(1) == given.events[2:]
    assert store.events_of_statement(9) == []
    assert store.subject("contract/c-1") == SubjectRow(0, "contract/c-1")
    assert list(store.history("contract/c-1", 3, 6)) == [*given.events[2:], later.events[0]]
    assert list(store.history("contract/none")) == []
    assert store.checkpoint() == b"checkpoint of 3\n"
    assert store.checkpoint_over(0) == CheckpointRow(2, 0, b"checkpoint of 2\n")
    assert store.checkpoint_over(2) == CheckpointRow(3, 2, b"checkpoint of 3\n")
    assert store.checkpoint_over(3) is None
    assert store.statement_of_event(given.events[3].id) == given.statements[1]
    assert store.statement_of_event(bytes(16)) is None
    known = store.known_events([given.events[1].id, bytes(16), later.events[0].id])
    assert known == {given.events[1].id, later.events[0].id}


def test_a_statement_is_found_by_its_id_on_every_shelf(store: Store) -> None:
    """Shelves hold 1,024 statements each; the first and last of each are found, and no other."""
    given = batch(store.head(), statements=2_050, events=1)
    store.append(given)
    for index in (0, 1_023, 1_024, 2_047, 2_048, 2_049):
        assert store.statement_by_id(given.statements[index].id) == given.statements[index]
    assert store.statement_by_id(statement_id(2_050)) is None


def test_rows_are_of_their_own_types(store: Store) -> None:
    """Readers get named rows with int, str and bytes in them on both databases."""
    store.append(batch(store.head()))
    statement, events = next(store.entries())
    rows = (statement, events[0], next(store.touches()), next(store.postings()))
    assert [type(row) for row in rows] == [StatementRow, EventRow, TouchRow, PostingRow]
    kinds = [type(value) for value in events[0]]
    assert kinds == [int, bytes, int, int, int, str, bytes]
    assert next(store.postings()).contract == "c-1"
    assert list(store.postings())[1].contract is None


def test_long_reads_cross_pages(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading page by page gives every row once, wherever the pages end."""
    given = batch(store.head(), statements=12, events=3)
    store.append(given)
    for rows in (1, 2, 5, 36, 100):
        monkeypatch.setattr("ledger.store.reading.PAGE_ROWS", rows)
        monkeypatch.setattr("ledger.store.reading.STATEMENT_PAGE_ROWS", rows)
        assert [row for row, _ in store.entries()] == given.statements
        assert [event for _, events in store.entries() for event in events] == given.events
        assert list(store.history("contract/c-1")) == given.events


def test_entries_with_missing_or_moved_events_are_still_read(store: Store) -> None:
    """A tampered history is read as it stands: each statement with the events at its place."""
    given = batch(store.head(), statements=4, events=2)
    store.append(given)
    _tamper(store, "DELETE FROM posting", "DELETE FROM event WHERE position = 3")
    _tamper(store, "UPDATE statement SET event_count = 99999999999 WHERE leaf_index = 2")
    _tamper(store, "UPDATE statement SET event_count = -5 WHERE leaf_index = 3")
    read = {row.index: [event.position for event in events] for row, events in store.entries()}
    assert read == {0: [0, 1], 1: [2], 2: [4, 5, 6, 7], 3: []}


def test_history_refuses_update_and_delete(store: Store) -> None:
    """No row of a history table is changed or deleted, by whatever statement."""
    given = batch(store.head())
    tile = TileRow(0, 0, bytes(TILE_BYTES))
    store.append(
        Batch(
            given.head_before,
            given.statements,
            given.events,
            given.subjects,
            given.touches,
            given.postings,
            [tile],
            given.checkpoint,
        )
    )
    assert store.add_cosigned(store.head().size, b"note", "key")
    engine = create_engine(store.url)
    for table in schema.HISTORY:
        column = next(iter(table.columns)).name
        for change in (f"UPDATE {table.name} SET {column} = {column}", f"DELETE FROM {table.name}"):
            with pytest.raises(DBAPIError, match="is history"), engine.begin() as connection:
                connection.execute(text(change))
    if store.dialect == "postgresql":
        with pytest.raises(DBAPIError, match="is history"), engine.begin() as connection:
            connection.execute(text("TRUNCATE posting"))
    engine.dispose()
    assert list(store.entries()) == [(given.statements[0], given.events)]


def test_head_only_grows(store: Store) -> None:
    """The head is not deleted, doubled, moved back or given another origin."""
    store.append(batch(store.head(), statements=2))
    engine = create_engine(store.url)
    for change in (
        "UPDATE head SET size = 1",
        "UPDATE head SET size = 2",
        "UPDATE head SET size = 3, positions = 1",
        "UPDATE head SET size = 3, origin = 'other'",
        "DELETE FROM head",
        "INSERT INTO head VALUES (2, 'other', 0, 0)",
    ):
        with pytest.raises(DBAPIError), engine.begin() as connection:
            connection.execute(text(change))
    engine.dispose()
    assert store.head() == Head(ORIGIN, 2, 4)


def test_batch_on_an_old_head_is_refused(store: Store) -> None:
    """Two writers on one head: the second is told that it moved, and nothing of it is kept."""
    head = store.head()
    first, second = batch(head), batch(head, salt="other")
    store.append(first)
    with open_store(store.url) as other, pytest.raises(HeadMoved, match="no longer at size 0"):
        other.append(second)
    assert store.head() == first.head_after
    assert [row for row, _ in store.entries()] == first.statements
    store.append(batch(store.head(), salt="other"))


def test_head_that_moved_comes_before_a_taken_id(store: Store) -> None:
    """A writer that resends what another one committed hears of the head, not of the ids."""
    given = batch(store.head())
    store.append(given)
    with pytest.raises(HeadMoved):
        store.append(given)


def test_foreign_origin_is_refused(store: Store) -> None:
    """A batch for another log does not enter this one, even at the same size."""
    with pytest.raises(HeadMoved):
        store.append(batch(Head("other.example/log", 0, 0)))
    assert store.head().size == 0


def test_taken_ids_are_named(store: Store) -> None:
    """An event id that is in the ledger is refused and named; nothing is kept."""
    store.append(batch(store.head()))
    after = store.head()
    good = batch(after, statements=2)
    same_event = good.events[3]._replace(id=event_id(1))
    with pytest.raises(DuplicateId, match=f"event id {event_id(1).hex()}") as caught:
        store.append(_with(good, events=[*good.events[:3], same_event]))
    assert caught.value.event_ids == {event_id(1)}
    assert store.head() == after
    assert store.row_counts()["event"] == 2
    store.append(good)


def test_id_twice_in_one_batch_is_named(store: Store) -> None:
    """Two events with one id in the same batch are refused like one that is in the ledger."""
    good = batch(store.head())
    twin = good.events[1]._replace(id=good.events[0].id)
    with pytest.raises(DuplicateId) as caught:
        store.append(_with(good, events=[good.events[0], twin]))
    assert caught.value.event_ids == {good.events[0].id}
    assert store.head().size == 0


def test_wrong_ordinal_is_a_conflict(store: Store) -> None:
    """A writer that numbers a subject's events wrongly is stopped by the key."""
    store.append(batch(store.head()))
    good = batch(store.head())
    wrong = [good.touches[0]._replace(ordinal=1), good.touches[1]]
    with pytest.raises(Conflict, match="numbered wrongly"):
        store.append(_with(good, touches=wrong))
    assert store.head().size == 1


def test_batch_that_does_not_continue_its_head_is_a_mistake(store: Store) -> None:
    """Gaps at the ends, no statement, or a checkpoint of another size never reach the tables."""
    good = batch(store.head())
    shifted = [row._replace(index=row.index + 1) for row in good.statements]
    later = [row._replace(position=row.position + 1) for row in good.events]
    for wrong in (
        _with(good, statements=shifted),
        _with(good, statements=[]),
        _with(good, events=later),
        _with(good, checkpoint=(2, b"")),
    ):
        with pytest.raises(ValueError, match=r"\.$"):
            store.append(wrong)
    assert store.row_counts()["statement"] == 0


def test_cosigned_checkpoints_are_numbered_and_never_go_back(store: Store) -> None:
    """One size may come again, a smaller one comes too late; what covers a statement is found."""
    for _ in range(3):
        store.append(batch(store.head()))
    assert store.add_cosigned(2, b"two", "a")
    assert store.add_cosigned(2, b"two again", "a b")
    assert store.add_cosigned(3, b"three", "b")
    assert not store.add_cosigned(2, b"late", "a")
    rows = [
        CosignedRow(0, 2, b"two", "a"),
        CosignedRow(1, 2, b"two again", "a b"),
        CosignedRow(2, 3, b"three", "b"),
    ]
    assert list(store.cosigned()) == rows
    assert store.cosigned_over(1, 2, newest=False) == rows[:2]
    assert store.cosigned_over(1, 2, newest=True) == rows[:0:-1]
    assert store.cosigned_over(2, 9, newest=True) == rows[2:]
    assert store.cosigned_over(3, 9, newest=True) == []
    with pytest.raises(IntegrityError):
        store.add_cosigned(4, b"of no checkpoint", "a")


def test_two_askers_take_different_numbers(store: Store) -> None:
    """What several processes add at once is all kept, without a gap."""
    store.append(batch(store.head()))
    with open_store(store.url) as other, ThreadPoolExecutor(8) as threads:
        added = [
            threads.submit(each.add_cosigned, 1, b"%d" % n, "a")
            for n in range(40)
            for each in (store, other)
        ]
        assert all(each.result() for each in added)
    assert [row.n for row in store.cosigned()] == list(range(80))


def test_append_wakes_who_waits(store: Store) -> None:
    """A thread that waits on `appended` goes on when a batch is committed."""
    woken = threading.Event()
    waiting = threading.Event()

    def wait() -> None:
        with store.appended:
            waiting.set()
            if store.appended.wait(10):
                woken.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert waiting.wait(10)
    store.append(batch(store.head()))
    thread.join(10)
    assert woken.is_set()


def test_two_processes_write_one_history(store: Store) -> None:
    """Two processes race for every size: one wins, the other hears HeadMoved, never a lock."""
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    writers = [context.Process(target=_race, args=(store.url, name, 40, results)) for name in "ab"]
    for writer in writers:
        writer.start()
    outcomes = [results.get(timeout=60) for _ in writers]
    for writer in writers:
        writer.join(10)
    assert [outcome for outcome in outcomes if outcome != "done"] == []
    assert store.head() == Head(ORIGIN, 80, 160)
    rows = list(store.entries())
    assert [row.index for row, _ in rows] == list(range(80))
    assert [event.position for _, events in rows for event in events] == list(range(160))
    assert store.row_counts()["checkpoint"] == 80


def _race(url: str, name: str, times: int, results: "multiprocessing.Queue[str]") -> None:
    """Append `times` batches, catching up whenever the other process was first."""
    try:
        with open_store(url) as store:
            done = 0
            while done < times:
                try:
                    store.append(batch(store.head(), salt=name))
                    done += 1
                except HeadMoved:
                    continue
        results.put("done")
    except Exception as error:  # noqa: BLE001 - handed to the test, which fails by it
        results.put(repr(error))


def _with(given: Batch, **changed: object) -> Batch:
    """Copy a batch with other rows."""
    fields = {name: getattr(given, name) for name in Batch.__slots__}
    return Batch(**{**fields, **changed})


def _tamper(store: Store, *changes: str) -> None:
    """Change the history as its owner can: without the triggers."""
    engine = create_engine(store.url)
    with engine.begin() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            named = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.scalars(text(named)).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        for change in changes:
            connection.execute(text(change))
    engine.dispose()
