"""Payment orders, the bank's word on them, late interest, receivables and refunds."""

from typing import Any, NamedTuple

import pytest
import scenario
from world import World, snapshot

from ledger.errors import Refused
from ledger.events.delivery import VisitRecorded
from ledger.events.interest import InterestWaived
from ledger.events.parties import Limits, RoleRevoked
from ledger.events.payment import (
    PaymentApproved,
    PaymentDiverted,
    PaymentRequested,
    PaymentSettled,
)
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.events.refund import RefundReceived
from ledger.leaves import standing_of
from ledger.postings import CHART
from ledger.rules.admission import Admitted
from ledger.rules.interest import accrual_of
from ledger.rules.receivable import free_of_assignment_fen, is_bound, payee_party
from ledger.times import MS_PER_DAY, parse_instant


def answered(**terms: Any) -> World:
    """Return a world whose contract `c-1` has the accepted claim `k-1` of 5,000 fen."""
    world = World.contracted(**terms)
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.answer("k-1")
    return world


def at(world: World, date: str) -> None:
    """Set the clock to the morning of a local date."""
    world.now_ms = parse_instant(f"{date}T01:00:00.000Z")


def posted(admitted: list[Admitted]) -> list[str]:
    """Return a statement's postings as text, `debit → credit line fen`."""
    return [
        f"{posting.debit} → {posting.credit} {posting.line} {posting.amount_fen}"
        for each in admitted
        for posting in each.postings
    ]


def held(world: World, contract: str) -> dict[str, int]:
    """Return what each account holds for a contract over all its lines, empty ones left out."""
    record = world.state.contracts[contract]
    names = [name for name, account in CHART.items() if account.about == "contract"]
    sums = {name: sum(world.state.holdings(name, record)) for name in names}
    return {name: fen for name, fen in sums.items() if fen}


# -- approval --------------------------------------------------------------------------------------


def test_a_payment_above_the_limit_of_finance_is_approved_by_two() -> None:
    """One signs up to the limit of the role, two different holders of one party above it.

    outcome               | by                | event             | fields
    ok                    |                   | payment.requested |
    signer_lacks_role     | BUY/two           | payment.approved  |
    signers_not_as_called | FIN/one FIN/two   | payment.approved  |
    ok                    | AUT/one           | role.revoked      | party=FIN; role=finance
    ok                    | AUT/one           | role.granted      | party=FIN; role=finance; \
limits={"amount_fen_max":5000}
    ok                    | FIN/one           | payment.approved  |
    ok                    | FIN/one           | payment.returned  | reason=FUNDS
    ok                    | AUT/one           | role.revoked      | party=FIN; role=finance
    ok                    | AUT/one           | role.granted      | party=FIN; role=finance; \
limits={"amount_fen_max":4999}
    ok                    |                   | payment.requested | payment=p-2
    signers_not_as_called | FIN/one           | payment.approved  | payment=p-2
    signers_not_as_called | FI2/one FIN/one   | payment.approved  | payment=p-2
    ok                    | FIN/one FIN/three | key.enrolled      | party=FIN; \
vkey=vkey:FIN/three; holder=holder:FIN/one
    holders_not_different | FIN/one FIN/three | payment.approved  | payment=p-2
    ok                    | FIN/one FIN/two   | payment.approved  | payment=p-2
    payment_wrong_state   | FIN/one FIN/two   | payment.approved  | payment=p-2
    signers_not_as_called | FIN/one           | payment.returned  | payment=p-2
    ok                    | FIN/one           | payment.ordered   | payment=p-2
    payment_wrong_state   | FIN/one FIN/two   | payment.returned  | payment=p-2
    """
    scenario.play(answered(), test_a_payment_above_the_limit_of_finance_is_approved_by_two.__doc__)


