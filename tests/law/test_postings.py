"""Money: what each event posts, in both books, against the design's tables and worked example."""

import re
from collections.abc import Iterator

import needs
from books import held, posted
from world import World, lots_of

from ledger.events import TYPES, decode_event, type_of
from ledger.events.advance import (
    AdvanceOrdered,
    AdvanceRefunded,
    AdvanceRejected,
    AdvanceSettled,
)
from ledger.events.base import Period
from ledger.events.budget import (
    BudgetAppropriated,
    BudgetReduced,
    BudgetSupplemented,
    BudgetTransferred,
)
from ledger.events.claim import ClaimAgreed, ClaimDeemedAccepted, Returned
from ledger.events.contract import (
    ContractFunded,
    ContractLine,
    ContractSigned,
    ContractTerminated,
    LaterYear,
)
from ledger.events.delivery import VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.interest import InterestWaived
from ledger.events.notice import NoticeAnswered, NoticeGiven
from ledger.events.penalty import PenaltyImposed, RevenueRemitted
from ledger.events.refund import RefundReceived
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.rulebook import RulePublished
from ledger.events.tender import TenderAmended, TenderCancelled, TenderFailed
from ledger.money import split
from ledger.postings import CHART, SOURCES
from ledger.rules.admission import RULES
from ledger.statement import decode_statement_file
from ledger.times import MS_PER_DAY


def test_budget_postings() -> None:
    """Authority is granted, allotted and moved; cash and equity follow in the other book."""
    world = World.cast()
    world.budget("a", 100, 60)
    assert [posted([each]) for each in world.journal[-2:]] == [
        ["source_original → appropriated a 100", "cash → equity a 100"],
        ["appropriated → allotted a 60"],
    ]
    supplement = world.make(BudgetSupplemented, line="a", amount_fen=7)
    assert posted(world.do(supplement)) == [
        "source_adjusted → appropriated a 7",
        "cash → equity a 7",
    ]
    world.budget("b", 5)
    transfer = world.make(BudgetTransferred, from_line="a", to_line="b", amount_fen=20)
    assert posted(world.do(transfer)) == [
        "allotted → source_adjusted a 20",
        "source_adjusted → allotted b 20",
        "equity → cash a 20",
        "cash → equity b 20",
    ]
    assert {n: v for n, v in world.state.line_balances("a").items() if v} == {
        "source_original": -100,
        "source_adjusted": 13,
        "appropriated": 47,
        "allotted": 40,
        "cash": 87,
        "equity": 87,
    }


def test_a_lot_gives_back_what_its_contract_does_not_take_and_no_other_lot_does() -> None:
    """Of two lots on one line, signing frees the rest of its own; cancelling frees the other's."""
    world = World.founded({"a": 1_000, "b": 1_000})
    world.tender("t", {"1": {"a": 60, "b": 40}, "2": {"a": 10}})
    assert posted(world.journal[-1:]) == [
        "allotted → reserved a 60",
        "allotted → reserved b 40",
        "allotted → reserved a 10",
    ]
    world.award("w", "t", "1", 90)
    world.until_final("w")
    signing = world.make(
        ContractSigned,
        award="w",
        value_fen=81,
        lines=[
            ContractLine(line="b", share_ppm=400_000),
            ContractLine(line="a", share_ppm=600_000),
        ],
    )
    assert posted(world.do(signing)) == [
        "reserved → committed b 32",
        "reserved → committed a 49",
        "reserved → allotted a 11",
        "reserved → allotted b 8",
    ]
    assert world.state.balance("reserved", "a", "t/2") == 10
    other = World.founded({"a": 1_000})
    other.tender("t", {"1": {"a": 60}, "2": {"a": 10}})
    cancelled = other.do(other.make(TenderCancelled, tender="t"))
    assert posted(cancelled) == ["reserved → allotted a 60", "reserved → allotted a 10"]


