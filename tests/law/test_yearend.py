"""The year's end: what a line has left lapses, what is contracted is carried over once.

Advances and interest are put into the books here by postings of their own rows in the design,
so that a carry-over can be seen to move them whatever event brought them there.
"""

from collections.abc import Callable, Iterable

import pytest
import scenario
from world import World

from ledger.errors import InvariantBroken, Refused
from ledger.events import Event
from ledger.events.budget import (
    BudgetAllotted,
    BudgetAppropriated,
    BudgetCarriedOver,
)
from ledger.events.contract import ContractLine, ContractSigned
from ledger.events.parties import RoleRevoked, Scope
from ledger.events.tender import TenderCancelled
from ledger.postings import Posting
from ledger.rules.admission import RULES, Admitted
from ledger.rules.money import book, check_invariants
from ledger.state import State
from ledger.times import MS_PER_DAY

NEW_YEAR = 361
"""Days from the world's beginning, 5 January 2026, to 1 January 2027."""


def posted(admitted: Iterable[Admitted]) -> list[str]:
    """Return the postings of a statement as text, `debit → credit line fen`."""
    return [f"{p.debit} → {p.credit} {p.line} {p.amount_fen}" for a in admitted for p in a.postings]


def held(world: World, line: str) -> dict[str, int]:
    """Return what the accounts of a line hold, without empty ones."""
    return {name: fen for name, fen in world.state.line_balances(line).items() if fen}


def carry_lot(world: World, tender: str, old: str, new: str) -> list[Admitted]:
    """Carry the lot `1` of a tender over."""
    return world.do(lot_event(world, tender, old, new))


def lot_event(world: World, tender: str, old: str, new: str) -> BudgetCarriedOver:
    """Return the carry-over of the lot `1` of a tender."""
    heading = world.heading()
    return BudgetCarriedOver(**heading, tender=tender, lot="1", from_line=old, to_line=new)


def next_year(world: World, line: str, year: int = 2027, amount_fen: int = 1_000) -> None:
    """Appropriate a line of another year, nothing of it allotted."""
    world.do(world.make(BudgetAppropriated, line=line, year=year, amount_fen=amount_fen))


def test_a_line_lapses_after_its_year() -> None:
    """Not on its last day, not while a tender counts on it, and once; then it grants nothing.

    outcome            | by      | event               | fields
    ok                 |         | tender.published    |
    reference_unknown  |         | budget.lapsed       | line=line-9
    not_line_owner     | FI2/one | budget.lapsed       |
    later              |         |                     | 360
    period_not_over    |         | budget.lapsed       |
    later              |         |                     | 1
    line_has_reservation |       | budget.lapsed       |
    ok                 |         | tender.cancelled    |
    ok                 |         | budget.lapsed       |
    line_lapsed        |         | budget.lapsed       |
    line_lapsed        |         | budget.supplemented |
    line_lapsed        |         | budget.allotted     |
    line_lapsed        |         | budget.reduced      |
    line_lapsed        |         | budget.transferred  |
    line_lapsed        |         | budget.transferred  | from=line-2; to=line-1
    guard_broken       |         | tender.published    | tender=t-2
    """
    scenario.play(World.founded(), test_a_line_lapses_after_its_year.__doc__)


def test_a_transfer_stays_in_its_year() -> None:
    """To another year it would be a carry-over under another name.

    outcome      | by | event               | fields
    ok           |    | budget.appropriated | year=2027
    year_differs |    | budget.transferred  | to=line-3
    ok           |    | budget.transferred  |
    """
    scenario.play(World.founded(), test_a_transfer_stays_in_its_year.__doc__)


