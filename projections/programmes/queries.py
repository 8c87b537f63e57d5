"""What is asked about programmes, and the records that answer.

One programme is answered from three read models at one position: this one, `funds` for what its
fund lines were granted, and `delivery` for visits and units.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct, json
from sqlalchemy import RowMapping, func, select

from ledger.intake.reading import storable
from ledger.postings import SOURCES
from projections.context import Party, currency_of, decode_names, parties_of
from projections.delivery import DELIVERY
from projections.delivery.tables import OUTPUT
from projections.engine import Projections, Reading
from projections.funds import FUNDS
from projections.funds.tables import BALANCE
from projections.funds.tables import LINE as FUND_LINE
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.programmes.model import PROGRAMMES
from projections.programmes.tables import (
    CONTRACT,
    INDICATOR,
    MONTH,
    PEOPLE,
    PROGRAMME,
    RESULT,
    SHARE,
)
from projections.shape import Shape

PROGRAMME_MODELS = (PROGRAMMES, FUNDS, DELIVERY)
"""The read models that `programme` reads together."""


class Programme(Struct, frozen=True):
    """A programme. Amounts are fen of `currency`: how far its money came, less what went back.

    Attributes:
        programme: its id.
        titles: its name by language.
        purpose: what it is for, by language.
        policy: number of the policy document it carries out, or None.
        signers: the purchaser and the finance bureau that established it.
        from_date: its first day.
        to_date: its last day.
        stable: whether its contracts may run up to three years.
        ended_on: local date on which its end was recorded, or None.
        currency: ISO 4217 of the amounts.
        tenders: tenders published for it.
        open_tenders: those with a lot that is neither awarded, failed nor cancelled.
        active: contracts in force.
        suspended: contracts that are suspended.
        terminated: contracts that ended early and are not closed.
        closed: contracts that are closed.
        value_fen: value of its contracts, with the amendments.
        reserved_fen: set aside for tenders.
        committed_fen: bound by contracts.
        accrued_fen: accepted as owed for services and bonuses.
        paid_fen: paid.
        enrolled: people who became entitled.
        exited: people who are so no longer.
        scores: scores of its contracts that are final.
        score_ppm: their mean, rounded down; None without a score.
        factor_ppm: the mean of the factors that they give the pay, likewise.
        first_position: position at which it was established.
        last_position: position of the last event about the programme itself.

    """

    programme: str
    titles: dict[str, str]
    purpose: dict[str, str]
    policy: str | None
    signers: tuple[Party, ...]
    from_date: str
    to_date: str
    stable: bool
    ended_on: str | None
    currency: str
    tenders: int
    open_tenders: int
    active: int
    suspended: int
    terminated: int
    closed: int
    value_fen: int
    reserved_fen: int
    committed_fen: int
    accrued_fen: int
    paid_fen: int
    enrolled: int
    exited: int
    scores: int
    score_ppm: int | None
    factor_ppm: int | None
    first_position: int
    last_position: int


class Result(Struct, frozen=True):
    """What was reported of an indicator in a period; of several reports the last counts.

    Attributes:
        from_date: first day measured.
        to_date: last day measured.
        actual: what was reached, in the indicator's own unit.
        evidence: hash of the file that shows it.
        position: position of the report.
        reports: how many reports of the period there are.

    """

    from_date: str
    to_date: str
    actual: int
    evidence: str
    position: int
    reports: int


class Indicator(Struct, frozen=True):
    """A published target, and what was found of it.

    Attributes:
        indicator: its id.
        weight_ppm: its weight; all of a programme are one million.
        target: the value to reach, in its own unit.
        scores: final scores of contracts that judge it.
        score_ppm: the mean of what they give it, rounded down; None without one.
        actual_mean: the mean of what they found, in its own unit, likewise.
        results: what its purchaser reported, by period.

    """

    indicator: str
    weight_ppm: int
    target: int
    scores: int
    score_ppm: int | None
    actual_mean: int | None
    results: tuple[Result, ...]


class People(Struct, frozen=True):
    """People of a degree of need (mild, moderate, severe): entitled, and so no longer."""

    tier: str
    enrolled: int
    exited: int


class ProgrammeMonth(Struct, frozen=True):
    """A month of a programme, by recording; money in fen, less what was taken back.

    Attributes:
        month: local month, `2026-03`.
        enrolled: people who became entitled.
        exited: people who are so no longer.
        reserved_fen: set aside for tenders.
        committed_fen: bound by contracts.
        accrued_fen: accepted as owed for services and bonuses.
        paid_fen: paid.

    """

    month: str
    enrolled: int
    exited: int
    reserved_fen: int
    committed_fen: int
    accrued_fen: int
    paid_fen: int


class ProgrammeLine(Struct, frozen=True):
    """A fund line that pays for a programme; it may pay for others too.

    Attributes:
        line: its id.
        year: budget year.
        source: whose money it is: central, province, city, lottery.
        granted_fen: all authority granted to the line, whatever it is for.
        reserved_fen: of it, set aside for tenders of the programme.
        committed_fen: bound by its contracts.
        accrued_fen: accepted as owed under them.
        paid_fen: paid under them.

    """

    line: str
    year: int
    source: str
    granted_fen: int
    reserved_fen: int
    committed_fen: int
    accrued_fen: int
    paid_fen: int


class Delivered(Struct, frozen=True):
    """What was delivered of a service in a month, by the days of the visits.

    Attributes:
        service: its code.
        month: local month, `2026-03`.
        visits: how many.
        units: their units of service, denied visits included.
        confirmed: visits that people confirmed.
        denied: visits that people denied.

    """

    service: str
    month: str
    visits: int
    units: int
    confirmed: int
    denied: int


class ProgrammeFile(Struct, frozen=True):
    """One programme with output against money.

    Attributes:
        position: how many events of the ledger this reflects.
        programme: the programme.
        indicators: its targets, in their published order.
        people: by degree of need.
        months: people and money by month.
        lines: its fund lines.
        delivered: visits and units, by service and month.

    """

    position: int
    programme: Programme
    indicators: tuple[Indicator, ...]
    people: tuple[People, ...]
    months: tuple[ProgrammeMonth, ...]
    lines: tuple[ProgrammeLine, ...]
    delivered: tuple[Delivered, ...]


def list_programmes(
    projections: Projections, *, after: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[Programme]:
    """Return a page of programmes, in the order in which they were established.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Programme]:
        table = reading.tables[PROGRAMME]
        rows, following = page_of(reading.connection, table, [], after, limit)
        return Page(reading.position, tuple(_programmes(reading, rows)), following)

    return projections.read(PROGRAMMES, query)