def test_the_worked_example() -> None:
    """1,200,000.00, advance and recovery 20 %, retention 5 %: 97,000.00 accepted, 3,000.00 not yet.

    Up to the deduction, to the fen as in the design; then the dispute is ruled and all is paid.
    """
    world = World.founded({"a": 2 * 10**8})
    terms = {"advance_ppm": 200_000, "recovery_ppm": 200_000, "retention_ppm": 50_000}
    world.contract("c", 120_000_000, {"a": 1_000_000}, **terms)
    advance = world.make(AdvanceOrdered, contract="c", amount_fen=24_000_000)
    assert posted(world.do(advance)) == [
        "committed → advance_ordered a 24000000",
        "advances → in_transit a 24000000",
    ]
    assert posted(world.do(world.make(AdvanceSettled))) == [
        "advance_ordered → prepaid a 24000000",
        "in_transit → cash a 24000000",
    ]
    assert held(world, "c") == {
        "committed": [96_000_000],
        "prepaid": [24_000_000],
        "advances": [24_000_000],
    }
    world.do(*[world.make(VisitRecorded, contract="c", units=units) for units in (60, 1_940)])
    world.claim("k", "c")
    assert posted(world.answer("k", disputed=[300_000])) == [
        "committed → accrued a 7760000",
        "prepaid → paid a 1940000",
        "accrued → retained a 485000",
        "service_expense → payable a 9700000",
        "payable → advances a 1940000",
        "payable → retention_payable a 485000",
    ]
    assert held(world, "c") == {
        "committed": [88_240_000],
        "prepaid": [22_060_000],
        "accrued": [7_275_000],
        "retained": [485_000],
        "paid": [1_940_000],
        "advances": [22_060_000],
        "payable": [7_275_000],
        "retention_payable": [485_000],
        "service_expense": [9_700_000],
    }
    assert world.state.claims["k"].payable_fen == 7_275_000
    lines = world.lines(world.state.disputes, "k")
    ruling = world.make(DisputeRuled, claim="k", lines=lines, awarded_fen=200_000)
    assert posted(world.do(ruling)) == [
        "committed → accrued a 160000",
        "prepaid → paid a 40000",
        "accrued → retained a 10000",
        "service_expense → payable a 200000",
        "payable → advances a 40000",
        "payable → retention_payable a 10000",
    ]
    world.pay("p", "c", world.owed("c"))
    assert held(world, "c")["paid"] == [1_940_000 + 7_275_000 + 40_000 + 150_000]


def test_the_events_around_an_acceptance() -> None:
    """Over two lines: a rejected advance, a refund, an early release, a guarantee."""
    world = World.founded({"a": 10**6, "b": 10**6})
    shares = {"a": 700_000, "b": 300_000}
    world.contract("c", 100_000, shares, advance_ppm=200_000, retention_ppm=100_000)
    world.do(world.make(AdvanceOrdered, contract="c", amount_fen=101))
    assert posted(world.do(world.make(AdvanceRejected))) == [
        "advance_ordered → committed a 71",
        "advance_ordered → committed b 30",
        "in_transit → advances a 71",
        "in_transit → advances b 30",
    ]
    world.advance("v-2", "c", 101)
    refund = world.make(AdvanceRefunded, advance="v-2", amount_fen=11)
    assert posted(world.do(refund)) == [
        "prepaid → committed a 8",
        "prepaid → committed b 3",
        "cash → advances a 8",
        "cash → advances b 3",
    ]
    world.visits("c")
    world.claim("k", "c")
    world.answer("k")
    assert held(world, "c")["retained"] == [350, 150]
    early = world.make(RetentionReleased, contract="c", amount_fen=11, basis="early")
    assert posted(world.do(early, by="BUY/one")) == [
        "retained → accrued a 8",
        "retained → accrued b 3",
        "retention_payable → payable a 8",
        "retention_payable → payable b 3",
    ]
    guarantee = world.make(GuaranteeLodged, contract="c", amount_fen=489)
    assert posted(world.do(guarantee)) == [
        "retained → accrued a 342",
        "retained → accrued b 147",
        "retention_payable → payable a 342",
        "retention_payable → payable b 147",
    ]


def test_an_amended_lot_gives_or_takes_the_difference_and_a_failed_one_all_it_has() -> None:
    """Line by line: what is asked less is free again, what is asked more is set aside."""
    world = World.founded({"a": 100, "b": 50})
    world.tender("t", {"1": {"a": 60, "b": 40}, "2": {"a": 40}}, closes="2026-03-01T01:00:00.000Z")
    lots = lots_of({"1": {"a": 35, "b": 50}})
    assert posted(world.do(world.make(TenderAmended, tender="t", lots=lots))) == [
        "reserved → allotted a 25",
        "allotted → reserved b 10",
    ]
    # What lot 2 asks more of line a is just what lot 1 leaves, in the same amendment.
    lots = lots_of({"2": {"a": 75, "b": 25}, "1": {"a": 25, "b": 25}})
    assert posted(world.do(world.make(TenderAmended, tender="t", lots=lots))) == [
        "reserved → allotted a 10",
        "reserved → allotted b 25",
        "allotted → reserved a 35",
        "allotted → reserved b 25",
    ]
    assert [world.state.balance("reserved", line, "t/1") for line in "ab"] == [25, 25]
    assert [world.state.balance("reserved", line, "t/2") for line in "ab"] == [75, 25]
    failed = world.make(TenderFailed, tender="t", lots=["2"])
    assert posted(world.do(failed)) == ["reserved → allotted a 75", "reserved → allotted b 25"]
    assert not world.state.tenders["t"].lots["1"].failed
    assert posted(world.do(world.make(TenderFailed, tender="t"))) == [
        "reserved → allotted a 25",
        "reserved → allotted b 25",
    ]
    assert world.state.tenders["t"].status == "failed"


