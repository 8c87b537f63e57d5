"""Late interest (C13): every day counts, and what is booked is exactly what the law gives."""

import pytest
import scenario
from books import posted
from money import answered, at, held
from world import World

from ledger.errors import Refused
from ledger.events.contract import Item
from ledger.events.delivery import VisitRecorded
from ledger.events.interest import InterestWaived
from ledger.events.payment import (
    PaymentDiverted,
    PaymentRequested,
    PaymentSettled,
)
from ledger.rules.interest import accrual_of


def test_interest_is_exactly_what_the_law_gives() -> None:
    """Answered on 5 January, due on 4 February: booked to the month's end, and to the value date.

    outcome               | by      | event             | fields
    later                 |         |                   | 50
    interest_differs      |         | interest.accrued  |
    later                 |         |                   | 10
    interest_differs      |         | interest.accrued  | amount_fen=61
    interest_differs      |         | interest.accrued  | days=23
    interest_differs      |         | interest.accrued  | rate_ppm_per_year=182499
    signer_lacks_role     | FIN/one | interest.accrued  |
    reference_unknown     |         | interest.accrued  | claim=k-9
    ok                    | BUY/one | interest.accrued  | days=24; amount_fen=60
    interest_differs      |         | interest.accrued  | days=24; amount_fen=60
    value_exceeds         |         | interest.waived   | amount_fen=61
    signers_not_as_called | BUY/one | interest.waived   |
    ok                    |         | interest.waived   | amount_fen=10
    ok                    |         | payment.requested |
    ok                    |         | payment.approved  |
    interest_differs      |         | payment.ordered   | interest_fen=60
    ok                    |         | payment.ordered   |
    ok                    |         | payment.settled   |
    ok                    | PRO/one | interest.accrued  | days=30; amount_fen=15
    later                 |         |                   | 60
    interest_differs      |         | interest.accrued  |
    contract_not_settled  |         | contract.closed   |
    claim_in_live_payment |         | payment.requested | payment=p-2
    ok                    |         | payment.requested | payment=p-2; principal_fen=0
    claim_in_live_payment |         | payment.requested | payment=p-3; principal_fen=0
    ok                    |         | payment.approved  | payment=p-2
    interest_differs      |         | payment.ordered   | payment=p-2; principal_fen=0
    principal_differs     |         | payment.ordered   | payment=p-2; interest_fen=65
    ok                    |         | payment.ordered   | payment=p-2; principal_fen=0; \
interest_fen=65
    contract_not_settled  |         | contract.closed   |
    ok                    |         | payment.settled   | payment=p-2
    claim_not_payable     |         | payment.requested | payment=p-3; principal_fen=0
    ok                    |         | contract.closed   |
    ok                    |         | payment.bounced   | payment=p-2
    ok                    |         | payment.requested | payment=p-3; principal_fen=0
    ok                    |         | payment.approved  | payment=p-3
    ok                    |         | interest.waived   | amount_fen=65
    claim_not_payable     |         | payment.ordered   | payment=p-3; principal_fen=0
    """
    scenario.play(answered(), test_interest_is_exactly_what_the_law_gives.__doc__)


def test_nobody_closes_a_contract_on_interest_that_was_not_booked() -> None:
    """Paid twelve days late: what C13 gives for them is booked, and paid or waived, first.

    outcome              | by      | event             | fields
    later                |         |                   | 42
    ok                   |         | payment.requested |
    ok                   |         | payment.approved  |
    ok                   |         | payment.ordered   |
    ok                   |         | payment.settled   |
    interest_not_booked  |         | contract.closed   |
    ok                   | PRO/one | interest.accrued  | days=12; amount_fen=30
    contract_not_settled |         | contract.closed   |
    ok                   |         | interest.waived   | amount_fen=30
    ok                   |         | contract.closed   |
    """
    story = test_nobody_closes_a_contract_on_interest_that_was_not_booked.__doc__
    scenario.play(answered(), story)


def test_the_worked_example_s_late_interest() -> None:
    """68,142.50, twelve days late at 0.05 % a day, is 408.855: 408.86, half up."""
    world = World.founded({"a": 2 * 10**8})
    world.contract("c", 120_000_000, {"a": 1_000_000})
    world.do(world.make(VisitRecorded, contract="c", units=1_363))
    world.claim("k", "c")
    world.answer("k", cuts=[750])  # 68,150.00 less 7.50
    assert world.state.claims["k"].payable_fen == 6_814_250
    world.request("p", "c", ["k"])
    at(world, "2026-02-16")  # due on 4 February
    world.order("p")
    world.settle("p")
    assert accrual_of(world.state, "k", "2026-02-16") == (12, 182_500, 40_886)
    assert posted(world.accrue("k")) == ["interest_expense → interest_payable a 40886"]
    world.do(world.make(PaymentRequested, payment="q", contract="c", claims=["k"], principal_fen=0))
    before_fen = world.state.balance("allotted", "a")
    world.order("q", interest_fen=40_886)
    world.settle("q")
    assert world.state.balance("allotted", "a") == before_fen - 40_886
    assert world.state.balance("interest_paid", "a", "c") == 40_886