def test_a_return_ends_the_request_and_frees_its_claims() -> None:
    """What was returned is final, asked for or approved; the claim goes into a new payment.

    outcome             | by | event             | fields
    reference_unknown   |    | payment.approved  |
    ok                  |    | payment.requested |
    payment_wrong_state |    | payment.ordered   |
    ok                  |    | payment.returned  |
    payment_wrong_state |    | payment.returned  |
    payment_wrong_state |    | payment.approved  |
    ok                  |    | payment.requested | payment=p-2
    ok                  |    | payment.approved  | payment=p-2
    ok                  |    | payment.returned  | payment=p-2; reason=OTHER; explanation=Twice
    payment_wrong_state |    | payment.ordered   | payment=p-2
    ok                  |    | payment.requested | payment=p-3
    """
    scenario.play(answered(), test_a_return_ends_the_request_and_frees_its_claims.__doc__)


def test_interest_counts_for_the_limit() -> None:
    """What is approved is principal and interest together."""
    world = answered()
    world.do(world.make(RoleRevoked, party="FIN", role="finance"))
    world.grant("FIN", "finance", limits=Limits(amount_fen_max=5_059))
    at(world, "2026-03-06")
    world.accrue("k-1")  # 60 fen
    world.request("p-1", "c-1", ["k-1"])
    approval = world.make(PaymentApproved)
    assert scenario.refusal(world, approval, by="FIN/one").code == "signers_not_as_called"
    world.do(world.make(InterestWaived, amount_fen=1))
    world.do(approval, by="FIN/one")


def test_what_was_deducted_after_the_request_is_not_ordered() -> None:
    """An order pays what is owed then: a request that came to more is returned."""
    world = answered()
    world.request("p-1", "c-1", ["k-1"])
    world.approve("p-1")
    world.state.claims["k-1"] = world.state.claims["k-1"]._replace(payable_fen=4_999)
    with pytest.raises(Refused, match="principal_differs"):
        world.order("p-1")


# -- the bank's word -------------------------------------------------------------------------------


def test_the_bank_s_word_ends_an_order_once() -> None:
    """Settled, rejected, bounced, diverted: each from its state, each within its days.

    outcome              | by      | event             | fields
    ok                   |         | payment.requested |
    ok                   |         | payment.approved  |
    ok                   |         | payment.ordered   | creditor=%s
    payment_wrong_state  |         | payment.bounced   |
    date_invalid         |         | payment.settled   | value_date=2026-02-29
    value_date_outside   |         | payment.settled   | value_date=2026-01-04
    value_date_outside   |         | payment.settled   | value_date=2026-01-06
    creditor_differs     |         | payment.settled   | creditor=%x
    creditor_as_ordered  |         | payment.diverted  | creditor=%s
    signer_lacks_role    | FIN/one | payment.diverted  |
    later                |         |                   | 2
    value_date_outside   |         | payment.diverted  | value_date=2026-01-08
    ok                   |         | payment.diverted  | value_date=2026-01-06
    payment_wrong_state  |         | payment.diverted  |
    payment_wrong_state  |         | payment.bounced   |
    contract_not_settled |         | contract.closed   |
    value_date_outside   |         | payment.settled   | value_date=2026-01-06
    creditor_differs     |         | payment.settled   | creditor=%x
    ok                   |         | payment.rejected  |
    payment_wrong_state  |         | payment.settled   |
    ok                   |         | payment.requested | payment=p-2
    ok                   |         | payment.approved  | payment=p-2
    ok                   |         | payment.ordered   | payment=p-2
    ok                   |         | payment.diverted  | payment=p-2; creditor=%s
    ok                   |         | payment.settled   | payment=p-2; creditor=%x
    payment_wrong_state  |         | payment.rejected  | payment=p-2
    payment_wrong_state  |         | payment.diverted  | payment=p-2
    value_date_outside   |         | payment.bounced   | payment=p-2; value_date=2026-01-06
    ok                   |         | payment.bounced   | payment=p-2
    payment_wrong_state  |         | payment.bounced   | payment=p-2
    payment_wrong_state  |         | payment.settled   | payment=p-2
    """
    story = test_the_bank_s_word_ends_an_order_once.__doc__ or ""
    story = story.replace("%s", "ab" * 32).replace("%x", "cd" * 32)
    scenario.play(answered(), story)


