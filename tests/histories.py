"""Ledgers in a database for tests of the read side, with the history of a `World`."""

from pathlib import Path
from typing import NamedTuple

from world import ORIGIN, World, signer

from ledger.app import Ledger, create_ledger
from ledger.events.base import Period
from ledger.events.budget import BudgetSupplemented, BudgetTransferred
from ledger.events.contract import (
    ContractFunded,
    ContractLine,
    ContractPublished,
    ContractResumed,
    ContractSuspended,
    ContractTerminated,
    LaterYear,
)
from ledger.events.delivery import CareplanAgreed
from ledger.events.parties import PartyUpdated
from ledger.events.reported import ReleaseReported, ReleaseSource
from ledger.events.rulebook import ServiceCatalogued
from ledger.state import State
from projections.catalogue import MODELS, open_projections
from projections.contracts import list_contracts
from projections.contracts.queries import contract as contract_file
from projections.deep import deep_check
from projections.engine import Projections
from projections.funds import list_funds

LEDGER_KEY = signer(ORIGIN)
"""The key of a world's ledger."""


class SetClock:
    """A clock that stands where it was set (milliseconds since the epoch)."""

    def __init__(self, now_ms: int) -> None:
        """Set the clock."""
        self.set_ms = now_ms

    def now_ms(self) -> int:
        """Return the time."""
        return self.set_ms


class Kept(NamedTuple):
    """A ledger in a database, its clock, and the world whose history it holds."""

    ledger: Ledger
    clock: SetClock
    world: World

    def catch_up(self) -> None:
        """Submit what the world has admitted since."""
        for recorded_ms, data in self.world.statements[self.ledger.store.head().size :]:
            self.clock.set_ms = recorded_ms
            self.ledger.submit(data)


def keep(url: str, world: World) -> Kept:
    """Create a ledger at `url` that holds the history of `world`."""
    first = world.statements[0]
    clock = SetClock(first.recorded_ms)
    kept = Kept(create_ledger(url, first.data, LEDGER_KEY, clock), clock, world)
    kept.catch_up()
    return kept


def foreign_read_models(folder: Path) -> str:
    """Fill read models from another history than any other here; return their URL."""
    url = f"sqlite:///{folder / 'read.db'}"
    other = keep(f"sqlite:///{folder / 'other.db'}", World.contracted())
    with other.ledger, open_projections(other.ledger.store, url) as theirs:
        theirs.follow()
    return url


def busy_city(*, closings: bool = False) -> World:
    """Return a year in small: two contracts, a cut, a dispute, a rejected payment, a report.

    With `closings` the ledger is closed now and then, also twice with nothing in between.
    """
    world = World.founded()

    def closing() -> None:
        if closings:
            world.do(world.closed())

    world.do(world.make(BudgetSupplemented, line="line-1", amount_fen=7_000))
    world.do(world.make(BudgetTransferred, from_line="line-1", to_line="line-2", amount_fen=55))
    closing()
    world.contract("c-1", 1_000_000, {"line-1": 600_000, "line-2": 400_000}, retention_ppm=50_000)
    world.contract("c-2", 333_333, {"line-2": 1_000_000})
    world.do(world.make(ContractPublished, contract="c-1"))
    world.visits("c-1", days=7)
    closing()
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[100], disputed=[250])
    world.request("p-1", "c-1", ["k-1"])
    closing()
    world.order("p-1")
    closing()
    world.reject("p-1")
    world.pay("p-2", "c-1", ["k-1"])
    closing()
    world.amend("c-1", -12_345, term_to="2026-11-30")
    world.visits("c-2", days=3)
    world.claim("k-2", "c-2")
    closing()
    world.answer("k-2")
    world.pay("p-3", "c-2", ["k-2"])
    closing()
    world.close("c-2")
    world.do(
        world.make(PartyUpdated, party="PRO", names={"en": "Évergreen Care", "zh": "长青养老"})
    )
    world.do(world.make(ServiceCatalogued, code="errands"))
    closing()
    closing()
    report(world, "ocds-213czf-1", '{"ocid":"ocds-213czf-1","tag":["planning"]}')
    return world


def unusual_contract(world: World) -> None:
    """Sign, fund, amend, suspend, resume and terminate a contract that a later year pays too."""
    later = [LaterYear(year=2027, amount_fen=40_000)]
    world.budget("line-2027", 100_000, year=2027)
    world.contract(
        "c-3",
        100_000,
        {"line-1": 500_000, "line-2": 500_000},
        term=Period(from_date="2026-02-01", to_date="2027-01-31"),
        later_years=later,
    )
    world.do(world.make(ContractFunded, contract="c-3", line="line-2027", amount_fen=15_000))
    shares = {"line-2027": 1_000_000}
    lines = [ContractLine(line=line, share_ppm=ppm) for line, ppm in shares.items()]
    world.amend("c-3", 1_000, lines=lines)
    world.do(world.make(ContractSuspended, contract="c-3"))
    world.do(world.make(ContractResumed, contract="c-3"))
    world.do(world.make(ContractTerminated, contract="c-3"))
    world.do(world.make(CareplanAgreed))
    world.do(world.make(ContractSuspended))


def report(world: World, ocid: str, release: str, **fields: object) -> None:
    """Report a release of a process, by default from `A publisher`, without an id."""
    source = ReleaseSource(publisher=str(fields.pop("publisher", "A publisher")), sha256="ab" * 32)
    fields.setdefault("release_id", f"r-{len(world.statements)}")
    world.do(world.make(ReleaseReported, ocid=ocid, release=release, source=source, **fields))


def assert_true_to(state: State, projections: Projections) -> None:
    """Check that the read models show, to the fen, what the state holds."""
    funds = {fund.line: fund for fund in list_funds(projections).items}
    assert {line: fund.balances for line, fund in funds.items()} == {
        line: state.line_balances(line) for line in state.lines
    }
    assert {line: (fund.owner.id, fund.year) for line, fund in funds.items()} == {
        line: (row.owner, row.year) for line, row in state.lines.items()
    }
    shown = {c.contract: c for c in list_contracts(projections, origin="native").items}
    assert set(shown) == set(state.contracts)
    for key, row in state.contracts.items():
        contract = shown[key]
        assert contract.buyer is not None
        assert (
            contract.buyer.id,
            [provider.id for provider in contract.providers],
            contract.status,
            contract.value_minor,
            contract.programme,
            contract.starts_on,
            contract.ends_on,
            contract.published_on is not None,
            contract.paid_minor,
            contract.accrued_minor,
        ) == (
            row.buyer,
            [row.provider],
            row.status,
            row.value_fen,
            row.programme,
            row.from_date,
            row.to_date,
            row.published,
            sum(state.holdings("paid", row)),
            sum(state.holdings("service_expense", row)),
        )
        file = contract_file(projections, key)
        assert file is not None
        assert [(line.line, line.share_ppm) for line in file.lines] == list(row.lines)
        for line in file.lines:
            held = {
                account: amount_fen
                for (account, of_line, about), amount_fen in state.balances.items()
                if of_line == line.line and about == key and amount_fen
            }
            assert line.balances == held


def assert_same_however_batched(kept: Kept, name: str) -> None:
    """Check that a read model folded statement by statement has the rows of a fold in one go."""
    store = kept.ledger.store
    with Projections(store, MODELS, batch_events=1) as stepwise:
        stepwise.rebuild(name)
    with open_projections(store) as projections:
        report = deep_check(projections, name)
        head = store.head()
        assert (report.differences, report.position) == ((), head.positions)
        assert report.rows > 0
