"""What the read model `payments` must show of a state: every sum, every payment, what is late."""

from typing import Any, NamedTuple

from ledger.replay.explaining import explain_all
from ledger.replay.explanation import Explanation
from ledger.replay.sources import Source
from ledger.state import State
from ledger.state.interest import Interest
from ledger.state.payment import WITH_THE_BANK
from ledger.times import format_date
from projections.engine import Projections
from projections.payments import Claim, OverdueList, Payment, claim, list_overdue
from projections.payments import list_claims as page_of_claims
from projections.payments import list_payments as page_of_payments
from projections.payments import payment as payment_file


def every(listing: Any, projections: Projections, **filters: Any) -> list[Any]:
    """Return all items of a list, page by page."""
    found: list[Any] = []
    after = None
    while True:
        page = listing(projections, after=after, limit=50, **filters)
        found += page.items
        if page.next is None:
            return found
        after = page.next


def assert_owed_as(state: State, projections: Projections) -> None:
    """Check that each sum and payment is shown as the law's own state has it, to the fen."""
    shown = {each.claim: each for each in every(page_of_claims, projections)}
    assert list(shown) == list(state.claims)
    for name, held in state.claims.items():
        _assert_sum(state, name, shown[name])
        found = claim(projections, name)
        assert found is not None
        changes_fen = sum(step.change_fen for step in found.steps)
        assert changes_fen == (held.claim_fen if held.status == "submitted" else held.payable_fen)
        interest_fen = sum(step.amount_fen for step in found.steps if step.kind == "interest")
        assert interest_fen == shown[name].interest_booked_fen
    payments: list[Payment] = every(page_of_payments, projections)
    assert [(each.payment, each.status) for each in payments] == [
        (payment.payment, payment.status) for payment in state.payments.values()
    ]
    for each in payments:
        payment = state.payments[each.payment]
        assert each.claims == payment.claims
        assert each.principal_fen == payment.principal_fen
        assert each.interest_fen == sum(payment.interest)
        owed_fen = sum(state.interest.get(name, Interest()).owed_fen for name in each.claims)
        assert each.interest_open_fen == owed_fen


def _assert_sum(state: State, name: str, shown: Claim) -> None:
    held, interest = state.claims[name], state.interest.get(name, Interest())
    contract = state.contracts[held.contract]
    paying = None if held.payment is None else state.payments[held.payment]
    with_bank = paying is not None and paying.status in WITH_THE_BANK
    receivable = state.receivables.get(name)
    due_on = None
    if held.owed_since is not None:
        due_on = format_date(held.owed_since + contract.pay_days)
    assert (
        shown.contract,
        shown.buyer.id,
        shown.provider.id,
        shown.status,
        shown.payable_fen,
        shown.disputed_fen,
        shown.payment,
        shown.due_on,
        shown.ordered_fen,
        shown.paid_fen,
        shown.interest_booked_fen,
        shown.interest_owed_fen,
        shown.receivable,
        shown.lender,
    ) == (
        held.contract,
        contract.buyer,
        contract.provider,
        held.status,
        held.payable_fen,
        held.disputed_fen,
        held.payment,
        due_on,
        held.payable_fen if with_bank else 0,
        held.payable_fen if paying is not None and paying.status == "settled" else 0,
        interest.accrued_fen,
        interest.owed_fen,
        None if receivable is None else receivable.status,
        None if receivable is None else receivable.lender,
    )
    if held.status in ("submitted", "answered", "accepted"):
        assert shown.answer_by == format_date(held.answer_by)
        assert shown.claim_fen == held.claim_fen


def assert_shown_as(explanation: Explanation, projections: Projections) -> None:
    """Check that a payment is shown as its explanation has it, recomputed from the log alone."""
    found = payment_file(projections, explanation.payment)
    assert found is not None
    shown, standing = found.payment, explanation.standing
    assert (
        shown.contract,
        shown.provider.id,
        shown.status,
        shown.waits_for,
        shown.due_on,
        shown.days_late,
        shown.interest_open_fen,
        shown.ordered_fen,
        shown.paid_fen,
        shown.currency,
        found.as_of,
        found.asked_again,
        found.disputed_fen,
    ) == (
        explanation.contract,
        explanation.provider,
        standing.status,
        standing.waits_for,
        standing.due_on,
        standing.days_late,
        standing.interest_open_fen,
        explanation.ordered_fen,
        explanation.paid_fen,
        explanation.currency,
        standing.as_of,
        standing.asked_again,
        standing.disputed_fen,
    )
    shares = [
        (each.of, each.principal_fen, each.interest_fen, each.due_on) for each in explanation.shares
    ]
    assert [(s.claim, s.principal_fen, s.interest_fen, s.due_on) for s in found.shares] == shares
    if shown.ordered_fen is not None:
        assert shown.principal_fen == explanation.principal_fen
        assert shown.interest_fen == explanation.interest_fen
        assert shown.ordered_fen == shown.principal_fen + shown.interest_fen
    for file in found.claims:
        assert explanation.payment in file.payments


class Settled(NamedTuple):
    """The settled payments of a ledger: how many, how many late, and their principal."""

    payments: int
    late: int
    principal_fen: int


def assert_all_explained(source: Source, projections: Projections) -> Settled:
    """Check that each payment's explanation gives what was paid and is shown, to the fen."""
    listed: list[Payment] = every(page_of_payments, projections)
    explanations = explain_all(source, [each.payment for each in listed])
    for explanation in explanations:
        assert explanation.differences == ()
        assert_shown_as(explanation, projections)
        if explanation.standing.status == "settled":
            recomputed_fen = explanation.principal_fen + explanation.interest_fen
            assert recomputed_fen == explanation.ordered_fen == explanation.paid_fen
    settled = [each for each in listed if each.status == "settled"]
    return Settled(
        payments=len(settled),
        late=sum(1 for each in settled if each.days_late),
        principal_fen=sum(each.principal_fen for each in settled),
    )


def overdue_whole(projections: Projections, **asked: Any) -> OverdueList:
    """Return the whole list of what is overdue, its pages as one; check that its totals add up."""
    page = list_overdue(projections, limit=1, **asked)
    items = list(page.items)
    while page.next is not None:
        page = list_overdue(projections, limit=1, after=page.next, **asked)
        items += page.items
    totals: dict[str | None, list[int]] = {}
    for item in items:
        assert item.principal_fen > 0
        assert item.days_late > 0
        total = totals.setdefault(item.buyer.id, [0, 0, 0])
        total[0] += 1
        total[1] += item.principal_fen
        total[2] += item.interest_fen
    assert {t.buyer.id: [t.sums, t.principal_fen, t.interest_fen] for t in page.totals} == totals
    return OverdueList(
        position=page.position,
        as_of=page.as_of,
        currency=page.currency,
        totals=page.totals,
        items=tuple(items),
        next=None,
    )
