"""How events change a sum: what is claimed, accepted, held back, set off, awarded, borne.

Nothing here computes money: what an acceptance held back and a deduction took is what it posted,
and which sum a set-off takes from is told by the law's own function.
"""

from collections.abc import Sequence

from ledger.events.claim import (
    ClaimAgreed,
    ClaimAnswered,
    ClaimDeemedAccepted,
    ClaimSubmitted,
)
from ledger.events.contract import ContractSigned
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.interest import InterestAccrued, InterestWaived
from ledger.events.penalty import PenaltyImposed
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.events.retention import GuaranteeLodged, RetentionReleased
from ledger.events.score import BonusGranted, DeductionApplied, ScoreProposed
from ledger.money import set_off
from ledger.rules.deadline import last_answer_day, last_pay_day
from ledger.times import format_date, parse_date
from projections.feed import Fact
from projections.payments.book import Book, Told
from projections.payments.late import late_from
from projections.payments.tables import ClaimRow, ScoreRow, TermsRow

# -- what is known of other subjects -----------------------------------------------------------


def signed(book: Book, fact: Fact, event: ContractSigned) -> None:
    """Remember when a contract's sums are due; no amendment changes that."""
    book.terms[event.contract] = TermsRow(
        event.contract,
        fact.position,
        event.buyer,
        event.provider,
        event.acceptance_days,
        event.pay_days,
    )


def scored(book: Book, fact: Fact, event: ScoreProposed) -> None:
    """Remember which days a score is about."""
    period = event.period
    book.scores[event.score] = ScoreRow(
        event.score, fact.position, period.from_date, period.to_date
    )


# -- claims ------------------------------------------------------------------------------------


def _new(book: Book, fact: Fact, contract: str, claim: str, basis: str) -> ClaimRow:
    """Return the row of a sum of which nothing is payable yet."""
    terms = book.terms[contract]
    return ClaimRow(
        claim=claim,
        first_position=fact.position,
        last_position=fact.position,
        contract=contract,
        buyer=terms.buyer,
        provider=terms.provider,
        origin=None,
        basis=basis,
        status="submitted",
        from_date=None,
        to_date=None,
        invoice=None,
        visits=0,
        gross_fen=0,
        self_pay_fen=0,
        claim_fen=0,
        accepted_fen=0,
        cut_fen=0,
        disputed_fen=0,
        payable_fen=0,
        ordered_fen=0,
        paid_fen=0,
        interest_booked_fen=0,
        interest_owed_fen=0,
        interest_paid_fen=0,
        submitted_on=book.day(fact),
        answer_by=None,
        answered_on=None,
        due_on=None,
        late_from=None,
        cleared_on=None,
        payment=None,
        receivable=None,
        lender=None,
        steps=0,
    )


def submitted(book: Book, fact: Fact, event: ClaimSubmitted) -> None:
    """Begin a claim; nothing of it is payable before it is accepted."""
    days = book.terms[event.contract].acceptance_days
    row = _new(book, fact, event.contract, event.claim, "claim.submitted")._replace(
        from_date=event.period.from_date,
        to_date=event.period.to_date,
        invoice=event.invoice.number,
        visits=event.visits.count,
        gross_fen=event.gross_fen,
        self_pay_fen=event.self_pay_fen,
        claim_fen=event.claim_fen,
        answer_by=format_date(last_answer_day(parse_date(book.day(fact)), days)),
    )
    book.change(fact, row, Told("claimed", event.claim_fen, event.claim_fen))


def answered(book: Book, fact: Fact, event: ClaimAnswered) -> None:
    """Accept a claim but for its cuts and what is in dispute."""
    cuts: dict[str, int] = {}
    for cut in event.cuts:
        cuts[cut.reason] = cuts.get(cut.reason, 0) + cut.amount_fen
    disputed_fen = sum(each.amount_fen for each in event.disputed)
    row = book.claims[event.claim]._replace(
        status="answered",
        accepted_fen=event.accepted_fen,
        cut_fen=sum(cuts.values()),
        disputed_fen=disputed_fen,
        answered_on=book.day(fact),
    )
    told = [
        Told("answered", event.accepted_fen),
        *(Told("cut", fen, -fen, reason) for reason, fen in sorted(cuts.items())),
    ]
    if disputed_fen:
        told.append(Told("disputed", disputed_fen, -disputed_fen))
    _accept(book, fact, _due(book, row, book.day(fact)), told)


