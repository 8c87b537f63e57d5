"""The tables of the read model `programmes`.

    programme ──┬── indicator ── result    what it is to reach, and what was reported of that
                ├── people                 who is entitled, by degree of need
                ├── month                  people and money by month
                ├── share                  money by fund line
                └── contract ── part       its contracts, and their money by fund line
    tender, lot, award, person             what the fold needs to know later

Amounts are fen. Money is told by stage, as in `projections.balances`: how far it came, less what
went back, what went onward included.
"""

from typing import Any, NamedTuple

from projections.context import CONTEXT_SHAPES
from projections.shape import Shape


class ProgrammeRow(NamedTuple):
    """A programme; columns are those of `queries.Programme`, means as their sums."""

    programme: str
    first_position: int
    last_position: int
    titles: str
    purpose: str
    """Both JSON by language."""
    policy: str | None
    signers: str
    """JSON list of the parties that established it."""
    from_date: str
    to_date: str
    stable: int
    ended_on: str | None
    tenders: int = 0
    open_tenders: int = 0
    active: int = 0
    suspended: int = 0
    terminated: int = 0
    closed: int = 0
    value_fen: int = 0
    reserved_fen: int = 0
    committed_fen: int = 0
    accrued_fen: int = 0
    paid_fen: int = 0
    enrolled: int = 0
    exited: int = 0
    scores: int = 0
    score_sum_ppm: int = 0
    factor_sum_ppm: int = 0


class IndicatorRow(NamedTuple):
    """An indicator, and what final scores of contracts found of it."""

    programme: str
    indicator: str
    ordinal: int
    weight_ppm: int
    target: int
    scores: int = 0
    score_sum_ppm: int = 0
    actual_sum: int = 0


class ResultRow(NamedTuple):
    """What was reported of an indicator in a period: the last report of it counts."""

    programme: str
    indicator: str
    from_date: str
    to_date: str
    actual: int
    evidence: str
    position: int
    reports: int


class PeopleRow(NamedTuple):
    """How many people of a degree of need became entitled, and are so no longer."""

    programme: str
    tier: str
    enrolled: int
    exited: int


class MonthRow(NamedTuple):
    """People and money of a programme in a local month, by recording."""

    programme: str
    month: str
    enrolled: int
    exited: int
    reserved_fen: int
    committed_fen: int
    accrued_fen: int
    paid_fen: int


class ShareRow(NamedTuple):
    """Money of a programme on a fund line."""

    programme: str
    line: str
    reserved_fen: int
    committed_fen: int
    accrued_fen: int
    paid_fen: int


class PartRow(NamedTuple):
    """Money of a contract on a fund line."""

    line: str
    contract: str
    committed_fen: int
    accrued_fen: int
    paid_fen: int


class ContractRow(NamedTuple):
    """Which programme a contract serves, who serves, and how it stands."""

    contract: str
    programme: str
    provider: str
    status: str


class TenderRow(NamedTuple):
    """Which programme a tender serves."""

    tender: str
    programme: str


class LotRow(NamedTuple):
    """A lot of a tender."""

    lot: str
    """`<tender>/<lot>`, as in the journal."""
    tender: str
    status: str
    """open, awarded, failed or cancelled"""


class AwardRow(NamedTuple):
    """The lot of an award."""

    award: str
    tender: str
    lot: str


class PersonRow(NamedTuple):
    """A person's degree of need when entitled, by token."""

    beneficiary: str
    programme: str
    tier: str


PROGRAMME = Shape("programme", ProgrammeRow, indexes=[("first_position", "programme")])
INDICATOR = Shape("indicator", IndicatorRow, key=2)
RESULT = Shape("result", ResultRow, key=4)
PEOPLE = Shape("people", PeopleRow, key=2)
MONTH = Shape("month", MonthRow, key=2)
SHARE = Shape("share", ShareRow, key=2, indexes=[("line",)])
PART = Shape("part", PartRow, key=2, indexes=[("line", "paid_fen", "contract")])
CONTRACT = Shape("contract", ContractRow, indexes=[("programme",)])
TENDER = Shape("tender", TenderRow)
LOT = Shape("lot", LotRow, indexes=[("tender",)])
AWARD = Shape("award", AwardRow)
PERSON = Shape("person", PersonRow)

SHAPES: tuple[Shape[Any], ...] = (
    *CONTEXT_SHAPES,
    PROGRAMME,
    INDICATOR,
    RESULT,
    PEOPLE,
    MONTH,
    SHARE,
    PART,
    CONTRACT,
    TENDER,
    LOT,
    AWARD,
    PERSON,
)
