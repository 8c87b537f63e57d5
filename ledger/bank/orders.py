"""What the bank is to pay, and what is known of an order when the bank speaks of it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ledger.bank.references import message_id_of
from ledger.statement import MAX_EVENTS

MAX_TRANSFERS = MAX_EVENTS
"""Payments of a file: as many orders as one statement can sign."""


class Side(NamedTuple):
    """A side of a transfer.

    Attributes:
        party: its id in the ledger.
        name: as the bank is to see it.
        account: number of the account, or its token where `by_token`.
        bank: CNAPS number or BIC; empty where it is not known.
        by_token: the account is named by token: the bank keeps the number.

    """

    party: str
    name: str
    account: str
    bank: str
    by_token: bool


class Transfer(NamedTuple):
    """One payment of an order file.

    Attributes:
        payment: its id, or the name of an advance (`references.advance_name`).
        contract: under which contract.
        amount_fen: principal and interest together.
        debtor: the buyer, for whom it is paid.
        creditor: whose account it is paid to.

    """

    payment: str
    contract: str
    amount_fen: int
    debtor: Side
    creditor: Side


class OrderFile(NamedTuple):
    """An order file: what one pain.001 says.

    Attributes:
        origin: the ledger's name.
        message_id: MsgId.
        day: local date on which it is to be carried out (ReqdExctnDt).
        offset: local time east of UTC, `+08:00`.
        currency: of the amounts.
        transfers: what it pays.

    """

    origin: str
    message_id: str
    day: str
    offset: str
    currency: str
    transfers: tuple[Transfer, ...]


class Order(NamedTuple):
    """A payment that was ordered, when the bank speaks of it.

    Attributes:
        payment: its id, or the name of an advance (`references.advance_name`).
        buyer: for whom it was paid.
        status: ordered, diverted, settled, rejected or bounced; of an advance that all came back
            bounced.
        amount_fen: principal and interest together.
        message_id: of the file it was ordered by.
        group_id: PmtInfId in that file.
        end_to_end: its EndToEndId.
        uetr: its UETR.
        account: token of the account.
        creditor: commitment to the account's number.
        since: the bank's next word can be of no earlier day.
        reports: ids of the events that told what the bank said of it.
        is_whole: False of an advance under a contract of whose advances some was recovered, or
            part of one paid back: then the whole can no longer come back.

    """

    payment: str
    buyer: str
    status: str
    amount_fen: int
    message_id: str
    group_id: str
    end_to_end: str
    uetr: str
    account: str
    creditor: str
    since: str
    reports: tuple[str, ...]
    is_whole: bool = True


def files_of(
    origin: str, day: str, offset: str, currency: str, transfers: Iterable[Transfer]
) -> Iterator[OrderFile]:
    """Yield the order files that pay `transfers` on `day`, at most `MAX_TRANSFERS` each.

    The same transfers, in whatever order, give the same files.
    """
    ordered = sorted(transfers, key=lambda each: (each.debtor.party, each.payment))
    for first in range(0, len(ordered), MAX_TRANSFERS):
        part = tuple(ordered[first : first + MAX_TRANSFERS])
        yield OrderFile(
            origin, message_id_of(origin, day, _essence(part)), day, offset, currency, part
        )


def _essence(transfers: Sequence[Transfer]) -> list[list[str | int]]:
    return [
        [each.payment, each.amount_fen, each.debtor.account, each.creditor.account]
        for each in transfers
    ]
