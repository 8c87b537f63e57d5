"""Red flags: those that auditors raised, the cases that rules find, and the rules."""

from typing import Annotated
from uuid import UUID

from msgspec import Struct

from api.http.parameters import After, missing
from api.http.problems import Problem
from api.http.questions import Asked, Question
from api.http.routes.flags import (
    FlagCase,
    FlagRuleInForce,
    cases_shown,
    rules_in_force,
)
from api.portal.asking import EMPTY_IS_NONE, Word
from api.portal.events import Shown, shown
from api.portal.views import Pages, View
from api.rights import may_read_event
from ledger.events import name_of_type
from ledger.events.supervision import FlagRaised
from projections.acts import FlagStatus, RaisedFlag, find_raised, list_raised
from projections.flags.asking import flag_at, list_flags, rules_named
from projections.paging import Page

pages = Pages()

ROWS = 50
"""Flags or cases a page, and events of evidence that are told."""

Status = Annotated[FlagStatus | None, EMPTY_IS_NONE]


class FlagPage(Struct, frozen=True):
    """A red flag with what it rests on.

    Attributes:
        position: how many events of the ledger this reflects.
        flag: the flag.
        rule: its rule as it is in force.
        evidence: the first of the events it rests on, of what is for the reader.

    """

    position: int
    flag: RaisedFlag
    rule: FlagRuleInForce
    evidence: Shown


class CasePage(Struct, frozen=True):
    """A case that a rule finds, with what it follows from.

    Attributes:
        position: how many events of the ledger this reflects.
        found: the case.
        rule: its rule as it is in force.
        evidence: the first of the events it follows from.

    """

    position: int
    found: FlagCase
    rule: FlagRuleInForce
    evidence: Shown


@pages.page("/flags")
def flags(
    question: Asked,
    status: Status = None,
    rule: Word = None,
    contract: Word = None,
    party: Word = None,
    after: After = None,
) -> View:
    """List flags that auditors raised: to the public those that were made public."""
    sees_all = _sees(question)
    if status not in (None, "released") and not sees_all:
        raise Problem("not_found")
    page = list_raised(
        question.projections,
        status=status if sees_all else "released",
        rule=rule,
        contract=contract,
        party=party,
        after=after,
        limit=ROWS,
    )
    asked = {"status": status, "rule": rule, "contract": contract, "party": party}
    facts = {"asked": asked, "sees_all": sees_all, "titles": _titles()}
    return View("flags.html", page, page.position, facts)


@pages.page("/flags/rules")
def rules(question: Asked) -> View:
    """List the rules with their thresholds."""
    found = rules_in_force(question.projections)
    return View("flag_rules.html", found, found.position)


@pages.page("/flags/cases")
def cases(
    question: Asked,
    rule: Word = None,
    contract: Word = None,
    party: Word = None,
    after: After = None,
) -> View:
    """List what the rules find; for the finance bureau and auditors."""
    question.check_reads_all()
    titles = _titles()
    if rule is not None and rule not in titles:
        raise Problem("not_found", f"there is no rule {rule}")
    found = list_flags(
        question.projections,
        rules=() if rule is None else (rule,),
        contract=contract,
        party=party,
        after=after,
        limit=ROWS,
    )
    page = Page(found.position, cases_shown(question.projections, found.items), found.next)
    asked = {"rule": rule, "contract": contract, "party": party}
    return View("flag_cases.html", page, page.position, {"asked": asked, "titles": titles})


@pages.page("/flags/cases/{flagged:path}")
def case_file(question: Asked, flagged: str) -> View:
    """Show one case; for the finance bureau and auditors."""
    question.check_reads_all()
    position, found = flag_at(question.projections, flagged)
    if found is None:
        raise Problem("not_found")
    (case,) = cases_shown(question.projections, (found,))
    evidence = _evidence(question, found.evidence)
    document = CasePage(position, case, _rule(question, found.rule), evidence)
    return View("flag_case.html", document, position)


@pages.page("/flags/{flag}")
def flag_file(question: Asked, flag: str) -> View:
    """Show one flag; to the public one that was made public."""
    position, found = find_raised(question.projections, flag)
    if found is None or not _sees(question, is_released=found.status == "released"):
        raise missing("flag", flag)
    evidence = _evidence(question, found.evidence)
    document = FlagPage(position, found, _rule(question, found.rule), evidence)
    return View("flag.html", document, position)


def _sees(question: Question, *, is_released: bool = False) -> bool:
    """Tell whether the reader may read a flag, whoever it concerns."""
    kind = name_of_type(FlagRaised)
    return may_read_event(question.reader, kind, (), is_released=is_released)


def _titles() -> dict[str, str]:
    return {rule.id: rule.title for rule in rules_named(())}


def _rule(question: Question, rule: str) -> FlagRuleInForce:
    return next(each for each in rules_in_force(question.projections).rules if each.rule == rule)


def _evidence(question: Question, events: tuple[str, ...]) -> Shown:
    store = question.service.store
    positions = store.positions_of([UUID(each).bytes for each in events])
    return shown(question, positions.values(), ROWS)