def programme(projections: Projections, name: str) -> ProgrammeFile | None:
    """Return one programme with output against money, or None.

    Raises:
        TimeoutError: the read models did not come to one position in time.

    """

    def query(readings: tuple[Reading, ...]) -> ProgrammeFile | None:
        reading, funds, delivery = readings
        table = reading.tables[PROGRAMME]
        found = select(table).where(table.c.programme == storable(name))
        rows = reading.connection.execute(found).mappings().all()
        if not rows:
            return None
        key = rows[0]["programme"]
        return ProgrammeFile(
            position=reading.position,
            programme=_programmes(reading, rows)[0],
            indicators=_indicators(reading, key),
            people=tuple(_record(People, row) for row in _of(reading, PEOPLE, key, "tier")),
            months=tuple(_record(ProgrammeMonth, row) for row in _of(reading, MONTH, key, "month")),
            lines=_lines(reading, funds, key),
            delivered=_delivered(reading, delivery, key),
        )

    return projections.read_together(PROGRAMME_MODELS, query)


def _programmes(reading: Reading, rows: Sequence[RowMapping]) -> list[Programme]:
    signers = {row["programme"]: json.decode(row["signers"], type=tuple[str, ...]) for row in rows}
    every = [party for parties in signers.values() for party in parties]
    known = parties_of(reading, every)
    currency = currency_of(reading)
    told = {"titles", "purpose", "signers", "stable"}
    plain = set(Programme.__struct_fields__) & set(PROGRAMME.columns) - told
    return [
        Programme(
            titles=decode_names(row["titles"]),
            purpose=decode_names(row["purpose"]),
            signers=tuple(known.get(each, Party(each, {})) for each in signers[row["programme"]]),
            stable=bool(row["stable"]),
            currency=currency,
            score_ppm=_mean(row["score_sum_ppm"], row["scores"]),
            factor_ppm=_mean(row["factor_sum_ppm"], row["scores"]),
            **{name: row[name] for name in plain},
        )
        for row in rows
    ]


