"""The read model `rulebook`: published rules, the catalogue of services, and price caps.

Version 1 of every rule ships with the program and is in force from `ledger.opened`
(`ledger.rulebook.SHIPPED`); only later versions have a row here.
"""

from typing import NamedTuple

from msgspec import UNSET, Struct, json
from sqlalchemy import select

from ledger.events.rulebook import (
    FlagRule,
    Parameters,
    PriceCapped,
    RulePublished,
    ServiceCatalogued,
    ServiceWithdrawn,
)
from ledger.rulebook import SHIPPED
from projections.context import encode_names
from projections.engine import Projections, Reading
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.shape import Shape
from projections.sheet import Sheet
from projections.sources import Sources

_parameters = json.Decoder(Parameters)

# -- the tables --------------------------------------------------------------------------------


class RuleRow(NamedTuple):
    """A published version of a rule, from 2 on."""

    rule: str
    version: int
    position: int
    parameters: str
    """JSON, as in the event."""


class ServiceRow(NamedTuple):
    """A service of the catalogue."""

    code: str
    position: int
    withdrawn_position: int | None
    titles: str
    """JSON object, text by language."""
    unit: str
    category: str
    qualification: str | None
    planned_minutes: int


class CapRow(NamedTuple):
    """A price cap, as published; a later one of the same service and area stands beside it."""

    position: int
    code: str
    area: str
    cap_fen: int
    from_date: str


RULE = Shape("rule", RuleRow, key=2)
SERVICE = Shape("service", ServiceRow)
CAP = Shape("cap", CapRow)

# -- the fold ----------------------------------------------------------------------------------


def _fold(batch: Batch, sheet: Sheet, _feed: Feed) -> None:
    withdrawn = [f.event.code for f in batch.facts if isinstance(f.event, ServiceWithdrawn)]
    services = {row.code: row for row in sheet.load(SERVICE, "code", withdrawn)}
    rules, caps = [], []
    for fact in batch.events:
        event, position = fact.event, fact.position
        if isinstance(event, RulePublished):
            parameters = json.encode(event.parameters).decode()
            rules.append(RuleRow(event.rule, event.version, position, parameters))
        elif isinstance(event, ServiceCatalogued):
            services[event.code] = _service(event, position)
        elif isinstance(event, ServiceWithdrawn):
            row = services[event.code]
            services[event.code] = row._replace(withdrawn_position=position)
        elif isinstance(event, PriceCapped):
            caps.append(CapRow(position, event.code, event.area, event.cap_fen, event.from_date))
    sheet.put(RULE, rules)
    sheet.put(SERVICE, services.values())
    sheet.put(CAP, caps)


def _service(event: ServiceCatalogued, position: int) -> ServiceRow:
    return ServiceRow(
        code=event.code,
        position=position,
        withdrawn_position=None,
        titles=encode_names(event.titles),
        unit=event.unit,
        category=event.category,
        qualification=None if event.qualification is UNSET else event.qualification,
        planned_minutes=event.planned_minutes,
    )


RULEBOOK = ReadModel(
    name="rulebook",
    version=1,
    shapes=(RULE, SERVICE, CAP),
    decoded=types(RulePublished, ServiceCatalogued, ServiceWithdrawn, PriceCapped),
    counted=frozenset(),
    fold=_fold,
)

# -- the questions -----------------------------------------------------------------------------


class RuleVersion(Struct, frozen=True):
    """A version of a rule.

    Attributes:
        rule: the rule's name, `clock/c06-challenge`.
        version: the version, from 1.
        newest: whether no later one was published; that one is in force, except that a contract
            keeps for life the versions of pay, score and incentive that it names.
        position: position of its publication; None for version 1, which ships with the program
            and is in force from `ledger.opened`.
        parameters: what it sets; `kind` says of which kind it is.

    """

    rule: str
    version: int
    newest: bool
    position: int | None
    parameters: Parameters


class RuleList(Struct, frozen=True):
    """Every version of every rule, and how many events of the ledger that reflects."""

    position: int
    rules: tuple[RuleVersion, ...]


def list_rules(projections: Projections) -> RuleList:
    """Return every version of every rule, by name and version: a hundred, and few more a year."""

    def query(reading: Reading) -> RuleList:
        table = reading.tables[RULE]
        found = {(rule, 1): (None, parameters) for rule, parameters in SHIPPED.items()}
        for row in reading.connection.execute(select(table)):
            found[row.rule, row.version] = row.position, _parameters.decode(row.parameters)
        newest = dict(sorted(found))
        return RuleList(
            reading.position,
            tuple(
                RuleVersion(rule, version, newest[rule] == version, *found[rule, version])
                for rule, version in sorted(found)
            ),
        )

    return projections.read(RULEBOOK, query)


class FlagThresholds(NamedTuple):
    """From where on something is a reason to look, by a rule's version in force.

    Attributes:
        version: the version.
        position: where it was published; -1 for the one that ships.
        values: the thresholds, by what they measure.

    """

    version: int
    position: int
    values: dict[str, int]


def flag_thresholds(sources: Sources) -> dict[str, FlagThresholds]:
    """Return the thresholds in force of every flag rule, by its name, `flag/f02`."""
    found = {
        rule: FlagThresholds(1, -1, {str(name): n for name, n in parameters.thresholds.items()})
        for rule, parameters in SHIPPED.items()
        if isinstance(parameters, FlagRule)
    }
    table = sources.table(RULEBOOK, RULE)
    later = select(table).where(table.c.rule.in_(sorted(found))).order_by(table.c.version)
    for row in sources.connection.execute(later):
        parameters = _parameters.decode(row.parameters)
        if isinstance(parameters, FlagRule):
            values = {str(name): number for name, number in parameters.thresholds.items()}
            found[row.rule] = FlagThresholds(row.version, row.position, values)
    return found
