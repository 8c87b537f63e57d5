"""What was delivered and paid under a contract, as releases.

    claims, and sums owed beyond them     implementation.milestones
    scores                                a milestone, and implementation.metrics
    deductions and penalties              implementation.performanceFailures
    money that the bank moved             implementation.transactions

Every transaction is cash that moved, from one payer: where several finance bureaus' fund lines paid
together, there is one for each. Their sum is what the contract cost the fund lines' `cash`,
interest and advances included. What came back is a transaction of its own, below zero: an OCDS
list forgets nothing. So is the interest of a payment, since it is no part of the price.

A payment may pay for several claims. OCDS links a transaction to one milestone, here the first of
them; our own extension names them all.
"""

from typing import Any, Final

from ledger.events.advance import AdvanceRefunded, AdvanceSettled
from ledger.events.claim import ClaimAgreed, ClaimAnswered, ClaimDeemedAccepted, ClaimSubmitted
from ledger.events.dispute import DisputeRuled, DisputeSettled
from ledger.events.payment import (
    PaymentBounced,
    PaymentRequested,
    PaymentSettled,
)
from ledger.events.penalty import PenaltyImposed
from ledger.events.receivable import ReceivableAssigned
from ledger.events.refund import RefundReceived
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.score import (
    BonusGranted,
    DeductionApplied,
    ScoreFinalised,
    ScoreProposed,
)
from ledger.intake.amounts import format_amount
from projections.ocds.contracting import finance
from projections.ocds.process import KnownClaim, KnownContract, Process, Told
from projections.ocds.tendering import Teller
from projections.ocds.values import Release, share

NEW: Final = "implementation"
"""The tag of a release that adds something."""
UPDATE: Final = "implementationUpdate"
"""The tag of a release that changes what was said before."""

# -- claims ------------------------------------------------------------------------------------


def _claim_submitted(process: Process, event: ClaimSubmitted) -> Told:
    process.contract.claims[event.claim] = KnownClaim(event)
    milestone = {
        "id": _claim_id(event.claim),
        "title": event.claim,
        "type": "delivery",
        "status": "scheduled",
        "dueDate": process.days.end(event.period.to_date),
        "dateModified": process.entry.recorded,
        "claimedValue": process.value(event.claim_fen),
    }
    return _told(process, {"milestones": [milestone]}, NEW)


def _claim_answered(process: Process, event: ClaimAnswered) -> Told:
    return _accepted(process, event.claim, event.accepted_fen)


def _claim_deemed(process: Process, event: ClaimDeemedAccepted) -> Told:
    claim = process.contract.claims[event.claim]
    return _accepted(process, event.claim, claim.submitted.claim_fen)


def _claim_agreed(process: Process, event: ClaimAgreed) -> Told:
    returned_fen = sum(each.amount_fen for each in event.returned)
    return _accepted(process, event.claim, returned_fen, owed_under=event.id)


def _dispute_ended(process: Process, event: DisputeSettled | DisputeRuled) -> Told | None:
    if not event.awarded_fen:
        return None
    return _accepted(process, event.claim, event.awarded_fen, owed_under=event.id)


def _accepted(
    process: Process, claim_id: str, amount_fen: int, *, owed_under: str | None = None
) -> Told:
    """Tell that more of a claim was accepted; `owed_under` is the event that the sum goes by."""
    claim = process.contract.claims[claim_id]
    claim.accepted_fen += amount_fen
    recorded = process.entry.recorded
    status = "partiallyMet" if claim.accepted_fen else "notMet"
    if claim.accepted_fen == claim.submitted.claim_fen:
        status = "met"
    milestone = {
        "id": _claim_id(claim_id),
        "title": claim_id,
        "status": status,
        "dateModified": recorded,
        "acceptedValue": process.value(claim.accepted_fen),
    }
    if status == "met":
        milestone["dateMet"] = recorded
    milestones = [milestone]
    if owed_under is not None:
        milestones.append(_owed(process, owed_under, claim_id, "delivery", amount_fen))
    return _told(process, {"milestones": milestones}, UPDATE)


