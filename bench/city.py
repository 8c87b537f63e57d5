"""`python -m bench city`: a simulated city's year into a fresh SQLite ledger, step by step.

Everything is in it: the city makes and signs its statements in the process that admits them, and a
helper opens part of each crowd on another core. Then the ledger is opened once more, and its whole
history verified.
"""

import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from bench.measure import peak_mib
from ledger.app import Ledger, create_ledger, open_ledger
from ledger.drafting import sign_statement
from ledger.events import Event
from ledger.identity import Ids
from ledger.note import Signer
from ledger.policy import Policy
from ledger.replay.database import DatabaseSource
from ledger.replay.verifying import verify
from ledger.rules.clocks import Due
from ledger.simulate.agenda import SimulatedClock
from ledger.simulate.city import City
from ledger.simulate.playing import Day, play
from ledger.simulate.scale import scale_of
from ledger.store.store import open_store
from ledger.waiting import Receipt

SEED = b"7"
JOBS = 2
MILLION = 1_000_000
_QUARTERS = ("2024-12-31", "2025-03-31", "2025-06-30", "2025-09-30", "2025-12-31")


class Watch:
    """Adds up the seconds of each step."""

    def __init__(self) -> None:
        """Begin with none."""
        self.spent = {"sign": 0.0, "admit and commit": 0.0, "clocks and closing": 0.0}

    def sign(
        self, events: Sequence[Event], origin: str, made_at_ms: int, signers: Sequence[Signer]
    ) -> bytes:
        """Sign a statement, on the watch."""
        start = time.perf_counter()
        data = sign_statement(events, origin, made_at_ms, signers)
        self.spent["sign"] += time.perf_counter() - start
        return data


class WatchedLedger(Ledger):
    """A ledger whose work is timed."""

    watch: Watch

    def submit_all(self, datas: Sequence[bytes]) -> list[Receipt]:
        """Admit a crowd, on the watch."""
        start = time.perf_counter()
        receipts = super().submit_all(datas)
        self.watch.spent["admit and commit"] += time.perf_counter() - start
        return receipts

    def tick(self, operator: Signer, ids: Ids) -> list[Due]:
        """Book what is due; inside a closing it is that closing's time."""
        start = time.perf_counter()
        booked = super().tick(operator, ids)
        self.watch.spent["clocks and closing"] += time.perf_counter() - start
        return booked

    def close_books(self, operator: Signer, ids: Ids) -> Receipt:
        """Close the books, on the watch."""
        before = self.watch.spent["clocks and closing"]
        start = time.perf_counter()
        receipt = super().close_books(operator, ids)
        self.watch.spent["clocks and closing"] = before + time.perf_counter() - start
        return receipt


class Mark(NamedTuple):
    """Where the year stood at an instant, and the processor time this process had taken by then."""

    at: float
    busy: float
    day: Day


def main(scale: str) -> None:
    """Play a year of a city of `scale`, then open and verify it."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder, 'ledger.db')}"
        with Path(folder, "truth.ndjson").open("wb") as truth:
            watch = Watch()
            start = time.perf_counter()
            city = City(scale_of(scale), SEED, truth.write, watch.sign)
            before = Mark(start, time.process_time(), Day("", 0, 0, closed=False))
            marks = [before, *_play(city, url, watch)]
        _show_year(scale, marks, watch)
        _show_later(city, url, marks[-1].day.events)


def _play(city: City, url: str, watch: Watch) -> list[Mark]:
    clock = SimulatedClock(city.genesis.recorded_ms)
    (genesis,) = city.genesis.statements
    create_ledger(url, genesis, city.ledger_signer, clock).close()
    with WatchedLedger(open_store(url), city.ledger_signer, clock) as ledger:
        ledger.watch = watch
        days = play(city, ledger, clock)
        return [
            Mark(time.perf_counter(), time.process_time(), day)
            for day in days
            if day.date in _QUARTERS
        ]


def _show_year(scale: str, marks: list[Mark], watch: Watch) -> None:
    seconds = marks[-1].at - marks[0].at
    day = marks[-1].day
    print(f"\nA city's year, scale {scale}: {day.events:,} events in {day.statements:,} statements")
    print(
        f"  {seconds:,.1f} s, {day.events / seconds:,.0f} events a second, peak {peak_mib():,} MB"
    )
    steps = {"generate": seconds - sum(watch.spent.values()), **watch.spent}
    for step, spent in steps.items():
        print(f"  {step:<20}{spent:>9,.1f} s{spent / seconds:>8.0%}")
    for before, after in pairwise(marks):
        events = after.day.events - before.day.events
        rate = events / (after.at - before.at)
        each = (after.busy - before.busy) / events * MILLION
        told = f"{events:>10,} events{rate:>10,.0f} a second{each:>8,.0f} µs of processor each"
        print(f"  until {after.day.date}    {told}")


def _show_later(city: City, url: str, events: int) -> None:
    start = time.perf_counter()
    open_ledger(url, city.ledger_signer).close()
    opened = time.perf_counter() - start
    print(f"  start-up            {opened:>9,.1f} s")
    with open_store(url) as store:
        first = store.statement(0)
        if first is None:
            raise ValueError("the ledger has no first statement")
        policy = Policy.of(city.ledger_signer.verifier, first.leaf)
        start = time.perf_counter()
        report = verify(DatabaseSource(store), policy, jobs=JOBS)
        seconds = time.perf_counter() - start
    each = seconds / events * MILLION
    print(f"  verify --jobs {JOBS}     {seconds:>9,.1f} s, {each:,.1f} s a million events")
    print(f"  {report}")
