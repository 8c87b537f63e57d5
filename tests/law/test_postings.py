"""Money: what each event posts, in both books, against the design's tables and worked example."""

import re
from collections.abc import Iterator

import needs
from books import held, posted
from world import World

from ledger.events import TYPES, decode_event, type_of
from ledger.events.budget import BudgetSupplemented, BudgetTransferred
from ledger.events.contract import ContractLine, ContractSigned
from ledger.events.delivery import VisitRecorded
from ledger.events.notice import NoticeAnswered, NoticeGiven
from ledger.events.penalty import PenaltyImposed, RevenueRemitted
from ledger.events.tender import TenderCancelled
from ledger.money import split
from ledger.postings import CHART, SOURCES
from ledger.rules.admission import RULES
from ledger.statement import decode_statement_file


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
    listed = {
        name
        for cells in _table_rows("Postings")
        for name in re.findall(r"`([a-z]+\.[a-z_]+)`", cells[0])
    }
    assert listed & set(TYPES) == {
        name for name, event_type in TYPES.items() if RULES[event_type].postings is not None
    }


def test_every_posting_is_one_of_its_event_s_row() -> None:
    """A long story posts nothing that the design's row of that event does not have."""
    world = World.founded({"a": 10**6, "b": 10**6})
    world.do(world.make(BudgetSupplemented, line="a"))
    world.do(world.make(BudgetTransferred, from_line="a", to_line="b", amount_fen=5))
    world.tender("t-0", {"1": {"a": 5}})
    world.do(world.make(TenderCancelled, tender="t-0"))
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
    world.pay("q", "x", ["k"])
    world.close("x")
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
        for name in re.findall(r"`([a-z]+\.[a-z_]+)`", cells[0]):
            arrows.setdefault(name, set()).update(pairs)
    events = [
        decode_event(body)
        for statement in world.statements
        for body in decode_statement_file(statement.data)[1]
    ]
    seen = set()
    for event, admitted in zip(events, world.journal, strict=True):
        for posting in admitted.postings:
            seen.add(type_of(event))
            assert (posting.debit, posting.credit) in arrows[type_of(event)], type_of(event)
    assert seen == {name for name, kind in TYPES.items() if RULES[kind].postings is not None}
