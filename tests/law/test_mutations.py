"""Planted faults: a wrong posting, a dropped guard, money moved across lines. All are found.

The invariants stand between our own mistakes and the log. Each test plants one mistake in the
law and shows that the event is stopped and that nothing of it is left in the state.
"""

from collections.abc import Callable
from typing import Any

import pytest
from snapshots import snapshot
from world import World

from ledger.errors import InvariantBroken, Refused
from ledger.events import Event
from ledger.events.advance import (
    AdvanceOrdered,
    AdvanceRefunded,
    AdvanceRejected,
    AdvanceSettled,
)
from ledger.events.claim import (
    ClaimAgreed,
    ClaimAnswered,
    ClaimDeemedAccepted,
    Disputed,
    Returned,
)
from ledger.events.contract import ContractAmended, ContractClosed, ContractLine, ContractSigned
from ledger.events.dispute import DisputeRuled, DisputeSettled
from ledger.events.payment import PaymentOrdered, PaymentRejected, PaymentSettled
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.rulebook import RulePublished
from ledger.events.score import BonusGranted, DeductionApplied
from ledger.postings import CHART, Posting
from ledger.rules.admission import RULES
from ledger.state import State
from ledger.times import MS_PER_DAY

Change = Callable[[list[Posting]], list[Posting]]


def ready_for(event_type: type[Event]) -> World:
    """Return a world mid-way: c-1 claimed, c-2 ordered, c-3 asked for; each over two lines.

    c-5 to c-7 have advances; k-6 is claimed, k-7 answered.
    """
    world = World.founded()
    world.tender("t-4", {"1": {"line-1": 60, "line-2": 40}})
    world.award("a-4", "t-4", "1", 100)
    world.until_final("a-4")
    for number in ("1", "2", "3"):
        retention_ppm = 50_000 if number == "1" else 0
        shares = {"line-1": 600_000, "line-2": 400_000}
        world.contract(f"c-{number}", 100_000, shares, retention_ppm=retention_ppm)
        world.visits(f"c-{number}", days=4)
        world.claim(f"k-{number}", f"c-{number}")
    world.answer("k-2")
    world.request("p-2", "c-2", ["k-2"])
    world.order("p-2")
    if event_type is ContractClosed:
        world.settle("p-2")
    world.answer("k-3")
    world.request("p-3", "c-3", ["k-3"])
    _advances_and_disputes(world)
    world.approve("p-3")
    if event_type in {DeductionApplied, BonusGranted}:
        _score(world)
    return world


def _score(world: World) -> None:
    """Score c-8, badly for half a year and well for the other; all it has accrued is asked for.

    What an acceptance would have recovered of an advance is put in by hand.
    """
    world.do(world.make(RulePublished))
    shares = {"line-1": 600_000, "line-2": 400_000}
    terms = {"pay": "pay/standard@2", "bonus_max_fen": 1_000, "retention_ppm": 50_000}
    world.contract("c-8", 100_000, shares, **terms)
    for number, until, total_ppm, factor_ppm in (
        ("8", "2026-06-30", 0, 800_000),
        ("9", "2026-12-31", 900_000, 1_050_000),
    ):
        world.visits("c-8", days=2, month=until[:7])
        world.claim(f"k-{number}", "c-8", until)
        world.answer(f"k-{number}")
        world.score(f"s-{number}", "c-8", until, total_ppm, factor_ppm)
    world.pay("p-8", "c-8", ["k-8"])
    world.request("p-9", "c-8", ["k-9"])
    record = world.state.contracts["c-8"]
    world.state.contracts["c-8"] = record._replace(advanced_fen=700)


def _sign(world: World) -> None:
    lines = [
        ContractLine(line="line-1", share_ppm=600_000),
        ContractLine(line="line-2", share_ppm=400_000),
    ]
    world.do(world.make(ContractSigned, contract="c-4", award="a-4", value_fen=100, lines=lines))


def _advances_and_disputes(world: World) -> None:
    """Add c-5 and c-6 with an advance ordered, and paid; k-6 is claimed, k-7 answered."""
    shares = {"line-1": 600_000, "line-2": 400_000}
    terms = {"advance_ppm": 200_000, "recovery_ppm": 500_000, "retention_ppm": 50_000}
    for number in ("5", "6", "7"):
        release = "2026-01-05"
        world.contract(f"c-{number}", 100_000, shares, retention_release=release, **terms)
    world.do(world.make(AdvanceOrdered, contract="c-5", advance="v-5"))
    for number in ("6", "7"):
        world.advance(f"v-{number}", f"c-{number}", 10_000)
        world.visits(f"c-{number}", days=4)
        world.claim(f"k-{number}", f"c-{number}")
    world.answer("k-7", cuts=[500], disputed=[700])