def test_a_contract_is_carried_over_once() -> None:
    """By the bureau of both lines, after the year, to the next, with no order at the bank.

    outcome             | by              | event               | fields
    ok                  |                 | budget.appropriated | year=2027
    ok                  |                 | budget.appropriated | line=line-4
    ok                  | FI2/one FI2/two | budget.appropriated | line=line-5; year=2027
    ok                  |                 | budget.appropriated | line=line-6; year=2028
    ok                  |                 | visit.recorded      |
    ok                  |                 | claim.submitted     |
    ok                  |                 | claim.answered      |
    ok                  |                 | payment.requested   |
    ok                  |                 | payment.approved    |
    ok                  |                 | payment.ordered     |
    later               |                 |                     | 360
    period_not_over     |                 | budget.carried_over |
    later               |                 |                     | 1
    order_in_flight     |                 | budget.carried_over |
    ok                  |                 | payment.rejected    |
    reference_unknown   |                 | budget.carried_over | contract=c-9
    reference_unknown   |                 | budget.carried_over | from=line-9
    reference_unknown   |                 | budget.carried_over | to=line-9
    carry_over_unclear  |                 | budget.carried_over | tender=t-c-1
    carry_over_unclear  |                 | budget.carried_over | tender=t-c-1; lot="1"
    not_line_owner      | FI2/one         | budget.carried_over |
    not_line_owner      |                 | budget.carried_over | to=line-5
    year_differs        |                 | budget.carried_over | to=line-1
    year_differs        |                 | budget.carried_over | to=line-4
    year_differs        |                 | budget.carried_over | to=line-6
    line_not_of         |                 | budget.carried_over | from=line-4
    ok                  |                 | budget.carried_over |
    nothing_to_carry    |                 | budget.carried_over |
    ok                  |                 | budget.lapsed       |
    ok                  |                 | payment.requested   | payment=p-2
    ok                  |                 | payment.approved    | payment=p-2
    ok                  |                 | payment.ordered     | payment=p-2
    ok                  |                 | payment.settled     | payment=p-2
    later               |                 |                     | 365
    carried_over_before |                 | budget.carried_over | from=line-3; to=line-6
    ok                  |                 | budget.lapsed       | line=line-3
    line_lapsed         |                 | budget.carried_over | from=line-2
    """
    scenario.play(World.contracted(), test_a_contract_is_carried_over_once.__doc__)


def _owing() -> World:
    """Return a world whose contract c-1 has money at every stage on line-1, and the year is over.

    committed 84,000, prepaid 6,000, accrued 6,000 (interest 40), retained 1,000, paid 3,000.
    """
    world = World.founded({"line-1": 200_000})
    world.contract("c-1", 100_000, {"line-1": 1_000_000})
    next_year(world, "line-3")

    def put(debit: str, credit: str, fen: int) -> None:
        postings = [Posting(debit, credit, "line-1", fen, "c-1")]
        book(world.state, postings)

    for debit, credit, fen in (
        ("committed", "advance_ordered", 6_000),
        ("advances", "in_transit", 6_000),
        ("advance_ordered", "prepaid", 6_000),
        ("in_transit", "cash", 6_000),
        ("committed", "accrued", 10_000),
        ("service_expense", "payable", 10_000),
        ("accrued", "retained", 1_000),
        ("payable", "retention_payable", 1_000),
        ("accrued", "ordered", 3_000),
        ("payable", "in_transit", 3_000),
        ("ordered", "paid", 3_000),
        ("in_transit", "cash", 3_000),
        ("interest_expense", "interest_payable", 40),
    ):
        put(debit, credit, fen)
    world.state.settle()
    world.now_ms += NEW_YEAR * MS_PER_DAY
    return world


