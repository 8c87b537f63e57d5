"""What is answered about payments, sums and what is overdue; amounts are fen of `currency`."""

from typing import Literal

from msgspec import Struct

from ledger.state.payment import PaymentStatus, Waiting
from projections.context import Party

SumStatus = Literal["submitted", "answered", "accepted", "awarded", "released", "granted"]

Kind = Literal[
    "claimed",
    "answered",
    "deemed",
    "cut",
    "disputed",
    "contested",
    "returned",
    "awarded",
    "denied",
    "released",
    "granted",
    "recovered",
    "retained",
    "deducted",
    "scored",
    "penalised",
    "interest",
    "waived",
    "confirmed",
    "assigned",
    "given_back",
]
"""What an event did to a sum:

- `claimed`, `answered`, `deemed`: asked for; accepted by an answer, or because there was none;
- `cut`, `disputed`: refused or waiting, by the answer; `contested`: a cut put into dispute later;
- `returned`, `awarded`, `denied`: what came of cuts and disputes; owed as the sum it is `about`;
- `released`, `granted`: what was held back, or a bonus, is owed as this sum;
- `recovered`, `retained`, `deducted`: of what was accepted, an advance is recovered, the contract
  holds back its share, and a deduction is made that found nothing else to take;
- `scored`, `penalised`: a deduction for a score, or a penalty, is set off;
- `interest`, `waived`: interest is booked for late payment, or let go of;
- `confirmed`, `assigned`, `given_back`: the receivable is confirmed, a lender's, the provider's.
"""


