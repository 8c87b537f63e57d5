"""Programmes, and the budget authority that pays for them."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from ledger.events.base import (
    Count,
    Document,
    Event,
    Id,
    Period,
    PositiveFen,
    Ppm,
    Record,
    Ref,
    Text,
    Texts,
)


class Indicator(Record, frozen=True, kw_only=True):
    """A performance target of a programme.

    Attributes:
        id: unique within the programme.
        weight_ppm: its weight; all weights together are one million.
        target: the value to reach, in the indicator's own unit.

    """

    id: Id
    weight_ppm: Ppm
    target: Count


class ProgrammeEstablished(Event, frozen=True, kw_only=True, tag="programme.established"):
    """A programme of public services was established. Signed by a purchaser and finance.

    Attributes:
        programme: its id.
        titles: its name by language (OCDS `planning.project`).
        purpose: what it is for, by language (OCDS `planning.rationale`).
        policy: number of the policy document it carries out.
        period: first and last day.
        indicators: what it will be measured by (Budget Law 57: performance evaluation).
        stable: whether its content is stable and its funding assured, so that its contracts may
            run up to three years (Measures for Government Purchase of Services 24).

    """

    programme: Id
    titles: Texts
    purpose: Texts
    policy: Text | UnsetType = UNSET
    period: Period
    indicators: Annotated[list[Indicator], Meta(max_length=100)] | UnsetType = UNSET
    stable: bool | UnsetType = UNSET


class BudgetAppropriated(Event, frozen=True, kw_only=True, tag="budget.appropriated"):
    """A fund line was appropriated. Signed twice by the finance bureau, two holders.

    Attributes:
        line: the line's id, for instance `2026-2080208-eldercare`.
        year: budget year.
        code: functional classification code of the expenditure (政府收支分类科目).
        source: whose money it is.
        amount_fen: authority granted (OCDS `planning.budget.amount`).
        document: the approved budget (Budget Law 52: approval within 20 days of the vote).

    """

    line: Id
    year: Annotated[int, Meta(ge=1900, le=9999)]
    code: Text
    source: Literal["central", "province", "city", "lottery"]
    amount_fen: PositiveFen
    document: Document


class BudgetSupplemented(Event, frozen=True, kw_only=True, tag="budget.supplemented"):
    """Authority was added to a line within the year. Signed twice by its finance bureau.

    Attributes:
        line: which.
        amount_fen: authority added.
        document: the adjustment's approval (Budget Law 67 to 69).

    """

    line: Ref
    amount_fen: PositiveFen
    document: Document


class BudgetAllotted(Event, frozen=True, kw_only=True, tag="budget.allotted"):
    """Appropriated authority was made available to spend. Signed by its finance bureau.

    Attributes:
        line: which.
        amount_fen: made available (可用指标).

    """

    line: Ref
    amount_fen: PositiveFen


class BudgetTransferred(Event, frozen=True, kw_only=True, tag="budget.transferred"):
    """Allotted authority moved from one line to another.

    Signed twice by the giving line's finance bureau (two holders), or by it and the receiving
    line's owner.

    Attributes:
        from_line: the line that gives.
        to_line: the line that receives.
        amount_fen: authority moved.
        document: the transfer's approval (Budget Law 72).

    """

    from_line: Ref = field(name="from")
    to_line: Ref = field(name="to")
    amount_fen: PositiveFen
    document: Document


EVENTS = (
    ProgrammeEstablished,
    BudgetAppropriated,
    BudgetSupplemented,
    BudgetAllotted,
    BudgetTransferred,
)