def test_carry_over_moves_every_stage_in_both_books() -> None:
    """Authority, what is owed, the advance, and cash for what is unpaid; the paid part stays."""
    world = _owing()
    assert posted(world.carry("c-1", "line-1", "line-3")) == [
        "committed → carried line-1 84000",
        "source_carried → committed line-3 84000",
        "prepaid → carried line-1 6000",
        "source_carried → prepaid line-3 6000",
        "accrued → carried line-1 6000",
        "source_carried → accrued line-3 6000",
        "retained → carried line-1 1000",
        "source_carried → retained line-3 1000",
        "allotted → carried line-1 40",
        "source_carried → allotted line-3 40",
        "payable → equity line-1 6000",
        "equity → payable line-3 6000",
        "retention_payable → equity line-1 1000",
        "equity → retention_payable line-3 1000",
        "interest_payable → equity line-1 40",
        "equity → interest_payable line-3 40",
        "equity → advances line-1 6000",
        "advances → equity line-3 6000",
        "equity → cash line-1 91040",
        "cash → equity line-3 91040",
    ]
    world.lapse("line-1")
    old = held(world, "line-1")
    assert (old["paid"], old["carried"], old["lapsed"]) == (3_000, 97_040, 99_960)
    assert old.keys() == {
        *("source_original", "paid", "lapsed", "carried", "equity"),
        *("service_expense", "interest_expense"),
    }
    assert held(world, "line-3") == {
        "source_original": -1_000,
        "source_carried": -97_040,
        "appropriated": 1_000,
        "allotted": 40,
        "committed": 84_000,
        "prepaid": 6_000,
        "accrued": 6_000,
        "retained": 1_000,
        "cash": 92_040,
        "advances": 6_000,
        "payable": 6_000,
        "retention_payable": 1_000,
        "interest_payable": 40,
        "equity": 91_000,
    }
    assert world.state.contracts["c-1"].lines == (("line-3", 1_000_000), ("line-1", 0))


def test_interest_does_not_hold_a_carry_over_up() -> None:
    """Where the old line lapsed, what is owed moves and the new line must allot for it."""
    world = _owing()
    world.lapse("line-1")
    moved = posted(world.carry("c-1", "line-1", "line-3"))
    assert "interest_payable → equity line-1 40" in moved
    assert "cash → equity line-3 91000" in moved
    assert not any("allotted" in each for each in moved)


def test_a_payment_that_bounces_after_the_carry_over_is_carried_again() -> None:
    """Owed again on the old line, it was never carried; then it is, and the books agree."""
    world = _owing()
    world.carry("c-1", "line-1", "line-3")
    bounce = [
        Posting("paid", "accrued", "line-1", 3_000, "c-1"),
        Posting("cash", "payable", "line-1", 3_000, "c-1"),
    ]
    book(world.state, bounce)
    check_invariants(world.state, bounce, ["contract/c-1"], commits=False)
    world.state.settle()
    assert posted(world.carry("c-1", "line-1", "line-3")) == [
        "accrued → carried line-1 3000",
        "source_carried → accrued line-3 3000",
        "payable → equity line-1 3000",
        "equity → payable line-3 3000",
        "equity → cash line-1 3000",
        "cash → equity line-3 3000",
    ]
    record = world.state.contracts["c-1"]
    assert world.state.holdings("accrued", record) == [9_000, 0]
    assert world.state.carried["c-1", "line-3"] == 100_000


def test_what_returns_to_a_lapsed_line_lapses_at_once() -> None:
    """Released by an amendment or a closing, it is never free to spend again, nor is its cash."""
    world = World.founded({"a": 5_000, "b": 5_000})
    world.contract("c-1", 1_000, {"a": 500_000, "b": 500_000})
    world.now_ms += NEW_YEAR * MS_PER_DAY
    assert posted(world.lapse("a")) == ["allotted → lapsed a 4500", "equity → cash a 4500"]
    assert posted(world.amend("c-1", -100)) == [
        "committed → allotted a 50",
        "committed → allotted b 50",
        "allotted → lapsed a 50",
        "equity → cash a 50",
    ]
    assert posted(world.close("c-1"))[2:] == ["allotted → lapsed a 450", "equity → cash a 450"]
    assert held(world, "a") == {"source_original": -5_000, "lapsed": 5_000}
    assert held(world, "b")["allotted"] == 5_000


def test_a_line_with_nothing_left_lapses_too() -> None:
    """It moves no money and is closed all the same."""
    world = World.founded({"a": 1_000, "b": 1})
    world.contract("c-1", 1_000, {"a": 1_000_000})
    world.now_ms += NEW_YEAR * MS_PER_DAY
    assert posted(world.lapse("a")) == []
    assert world.state.lines["a"].lapsed


def test_an_appropriation_that_was_never_allotted_lapses_with_the_rest() -> None:
    """Both stages go, and the cash for both."""
    world = World.cast()
    world.budget("a", 100, 60)
    world.now_ms += NEW_YEAR * MS_PER_DAY
    assert posted(world.lapse("a")) == [
        "appropriated → lapsed a 40",
        "allotted → lapsed a 60",
        "equity → cash a 100",
    ]


