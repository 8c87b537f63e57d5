"""What is asked about providers, and the records that answer."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

from msgspec import Struct
from sqlalchemy import BindParameter, ColumnElement, RowMapping, Select, bindparam, select

from ledger.intake.reading import storable
from projections.context import PARTY, Party, currency_of, matching, parties_of
from projections.engine import Projections, Reading
from projections.paging import DEFAULT_LIMIT, MAX_LIMIT, Page, page_of
from projections.providers.model import PROVIDERS
from projections.providers.tables import CONTRACT, DAYS, MONTH, PROVIDER, SANCTION, SCORE
from projections.reading import Answers
from projections.shape import Shape, Tables


class Provider(Struct, frozen=True):
    """A party with contracts. Amounts are fen of `currency` over all of its contracts.

    Attributes:
        provider: the party.
        currency: ISO 4217 of the amounts.
        active: contracts in force.
        suspended: contracts that are suspended.
        terminated: contracts that ended early and are not closed.
        closed: contracts that are closed.
        value_fen: as signed, with the amendments.
        accrued_fen: accepted for services and bonuses, whether paid since or not.
        paid_fen: paid, recovered advances included, less what came back.
        interest_paid_fen: received for late payment.
        payable_fen: owed and not ordered.
        retained_fen: held back of what was accepted.
        interest_owed_fen: interest for late payment that is booked and not ordered.
        advance_fen: advances paid and not yet recovered.
        claims: bills submitted.
        claimed_fen: what they ask.
        cut_fen: cut from them, what a dispute did not award included.
        cut_ppm: the share of that in what they ask, rounded down; None without a claim.
        disputed_fen: waiting in disputes.
        contested: how often it contested cuts.
        won: disputes, whoever opened them, in which all was awarded to it.
        lost: disputes in which nothing was.
        split: disputes in which a part was.
        awarded_fen: awarded in disputes.
        refused_fen: not awarded in them.
        scores: scores that are final.
        score_ppm: their mean, rounded down; None without a score.
        factor_ppm: the mean of the factors that they give the pay, likewise.
        settled: payments of principal that were paid.
        days_mean: mean of the days from the start of their clock (C13) to the value date, rounded
            down; None without a payment.
        late: of them, those paid after the last day to pay.
        late_days: days beyond it, of all of them together.
        assigned: receivables assigned to lenders and not given back.
        assigned_fen: what those came to.
        barred_until: last day of a sanction that was not lifted, or None.
        first_position: position at which its first contract was signed.
        last_position: position of the last event that changed a figure.

    """

    provider: Party
    currency: str
    active: int
    suspended: int
    terminated: int
    closed: int
    value_fen: int
    accrued_fen: int
    paid_fen: int
    interest_paid_fen: int
    payable_fen: int
    retained_fen: int
    interest_owed_fen: int
    advance_fen: int
    claims: int
    claimed_fen: int
    cut_fen: int
    cut_ppm: int | None
    disputed_fen: int
    contested: int
    won: int
    lost: int
    split: int
    awarded_fen: int
    refused_fen: int
    scores: int
    score_ppm: int | None
    factor_ppm: int | None
    settled: int
    days_mean: int | None
    late: int
    late_days: int
    assigned: int
    assigned_fen: int
    barred_until: str | None
    first_position: int
    last_position: int


class ProviderMonth(Struct, frozen=True):
    """What happened to a provider in a month, in fen, less what was taken back.

    Attributes:
        month: local month of the recording, `2026-03`.
        accrued_fen: accepted for services and bonuses.
        paid_fen: paid, recovered advances included.
        interest_paid_fen: interest for late payment.

    """

    month: str
    accrued_fen: int
    paid_fen: int
    interest_paid_fen: int


class ProviderScore(Struct, frozen=True):
    """A score of one of its contracts; the figures are the proposal's until it is final.

    Attributes:
        score: its id.
        contract: of which contract.
        status: proposed, contested or final.
        from_date: first day scored.
        to_date: last day scored.
        total_ppm: weight × indicator score, summed.
        factor_ppm: what that makes of the pay.
        first_position: position of the proposal.
        last_position: position of the last event about it.

    """

    score: str
    contract: str
    status: Literal["proposed", "contested", "final"]
    from_date: str
    to_date: str
    total_ppm: int
    factor_ppm: int
    first_position: int
    last_position: int


class ProviderSanction(Struct, frozen=True):
    """A time in which it may not bid (Government Procurement Law 77).

    Attributes:
        sanction: its id.
        ground: why.
        from_date: first day.
        until: last day.
        lifted_on: day on which it ended before its time, or None.
        first_position: position at which it was imposed.

    """

    sanction: str
    ground: str
    from_date: str
    until: str
    lifted_on: str | None
    first_position: int


class ProviderFile(Struct, frozen=True):
    """One provider with all that is known.

    Attributes:
        position: how many events of the ledger this reflects.
        provider: the provider.
        days_median: median of the days from the start of a payment's clock to its value date, the
            lower one of two; None without a payment.
        days: how many payments took how many days, by days.
        months: what was accepted and paid, by month; months of neither are left out.
        scores: its last scores, at most 1,000, the newest first.
        sanctions: its sanctions, in order.

    """

    position: int
    provider: Provider
    days_median: int | None
    days: tuple[tuple[int, int], ...]
    months: tuple[ProviderMonth, ...]
    scores: tuple[ProviderScore, ...]
    sanctions: tuple[ProviderSanction, ...]


def list_providers(
    projections: Projections,
    *,
    text: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Provider]:
    """Return a page of providers, in the order of their first contracts.

    `text` stands anywhere in a provider's id or names, in any case.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Provider]:
        table, party = reading.tables[PROVIDER], reading.tables[PARTY]
        where: list[ColumnElement[bool]] = []
        if text is not None:
            named = select(party.c.party).where(party.c.search.like(matching(text), escape="!"))
            where.append(table.c.provider.in_(named))
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, tuple(_providers(reading, rows)), following)

    return projections.read(PROVIDERS, query)