def test_the_worked_example_without_its_advance() -> None:
    """1,200,000.00 with 5 % retention: 97,000.00 accepted, 3,000.00 disputed, rejected, paid.

    Retention is 4,850.00 as in the design; what the advance would have recovered stays accrued.
    """
    world = World.founded({"a": 2 * 10**8})
    world.contract("c", 120_000_000, {"a": 1_000_000}, retention_ppm=50_000)
    world.do(*[world.make(VisitRecorded, contract="c", units=units) for units in (60, 1_940)])
    world.claim("k", "c")
    assert world.state.claims["k"].claim_fen == 10_000_000
    assert posted(world.answer("k", disputed=[300_000])) == [
        "committed → accrued a 9700000",
        "accrued → retained a 485000",
        "service_expense → payable a 9700000",
        "payable → retention_payable a 485000",
    ]
    assert held(world, "c") == {
        "committed": [110_300_000],
        "accrued": [9_215_000],
        "retained": [485_000],
        "payable": [9_215_000],
        "retention_payable": [485_000],
        "service_expense": [9_700_000],
    }
    assert world.state.contracts["c"].promised_fen == 300_000
    world.request("p", "c", ["k"])
    assert posted(world.journal[-1:]) == []
    assert posted(world.order("p")) == [
        "accrued → ordered a 9215000",
        "payable → in_transit a 9215000",
    ]
    assert posted(world.reject("p")) == [
        "ordered → accrued a 9215000",
        "in_transit → payable a 9215000",
    ]
    world.request("q", "c", ["k"])
    world.order("q")
    assert posted(world.settle("q")) == [
        "ordered → paid a 9215000",
        "in_transit → cash a 9215000",
    ]
    assert held(world, "c") == {
        "committed": [110_300_000],
        "retained": [485_000],
        "paid": [9_215_000],
        "retention_payable": [485_000],
        "service_expense": [9_700_000],
    }


def test_every_posting_splits_by_what_the_debited_account_holds() -> None:
    """Three lines, amounts that do not divide: no line is overdrawn, the last fen leaves each."""
    world = World.founded(dict.fromkeys("abc", 10**6))
    shares = {"a": 333_334, "b": 333_333, "c": 333_333}
    world.contract("x", 100_001, shares, retention_ppm=33_333)
    assert held(world, "x")["committed"] == split(100_001, list(shares.values()))
    world.amend("x", 10)
    world.amend("x", -11)
    world.visits("x", days=7)
    world.claim("k", "x")
    world.answer("k", cuts=[1, 2], disputed=[3])
    now = held(world, "x")
    accepted_fen = 35_000 - 6
    retained_fen = 1_166  # 3.3333 % of 34,994 is 1,166.46
    assert sum(now["accrued"]) == accepted_fen - retained_fen
    assert sum(now["retained"]) == retained_fen
    assert now["payable"] == now["accrued"]
    assert now["retention_payable"] == now["retained"]
    assert sum(now["committed"]) == 100_000 - accepted_fen
    world.pay("p", "x", ["k"])
    assert held(world, "x")["paid"] == now["accrued"]


def test_two_payments_of_one_contract_in_flight_do_not_mix() -> None:
    """One is rejected while the other settles; each principal arrives whole."""
    world = World.founded({"a": 10**6, "b": 10**6})
    world.contract("x", 100_000, {"a": 700_000, "b": 300_000})
    for number, days in (("1", 3), ("2", 2)):
        world.visits("x", days=days)
        world.claim(f"k{number}", "x")
        world.answer(f"k{number}", cuts=[1])
        world.request(f"p{number}", "x", [f"k{number}"])
        world.order(f"p{number}")
    world.reject("p1")
    world.settle("p2")
    now = held(world, "x")
    assert sum(now["paid"]) == 9_999
    assert sum(now["accrued"]) == sum(now["payable"]) == 14_999
    assert "ordered" not in now
    assert "in_transit" not in now