def test_a_lot_is_carried_over_and_its_contract_not_again() -> None:
    """The reservation moves, the contract is signed from the new line, and that was the once."""
    world = World.founded({"line-1": 10_000, "line-2": 10_000})
    world.tender("t", {"1": {"line-1": 600, "line-2": 400}})
    world.award("w", "t", "1", 1_000)
    next_year(world, "g")
    next_year(world, "h", 2028)
    world.now_ms += NEW_YEAR * MS_PER_DAY
    event = lot_event(world, "t", "g", "h")
    assert scenario.refusal(world, event, by="FIN/one").code == "period_not_over"
    assert posted(carry_lot(world, "t", "line-1", "g")) == [
        "reserved → carried line-1 600",
        "source_carried → reserved g 600",
        "equity → cash line-1 600",
        "cash → equity g 600",
    ]
    assert world.state.tenders["t"].lots["1"].lines == ("g", "line-2")
    again = lot_event(world, "t", "line-1", "g")
    assert scenario.refusal(world, again).code == "line_not_of"
    world.lapse("line-1")
    lines = [
        ContractLine(line="g", share_ppm=600_000),
        ContractLine(line="line-2", share_ppm=400_000),
    ]
    signing = world.make(ContractSigned, award="w", value_fen=1_000, lines=lines)
    world.do(signing)
    world.now_ms += 365 * MS_PER_DAY
    twice = world.make(BudgetCarriedOver, from_line="g", to_line="h")
    refused = scenario.refusal(world, twice)
    assert (refused.code, refused.facts["amount_fen"]) == ("carried_over_before", 600)


def test_a_cancelled_lot_has_nothing_to_carry() -> None:
    """Its reservation is free again already, and nothing of it is left to come."""
    world = World.founded({"line-1": 1_000})
    world.tender("t", {"1": {"line-1": 600}})
    world.do(world.make(TenderCancelled, tender="t"))
    next_year(world, "g")
    world.now_ms += NEW_YEAR * MS_PER_DAY
    assert scenario.refusal(world, lot_event(world, "t", "line-1", "g")).code == "nothing_to_carry"


def test_a_contract_s_own_authority_moves_once_what_was_carried_is_used() -> None:
    """10,000 came from the year before and 1,000 were added: after 10,000 are paid they may move.

    A payment that comes back is carried authority again, and stays.
    """
    world = World.founded({"f": 10_000})
    world.contract("c-1", 10_000, {"f": 1_000_000})
    next_year(world, "g", amount_fen=5_000)
    next_year(world, "h", 2028)
    world.do(world.make(BudgetAllotted, line="g", amount_fen=5_000))
    world.now_ms += NEW_YEAR * MS_PER_DAY
    world.carry("c-1", "f", "g")
    world.amend("c-1", 1_000)
    world.now_ms += 365 * MS_PER_DAY
    event = world.make(BudgetCarriedOver, from_line="g", to_line="h")
    for number, left_fen in ((1, 10_000), (2, 5_000)):
        assert scenario.refusal(world, event).facts["amount_fen"] == left_fen
        world.visits("c-1", days=1)
        world.claim(f"k-{number}", "c-1")
        world.answer(f"k-{number}")
        world.pay(f"p-{number}", "c-1", [f"k-{number}"])
    mark = world.state.mark()
    bounce = [Posting("paid", "accrued", "g", 5_000, "c-1")]
    bounce.append(Posting("cash", "payable", "g", 5_000, "c-1"))
    book(world.state, bounce)
    with pytest.raises(Refused, match=r"carried_over_before.*5000"):
        world.do(event)
    world.state.undo(mark)
    assert posted(world.do(event)) == [
        "committed → carried g 1000",
        "source_carried → committed h 1000",
        "equity → cash g 1000",
        "cash → equity h 1000",
    ]


