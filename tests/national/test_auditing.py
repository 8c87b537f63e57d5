"""Many ledgers at once: what the audit recomputes, and what it finds wrong."""

import json
import shutil
from collections.abc import Callable, Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any
from uuid import UUID

import needs
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace
from replay.histories import archive, checkpoint_of, entries_of, fill, policy_of, town
from world import World, signer

from ledger.app import create_ledger
from ledger.errors import LedgerError
from ledger.merkle import leaf_hash
from ledger.note import sign_note
from ledger.postings import CHART
from ledger.replay.exporting import export_archive
from ledger.simulate.agenda import SimulatedClock
from ledger.simulate.city import City
from ledger.simulate.playing import play
from ledger.simulate.scale import DEMO
from ledger.statement import decode_statement_file, encode_statement_file, note_of_entry
from ledger.store.store import Store, open_store
from ledger.times import format_instant
from projections.catalogue import open_projections
from projections.flags.asking import all_flags
from projections.national.auditing import LedgerAudit, audit
from projections.national.beside import check_beside
from projections.national.checking import Month, check_month
from projections.national.columns import SCHEMA, ColumnEvent, ColumnFolder, ColumnWriter, schema_of
from projections.national.duck import DuckEngine
from projections.national.engine import Engine
from projections.national.keys import Enrolled, find_keys
from projections.national.questions import RULES
from projections.national.staging import staged
from projections.national.writing import export_columns

CITIES = ("north.example", "south.example")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make three ledgers, two cities' years and a town, each as a database and as columns."""
    base = tmp_path_factory.mktemp("national")
    for name in CITIES:
        city = City(DEMO, name.encode(), lambda _label: None, origin=name)
        clock = SimulatedClock(city.genesis.recorded_ms)
        url = f"sqlite:///{base / name}.db"
        with create_ledger(url, city.genesis.statements[0], city.ledger_signer, clock) as ledger:
            for _day in play(city, ledger, clock):
                pass
            export_columns(ledger.store, base / name)
    with fill(f"sqlite:///{base / 'town.db'}", town()) as ledger:
        export_columns(ledger.store, base / "town")
    return base


@pytest.fixture(scope="module")
def north(base: Path) -> Iterator[Store]:
    """Open the database of the first city."""
    with open_store(f"sqlite:///{base / CITIES[0]}.db") as store:
        yield store


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Open the engine of one machine."""
    engine = DuckEngine(str(tmp_path / "engine"))
    yield engine
    engine.close()


def audited(engine: Engine, *folders: Path) -> list[LedgerAudit]:
    """Audit ledgers of which nothing is known beforehand."""
    return audit(folders, engine)


def copy_of(base: Path, tmp_path: Path) -> Path:
    """Return a copy of the town's columns, to be spoilt."""
    return shutil.copytree(base / "town", tmp_path / "spoilt")


def change(table: str, column: str, row: int, value: Any) -> Callable[[Path], None]:
    """Return what puts another value into a column of a folder's last month."""

    def spoil(folder: Path) -> None:
        columns = ColumnFolder(folder)
        path = columns.path(table, columns.months[-1])
        whole = pq.ParquetFile(path).read()
        values = whole[column].to_pylist()
        values[row] = value(values[row])
        field = whole.schema.field(column).with_nullable(None in values)
        place = whole.column_names.index(column)
        array = pa.array(values, field.type)
        pq.write_table(whole.set_column(place, field, array), path)

    return spoil


def keep(table: str, some: Callable[[pa.Table], pa.Table]) -> Callable[[Path], None]:
    """Return what leaves some rows of a folder's last month."""

    def spoil(folder: Path) -> None:
        columns = ColumnFolder(folder)
        path = columns.path(table, columns.months[-1])
        pq.write_table(some(pq.ParquetFile(path).read()), path)

    return spoil


def cut(table: str) -> Callable[[Path], None]:
    """Return what cuts the file of a folder's last month short."""

    def spoil(folder: Path) -> None:
        columns = ColumnFolder(folder)
        path = Path(columns.path(table, columns.months[-1]))
        path.write_bytes(path.read_bytes()[:-40])

    return spoil


def drop_month(folder: Path) -> None:
    """Take the last month away."""
    month = ColumnFolder(folder).months[-1]
    for path in folder.glob(f"*/*/month={month}"):
        shutil.rmtree(path)


def resign(folder: Path) -> None:
    """Let another key sign the checkpoint."""
    text = ColumnFolder(folder).stated.encode()
    impostor = signer("PRO/one")
    (folder / "checkpoint").write_bytes(sign_note(text, impostor))


def shift(data: bytes) -> bytes:
    """Return bytes of which the last but ten is another."""
    return data[:-11] + bytes([data[-11] ^ 1]) + data[-10:]


# -- what is recomputed ---------------------------------------------------------------------------