def test_a_month_left_out_changes_no_sum() -> None:
    """Booked month by month or at the end, with orders between, the interest is the same."""
    sums = []
    for dates in (("2026-03-01", "2026-04-01", "2026-05-01"), ("2026-05-01",)):
        world = answered(late_rate_ppm_per_year=33_333)
        for date in dates:
            at(world, date)
            world.accrue("k-1")
        sums.append(world.state.interest["k-1"].accrued_fen)
    days = 24 + 31 + 30
    assert sums == [round(5_000 * 0.033333 * days / 365)] * 2


def test_interest_on_what_the_bank_has_counts_to_the_day_of_the_order() -> None:
    """Its value date is no earlier; with the bank's word the rest is booked, or all of it."""
    world = answered()
    at(world, "2026-02-10")  # six days late
    world.request("p-1", "c-1", ["k-1"])
    world.order("p-1")
    at(world, "2026-04-02")
    assert accrual_of(world.state, "k-1", world.today()) == (6, 182_500, 15)
    world.accrue("k-1")
    world.do(world.make(PaymentSettled, value_date="2026-03-30"))
    assert accrual_of(world.state, "k-1", world.today()) == (54, 182_500, 135 - 15)
    world.accrue("k-1")
    world.bounce("p-1")
    assert accrual_of(world.state, "k-1", world.today()) == (55, 182_500, 138 - 135)
    world.request("p-2", "c-1", ["k-1"])
    world.order("p-2")
    world.do(world.make(PaymentDiverted, payment="p-2", value_date=world.today()))
    at(world, "2026-06-01")
    assert accrual_of(world.state, "k-1", world.today()).days == 57
    world.reject("p-2")
    assert accrual_of(world.state, "k-1", world.today()).days == 116


def test_principal_is_ordered_without_allotment_for_interest() -> None:
    """A line with nothing left to allot pays what it committed; its interest waits."""
    world = World.founded({"line-1": 10_000})
    world.contract("c-1", 10_000, {"line-1": 1_000_000})
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    at(world, "2026-03-06")
    world.accrue("k-1")
    world.request("p-1", "c-1", ["k-1"])
    with pytest.raises(Refused, match="guard_broken"):
        world.order("p-1", interest_fen=60)
    world.order("p-1")
    world.settle("p-1")


def test_a_waiver_reverses_what_was_accrued() -> None:
    """Interest splits as the payable it arose on, and goes back as it is held."""
    world = answered()
    at(world, "2026-03-06")
    assert posted(world.accrue("k-1")) == [
        "interest_expense → interest_payable line-1 36",
        "interest_expense → interest_payable line-2 24",
    ]
    assert posted(world.do(world.make(InterestWaived, amount_fen=60))) == [
        "interest_payable → interest_expense line-1 36",
        "interest_payable → interest_expense line-2 24",
    ]
    assert "interest_expense" not in held(world, "c-1")
    assert accrual_of(world.state, "k-1", world.today()).amount_fen == 0


def test_interest_of_what_was_paid_splits_as_it_was_ordered() -> None:
    """Two and two fen of a contract shared 60 to 40: its interest is halved, too."""
    item = Item(service="care", unit="visit", rate_fen=1, units_max=10**6)
    world = World.contracted(items=[item], late_rate_ppm_per_year=1_000_000)
    world.do(world.make(VisitRecorded, units=4))
    world.claim("k-1", "c-1")
    world.answer("k-1")
    at(world, "2028-02-04")  # 730 days late
    world.pay("p-1", "c-1", ["k-1"])
    assert posted(world.accrue("k-1")) == [
        "interest_expense → interest_payable line-1 4",
        "interest_expense → interest_payable line-2 4",
    ]


def test_interest_alone_is_paid_as_often_as_it_accrues() -> None:
    """While the principal waits; what comes back of an earlier payment is owed beside a later one.

    outcome               | by | event             | fields
    later                 |    |                   | 60
    ok                    |    | interest.accrued  | amount_fen=60
    ok                    |    | payment.requested | principal_fen=0
    claim_in_live_payment |    | payment.requested | payment=p-2
    ok                    |    | payment.approved  |
    ok                    |    | payment.ordered   | principal_fen=0; interest_fen=60
    ok                    |    | payment.settled   |
    claim_not_payable     |    | payment.requested | payment=p-2; principal_fen=0
    later                 |    |                   | 30
    ok                    |    | interest.accrued  | amount_fen=78
    ok                    |    | payment.requested | payment=p-2; principal_fen=0
    ok                    |    | payment.bounced   |
    claim_in_live_payment |    | payment.requested | payment=p-3; principal_fen=0
    ok                    |    | payment.approved  | payment=p-2
    interest_differs      |    | payment.ordered   | payment=p-2; principal_fen=0; \
interest_fen=78
    ok                    |    | payment.ordered   | payment=p-2; principal_fen=0; \
interest_fen=138
    ok                    |    | payment.rejected  | payment=p-2
    ok                    |    | payment.requested | payment=p-3
    """
    scenario.play(answered(), test_interest_alone_is_paid_as_often_as_it_accrues.__doc__)