def test_a_penalty_is_paid_by_setting_it_off_and_is_revenue_until_it_is_remitted() -> None:
    """It empties what is payable, oldest claim first, and no cash moves before it is handed on."""
    world = World.founded({"a": 10**6, "b": 10**6})
    world.contract("x", 100_000, {"a": 700_000, "b": 300_000})
    for claim, days in (("k", 1), ("m", 2)):
        world.visits("x", days=days)
        world.claim(claim, "x")
        world.answer(claim)
    world.do(world.make(NoticeGiven, about="x", amount_fen=7_001))
    world.do(world.make(NoticeAnswered))
    penalty = world.make(PenaltyImposed, contract="x", amount_fen=7_001)
    assert posted(world.do(penalty)) == [
        "accrued → paid a 4901",
        "accrued → paid b 2100",
        "payable → penalty_revenue a 4901",
        "payable → penalty_revenue b 2100",
    ]
    assert [world.state.claims[claim].payable_fen for claim in "km"] == [0, 7_999]
    assert held(world, "x") == {
        "committed": [59_500, 25_500],
        "accrued": [5_599, 2_400],
        "paid": [4_901, 2_100],
        "payable": [5_599, 2_400],
        "service_expense": [10_500, 4_500],
    }
    cash_fen = world.state.balance("cash", "a")
    remitted = world.make(RevenueRemitted, line="a", amount_fen=4_901)
    assert posted(world.do(remitted)) == ["penalty_revenue → cash a 4901"]
    assert world.state.balance("cash", "a") == cash_fen - 4_901
    assert world.state.balance("penalty_revenue", "a") == 0
    assert world.state.balance("penalty_revenue", "b") == 2_100
    world.pay("p", "x", ["m"])
    assert held(world, "x")["paid"] == [10_500, 4_500]
    world.close("x")


# -- against the design ----------------------------------------------------------------------------


def _table_rows(heading: str) -> Iterator[list[str]]:
    page = needs.design("funds.md").read_text(encoding="utf-8")
    section = page.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    for line in section.splitlines():
        if line.startswith("| ") and not line.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def _events(cell: str) -> list[str]:
    """Return the event types that a cell of the postings table names, `.settled` in full."""
    names: list[str] = []
    for name in re.findall(r"`([a-z]*\.[a-z_]+)`", cell):
        names.append(name if name[0] != "." else names[-1].partition(".")[0] + name)
    return names


def test_the_chart_is_the_design_s() -> None:
    """Every account, in both books, with its side and its guard as funds.md has them."""
    names: dict[str, list[str]] = {}
    for cells in _table_rows("Chart of accounts"):
        for name in re.findall(r"`(\w+)`", cells[0]):
            names[name] = cells
    assert list(names) == list(CHART)
    for name, cells in names.items():
        account = CHART[name]
        if len(cells) == 2:
            assert account.book == "authority"
            assert not account.debit_normal
            assert account.guarded == (name not in SOURCES)
        else:
            assert account.book == "proprietary"
            assert account.debit_normal == (cells[1] == "debit")
            assert account.guarded == (cells[2].startswith("yes"))


def test_every_event_has_its_row_or_moves_no_money() -> None:
    """The events of the posting table are those whose rule posts; all others post nothing."""
    listed = {name for cells in _table_rows("Postings") for name in _events(cells[0])}
    assert listed & set(TYPES) == {
        name for name, event_type in TYPES.items() if RULES[event_type].postings is not None
    }


def _score_and_use(world: World) -> None:
    """Deduct by one score and grant a bonus by another, each of half a year."""
    world.do(world.make(RulePublished))
    terms = {"pay": "pay/standard@2", "bonus_max_fen": 1_000, "retention_ppm": 50_000}
    world.contract("y", 50_000, {"a": 700_000, "b": 300_000}, **terms)
    for half, until, total_ppm, factor_ppm in (
        ("1", "2026-06-30", 800_000, 800_000),
        ("2", "2026-12-31", 1_000_000, 1_050_000),
    ):
        world.visits("y", days=3, month=f"2026-{until[5:7]}")
        world.claim(f"y{half}", "y", until)
        world.answer(f"y{half}")
        world.score(f"s{half}", "y", until, total_ppm, factor_ppm)
    world.deduct("s1")
    world.bonus("s2")


