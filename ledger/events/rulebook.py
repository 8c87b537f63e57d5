"""Rules with parameters, the catalogue of services, and price caps."""

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, UnsetType, field

from ledger.events.base import (
    MAX_LIST,
    Count,
    Date,
    Event,
    Id,
    PositiveFen,
    Ppm,
    Record,
    Ref,
    Text,
    Texts,
)

Unit = Literal["visit", "hour", "day"]
RuleId = Annotated[str, Meta(pattern=r"\A[a-z]+/[a-z][a-z0-9-]{0,62}\Z")]
"""A rule, without its version: `pay/standard`. What stands before the slash is its kind."""

Factor = Annotated[int, Meta(ge=0, le=2_000_000)]
"""What pay is multiplied by, in parts per million, 0 to 2; above one is a bonus."""

Threshold = Literal[
    "amount_fen",
    "count",
    "days",
    "fence_ppm",
    "hours",
    "km_per_hour",
    "metres",
    "minutes",
    "seconds",
    "share_ppm",
    "years",
]
ClockUnit = Literal["days", "working_days", "hours", "ppm"]


class Band(Record, frozen=True, kw_only=True):
    """One step of a pay rule.

    Attributes:
        from_score_ppm: the least score of this step.
        factor_ppm: what the pay is multiplied by from there on, up to the next step.

    """

    from_score_ppm: Ppm
    factor_ppm: Factor


class PayRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="pay"):
    """Parameters of kind `pay`: how a finalised score scales the pay.

    Attributes:
        bands: the steps, highest score first; the last begins at zero, no step pays more than a
            higher one.

    """

    bands: Annotated[list[Band], Meta(min_length=1, max_length=100)]


class ScoreRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="score"):
    """Parameters of kind `score`: how a score comes about.

    The total is the sum of weight × indicator score, over the programme's indicators.

    Attributes:
        contest_working_days: working days in which the provider may contest a proposal; where it
            stays silent, the evaluator finalises alone.

    """

    contest_working_days: Annotated[int, Meta(ge=5, le=60)]


class IncentiveRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="incentive"):
    """Parameters of kind `incentive`: how lasting good work counts.

    Attributes:
        years: so many calendar years in a row.
        score_ppm: the least that every score of those years must reach.
        points_ppm: added in bid scoring then, as a share of all points.
        advance_ppm: the most that may be paid in advance, as a share of the value.
        advance_good_ppm: the same after those years.

    """

    years: Annotated[int, Meta(ge=1, le=10)]
    score_ppm: Ppm
    points_ppm: Ppm
    advance_ppm: Ppm
    advance_good_ppm: Ppm


class ClockRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="clock"):
    """Parameters of kind `clock`: a legal limit.

    Attributes:
        limit: how much.
        unit: of what: days, working days, hours, or parts per million of a sum.

    """

    limit: Count
    unit: ClockUnit


class FlagRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="flag"):
    """Parameters of kind `flag`: from where on something is a reason to look.

    Attributes:
        thresholds: by what they measure; none where any case at all is a reason.

    """

    thresholds: Annotated[dict[Threshold, Count], Meta(max_length=8)]


class CalendarRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="calendar"):
    """Parameters of kind `calendar`: which days offices are open.

    Outside its span Monday to Friday are worked.

    Attributes:
        first: first local date it speaks of.
        last: last local date it speaks of.
        off: weekdays on which offices are closed.
        worked: Saturdays and Sundays on which they are open.

    """

    first: Date
    last: Date
    off: Annotated[list[Date], Meta(max_length=MAX_LIST)]
    worked: Annotated[list[Date], Meta(max_length=MAX_LIST)]


class RateRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="rate"):
    """Parameters of kind `rate`: an interest rate.

    Attributes:
        ppm_per_year: parts per million a year.

    """

    ppm_per_year: Ppm


class ListRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="list"):
    """Parameters of kind `list`: services that must not be bought.

    Attributes:
        codes: codes and categories of services.

    """

    codes: Annotated[list[Id], Meta(max_length=MAX_LIST)]


class LawRule(Record, frozen=True, kw_only=True, tag_field="kind", tag="law"):
    """Parameters of kind `law`: which admission law judges from the next statement on.

    Attributes:
        law: its version.

    """

    law: Count


Parameters: TypeAlias = (
    PayRule
    | ScoreRule
    | IncentiveRule
    | ClockRule
    | FlagRule
    | CalendarRule
    | RateRule
    | ListRule
    | LawRule
)


class RulePublished(Event, frozen=True, kw_only=True, tag="rule.published"):
    """A new version of a rule is in force. Signed by a purchaser and finance, scope all.

    Pay, score and incentive rules bind the contracts that name the version; all others are in
    force from here on.

    Attributes:
        rule: which; the code carries its formula.
        version: the next one of this rule.
        parameters: what the formula works with; `kind` (pay, score, incentive, clock, flag,
            calendar, rate, list, law) tells which record.
        document: number of the document that sets it.

    """

    rule: RuleId
    version: Annotated[int, Meta(ge=2, le=999_999)]
    parameters: Parameters
    document: Text | UnsetType = UNSET


class ServiceCatalogued(Event, frozen=True, kw_only=True, tag="service.catalogued"):
    """A service may be bought under this code. Signed by a purchaser and finance, scope all.

    Attributes:
        code: its code, for ever (the government's guiding catalogue of services to purchase).
        titles: its name by language.
        unit: what is counted: visit, hour, day.
        category: code of the category it belongs to.
        qualification: kind for which a party must be qualified to win a tender of it, and of the
            credential that its workers must hold to give it.
        planned_minutes: minutes that one unit is planned to take.

    """

    code: Id
    titles: Texts
    unit: Unit
    category: Id
    qualification: Id | UnsetType = UNSET
    planned_minutes: Annotated[int, Meta(ge=1, le=1_440)]


class ServiceWithdrawn(Event, frozen=True, kw_only=True, tag="service.withdrawn"):
    """A service may not be contracted any more. Signed by a purchaser and finance, scope all.

    Contracts signed before keep it.

    Attributes:
        code: which.

    """

    code: Ref


class PriceCapped(Event, frozen=True, kw_only=True, tag="price.capped"):
    """A service may cost no more than this. Signed by a purchaser and finance, scope all.

    Binds contracts signed after it.

    Attributes:
        code: the service.
        area: where, as a lot's `area` names it.
        cap_fen: the most for one unit.
        from_date: first local day it binds.

    """

    code: Ref
    area: Text
    cap_fen: PositiveFen
    from_date: Date = field(name="from")


EVENTS = (RulePublished, ServiceCatalogued, ServiceWithdrawn, PriceCapped)
