"""The tables of the read model `acts`.

A row is one event, under its position, or a thing with the positions of the events that made it.
Instants are milliseconds since the epoch, days local dates, amounts fen.
"""

from typing import Any, NamedTuple

from projections.context import CONTEXT_SHAPES
from projections.shape import Shape


class RequestRow(NamedTuple):
    """A request for payment, with the account it asks for, by token."""

    position: int
    payment: str
    contract: str
    payee: str
    requested_ms: int


class OrderRow(NamedTuple):
    """An order to a bank: of a payment, or of an advance."""

    position: int
    payment: str
    """Id of the payment or advance."""
    contract: str
    amount_fen: int
    """Principal and interest."""
    ordered_on: str


class AdvanceRow(NamedTuple):
    """An advance that a bank paid; what of it came back is told by the journal."""

    settled_position: int
    advance: str
    contract: str


class AcceptedRow(NamedTuple):
    """The last event by which a contract accrued anything: something delivered was accepted."""

    contract: str
    last_position: int


class AdditionRow(NamedTuple):
    """Authority that came to a fund line within the year, beyond what was voted."""

    position: int
    line: str
    giver: str | None
    """The line that gave it, or None: a supplement."""
    amount_fen: int


class CreditRow(NamedTuple):
    """What a bank did with an order: it paid the account that was ordered, or another."""

    position: int
    payment: str
    contract: str
    kind: str
    """`settled` or `diverted`."""


class InterestRow(NamedTuple):
    """Interest on late payment: the law gave it, or the provider let it go."""

    position: int
    claim: str
    contract: str
    kind: str
    """`accrued` or `waived`."""
    amount_fen: int


class ScoreRow(NamedTuple):
    """A score: as the evaluator proposed it, and as it became final."""

    score: str
    contract: str
    proposed_position: int
    proposed_ppm: int
    final_position: int | None
    final_ppm: int | None


class TimeRow(NamedTuple):
    """An act whose time, as its signer states it, is after it was recorded or a day before.

    Visits and words about them are not here: the read model `delivery` keeps both their times.
    """

    position: int
    subject: str
    type: str
    at_ms: int | None
    """None where the stated time is in no calendar."""
    recorded_ms: int


class AccountRow(NamedTuple):
    """A declared account: whose, its token, and the commitment to its number at its bank."""

    position: int
    party: str
    account: str
    bank: str
    number: str
    declared_ms: int


class KeyRow(NamedTuple):
    """A key that can sign: whose it is, and the events by which it began and was revoked."""

    key: str
    """Its name, `<party>/<label>`."""
    position: int
    party: str
    revoked_position: int | None


class RecoveryRow(NamedTuple):
    """A new key that a registrar gave a party in place of lost ones."""

    position: int
    event: str
    party: str
    key: str
    lost: str
    """JSON list of names."""
    contested_position: int | None


class RevocationRow(NamedTuple):
    """A key that was revoked, and since when it may have been in wrong hands."""

    position: int
    key: str
    party: str
    since_ms: int


class HeldRow(NamedTuple):
    """A signature under an act of a type that the law holds when its key falls into doubt."""

    key: str
    position: int
    """Of the act."""
    event: str
    contract: str | None
    enrolled: str | None
    """The key that the act brought in, if it did."""
    recorded_ms: int


class ReaffirmedRow(NamedTuple):
    """An act in doubt that stands, by its id; the last word where several answered for it."""

    event: str
    position: int


class RaisedRow(NamedTuple):
    """A red flag that an auditor raised."""

    flag: str
    first_position: int
    last_position: int
    rule: str
    """The rule's id, `f02`."""
    version: int
    auditor: str
    contract: str | None
    party: str | None
    status: str
    """`raised`, `resolved` or `released`."""
    verdict: str | None
    evidence: int
    """How many events it rests on."""


class EvidenceRow(NamedTuple):
    """An event that a raised flag rests on, by its id."""

    event: str
    flag: str


REQUEST = Shape("request", RequestRow, indexes=[("payee",)])
ORDER = Shape("order", OrderRow, indexes=[("contract",)])
ADVANCE = Shape("advance", AdvanceRow, indexes=[("contract",)])
ACCEPTED = Shape("accepted", AcceptedRow)
ADDITION = Shape("addition", AdditionRow, indexes=[("line",)])
CREDIT = Shape("credit", CreditRow)
INTEREST = Shape("interest", InterestRow)
SCORE = Shape("score", ScoreRow)
TIME = Shape("time", TimeRow)
ACCOUNT = Shape("account", AccountRow, indexes=[("account",), ("number",)])
KEY = Shape("key", KeyRow, indexes=[("party",)])
RECOVERY = Shape("recovery", RecoveryRow, indexes=[("event",), ("party",)])
REVOCATION = Shape("revocation", RevocationRow)
HELD = Shape("held", HeldRow, key=2)
REAFFIRMED = Shape("reaffirmed", ReaffirmedRow)
RAISED = Shape("raised", RaisedRow)
EVIDENCE = Shape("evidence", EvidenceRow, key=2)

SHAPES: tuple[Shape[Any], ...] = (
    *CONTEXT_SHAPES,
    REQUEST,
    ORDER,
    ADVANCE,
    ACCEPTED,
    ADDITION,
    CREDIT,
    INTEREST,
    SCORE,
    TIME,
    ACCOUNT,
    KEY,
    RECOVERY,
    REVOCATION,
    HELD,
    REAFFIRMED,
    RAISED,
    EVIDENCE,
)
