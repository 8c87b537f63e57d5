"""The read model `payments`: what was billed, what was paid, and what the bank would not pay."""

from collections.abc import Callable
from typing import Any, Literal

from msgspec import UNSET, Struct, json
from sqlalchemy import select

from ledger.events.claim import (
    ClaimAgreed,
    ClaimAnswered,
    ClaimDeemedAccepted,
    ClaimSubmitted,
)
from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.payment import (
    PaymentApproved,
    PaymentBounced,
    PaymentDiverted,
    PaymentOrdered,
    PaymentRejected,
    PaymentRequested,
    PaymentReturned,
    PaymentSettled,
)
from ledger.intake.reading import storable
from ledger.state.payment import PaymentStatus
from projections.context import CONTEXT_EVENTS, CONTEXT_SHAPES, LEDGER, Context
from projections.engine import Projections, Reading
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.payment_rows import CLAIM, PAYMENT, ClaimRow, PaymentRow
from projections.shape import Shape
from projections.sheet import Sheet

# -- the fold ----------------------------------------------------------------------------------

_LATER = (
    PaymentApproved,
    PaymentReturned,
    PaymentOrdered,
    PaymentSettled,
    PaymentRejected,
    PaymentBounced,
    PaymentDiverted,
)
_ANSWERS = (ClaimAnswered, ClaimDeemedAccepted)
_DECISIONS = (ClaimAgreed, DisputeOpened, DisputeSettled, DisputeRuled)
_CONTRACT_KIND = "contract/"


def _fold(batch: Batch, sheet: Sheet, _feed: Feed) -> None:
    context = Context(sheet)
    events = [fact.event for fact in batch.facts]
    payments = {
        row.payment: row
        for row in sheet.load(
            PAYMENT, "payment", [e.payment for e in events if isinstance(e, _LATER)]
        )
    }
    claims = {
        row.claim: row
        for row in sheet.load(
            CLAIM, "claim", [e.claim for e in events if isinstance(e, (*_ANSWERS, *_DECISIONS))]
        )
    }
    for fact in batch.events:
        event = fact.event
        context.see(event)
        position, contract = fact.position, fact.subject.removeprefix(_CONTRACT_KIND)
        day = context.day(fact.recorded_ms)
        if isinstance(event, ClaimSubmitted):
            claims[event.claim] = _submitted(event, contract, position, day)
        elif isinstance(event, (*_ANSWERS, *_DECISIONS)):
            claim = _CLAIM_CHANGES[type(event)](claims[event.claim], event, day)
            claims[event.claim] = claim._replace(last_position=position)
        elif isinstance(event, PaymentRequested):
            payments[event.payment] = _requested(event, contract, position, day)
        elif isinstance(event, _LATER):
            payment = _CHANGES[type(event)](payments[event.payment], event, day)
            payments[event.payment] = payment._replace(last_position=position)
    context.put(sheet)
    sheet.put(CLAIM, claims.values())
    sheet.put(PAYMENT, payments.values())


def _submitted(event: ClaimSubmitted, contract: str, position: int, day: str) -> ClaimRow:
    return ClaimRow(
        claim=event.claim,
        first_position=position,
        last_position=position,
        contract=contract,
        status="submitted",
        from_date=event.period.from_date,
        to_date=event.period.to_date,
        invoice=event.invoice.number,
        visits=event.visits.count,
        gross_fen=event.gross_fen,
        self_pay_fen=event.self_pay_fen,
        claim_fen=event.claim_fen,
        accepted_fen=0,
        cut_fen=0,
        disputed_fen=0,
        submitted_on=day,
        answered_on=None,
    )


def _answered(row: ClaimRow, event: ClaimAnswered, day: str) -> ClaimRow:
    return row._replace(
        status="answered",
        accepted_fen=event.accepted_fen,
        cut_fen=sum(cut.amount_fen for cut in event.cuts),
        disputed_fen=sum(each.amount_fen for each in event.disputed),
        answered_on=day,
    )


