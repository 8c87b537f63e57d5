"""Programmes, and the budget authority that pays for them."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from ledger.events.base import (
    Count,
    Document,
    Event,
    Fen,
    Id,
    Month,
    Period,
    PositiveFen,
    Ppm,
    Record,
    Ref,
    Sha256,
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


class ProgrammeEnded(Event, frozen=True, kw_only=True, tag="programme.ended"):
    """A programme was ended, once all it had bought was settled. Signed by purchaser and finance.

    Attributes:
        programme: which.
        reason: why, by language.

    """

    programme: Ref
    reason: Texts


class IndicatorReported(Event, frozen=True, kw_only=True, tag="indicator.reported"):
    """What a programme reached by an indicator in a period was reported. Signed by its purchaser.

    Of several reports of one period the last counts; the others stay to be seen.

    Attributes:
        programme: which.
        indicator: id of the indicator.
        period: first and last day measured; it must be over.
        actual: the value reached, in the indicator's own unit (Budget Law 57).
        evidence: hash of the file that shows it.

    """

    programme: Ref
    indicator: Ref
    period: Period
    actual: Count
    evidence: Sha256


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


class BudgetReduced(Event, frozen=True, kw_only=True, tag="budget.reduced"):
    """Authority of a line that nobody had taken up was cut. Signed twice by its finance bureau.

    Attributes:
        line: which.
        stage: where the authority stood: appropriated, or allotted already.
        amount_fen: authority cut.
        document: the adjustment's approval (Budget Law 67 to 69).

    """

    line: Ref
    stage: Literal["appropriated", "allotted"]
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
    """Allotted authority moved from one line to another of the same year.

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


class CashplanApproved(Event, frozen=True, kw_only=True, tag="cashplan.approved"):
    """What may be ordered from a line in a month was approved. Signed by its finance bureau.

    It replaces the month's plan. From the first month that has a plan on, a month without one
    allows no order. It limits orders, never claims, and stops no clock.

    Attributes:
        line: which.
        month: the month of the orders.
        amount_fen: the most that orders and advances of that month may come to (分月用款计划).

    """

    line: Ref
    month: Month
    amount_fen: Fen


class BudgetLapsed(Event, frozen=True, kw_only=True, tag="budget.lapsed"):
    """A year was over and what a line had left was given back. Signed by its finance bureau.

    Whatever returns to the line's allotment later goes the same way at once.

    Attributes:
        line: which (结余收回; Budget Law 18: the budget year is the calendar year).

    """

    line: Ref


class BudgetCarriedOver(Event, frozen=True, kw_only=True, tag="budget.carried_over"):
    """What a contract, or a lot, had not used moved to next year. Signed by the finance bureau.

    It names a contract, or a tender and one of its lots. All that is unpaid moves, with what is
    owed and advanced; `to` takes the place of `from` for whatever comes.

    Attributes:
        contract: the contract whose authority moves.
        tender: the tender whose lot's reservation moves.
        lot: that lot.
        from_line: the line of the year that is over.
        to_line: the line of the next year (结转; Budget Law 42: once).

    """

    contract: Ref | UnsetType = UNSET
    tender: Ref | UnsetType = UNSET
    lot: Ref | UnsetType = UNSET
    from_line: Ref = field(name="from")
    to_line: Ref = field(name="to")


EVENTS = (
    ProgrammeEstablished,
    ProgrammeEnded,
    IndicatorReported,
    BudgetAppropriated,
    BudgetSupplemented,
    BudgetReduced,
    BudgetAllotted,
    BudgetTransferred,
    CashplanApproved,
    BudgetLapsed,
    BudgetCarriedOver,
)
