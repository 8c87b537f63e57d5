"""The tables of the read model `payments`.

    claim ──┬── step                 a claim or another sum owed; each event that changed it
    payment ┴── part                 a payment; what each sum brings to it
    late                             what is overdue, as changes by buyer, provider and day
    terms, score, day                what of other subjects the fold needs

Amounts are fen, days local dates. A *sum* is a claim as far as it is to be paid, or what is owed
beyond claims, under the id of the event that made it so (docs/decisions/0028).
"""

from typing import NamedTuple

from projections.shape import Shape


class TermsRow(NamedTuple):
    """What of a contract says when its sums are due: fixed when it is signed."""

    contract: str
    last_position: int
    buyer: str
    provider: str
    acceptance_days: int
    pay_days: int


class ScoreRow(NamedTuple):
    """The days that a score is about."""

    score: str
    last_position: int
    from_date: str
    to_date: str


class DayRow(NamedTuple):
    """The day of the ledger's last statement: one row."""

    ledger: str
    last_position: int
    day: str


class ClaimRow(NamedTuple):
    """A sum; columns are those of `records.Claim`, and how many steps it has."""

    claim: str
    first_position: int
    last_position: int
    contract: str
    buyer: str
    provider: str
    origin: str | None
    basis: str
    status: str
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
    submitted_on: str
    answer_by: str | None
    answered_on: str | None
    due_on: str | None
    late_from: str | None
    cleared_on: str | None
    payment: str | None
    receivable: str | None
    lender: str | None
    steps: int


class StepRow(NamedTuple):
    """What an event did to a sum; columns are those of `records.Step`."""

    claim: str
    ordinal: int
    position: int
    event: str
    day: str
    kind: str
    amount_fen: int
    change_fen: int
    reason: str | None
    about: str | None


class PaymentRow(NamedTuple):
    """A payment; columns are those of `records.Payment`, as far as they do not go on by day."""

    payment: str
    first_position: int
    last_position: int
    contract: str
    buyer: str
    provider: str
    claims: str
    """JSON list."""
    status: str
    principal_fen: int
    interest_fen: int
    ordered_fen: int | None
    paid_fen: int
    payee: str
    due_on: str | None
    requested_on: str
    approved_on: str | None
    ordered_on: str | None
    ended_on: str | None
    value_date: str | None
    reason: str | None
    explanation: str | None


class PartRow(NamedTuple):
    """What a sum brings to a payment, as it was ordered; zero before."""

    payment: str
    ordinal: int
    claim: str
    first_position: int
    principal_fen: int
    interest_fen: int


class LateRow(NamedTuple):
    """How what is overdue changed on a day: the sum of all days up to one is what is overdue then.

    `sums` is how many sums are overdue, `fen` what of them is not paid, `interest_fen` the
    interest booked on them.
    """

    buyer: str
    provider: str
    day: str
    last_position: int
    fen: int
    sums: int
    interest_fen: int


TERMS = Shape("terms", TermsRow)
SCORE = Shape("score", ScoreRow)
DAY = Shape("day", DayRow)
CLAIM = Shape(
    "claim",
    ClaimRow,
    indexes=[("first_position", "claim"), ("contract",), ("cleared_on", "late_from")],
)
STEP = Shape("step", StepRow, key=2)
PAYMENT = Shape(
    "payment",
    PaymentRow,
    indexes=[
        ("first_position", "payment"),
        ("contract", "first_position"),
        ("provider", "first_position"),
        ("status", "first_position"),
    ],
)
PART = Shape("part", PartRow, key=2, indexes=[("claim",)])
LATE = Shape("late", LateRow, key=3)
