"""What is flagged: as kept at the published thresholds, or judged anew at an auditor's own."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, json
from sqlalchemy import ColumnElement, RowMapping, select

from ledger.errors import LedgerError
from ledger.events.rulebook import FlagRule
from ledger.intake.reading import storable
from ledger.rulebook import SHIPPED
from projections.context import LEDGER, LedgerRow
from projections.contracts import CONTRACTS
from projections.engine import Projections, Reading
from projections.flags.catalogue import RULES, SCOPES
from projections.flags.keeping import FLAGGED, FLAGS, facts_of, named
from projections.flags.rule import Flagged, Rule
from projections.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, page_of
from projections.points import first_index, point_after
from projections.rulebook import FlagThresholds, flag_thresholds
from projections.sources import Sources, sources_of

OWN = 0
"""Version of thresholds that nobody published: an auditor's own."""


class Flag(Struct, frozen=True):
    """A conspicuous case.

    Attributes:
        flagged: what it is known by; the same as long as it is found again.
        rule: the rule's id, `f02`.
        version: version of its published thresholds, or 0 for an auditor's own.
        subject: who or what, `worker/w-17`.
        contract: the contract concerned, if it is one.
        party: the party concerned, if it is one.
        position: of the last event it follows from.
        evidence: ids of the events it follows from.
        facts: what was measured; amounts in fen end in `_fen`.

    """

    flagged: str
    rule: str
    version: int
    subject: str
    contract: str | None
    party: str | None
    position: int
    evidence: tuple[str, ...]
    facts: dict[str, int | str]


def rules_named(names: Collection[str]) -> tuple[Rule[Any], ...]:
    """Return rules by their ids, in any case, all for none.

    Raises:
        LedgerError: there is no such rule.

    """
    wanted = {name.casefold() for name in names}
    unknown = wanted - {rule.id for rule in RULES}
    if unknown:
        raise LedgerError(
            f"there is no flag {min(unknown)}; there are {RULES[0].id} to {RULES[-1].id}"
        )
    return tuple(rule for rule in RULES if not wanted or rule.id in wanted)


def list_flags(
    projections: Projections,
    *,
    rules: Collection[str] = (),
    contract: str | None = None,
    party: str | None = None,
    subject: str | None = None,
    since: int = 0,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Flag]:
    """Return a page of what the published thresholds give, in order of the last evidence.

    `since` leaves out what follows from events before that position alone.

    Raises:
        LedgerError: there is no such rule.
        Malformed: `after` is not what a page said.

    """
    ids = [rule.id for rule in rules_named(rules)]

    def query(reading: Reading) -> Page[Flag]:
        table = reading.tables[FLAGGED]
        where: list[ColumnElement[bool]] = []
        if rules:
            where.append(table.c.rule.in_(ids))
        if since:
            where.append(table.c.first_position >= since)
        for column, wanted in (("contract", contract), ("party", party), ("subject", subject)):
            if wanted is not None:
                where.append(table.c[column] == storable(wanted))
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, tuple(_flags(projections, rows)), following)

    return projections.read(FLAGS, query)


def all_flags(projections: Projections, *, rules: Collection[str] = ()) -> Iterator[Flag]:
    """Yield all that the published thresholds give, page by page.

    Raises:
        LedgerError: there is no such rule.

    """
    mark: str | None = None
    while True:
        page = list_flags(projections, rules=rules, after=mark, limit=MAX_LIMIT)
        yield from page.items
        mark = page.next
        if mark is None:
            return


def find_flag(projections: Projections, flagged: str) -> Flag | None:
    """Return a case by what it is known by, at the published thresholds, or None."""
    return flag_at(projections, flagged)[1]


def flag_at(projections: Projections, flagged: str) -> tuple[int, Flag | None]:
    """Return the position that is reflected, and a case as `find_flag` does."""

    def query(reading: Reading) -> tuple[int, Flag | None]:
        table = reading.tables[FLAGGED]
        where = select(table).where(table.c.flagged == storable(flagged))
        rows = list(reading.connection.execute(where).mappings())
        return reading.position, next(_flags(projections, rows), None)

    return projections.read(FLAGS, query)


def thresholds_in_force(projections: Projections) -> dict[str, FlagThresholds]:
    """Return version and thresholds in force of each rule, by its id."""
    return thresholds_at(projections)[1]