def test_a_bounce_after_closing_reopens_the_payment_and_nothing_else() -> None:
    """The treasury's word is taken, the claim is paid again, and no more can be done.

    outcome             | by | event             | fields
    ok                  |    | payment.requested |
    ok                  |    | payment.approved  |
    ok                  |    | payment.ordered   |
    ok                  |    | payment.settled   |
    ok                  |    | contract.closed   |
    ok                  |    | payment.bounced   |
    contract_not_active |    | visit.recorded    |
    contract_not_active |    | contract.amended  |
    contract_not_active |    | contract.closed   |
    ok                  |    | payment.requested | payment=p-2
    ok                  |    | payment.approved  | payment=p-2
    ok                  |    | payment.ordered   | payment=p-2
    ok                  |    | payment.rejected  | payment=p-2
    ok                  |    | payment.requested | payment=p-3
    ok                  |    | payment.approved  | payment=p-3
    ok                  |    | payment.ordered   | payment=p-3
    ok                  |    | payment.settled   | payment=p-3
    """
    world = answered()
    scenario.play(world, test_a_bounce_after_closing_reopens_the_payment_and_nothing_else.__doc__)
    assert held(world, "c-1") == {"paid": 5_000, "service_expense": 5_000}


def test_a_bounce_undoes_the_settlement_on_the_lines_it_was_paid_from() -> None:
    """Principal and interest, in both books, to the fen; then all of it is ordered again."""
    world = answered()
    at(world, "2026-03-06")
    world.accrue("k-1")
    world.request("p-1", "c-1", ["k-1"])
    assert posted(world.order("p-1", interest_fen=60)[-1:]) == [
        "accrued → ordered line-1 3000",
        "accrued → ordered line-2 2000",
        "payable → in_transit line-1 3000",
        "payable → in_transit line-2 2000",
        "allotted → interest_ordered line-1 36",
        "allotted → interest_ordered line-2 24",
        "interest_payable → in_transit line-1 36",
        "interest_payable → in_transit line-2 24",
    ]
    before = held(world, "c-1")
    settled = posted(world.settle("p-1"))
    assert settled == [
        "ordered → paid line-1 3000",
        "ordered → paid line-2 2000",
        "in_transit → cash line-1 3000",
        "in_transit → cash line-2 2000",
        "interest_ordered → interest_paid line-1 36",
        "interest_ordered → interest_paid line-2 24",
        "in_transit → cash line-1 36",
        "in_transit → cash line-2 24",
    ]
    assert posted(world.bounce("p-1")) == [
        "paid → accrued line-1 3000",
        "paid → accrued line-2 2000",
        "cash → payable line-1 3000",
        "cash → payable line-2 2000",
        "interest_paid → allotted line-1 36",
        "interest_paid → allotted line-2 24",
        "cash → interest_payable line-1 36",
        "cash → interest_payable line-2 24",
    ]
    world.request("p-2", "c-1", ["k-1"])
    world.order("p-2", interest_fen=60)
    assert held(world, "c-1") == before
    assert posted(world.reject("p-2"))[4:] == [
        "interest_ordered → allotted line-1 36",
        "interest_ordered → allotted line-2 24",
        "in_transit → interest_payable line-1 36",
        "in_transit → interest_payable line-2 24",
    ]
    assert world.state.interest["k-1"].owed_fen == 60


def test_no_bounce_takes_back_what_was_refunded() -> None:
    """Money that the provider gave back cannot come back from the bank as well."""
    world = answered()
    world.pay("p-1", "c-1", ["k-1"])
    world.do(world.make(RefundReceived, amount_fen=1))
    with pytest.raises(Refused, match="guard_broken"):
        world.bounce("p-1")


# -- interest --------------------------------------------------------------------------------------


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


# -- receivables -----------------------------------------------------------------------------------


