"""`trace`: every number leads to its events, and every event to what it rests on and bears."""

import inspect
from collections.abc import Iterator
from typing import Any, get_args, get_type_hints

import pytest
from histories import Kept, busy_city, keep, unusual_contract
from msgspec import Struct
from world import World

from ledger.errors import LedgerError, Unverified
from ledger.events import EVENTS, TYPES, name_of_type
from ledger.events.base import Id, Ref
from ledger.events.budget import BudgetCarriedOver
from ledger.merkle import root_of
from ledger.store.histories import kinds_of, subjects_at
from ledger.store.rows import EventRow
from ledger.times import MS_PER_DAY
from ledger.tracing.adding import add_up, figures_of
from ledger.tracing.covering import coverings
from ledger.tracing.graph import Graph, Step
from ledger.tracing.references import EVENT, INTRODUCES, REFERENCES
from projections.catalogue import open_projections
from projections.contracts import list_contracts
from projections.funds import list_funds
from projections.payments import list_payments
from projections.payments.queries import contract_of_payment

NOT_WALKED = {
    "account", "beneficiary", "buyer", "counterparty", "criteria.id", "criterion", "device",
    "guarantor", "holder", "indicator", "indicators", "indicators.id", "items.service", "kind",
    "keys.holder", "lender", "lot", "lots", "lots.lot", "lots.service", "parameters.codes",
    "parent", "parties.party", "payee", "person", "prices.rates.service", "provider", "service",
    "code", "category", "services.service", "token", "units.service", "worker", "to", "about",
    "about.contract", "about.party", "scope.lines", "scope.programmes", "scope.purchasers",
    "final.line", "qualification",
}  # fmt: skip
"""People, things and scopes; what a home subject stands for; and what a part of an event names
that has no event of its own."""


@pytest.fixture
def city(database_url: str) -> Iterator[Kept]:
    """Keep a year in small, with a contract that was funded, amended, stopped and ended."""
    world = busy_city()
    unusual_contract(world)
    with keep(database_url, world).ledger as ledger:
        yield Kept(ledger, None, world)  # type: ignore[arg-type]  # nobody sets its clock


def of_type(city: Kept, type_name: str, number: int = 0) -> EventRow:
    """Return one event of a type."""
    return [row for row in city.ledger.store.events() if row.type == type_name][number]


def types(steps: Iterator[Step]) -> list[tuple[int, str]]:
    """Return the lines of a tree as depth and type."""
    return [(step.depth, step.type) for step in steps]


# -- the vocabulary ------------------------------------------------------------------------------


def fields(record: Any, before: str = "") -> Iterator[tuple[str, object]]:
    """Yield every field of a record that holds an id, with what kind of id."""
    for name, hint in get_type_hints(record, include_extras=True).items():
        yield from _ids(hint, f"{before}{name}")


def _ids(hint: Any, path: str) -> Iterator[tuple[str, object]]:
    if hint in (Id, Ref):
        yield path, hint
    elif inspect.isclass(hint) and issubclass(hint, Struct):
        yield from fields(hint, f"{path}.")
    else:
        for part in get_args(hint):
            yield from _ids(part, path)


def test_every_field_that_names_an_event_is_walked() -> None:
    """A new reference of the vocabulary is put in the table, or among what is not walked."""
    for event_type in EVENTS:
        known = {reference.path for reference in REFERENCES.get(event_type, ())}
        if event_type in INTRODUCES:
            known.add(INTRODUCES[event_type][0])
        found = {path for path, _ in fields(event_type)}
        missing = found - known - NOT_WALKED
        assert not missing, (event_type, missing)
        assert known - {""} <= found | {"visits"}, event_type
    introduced = {kind for _, kind in INTRODUCES.values()}
    kinds = {reference.kind for each in REFERENCES.values() for reference in each}
    assert kinds - introduced == {EVENT, "sum", "home"}


# -- figures -------------------------------------------------------------------------------------


