"""The read model `flags`: what the rules find at their published thresholds, kept up to date.

It is derived from the read models that the rules judge. When these go on, only the groups in which
something changed are judged again, and what they gave before is replaced. A new version of a
rule's thresholds has all groups of its scope judged again. So the rows are those of judging
everything anew.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from msgspec import json
from sqlalchemy import select

from projections.context import LEDGER
from projections.contracts import CONTRACTS
from projections.flags.catalogue import RULES, SCOPES
from projections.flags.devices import DEVICES
from projections.flags.months import PERSON_MONTHS, WORKER_MONTHS
from projections.flags.rule import Facts, Flagged, Rule, Scope
from projections.model import ReadModel, folds_nothing
from projections.rulebook import RULEBOOK, FlagThresholds, flag_thresholds
from projections.shape import Shape
from projections.sheet import Sheet
from projections.sources import Sources

# -- the table ---------------------------------------------------------------------------------


class FlaggedRow(NamedTuple):
    """A case of a rule; `group_key` is its scope and group, `first_position` of its last event."""

    flagged: str
    first_position: int
    scope: str
    group_key: str
    rule: str
    version: int
    subject: str
    contract: str | None
    party: str | None
    evidence: str
    """JSON list of positions."""
    facts: str
    """JSON object."""


FLAGGED = Shape(
    "flagged",
    FlaggedRow,
    indexes=[
        ("first_position", "flagged"),
        ("group_key",),
        ("scope",),
        ("contract",),
        ("party",),
    ],
)

_SHARED = (PERSON_MONTHS.name, WORKER_MONTHS.name, DEVICES.name)
"""Scopes that a helper judges: together they take about as long as all the others."""

# -- deriving it -------------------------------------------------------------------------------


def facts_of(sources: Sources, persons: dict[str, str] | None = None) -> Facts:
    """Return what rules may know of the sources."""
    ledger = sources.table(CONTRACTS, LEDGER)
    offset = sources.connection.scalar(select(ledger.c.offset_minutes))
    return Facts(sources, offset or 0, persons or {}, {})


def _derive(sources: Sources, sheet: Sheet, since: int) -> None:
    facts = facts_of(sources)
    thresholds = flag_thresholds(sources)
    anew: list[str] = []
    for scope in SCOPES:
        rules = _rules_of(scope)
        again = any(thresholds[rule.published].position >= since for rule in rules)
        keys = None if again or not since else scope.changed(facts, since)
        if keys is None:
            anew.append(scope.name)
        elif keys:
            sheet.delete(FLAGGED, "group_key", [_group_key(scope, key) for key in keys])
            sheet.put(FLAGGED, _rows(facts, scope, keys, thresholds))
    sheet.delete(FLAGGED, "scope", anew)
    sheet.put(FLAGGED, _anew(sources, anew))


def _anew(sources: Sources, names: Sequence[str]) -> list[FlaggedRow]:
    """Judge all groups of scopes, in two processes where there are two."""
    shared = [name for name in names if name in _SHARED]
    later = sources.beside(rows_anew, shared) if shared else list
    return rows_anew(sources, [name for name in names if name not in _SHARED]) + later()


def rows_anew(sources: Sources, names: Sequence[str]) -> list[FlaggedRow]:
    """Return what the rules find in all groups of the scopes with these names."""
    facts = facts_of(sources)
    thresholds = flag_thresholds(sources)
    return [
        row
        for scope in SCOPES
        if scope.name in names
        for row in _rows(facts, scope, None, thresholds)
    ]


def _rows(
    facts: Facts, scope: Scope[Any], keys: Any, thresholds: dict[str, FlagThresholds]
) -> Iterator[FlaggedRow]:
    rules = _rules_of(scope)
    for group in scope.groups(facts, keys):
        group_key = _group_key(scope, group.key)
        for rule in rules:
            in_force = thresholds[rule.published]
            for name, case in named(rule, group_key, rule.judge(group, in_force.values)):
                yield _row(rule, in_force.version, (name, group_key), scope, case)


def _rules_of(scope: Scope[Any]) -> list[Rule[Any]]:
    return [rule for rule in RULES if rule.scope is scope]


def named(
    rule: Rule[Any], group_key: str, cases: Iterable[Flagged]
) -> Iterator[tuple[str, Flagged]]:
    """Yield cases of a group with what each is known by, `f02/day/2025-01-01/32670`.

    That is the position of its first event, so a case keeps its name when others are found, or
    events are added to it. Of several that begin with one event the later ones have a number.
    """
    seen: Counter[int] = Counter()
    for case in cases:
        first = min(case.evidence)
        seen[first] += 1
        number = f"-{seen[first]}" if seen[first] > 1 else ""
        yield f"{rule.id}/{group_key}/{first}{number}", case


def _group_key(scope: Scope[Any], key: str) -> str:
    return f"{scope.name}/{key}"


def _row(
    rule: Rule[Any], version: int, place: tuple[str, str], scope: Scope[Any], case: Flagged
) -> FlaggedRow:
    name, group_key = place
    return FlaggedRow(
        flagged=name,
        first_position=max(case.evidence),
        scope=scope.name,
        group_key=group_key,
        rule=rule.id,
        version=version,
        subject=case.subject,
        contract=case.contract,
        party=case.party,
        evidence=json.encode(case.evidence).decode(),
        facts=json.encode(case.facts, order="sorted").decode(),
    )


_JUDGEMENT = 1
"""Raised when a rule, or how facts are grouped, changes; a rule more or less tells itself."""

_SOURCES = tuple(
    dict.fromkeys([CONTRACTS, RULEBOOK, *(model for scope in SCOPES for model in scope.sources)])
)


def version_with(sources: Sequence[ReadModel]) -> int:
    """Return the version of flags over sources: what one of them tells anew is judged anew."""
    return (_JUDGEMENT * 100 + len(RULES)) * 1_000 + sum(model.version for model in sources)


FLAGS = ReadModel(
    name="flags",
    version=version_with(_SOURCES),
    shapes=(FLAGGED,),
    decoded=frozenset(),
    counted=frozenset(),
    fold=folds_nothing,
    derive=_derive,
    sources=_SOURCES,
)
