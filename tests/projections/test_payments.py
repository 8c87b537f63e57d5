"""What is owed and paid as readers see it: each difference with its reason, and what is late."""

from collections.abc import Callable

import pytest
from histories import busy_city, keep, unusual_contract
from money import answered, at
from owed import assert_owed_as, overdue_whole
from world import World

from ledger.errors import Malformed
from ledger.events.claim import ClaimAgreed, Disputed, Returned
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.notice import NoticeAnswered, NoticeGiven
from ledger.events.parties import PartyUpdated
from ledger.events.payment import PaymentReturned
from ledger.events.penalty import PenaltyImposed
from ledger.times import format_date, parse_date
from ledger.tracing.adding import add_up, figures_of
from ledger.tracing.dated import OVERDUE
from ledger.tracing.gathering import Gathering
from projections.catalogue import MODELS, open_projections
from projections.deep import deep_check
from projections.engine import Projections
from projections.payments import (
    PAYMENTS,
    OverdueList,
    claim,
    list_claims,
    list_overdue,
    list_payments,
    payment,
)

# -- histories ---------------------------------------------------------------------------------


def disputed() -> World:
    """Return a claim with a cut of which a part comes back, a dispute settled and one ruled."""
    world = World.contracted(retention_ppm=50_000)
    world.visits("c-1", days=7)
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[300], disputed=[200])
    (cut,) = world.lines(world.state.cuts, "k-1")
    world.do(world.make(ClaimAgreed, returned=[Returned(visit=cut.visit, amount_fen=100)]))
    contested = [Disputed(visit=cut.visit, amount_fen=50)]
    world.do(world.make(DisputeOpened, lines=contested))
    world.do(world.make(DisputeSettled, lines=contested, awarded_fen=40))
    lines = [Disputed(visit=world.lines(world.state.disputes, "k-1")[0].visit, amount_fen=150)]
    world.do(world.make(DisputeRuled, lines=lines, awarded_fen=80))
    return world


def late() -> World:
    """Return two claims of 50.00 that were late, one with a penalty and a payment that bounced.

    | day    | what                                                                  |
    |--------|-----------------------------------------------------------------------|
    | 1 Feb  | k-1 and k-2 are answered: to be paid by 3 March                       |
    | 20 Mar | a penalty of 10.00 is set off against k-1                             |
    | 1 Apr  | interest is booked on both                                            |
    | 10 Apr | k-1 is paid                                                           |
    | 11 Apr | the interest on k-1 to its payment is booked                          |
    | 20 Apr | k-2 is paid                                                           |
    | 25 Apr | k-2 comes back                                                        |
    """
    world = World.contracted()
    at(world, "2026-02-01")
    for name in ("k-1", "k-2"):
        world.visits("c-1")
        world.claim(name, "c-1")
        world.answer(name)
    at(world, "2026-03-10")
    world.do(world.make(NoticeGiven, about="c-1", amount_fen=1_000, reply_by="2026-03-18"))
    world.do(world.make(NoticeAnswered))
    at(world, "2026-03-20")
    world.do(world.make(PenaltyImposed, contract="c-1"))
    at(world, "2026-04-01")
    world.accrue("k-1")
    world.accrue("k-2")
    at(world, "2026-04-10")
    world.pay("p-1", "c-1", ["k-1"])
    at(world, "2026-04-11")
    world.accrue("k-1")
    at(world, "2026-04-20")
    world.pay("p-2", "c-1", ["k-2"])
    at(world, "2026-04-25")
    world.bounce("p-2")
    return world


def scored() -> World:
    """Return two claims owed, the older of them not of the days that a deduction is for."""
    world = World.contracted(pay="pay/standard@1")
    for name, until in (("k-1", "2026-01-31"), ("k-2", "2026-07-31")):
        world.visits("c-1", days=3)
        world.claim(name, "c-1", until)
        world.answer(name)
    world.score("s-1", "c-1", "2026-07-31", 850_000, 950_000)
    world.deduct("s-1")
    return world


def unusual() -> World:
    """Return a contract that was changed in every way, with a claim under another."""
    world = answered()
    unusual_contract(world)
    return world


HISTORIES: list[Callable[[], World]] = [busy_city, disputed, late, scored, unusual]


@pytest.mark.parametrize("history", HISTORIES)
def test_rows_are_the_law_s_whatever_batches_they_came_in(
    database_url: str, history: Callable[[], World]
) -> None:
    """Folded statement by statement, all at once, or again: one result, the state's own."""
    kept = keep(database_url, history())
    store = kept.ledger.store
    with kept.ledger, Projections(store, MODELS, batch_events=1) as singly:
        singly.follow(PAYMENTS.name)
        assert_owed_as(kept.ledger.state, singly)
        with open_projections(store) as projections:
            assert deep_check(projections, PAYMENTS.name).count == 0


