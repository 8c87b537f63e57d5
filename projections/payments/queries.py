"""What is asked about payments and claims: lists with filters, and one payment whole."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import json
from sqlalchemy import ColumnElement, RowMapping, select

from ledger.intake.reading import storable
from ledger.state.payment import WAITS
from ledger.times import parse_date
from projections.chunks import chunks
from projections.context import LEDGER, Party, parties_of
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.payments.model import PAYMENTS
from projections.payments.records import (
    Claim,
    ClaimFile,
    ClaimShown,
    Payment,
    PaymentFile,
    Share,
    Step,
)
from projections.payments.tables import CLAIM, DAY, PART, PAYMENT, STEP
from projections.reading import Answers, Reading

_LIVE = ("requested", "approved", "ordered", "diverted")
"""How far a payment got that may still be paid."""
_ORDERED = ("ordered", "diverted", "settled", "rejected", "bounced")


def list_payments(
    projections: Answers,
    *,
    contract: str | None = None,
    status: str | None = None,
    provider: str | None = None,
    overdue: bool = False,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Payment]:
    """Return a page of payments, in the order in which they were asked for.

    `overdue` keeps those that are not paid yet and whose first due date is over.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Payment]:
        table = reading.tables[PAYMENT]
        where = _equal(table.c, contract=contract, status=status, provider=provider)
        if overdue:
            where += [table.c.status.in_(_LIVE), table.c.due_on < last_day(reading)]
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, tuple(_payments(reading, rows)), following)

    return projections.read(PAYMENTS, query)