def _end_the_year(world: World) -> None:
    """Carry a contract with something on every stage over, and let the line lapse."""
    world.contract("z", 10_000, {"a": 1_000_000}, retention_ppm=50_000)
    world.visits("z")
    world.claim("k-z", "z")
    world.answer("k-z")
    world.do(world.make(BudgetAppropriated, line="n", year=2027))
    world.now_ms += 361 * MS_PER_DAY
    world.carry("z", "a", "n")
    world.lapse("a")


def _pay_late_and_take_back(world: World) -> None:
    """Pay, bounce, bear interest, waive some, pay again, and refund before and after closing."""
    world.pay("q", "x", ["k"])
    world.bounce("q")
    world.now_ms += 70 * MS_PER_DAY
    world.accrue("k")
    world.do(world.make(InterestWaived, claim="k", amount_fen=1))
    for payment, end in (("r", world.reject), ("s", world.settle)):
        world.request(payment, "x", ["k"])
        world.order(payment, interest_fen=world.state.interest["k"].owed_fen)
        end(payment)
    world.bounce("s")
    world.do(world.make(InterestWaived, claim="k", amount_fen=world.state.interest["k"].owed_fen))
    world.pay("t", "x", ["k"])
    refund = {"contract": "x", "amount_fen": 7}
    world.do(world.make(RefundReceived, **refund))
    world.accrue("k")
    world.do(world.make(InterestWaived, claim="k", amount_fen=world.state.interest["k"].owed_fen))
    world.close("x")
    world.do(world.make(RefundReceived, **refund))


def _advances(world: World) -> None:
    world.advance("v-1", "x", 10_000)
    world.do(world.make(AdvanceOrdered, contract="x", advance="v-2"))
    world.do(world.make(AdvanceRejected, advance="v-2"))


def _disputes(world: World) -> None:
    state = world.state
    back, contested = world.lines(state.cuts, "k")
    returned = [Returned(visit=back.visit, amount_fen=back.amount_fen)]
    world.do(world.make(ClaimAgreed, claim="k", returned=returned))
    world.do(world.make(DisputeOpened, claim="k", lines=[contested]))
    for event_type in (DisputeSettled, DisputeRuled):
        line = world.lines(state.disputes, "k")[0]
        world.do(world.make(event_type, claim="k", lines=[line], awarded_fen=100))


def _spend() -> World:
    """From a budget to payments late and returned, penalties, scores and the year's end."""
    world = World.founded({"a": 10**6, "b": 10**6})
    world.do(world.make(BudgetSupplemented, line="a"))
    world.do(world.make(BudgetTransferred, from_line="a", to_line="b", amount_fen=5))
    world.do(world.make(BudgetReduced, line="a", amount_fen=5))
    world.do(world.make(BudgetReduced, line="a", stage="appropriated", amount_fen=5))
    world.tender("t-0", {"1": {"a": 5}}, closes="2026-12-31T01:00:00.000Z")
    world.do(world.make(TenderAmended, tender="t-0", lots=lots_of({"1": {"a": 3, "b": 4}})))
    world.do(world.make(TenderCancelled, tender="t-0"))
    world.tender("t-9", {"1": {"a": 5}})
    world.do(world.make(TenderFailed, tender="t-9"))
    world.contract("x", 100_000, {"a": 700_000, "b": 300_000})
    world.amend("x", 7)
    world.amend("x", -7)
    world.visits("x", days=3)
    world.claim("k", "x")
    world.answer("k", cuts=[1])
    world.request("p", "x", ["k"])
    world.order("p")
    world.reject("p")
    world.do(world.make(NoticeGiven, about="x"))
    world.do(world.make(NoticeAnswered))
    world.do(world.make(PenaltyImposed, contract="x"))
    world.do(world.make(RevenueRemitted, line="a", amount_fen=1))
    _pay_late_and_take_back(world)
    _score_and_use(world)
    _end_the_year(world)
    return world


def _contest() -> World:
    """Advances, cuts that come back, disputes, silence, a guarantee and what it releases."""
    world = World.founded({"a": 10**6, "b": 10**6})
    terms = {"recovery_ppm": 300_000, "retention_ppm": 50_000, "retention_release": "2026-01-05"}
    world.contract("x", 100_000, {"a": 700_000, "b": 300_000}, advance_ppm=200_000, **terms)
    _advances(world)
    world.visits("x", days=3)
    world.claim("k", "x")
    world.answer("k", cuts=[101, 101], disputed=[103])
    _disputes(world)
    world.visits("x", days=3)
    world.claim("k-2", "x")
    world.now_ms += 21 * MS_PER_DAY
    world.do(world.make(ClaimDeemedAccepted, claim="k-2"))
    world.do(world.make(GuaranteeLodged, contract="x", amount_fen=100))
    world.release("x")
    world.pay("q", "x", world.owed("x"))
    prepaid_fen = sum(held(world, "x")["prepaid"])
    world.do(world.make(AdvanceRefunded, amount_fen=prepaid_fen))
    world.close("x")
    return world