def test_a_contract_keeps_the_line_it_is_carried_to_and_adds_the_share() -> None:
    """Where the new line is the contract's already, it has both shares from then on."""
    world = World.founded({"f": 10_000, "e": 10_000})
    world.do(world.make(BudgetAppropriated, line="g", year=2027, amount_fen=10_000))
    world.do(world.make(BudgetAllotted, line="g", amount_fen=10_000))
    world.contract("c-1", 1_000, {"f": 300_000, "g": 500_000, "e": 200_000})
    world.now_ms += NEW_YEAR * MS_PER_DAY
    world.carry("c-1", "f", "g")
    shares = (("f", 0), ("g", 800_000), ("e", 200_000))
    assert world.state.contracts["c-1"].lines == shares
    assert posted(world.amend("c-1", 10)) == [
        "allotted → committed g 8",
        "allotted → committed e 2",
    ]


def test_a_used_up_line_is_replaced_for_what_comes() -> None:
    """Nothing moves, but the next amendment draws on the new line."""
    world = World.founded({"f": 10_000})
    world.contract("c-1", 5_000, {"f": 1_000_000})
    world.visits("c-1", days=1)
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.pay("p-1", "c-1", ["k-1"])
    world.do(world.make(BudgetAppropriated, line="g", year=2027, amount_fen=10_000))
    world.do(world.make(BudgetAllotted, line="g", amount_fen=10_000))
    world.now_ms += NEW_YEAR * MS_PER_DAY
    assert posted(world.carry("c-1", "f", "g")) == []
    assert ("c-1", "g") not in world.state.carried
    assert posted(world.amend("c-1", 10)) == ["allotted → committed g 10"]
    world.amend("c-1", -10)
    closing = world.closing("c-1")
    assert {each.line: each.paid_fen for each in closing.final} == {"g": 0, "f": 5_000}
    world.do(closing)


def test_a_bureau_answers_for_both_lines_of_a_carry_over() -> None:
    """A role on the old line alone carries nothing to the new one."""
    world = World.founded({"line-1": 10_000})
    world.contract("c-1", 1_000, {"line-1": 1_000_000})
    next_year(world, "line-3")
    world.now_ms += NEW_YEAR * MS_PER_DAY
    world.do(world.make(RoleRevoked, party="FIN", role="finance"))
    world.grant("FIN", "finance", Scope(lines=["line-1"]))
    event = world.make(BudgetCarriedOver)
    assert scenario.refusal(world, event).code == "signer_lacks_role"
    world.grant("FIN", "finance", Scope(lines=["line-3"]))
    world.do(event)


# -- planted faults --------------------------------------------------------------------------------


@pytest.mark.parametrize("place", range(8))
def test_no_stage_of_a_carry_over_can_be_left_out(
    place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without one posting of the authority book, authority would be lost or made: I1 or I6."""
    world = _owing()
    _plant(monkeypatch, lambda postings: postings[:place] + postings[place + 1 :])
    with pytest.raises(InvariantBroken, match=r"I[12346]:"):
        world.carry("c-1", "line-1", "line-3")


def test_a_carry_over_moves_no_other_contract_s_money(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose money moves must be a subject of the event."""
    world = _owing()
    world.contract("c-2", 100_000, {"line-1": 1_000_000})
    _plant(monkeypatch, lambda postings: [p._replace(contract="c-2") for p in postings[:2]])
    with pytest.raises(InvariantBroken, match="I6"):
        world.carry("c-1", "line-1", "line-3")


def test_nothing_stays_free_on_a_lapsed_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lapse that leaves a fen behind is stopped at the next posting to that line."""
    world = World.founded({"a": 1_000})
    world.contract("c-1", 500, {"a": 1_000_000})
    world.now_ms += NEW_YEAR * MS_PER_DAY
    world.lapse("a")
    monkeypatch.setattr("ledger.rules.admission.lapse_returns", lambda _state, postings: postings)
    with pytest.raises(InvariantBroken, match="I1: line a has lapsed and holds 1 fen"):
        world.amend("c-1", -1)


def _plant(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[list[Posting]], list[Posting]]
) -> None:
    kind: type[Event] = BudgetCarriedOver
    rule = RULES[kind]

    def planted(state: State, event: Event) -> list[Posting]:
        return change(rule.postings(state, event) if rule.postings else [])

    monkeypatch.setitem(RULES, kind, rule._replace(postings=planted))
