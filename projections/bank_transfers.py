"""What the bank is to be told: the transfers of orders, and of payments that are to be ordered.

Two ways lead to an order file. A payment that is *approved*, or an advance that finance *wants*
(nothing comes before its order), is put into a new file, and the order that finance signs names
that file's MsgId and hash. A payment that is *ordered* is in the file that its order names: the
same payments, accounts and names give that file again, to the byte.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from msgspec import json
from sqlalchemy import ColumnElement, select

from ledger.bank.accounts import MAX_NUMBER_CHARS, Accounts
from ledger.bank.advances import WantedAdvance
from ledger.bank.orders import MAX_TRANSFERS, Order, OrderFile, Side, Transfer
from ledger.bank.references import advance_in, advance_name
from ledger.bank.stream import is_date
from ledger.errors import LedgerError
from ledger.intake.reading import storable
from projections.bank_orders import (
    ACCOUNT,
    BANK_ORDERS,
    DEAL,
    ORDER,
    AccountRow,
    OrderRow,
    order_of,
)
from projections.chunks import chunks
from projections.context import LEDGER, PARTY, LedgerRow, decode_names
from projections.engine import Projections
from projections.payments import PAYMENTS
from projections.payments.tables import CLAIM, PAYMENT, ClaimRow, PaymentRow
from projections.reading import Answers, Reading
from projections.shape import Shape

_LANGUAGES = ("zh", "en")
"""In which language a bank is told a name, the first that there is."""

_MINUTES = 60


class Choice(NamedTuple):
    """Which payments: those that fulfil every condition that is set.

    Attributes:
        payments: by id; an advance by `advance/` and its id.
        contracts: under these contracts.
        day: local date on which they were ordered, or approved.
        message: by the order file.

    """

    payments: Collection[str] | None = None
    contracts: Collection[str] | None = None
    day: str | None = None
    message: str | None = None


class NewOrder(NamedTuple):
    """A payment that is approved, or an advance that is wanted, with what an order would say.

    Attributes:
        transfer: what the bank is told.
        principal_fen: of what is owed; of an advance all of it.
        interest_fen: all interest owed on its claims.
        payee: token of the account.
        creditor: commitment to the account's number.

    """

    transfer: Transfer
    principal_fen: int
    interest_fen: int
    payee: str
    creditor: str


class Terms(NamedTuple):
    """The ledger's own terms: its name, currency and local time (`+08:00`)."""

    origin: str
    currency: str
    offset: str


def terms_of(projections: Answers) -> Terms:
    """Return the ledger's own terms.

    Raises:
        LedgerError: nothing is in the ledger.

    """
    return projections.read(BANK_ORDERS, _terms)


def ordered_files(
    projections: Answers, choice: Choice, accounts: Accounts
) -> Iterator[tuple[OrderFile, str]]:
    """Yield the files of the orders chosen, one a MsgId, each with the hash its orders state.

    Where none is chosen by id or file, they are those on which the bank has not said a last word.
    A file holds all that was ordered by it, also what was not chosen: it is the file as ordered.

    Raises:
        LedgerError: a payment that was chosen by id is not with the bank, or a token is longer
            than a bank takes.

    """
    messages = projections.read(BANK_ORDERS, lambda reading: _messages(reading, choice))
    for message in messages:
        yield projections.read(BANK_ORDERS, partial(_file, message=message, accounts=accounts))


def new_orders(projections: Projections, choice: Choice, accounts: Accounts) -> list[NewOrder]:
    """Return the payments chosen that are approved, each with what its order would say.

    Raises:
        LedgerError: one that was chosen by id is not approved, or is not what its claims come to.

    """

    def query(readings: tuple[Reading, ...]) -> list[NewOrder]:
        bank, payments = readings
        return _new_orders(bank, payments, choice, accounts)

    return projections.read_together((BANK_ORDERS, PAYMENTS), query)


def new_advances(
    projections: Answers, wanted: Sequence[WantedAdvance], accounts: Accounts
) -> list[NewOrder]:
    """Return the advances that finance wants to pay, with what their orders would say.

    Whether the contract, its fund lines and the account allow it, the law tells at the order.

    Raises:
        LedgerError: one was ordered already, or names a contract or an account that is not there.

    """
    return projections.read(BANK_ORDERS, lambda bank: _new_advances(bank, wanted, accounts))


# -- orders that are there ---------------------------------------------------------------------