def test_a_receivable_is_confirmed_by_both_and_assigned_once() -> None:
    """From its assignment only the lender's account is paid, until the lender releases it.

    outcome                | by      | event                | fields
    receivable_wrong_state |         | receivable.confirmed |
    receivable_wrong_state |         | receivable.released  |
    receivable_differs     |         | receivable.requested | amount_fen=4999
    signers_not_as_called  | BUY/one | receivable.requested |
    ok                     |         | receivable.requested |
    ok                     |         | receivable.requested |
    receivable_wrong_state |         | receivable.assigned  |
    receivable_differs     |         | receivable.confirmed | amount_fen=1
    signers_not_as_called  | BUY/one | receivable.confirmed |
    ok                     |         | receivable.confirmed |
    receivable_wrong_state |         | receivable.requested |
    ok                     |         | payment.requested    |
    ok                     |         | payment.approved     |
    receivable_differs     |         | receivable.assigned  | amount_fen=1
    signers_not_as_called  | PRO/one | receivable.assigned  |
    ok                     |         | receivable.assigned  |
    receivable_wrong_state |         | receivable.assigned  | account=another
    payee_not_lender       |         | payment.ordered      |
    ok                     |         | payment.returned     |
    payee_not_lender       |         | payment.requested    | payment=p-2
    ok                     |         | payment.requested    | payment=p-2; \
payee=account-of-lender
    ok                     |         | payment.approved     | payment=p-2
    ok                     |         | payment.ordered      | payment=p-2; \
payee=account-of-lender
    claim_in_live_payment  |         | receivable.released  |
    ok                     |         | payment.settled      | payment=p-2
    claim_in_live_payment  |         | receivable.released  |
    ok                     |         | payment.bounced      | payment=p-2
    payee_not_lender       |         | payment.requested    | payment=p-3
    signers_not_as_called  | PRO/one | receivable.released  |
    ok                     |         | receivable.released  |
    receivable_wrong_state |         | receivable.released  |
    ok                     |         | payment.requested    | payment=p-3
    ok                     |         | receivable.requested |
    ok                     |         | payment.approved     | payment=p-3
    ok                     |         | payment.ordered      | payment=p-3
    claim_in_live_payment  |         | receivable.confirmed |
    """
    world = answered()
    scenario.play(world, test_a_receivable_is_confirmed_by_both_and_assigned_once.__doc__)


def test_the_interest_of_an_assigned_claim_is_the_lender_s() -> None:
    """The provider cannot let go of it, nor have it paid to itself.

    outcome                | by | event                | fields
    ok                     |    | receivable.requested |
    ok                     |    | receivable.confirmed |
    ok                     |    | receivable.assigned  |
    later                  |    |                      | 60
    ok                     |    | interest.accrued     |
    receivable_wrong_state |    | interest.waived      |
    payee_not_lender       |    | payment.requested    | principal_fen=0
    ok                     |    | payment.requested    | principal_fen=0; \
payee=account-of-lender
    claim_in_live_payment  |    | payment.requested    | payment=p-2; payee=account-of-lender
    """
    world = answered()
    scenario.play(world, test_the_interest_of_an_assigned_claim_is_the_lender_s.__doc__)


def test_what_was_confirmed_is_not_free_for_deductions() -> None:
    """A request binds nothing; a confirmation does, until the bank has the order, or a release."""
    world = answered()
    world.visits("c-1", month="2026-03")
    world.claim("k-2", "c-1")
    world.answer("k-2")

    def free() -> tuple[int, bool, str]:
        state = world.state
        return (
            free_of_assignment_fen(state, "c-1"),
            is_bound(state, "k-1"),
            payee_party(state, "k-1"),
        )

    assert free() == (10_000, False, "PRO")
    world.do(world.make(ReceivableRequested))
    assert free() == (10_000, False, "PRO")
    world.do(world.make(ReceivableConfirmed))
    assert free() == (5_000, True, "PRO")
    world.do(world.make(ReceivableAssigned))
    assert free() == (5_000, True, "LEN")
    (leaf,) = [x for x in standing_of(world.state, 1).leaves if b'"key":"contract/c-1"' in x]
    assert leaf.count(b'"assigned_to":"LEN"') == 1
    world.request("p-1", "c-1", ["k-1"], payee="account-of-lender")
    world.order("p-1")
    assert free() == (5_000, True, "LEN")
    world.reject("p-1")
    assert free() == (5_000, True, "LEN")
    world.do(world.make(ReceivableReleased))
    assert free() == (10_000, False, "PRO")


# -- refunds ---------------------------------------------------------------------------------------


