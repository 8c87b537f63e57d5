"""The read model `bank_orders`: what the bank was ordered to pay, and what it said of it.

    order     a payment, or an advance, that was ordered: its names with the bank, how far it got
    file      an order file, by its MsgId: how much it orders, and how much waits for the bank
    account   a declared account: whose, at which bank, and the commitment to its number
    deal      for whom a contract is paid

An advance is kept beside the payments, under its name among them (`references.advance_name`).
What is to be ordered next is asked of the payments (`projections.payments`) beside it, at one
position. Numbers of accounts are in no event: whoever makes a bank file brings them.
"""

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from msgspec import UNSET, Struct, json
from sqlalchemy import ColumnElement, select

from ledger.bank.orders import Order
from ledger.bank.references import advance_name, end_to_end_of, group_id_of, uetr_of
from ledger.events import Event
from ledger.events.accounts import AccountDeclared
from ledger.events.advance import (
    AdvanceOrdered,
    AdvanceRefunded,
    AdvanceRejected,
    AdvanceSettled,
)
from ledger.events.contract import ContractSigned
from ledger.events.payment import (
    PaymentBounced,
    PaymentDiverted,
    PaymentOrdered,
    PaymentRejected,
    PaymentSettled,
)
from ledger.intake.reading import storable
from projections.chunks import chunks
from projections.context import CONTEXT_EVENTS, CONTEXT_SHAPES, Context
from projections.feed import Batch, Fact, Feed
from projections.model import ReadModel, types
from projections.paging import DEFAULT_LIMIT, Page, page_of
from projections.reading import Answers, Reading
from projections.shape import Shape
from projections.sheet import Sheet

# -- the tables --------------------------------------------------------------------------------


class OrderRow(NamedTuple):
    """An order; columns are those of `ledger.bank.orders.Order`, and of its file."""

    payment: str
    first_position: int
    last_position: int
    contract: str
    buyer: str
    status: str
    amount_fen: int
    message_id: str
    sha256: str
    group_id: str
    end_to_end: str
    uetr: str
    account: str
    creditor: str
    ordered_on: str
    since: str
    reports: str
    """JSON list of event ids."""
    returned_fen: int
    """Of an advance, what was paid back."""


class FileRow(NamedTuple):
    """An order file; columns are those of `OrderedFile`."""

    message_id: str
    first_position: int
    last_position: int
    ordered_on: str
    sha256: str
    payments: int
    amount_fen: int
    waiting: int


class AccountRow(NamedTuple):
    """A declared account."""

    account: str
    first_position: int
    party: str
    bank: str
    number: str


class DealRow(NamedTuple):
    """For whom a contract is paid."""

    contract: str
    buyer: str


ORDER = Shape(
    "order",
    OrderRow,
    indexes=[
        ("status", "first_position"),
        ("contract", "first_position"),
        ("message_id",),
        ("group_id",),
        ("end_to_end",),
        ("uetr",),
    ],
)
FILE = Shape("file", FileRow, indexes=[("first_position", "message_id")])
ACCOUNT = Shape("account", AccountRow)
DEAL = Shape("deal", DealRow)

# -- the fold ----------------------------------------------------------------------------------

_ENDS: dict[type[Event], str] = {
    PaymentSettled: "settled",
    PaymentRejected: "rejected",
    PaymentBounced: "bounced",
    PaymentDiverted: "diverted",
    AdvanceSettled: "settled",
    AdvanceRejected: "rejected",
}
_ORDERS = (PaymentOrdered, AdvanceOrdered)
_REPORTS: tuple[type[Event], ...] = (*_ENDS, AdvanceRefunded)
_WAITING = ("ordered", "diverted")


