"""What is overdue at the end of a day: the list, and totals that the fold has kept (C13, C16).

The list is what the SME Payment Regulation asks every buyer to publish by 31 March (article 18):
sums that were due and not paid. It is asked for a day, today or the last of a year; a payment
counts from its value date on, whenever the ledger learned of it.
"""

from typing import cast

from sqlalchemy import ColumnElement, func, or_, select

from ledger.intake.reading import storable
from ledger.times import parse_date
from projections.chunks import chunks
from projections.context import currency_of, parties_of
from projections.engine import Projections, Reading
from projections.paging import DEFAULT_LIMIT, page_of
from projections.payments.model import PAYMENTS
from projections.payments.queries import days_after, last_day, parties
from projections.payments.records import Overdue, OverdueList, OverdueTotal
from projections.payments.tables import CLAIM, LATE, STEP, ClaimRow


def list_overdue(
    projections: Projections,
    *,
    day: str | None = None,
    buyer: str | None = None,
    provider: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> OverdueList:
    """Return a page of what was overdue at the end of a day, by default the ledger's last.

    Raises:
        Malformed: `after` is not what a page said, or `day` is no date.

    """
    if day is not None:
        parse_date(day)

    def query(reading: Reading) -> OverdueList:
        on = day or last_day(reading)
        table = reading.tables[CLAIM]
        where = [
            table.c.late_from <= on,
            or_(table.c.cleared_on.is_(None), table.c.cleared_on > on),
            *_of(table.c, buyer, provider),
        ]
        rows, following = page_of(reading.connection, table, where, after, limit)
        return OverdueList(
            position=reading.position,
            as_of=on,
            currency=currency_of(reading),
            totals=_totals(reading, on, buyer, provider),
            items=_items(reading, [ClaimRow(**row) for row in rows], on),
            next=following,
        )

    return projections.read(PAYMENTS, query)


def _of(columns: object, buyer: str | None, provider: str | None) -> list[ColumnElement[bool]]:
    return [
        columns[name] == storable(value)  # type: ignore[index]
        for name, value in (("buyer", buyer), ("provider", provider))
        if value is not None
    ]


def _totals(
    reading: Reading, on: str, buyer: str | None, provider: str | None
) -> tuple[OverdueTotal, ...]:
    """Add up the days: there is one row a day and pair of parties, however many sums are due."""
    late = reading.tables[LATE].c
    query = (
        select(late.buyer, func.sum(late.sums), func.sum(late.fen), func.sum(late.interest_fen))
        .where(late.day <= on, *_of(late, buyer, provider))
        .group_by(late.buyer)
        .order_by(late.buyer)
    )
    found = [row for row in reading.connection.execute(query) if row[1]]
    names = parties_of(reading, [row[0] for row in found])
    return tuple(
        OverdueTotal(names[party], int(sums), int(fen), int(interest_fen))
        for party, sums, fen, interest_fen in found
    )


def _items(reading: Reading, rows: list[ClaimRow], on: str) -> tuple[Overdue, ...]:
    later = _since(reading, [row.claim for row in rows], on)
    money, names = currency_of(reading), parties(reading, rows)
    found = []
    for row in rows:
        changed_fen, booked_fen = later.get(row.claim, (0, 0))
        found.append(
            Overdue(
                claim=row.claim,
                basis=row.basis,
                contract=row.contract,
                buyer=names[row.buyer],
                provider=names[row.provider],
                lender=row.lender,
                principal_fen=row.payable_fen - changed_fen,
                due_on=cast("str", row.due_on),  # what is late was due
                days_late=days_after(row.due_on, on),
                interest_fen=row.interest_booked_fen - booked_fen,
                currency=money,
                payment=row.payment,
                first_position=row.first_position,
            )
        )
    return tuple(found)


def _since(reading: Reading, claims: list[str], on: str) -> dict[str, tuple[int, int]]:
    """Return by sum what changed after a day: of what is payable, and of interest booked."""
    step = reading.tables[STEP].c
    changed: dict[str, tuple[int, int]] = {}
    for chunk in chunks(claims):
        query = select(step.claim, step.kind, step.change_fen, step.amount_fen).where(
            step.claim.in_(chunk), step.day > on
        )
        for claim, kind, change_fen, amount_fen in reading.connection.execute(query):
            fen, interest_fen = changed.get(claim, (0, 0))
            booked_fen = amount_fen if kind == "interest" else 0
            changed[claim] = (fen + change_fen, interest_fen + booked_fen)
    return changed
