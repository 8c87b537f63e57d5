"""What the machine's rules stand on: a ledger, the model's tables, and what must hold."""

import functools
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import ClassVar, NamedTuple

import scenario
from city_model import CAPS, STAGES, Contract, in_both_books
from histories import LEDGER_KEY, SetClock
from hypothesis.stateful import RuleBasedStateMachine, invariant
from replay.histories import fill, policy_of
from snapshots import snapshot
from world import Recorded, World

from ledger.app import open_ledger
from ledger.events import Event
from ledger.events.budget import ProgrammeEstablished
from ledger.events.delivery import BeneficiaryEnrolled
from ledger.postings import CHART
from ledger.replay.database import DatabaseSource
from ledger.replay.verifying import verify
from ledger.rules.admission import Admitted
from ledger.times import MS_PER_DAY, MS_PER_SECOND, parse_instant

BEGUN_MS = parse_instant("2026-04-01T00:00:00.000Z")
"""After all visits."""
ERA_MS = 22 * MS_PER_DAY
"""After which an award is final, a cut stands, and a claim counts as accepted; not before."""
INTEREST_ERAS = 2
"""After which what is owed and not paid may bear interest; not before."""


class LedgerWorld(World):
    """A world whose statements go through `Ledger.submit`, into an SQLite file."""

    def __init__(self, before: World, url: str) -> None:
        """Open the ledger at `url`, which holds the history of `before`."""
        super().__init__(before.origin)
        self.clock = SetClock(before.now_ms)
        self.ledger = open_ledger(url, LEDGER_KEY, self.clock)
        self.state = self.ledger.state
        self.statements = list(before.statements)
        self.last = dict(before.last)
        self.now_ms = before.now_ms
        self._numbers = before._numbers

    def admit(self, data: bytes) -> list[Admitted]:
        """Submit a statement file at the world's time, which then moves on by a second."""
        self.clock.set_ms = self.now_ms
        receipt = self.ledger.submit(data)
        self.statements.append(Recorded(receipt.recorded_ms, data))
        self.now_ms += MS_PER_SECOND
        return []


class Begun(NamedTuple):
    """The ledger from which each example begins: its history, and the file that holds it."""

    world: World
    file: Path


@functools.cache
def begun() -> Begun:
    """Make the cast, a programme, and people of three caps; once for all examples."""
    world = World.cast()
    world.now_ms = BEGUN_MS
    world.do(world.make(ProgrammeEstablished))
    world.people(beneficiaries=1, workers=1)
    for person in ("b-low", "b-none"):
        event = world.make(BeneficiaryEnrolled, beneficiary=person, monthly_cap_fen=CAPS[person])
        world.do(event)
    file = Path(_folder().name) / "begun.db"
    fill(f"sqlite:///{file}", world).close()
    return Begun(world, file)


@functools.cache
def _folder() -> "tempfile.TemporaryDirectory[str]":
    return tempfile.TemporaryDirectory(prefix="machine-")