class _Book:
    """The rows of the batch at hand, as they are after each of its events."""

    def __init__(self, batch: Batch, sheet: Sheet) -> None:
        events = [fact.event for fact in batch.facts]
        self.context = Context(sheet)
        self._sheet = sheet
        ordered = [fact for fact in batch.facts if isinstance(fact.event, _ORDERS)]
        reported = {_name(event) for event in events if isinstance(event, _REPORTS)}
        payees = {fact.event.payee for fact in ordered}
        contracts = {_contract(fact) for fact in ordered}
        self.orders = {row.payment: row for row in sheet.load(ORDER, "payment", reported)}
        messages = {
            *(fact.event.message_id for fact in ordered),
            *(row.message_id for row in self.orders.values()),
        }
        self.files = {row.message_id: row for row in sheet.load(FILE, "message_id", messages)}
        self.accounts = {row.account: row for row in sheet.load(ACCOUNT, "account", payees)}
        self.deals = {row.contract: row for row in sheet.load(DEAL, "contract", contracts)}
        self._known = {*self.accounts.values(), *self.deals.values()}

    def declared(self, fact: Fact, event: AccountDeclared) -> None:
        row = AccountRow(event.account, fact.position, event.party, event.bank, event.number)
        self.accounts[event.account] = row

    def ordered(self, fact: Fact, event: PaymentOrdered | AdvanceOrdered) -> None:
        name, contract, day = _name(event), _contract(fact), self.context.day(fact.recorded_ms)
        buyer = self.deals[contract].buyer
        row = OrderRow(
            payment=name,
            first_position=fact.position,
            last_position=fact.position,
            contract=contract,
            buyer=buyer,
            status="ordered",
            amount_fen=_amount_fen(event),
            message_id=event.message_id,
            sha256=event.sha256,
            group_id=group_id_of(event.message_id, buyer),
            end_to_end=end_to_end_of(name),
            uetr=uetr_of(self.context.origin, name),
            account=event.payee,
            creditor=_creditor(event) or self.accounts[event.payee].number,
            ordered_on=day,
            since=day,
            reports="[]",
            returned_fen=0,
        )
        self.orders[name] = row
        file = self.files.get(event.message_id) or FileRow(
            event.message_id, fact.position, fact.position, day, event.sha256, 0, 0, 0
        )
        self.files[event.message_id] = file._replace(
            last_position=fact.position,
            payments=file.payments + 1,
            amount_fen=file.amount_fen + row.amount_fen,
            waiting=file.waiting + 1,
        )

    def reported(self, fact: Fact, event: Any) -> None:
        row = self.orders[_name(event)]
        since, returned_fen = getattr(event, "value_date", row.since), row.returned_fen
        status = _ENDS.get(type(event), row.status)
        if isinstance(event, PaymentDiverted):
            since = self.context.day(fact.recorded_ms)  # as the law counts it
        if isinstance(event, AdvanceRefunded):
            returned_fen += event.amount_fen
            if returned_fen == row.amount_fen:
                status = "bounced"
            else:
                since = row.since  # the rest stays settled as of its own day
        file = self.files[row.message_id]
        self.files[row.message_id] = file._replace(
            last_position=fact.position,
            waiting=file.waiting - (row.status in _WAITING) + (status in _WAITING),
        )
        self.orders[row.payment] = row._replace(
            last_position=fact.position,
            status=status,
            since=since,
            reports=json.encode([*json.decode(row.reports), event.id]).decode(),
            returned_fen=returned_fen,
        )

    def put(self) -> None:
        sheet = self._sheet
        self.context.put(sheet)
        sheet.put(ORDER, self.orders.values())
        sheet.put(FILE, self.files.values())
        sheet.put(ACCOUNT, [row for row in self.accounts.values() if row not in self._known])
        sheet.put(DEAL, [row for row in self.deals.values() if row not in self._known])


def _contract(fact: Fact) -> str:
    return fact.subject.removeprefix("contract/")


def _name(event: Any) -> str:
    """Return the name among payments of what an event is about."""
    advance = getattr(event, "advance", None)
    name: str = event.payment if advance is None else advance_name(advance)
    return name


def _amount_fen(event: PaymentOrdered | AdvanceOrdered) -> int:
    if isinstance(event, AdvanceOrdered):
        return event.amount_fen
    return event.principal_fen + (0 if event.interest_fen is UNSET else event.interest_fen)