def test_columns_hold_every_row(base: Path, north: Store) -> None:
    """Events, statements and postings stand by month and position, as the database has them."""
    columns = ColumnFolder(base / CITIES[0])
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMA}
    for month in columns.months:
        for name in tables:
            file = pq.ParquetFile(columns.path(name, month))
            assert file.schema_arrow.equals(schema_of(name))
            tables[name] += file.read().to_pylist()
    events = [(row["position"], row["type"], row["body"].encode()) for row in tables["events"]]
    assert events == [(row.position, row.type, row.body) for row in north.events()]
    statements = [(row["statement"], row["note"], row["leaf"]) for row in tables["statements"]]
    assert statements == [(row.index, row.note, row.leaf) for row, _events in north.entries()]
    postings = [tuple(row.values()) for row in tables["postings"]]
    assert postings == [(*row._replace(contract=row.contract or ""),) for row in north.postings()]
    assert columns.months == sorted(_months(tables["statements"]))
    with pytest.raises(LedgerError, match="exists already"):
        export_columns(north, base / CITIES[0])


def test_roots_balances_and_flags_are_the_ledger_s_own(
    base: Path, north: Store, engine: Engine, tmp_path: Path
) -> None:
    """They equal the checkpoint, the sums of the postings, and what the read models flag."""
    first, second = audited(engine, *(base / name for name in CITIES))
    head = north.head()
    assert (first.origin, second.origin) == CITIES
    assert (first.statements, first.events) == (head.size, head.positions)
    assert (first.where, second.where) == ("", "")
    assert first.root == ColumnFolder(base / CITIES[0]).stated.root.hex()
    assert first.root != second.root
    assert {(b.line, b.account): b.balance_fen for b in first.balances} == _balances(north)
    assert first.signatures > first.statements
    with open_projections(north, f"sqlite:///{tmp_path / 'read.db'}") as projections:
        projections.follow()
        ours = sorted(
            (flag.rule, sorted(flag.evidence)) for flag in all_flags(projections, rules=RULES)
        )
    ids = {row.position: str(UUID(bytes=row.id)) for row in north.events()}
    cases = [(case.rule, sorted(ids[each] for each in case.evidence)) for case in first.cases]
    assert sorted(cases) == ours
    assert {rule for rule, _evidence in ours} >= {"f02", "f05", "f17"}


def test_an_archive_gives_what_its_columns_give(
    base: Path, north: Store, engine: Engine, tmp_path: Path
) -> None:
    """Its postings are derived by the law, and come to the same."""
    export_archive(north, tmp_path / "archive")
    columns = staged(tmp_path / "archive", tmp_path / "staged")
    assert isinstance(columns, Path)
    (found,) = audited(engine, columns)
    again = DuckEngine(str(tmp_path / "again"), jobs=2)
    (expected,) = audited(again, base / CITIES[0])
    again.close()
    assert found.of_folder("") == expected.of_folder("")


def test_an_archive_that_is_wrong_or_partial_is_told_of(tmp_path: Path) -> None:
    """What the replay finds is the finding; what was withheld leaves balances unjudged."""
    world = town()
    part = archive(tmp_path / "part", world.statements, withheld="visit.recorded")
    found = staged(part, tmp_path / "columns-of-part")
    assert isinstance(found, LedgerAudit)
    assert "6 events were withheld" in found.unjudged
    wrong = archive(tmp_path / "wrong", world.statements)
    (bundle,) = (wrong / "tile/entries").rglob("*.p/*")
    bundle.write_bytes(shift(bundle.read_bytes()))
    found = staged(wrong, tmp_path / "columns-of-wrong")
    assert isinstance(found, LedgerAudit)
    assert found.is_wrong
    (events,) = (part / "events").rglob("*.p/*")
    events.unlink()
    found = staged(part, tmp_path / "columns-of-none")
    assert isinstance(found, LedgerAudit)
    assert "cannot be read" in found.reason


def test_a_policy_anchors_a_ledger(base: Path, engine: Engine) -> None:
    """Key and genesis hash come from elsewhere; another's genesis is wrong."""
    policy = policy_of(town())
    (found,) = audit([base / "town"], engine, policies=[policy])
    assert (found.anchored, found.where) == (True, "")
    foreign = replace(policy, genesis=bytes(32))
    (found,) = audit([base / "town"], engine, policies=[foreign])
    assert (found.where, found.reason) == ("statement 0", "the genesis hash is not the policy's")


# -- what is wrong --------------------------------------------------------------------------------