def _messages(reading: Reading, choice: Choice) -> list[str]:
    """Return the files of the orders chosen, in the order in which they were ordered."""
    columns = reading.tables[ORDER].c
    where: list[ColumnElement[bool]] = []
    if choice.payments is None and choice.message is None:
        where.append(columns.status.in_(("ordered", "diverted")))
    if choice.message is not None:
        where.append(columns.message_id == storable(choice.message))
    if choice.day is not None:
        where.append(columns.ordered_on == choice.day)
    if choice.payments is not None:
        rows = _rows(reading, ORDER, "payment", choice.payments, where)
        _check_found(choice.payments, {row.payment: row.status for row in rows})
    else:
        query = select(reading.tables[ORDER]).where(*where)
        rows = [OrderRow(*row) for row in reading.connection.execute(query)]
    if choice.contracts is not None:
        rows = [row for row in rows if row.contract in choice.contracts]
    rows.sort(key=lambda row: row.first_position)
    return list(dict.fromkeys(row.message_id for row in rows))


def _check_found(wanted: Iterable[str], statuses: dict[str, str]) -> None:
    for payment in wanted:
        if payment not in statuses:
            advance = advance_in(payment)
            if advance is not None:
                raise LedgerError(
                    f"the advance {advance} was not ordered: `--advances` writes the file of one "
                    "that is to be ordered"
                )
            raise LedgerError(
                f"the payment {payment} was not ordered: `sunledger show payment {payment}` tells "
                "how far it got"
            )


def _file(reading: Reading, message: str, accounts: Accounts) -> tuple[OrderFile, str]:
    rows = _rows(reading, ORDER, "message_id", [message])
    rows.sort(key=lambda row: (row.buyer, row.payment))
    if len(rows) > MAX_TRANSFERS:
        raise LedgerError(f"the order file {message} has more than {MAX_TRANSFERS:,} payments")
    terms = _terms(reading)
    sides = _Sides(reading, accounts, [row.account for row in rows], {row.buyer for row in rows})
    transfers = tuple(_transfer(sides, order_of(row), row.contract) for row in rows)
    day = _day_of(message) or rows[0].ordered_on
    file = OrderFile(terms.origin, message, day, terms.offset, terms.currency, transfers)
    return file, rows[0].sha256


def _transfer(sides: "_Sides", order: Order, contract: str) -> Transfer:
    return Transfer(
        order.payment,
        contract,
        order.amount_fen,
        sides.debtor(order.buyer),
        sides.creditor(order.account, order.creditor),
    )


def _day_of(message: str) -> str | None:
    """Return the day that a MsgId of ours begins with, or None for another."""
    digits, hyphen, rest = message.partition("-")
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    return day if hyphen and rest.isalnum() and is_date(day) else None


# -- orders to come ----------------------------------------------------------------------------


def _new_orders(
    bank: Reading, reading: Reading, choice: Choice, accounts: Accounts
) -> list[NewOrder]:
    rows = _approved(reading, choice)
    claims = {row.payment: json.decode(row.claims, type=list[str]) for row in rows}
    names = {claim for each in claims.values() for claim in each}
    sums = {row.claim: row for row in _rows(reading, CLAIM, "claim", names)}
    sides = _Sides(bank, accounts, [row.payee for row in rows], {row.buyer for row in rows})
    return [_new_order(row, [sums[each] for each in claims[row.payment]], sides) for row in rows]


def _approved(reading: Reading, choice: Choice) -> list[PaymentRow]:
    columns = reading.tables[PAYMENT].c
    where: list[ColumnElement[bool]] = []
    if choice.day is not None:
        where.append(columns.approved_on == choice.day)
    if choice.payments is not None:
        rows = _rows(reading, PAYMENT, "payment", choice.payments, where)
        statuses = {row.payment: row.status for row in rows}
        for payment in choice.payments:
            status = statuses.get(payment, "unknown")
            if status != "approved":
                raise LedgerError(f"the payment {payment} is {status}; approved ones are ordered")
    else:
        query = select(reading.tables[PAYMENT]).where(columns.status == "approved", *where)
        rows = [PaymentRow(*row) for row in reading.connection.execute(query)]
    if choice.contracts is not None:
        rows = [row for row in rows if row.contract in choice.contracts]
    return sorted(rows, key=lambda row: row.payment)


def _new_advances(
    bank: Reading, wanted: Sequence[WantedAdvance], accounts: Accounts
) -> list[NewOrder]:
    named = [advance_name(each.advance) for each in wanted]
    contracts, accounts_named = {w.contract for w in wanted}, {w.payee for w in wanted}
    ordered = {row.payment: row for row in _rows(bank, ORDER, "payment", named)}
    deals = {row.contract: row for row in _rows(bank, DEAL, "contract", contracts)}
    payees = {row.account for row in _rows(bank, ACCOUNT, "account", accounts_named)}
    for each, name in zip(wanted, named, strict=True):
        if name in ordered:
            raise LedgerError(
                f"the advance {each.advance} is {ordered[name].status} already: an advance is "
                "ordered once, another has an id of its own"
            )
        if each.contract not in deals:
            raise LedgerError(
                f"the advance {each.advance} is to be paid under {each.contract}, which is no "
                "contract of this ledger: `sunledger show contract` lists those that there are"
            )
        if each.payee not in payees:
            raise LedgerError(
                f"the advance {each.advance} is to be paid to the account {each.payee}, which "
                "nobody declared: the provider declares it first (`account.declared`)"
            )
    buyers = {row.buyer for row in deals.values()}
    sides = _Sides(bank, accounts, payees, buyers)
    return [_new_advance(each, deals[each.contract].buyer, sides) for each in wanted]