TRACED = {
    "visits": "visits",
    "gross_fen": "gross",
    "self_pay_fen": "self_pay",
    "claim_fen": "claimed",
    "accepted_fen": "accepted",
    "cut_fen": "cut",
    "disputed_fen": "disputed",
    "payable_fen": "payable",
    "ordered_fen": "ordered",
    "paid_fen": "paid",
    "interest_booked_fen": "interest_booked",
    "interest_owed_fen": "interest_owed",
    "interest_paid_fen": "interest_paid",
}
"""Which figure of `trace` a number of a sum is."""


@pytest.mark.parametrize("history", HISTORIES)
def test_each_sum_is_traced_from_its_contract_s_events_alone(
    database_url: str, history: Callable[[], World]
) -> None:
    """Asked, accepted, payable, ordered and paid; overdue day by day; how long payments took."""
    kept = keep(database_url, history())
    store = kept.ledger.store
    with kept.ledger, open_projections(store) as projections:
        projections.follow(PAYMENTS.name)
        for owed in list_claims(projections).items:
            key = f"contract/{owed.contract}"
            figures = figures_of(store, f"claim/{owed.claim}", key)
            shown = {figure: getattr(owed, field) for field, figure in TRACED.items()}
            assert {figure: figures[figure] for figure in shown} == shown
            page = add_up(store, f"claim/{owed.claim}", key, "payable")
            assert page.sum == owed.payable_fen == sum(each.adds for each in page.page)
        last = parse_date(list_overdue(projections).as_of)
        for day in (format_date(each) for each in range(last - 120, last + 40, 5)):
            found = list_overdue(projections, day=day, limit=1000)
            gathering = Gathering(store, day)
            for item in found.items:
                key, home = f"claim/{item.claim}", f"contract/{item.contract}"
                for figure, shown_as in (
                    ("overdue_principal", item.principal_fen),
                    ("overdue_interest", item.interest_fen),
                    ("days_late", item.days_late),
                ):
                    made = gathering.dated.of_sum(key, figure, home)
                    assert made is not None
                    assert made.value == shown_as, (day, key, figure)
            totals = gathering.totals("overview", set(OVERDUE))
            assert totals["overdue"] == sum(each.sums for each in found.totals)
            assert totals["overdue_principal"] == sum(e.principal_fen for e in found.totals)
            assert totals["overdue_interest"] == sum(e.interest_fen for e in found.totals)
        for paid in list_payments(projections).items:
            key = f"payment/{paid.payment}"
            late = gathering.dated.of_payment(key, "days_late", f"contract/{paid.contract}")
            if paid.status == "settled":
                assert late is not None
                assert late.value == paid.days_late


# -- why an amount differs ---------------------------------------------------------------------


def test_each_difference_from_what_was_claimed_has_its_event_and_reason(
    database_url: str,
) -> None:
    """Of 350.00 claimed 345.00 are accepted, 17.25 held back; 2.20 come back in three sums."""
    world = disputed()
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(PAYMENTS.name)
        found = claim(projections, "k-1")
        assert found is not None
        sums = [each for each in list_claims(projections).items if each.origin == "k-1"]
        agreed, settled, ruled = sums
        told = [(s.kind, s.amount_fen, s.change_fen, s.reason, s.about) for s in found.steps]
        assert told == [
            ("claimed", 35_000, 35_000, None, None),
            ("answered", 34_500, 0, None, None),
            ("cut", 300, -300, "OVER_UNITS", None),
            ("disputed", 200, -200, None, None),
            ("retained", 1_725, -1_725, None, None),
            ("returned", 100, 0, None, agreed.claim),
            ("contested", 50, 0, None, None),
            ("awarded", 40, 0, None, settled.claim),
            ("denied", 10, 0, None, None),
            ("awarded", 80, 0, None, ruled.claim),
            ("denied", 70, 0, None, None),
        ]
        assert (found.claim.payable_fen, found.claim.disputed_fen) == (32_775, 50)
        events = {row.position: row for row in kept.ledger.store.events()}
        for step in found.steps:
            assert step.event in events[step.position].body.decode()
        (awarded, held) = claim(projections, agreed.claim).steps  # type: ignore[union-attr]
        assert (awarded.change_fen, held.kind, held.change_fen) == (100, "retained", -5)
        assert {each.due_on for each in sums} == {found.claim.due_on}


def test_a_deduction_takes_from_the_claims_of_its_days_first(sqlite_database: str) -> None:
    """The older claim is left whole; the step names the score."""
    kept = keep(sqlite_database, scored())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(PAYMENTS.name)
        older, newer = (claim(projections, name) for name in ("k-1", "k-2"))
        assert older is not None
        assert newer is not None
        assert older.claim.payable_fen == older.claim.claim_fen
        taken = newer.steps[-1]
        assert (taken.kind, taken.about) == ("scored", "s-1")
        assert newer.claim.payable_fen == newer.claim.claim_fen - taken.amount_fen