SPOILS: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "a body": (
        change("events", "body", 3, lambda body: body.replace('"v":1', '"v":2')),
        "statement",
        "not those that were signed",
    ),
    "a type": (change("events", "type", 3, lambda _: "x.y"), "event", "not that of its body"),
    "an id": (change("events", "id", 3, lambda _: "x"), "event", "not that of its body"),
    "a hash": (change("events", "hash", 3, shift), "statement", "not that of the event"),
    "a position": (change("events", "position", 3, lambda n: n + 9), "statement", "another place"),
    "a time": (change("events", "recorded_ms", 3, lambda n: n + 1), "statement", "another place"),
    "an index": (change("events", "statement", 3, lambda n: n + 1), "statement", "another place"),
    "a later time": (
        change("statements", "recorded_ms", 3, lambda n: n + 1),
        "statement",
        "leaf hash",
    ),
    "a first event": (
        change("statements", "first_position", 3, lambda n: n + 1),
        "statement",
        "it is missing",
    ),
    "a first event beyond all numbers": (
        change("statements", "first_position", 0, lambda _: 2**63 - 1),
        "statement",
        "another place",
    ),
    "a statement": (keep("statements", lambda rows: rows.slice(0, 3)), "statement", "no statement"),
    "an event less": (
        keep("events", lambda rows: rows.slice(0, len(rows) - 1)),
        "statement",
        "are",
    ),
    "a row without a hash": (change("events", "hash", 3, lambda _: None), "", "has no hash"),
    "a row without a body": (change("events", "body", 3, lambda _: None), "", "has no body"),
    "a signature": (change("statements", "note", 3, shift), "statement", "leaf hash"),
    "a leaf": (change("statements", "leaf", 3, shift), "statement", "leaf hash"),
    "a count": (
        change("statements", "event_count", 3, lambda n: n + 1),
        "statement",
        "covers",
    ),
    "an account": (change("postings", "debit", 0, lambda _: "cash"), "event", "one book"),
    "no amount": (change("postings", "amount_fen", 0, lambda _: 0), "event", "posts nothing"),
    "too much": (
        change("postings", "amount_fen", -1, lambda n: n * 1_000_000),
        "event",
        "falls below zero",
    ),
    "a moved posting": (
        change("postings", "position", 0, lambda _: 10**6),
        "statement",
        "out of its place",
    ),
    "a month": (drop_month, "checkpoint", "are there"),
    "a checkpoint": (resign, "checkpoint", ""),
    **{f"half of {table}": (cut(table), "", "") for table in SCHEMA},
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_what_is_wrong_is_named(base: Path, tmp_path: Path, engine: Engine, spoil: str) -> None:
    """Whichever column is changed: the ledger is named, and where; the others are not touched."""
    change_it, where, reason = SPOILS[spoil]
    folder = copy_of(base, tmp_path)
    change_it(folder)
    wrong, right = audited(engine, folder, base / CITIES[0])
    assert wrong.is_wrong
    assert wrong.where.startswith(where)
    assert reason in wrong.reason
    assert (wrong.balances, wrong.cases) == ((), ())
    assert not right.is_wrong
    assert right.balances


@pytest.mark.parametrize("later", ["leaf", "note", "event_count", "first_position"])
def test_the_first_that_is_wrong_is_named(
    base: Path, tmp_path: Path, engine: Engine, later: str
) -> None:
    """Statements are judged together; what is wrong with a later one does not hide an earlier."""
    folder = copy_of(base, tmp_path)
    columns = ColumnFolder(folder)
    events = pq.ParquetFile(columns.path("events", columns.months[-1])).read()
    indexes = events["statement"].to_pylist()
    early = next(row for row in range(len(indexes)) if indexes[row] > indexes[0])
    assert indexes[-1] > indexes[early] + 1
    spoilt = {"leaf": shift, "note": shift}.get(later, lambda n: n + 1)
    change("statements", later, -1, spoilt)(folder)
    (found,) = audited(engine, folder)
    assert found.where == f"statement {indexes[-1]}"
    change("events", "hash", early, shift)(folder)
    (found,) = audited(engine, folder)
    assert found.where == f"statement {indexes[early]}"
    assert "hash of one of its events" in found.reason


def test_row_groups_do_not_matter(base: Path, tmp_path: Path, engine: Engine) -> None:
    """Statements whose events lie in several row groups, or with others in one, come to the same.

    | rows of a group | what it does                            |
    |-----------------|-----------------------------------------|
    | 1               | each event is read by itself            |
    | 7               | groups end within statements            |
    | 100,000         | a month is one group, of several reads  |
    """
    (expected,) = audited(engine, base / CITIES[0])
    for size in (1, 7, 100_000):
        folder = shutil.copytree(base / CITIES[0], tmp_path / str(size))
        for path in folder.rglob("*.parquet"):
            pq.write_table(pq.ParquetFile(path).read(), path, row_group_size=size)
        (found,) = audited(engine, folder)
        assert found.of_folder("") == expected.of_folder("")


