"""A demo city's year in a ledger, for tests that look at a history of some size."""

from collections import deque
from pathlib import Path

from ledger.app import create_ledger
from ledger.simulate.agenda import SimulatedClock
from ledger.simulate.city import City
from ledger.simulate.playing import play
from ledger.simulate.scale import DEMO

READ_SIDE = b"read side"
"""Seed of the city that tests of the read side look at."""


def play_demo(folder: Path, seed: bytes) -> str:
    """Play a demo city's year into a new SQLite file in `folder`; return its URL."""
    url = f"sqlite:///{folder / 'ledger.db'}"
    city = City(DEMO, seed, lambda _label: None)
    clock = SimulatedClock(city.genesis.recorded_ms)
    with create_ledger(url, city.genesis.statements[0], city.ledger_signer, clock) as ledger:
        deque(play(city, ledger, clock), maxlen=0)
    return url