class CityBase(RuleBasedStateMachine):
    """A ledger with the tables of the model, and the invariants over both.

    Attributes:
        acts: how many events of each type were admitted, in all examples of a run.
        refusals: how often each code refused one.
        steps: how many rules ran.

    """

    acts: ClassVar[Counter[str]] = Counter()
    refusals: ClassVar[Counter[str]] = Counter()
    steps: ClassVar[Counter[str]] = Counter()

    def open(self) -> None:
        """Begin with a ledger of its own and empty tables."""
        start = begun()
        self.file = Path(_folder().name) / "example.db"
        shutil.copy(start.file, self.file)
        self.world = LedgerWorld(start.world, f"sqlite:///{self.file}")
        self.granted: Counter[str] = Counter()
        self.appropriated: Counter[str] = Counter()
        self.allotted: Counter[str] = Counter()
        self.revenue: Counter[str] = Counter()  # penalties set off and not yet remitted
        self.lots: dict[str, dict[str, int]] = {}  # tender -> still reserved by line
        self.status: dict[str, str] = {}  # tender -> published, awarded, used, ended
        self.contracts: dict[str, Contract] = {}
        self.covered: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.claims: dict[str, tuple[str, int, int]] = {}  # open claim -> (contract, fen, era)
        self.order_of: dict[str, int] = {}  # all that is or was owed, the oldest first -> era
        self.payable: dict[str, tuple[str, int]] = {}  # answered, in no live payment
        self.cuts: dict[str, tuple[str, int]] = {}  # claim -> (contract, fen), to be contested
        self.disputes: dict[str, tuple[str, int]] = {}  # claim -> (contract, fen)
        self.advances: dict[str, tuple[str, int]] = {}  # with the bank -> (contract, fen)
        self.contested: set[str] = set()  # contracts with a notice that waits for its decision
        self.receivables: dict[str, str] = {}  # claim -> requested, confirmed, assigned
        self.era = self.number = 0

    def act(self, event: Event, refused: str | None, by: str | None = None) -> bool:
        """Submit an event; check that it is refused by that code, or admitted where it is None."""
        if refused is None:
            self.do(event, by=by)
            return True
        code = scenario.refusal(self.world, event, by=by).code
        assert code == refused
        self.refusals[code] += 1
        return False

    def do(self, *events: Event, by: str | None = None) -> None:
        """Submit what must be admitted."""
        self.world.do(*events, by=by)
        self.acts.update(event.__struct_config__.tag for event in events)  # type: ignore[misc]

    def name(self, kind: str) -> str:
        """Return a new id."""
        self.number += 1
        return f"{kind}-{self.number}"

    def live(self) -> dict[str, Contract]:
        """Return the contracts that are not closed."""
        return {name: each for name, each in self.contracts.items() if not each.closed}

    def some(self, choice: int) -> dict[str, Contract]:
        """Return the contracts that are not closed, and now and then all of them."""
        return (choice and self.live()) or self.contracts

    def pick(self, table: Mapping[str, object], choice: int) -> str:
        """Return one of the keys of a table."""
        return sorted(table)[choice % len(table)]

    # -- what must hold ------------------------------------------------------------------------

    @invariant()
    def balances_are_the_model_s(self) -> None:
        """Every account of every line and contract holds what the model holds, to the fen."""
        if not hasattr(self, "granted"):
            return
        state = self.world.state
        for line in "abc":
            held = {
                stage: sum(c.held[stage].get(line, 0) for c in self.contracts.values())
                for stage in STAGES
            }
            reserved = sum(lot.get(line, 0) for lot in self.lots.values())
            expected = {
                "appropriated": self.appropriated[line],
                "allotted": self.allotted[line],
                "reserved": reserved,
                **in_both_books(self.granted[line], held, self.revenue[line]),
            }
            actual = state.line_balances(line)
            sources = sum(actual.pop(name) for name in list(actual) if name.startswith("source"))
            assert -sources == self.granted[line]
            assert {name: fen for name, fen in actual.items() if fen} == {
                name: fen for name, fen in expected.items() if fen
            }
        for (name, contract), stage in product(self.contracts.items(), STAGES):
            record = state.contracts[name]
            assert state.holdings(stage, record) == [*contract.held[stage].values()]
            assert record.value_fen == contract.value
            assert record.promised_fen == contract.promised
            assert record.status == contract.status
            assert contract.free >= 0

    @invariant()
    def nothing_is_overspent(self) -> None:
        """I0, I1, I6, I7 and the guards, added up anew from the single balances."""
        if not hasattr(self, "granted"):
            return
        sums: Counter[tuple[str, str]] = Counter()
        for (name, line, _), fen in self.world.state.balances.items():
            account = CHART[name]
            assert fen >= 0 or not account.guarded
            sums[account.book, line] += -fen if account.debit_normal else fen
            sums[name, line] += fen
        for line in "abc":
            assert sums["authority", line] == sums["proprietary", line] == 0
            assert sum(sums[stage, line] for stage in STAGES) <= self.granted[line]
        for contract in self.contracts.values():
            stages = sum(contract.total(stage) for stage in STAGES)
            standing = sum(contract.total(stage) for stage in ("accrued", "ordered", "paid"))
            bound = contract.value - contract.released
            assert stages == (standing if contract.closed else bound)

    @invariant()
    def nothing_is_owed_twice(self) -> None:
        """I8 and I2: what can be asked for, and what is asked for, is what stands as accrued."""
        if not hasattr(self, "granted"):
            return
        state = self.world.state
        for name, record in state.contracts.items():
            accrued = sum(state.holdings("accrued", record))
            unordered = sum(
                claim.payable_fen
                for claim in state.claims.values()
                if claim.contract == name
                and (
                    claim.payment is None
                    or state.payments[claim.payment].status in {"requested", "approved"}
                )
            )
            assert unordered == accrued == sum(state.holdings("payable", record))

    @invariant()
    def count(self) -> None:
        """Count the rules that ran."""
        self.steps["all"] += hasattr(self, "granted")

    def teardown(self) -> None:
        """Open the ledger again: the same state comes out (I9), and the whole log verifies."""
        if not hasattr(self, "world"):
            return
        self.steps["all"] -= 1  # the founding is none
        before = snapshot(self.world.state)
        self.world.ledger.close()
        with open_ledger(f"sqlite:///{self.file}", LEDGER_KEY, self.world.clock) as again:
            assert snapshot(again.state) == before
            report = verify(DatabaseSource(again.store), policy_of(begun().world))
            assert (report.verdict, report.statements) == ("OK", len(self.world.statements))
