"""Red flags: those that are a matter of record, the cases that rules find, and the rules.

A flag is a reason to look, never a verdict. What an auditor raised becomes public when a reviewer
releases it; until then it is for those that supervise (api/rights.py). What rules merely find is
for the finance bureau and auditors.
"""

from typing import Annotated

from fastapi import Path, Query
from msgspec import Struct

from api.flagged import case_in_words
from api.http.parameters import After, Limit, missing
from api.http.problems import Problem
from api.http.questions import Answer, Asked, Routes
from api.rights import may_read_event
from api.telling import Teller
from api.text import message_in
from ledger.events import name_of_type
from ledger.events.supervision import FlagRaised
from projections.acts import (
    FlagStatus,
    Raised,
    RaisedFlag,
    find_raised,
    list_raised,
    raised_for,
)
from projections.engine import Projections
from projections.flags.asking import (
    Flag,
    flag_at,
    ledger_currency,
    list_flags,
    rules_named,
    thresholds_at,
)
from projections.paging import DEFAULT_LIMIT, Page

routes = Routes(tags=["flags"])


class FlagFile(Struct, frozen=True):
    """A red flag as a matter of record.

    Attributes:
        position: how many events of the ledger this reflects.
        flag: the flag.
        titles: what is conspicuous, in a few words, by `en` and `zh`.

    """

    position: int
    flag: RaisedFlag
    titles: dict[str, str]


class FlagCase(Struct, frozen=True):
    """A case that a rule finds at its published thresholds.

    Attributes:
        case: what was found.
        sentences: what is said of it, by `en` and `zh`.
        raised: the flag that an auditor made of it, or None.

    """

    case: Flag
    sentences: dict[str, str]
    raised: Raised | None


class FlagCaseFile(Struct, frozen=True):
    """A case, and how many events of the ledger that reflects."""

    position: int
    case: FlagCase


class FlagRuleInForce(Struct, frozen=True):
    """A rule as it is in force.

    Attributes:
        rule: its id, `f02`.
        version: version of its published thresholds.
        titles: what is conspicuous, in a few words, by `en` and `zh`.
        sentences: what is said of a case, by `en` and `zh`; `{names}` are its facts.
        thresholds: from where on something is a reason to look, by what they measure.
        source: where the rule comes from: a statute, a standard, audit practice.

    """

    rule: str
    version: int
    titles: dict[str, str]
    sentences: dict[str, str]
    thresholds: dict[str, int]
    source: str


class FlagRules(Struct, frozen=True):
    """All rules, and how many events of the ledger their thresholds reflect."""

    position: int
    rules: tuple[FlagRuleInForce, ...]


OfRule = Annotated[str | None, Query(description="Only of this rule.", examples=["f02"])]
OfContract = Annotated[
    str | None, Query(description="Only about this contract.", examples=["c-2025-01"])
]
OfParty = Annotated[
    str | None, Query(description="Only about this party.", examples=["yangguang-care"])
]


@routes.get("/flags", summary="List red flags")
def flags(
    question: Asked,
    status: Annotated[
        FlagStatus | None,
        Query(
            description="Only those that came so far; others than `released` are told to "
            "finance bureaus, auditors and reviewers alone.",
            examples=["released"],
        ),
    ] = None,
    rule: OfRule = None,
    contract: OfContract = None,
    party: OfParty = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[RaisedFlag]]:
    """List flags that auditors raised; to the public those that a reviewer released."""
    sees_all = may_read_event(question.reader, name_of_type(FlagRaised), ())
    if status not in (None, "released") and not sees_all:
        raise Problem("not_found")
    page = list_raised(
        question.projections,
        status=status if sees_all else "released",
        rule=rule,
        contract=contract,
        party=party,
        after=after,
        limit=limit,
    )
    return question.answer(page, page.position)


@routes.get("/flags/rules", summary="List the rules of red flags")
def rules(question: Asked) -> Answer[FlagRules]:
    """List every rule with its thresholds in force and where it comes from."""
    found = rules_in_force(question.projections)
    return question.answer(found, found.position)


def rules_in_force(projections: Projections) -> FlagRules:
    """Return every rule as it is in force."""
    position, in_force = thresholds_at(projections)
    return FlagRules(
        position,
        tuple(
            FlagRuleInForce(
                rule=each.id,
                version=in_force[each.id].version,
                titles=_in_both(each.title),
                sentences=_in_both(each.sentence),
                thresholds=in_force[each.id].values,
                source=each.source,
            )
            for each in rules_named(())
        ),
    )


@routes.get("/flags/cases", summary="List what the rules find")
def cases(
    question: Asked,
    rule: OfRule = None,
    contract: OfContract = None,
    party: OfParty = None,
    subject: Annotated[
        str | None, Query(description="Only about this subject.", examples=["worker/w-17"])
    ] = None,
    since: Annotated[
        int, Query(ge=0, le=2**53 - 1, description="Only what follows from events from here on.")
    ] = 0,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[FlagCase]]:
    """List cases in the order of their last evidence; for the finance bureau and auditors."""
    question.check_reads_all()
    page = list_flags(
        question.projections,
        rules=() if rule is None else (rule,),
        contract=contract,
        party=party,
        subject=subject,
        since=since,
        after=after,
        limit=limit,
    )
    shown = Page(page.position, cases_shown(question.projections, page.items), page.next)
    return question.answer(shown, page.position)


@routes.get("/flags/cases/{flagged:path}", summary="Show a case that a rule finds")
def case_file(
    question: Asked,
    flagged: Annotated[
        str,
        Path(
            description="The case, as the list names it.",
            examples=["f28/purchase/t-2025-01/lot-01/76"],
        ),
    ],
) -> Answer[FlagCaseFile]:
    """Show a case with every event that it follows from; for the finance bureau and auditors."""
    question.check_reads_all()
    position, found = flag_at(question.projections, flagged)
    if found is None:
        raise Problem("not_found")
    (shown,) = cases_shown(question.projections, (found,))
    return question.answer(FlagCaseFile(position, shown), position)


@routes.get("/flags/{flag}", summary="Show a red flag")
def flag_file(
    question: Asked,
    flag: Annotated[str, Path(description="The flag's id.", examples=["flag-7"])],
) -> Answer[FlagFile]:
    """Show a flag that an auditor raised; to the public one that a reviewer released."""
    position, found = find_raised(question.projections, flag)
    if found is None or not may_read_event(
        question.reader, name_of_type(FlagRaised), (), is_released=found.status == "released"
    ):
        raise missing("flag", flag)
    (rule,) = rules_named((found.rule,))
    return question.answer(FlagFile(position, found, _in_both(rule.title)), position)


def cases_shown(projections: Projections, cases: tuple[Flag, ...]) -> tuple[FlagCase, ...]:
    """Return cases with what is said of them, and the flags that auditors made of them."""
    raised = raised_for(projections, {each.flagged: (each.rule, each.evidence) for each in cases})
    currency, tellers = ledger_currency(projections), {"en": Teller("en"), "zh": Teller("zh")}
    return tuple(
        FlagCase(
            case=each,
            sentences={name: case_in_words(tell, each, currency) for name, tell in tellers.items()},
            raised=raised.get(each.flagged),
        )
        for each in cases
    )


def _in_both(message: str) -> dict[str, str]:
    return {"en": message, "zh": message_in(message, "zh")}
