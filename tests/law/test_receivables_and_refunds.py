"""Receivables that a lender holds (C15), and money that a provider gives back."""

from typing import NamedTuple

import pytest
import scenario
from books import posted
from money import answered, at, held

from ledger.errors import Refused
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.events.refund import RefundReceived
from ledger.leaves import standing_of
from ledger.rules.receivable import free_claims, is_bound, payee_party

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
payee=account-9
    ok                     |         | payment.approved     | payment=p-2
    ok                     |         | payment.ordered      | payment=p-2; \
payee=account-9
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
payee=account-9
    claim_in_live_payment  |    | payment.requested    | payment=p-2; payee=account-9
    """
    world = answered()
    scenario.play(world, test_the_interest_of_an_assigned_claim_is_the_lender_s.__doc__)


def test_what_was_confirmed_is_not_free_for_deductions() -> None:
    """A request binds nothing; a confirmation does, until a release."""
    world = answered()
    world.visits("c-1", month="2026-03")
    world.claim("k-2", "c-1")
    world.answer("k-2")

    def free() -> tuple[int, bool, str]:
        state = world.state
        return (
            sum(claim.payable_fen for claim in free_claims(state, "c-1")),
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
    (leaf,) = [
        x for x in standing_of(world.state, 1, world.now_ms).leaves if b'"key":"contract/c-1"' in x
    ]
    assert leaf.count(b'"assigned_to":"LEN"') == 1
    world.request("p-1", "c-1", ["k-1"], payee="account-9")
    world.order("p-1")
    assert free() == (5_000, True, "LEN")
    world.reject("p-1")
    assert free() == (5_000, True, "LEN")
    world.do(world.make(ReceivableReleased))
    assert free() == (10_000, False, "PRO")


def test_a_penalty_leaves_what_a_lender_was_promised() -> None:
    """Only the claim without a confirmed receivable pays it.

    outcome                 | by | event                | fields
    ok                      |    | receivable.requested |
    ok                      |    | receivable.confirmed |
    ok                      |    | notice.given         | amount_fen=20000; reply_by=2026-04-20
    ok                      |    | notice.answered      |
    set_off_exceeds_payable |    | penalty.imposed      | amount_fen=5001
    ok                      |    | penalty.imposed      | amount_fen=5000
    """
    world = answered()
    world.visits("c-1", month="2026-03")
    world.claim("k-2", "c-1")
    world.answer("k-2")
    scenario.play(world, test_a_penalty_leaves_what_a_lender_was_promised.__doc__)
    claims = world.state.claims
    assert (claims["k-1"].payable_fen, claims["k-2"].payable_fen) == (5_000, 0)


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
