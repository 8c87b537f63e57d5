"""What explains a payment: the steps from what is owed to the bank's word, and the whole.

The steps from visits to what is owed are those of `ledger.replay.steps`.
"""

from msgspec import Struct

from ledger.replay.steps import Part, Step, Where
from ledger.state.payment import PaymentStatus, Waiting

# -- whom a sum is owed to, since when, and with what interest ---------------------------------


class Pledged(Step, frozen=True, kw_only=True, tag="pledged"):
    """What is owed on a claim was to be confirmed, was confirmed, assigned or given back.

    Attributes:
        claim: on which sum.
        amount_fen: all that it has to be paid.
        lender: to whom it was assigned, or None.
        account: token of the lender's account, or None.

    """

    claim: str
    amount_fen: int
    lender: str | None = None
    account: str | None = None


class Borne(Step, frozen=True, kw_only=True, tag="borne"):
    """A sum bore interest: principal × rate × days ÷ 365, less what was booked before (C13).

    Attributes:
        claim: which sum.
        principal_fen: what of it is to be paid.
        due_on: last day on which it could be paid in time.
        days: days late so far.
        rate_ppm: the contract's rate a year.
        total_fen: interest for all those days.
        before_fen: booked before.
        amount_fen: booked now.

    """

    claim: str
    principal_fen: int
    due_on: str
    days: int
    rate_ppm: int
    total_fen: int
    before_fen: int
    amount_fen: int


class Waived(Step, frozen=True, kw_only=True, tag="waived"):
    """The provider let go of interest on a sum; `owed_fen` was owed before."""

    claim: str
    owed_fen: int
    amount_fen: int


# -- the payment itself ------------------------------------------------------------------------


class Share(Struct, frozen=True, kw_only=True):
    """What one sum brings to a payment.

    Attributes:
        of: the sum: a claim, or an event's id.
        principal_fen: what of it is payable, or 0 where only interest is asked for.
        interest_fen: interest on it that is neither waived nor ordered otherwise.
        due_on: last day on which it can be paid in time (C13).

    """

    of: str
    principal_fen: int
    interest_fen: int
    due_on: str


class Asked(Step, frozen=True, kw_only=True, tag="asked"):
    """Payment was asked for.

    Attributes:
        payment: its id.
        shares: what each sum brought to it then.
        principal_fen: their sum.
        payee: token of the account.
        party: whose account that is: the provider's, or the lender's of an assigned sum.

    """

    payment: str
    shares: tuple[Share, ...]
    principal_fen: int
    payee: str
    party: str


class Reviewed(Step, frozen=True, kw_only=True, tag="reviewed"):
    """Finance approved a payment, or returned it for a reason."""

    payment: str
    reason: str | None = None
    explanation: str | None = None


class Ordered(Step, frozen=True, kw_only=True, tag="ordered"):
    """The bank was ordered to pay.

    Attributes:
        payment: which.
        shares: what each sum brings to it.
        principal_fen: their principal.
        interest_fen: interest ordered with it.
        lines: what of the principal each fund line bears, by what the contract has accrued there.
        message_id: id of the bank file.

    """

    payment: str
    shares: tuple[Share, ...]
    principal_fen: int
    interest_fen: int
    lines: tuple[Part, ...]
    message_id: str


class Ended(Step, frozen=True, kw_only=True, tag="ended"):
    """The bank's word on an order: settled, rejected, bounced, or diverted to another account.

    Attributes:
        payment: which.
        amount_fen: principal and interest.
        value_date: day the money counts as paid, or came back.
        reason: ISO 20022 reason code.
        explanation: the code in the bank's words.

    """

    payment: str
    amount_fen: int
    value_date: str | None = None
    reason: str | None = None
    explanation: str | None = None


# -- the whole ---------------------------------------------------------------------------------


class Difference(Struct, frozen=True, kw_only=True):
    """What an event states, or its postings moved, and its formula does not give."""

    where: Where
    what: str
    computed_fen: int
    found_fen: int


class Standing(Struct, frozen=True, kw_only=True):
    """Where a payment stands at the end of the log.

    Attributes:
        as_of: local date of the last statement.
        status: how far it got.
        waits_for: finance's approval or order, the bank's word, the right account or the money
            back, a new request for the same sums, or nothing.
        held: events in doubt that hold it up: their key was revoked.
        asked_again: a later payment that asks for the same sums, or None.
        due_on: the first day on which one of its sums was to be paid at the latest (C13).
        days_late: days after that, to the value date or to `as_of`.
        interest_open_fen: interest on its sums that is booked and in no order.
        interest_unbooked_fen: interest that can be booked by now and is not.
        disputed_fen: what of its claims still waits for a settlement or a ruling.

    """

    as_of: str
    status: PaymentStatus
    waits_for: Waiting
    held: tuple[str, ...]
    asked_again: str | None
    due_on: str
    days_late: int
    interest_open_fen: int
    interest_unbooked_fen: int
    disputed_fen: int


class Explanation(Struct, frozen=True, kw_only=True):
    """Why a payment is what it is.

    Attributes:
        origin: the ledger's name.
        statements: size of the log that was replayed.
        currency: ISO 4217 of the amounts.
        payment: its id.
        contract: under which contract.
        provider: the contract's provider.
        steps: in the log's order.
        shares: what each sum brings to it: as ordered, else as of now.
        principal_fen: recomputed.
        interest_fen: recomputed.
        ordered_fen: what the bank was ordered to pay, or None before.
        paid_fen: what it paid and has not taken back.
        standing: where it stands.
        differences: where history and formulas differ; none in a history that verifies.

    """

    origin: str
    statements: int
    currency: str
    payment: str
    contract: str
    provider: str
    steps: tuple[Step, ...]
    shares: tuple[Share, ...]
    principal_fen: int
    interest_fen: int
    ordered_fen: int | None
    paid_fen: int
    standing: Standing
    differences: tuple[Difference, ...]
