"""What is asked about payments and claims: lists with filters, and one payment whole."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from msgspec import json
from sqlalchemy import select

from ledger.intake.reading import storable
from ledger.state.payment import WAITS, PaymentStatus
from ledger.times import parse_date
from projections.context import Party, currency_of, parties_of
from projections.lookups import only_row, rows_among, rows_where
from projections.paging import DEFAULT_LIMIT, Page, page_of, page_where
from projections.payments.model import PAYMENTS
from projections.payments.records import (
    Claim,
    ClaimFile,
    ClaimShown,
    Kind,
    Payment,
    PaymentFile,
    Share,
    Step,
)
from projections.payments.tables import (
    CLAIM,
    DAY,
    PART,
    PAYMENT,
    STEP,
    ClaimRow,
    PartRow,
    PaymentRow,
)
from projections.reading import Answers, Reading

_ids = json.Decoder(tuple[str, ...])

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
        equal = {"contract": contract, "status": status, "provider": provider}
        if overdue:
            table = reading.tables[PAYMENT]
            where = [
                table.c[name] == storable(value)
                for name, value in equal.items()
                if value is not None
            ]
            where += [table.c.status.in_(_LIVE), table.c.due_on < last_day(reading)]
            found, following = page_of(reading.connection, table, where, after, limit)
            rows = [PaymentRow(**row) for row in found]
        else:
            rows, following = page_where(reading, PAYMENT, equal, after, limit)
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
        equal = {"contract": contract, "status": status, "provider": provider}
        rows, following = page_where(reading, CLAIM, equal, after, limit)
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
        rows, following = page_where(reading, CLAIM, {"contract": contract}, after, limit)
        return Page(reading.position, tuple(_files(reading, rows).values()), following)

    return projections.read(PAYMENTS, query)


def payment(projections: Answers, name: str) -> PaymentFile | None:
    """Return all that is known of a payment, or None where there is none."""

    def query(reading: Reading) -> PaymentFile | None:
        rows = rows_where(reading, PAYMENT, "payment", name)
        if not rows:
            return None
        (found,) = _payments(reading, rows)
        files = _files(reading, rows_among(reading, CLAIM, "claim", found.claims))
        parts = {row.claim: row for row in rows_where(reading, PART, "payment", name)}
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

    def query(reading: Reading) -> ClaimFile | None:
        return _files(reading, rows_where(reading, CLAIM, "claim", name)).get(name)

    return projections.read(PAYMENTS, query)


def claim_shown(projections: Answers, name: str) -> ClaimShown | None:
    """Return a sum as `claim` does, and which position that reflects."""

    def query(reading: Reading) -> ClaimShown | None:
        found = _files(reading, rows_where(reading, CLAIM, "claim", name)).get(name)
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
    row = only_row(reading, DAY)
    return "0001-01-01" if row is None else row.day


def parties(
    reading: Reading, rows: Iterable[ClaimRow] | Iterable[PaymentRow]
) -> dict[str | None, Party]:
    """Return the buyers and providers of rows, by id."""
    return parties_of(reading, {side for row in rows for side in (row.buyer, row.provider)})


# -- helpers -----------------------------------------------------------------------------------


def _payments(reading: Reading, rows: Sequence[PaymentRow]) -> list[Payment]:
    """Return payments with what goes on by itself: days late, and interest booked beside them."""
    if not rows:
        return []
    claims = {row.payment: _ids.decode(row.claims) for row in rows}
    sums = {name for each in claims.values() for name in each}
    owed = {row.claim: row.interest_owed_fen for row in rows_among(reading, CLAIM, "claim", sums)}
    today, money, names = last_day(reading), currency_of(reading), parties(reading, rows)
    found = []
    for row in rows:
        until = (row.value_date if row.status == "settled" else None) or today
        values: dict[str, Any] = {
            **row._asdict(),
            "claims": claims[row.payment],
            "buyer": names[row.buyer],
            "provider": names[row.provider],
            "waits_for": WAITS[cast("PaymentStatus", row.status)],
            "days_late": days_after(row.due_on, until),
            "interest_open_fen": sum(owed[name] for name in claims[row.payment]),
            "currency": money,
        }
        found.append(Payment(**values))
    return found


def days_after(due_on: str | None, day: str) -> int:
    """Return how many days late a day is."""
    return 0 if due_on is None else max(parse_date(day) - parse_date(due_on), 0)


def _claims(reading: Reading, rows: Sequence[ClaimRow]) -> tuple[Claim, ...]:
    if not rows:
        return ()
    money, names = currency_of(reading), parties(reading, rows)
    found = []
    for row in rows:
        values: dict[str, Any] = {
            **row._asdict(),
            "buyer": names[row.buyer],
            "provider": names[row.provider],
            "currency": money,
        }
        found.append(Claim(*(values[name] for name in Claim.__struct_fields__)))
    return tuple(found)


def _files(reading: Reading, rows: Sequence[ClaimRow]) -> dict[str, ClaimFile]:
    """Return sums with all that changed them, by id, in the order of their rows."""
    asked = [row.claim for row in rows]
    steps: dict[str, list[Step]] = {}
    for row in rows_among(reading, STEP, "claim", asked, order=("claim", "ordinal")):
        step = Step(
            position=row.position,
            event=row.event,
            day=row.day,
            kind=cast("Kind", row.kind),
            amount_fen=row.amount_fen,
            change_fen=row.change_fen,
            reason=row.reason,
            about=row.about,
        )
        steps.setdefault(row.claim, []).append(step)
    payments: dict[str, list[str]] = {}
    for part in rows_among(reading, PART, "claim", asked, order=("first_position",)):
        payments.setdefault(part.claim, []).append(part.payment)
    return {
        each.claim: ClaimFile(
            each, tuple(steps.get(each.claim, ())), tuple(payments.get(each.claim, ()))
        )
        for each in _claims(reading, rows)
    }


def _share(found: Payment, each: Claim, part: PartRow) -> Share:
    if found.status in _ORDERED:
        return Share(each.claim, part.principal_fen, part.interest_fen, each.due_on)
    principal_fen = each.payable_fen if found.principal_fen else 0
    return Share(each.claim, principal_fen, each.interest_owed_fen, each.due_on)


def _asked_again(reading: Reading, found: Payment, asking: Iterable[str]) -> str | None:
    rows = rows_among(reading, PAYMENT, "payment", set(asking), order=("first_position",))
    later = [row for row in rows if row.first_position > found.first_position]
    return max(later, key=lambda row: row.first_position).payment if later else None