def list_claims(
    projections: Answers,
    *,
    contract: str | None = None,
    status: str | None = None,
    provider: str | None = None,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[Claim]:
    """Return a page of claims and other sums owed, in the order in which they came to be.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[Claim]:
        table = reading.tables[CLAIM]
        where = _equal(table.c, contract=contract, status=status, provider=provider)
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, _claims(reading, rows), following)

    return projections.read(PAYMENTS, query)


def list_claim_files(
    projections: Answers, contract: str, *, after: str | None = None, limit: int = DEFAULT_LIMIT
) -> Page[ClaimFile]:
    """Return a page of a contract's claims and other sums owed, each with all that changed it.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[ClaimFile]:
        table = reading.tables[CLAIM]
        where = _equal(table.c, contract=contract)
        rows, following = page_of(reading.connection, table, where, after, limit)
        files = _files(reading, [row["claim"] for row in rows])
        return Page(reading.position, tuple(files[row["claim"]] for row in rows), following)

    return projections.read(PAYMENTS, query)


def payment(projections: Answers, name: str) -> PaymentFile | None:
    """Return all that is known of a payment, or None where there is none."""

    def query(reading: Reading) -> PaymentFile | None:
        rows = _rows(reading, PAYMENT, "payment", [name])
        if not rows:
            return None
        (found,) = _payments(reading, rows)
        files = _files(reading, found.claims)
        parts = {row["claim"]: row for row in _rows(reading, PART, "payment", [name])}
        later = [each for file in files.values() for each in file.payments]
        return PaymentFile(
            position=reading.position,
            as_of=last_day(reading),
            payment=found,
            shares=tuple(_share(found, files[claim].claim, parts[claim]) for claim in found.claims),
            claims=tuple(files[claim] for claim in found.claims),
            asked_again=_asked_again(reading, found, later),
            disputed_fen=sum(file.claim.disputed_fen for file in files.values()),
        )

    return projections.read(PAYMENTS, query)


def claim(projections: Answers, name: str) -> ClaimFile | None:
    """Return a sum with all that changed it, or None where there is none."""
    return projections.read(PAYMENTS, lambda reading: _files(reading, [name]).get(name))


def claim_shown(projections: Answers, name: str) -> ClaimShown | None:
    """Return a sum as `claim` does, and which position that reflects."""

    def query(reading: Reading) -> ClaimShown | None:
        found = _files(reading, [name]).get(name)
        if found is None:
            return None
        return ClaimShown(reading.position, found.claim, found.steps, found.payments)

    return projections.read(PAYMENTS, query)


# -- shared with what is overdue ---------------------------------------------------------------


def contract_of_payment(projections: Answers, payment: str) -> str | None:
    """Return the contract in whose history a payment's events are, or None."""

    def query(reading: Reading) -> str | None:
        table = reading.tables[PAYMENT]
        found = select(table.c.contract).where(table.c.payment == storable(payment))
        contract: str | None = reading.connection.scalar(found)
        return contract

    return projections.read(PAYMENTS, query)


def last_day(reading: Reading) -> str:
    """Return the local date of the last statement; the first of all days before any."""
    return reading.connection.scalar(select(reading.tables[DAY].c.day)) or "0001-01-01"


def currency(reading: Reading) -> str:
    """Return the currency of every amount of the ledger; empty before its first statement."""
    return reading.connection.scalar(select(reading.tables[LEDGER].c.currency)) or ""


def parties(reading: Reading, rows: Iterable[RowMapping]) -> dict[str | None, Party]:
    """Return the buyers and providers of rows, by id."""
    ids = {row[side] for row in rows for side in ("buyer", "provider")}
    return parties_of(reading.connection, reading.tables, ids)


# -- helpers -----------------------------------------------------------------------------------


def _equal(columns: Any, **wanted: str | None) -> list[ColumnElement[bool]]:
    return [
        columns[column] == storable(value) for column, value in wanted.items() if value is not None
    ]


def _rows(
    reading: Reading, shape: Any, column: str, values: Iterable[str], *order: str
) -> list[RowMapping]:
    table, asked = reading.tables[shape], sorted({storable(value) for value in values})
    found: list[RowMapping] = []
    for chunk in chunks(asked):
        query = select(table).where(table.c[column].in_(chunk))
        query = query.order_by(*(table.c[name] for name in order))
        found += reading.connection.execute(query).mappings()
    return found


def _payments(reading: Reading, rows: Sequence[RowMapping]) -> list[Payment]:
    """Return payments with what goes on by itself: days late, and interest booked beside them."""
    claims = {row["payment"]: json.decode(row["claims"], type=tuple[str, ...]) for row in rows}
    sums = {name for each in claims.values() for name in each}
    owed = {row["claim"]: row["interest_owed_fen"] for row in _rows(reading, CLAIM, "claim", sums)}
    today, money, names = last_day(reading), currency(reading), parties(reading, rows)
    found = []
    for row in rows:
        until = row["value_date"] if row["status"] == "settled" else today
        values: dict[str, Any] = {
            **row,
            "claims": claims[row["payment"]],
            "buyer": names[row["buyer"]],
            "provider": names[row["provider"]],
            "waits_for": WAITS[row["status"]],
            "days_late": days_after(row["due_on"], until),
            "interest_open_fen": sum(owed[name] for name in claims[row["payment"]]),
            "currency": money,
        }
        found.append(Payment(**values))
    return found


def days_after(due_on: str | None, day: str) -> int:
    """Return how many days late a day is."""
    return 0 if due_on is None else max(parse_date(day) - parse_date(due_on), 0)


def _claims(reading: Reading, rows: Sequence[RowMapping]) -> tuple[Claim, ...]:
    money, names = currency(reading), parties(reading, rows)
    found = []
    for row in rows:
        values: dict[str, Any] = {
            **row,
            "buyer": names[row["buyer"]],
            "provider": names[row["provider"]],
            "currency": money,
        }
        found.append(Claim(**{name: values[name] for name in Claim.__struct_fields__}))
    return tuple(found)


def _files(reading: Reading, names: Iterable[str]) -> dict[str, ClaimFile]:
    asked = list(names)
    steps: dict[str, list[Step]] = {}
    for row in _rows(reading, STEP, "claim", asked, "claim", "ordinal"):
        step = Step(**{name: row[name] for name in Step.__struct_fields__})
        steps.setdefault(row["claim"], []).append(step)
    payments: dict[str, list[str]] = {}
    for row in _rows(reading, PART, "claim", asked, "first_position"):
        payments.setdefault(row["claim"], []).append(row["payment"])
    return {
        each.claim: ClaimFile(
            each, tuple(steps.get(each.claim, ())), tuple(payments.get(each.claim, ()))
        )
        for each in _claims(reading, _rows(reading, CLAIM, "claim", asked))
    }


def _share(found: Payment, each: Claim, part: Mapping[Any, Any]) -> Share:
    if found.status in _ORDERED:
        return Share(each.claim, part["principal_fen"], part["interest_fen"], each.due_on)
    principal_fen = each.payable_fen if found.principal_fen else 0
    return Share(each.claim, principal_fen, each.interest_owed_fen, each.due_on)


def _asked_again(reading: Reading, found: Payment, asking: Iterable[str]) -> str | None:
    rows = _rows(reading, PAYMENT, "payment", asking, "first_position")
    later = [row for row in rows if row["first_position"] > found.first_position]
    return max(later, key=lambda row: int(row["first_position"]))["payment"] if later else None