def _accepted(row: ClaimRow, _event: ClaimDeemedAccepted, _day: str) -> ClaimRow:
    return row._replace(status="accepted", accepted_fen=row.claim_fen)


def _agreed(row: ClaimRow, event: ClaimAgreed, _day: str) -> ClaimRow:
    back_fen = sum(line.amount_fen for line in event.returned)
    return row._replace(accepted_fen=row.accepted_fen + back_fen, cut_fen=row.cut_fen - back_fen)


def _contested(row: ClaimRow, event: DisputeOpened, _day: str) -> ClaimRow:
    fen = sum(line.amount_fen for line in event.lines)
    return row._replace(cut_fen=row.cut_fen - fen, disputed_fen=row.disputed_fen + fen)


def _decided(row: ClaimRow, event: DisputeSettled | DisputeRuled, _day: str) -> ClaimRow:
    fen = sum(line.amount_fen for line in event.lines)
    return row._replace(
        accepted_fen=row.accepted_fen + event.awarded_fen,
        cut_fen=row.cut_fen + fen - event.awarded_fen,
        disputed_fen=row.disputed_fen - fen,
    )


_CLAIM_CHANGES: dict[type[Any], Callable[[ClaimRow, Any, str], ClaimRow]] = {
    ClaimAnswered: _answered,
    ClaimDeemedAccepted: _accepted,
    ClaimAgreed: _agreed,
    DisputeOpened: _contested,
    DisputeSettled: _decided,
    DisputeRuled: _decided,
}


def _requested(event: PaymentRequested, contract: str, position: int, day: str) -> PaymentRow:
    return PaymentRow(
        payment=event.payment,
        first_position=position,
        last_position=position,
        contract=contract,
        claims=json.encode(event.claims).decode(),
        status="requested",
        principal_fen=event.principal_fen,
        interest_fen=0,
        payee=event.payee,
        requested_on=day,
        approved_on=None,
        ordered_on=None,
        ended_on=None,
        value_date=None,
        reason=None,
        explanation=None,
    )


def _approved(row: PaymentRow, _event: PaymentApproved, day: str) -> PaymentRow:
    return row._replace(status="approved", approved_on=day)


def _returned(row: PaymentRow, event: PaymentReturned, day: str) -> PaymentRow:
    explanation = None if event.explanation is UNSET else event.explanation
    return row._replace(
        status="returned", ended_on=day, reason=event.reason, explanation=explanation
    )


def _ordered(row: PaymentRow, event: PaymentOrdered, day: str) -> PaymentRow:
    interest_fen = 0 if event.interest_fen is UNSET else event.interest_fen
    return row._replace(status="ordered", ordered_on=day, interest_fen=interest_fen)


def _settled(row: PaymentRow, event: PaymentSettled, day: str) -> PaymentRow:
    return row._replace(status="settled", ended_on=day, value_date=event.value_date)


def _unpaid(row: PaymentRow, event: PaymentRejected | PaymentBounced, day: str) -> PaymentRow:
    return row._replace(
        status="rejected" if isinstance(event, PaymentRejected) else "bounced",
        ended_on=day,
        value_date=None,
        reason=event.reason,
        explanation=event.explanation,
    )


def _diverted(row: PaymentRow, _event: PaymentDiverted, _day: str) -> PaymentRow:
    return row._replace(status="diverted")


_CHANGES: dict[type[Any], Callable[[PaymentRow, Any, str], PaymentRow]] = {
    PaymentApproved: _approved,
    PaymentReturned: _returned,
    PaymentOrdered: _ordered,
    PaymentSettled: _settled,
    PaymentRejected: _unpaid,
    PaymentBounced: _unpaid,
    PaymentDiverted: _diverted,
}

PAYMENTS = ReadModel(
    name="payments",
    version=2,
    shapes=(*CONTEXT_SHAPES, PAYMENT, CLAIM),
    decoded=CONTEXT_EVENTS
    | types(ClaimSubmitted, *_ANSWERS, *_DECISIONS, PaymentRequested, *_LATER),
    counted=frozenset(),
    fold=_fold,
)