def provider(projections: Projections, party: str) -> ProviderFile | None:
    """Return one provider with all that is known, or None where it has no contract."""

    def query(reading: Reading) -> ProviderFile | None:
        table = reading.tables[PROVIDER]
        found = select(table).where(table.c.provider == storable(party))
        rows = reading.connection.execute(found).mappings().all()
        if not rows:
            return None
        key = rows[0]["provider"]
        days = tuple(
            (row["days"], row["payments"])
            for row in _of(reading, DAYS, "provider", key, "days")
            if row["payments"]
        )
        return ProviderFile(
            position=reading.position,
            provider=_providers(reading, rows)[0],
            days_median=_median(days),
            days=days,
            months=tuple(
                _record(ProviderMonth, row)
                for row in _of(reading, MONTH, "provider", key, "month")
                if row["accrued_fen"] or row["paid_fen"] or row["interest_paid_fen"]
            ),
            scores=tuple(
                _record(ProviderScore, row)
                for row in _of(reading, SCORE, "provider", key, "first_position", newest=True)
            ),
            sanctions=tuple(
                _record(ProviderSanction, row)
                for row in _of(reading, SANCTION, "party", key, "first_position")
            ),
        )

    return projections.read(PROVIDERS, query)


def scores_of(projections: Answers, contract: str) -> tuple[ProviderScore, ...]:
    """Return the scores of a contract, the oldest first, at most 1,000."""

    def query(reading: Reading) -> tuple[ProviderScore, ...]:
        asked = {"contract": storable(contract)}
        rows = reading.connection.execute(_scores_query(reading.tables), asked).mappings()
        return tuple(_record(ProviderScore, row) for row in rows)

    return projections.read(PROVIDERS, query)


@lru_cache(maxsize=2)
def _scores_query(tables: Tables) -> Select[Any]:
    """Return the query for the scores of a contract, found by its provider's."""
    score, known = tables[SCORE], tables[CONTRACT]
    name: BindParameter[str] = bindparam("contract")
    provider = select(known.c.provider).where(known.c.contract == name)
    return (
        select(score)
        .where(score.c.provider == provider.scalar_subquery(), score.c.contract == name)
        .order_by(score.c.first_position)
        .limit(MAX_LIMIT)
    )


def _providers(reading: Reading, rows: Sequence[RowMapping]) -> list[Provider]:
    connection = reading.connection
    ids = [row["provider"] for row in rows]
    parties = parties_of(reading, ids)
    currency = currency_of(reading)
    sanction = reading.tables[SANCTION]
    barred: dict[str, str] = {}
    standing = select(sanction.c.party, sanction.c.until).where(
        sanction.c.party.in_(ids), sanction.c.lifted_on.is_(None)
    )
    for party, until in connection.execute(standing):
        barred[party] = max(barred.get(party, ""), until)
    plain = set(Provider.__struct_fields__) & set(PROVIDER.columns) - {"provider"}
    return [
        Provider(
            provider=parties.get(row["provider"], Party(row["provider"], {})),
            currency=currency,
            cut_ppm=_mean(row["cut_fen"] * 1_000_000, row["claimed_fen"]),
            score_ppm=_mean(row["score_sum_ppm"], row["scores"]),
            factor_ppm=_mean(row["factor_sum_ppm"], row["scores"]),
            days_mean=_mean(row["days_sum"], row["settled"]),
            late_days=row["late_days_sum"],
            barred_until=barred.get(row["provider"]),
            **{name: row[name] for name in plain},
        )
        for row in rows
    ]


def _of(
    reading: Reading, shape: Shape[Any], column: str, key: str, order: str, *, newest: bool = False
) -> Sequence[RowMapping]:
    table = reading.tables[shape]
    by = table.c[order].desc() if newest else table.c[order]
    query = select(table).where(table.c[column] == key).order_by(by).limit(MAX_LIMIT)
    return reading.connection.execute(query).mappings().all()


def _record(record: type[Any], row: RowMapping) -> Any:
    return record(**{name: row[name] for name in record.__struct_fields__})


def _mean(total: int, count: int) -> int | None:
    return total // count if count else None


def _median(days: Sequence[tuple[int, int]]) -> int | None:
    """Return the lower median of a histogram, in order of what was counted."""
    middle = (sum(payments for _, payments in days) + 1) // 2
    for each, payments in days:
        middle -= payments
        if middle <= 0:
            return each
    return None