def test_a_payment_tells_what_it_waits_for_and_who_asked_again(database_url: str) -> None:
    """Rejected with the bank's reason, then asked for again: both tell of the same claim."""
    kept = keep(database_url, busy_city())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(PAYMENTS.name)
        first, second = payment(projections, "p-1"), payment(projections, "p-2")
        assert first is not None
        assert second is not None
        assert (first.payment.waits_for, first.payment.reason) == ("new_request", "AC04")
        assert (first.asked_again, second.asked_again) == ("p-2", None)
        assert (first.payment.ordered_fen, first.payment.paid_fen) == (32_917, 0)
        assert (second.payment.waits_for, second.payment.paid_fen) == ("nothing", 32_917)
        assert [file.payments for file in second.claims] == [("p-1", "p-2")]
        assert second.payment.provider.names["en"] == "Évergreen Care"
        assert second.disputed_fen == 250
        assert payment(projections, "p-9") is None
        assert claim(projections, "k-9") is None
        listed = {each.payment: each for each in list_payments(projections).items}
        assert listed == {"p-1": first.payment, "p-2": second.payment, "p-3": listed["p-3"]}


def test_payments_are_found_by_provider_and_by_being_late(database_url: str) -> None:
    """An unpaid payment is overdue from the day after its due date, until it is over."""
    world = answered()
    world.request("p-1", "c-1", ["k-1"])
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(PAYMENTS.name)
        (only,) = list_payments(projections, provider="PRO").items
        assert list_payments(projections, provider="BUY").items == ()
        assert only.due_on is not None
        for day, expected in ((only.due_on, 0), ("2026-03-06", 1)):
            at(world, day)
            world.do(world.make(PartyUpdated, party="PRO", names={"en": f"Of {day}"}))
            kept.catch_up()
            projections.follow(PAYMENTS.name)
            assert len(list_payments(projections, overdue=True).items) == expected
        world.do(world.make(PaymentReturned))
        kept.catch_up()
        projections.follow(PAYMENTS.name)
        assert list_payments(projections, overdue=True).items == ()


# -- what is overdue ---------------------------------------------------------------------------


def told(found: OverdueList) -> list[tuple[str, int, int, int]]:
    """Return each overdue sum with its principal, days late, and interest booked."""
    return [
        (each.claim, each.principal_fen, each.days_late, each.interest_fen) for each in found.items
    ]


def first_interest(projections: Projections, name: str) -> int:
    """Return the interest that was booked first on a sum."""
    found = claim(projections, name)
    assert found is not None
    return next(step.amount_fen for step in found.steps if step.kind == "interest")


def test_what_is_overdue_is_told_for_each_day(database_url: str) -> None:
    """From the first day late to the value date; what bounced was never paid.

    | at the end of | overdue                                                        |
    |---------------|----------------------------------------------------------------|
    | 3 March       | nothing: it is the last day to pay in time                     |
    | 4 March       | both sums, whole                                               |
    | 20 March      | the penalty is off the oldest                                  |
    | 1 April       | interest on both                                               |
    | 10 April      | k-1 is paid                                                    |
    | 20 April      | k-2, although the bank had paid: it came back                  |
    """
    kept = keep(database_url, late())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(PAYMENTS.name)
        one, two = (first_interest(projections, name) for name in ("k-1", "k-2"))
        assert 0 < one < two
        for day, expected in (
            ("2026-03-03", []),
            ("2026-03-04", [("k-1", 5_000, 1, 0), ("k-2", 5_000, 1, 0)]),
            ("2026-03-19", [("k-1", 5_000, 16, 0), ("k-2", 5_000, 16, 0)]),
            ("2026-03-20", [("k-1", 4_000, 17, 0), ("k-2", 5_000, 17, 0)]),
            ("2026-04-01", [("k-1", 4_000, 29, one), ("k-2", 5_000, 29, two)]),
            ("2026-04-09", [("k-1", 4_000, 37, one), ("k-2", 5_000, 37, two)]),
            ("2026-04-10", [("k-2", 5_000, 38, two)]),
            ("2026-04-20", [("k-2", 5_000, 48, two)]),
            ("2026-12-31", [("k-2", 5_000, 303, two)]),
        ):
            assert told(overdue_whole(projections, day=day)) == expected, day
        now = overdue_whole(projections)
        assert (now.as_of, told(now)) == ("2026-04-25", [("k-2", 5_000, 53, two)])
        assert overdue_whole(projections, buyer="BUY", provider="PRO") == now
        assert overdue_whole(projections, buyer="PRO").items == ()
        assert list_overdue(projections, provider="BUY").totals == ()
        with pytest.raises(Malformed):
            list_overdue(projections, day="31 March")


def test_what_is_awarded_late_is_late_at_once(database_url: str) -> None:
    """An award keeps the claim's time to pay (C13): it is overdue on the day it is decided."""
    world = World.contracted()
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1", disputed=[2_000])
    at(world, "2026-05-04")
    lines = world.lines(world.state.disputes, "k-1")
    world.do(world.make(DisputeRuled, lines=lines, awarded_fen=1_500))
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(PAYMENTS.name)
        before, after = (overdue_whole(projections, day=f"2026-05-0{day}") for day in (3, 4))
        assert [each.principal_fen for each in before.items] == [3_000]
        assert [each.principal_fen for each in after.items] == [3_000, 1_500]
        assert len({each.due_on for each in after.items}) == 1