def _indicators(reading: Reading, key: str) -> tuple[Indicator, ...]:
    results: dict[str, list[Result]] = {}
    for row in _of(reading, RESULT, key, "from_date"):
        results.setdefault(row["indicator"], []).append(_record(Result, row))
    return tuple(
        Indicator(
            indicator=row["indicator"],
            weight_ppm=row["weight_ppm"],
            target=row["target"],
            scores=row["scores"],
            score_ppm=_mean(row["score_sum_ppm"], row["scores"]),
            actual_mean=_mean(row["actual_sum"], row["scores"]),
            results=tuple(results.get(row["indicator"], ())),
        )
        for row in _of(reading, INDICATOR, key, "ordinal")
    )


def _lines(reading: Reading, funds: Reading, key: str) -> tuple[ProgrammeLine, ...]:
    shares = _of(reading, SHARE, key, "line")
    ids = [row["line"] for row in shares]
    line, balance = funds.tables[FUND_LINE], funds.tables[BALANCE]
    known = {
        row.line: row for row in funds.connection.execute(select(line).where(line.c.line.in_(ids)))
    }
    granted: dict[str, int] = {}
    held = select(balance).where(balance.c.line.in_(ids), balance.c.account.in_(SOURCES))
    for row in funds.connection.execute(held):
        granted[row.line] = granted.get(row.line, 0) - row.balance_fen
    return tuple(
        ProgrammeLine(
            line=row["line"],
            year=known[row["line"]].year,
            source=known[row["line"]].source,
            granted_fen=granted.get(row["line"], 0),
            reserved_fen=row["reserved_fen"],
            committed_fen=row["committed_fen"],
            accrued_fen=row["accrued_fen"],
            paid_fen=row["paid_fen"],
        )
        for row in shares
    )


def _delivered(reading: Reading, delivery: Reading, key: str) -> tuple[Delivered, ...]:
    """Return what the contracts of a programme delivered: their few rows a month, added up."""
    contract, output = reading.tables[CONTRACT], delivery.tables[OUTPUT]
    own = select(contract.c.contract).where(contract.c.programme == key)
    ids = list(reading.connection.scalars(own))
    sums = [
        func.sum(output.c[name]).label(name) for name in ("visits", "units", "confirmed", "denied")
    ]
    query = (
        select(output.c.service, output.c.month, *sums)
        .where(output.c.contract.in_(ids))
        .group_by(output.c.service, output.c.month)
        .order_by(output.c.month, output.c.service)
    )
    return tuple(
        Delivered(row.service, row.month, *(int(number) for number in row[2:]))
        for row in delivery.connection.execute(query)
    )


def _of(reading: Reading, shape: Shape[Any], key: str, order: str) -> Sequence[RowMapping]:
    table = reading.tables[shape]
    query = select(table).where(table.c.programme == key).order_by(table.c[order])
    return reading.connection.execute(query).mappings().all()


def _record(record: type[Any], row: RowMapping) -> Any:
    return record(**{name: row[name] for name in record.__struct_fields__})


def _mean(total: int, count: int) -> int | None:
    return total // count if count else None
