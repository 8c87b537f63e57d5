"""The miniature city: the same seed gives the same bytes, and its year has what it promises."""

import hashlib
from collections import Counter

from ledger.events import type_of
from ledger.opening import open_statement
from ledger.rules.admission import admit_statement
from ledger.simulate.agenda import Due
from ledger.simulate.miniature import Miniature
from ledger.state import State
from ledger.statement import decode_statement_file
from ledger.times import local_date


class Played:
    """A year, played into a pure state."""

    def __init__(self, seed: bytes) -> None:
        """Play it."""
        self.city = Miniature(seed)
        self.state = State()
        self.dues: list[Due] = []
        self.types: Counter[str] = Counter()
        self._admit(self.city.genesis)
        for due in self.city.year(self.state):
            self._admit(due)

    def _admit(self, due: Due) -> None:
        keys = self.state.keys
        opened = open_statement(
            *decode_statement_file(due.data),
            lambda name: keys[name].verifier if name in keys else None,
        )
        admit_statement(self.state, opened, due.recorded_ms, len(self.dues))
        self.dues.append(due)
        self.types.update(type_of(event) for event in opened.events)

    @property
    def digest(self) -> str:
        """Hash of everything the city signed."""
        return hashlib.sha256(b"".join(due.data for due in self.dues)).hexdigest()


def test_the_same_seed_gives_the_same_bytes() -> None:
    """Keys, ids, salts and times follow from the seed; another seed gives another city."""
    assert Played(b"demo").digest == Played(b"demo").digest != Played(b"other").digest


def test_every_seed_gives_a_lawful_year() -> None:
    """Whatever chance brings, every statement is admitted and the story is whole."""
    for seed in range(6):
        played = Played(str(seed).encode())
        assert played.types["contract.signed"] == 3
        assert played.types["contract.closed"] == 1
        assert played.types["payment.rejected"] == 1


def test_the_year_has_what_the_demo_promises() -> None:
    """Two tenders, bids, three contracts, hundreds of visits, a cut, a dispute, a rejection."""
    played = Played(b"demo")
    types, state = played.types, played.state
    assert (types["tender.published"], types["contract.signed"]) == (2, 3)
    assert types["bid.sealed"] == types["bid.revealed"] == 6
    assert 300 <= types["visit.recorded"] <= 900
    assert (types["contract.amended"], types["contract.published"]) == (1, 3)
    assert {label["label"] for label in played.city.truth} >= {"cut", "disputed", "rejected"}
    assert any(len(contract.lines) == 2 for contract in state.contracts.values())
    assert any(contract.retention_ppm == 50_000 for contract in state.contracts.values())
    assert sum(claim.disputed_fen for claim in state.claims.values()) > 0
    statuses = Counter(payment.status for payment in state.payments.values())
    assert statuses["rejected"] == 1
    assert statuses["settled"] > 10
    parties = {key.party for key in state.keys.values()}
    assert len(parties) == 10
    assert state.ledger["simulated"] is True


def test_recorded_runs_through_the_year() -> None:
    """Statements reach the ledger in the order of time, from the first to the last days of 2025."""
    times = [due.recorded_ms for due in Played(b"demo").dues]
    assert times == sorted(set(times))
    assert local_date(times[0], 480) == "2025-01-02"
    assert local_date(times[-1], 480).startswith("2025-12-")
