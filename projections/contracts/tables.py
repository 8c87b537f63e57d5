"""The tables of the read model `contracts`.

A contract's key is its id, or, for a published one, `<process>/<key>`: the process is the ocid
where that is an id by our grammar, else its SHA-256, and the key is the contract's id in it, or
its place (`#1`). No id of ours holds a `/`, so the two never meet.
"""

from typing import Any, NamedTuple

from projections.context import CONTEXT_SHAPES
from projections.shape import Shape


class ContractRow(NamedTuple):
    """A contract; columns are those of `projections.contracts.queries.Contract`."""

    contract: str
    origin: str
    first_position: int
    last_position: int
    process: str | None
    ocid: str | None
    publishers: str
    """JSON list."""
    number: str
    titles: str
    """JSON object, text by language."""
    status: str
    programme: str | None
    tender: str | None
    award: str | None
    buyer: str | None
    buyer_name: str
    currency: str
    value_minor: int | None
    accrued_minor: int | None
    paid_minor: int | None
    signed_on: str | None
    starts_on: str | None
    ends_on: str | None
    published_on: str | None
    closed_on: str | None
    visits: int
    claims: int
    claimed_minor: int
    cut_minor: int
    disputed_minor: int
    defects: int
    search: str


class SupplierRow(NamedTuple):
    """Who serves under a contract: a party of the ledger, or a published name."""

    contract: str
    ordinal: int
    party: str | None
    name: str


class LineRow(NamedTuple):
    """A fund line's share of a contract, in the contract's order of lines."""

    contract: str
    line: str
    ordinal: int
    share_ppm: int


class BalanceRow(NamedTuple):
    """What an account holds for a contract on one of its lines."""

    contract: str
    line: str
    account: str
    last_position: int
    balance_fen: int


class MonthRow(NamedTuple):
    """What was accrued and paid on a contract in a month."""

    contract: str
    month: str
    """Local month of the recording, `2026-03`."""
    last_position: int
    accrued_fen: int
    paid_fen: int


class PaidRow(NamedTuple):
    """What publishers say was paid on a contract, in one currency."""

    contract: str
    currency: str
    paid_minor: int


class DefectRow(NamedTuple):
    """Something wrong with what was published about a contract."""

    contract: str
    ordinal: int
    code: str
    path: str
    facts: str
    """JSON list of pairs."""


class ReportRow(NamedTuple):
    """A report of a process: a `release.reported`, and how it stands among the others."""

    position: int
    process: str
    publisher: str
    release_id: str | None
    date: str
    tags: str
    """JSON list."""
    standing: str
    defects: int
    release_sha256: str
    file_sha256: str


class TenderRow(NamedTuple):
    """What contracts under a tender take from it."""

    tender: str
    programme: str
    titles: str


class AwardRow(NamedTuple):
    """The tender of an award."""

    award: str
    tender: str


CONTRACT = Shape("contract", ContractRow, indexes=[("first_position", "contract"), ("process",)])
SUPPLIER = Shape("supplier", SupplierRow, key=2)
LINE = Shape("line", LineRow, key=2)
BALANCE = Shape("balance", BalanceRow, key=3)
MONTH = Shape("month", MonthRow, key=2)
PAID = Shape("paid", PaidRow, key=2)
DEFECT = Shape("defect", DefectRow, key=2)
REPORT = Shape("report", ReportRow, indexes=[("process",)])
TENDER = Shape("tender", TenderRow)
AWARD = Shape("award", AwardRow)

SHAPES: tuple[Shape[Any], ...] = (
    *CONTEXT_SHAPES,
    CONTRACT,
    SUPPLIER,
    LINE,
    BALANCE,
    MONTH,
    PAID,
    DEFECT,
    REPORT,
    TENDER,
    AWARD,
)

NATIVE = "native"
"""Origin of a contract that this ledger runs."""

REPORTED = "reported"
"""Origin of a contract that others published."""