def _silence(world: World) -> None:
    world.now_ms += 21 * MS_PER_DAY
    world.do(world.make(ClaimDeemedAccepted, claim="k-6"))


def _lines(world: World, record: type[Any], table: str) -> list[Any]:
    (line,) = world.lines(getattr(world.state, table), "k-7")
    return [record(visit=line.visit, amount_fen=line.amount_fen)]


def _decide(world: World, event_type: type[Event]) -> None:
    lines = _lines(world, Disputed, "disputes")
    world.do(world.make(event_type, claim="k-7", lines=lines, awarded_fen=600))


STEPS: dict[type[Event], Callable[[World], object]] = {
    ContractSigned: _sign,
    ContractAmended: lambda world: world.amend("c-1", 100),
    ClaimAnswered: lambda world: world.answer("k-1", cuts=[100]),
    PaymentOrdered: lambda world: world.order("p-3"),
    PaymentSettled: lambda world: world.settle("p-2"),
    PaymentRejected: lambda world: world.reject("p-2"),
    DeductionApplied: lambda world: world.deduct("s-8"),
    BonusGranted: lambda world: world.bonus("s-9"),
    ContractClosed: lambda world: world.close("c-2"),
    AdvanceOrdered: lambda world: world.do(world.make(AdvanceOrdered, contract="c-6")),
    AdvanceSettled: lambda world: world.do(world.make(AdvanceSettled, advance="v-5")),
    AdvanceRejected: lambda world: world.do(world.make(AdvanceRejected, advance="v-5")),
    AdvanceRefunded: lambda world: world.do(world.make(AdvanceRefunded, advance="v-6")),
    ClaimDeemedAccepted: _silence,
    ClaimAgreed: lambda world: world.do(
        world.make(ClaimAgreed, claim="k-7", returned=_lines(world, Returned, "cuts"))
    ),
    DisputeSettled: lambda world: _decide(world, DisputeSettled),
    DisputeRuled: lambda world: _decide(world, DisputeRuled),
    RetentionReleased: lambda world: world.release("c-7"),
    GuaranteeLodged: lambda world: world.do(
        world.make(GuaranteeLodged, contract="c-7", amount_fen=100)
    ),
}
"""Each event that moves a contract's money, ready to happen."""


def plant(monkeypatch: pytest.MonkeyPatch, event_type: type[Event], change: Change) -> None:
    """Let the rule of an event type post what `change` makes of its postings."""
    rule = RULES[event_type]

    def planted(state: State, event: Event) -> list[Posting]:
        return change(rule.postings(state, event) if rule.postings else [])

    monkeypatch.setitem(RULES, event_type, rule._replace(postings=planted))


def stopped(world: World, event_type: type[Event]) -> str:
    """Return why the event is stopped, after checking that it left no trace."""
    before = snapshot(world.state)
    with pytest.raises((InvariantBroken, Refused)) as caught:
        STEPS[event_type](world)
    assert snapshot(world.state) == before
    return str(caught.value)


def changes(postings: list[Posting]) -> dict[str, list[Posting]]:
    """Return every way to leave one posting out, or to post a fen less in one."""
    found = {}
    for place, posting in enumerate(postings):
        found[f"without {posting}"] = postings[:place] + postings[place + 1 :]
        if posting.amount_fen > 1:
            smaller = posting._replace(amount_fen=posting.amount_fen - 1)
            found[f"less than {posting}"] = [*postings[:place], smaller, *postings[place + 1 :]]
    return found


