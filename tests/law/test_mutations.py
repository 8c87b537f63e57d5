"""Planted faults: a wrong posting, a dropped guard, money moved across lines. All are found.

The invariants stand between our own mistakes and the log. Each test plants one mistake in the
law and shows that the event is stopped and that nothing of it is left in the state.
"""

from collections.abc import Callable

import pytest
from world import World, snapshot

from ledger.errors import InvariantBroken, Refused
from ledger.events import Event
from ledger.events.claim import ClaimAnswered
from ledger.events.contract import ContractAmended, ContractClosed, ContractLine, ContractSigned
from ledger.events.payment import PaymentOrdered, PaymentRejected, PaymentSettled
from ledger.postings import CHART, Posting
from ledger.rules.admission import RULES
from ledger.state import State

Change = Callable[[list[Posting]], list[Posting]]


def ready_for(event_type: type[Event]) -> World:
    """Return a world mid-way: c-1 claimed, c-2 ordered, c-3 asked for; each over two lines."""
    world = World.founded()
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
    world.tender("t-4", {"1": {"line-1": 60, "line-2": 40}})
    world.award("a-4", "t-4", "1", 100)
    world.until_final("a-4")
    return world


def _sign(world: World) -> None:
    lines = [
        ContractLine(line="line-1", share_ppm=600_000),
        ContractLine(line="line-2", share_ppm=400_000),
    ]
    world.do(world.make(ContractSigned, contract="c-4", award="a-4", value_fen=100, lines=lines))


STEPS: dict[type[Event], Callable[[World], object]] = {
    ContractSigned: _sign,
    ContractAmended: lambda world: world.amend("c-1", 100),
    ClaimAnswered: lambda world: world.answer("k-1", cuts=[100]),
    PaymentOrdered: lambda world: world.order("p-3"),
    PaymentSettled: lambda world: world.settle("p-2"),
    PaymentRejected: lambda world: world.reject("p-2"),
    ContractClosed: lambda world: world.close("c-2"),
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
            assert stopped(world, event_type).startswith(("I2", "I3", "I5", "I6", "guard_broken"))


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