def deemed(book: Book, fact: Fact, event: ClaimDeemedAccepted) -> None:
    """Accept all of a claim, from the last day on which it could be answered."""
    row = book.claims[event.claim]
    row = row._replace(status="accepted", accepted_fen=row.claim_fen)
    since = row.answer_by or row.submitted_on
    _accept(book, fact, _due(book, row, since), [Told("deemed", row.claim_fen)])


def _due(book: Book, row: ClaimRow, since: str) -> ClaimRow:
    """Return a sum that is to be paid within the contract's days from a day on (C13)."""
    days = book.terms[row.contract].pay_days
    return row._replace(due_on=format_date(last_pay_day(parse_date(since), days)))


def _accept(book: Book, fact: Fact, row: ClaimRow, told: Sequence[Told]) -> None:
    """Take an accepted sum apart as the event posted it; what is left is payable."""
    held = [Told(kind, fen, -fen) for kind, fen in _held(book, fact) if fen]
    _owe(book, fact, row, [*told, *held])


def _held(book: Book, fact: Fact) -> tuple[tuple[str, int], ...]:
    """Return what an acceptance posted that is not payable: by the kind of its step."""
    return (
        ("recovered", book.moved_fen(fact, "prepaid", "paid")),
        ("retained", book.moved_fen(fact, "accrued", "retained")),
        ("deducted", book.moved_fen(fact, "accrued", "committed")),
    )


def _owe(book: Book, fact: Fact, row: ClaimRow, told: Sequence[Told]) -> None:
    """Let a sum be paid; one of which nothing is payable is never late."""
    steps = book.steps.get(row.claim, ())
    payable_fen = sum(step.change_fen for step in steps) + sum(each.change_fen for each in told)
    if payable_fen and row.due_on is not None:
        row = row._replace(late_from=late_from(row.due_on, book.day(fact)))
    book.change(fact, row, *told)


_FIRST = {
    "claim.agreed": "returned",
    "dispute.settled": "awarded",
    "dispute.ruled": "awarded",
    "retention.released": "released",
    "guarantee.lodged": "released",
    "bonus.granted": "granted",
}
"""The first step of a sum owed beyond claims, by the event that made it so."""


# -- what comes back, and what disputes come to ------------------------------------------------


def contested(book: Book, fact: Fact, event: DisputeOpened) -> None:
    """Put cuts into dispute."""
    fen = sum(line.amount_fen for line in event.lines)
    row = book.claims[event.claim]
    row = row._replace(cut_fen=row.cut_fen - fen, disputed_fen=row.disputed_fen + fen)
    book.change(fact, row, Told("contested", fen))


def agreed(book: Book, fact: Fact, event: ClaimAgreed) -> None:
    """Let cuts come back: they are owed as a sum of their own."""
    fen = sum(line.amount_fen for line in event.returned)
    row = book.claims[event.claim]
    row = row._replace(accepted_fen=row.accepted_fen + fen, cut_fen=row.cut_fen - fen)
    owed = _award(book, fact, row, "claim.agreed", fen)
    book.change(fact, row, Told("returned", fen, about=owed))


def decided(book: Book, fact: Fact, event: DisputeSettled | DisputeRuled) -> None:
    """End a dispute: what is awarded is owed as a sum of its own, the rest is cut."""
    fen = sum(line.amount_fen for line in event.lines)
    awarded_fen, denied_fen = event.awarded_fen, fen - event.awarded_fen
    row = book.claims[event.claim]
    row = row._replace(
        accepted_fen=row.accepted_fen + awarded_fen,
        cut_fen=row.cut_fen + denied_fen,
        disputed_fen=row.disputed_fen - fen,
    )
    by_both = isinstance(event, DisputeSettled)
    basis = "dispute.settled" if by_both else "dispute.ruled"
    owed = _award(book, fact, row, basis, awarded_fen)
    told = (Told("awarded", awarded_fen, about=owed), Told("denied", denied_fen))
    book.change(fact, row, *(each for each in told if each.amount_fen))