@pytest.mark.parametrize("event_type", STEPS)
def test_no_posting_can_be_left_out_or_short_of_a_fen(
    event_type: type[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each posting has its counterpart in a sum; without it, or a fen of it, the books disagree."""
    right: list[Posting] = []
    world = ready_for(event_type)
    with monkeypatch.context() as patch:
        plant(patch, event_type, lambda postings: right.extend(postings) or postings)  # type: ignore[func-returns-value]
        STEPS[event_type](world)
    assert len(right) >= 2
    world = ready_for(event_type)
    for wrong in changes(right).values():
        with monkeypatch.context() as patch:
            plant(patch, event_type, lambda _postings, planted=wrong: planted)  # type: ignore[misc]
            assert stopped(world, event_type).startswith(
                ("I2", "I3", "I4", "I5", "I6", "guard_broken")
            )


def _other_line(posting: Posting) -> Posting:
    return posting._replace(line="line-2" if posting.line == "line-1" else "line-1")


def _across_lines(postings: list[Posting]) -> list[Posting]:
    """Release on one line and commit on the other, which no total would show."""
    contract = postings[0].contract
    return [
        *postings,
        Posting("committed", "allotted", "line-1", 1, contract),
        Posting("allotted", "committed", "line-2", 1, contract),
    ]


def _authority_on_the_other_line(postings: list[Posting]) -> list[Posting]:
    authority = [p for p in postings if CHART[p.debit].book == "authority"]
    rest = [p for p in postings if CHART[p.debit].book != "authority"]
    return [*map(_other_line, authority), *rest]


WRONG: dict[str, tuple[type[Event], Change, str]] = {
    "a transfer across lines": (ClaimAnswered, _across_lines, "I6"),
    "a transfer across lines by the bank's word": (PaymentSettled, _across_lines, "I6"),
    "accepted on the wrong lines": (ClaimAnswered, _authority_on_the_other_line, "I2"),
    "the money of another contract": (
        ClaimAnswered,
        lambda postings: [p._replace(contract="c-3") for p in postings],
        "I6",
    ),
    "a posting between the books": (
        PaymentSettled,
        lambda postings: [*postings, Posting("paid", "cash", "line-1", 1, "c-2")],
        "I0",
    ),
    "a posting of nothing": (
        PaymentSettled,
        lambda postings: [*postings, Posting("ordered", "paid", "line-1", 0, "c-2")],
        "I0",
    ),
    "a posting backwards": (
        PaymentSettled,
        lambda postings: [*postings, Posting("ordered", "paid", "line-1", -1, "c-2")],
        "I0",
    ),
    "paid without an order": (
        PaymentSettled,
        lambda postings: [
            p._replace(debit="committed") if p.debit == "ordered" else p for p in postings
        ],
        "I5",
    ),
    "freed while it is owed": (
        PaymentOrdered,
        lambda postings: [
            p._replace(credit="allotted") if p.credit == "ordered" else p for p in postings
        ],
        "I6",
    ),
    "more than was awarded": (
        ContractSigned,
        lambda postings: [*postings, Posting("allotted", "committed", "line-1", 1, "c-4")],
        "I6",
    ),
    "a closing that keeps a fen": (
        ContractClosed,
        lambda postings: [*postings, Posting("allotted", "committed", "line-1", 1, "c-2")],
        "I6",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_posting_is_stopped(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the fault, the invariant that is there for it names it."""
    event_type, change, invariant = WRONG[fault]
    world = ready_for(event_type)
    plant(monkeypatch, event_type, change)
    assert stopped(world, event_type).startswith(invariant)


def _drop_guard(monkeypatch: pytest.MonkeyPatch, account: str) -> None:
    monkeypatch.setitem(CHART, account, CHART[account]._replace(guarded=False))


def test_a_dropped_guard_of_a_line_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard of `allotted`, more is tendered than may be spent: I1 stops it."""
    _drop_guard(monkeypatch, "allotted")
    world = World.founded({"line-1": 100})
    world.budget("line-2", 100, 0)
    with pytest.raises(InvariantBroken, match="I1: allotted of line line-1 holds -1 fen"):
        world.tender("t", {"1": {"line-1": 101}})


def test_a_dropped_guard_of_a_lot_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard of `reserved`, one lot's contract takes what another lot set aside."""
    _drop_guard(monkeypatch, "reserved")
    world = World.founded()
    world.tender("t", {"1": {"line-1": 50, "line-2": 50}, "2": {"line-1": 100}})
    world.award("a", "t", "1", 100)
    world.until_final("a")
    lines = [ContractLine(line="line-1", share_ppm=1_000_000)]
    signing = world.make(ContractSigned, contract="c", award="a", value_fen=100, lines=lines)
    with pytest.raises(InvariantBroken, match="I1: reserved of line line-1 holds -50 fen"):
        world.do(signing)


def test_a_dropped_guard_of_a_contract_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard of `accrued`, an order takes more than was accepted."""
    world = ready_for(PaymentOrdered)
    _drop_guard(monkeypatch, "accrued")
    _drop_guard(monkeypatch, "payable")
    plant(
        monkeypatch,
        PaymentOrdered,
        lambda postings: [p._replace(amount_fen=p.amount_fen + 1) for p in postings],
    )
    assert stopped(world, PaymentOrdered).startswith("I1: accrued of line line-1 holds -1 fen")


def test_more_in_contracts_than_was_granted_is_found() -> None:
    """A line whose contracts hold more than it was ever granted is stopped by I7.

    No posting leads there while the guards and I1 hold; so the balances themselves are forged.
    """
    world = World.founded({"line-1": 1_000, "line-2": 1_000})
    world.contract("c-1", 900, {"line-1": 1_000_000})
    world.state.totals["committed", "line-1"] += 200
    world.state.totals["allotted", "line-1"] -= 200
    with pytest.raises(InvariantBroken, match="I7: contracts of line line-1 hold 1100 fen of 1000"):
        world.tender("t-2", {"1": {"line-1": 1}})


def test_the_events_without_a_fault_pass() -> None:
    """The same steps, with nothing planted, are admitted: the tests above see the faults alone."""
    for event_type, step in STEPS.items():
        step(ready_for(event_type))
