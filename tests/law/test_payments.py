"""Payment orders: approved by as many as their amount needs, ended once by the bank's word."""

import pytest
import scenario
from books import posted
from money import answered, at, held
from snapshots import snapshot

from ledger.errors import Refused
from ledger.events.interest import InterestWaived
from ledger.events.parties import Limits, RoleRevoked
from ledger.events.payment import (
    PaymentApproved,
    PaymentDiverted,
)
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableRequested,
)
from ledger.events.refund import RefundReceived
from ledger.times import MS_PER_DAY

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


# -- replay ----------------------------------------------------------------------------------------


def test_judged_again_the_same_state_comes_out() -> None:
    """Late, assigned, diverted, bounced, refunded: a replay gives the same, table by table."""
    world = answered()
    world.do(world.make(ReceivableRequested))
    world.do(world.make(ReceivableConfirmed))
    world.do(world.make(ReceivableAssigned))
    at(world, "2026-03-06")
    world.accrue("k-1")
    world.request("p-1", "c-1", ["k-1"], payee="account-9")
    world.order("p-1", interest_fen=60)
    world.do(world.make(PaymentDiverted, value_date=world.today()))
    world.now_ms += MS_PER_DAY
    world.settle("p-1")
    world.bounce("p-1")
    world.request("p-2", "c-1", ["k-1"], payee="account-9")
    world.order("p-2", interest_fen=60)
    world.settle("p-2")
    world.do(world.make(RefundReceived, amount_fen=7))
    assert snapshot(world.replay()) == snapshot(world.state)