def _creditor(event: PaymentOrdered | AdvanceOrdered) -> str | None:
    """Return the commitment that an order states to the account's number, or None."""
    if isinstance(event, AdvanceOrdered) or event.creditor is UNSET:
        return None
    return event.creditor


def _fold(batch: Batch, sheet: Sheet, _feed: Feed) -> None:
    book = _Book(batch, sheet)
    for fact in batch.events:
        event = fact.event
        book.context.see(event)
        if isinstance(event, AccountDeclared):
            book.declared(fact, event)
        elif isinstance(event, ContractSigned):
            book.deals[event.contract] = DealRow(event.contract, event.buyer)
        elif isinstance(event, _ORDERS):
            book.ordered(fact, event)
        elif isinstance(event, _REPORTS):
            book.reported(fact, event)
    book.put()


BANK_ORDERS = ReadModel(
    name="bank_orders",
    version=2,
    shapes=(*CONTEXT_SHAPES, ORDER, FILE, ACCOUNT, DEAL),
    decoded=CONTEXT_EVENTS | types(AccountDeclared, ContractSigned, *_ORDERS, *_REPORTS),
    counted=frozenset(),
    fold=_fold,
)

# -- the questions -----------------------------------------------------------------------------


def orders_named(
    projections: Answers,
    *,
    names: Collection[str] = (),
    uetrs: Collection[str] = (),
    messages: Collection[str] = (),
    groups: Collection[str] = (),
) -> list[Order]:
    """Return the orders that a bank's file may mean, by the names they have with the bank."""

    def query(reading: Reading) -> list[Order]:
        columns = reading.tables[ORDER].c
        rows = [
            *_where_in(reading, columns.end_to_end, names),
            *_where_in(reading, columns.uetr, uetrs),
            *_where_in(reading, columns.message_id, messages),
            *_where_in(reading, columns.group_id, groups),
        ]
        return list({row.payment: order_of(row) for row in rows}.values())

    return projections.read(BANK_ORDERS, query)


class OrderedFile(Struct, frozen=True):
    """An order file as the orders name it.

    Attributes:
        message_id: its id (ISO 20022 `MsgId`).
        ordered_on: local date of its first order.
        sha256: hash of the file, as its first order states it.
        payments: how many payments it orders, advances among them.
        amount_fen: how much it orders.
        waiting: of its payments, how many the bank has not said a last word on.
        first_position: position of its first order.
        last_position: position of the last event about one of its payments.

    """

    message_id: str
    ordered_on: str
    sha256: str
    payments: int
    amount_fen: int
    waiting: int
    first_position: int
    last_position: int


def list_order_files(
    projections: Answers,
    *,
    waiting: bool = True,
    after: str | None = None,
    limit: int = DEFAULT_LIMIT,
) -> Page[OrderedFile]:
    """Return a page of order files, the oldest first; with `waiting` those the bank has to answer.

    Raises:
        Malformed: `after` is not what a page said.

    """

    def query(reading: Reading) -> Page[OrderedFile]:
        table = reading.tables[FILE]
        where = [table.c.waiting > 0] if waiting else []
        rows, following = page_of(reading.connection, table, where, after, limit)
        return Page(reading.position, tuple(OrderedFile(**row) for row in rows), following)

    return projections.read(BANK_ORDERS, query)


def _where_in(
    reading: Reading, column: ColumnElement[str], values: Iterable[str]
) -> Iterable[OrderRow]:
    table = reading.tables[ORDER]
    for chunk in chunks(sorted({storable(value) for value in values})):
        for row in reading.connection.execute(select(table).where(column.in_(chunk))):
            yield OrderRow(*row)


def order_of(row: OrderRow) -> Order:
    """Return an order as those that read bank files know it."""
    return Order(
        payment=row.payment,
        buyer=row.buyer,
        status=row.status,
        amount_fen=row.amount_fen,
        message_id=row.message_id,
        group_id=row.group_id,
        end_to_end=row.end_to_end,
        uetr=row.uetr,
        account=row.account,
        creditor=row.creditor,
        since=row.since,
        reports=tuple(json.decode(row.reports, type=list[str])),
    )