def _sum_owed(process: Process, event: RetentionReleased | GuaranteeLodged | BonusGranted) -> Told:
    milestone = _owed(process, event.id, process.entry.type, "payment", event.amount_fen)
    return _told(process, {"milestones": [milestone]}, NEW)


def _owed(process: Process, owed: str, title: str, kind: str, amount_fen: int) -> Release:
    return {
        "id": owed,
        "title": title,
        "type": kind,
        "status": "met",
        "dateMet": process.entry.recorded,
        "acceptedValue": process.value(amount_fen),
    }


# -- scores and what they take -----------------------------------------------------------------


def _score_proposed(process: Process, event: ScoreProposed) -> Told:
    process.contract.scores[event.score] = event
    milestone = {
        "id": _score_id(event.score),
        "title": event.score,
        "type": "assessment",
        "status": "scheduled",
        "dateModified": process.entry.recorded,
    }
    return _told(process, {"milestones": [milestone]}, NEW)


def _score_finalised(process: Process, event: ScoreFinalised) -> Told:
    period = process.days.period(process.contract.scores[event.score].period)
    link = {"id": _score_id(event.score), "title": event.score}

    def observed(name: str, measure: Any, unit: Release | None = None) -> Release:
        seen = {"id": f"{event.score}/{name}", "period": period, "measure": measure}
        return seen | ({"unit": unit} if unit else {}) | {"relatedImplementationMilestone": link}

    part = {"name": "share of 1"}
    metrics = [
        {
            "id": each.id,
            "observations": [
                observed("actual", each.actual),
                observed("score", share(each.score_ppm), part),
            ],
        }
        for each in event.indicators
    ]
    metrics += [
        {"id": "score/total", "observations": [observed("total", share(event.total_ppm), part)]},
        {"id": "score/factor", "observations": [observed("factor", share(event.factor_ppm))]},
    ]
    recorded = process.entry.recorded
    milestone = link | {"status": "met", "dateMet": recorded, "dateModified": recorded}
    return _told(process, {"milestones": [milestone], "metrics": metrics}, UPDATE)


def _deduction(process: Process, event: DeductionApplied) -> Told:
    period = process.days.period(process.contract.scores[event.score].period)
    failure = {"id": event.id, "period": period, "category": "score"}
    return _failure(process, failure, event.amount_fen)


def _penalty(process: Process, event: PenaltyImposed) -> Told:
    return _failure(process, {"id": event.id, "category": event.ground}, event.amount_fen)


def _failure(process: Process, failure: Release, amount_fen: int) -> Told:
    """Tell what came off the pay; it was taken at once, so it is paid."""
    currency = process.register.currency
    imposed = f"{format_amount(amount_fen, currency)} {currency}"
    failure |= {"penaltyImposed": imposed, "penaltyPaid": True}
    return _told(process, {"performanceFailures": [failure]}, NEW)


# -- money -------------------------------------------------------------------------------------


def _assigned(process: Process, event: ReceivableAssigned) -> None:
    process.contract.accounts[event.account] = event.lender


def _payment_requested(process: Process, event: PaymentRequested) -> None:
    process.contract.payments[event.payment] = event


def _payment_settled(process: Process, event: PaymentSettled) -> Told:
    return _paid(process, event.payment, event.value_date, "")


def _payment_bounced(process: Process, event: PaymentBounced) -> Told:
    return _paid(process, event.payment, event.value_date, "/bounced")


def _paid(process: Process, payment_id: str, day: str, suffix: str) -> Told:
    contract = process.contract
    requested = contract.payments[payment_id]
    links = [_milestone_of(contract, claim) for claim in requested.claims]
    related: Release = {"relatedImplementationMilestone": links[0]}
    if len(links) > 1:
        related["relatedImplementationMilestones"] = links
    payee = contract.accounts.get(requested.payee, contract.signed.provider)
    parts = ((payment_id, "paid"), (f"{payment_id}/interest", "interest_paid"))
    transactions = [
        transaction | related
        for name, account in parts
        for transaction in _moved(process, f"{name}{suffix}", day, account, payee)
    ]
    return _told(process, {"transactions": transactions}, NEW)