def _stop() -> World:
    """Fund a part of a later year, and terminate before all of it is used."""
    world = World.founded({"a": 10**6})
    world.budget("line-2027", 10_000, year=2027)
    term = Period(from_date="2026-07-01", to_date="2027-06-30")
    later = [LaterYear(year=2027, amount_fen=400)]
    world.contract("x", 10_000, {"a": 1_000_000}, term=term, later_years=later)
    world.do(world.make(ContractFunded, contract="x"))
    world.do(world.make(ContractTerminated, contract="x"))
    return world


def _arrows() -> dict[str, set[tuple[str, str]]]:
    """Return what the design's table lets each event post: debit and credit."""
    arrows: dict[str, set[tuple[str, str]]] = {}
    for cells in _table_rows("Postings"):
        row = " ; ".join(cells[1:]).replace("reservation** →", "reserved →")
        row = row.replace("**that lot's** reservation", "reserved")
        pairs = set(re.findall(r"(\w+) → (\w+)", row))
        pairs |= {
            (source, target)
            for sources, target in re.findall(r"([\w, ]+) or [\w ]+ → (\w+)", row)
            for source in re.findall(r"\w+", sources)
        }
        pairs |= {
            (source, target)
            for sources, target in re.findall(r"((?:\w+, )+\w+) → (\w+)", row)
            for source in re.findall(r"\w+", sources)
        }
        if "the reverse" in row:
            pairs |= {(target, source) for source, target in pairs}
        for name in _events(cells[0]):
            if name == "budget.carried_over":
                pairs |= _carried_arrows(row)
            arrows.setdefault(name, set()).update(pairs)
    # Where a deduction undoes the recovery of advances is told below the table.
    told = needs.design("funds.md").read_text(encoding="utf-8").split("**Deduction**", 1)[1]
    arrows["deduction.applied"] |= set(re.findall(r"(\w+) → (\w+)", told.partition("\n")[0]))
    return arrows


def test_every_posting_is_one_of_its_event_s_row() -> None:
    """Long stories post nothing that the design's row of that event does not have."""
    arrows, seen = _arrows(), set()
    for world in (_spend(), _contest(), _stop()):
        events = [
            decode_event(body)
            for statement in world.statements
            for body in decode_statement_file(statement.data)[1]
        ]
        for event, admitted in zip(events, world.journal, strict=True):
            for posting in admitted.postings:
                seen.add(type_of(event))
                assert (posting.debit, posting.credit) in arrows[type_of(event)], type_of(event)
    assert seen == {name for name, kind in TYPES.items() if RULES[kind].postings is not None}


def _carried_arrows(row: str) -> set[tuple[str, str]]:
    """Return what the row of a carry-over says in words: the same accounts, through equity."""
    assert "source_carried → the same accounts; allotted likewise" in row
    stages, through = re.findall(r"f: ([\w, ()']+) → carried|; ([\w, ]+) move f → g", row)
    words = [word for word in re.findall(r"\w+", stages[0]) if word in CHART]
    owed = [word for word in re.findall(r"\w+", through[1]) if word in CHART]
    pairs = {(stage, "carried") for stage in (*words, "allotted")}
    pairs |= {("source_carried", stage) for stage in (*words, "allotted")}
    return pairs | {(account, "equity") for account in owed} | {("equity", a) for a in owed}


def test_a_refund_s_odd_fen_falls_on_the_line_that_the_contract_names_first() -> None:
    """Ties go in the contract's own order (funds: Several lines), not in that of the ledger."""
    world = World.founded({"a": 10**6, "c": 10**6})
    world.contract("x", 10_000, {"c": 500_000, "a": 500_000})
    world.visits("x")
    world.claim("k", "x")
    world.answer("k")
    world.pay("p", "x", ["k"])
    refund = world.make(RefundReceived, contract="x", amount_fen=1)
    assert posted(world.do(refund)) == ["paid → committed c 1", "cash → service_expense c 1"]