def test_every_number_shown_is_the_sum_of_its_events(city: Kept) -> None:
    """Contracts, fund lines and payments: what read models show, added up from events alone."""
    store = city.ledger.store
    with open_projections(store) as projections:
        projections.follow()
        for contract in list_contracts(projections, origin="native").items:
            key = f"contract/{contract.contract}"
            figures = figures_of(store, key, key)
            for name, shown in {
                "value": contract.value_minor,
                "accrued": contract.accrued_minor,
                "paid": contract.paid_minor,
                "visits": contract.visits,
                "claims": contract.claims,
                "claimed": contract.claimed_minor,
                "cut": contract.cut_minor,
                "disputed": contract.disputed_minor,
            }.items():
                found = add_up(store, key, key, name)
                assert (name, figures[name], found.sum) == (name, shown, shown)
                assert found.sum == sum(each.adds for each in found.page)
        for fund in list_funds(projections).items:
            key = f"line/{fund.line}"
            figures = figures_of(store, key, key)
            assert {name: figures[name] for name in fund.balances} == fund.balances
        payments = list_payments(projections).items
        assert len(payments) == 3
        for payment in payments:
            home = f"contract/{payment.contract}"
            assert contract_of_payment(projections, payment.payment) == payment.contract
            assert figures_of(store, f"payment/{payment.payment}", home) == {
                "principal": payment.principal_fen,
                "interest": payment.interest_fen,
                "ordered": payment.ordered_fen or 0,
                "paid": payment.paid_fen,
            }
        assert contract_of_payment(projections, "none") is None


def test_every_account_of_every_contract_is_the_sum_of_its_postings(city: Kept) -> None:
    """What the state holds by account, line and contract, and what tenders hold reserved."""
    state, store = city.world.state, city.ledger.store
    for contract in state.contracts:
        key = f"contract/{contract}"
        figures = figures_of(store, key, key)
        held = {
            f"{line}/{account}": fen
            for (account, line, about), fen in state.balances.items()
            if about == contract
        }
        by_line = {name: fen for name, fen in figures.items() if "/" in name and fen}
        assert by_line == {name: fen for name, fen in held.items() if fen}
    for tender in state.tenders:
        key = f"tender/{tender}"
        reserved = sum(
            fen
            for (account, _, about), fen in state.balances.items()
            if account == "reserved" and about is not None and about.startswith(f"{tender}/")
        )
        assert figures_of(store, key, key)["reserved"] == reserved


def test_a_carried_over_contract_adds_up_on_both_lines(database_url: str) -> None:
    """What a year's end carries to another line is there, and gone from the old one."""
    world = World.contracted()
    world.budget("line-2027", 1_000, year=2027)
    world.now_ms += 360 * MS_PER_DAY
    if not world.carry("c-1", "line-1", "line-2027"):
        pytest.fail("nothing was carried over")
    with keep(database_url, world).ledger as ledger:
        figures = figures_of(ledger.store, "contract/c-1", "contract/c-1")
        assert figures["line-1/committed"] == 0
        assert figures["line-2027/committed"] == 600_000
        carried = add_up(ledger.store, "line/line-1", "line/line-1", "carried")
        assert [each.row.type for each in carried.page] == [name_of_type(BudgetCarriedOver)]


def test_a_long_figure_is_paged(city: Kept) -> None:
    """A page goes on behind a position, with the running sum; the whole sum is told each time."""
    store, key = city.ledger.store, "contract/c-1"
    whole = add_up(store, key, key, "visits")
    first = add_up(store, key, key, "visits", limit=3)
    second = add_up(store, key, key, "visits", after=first.page[-1].row.position, limit=100)
    assert (whole.sum, first.sum, second.sum) == (7, 7, 7)
    assert (first.more, second.more) == (True, False)
    assert first.page + second.page == whole.page
    assert [each.running for each in whole.page] == list(range(1, 8))


@pytest.mark.parametrize(("key", "figure"), [("contract/c-1", "none"), ("party/PRO", "paid")])
def test_an_unknown_figure_is_told(city: Kept, key: str, figure: str) -> None:
    """A figure that a subject does not have, a kind of subject without figures."""
    with pytest.raises(LedgerError, match="has no figure"):
        add_up(city.ledger.store, key, key, figure)


# -- the graph -----------------------------------------------------------------------------------

WAY = (
    "payment.settled",
    "payment.ordered",
    "payment.approved",
    "payment.requested",
    "claim.answered",
    "claim.submitted",
    "contract.signed",
    "award.decided",
    "tender.published",
    "budget.allotted",
    "budget.appropriated",
)
"""From a bank entry to the appropriation."""


def test_a_bank_entry_leads_back_to_the_appropriation(city: Kept) -> None:
    """Each step rests on the one before it, though it names only the payment or the claim."""
    settled = of_type(city, "payment.settled")
    steps = list(Graph(city.ledger.store).up(settled, 20, 10))
    way = [WAY[0]]
    depth = 0
    for step in steps:
        if step.depth == depth + 1 and not step.seen and step.type == WAY[len(way)]:
            way.append(step.type)
            depth = step.depth
            if len(way) == len(WAY):
                break
    assert tuple(way) == WAY
    counted = {step.type: step.count for step in steps if step.row is None}
    assert counted == {"visit.recorded": 7}


