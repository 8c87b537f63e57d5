"""The tables of the read model `funds`."""

from typing import Any, NamedTuple

from projections.context import CONTEXT_SHAPES
from projections.shape import Shape


class LineRow(NamedTuple):
    """A fund line; its owner is the first signer of its appropriation, as in the law."""

    line: str
    first_position: int
    last_position: int
    owner: str
    year: int
    code: str
    source: str


class BalanceRow(NamedTuple):
    """What an account of a line holds, on its normal side."""

    line: str
    account: str
    last_position: int
    balance_fen: int


class TurnoverRow(NamedTuple):
    """What was debited and credited to an account of a line in a month."""

    line: str
    month: str
    """Local month of the recording, `2026-03`."""
    account: str
    last_position: int
    debit_fen: int
    credit_fen: int


class StageRow(NamedTuple):
    """What came to each stage of a line in a month; see `projections.balances.stages_of`."""

    line: str
    month: str
    last_position: int
    allotted_fen: int
    reserved_fen: int
    committed_fen: int
    accrued_fen: int
    paid_fen: int


class ProcessRow(NamedTuple):
    """A published process."""

    process: str
    first_position: int
    last_position: int
    ocid: str
    publishers: str
    """JSON list."""
    title: str
    buyer: str
    stage: str
    tender_status: str
    contracts: int
    reports: int
    defects: str
    """JSON list."""
    search: str


class MoneyRow(NamedTuple):
    """What was published of a process's money in one currency; None where nothing was."""

    process: str
    currency: str
    planned_minor: int | None
    committed_minor: int | None
    paid_minor: int | None


LINE = Shape("line", LineRow, indexes=[("first_position", "line")])
BALANCE = Shape("balance", BalanceRow, key=2)
TURNOVER = Shape("turnover", TurnoverRow, key=3)
STAGE = Shape("stage", StageRow, key=2)
PROCESS = Shape("process", ProcessRow, indexes=[("first_position", "process"), ("ocid",)])
MONEY = Shape("money", MoneyRow, key=2)

SHAPES: tuple[Shape[Any], ...] = (
    *CONTEXT_SHAPES,
    LINE,
    BALANCE,
    TURNOVER,
    STAGE,
    PROCESS,
    MONEY,
)