class Payment(Struct, frozen=True):
    """A payment and how far it came.

    Attributes:
        payment: its id.
        contract: under which contract.
        buyer: the purchasing party.
        provider: the party that serves.
        claims: the claims it pays, and sums owed beyond them, by the id of their event.
        status: requested, approved, returned, ordered, settled, rejected, bounced or diverted.
        waits_for: finance's approval or order, the bank's word, the right account or the money
            back, a new request for the same sums, or nothing.
        due_on: local date by which the first of its sums was to be paid (C13).
        days_late: days after that, to the value date or to the ledger's last day.
        principal_fen: how much of what was owed.
        interest_fen: how much interest was ordered with it.
        interest_open_fen: interest on its sums that is booked and in no order.
        ordered_fen: what the bank was ordered to pay, or None before.
        paid_fen: what it paid and has not taken back.
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
    buyer: Party
    provider: Party
    claims: tuple[str, ...]
    status: PaymentStatus
    waits_for: Waiting
    due_on: str | None
    days_late: int
    principal_fen: int
    interest_fen: int
    interest_open_fen: int
    ordered_fen: int | None
    paid_fen: int
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
    """A claim, or another sum owed, and what became of it.

    Amounts are zero until it is answered, but for what is asked.

    Attributes:
        claim: its id; of a sum owed beyond claims the id of the event that made it so.
        contract: under which contract.
        buyer: the purchasing party.
        provider: the party that serves.
        origin: the claim an awarded sum comes of, or None.
        basis: type of the event that made it so: `claim.submitted`, `dispute.ruled`, ….
        status: submitted, answered, or accepted because nobody answered in time; a sum owed
            beyond claims is awarded, released (of what was held back) or granted (a bonus).
        from_date: first day billed, of a claim.
        to_date: last day billed, of a claim.
        invoice: number of the tax invoice, of a claim.
        visits: how many visits it covers.
        gross_fen: units × rates.
        self_pay_fen: paid by the people served.
        claim_fen: asked of the purchaser; of a sum owed beyond claims, all of it.
        accepted_fen: accepted of it, what came back or was awarded later included; that is
            payable as sums of their own.
        cut_fen: cut from it, what a dispute did not award included.
        disputed_fen: waiting.
        payable_fen: to be paid: accepted by its answer, less what its steps took.
        ordered_fen: of that, ordered from the bank.
        paid_fen: of that, paid.
        interest_booked_fen: interest booked on it so far, whatever became of it.
        interest_owed_fen: of that, neither waived nor ordered.
        interest_paid_fen: of that, paid.
        currency: ISO 4217 of the amounts.
        submitted_on: local date it was recorded.
        answer_by: last day on which it could be answered (C12), of a claim.
        answered_on: local date the answer was recorded.
        due_on: last day on which it can be paid in time (C13), once accepted.
        cleared_on: day from which nothing of it is owed: its value date; None while it is.
        payment: the live or settled payment it is in, or None.
        receivable: requested, confirmed or assigned, or None.
        lender: to whom it was assigned, or None.
        first_position: position of the event that made it so.
        last_position: position of the last event about it.

    """

    claim: str
    contract: str
    buyer: Party
    provider: Party
    origin: str | None
    basis: str
    status: SumStatus
    from_date: str | None
    to_date: str | None
    invoice: str | None
    visits: int
    gross_fen: int
    self_pay_fen: int
    claim_fen: int
    accepted_fen: int
    cut_fen: int
    disputed_fen: int
    payable_fen: int
    ordered_fen: int
    paid_fen: int
    interest_booked_fen: int
    interest_owed_fen: int
    interest_paid_fen: int
    currency: str
    submitted_on: str
    answer_by: str | None
    answered_on: str | None
    due_on: str | None
    cleared_on: str | None
    payment: str | None
    receivable: str | None
    lender: str | None
    first_position: int
    last_position: int


class Step(Struct, frozen=True):
    """What an event did to a sum.

    Attributes:
        position: the event's position.
        event: its id.
        day: local date on which it was recorded.
        kind: what it did.
        amount_fen: how much it is about.
        change_fen: by how much it changed what is to be paid; all steps together give
            `payable_fen` once the claim is accepted.
        reason: reason code of a cut, ground of a penalty, or None.
        about: the sum, score, notice or lender it refers to, or None.

    """

    position: int
    event: str
    day: str
    kind: Kind
    amount_fen: int
    change_fen: int
    reason: str | None
    about: str | None


class Share(Struct, frozen=True):
    """What a sum brings to a payment: as ordered, else as of now.

    Attributes:
        claim: the sum.
        principal_fen: what of it is payable; 0 where only interest is asked for.
        interest_fen: interest on it that is neither waived nor ordered otherwise.
        due_on: last day on which it can be paid in time (C13).

    """

    claim: str
    principal_fen: int
    interest_fen: int
    due_on: str | None


class ClaimFile(Struct, frozen=True):
    """A sum with all that changed it, and the payments that asked for it.

    Attributes:
        claim: the sum.
        steps: each event that changed it, in the log's order.
        payments: ids of the payments that asked for it, in that order.

    """

    claim: Claim
    steps: tuple[Step, ...]
    payments: tuple[str, ...]


class ClaimShown(Struct, frozen=True):
    """All that is known of one sum.

    Attributes:
        position: how many events of the ledger this reflects.
        claim: the sum.
        steps: each event that changed it, in the log's order.
        payments: ids of the payments that asked for it, in that order.

    """

    position: int
    claim: Claim
    steps: tuple[Step, ...]
    payments: tuple[str, ...]


class PaymentFile(Struct, frozen=True):
    """All that is known of one payment.

    Attributes:
        position: how many events of the ledger this reflects.
        as_of: local date of the last of them.
        payment: the payment.
        shares: what each sum brings to it.
        claims: its sums, each with all that changed it.
        asked_again: the last later payment that asks for one of its sums, or None.
        disputed_fen: what of its claims still waits for a settlement or a ruling.

    """

    position: int
    as_of: str
    payment: Payment
    shares: tuple[Share, ...]
    claims: tuple[ClaimFile, ...]
    asked_again: str | None
    disputed_fen: int


class Overdue(Struct, frozen=True):
    """A sum whose time to pay (C13) is over at the end of a day, and which was not paid by then.

    Attributes:
        claim: the sum.
        basis: type of the event that made it so.
        contract: under which contract.
        buyer: the purchasing party, which owes it.
        provider: the party that served.
        lender: to whom it was assigned, or None.
        principal_fen: what of it was to be paid that day.
        due_on: last day on which it could be paid in time.
        days_late: days from then to the day asked about.
        interest_fen: interest booked on it by that day.
        currency: ISO 4217 of the amounts.
        payment: the payment that asks for it now, or None.
        first_position: position of the event that made it so.

    """

    claim: str
    basis: str
    contract: str
    buyer: Party
    provider: Party
    lender: str | None
    principal_fen: int
    due_on: str
    days_late: int
    interest_fen: int
    currency: str
    payment: str | None
    first_position: int


class OverdueTotal(Struct, frozen=True):
    """What a buyer had overdue at the end of a day.

    Attributes:
        buyer: the purchasing party.
        sums: how many sums.
        principal_fen: together.
        interest_fen: interest booked on them.

    """

    buyer: Party
    sums: int
    principal_fen: int
    interest_fen: int


class OverdueList(Struct, frozen=True):
    """A part of the list of what was overdue at the end of a day, as the ledger knows it now.

    Attributes:
        position: how many events of the ledger it reflects.
        as_of: the day; what the ledger learned of later counts where its value date is not later.
        currency: ISO 4217 of the amounts.
        totals: by buyer, of the whole list.
        items: the sums, in the order in which they came into the ledger.
        next: what to ask the following page `after`, or None at the end.

    """

    position: int
    as_of: str
    currency: str
    totals: tuple[OverdueTotal, ...]
    items: tuple[Overdue, ...]
    next: str | None