def test_a_key_counts_from_its_enrolment(tmp_path: Path) -> None:
    """A statement that a later one's key has signed is refused, though the audit knows the key."""
    world = town()
    columns = tmp_path / "columns"
    _write_columns(world, columns)
    folder = ColumnFolder(columns)
    keys, _opened = find_keys([folder.path("events", month) for month in folder.months])
    month = folder.months[0]
    paths = [folder.path(table, month) for table in ("statements", "events", "postings")]
    asked = Month(0, folder.stated.origin, month, *paths)
    assert check_month(asked, keys, signatures=True).reason == ""
    late = {name: Enrolled(key.vkey, 10**6) for name, key in keys.items()}
    found = check_month(asked, late, signatures=True)
    assert found.where == "statement 0"
    assert found.reason.startswith("key_unknown")


def test_a_signature_that_does_not_hold_is_wrong(tmp_path: Path, engine: Engine) -> None:
    """An entry in its place that nobody signed is found by its signature alone."""
    world = town()
    note, bodies = decode_statement_file(world.statements[-1].data)
    text, _divide, line = note.partition(b"\n\n")
    forged = text + b"\n\n" + line[:-30] + bytes([line[-30] ^ 1]) + line[-29:]
    data = encode_statement_file(forged, bodies)
    world.statements[-1] = world.statements[-1]._replace(data=data)
    columns = tmp_path / "columns"
    _write_columns(world, columns)
    (found,) = audited(engine, columns)
    assert found.where == f"statement {len(world.statements) - 1}"
    assert "signature" in found.reason
    (found,) = audit([columns], engine, signatures=False)
    assert (found.where, found.signatures) == ("", 0)


def test_a_killed_process_names_the_ledger_it_had(base: Path) -> None:
    """Whoever runs short of memory reads one sentence: which month of which ledger it was."""
    folder = ColumnFolder(base / CITIES[0])
    keys, _opened = find_keys([folder.path("events", month) for month in folder.months])

    def asked() -> Iterator[tuple[Month, dict[str, Enrolled]]]:
        for month in folder.months:
            paths = [folder.path(table, month) for table in ("statements", "events", "postings")]
            yield Month(0, folder.stated.origin, month, *paths), keys
            for process in active_children():
                process.kill()

    with pytest.raises(LedgerError, match=r"of the ledger north\.example was ended from outside"):
        list(check_beside(asked(), 2, signatures=False))
    assert not active_children()


def test_a_ledger_is_added_up_once(base: Path, engine: Engine) -> None:
    """The same ledger twice would count its money twice."""
    with pytest.raises(LedgerError, match=r"north\.example is given more than once"):
        audited(engine, base / CITIES[0], base / CITIES[0])


# -- the other engine -----------------------------------------------------------------------------


def test_spark_finds_the_same(base: Path, tmp_path: Path, engine: Engine) -> None:
    """Roots, balances, flags and what is wrong: equal, of several ledgers at once."""
    needs.java()
    from projections.national.spark import SparkEngine, local_session  # noqa: PLC0415 (slow)

    spoilt = {}
    for name in ("a body", "too much"):
        spoilt[name] = shutil.copytree(base / "town", tmp_path / name.replace(" ", "-"))
        SPOILS[name][0](spoilt[name])
    spark = SparkEngine(local_session("local[1]"), owned=True)
    try:
        found = audited(spark, spoilt["a body"])
        assert found == audited(engine, spoilt["a body"])
        assert found[0].is_wrong
        both = (base / CITIES[0], spoilt["too much"])
        found = audited(spark, *both)
        assert found == audited(engine, *both)
        assert [each.is_wrong for each in found] == [False, True]
        assert {case.rule for case in found[0].cases} >= {"f02", "f05", "f17"}
    finally:
        spark.close()


# -- helpers --------------------------------------------------------------------------------------


def _months(rows: list[dict[str, Any]]) -> set[str]:
    return {format_instant(row["recorded_ms"])[:7] for row in rows}


def _write_columns(world: World, folder: Path) -> None:
    """Write a history as columns as whoever holds the ledger key could, with no law asked."""
    writer = ColumnWriter(folder, world.origin)
    for (recorded_ms, _data), (entry, events) in zip(
        world.statements, entries_of(world.statements), strict=True
    ):
        columns = [
            ColumnEvent(json.loads(e.body)["id"], e.type, "", e.body, leaf_hash(e.body))
            for e in events
        ]
        writer.add(recorded_ms, note_of_entry(entry), leaf_hash(entry), columns)
    writer.finish(checkpoint_of(world.statements))


def _balances(store: Store) -> dict[tuple[str, str], int]:
    held: dict[tuple[str, str], int] = {}
    for posting in store.postings():
        for account, fen in ((posting.debit, 1), (posting.credit, -1)):
            sign = fen if CHART[account].debit_normal else -fen
            key = (posting.line, account)
            held[key] = held.get(key, 0) + sign * posting.amount_fen
    return held
