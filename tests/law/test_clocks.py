"""Clocks: what runs out is due once, is booked once, and keeps the books open until it is."""

from collections.abc import Callable

import pytest
import scenario
from bidding import sealed
from money import answered, at
from snapshots import snapshot
from world import World

from ledger.events.notice import NoticeGiven
from ledger.events.parties import PartyRegistered
from ledger.events.payment import PaymentApproved
from ledger.events.tender import TenderFailed
from ledger.rules.clocks import all_due, first_due
from ledger.times import MS_PER_DAY, parse_instant


def _unanswered() -> World:
    world = World.contracted()
    world.visits("c-1")
    world.claim("k-1", "c-1")
    return world


def _held_back() -> World:
    return answered(retention_ppm=100_000, retention_release="2026-02-01")


def _sealed() -> World:
    return sealed({"PRO": 900})


@pytest.mark.parametrize(
    ("history", "due", "type_name", "about"),
    [
        (_sealed, "2026-01-27T01:00:00.000Z", "bid.forfeited", "b-PRO"),  # C20: 24 hours
        (_unanswered, "2026-01-25T16:00:00.000Z", "claim.deemed_accepted", "k-1"),  # C12: 20 days
        (_held_back, "2026-01-31T16:00:00.000Z", "retention.released", "c-1"),  # C21: its day
        (answered, "2026-02-28T16:00:00.000Z", "interest.accrued", "k-1"),  # C13: a month's end
    ],
)
def test_each_clock_runs_out_to_the_millisecond_and_is_booked_once(
    history: Callable[[], World], due: str, type_name: str, about: str
) -> None:
    """Before its instant nothing is due; from it on the books stay open until it is booked."""
    world = history()
    due_ms = parse_instant(due)
    world.now_ms = due_ms - 1
    assert world.tick() == []
    world.do(world.closed())
    world.now_ms = due_ms
    (found,) = first_due(world.state, world.now_ms)
    assert (found.type_name, found.about, found.due_ms) == (type_name, about, due_ms)
    refused = scenario.refusal(world, world.closed())
    assert (refused.code, refused.facts["type"]) == ("clock_overdue", type_name)
    assert world.tick() == [found]
    assert world.tick() == []
    world.do(world.closed())
    assert snapshot(world.replay()) == snapshot(world.state)


def test_what_one_clock_gives_may_start_another() -> None:
    """Nobody looked for months: silence accepts, what it holds back is owed, and interest runs.

    Accepted by silence on 25 January, 4,500 of 5,000 are late from 25 February on: to the end of
    March 35 days make 78.75; the 500 held back are owed only from the tick on.
    """
    world = World.contracted(retention_ppm=100_000, retention_release="2026-01-10")
    world.visits("c-1")
    world.claim("k-1", "c-1")
    at(world, "2026-04-02")
    booked = world.tick()
    assert [(due.type_name, due.about) for due in booked] == [
        ("claim.deemed_accepted", "k-1"),
        ("retention.released", "c-1"),
        ("interest.accrued", "k-1"),
    ]
    assert [due.fields.get("amount_fen") for due in booked] == [None, 500, 79]
    assert booked[2].fields["days"] == 35
    assert world.tick() == []
    assert not list(all_due(world.state, world.now_ms))


def test_interest_to_the_value_date_is_due_as_soon_as_the_bank_has_told() -> None:
    """What was booked to the month's end is missing its last days; the closing waits for them."""
    world = answered()
    at(world, "2026-03-03")
    assert [due.fields["amount_fen"] for due in world.tick()] == [60]
    world.pay("p-1", "c-1", ["k-1"])
    (due,) = first_due(world.state, world.now_ms)
    assert (due.type_name, due.fields["days"]) == ("interest.accrued", 27)
    assert due.due_ms == parse_instant("2026-03-02T16:00:00.000Z")
    assert scenario.refusal(world, world.closed()).code == "clock_overdue"
    assert world.tick() == [due]
    world.do(world.closed())


def test_a_notice_stops_the_clock_of_what_is_held_back() -> None:
    """C21: while the provider may still answer, nothing is due; then all of it is."""
    world = _held_back()
    at(world, "2026-01-30")
    world.do(world.make(NoticeGiven, reply_by="2026-02-10"))
    at(world, "2026-02-10")
    assert world.tick() == []
    at(world, "2026-02-11")
    assert [due.type_name for due in world.tick()] == ["retention.released"]


def test_a_tender_that_is_over_forfeits_no_bid() -> None:
    """A bid is of no interest any more where its lot failed."""
    world = _sealed()
    due_ms = world.now_ms + MS_PER_DAY
    assert [due.about for due in all_due(world.state, due_ms)] == ["b-PRO"]
    world.do(world.make(TenderFailed, tender="t-1"))
    assert not list(all_due(world.state, due_ms))


def test_a_tick_that_is_not_the_law_s_is_refused() -> None:
    """Nobody can book by the operator's right what the clocks do not give.

    outcome              | by | event                 | fields
    claim_answer_not_due |    | claim.deemed_accepted |
    later                |    |                       | 21
    ok                   |    | claim.deemed_accepted |
    interest_differs     |    | interest.accrued      | days=1; amount_fen=1
    """
    scenario.play(_unanswered(), test_a_tick_that_is_not_the_law_s_is_refused.__doc__)


def test_the_order_of_a_tick_is_by_what_it_is_about() -> None:
    """Two ledgers with the same history book the same, in the same order."""
    world = World.contracted()
    for number in (2, 1):
        world.visits("c-1")
        world.claim(f"k-{number}", "c-1")
    at(world, "2026-01-26")
    before = len(world.statements)
    assert [due.about for due in world.tick()] == ["k-1", "k-2"]
    assert len(world.statements) == before + 1


def test_who_acted_on_a_contract_before_still_books_what_its_clocks_give() -> None:
    """To book what time gives is no duty: else one person's other part stopped every closing."""
    world = answered()
    operator = world.state.keys["OPR/one"].holder
    world.do(world.make(PartyRegistered, party="FI3"))
    world.key("FI3/six", by="AUT/one", holder=operator)
    world.grant("FI3", "finance")
    world.request("p-1", "c-1", ["k-1"])
    world.do(world.make(PaymentApproved), by="FI3/six")
    at(world, "2026-03-02")
    assert [due.type_name for due in world.tick()] == ["interest.accrued"]
    world.do(world.closed())
