"""What is looked at again before a start from a snapshot: entries that could still be repeated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import pytest
from histories import LEDGER_KEY, SetClock, busy_city, keep
from sqlalchemy import create_engine, text
from world import World, signer

from ledger.app import open_ledger
from ledger.errors import LedgerError, Unverified
from ledger.events.budget import BudgetSupplemented
from ledger.identity import Ids
from ledger.merkle import leaf_hash
from ledger.recent import check_recent
from ledger.rules.admission import CLOCK_SKEW_MS, STATEMENT_LIFE_MS
from ledger.snapshot import SnapshotUnusable, open_snapshot
from ledger.statement import encode_entry
from ledger.store.rows import EventRow, StatementRow
from ledger.store.store import open_store
from ledger.tiling import Tiling
from ledger.times import MS_PER_DAY

KEYS = {"statement": "leaf_index", "event": "position"}
"""The key of each table that is changed here."""


class City(NamedTuple):
    """A ledger that was closed with a snapshot; its world, and a statement that pays in money."""

    url: str
    world: World
    supplement: bytes
    closed_at: int
    root: bytes

    @contextmanager
    def changed(self, table: str, key: int, **values: object) -> Iterator[None]:
        """Change columns of a row for as long as the block lasts."""
        engine = create_engine(self.url)
        columns, sets = ", ".join(values), ", ".join(f"{name} = :{name}" for name in values)
        query = f"SELECT {columns} FROM {table} WHERE {KEYS[table]} = :key"
        update = text(f"UPDATE {table} SET {sets} WHERE {KEYS[table]} = :key")
        with engine.begin() as connection:
            (before,) = connection.execute(text(query), {"key": key}).all()
            connection.execute(update, {**values, "key": key})
        try:
            yield
        finally:
            with engine.begin() as connection:
                moved = values.get(KEYS[table], key)
                connection.execute(update, {**before._mapping, "key": moved})
            engine.dispose()

    def found(self, now_ms: int) -> str:
        """Return what a look at the entries before the closing finds, as of a time."""
        with open_store(self.url) as store:
            try:
                check_recent(store, self.closed_at, self.root, now_ms)
            except LedgerError as error:
                return str(error)
        return "nothing"

    def entry(self, index: int) -> tuple[StatementRow, EventRow]:
        """Return a statement and its first event, as they are stored."""
        with open_store(self.url) as store:
            row, events = next(store.entries(index, index + 1))
        return row, events[0]


@pytest.fixture
def city(database_url: str) -> City:
    """Give a busy city that was paid a supplement, then closed its books."""
    world = busy_city()
    supplement = world.make(BudgetSupplemented, line="line-1", amount_fen=123_456)
    data = world.sign(supplement, by="FIN/one FIN/two")
    world.admit(data)
    keep(database_url, world).ledger.close()
    clock = SetClock(world.now_ms)
    with open_ledger(database_url, LEDGER_KEY, clock, worth_a_snapshot=1) as ledger:
        index = ledger.close_books(signer("OPR/one"), Ids()).index
    with open_store(database_url) as store:
        root = Tiling.at(index, store.leaves, store.tile).tree().root()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        for table in KEYS:
            sqlite = f"DROP TRIGGER {table}_refuses_update"
            postgresql = f"DROP TRIGGER {table}_refuses_change ON {table}"
            connection.execute(text(sqlite if engine.name == "sqlite" else postgresql))
    engine.dispose()
    return City(database_url, world, data, index, root)


def test_a_statement_whose_event_was_given_another_id_is_not_admitted_again(city: City) -> None:
    """Neither a start from the snapshot nor a replay takes the log, and both say why."""
    row, event = city.entry(city.closed_at - 1)
    clock = SetClock(city.world.now_ms + 5 * MS_PER_DAY)
    with city.changed("event", event.position, id=bytes(16)):
        with open_store(city.url) as store, pytest.raises(SnapshotUnusable) as unusable:
            open_snapshot(store, LEDGER_KEY.verifier)
        assert unusable.value.fault == "recent_differs"
        with pytest.raises(Unverified, match=f"statement {row.index}.* run `sunledger verify`"):
            open_ledger(city.url, LEDGER_KEY, clock)
    with open_ledger(city.url, LEDGER_KEY, clock) as ledger:
        assert (ledger.start.fault, ledger.start.snapshot.size) == (None, city.closed_at)
        assert ledger.submit(city.supplement).index == row.index


def test_an_event_after_the_snapshot_has_its_own_id_too(city: City) -> None:
    """What is replayed is held to the same."""
    _, event = city.entry(city.closed_at)
    with (
        city.changed("event", event.position, id=bytes(16)),
        pytest.raises(Unverified, match="under an id that is not its own"),
    ):
        open_ledger(city.url, LEDGER_KEY, SetClock(city.world.now_ms))


def test_every_change_of_an_entry_that_could_come_again_is_found(city: City) -> None:
    """One row a change: of which table, in which columns, and what is said of it."""
    index, middle = city.closed_at - 9, city.closed_at // 2
    row, event = city.entry(index)
    (other, other_event), (genesis, _) = city.entry(index - 1), city.entry(0)
    now_ms = genesis.recorded_ms  # so early that no statement has expired
    old = now_ms - 2 * STATEMENT_LIFE_MS
    forged = {"recorded_ms": old, "leaf": leaf_hash(encode_entry(old, row.note))}
    halfway, _ = city.entry(middle)
    # The search for where to begin believes this one, and begins there.
    misleading = {"recorded_ms": old, "leaf": leaf_hash(encode_entry(old, halfway.note))}
    swapped = {"note": other.note, "leaf": leaf_hash(encode_entry(row.recorded_ms, other.note))}
    assert city.found(now_ms) == "nothing"
    for table, key, values, said in (
        ("event", event.position, {"id": bytes(16)}, "under an id that is not its own"),
        ("event", event.position, {"body": other_event.body}, "other events than those signed"),
        ("event", event.position, {"body": b"{}"}, "other events than those signed"),
        ("statement", index, {"first_position": other.first_position}, "other events than those"),
        ("statement", index, {"event_count": 0}, "other events than those signed"),
        ("statement", index, {"leaf": other.leaf}, "another leaf than the one stored"),
        ("statement", index, {"note": other.note}, "another leaf than the one stored"),
        ("statement", index, swapped, "other events than those signed"),
        ("statement", index, {"recorded_ms": row.recorded_ms + 1}, "another leaf than the one"),
        ("statement", index, forged, f"to {city.closed_at} are not those signed"),
        ("statement", middle, misleading, f"from {middle} to {city.closed_at} are not those"),
        ("statement", index, {"leaf_index": 99_999}, f"to {city.closed_at} are not those signed"),
        ("statement", middle, {"leaf_index": 99_999}, f"statement {middle} is missing"),
    ):
        with city.changed(table, key, **values):
            assert said in city.found(now_ms), values
    assert city.found(now_ms) == "nothing"


def test_what_is_too_old_to_come_again_is_left_to_verify(city: City) -> None:
    """An entry is looked at as long as its statement lives, and the one before the oldest such."""
    index = city.closed_at - 9
    (row, event), (_, before), (_, older) = map(city.entry, (index, index - 1, index - 2))
    last_ms = row.recorded_ms + STATEMENT_LIFE_MS + CLOCK_SKEW_MS
    for changed, now_ms, found in (
        (event, last_ms, True),
        (before, last_ms, True),
        (older, last_ms, False),
        (event, last_ms + 1, True),
        (before, last_ms + 1, False),
    ):
        with city.changed("event", changed.position, id=bytes(16)):
            assert (city.found(now_ms) != "nothing") is found
