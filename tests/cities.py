"""A demo city's year in a ledger, for tests that look at a history of some size."""

from pathlib import Path

from ledger.app import Ledger, create_ledger
from ledger.simulate.agenda import SimulatedClock
from ledger.simulate.city import City
from ledger.simulate.playing import play
from ledger.simulate.scale import DEMO

READ_SIDE = b"read side"
"""Seed of the city that tests of the read side look at."""


def play_demo(folder: Path, seed: bytes) -> str:
    """Play a demo city's year into a new SQLite file in `folder`; return its URL."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    _city, ledger = play_until(url, seed, "2025-12-31")
    ledger.close()
    return url


def play_until(url: str, seed: bytes, date: str) -> tuple[City, Ledger]:
    """Play a demo city to the end of a local date; return it, and its ledger to be closed."""
    city = City(DEMO, seed, lambda _label: None)
    clock = SimulatedClock(city.genesis.recorded_ms)
    ledger = create_ledger(url, city.genesis.statements[0], city.ledger_signer, clock)
    for day in play(city, ledger, clock):
        if day.date == date:
            break
    return city, ledger