# -- the questions -----------------------------------------------------------------------------


class Payment(Struct, frozen=True):
    """A payment and how far it came.

    Attributes:
        payment: its id.
        contract: under which contract.
        claims: the claims it pays, and sums owed beyond them, by the id of their event.
        status: requested, approved, returned, ordered, settled, rejected, bounced or diverted.
        principal_fen: how much of what was owed.
        interest_fen: how much interest was ordered with it.
        currency: ISO 4217 of the amounts.
        payee: token of the account.
        requested_on: local date it was asked for.
        approved_on: local date it was approved.
        ordered_on: local date the bank was ordered to pay.
        ended_on: local date the last word on it was recorded.
        value_date: day the money counts as paid, while it does.
        reason: why it was not paid: an ISO 20022 code of the bank's, or why it was returned.
        explanation: the same in words.
        first_position: position of its request.
        last_position: position of the last event about it.

    """

    payment: str
    contract: str
    claims: tuple[str, ...]
    status: PaymentStatus
    principal_fen: int
    interest_fen: int
    currency: str
    payee: str
    requested_on: str
    approved_on: str | None
    ordered_on: str | None
    ended_on: str | None
    value_date: str | None
    reason: str | None
    explanation: str | None
    first_position: int
    last_position: int


class Claim(Struct, frozen=True):
    """A claim and what became of it; amounts are fen of `currency`, zero until it is answered.

    Attributes:
        claim: its id.
        contract: under which contract.
        status: submitted, answered, or accepted because nobody answered in time.
        from_date: first day billed.
        to_date: last day billed.
        invoice: number of the tax invoice.
        visits: how many visits it covers.
        gross_fen: units × rates.
        self_pay_fen: paid by the people served.
        claim_fen: asked of the purchaser.
        accepted_fen: accepted of it, what came back or was awarded later included.
        cut_fen: cut from it, what a dispute did not award included.
        disputed_fen: waiting.
        currency: ISO 4217 of the amounts.
        submitted_on: local date it was recorded.
        answered_on: local date the answer was recorded.
        first_position: position of its submission.
        last_position: position of the last event about it.

    """

    claim: str
    contract: str
    status: Literal["submitted", "answered", "accepted"]
    from_date: str
    to_date: str
    invoice: str
    visits: int
    gross_fen: int
    self_pay_fen: int
    claim_fen: int
    accepted_fen: int
    cut_fen: int
    disputed_fen: int
    currency: str
    submitted_on: str
    answered_on: str | None
    first_position: int
    last_position: int


def list_payments(
    projections: Projections,
    *,
    contract: str | None = None,
    status: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Payment]:
    """Return a page of payments, in the order in which they were asked for.

    Raises:
        Malformed: `after` is not what a page said.

    """
    return _page(projections, PAYMENT, Payment, (contract, status, after), limit)


def list_claims(
    projections: Projections,
    *,
    contract: str | None = None,
    status: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Claim]:
    """Return a page of claims, in the order in which they were submitted.

    Raises:
        Malformed: `after` is not what a page said.

    """
    return _page(projections, CLAIM, Claim, (contract, status, after), limit)


def _page(
    projections: Projections,
    shape: Shape[Any],
    record: type[Any],
    asked: tuple[str | None, str | None, str | None],
    limit: int,
) -> Page[Any]:
    contract, status, after = asked

    def query(reading: Reading) -> Page[Any]:
        connection, table = reading.connection, reading.tables[shape]
        where = [
            table.c[column] == storable(wanted)
            for column, wanted in (("contract", contract), ("status", status))
            if wanted is not None
        ]
        rows, following = page_of(connection, table, where, after, limit)
        currency = connection.scalar(select(reading.tables[LEDGER].c.currency)) or ""
        items = []
        for row in rows:
            values = {**row, "currency": currency}
            if "claims" in values:
                values["claims"] = json.decode(values["claims"], type=tuple[str, ...])
            items.append(record(**values))
        return Page(reading.position, tuple(items), following)

    return projections.read(PAYMENTS, query)