def _new_advance(wanted: WantedAdvance, buyer: str, sides: "_Sides") -> NewOrder:
    commitment = sides.commitment(wanted.payee)
    transfer = Transfer(
        advance_name(wanted.advance),
        wanted.contract,
        wanted.amount_fen,
        sides.debtor(buyer),
        sides.creditor(wanted.payee, commitment),
    )
    return NewOrder(transfer, wanted.amount_fen, 0, wanted.payee, commitment)


def _new_order(row: PaymentRow, sums: Sequence[ClaimRow], sides: "_Sides") -> NewOrder:
    payable_fen = sum(each.payable_fen for each in sums)
    if row.principal_fen not in (0, payable_fen):
        raise LedgerError(
            f"the payment {row.payment} was asked for over {row.principal_fen} fen, and its claims "
            f"come to {payable_fen} fen by now: return it, so that it is asked for anew"
        )
    interest_fen = sum(each.interest_owed_fen for each in sums)
    if row.principal_fen + interest_fen == 0:
        raise LedgerError(f"the payment {row.payment} has nothing to pay: return it")
    commitment = sides.commitment(row.payee)
    transfer = Transfer(
        row.payment,
        row.contract,
        row.principal_fen + interest_fen,
        sides.debtor(row.buyer),
        sides.creditor(row.payee, commitment),
    )
    return NewOrder(transfer, row.principal_fen, interest_fen, row.payee, commitment)


# -- both --------------------------------------------------------------------------------------


class _Sides:
    """Names and accounts of those that pay and are paid."""

    def __init__(
        self, reading: Reading, accounts: Accounts, payees: Collection[str], buyers: Collection[str]
    ) -> None:
        self._accounts = accounts
        rows: list[AccountRow] = _rows(reading, ACCOUNT, "account", payees)
        self._declared = {row.account: row for row in rows}
        parties = {*buyers, *(row.party for row in rows)}
        self._names = {
            row.party: decode_names(row.names) for row in _rows(reading, PARTY, "party", parties)
        }

    def commitment(self, account: str) -> str:
        return self._declared[account].number

    def debtor(self, buyer: str) -> Side:
        given = self._accounts.debtor(buyer)
        if given is None:
            return Side(buyer, self._name(buyer), _token(buyer), "", by_token=True)
        name = given.name or self._name(buyer)
        return Side(buyer, name, given.number, given.bank, by_token=False)

    def creditor(self, account: str, commitment: str) -> Side:
        declared = self._declared[account]
        number = self._accounts.number_of(account, commitment)
        return Side(
            declared.party,
            self._name(declared.party),
            _token(account) if number is None else number,
            declared.bank,
            by_token=number is None,
        )

    def _name(self, party: str) -> str:
        names = self._names.get(party, {})
        known = [names[each] for each in _LANGUAGES if each in names]
        return next(iter([*known, *names.values()]), party)


def _token(token: str) -> str:
    if len(token) > MAX_NUMBER_CHARS:
        raise LedgerError(
            f"the account of {token} is longer than the {MAX_NUMBER_CHARS} characters that a bank "
            "takes: give its number by `--accounts`"
        )
    return token


def _terms(reading: Reading) -> Terms:
    row = next(iter(reading.connection.execute(select(reading.tables[LEDGER]))), None)
    if row is None:
        raise LedgerError("there is nothing in this ledger yet")
    ledger = LedgerRow(*row)
    sign = "-" if ledger.offset_minutes < 0 else "+"
    hours, minutes = divmod(abs(ledger.offset_minutes), _MINUTES)
    return Terms(ledger.origin, ledger.currency, f"{sign}{hours:02}:{minutes:02}")


def _rows(
    reading: Reading,
    shape: Shape[Any],
    column: str,
    values: Iterable[str],
    where: Sequence[ColumnElement[bool]] = (),
) -> list[Any]:
    table = reading.tables[shape]
    found = []
    for chunk in chunks(sorted({storable(value) for value in values})):
        query = select(table).where(table.c[column].in_(chunk), *where)
        found += [shape.row(*row) for row in reading.connection.execute(query)]
    return found