def _award(book: Book, fact: Fact, origin: ClaimRow, basis: str, fen: int) -> str | None:
    """Owe an awarded sum with the claim's own time to pay; return its id, or None of no sum."""
    if fen == sum(held_fen for _, held_fen in _held(book, fact)):
        return None  # as the law has it: where nothing is payable, nothing is owed
    row = _new(book, fact, origin.contract, fact.event.id, basis)
    row = row._replace(
        origin=origin.claim,
        status="awarded",
        claim_fen=fen,
        accepted_fen=fen,
        answered_on=book.day(fact),
        due_on=origin.due_on,
    )
    _accept(book, fact, row, [Told(_FIRST[basis], fen, fen)])
    return row.claim


def released(book: Book, fact: Fact, event: RetentionReleased | GuaranteeLodged) -> None:
    """Owe what was held back, from today on."""
    basis = "retention.released" if isinstance(event, RetentionReleased) else "guarantee.lodged"
    _grant(book, fact, event, basis, "released")


def granted(book: Book, fact: Fact, event: BonusGranted) -> None:
    """Owe a bonus, from today on."""
    _grant(book, fact, event, "bonus.granted", "granted")


def _grant(
    book: Book,
    fact: Fact,
    event: RetentionReleased | GuaranteeLodged | BonusGranted,
    basis: str,
    status: str,
) -> None:
    fen, day = event.amount_fen, book.day(fact)
    row = _new(book, fact, event.contract, event.id, basis)
    row = row._replace(status=status, claim_fen=fen, accepted_fen=fen, answered_on=day)
    _owe(book, fact, _due(book, row, day), [Told(_FIRST[basis], fen, fen)])


# -- what is set off ---------------------------------------------------------------------------


def penalised(book: Book, fact: Fact, event: PenaltyImposed) -> None:
    """Set a penalty off against what the contract owes, the oldest first."""
    payables = [(row.claim, row.payable_fen) for row in book.free(event.contract)]
    for claim, fen in set_off(event.amount_fen, payables):
        told = Told("penalised", fen, -fen, event.ground, event.notice)
        _take(book, fact, book.claims[claim], told)


def deducted(book: Book, fact: Fact, event: DeductionApplied) -> None:
    """Take what a deduction took of what is payable, claims of the scored days first."""
    score = book.scores[event.score]
    free = sorted(book.free(event.contract), key=lambda row: not _of_days(row, score))
    payables = [(row.claim, row.payable_fen) for row in free]
    for claim, fen in set_off(book.moved_fen(fact, "accrued", "committed"), payables):
        _take(book, fact, book.claims[claim], Told("scored", fen, -fen, None, event.score))


def _of_days(row: ClaimRow, score: ScoreRow) -> bool:
    return row.to_date is not None and score.from_date <= row.to_date <= score.to_date


def _take(book: Book, fact: Fact, row: ClaimRow, told: Told) -> None:
    if row.payable_fen == told.amount_fen:
        row = row._replace(cleared_on=book.day(fact))
    book.change(fact, row, told)


# -- interest and lenders ----------------------------------------------------------------------


def borne(book: Book, fact: Fact, event: InterestAccrued) -> None:
    """Book interest on a sum."""
    row = book.claims[event.claim]
    row = row._replace(
        interest_booked_fen=row.interest_booked_fen + event.amount_fen,
        interest_owed_fen=row.interest_owed_fen + event.amount_fen,
    )
    book.change(fact, row, Told("interest", event.amount_fen))


def waived(book: Book, fact: Fact, event: InterestWaived) -> None:
    """Let go of interest on a sum."""
    row = book.claims[event.claim]
    row = row._replace(interest_owed_fen=row.interest_owed_fen - event.amount_fen)
    book.change(fact, row, Told("waived", event.amount_fen))


def pledged(
    book: Book, fact: Fact, event: ReceivableRequested | ReceivableConfirmed | ReceivableAssigned
) -> None:
    """Follow a receivable to its lender."""
    row = book.claims[event.claim]
    if isinstance(event, ReceivableAssigned):
        row = row._replace(receivable="assigned", lender=event.lender)
        book.change(fact, row, Told("assigned", event.amount_fen, about=event.lender))
    else:
        confirmed = isinstance(event, ReceivableConfirmed)
        row = row._replace(receivable="confirmed" if confirmed else "requested")
        book.change(fact, row, *([Told("confirmed", event.amount_fen)] if confirmed else []))


def given_back(book: Book, fact: Fact, event: ReceivableReleased) -> None:
    """Give a receivable back to the provider."""
    row = book.claims[event.claim]
    told = Told("given_back", row.payable_fen, about=row.lender)
    book.change(fact, row._replace(receivable=None, lender=None), told)