def test_refunds() -> None:
    """No more comes back than was paid in that year, and not before it came.

    outcome            | by      | event             | fields
    value_exceeds      |         | refund.received   |
    ok                 |         | payment.requested |
    ok                 |         | payment.approved  |
    ok                 |         | payment.ordered   |
    value_exceeds      |         | refund.received   |
    ok                 |         | payment.settled   |
    signer_lacks_role  | PRO/one | refund.received   |
    reference_unknown  |         | refund.received   | contract=c-9
    reference_unknown  |         | refund.received   | refund=r-9
    date_invalid       |         | refund.received   | value_date=2026-02-29
    value_date_outside |         | refund.received   | value_date=2026-01-06
    value_exceeds      |         | refund.received   | amount_fen=5001
    value_exceeds      |         | refund.received   | year=2025
    value_exceeds      |         | refund.received   | year=2027
    ok                 |         | refund.received   | amount_fen=4000
    value_exceeds      |         | refund.received   | amount_fen=1001
    ok                 |         | refund.received   | amount_fen=1000
    """
    scenario.play(answered(), test_refunds.__doc__)


def test_where_a_refund_goes() -> None:
    """To its contract within the year, to the line when that is closed; a year later as cash."""
    world = answered()
    world.pay("p-1", "c-1", ["k-1"])
    assert posted(world.do(world.make(RefundReceived, amount_fen=10))) == [
        "paid → committed line-1 6",
        "paid → committed line-2 4",
        "cash → service_expense line-1 6",
        "cash → service_expense line-2 4",
    ]
    world.close("c-1")
    assert posted(world.do(world.make(RefundReceived, amount_fen=10))) == [
        "paid → allotted line-1 6",
        "paid → allotted line-2 4",
        "cash → service_expense line-1 6",
        "cash → service_expense line-2 4",
    ]
    at(world, "2027-01-05")
    later = world.make(RefundReceived, amount_fen=10, value_date="2027-01-04")
    assert posted(world.do(later)) == ["cash → equity line-1 6", "cash → equity line-2 4"]
    assert held(world, "c-1") == {"paid": 4_980, "service_expense": 4_980}


class Demand(NamedTuple):
    """What a table of demands holds."""

    refund: str
    contract: str
    amount_fen: int
    status: str


def test_a_refund_answers_a_demand_in_whole_or_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than is open of it, under its own contract; then it is received."""
    world = answered()
    world.pay("p-1", "c-1", ["k-1"])
    demands = {
        "r-1": Demand("r-1", "c-1", 30, "demanded"),
        "r-2": Demand("r-2", "c-2", 30, "demanded"),
    }
    monkeypatch.setattr(world.state, "refunds", demands, raising=False)

    def give_back(amount_fen: int, refund: str) -> None:
        world.do(world.make(RefundReceived, amount_fen=amount_fen, refund=refund))

    for amount_fen, refund in ((31, "r-1"), (1, "r-2")):
        with pytest.raises(Refused, match="value_exceeds"):
            give_back(amount_fen, refund)
    give_back(20, "r-1")
    assert demands["r-1"] == Demand("r-1", "c-1", 10, "demanded")
    give_back(10, "r-1")
    assert demands["r-1"].status == "received"
    with pytest.raises(Refused, match="value_exceeds"):
        give_back(1, "r-1")


# -- replay ----------------------------------------------------------------------------------------


def test_judged_again_the_same_state_comes_out() -> None:
    """Late, assigned, diverted, bounced, refunded: a replay gives the same, table by table."""
    world = answered()
    world.do(world.make(ReceivableRequested))
    world.do(world.make(ReceivableConfirmed))
    world.do(world.make(ReceivableAssigned))
    at(world, "2026-03-06")
    world.accrue("k-1")
    world.request("p-1", "c-1", ["k-1"], payee="account-of-lender")
    world.order("p-1", interest_fen=60)
    world.do(world.make(PaymentDiverted, value_date=world.today()))
    world.now_ms += MS_PER_DAY
    world.settle("p-1")
    world.bounce("p-1")
    world.request("p-2", "c-1", ["k-1"], payee="account-of-lender")
    world.order("p-2", interest_fen=60)
    world.settle("p-2")
    world.do(world.make(RefundReceived, amount_fen=7))
    assert snapshot(world.replay()) == snapshot(world.state)