def _advance_settled(process: Process, event: AdvanceSettled) -> Told:
    return _transactions(process, _advance_id(event.advance), event.value_date)


def _advance_refunded(process: Process, event: AdvanceRefunded) -> Told:
    return _transactions(process, f"{_advance_id(event.advance)}/{event.id}", event.value_date)


def _refund_received(process: Process, event: RefundReceived) -> Told:
    told = _transactions(process, f"refund/{event.id}", event.value_date)
    told.sections["contracts"][0] |= finance(process)  # of a closed contract it is released
    return told


def _transactions(process: Process, name: str, day: str) -> Told:
    """Tell the cash that an event moved between the fund lines and the provider."""
    found = _moved(process, name, day, "cash", process.contract.signed.provider)
    return _told(process, {"transactions": found}, NEW)


def _moved(process: Process, name: str, day: str, account: str, payee: str) -> list[Release]:
    """Return what an event posted to an account as transactions, one for each payer."""
    moved = _by_payer(process, account)
    process.contract.paid_fen += sum(moved.values())
    return [
        {
            "id": name if len(moved) == 1 else f"{name}/by/{payer}",
            "date": process.days.start(day),
            "value": process.value(amount_fen),
            "payer": process.refer(payer, "payer"),
            "payee": process.refer(payee, "payee"),
        }
        for payer, amount_fen in moved.items()
    ]


def _by_payer(process: Process, account: str) -> dict[str, int]:
    """Return what an account was credited less what it was debited, by owner of the fund lines.

    An OCDS transaction has one payer, and a contract's lines may be of several finance bureaus.
    The postings say what each line paid, also after a line was carried over.
    """
    moved: dict[str, int] = {}
    for each in process.entry.postings:
        sign = (each.credit == account) - (each.debit == account)
        if sign:
            payer = process.register.line(each.line).owner
            moved[payer] = moved.get(payer, 0) + sign * each.amount_fen
    return moved


# -- shared ------------------------------------------------------------------------------------


def _told(process: Process, implementation: Release, tag: str) -> Told:
    signed = process.contract.signed
    named = {"id": signed.contract, "awardID": signed.award}
    return Told((tag,), {"contracts": [named | {"implementation": implementation}]})


def _milestone_of(contract: KnownContract, owed: str) -> Release:
    """Return the reference to a claim's milestone, or to that of a sum owed under its event."""
    if owed in contract.claims:
        return {"id": _claim_id(owed), "title": owed}
    return {"id": owed}


def _claim_id(claim: str) -> str:
    return f"claim/{claim}"


def _score_id(score: str) -> str:
    return f"score/{score}"


def _advance_id(advance: str) -> str:
    return f"advance/{advance}"


TELLERS: Final[dict[str, Teller]] = {
    "claim.submitted": _claim_submitted,
    "claim.answered": _claim_answered,
    "claim.deemed_accepted": _claim_deemed,
    "claim.agreed": _claim_agreed,
    "dispute.settled": _dispute_ended,
    "dispute.ruled": _dispute_ended,
    "retention.released": _sum_owed,
    "guarantee.lodged": _sum_owed,
    "bonus.granted": _sum_owed,
    "score.proposed": _score_proposed,
    "score.finalised": _score_finalised,
    "deduction.applied": _deduction,
    "penalty.imposed": _penalty,
    "receivable.assigned": _assigned,
    "payment.requested": _payment_requested,
    "payment.settled": _payment_settled,
    "payment.bounced": _payment_bounced,
    "advance.settled": _advance_settled,
    "advance.refunded": _advance_refunded,
    "refund.received": _refund_received,
}
"""By type of event; those that give no release are what a later one needs to know."""
