"""The tables of the read model `providers`.

    provider ──┬── month       what was accepted and paid, by month
               ├── score       each score of its contracts
               ├── days        how many payments came after how many days
               └── sanction    what it is barred from (kept of every party)
    contract, owed, payment    what the fold needs to know later

Amounts are fen, days local dates. A figure of all contracts is kept, not added up when asked.
"""

from typing import Any, NamedTuple

from projections.context import CONTEXT_SHAPES
from projections.shape import Shape


class ProviderRow(NamedTuple):
    """A party with a contract; columns are those of `queries.Provider`, means as their sums."""

    provider: str
    first_position: int
    last_position: int
    active: int = 0
    suspended: int = 0
    terminated: int = 0
    closed: int = 0
    value_fen: int = 0
    accrued_fen: int = 0
    paid_fen: int = 0
    interest_paid_fen: int = 0
    payable_fen: int = 0
    retained_fen: int = 0
    interest_owed_fen: int = 0
    advance_fen: int = 0
    claims: int = 0
    claimed_fen: int = 0
    cut_fen: int = 0
    disputed_fen: int = 0
    contested: int = 0
    won: int = 0
    lost: int = 0
    split: int = 0
    awarded_fen: int = 0
    refused_fen: int = 0
    scores: int = 0
    score_sum_ppm: int = 0
    factor_sum_ppm: int = 0
    settled: int = 0
    days_sum: int = 0
    late: int = 0
    late_days_sum: int = 0
    assigned: int = 0
    assigned_fen: int = 0


class MonthRow(NamedTuple):
    """What was accepted of a provider's claims and paid to it in a local month, by recording."""

    provider: str
    month: str
    accrued_fen: int
    paid_fen: int
    interest_paid_fen: int


class ScoreRow(NamedTuple):
    """A score of a contract; the figures are the proposal's until it is final."""

    score: str
    first_position: int
    last_position: int
    provider: str
    contract: str
    status: str
    """proposed, contested or final"""
    from_date: str
    to_date: str
    total_ppm: int
    factor_ppm: int


class DaysRow(NamedTuple):
    """How many of a provider's payments came so many days after their clock had started."""

    provider: str
    days: int
    payments: int


class SanctionRow(NamedTuple):
    """A sanction of a party."""

    sanction: str
    first_position: int
    last_position: int
    party: str
    ground: str
    from_date: str
    until: str
    lifted_on: str | None


class ContractRow(NamedTuple):
    """Whose contract it is, how it stands, and when its sums are due."""

    contract: str
    provider: str
    status: str
    acceptance_days: int
    pay_days: int


class OwedRow(NamedTuple):
    """A claim, or a sum owed beyond claims by the id of its event, and since when it is owed."""

    owed: str
    contract: str
    answer_by: str
    owed_since: str | None
    assigned_fen: int
    """Assigned to a lender; 0 where it is the provider's own."""


class PaymentRow(NamedTuple):
    """A payment, what it is of, and how long it took, while it counts as paid."""

    payment: str
    contract: str
    claims: str
    """JSON list."""
    principal_fen: int
    days: int | None
    late_days: int


PROVIDER = Shape("provider", ProviderRow, indexes=[("first_position", "provider")])
MONTH = Shape("month", MonthRow, key=2)
SCORE = Shape("score", ScoreRow, indexes=[("provider", "first_position")])
DAYS = Shape("days", DaysRow, key=2)
SANCTION = Shape("sanction", SanctionRow, indexes=[("party",)])
CONTRACT = Shape("contract", ContractRow)
OWED = Shape("owed", OwedRow)
PAYMENT = Shape("payment", PaymentRow)

SHAPES: tuple[Shape[Any], ...] = (
    *CONTEXT_SHAPES,
    PROVIDER,
    MONTH,
    SCORE,
    DAYS,
    SANCTION,
    CONTRACT,
    OWED,
    PAYMENT,
)