def thresholds_at(projections: Projections) -> tuple[int, dict[str, FlagThresholds]]:
    """Return a position, and what is in force there as `thresholds_in_force` does."""

    def query(readings: tuple[Reading, ...]) -> tuple[int, dict[str, FlagThresholds]]:
        in_force = flag_thresholds(_sources(projections, readings))
        return readings[0].position, {rule.id: in_force[rule.published] for rule in RULES}

    return projections.read_together(FLAGS.sources, query)


def ledger_currency(projections: Projections) -> str:
    """Return the currency of a case's amounts; nothing before the ledger is opened."""
    ledger = projections.read(CONTRACTS, _ledger)
    return "" if ledger is None else ledger.currency


def _ledger(reading: Reading) -> LedgerRow | None:
    row = reading.connection.execute(select(reading.tables[LEDGER])).first()
    return None if row is None else LedgerRow(*row)


def _sources(projections: Projections, readings: tuple[Reading, ...]) -> Sources:
    sources = sources_of(readings[0].connection, FLAGS.sources, projections.feed)
    if sources is None:
        raise TypeError("what is read together is of one place")
    return sources


def position_since(projections: Projections, instant_ms: int) -> int:
    """Return the position of the first event recorded at an instant or later.

    That is the ledger's length where there is none yet.
    """
    feed = projections.feed
    size = feed.store.head().size
    before = first_index(feed, 0, size, lambda recorded_ms: recorded_ms >= instant_ms)
    return point_after(feed, before).place.position


def judge_anew(
    projections: Projections,
    *,
    rules: Collection[str] = (),
    thresholds: Mapping[str, Mapping[str, int]],
    persons: Mapping[str, str],
    since: int = 0,
) -> list[Flag]:
    """Judge everything with an auditor's own thresholds, and with what the vault tells.

    Attributes of the question: `thresholds` by rule id and by what they measure, in place of the
    published ones; `persons` who a token stands for. Cost: some seconds a million visits.

    Raises:
        LedgerError: there is no such rule or threshold.

    """
    asked = rules_named(rules)
    for rule in rules_named(tuple(thresholds)) if thresholds else ():
        _check_thresholds(rule, thresholds[rule.id])

    def query(readings: tuple[Reading, ...]) -> list[tuple[str, Rule[Any], int, Flagged]]:
        sources = _sources(projections, readings)
        facts = facts_of(sources, dict(persons))
        in_force = flag_thresholds(sources)
        found = []
        for scope in SCOPES:
            of_scope = [rule for rule in asked if rule.scope is scope]
            for group in scope.groups(facts, None) if of_scope else ():
                for rule in of_scope:
                    own = thresholds.get(rule.id, {})
                    published = in_force[rule.published]
                    cases = rule.judge(group, {**published.values, **own})
                    for name, case in named(rule, f"{scope.name}/{group.key}", cases):
                        found.append((name, rule, OWN if own else published.version, case))
        return [each for each in found if max(each[3].evidence) >= since]

    cases = projections.read_together(FLAGS.sources, query)
    cases.sort(key=lambda each: (max(each[3].evidence), each[0]))
    ids = projections.feed.event_ids({n for *_, case in cases for n in case.evidence})
    return [
        Flag(
            flagged=name,
            rule=rule.id,
            version=version,
            subject=case.subject,
            contract=case.contract,
            party=case.party,
            position=max(case.evidence),
            evidence=tuple(ids[position] for position in case.evidence),
            facts=case.facts,
        )
        for name, rule, version, case in cases
    ]


def _check_thresholds(rule: Rule[Any], values: Mapping[str, int]) -> None:
    shipped = SHIPPED[rule.published]
    known = sorted(shipped.thresholds) if isinstance(shipped, FlagRule) else []
    unknown = set(values) - {str(name) for name in known}
    if unknown:
        raise LedgerError(
            f"the flag {rule.id} has no threshold {min(unknown)}; "
            f"it has {', '.join(known) or 'none'}"
        )


def _flags(projections: Projections, rows: Sequence[RowMapping]) -> Iterator[Flag]:
    evidence = [json.decode(row["evidence"], type=tuple[int, ...]) for row in rows]
    ids = projections.feed.event_ids({n for positions in evidence for n in positions})
    for row, positions in zip(rows, evidence, strict=True):
        yield Flag(
            flagged=row["flagged"],
            rule=row["rule"],
            version=row["version"],
            subject=row["subject"],
            contract=row["contract"],
            party=row["party"],
            position=row["first_position"],
            evidence=tuple(ids[position] for position in positions),
            facts=json.decode(row["facts"], type=dict[str, int | str]),
        )
