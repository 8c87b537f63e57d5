"""`python -m bench start`: opening a ledger for writing, from its snapshot and by full replay.

The history is a thousand parties and 307,200 visits in statements of 64, of which 67,000 wait to
be claimed; a closing, and a day's statements after it. Both starts read the same database; for the
replay the snapshot is taken out of it, and put back afterwards.
"""

import time
from collections.abc import Callable, Sequence

from sqlalchemy import create_engine, text

from bench.databases import Databases, postgres_server, sqlite_files
from bench.measure import show, timed, turn_by_turn
from bench.workload import SteadyClock, Workload
from ledger.app import create_ledger, open_ledger
from ledger.identity import Ids
from ledger.state import State
from ledger.state.tables import decode_state, encode_state
from ledger.store.rows import SnapshotRow
from ledger.store.store import open_store

EVENTS_A_STATEMENT = 64
STATEMENTS = 4_800
CLAIM_EVERY = 15_000
"""Visits of each of the eight contracts that are claimed at once."""
PARTIES = 1_000
STATEMENTS_AFTER = 130
"""A day of a city-year of 3 million events, in statements of 64."""


def main(runs: int, databases: Sequence[str]) -> None:
    """Measure on every database asked for."""
    for kind, opened in (("sqlite", sqlite_files), ("postgres", postgres_server)):
        if kind in databases:
            with opened() as server:
                _measure(server, runs)


def _measure(databases: Databases, runs: int) -> None:
    workload = Workload()
    url = databases.new()
    state = _history(url, workload)
    with open_store(url) as store:
        events = store.head().positions
        row = store.snapshot()
    if row is None:
        raise RuntimeError("no snapshot was due: the history is too short")

    def opening() -> None:
        open_ledger(url, workload.ledger_key, SteadyClock()).close()

    def from_snapshot(_run: int) -> float:
        return timed(events, opening)

    def by_replay(_run: int) -> float:
        _take_out(url)
        rate = timed(events, opening)
        _put_back(url, row)
        return rate

    results = turn_by_turn(
        runs, ("from the snapshot", from_snapshot), ("replaying everything", by_replay)
    )
    show(f"{databases.kind}: opening a ledger of {events:,} events", "events", results)
    data = encode_state(state)
    print(f"  a state of {len(data):,} bytes")
    for what, run in (
        ("encoding", lambda: encode_state(state)),
        ("decoding", lambda: decode_state(data)),
        ("storing", lambda: _put_back(url, row)),
    ):
        print(f"  {what:<12}{_milliseconds(run):>8.0f} ms")
    databases.drop(url)


def _history(url: str, workload: Workload) -> State:
    """Make a ledger that was closed a day ago; return the state it has now."""
    opening = workload.opening()
    with create_ledger(url, next(opening), workload.ledger_key, workload.clock) as ledger:
        for data in opening:
            ledger.submit(data)
        for number in range(PARTIES):
            for data in workload.newcomer(f"PARTY-{number}"):
                ledger.submit(data)
        for data in workload.visits(STATEMENTS, EVENTS_A_STATEMENT, claim_every=CLAIM_EVERY):
            ledger.submit(data)
        ledger.close_books(workload.operator, Ids())
        for data in workload.visits(STATEMENTS_AFTER, EVENTS_A_STATEMENT):
            ledger.submit(data)
        return ledger.state


def _take_out(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM snapshot"))
    engine.dispose()


def _put_back(url: str, row: SnapshotRow) -> None:
    with open_store(url) as store:
        store.put_snapshot(row)


def _milliseconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1_000
