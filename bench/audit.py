"""`python -m bench audit --folder DIR --scale 0.033`: 31 ledgers beside bare reading and hashing.

The folder holds one folder of columns a ledger; simulated cities are made where there are fewer
than 31: of a thirtieth of a city each, together 2 million events. With `--ledger FILE` that ledger
is the first of them. What is compared is done turn by turn in one run, on the same files: the
audit by DuckDB with everything it judges, the same without signatures, both by two processes; and,
by one process, reading every body and note once and hashing it, the same with the nodes up to the
root over each statement's events and over each ledger's statements, and leaves and signatures.
"""

import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pyarrow.parquet as pq

from bench.measure import show, timed, turn_by_turn
from ledger.app import create_ledger
from ledger.merkle import leaf_hashes, root_of
from ledger.note import VerifierKey, parse_note
from ledger.signature import check_signature
from ledger.simulate.agenda import SimulatedClock
from ledger.simulate.city import City
from ledger.simulate.playing import play
from ledger.simulate.scale import scale_of
from ledger.store.store import open_store
from projections.national.auditing import audit
from projections.national.columns import EVENTS, STATEMENTS, ColumnFolder, is_columns
from projections.national.duck import DuckEngine
from projections.national.keys import find_keys
from projections.national.reading import BATCH_ROWS
from projections.national.writing import export_columns

LEDGERS = 31
PROCESSES = 2


def main(runs: int, folder: Path, ledger: str | None, scale: str, ledgers: int = LEDGERS) -> None:
    """Make what is missing, measure, and print a table."""
    _make(folder, ledger, scale, ledgers)
    folders = sorted(path for path in folder.iterdir() if is_columns(path))
    opened = [ColumnFolder(path) for path in folders]
    events = sum(int(each.manifest["events"]) for each in opened)
    print(f"{len(folders)} ledgers of together {events:,} events")
    results = turn_by_turn(
        runs,
        ("audit by duckdb", lambda _run: timed(events, lambda: _audit(folders, signatures=True))),
        (
            "the same without signatures",
            lambda _run: timed(events, lambda: _audit(folders, signatures=False)),
        ),
        ("bare: leaves only", lambda _run: timed(events, lambda: _hash(opened))),
        (
            "bare: leaves and nodes up to the roots",
            lambda _run: timed(events, lambda: _hash_trees(opened)),
        ),
        ("bare: leaves and signatures", lambda _run: timed(events, lambda: _verify(opened))),
    )
    show(f"Audit of many ledgers by {PROCESSES} processes", "events", results)
    print("  (asked for: at least 0.50 × bare reading and hashing; what is bare is by one process)")


def _make(folder: Path, ledger: str | None, scale: str, ledgers: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    first = folder / "ledger-00"
    if ledger is not None and not first.exists():
        with open_store(f"sqlite:///{ledger}") as store:
            export_columns(store, first)
    for number in range(ledgers):
        columns = folder / f"ledger-{number:02}"
        if columns.exists():
            continue
        origin = f"city-{number:02}.example"
        city = City(scale_of(scale), origin.encode(), lambda _label: None, origin=origin)
        clock = SimulatedClock(city.genesis.recorded_ms)
        with tempfile.TemporaryDirectory() as work:
            url = f"sqlite:///{work}/ledger.db"
            with create_ledger(url, city.genesis.statements[0], city.ledger_signer, clock) as made:
                for _day in play(city, made, clock):
                    pass
                export_columns(made.store, columns)


def _audit(folders: list[Path], *, signatures: bool) -> None:
    with tempfile.TemporaryDirectory() as work:
        engine = DuckEngine(work, threads=PROCESSES, jobs=PROCESSES)
        found = audit(folders, engine, signatures=signatures)
        engine.close()
    assert not any(each.is_wrong for each in found)


def _hash(folders: list[ColumnFolder]) -> None:
    for folder in folders:
        for month in folder.months:
            for table, column in ((EVENTS, "body"), (STATEMENTS, "note")):
                for leaves in _leaves(folder.path(table, month), column):
                    del leaves


def _hash_trees(folders: list[ColumnFolder]) -> None:
    """Hash every tree, as it stands in the log: of a statement's events, and of the statements."""
    for folder in folders:
        notes: list[bytes] = []
        for month in folder.months:
            leaves = list(chain.from_iterable(_leaves(folder.path(EVENTS, month), "body")))
            path = folder.path(STATEMENTS, month)
            with pq.ParquetFile(path) as file:
                counts = file.read(["event_count"])["event_count"].to_pylist()
            start = 0
            for count in counts:
                root_of(leaves[start : start + count])
                start += count
            notes.extend(chain.from_iterable(_leaves(path, "note")))
        root_of(notes)


def _leaves(path: str, column: str) -> Iterator[list[bytes]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=[column]):
            yield leaf_hashes(batch[0].cast("binary").to_pylist())


def _verify(folders: list[ColumnFolder]) -> None:
    _hash(folders)
    for folder in folders:
        keys, _opened = find_keys([folder.path(EVENTS, month) for month in folder.months])
        parsed = {name: VerifierKey.parse(each.vkey) for name, each in keys.items()}
        for month in folder.months:
            with pq.ParquetFile(folder.path(STATEMENTS, month)) as file:
                notes = file.read(["note"])["note"].to_pylist()
            for data in notes:
                note = parse_note(data)
                message = note.text.encode()
                for line in note.signatures:
                    check_signature(parsed[line.name].public_key, message, line.signature)