def test_an_appropriation_leads_down_to_the_bank_entry(city: Kept) -> None:
    """The same way from above, to every bank entry of the line."""
    appropriated = of_type(city, "budget.appropriated")
    steps = list(Graph(city.ledger.store).down(appropriated, 20, 10))
    depths = {type_name: depth for depth, type_name in reversed(types(iter(steps)))}
    below = list(reversed(WAY[:-1]))
    assert [depths[each] for each in below] == list(range(1, len(WAY)))
    assert not any(step.cut for step in steps)
    positions = [step.first for step in steps if not step.seen and step.row is not None]
    assert len(positions) == len(set(positions)), "no event is told twice"


def test_depth_cuts_a_tree_and_says_where(city: Kept) -> None:
    """What leads on beyond the depth is marked; what does not is not."""
    steps = list(Graph(city.ledger.store).down(of_type(city, "contract.signed"), 1, 10))
    assert {step.depth for step in steps} == {1}
    cut = {step.type: step.cut for step in steps}
    assert (cut["claim.submitted"], cut["contract.published"]) == (True, False)


def test_what_is_many_is_counted_and_paged(city: Kept) -> None:
    """Visits under a contract or a claim, and whatever is more than the limit, are one line."""
    graph = Graph(city.ledger.store)
    signed, claim = of_type(city, "contract.signed"), of_type(city, "claim.submitted")
    counted = {step.type: step for step in graph.down(signed, 1, 1) if step.row is None}
    assert counted["visit.recorded"].count == 7
    visits = [row.position for row in city.ledger.store.events() if row.type == "visit.recorded"]
    first = graph.page(signed, "visit.recorded", -1, 3)
    rest = graph.page(signed, "visit.recorded", first[-1].position, 100)
    assert [row.position for row in (*first, *rest)] == visits[:7]
    assert [row.position for row in graph.page(claim, "visit.recorded", -1, 100)] == visits[:7]
    requested = graph.page(of_type(city, "claim.answered"), "payment.requested", -1, 100)
    assert [row.type for row in requested] == ["payment.requested"] * 2


def test_a_visit_leads_to_its_claim_and_to_what_was_cut(city: Kept) -> None:
    """The claim that covers it, the answer that cut it; and above it is the contract."""
    graph = Graph(city.ledger.store)
    cut = graph.below(of_type(city, "visit.recorded"))
    assert [row.type for row in cut.rows] == ["claim.submitted", "claim.answered"]
    plain = graph.below(of_type(city, "visit.recorded", 5))
    assert [row.type for row in plain.rows] == ["claim.submitted"]
    above = graph.above(of_type(city, "visit.recorded"), 10)
    assert [row.type for row in above.rows] == ["contract.signed"]


def test_claims_cover_the_visits_that_they_name(city: Kept) -> None:
    """By the law's own rule, from the history alone; the root of each claim is met."""
    store = city.ledger.store
    (covering,) = coverings(store, "contract/c-1", 480)
    assert covering.claim == "k-1"
    assert list(covering.visits.values()) == sorted(covering.visits.values())
    assert len(covering.visits) == 7


def test_visits_that_are_not_those_of_the_claim_are_told(
    city: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim whose root the visits stored do not give is named."""
    monkeypatch.setattr("ledger.tracing.covering.root_of", lambda leaves: root_of(leaves[1:]))
    with pytest.raises(Unverified, match="k-1"):
        list(coverings(city.ledger.store, "contract/c-1", 480))


def test_every_event_can_be_walked_both_ways(city: Kept) -> None:
    """No event of the history stops a walk, and what lies above one has it below."""
    store = city.ledger.store
    graph = Graph(store)
    for row in store.events():
        above = graph.above(row, 10**6)
        for each in above.rows:
            assert each.position < row.position
        below = graph.below(row)
        assert all(each.position > row.position for each in below.rows)
        for each in below.rows:
            assert row.position in {up.position for up in graph.above(each, 10**6).rows} or (
                row.type == "visit.recorded"
            )


def test_counts_and_places_of_a_history(city: Kept) -> None:
    """How many of each type touch a subject, and which tender a contract was signed for."""
    store = city.ledger.store
    kinds = kinds_of(store, "contract/c-1")
    assert kinds["visit.recorded"].count == 7
    assert set(kinds) <= set(TYPES)
    signed = of_type(city, "contract.signed")
    assert subjects_at(store, signed.position, "tender") == ("tender/t-c-1",)
    assert kinds_of(store, "contract/none") == {}
