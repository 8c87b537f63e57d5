"""The journal as a Beancount file: plain text that any copy of Beancount adds up again.

An event that moved money is a transaction on the local day it was recorded, in the order of the
ledger. An account is named by its fund line and itself, under the root that its kind has there:

    Assets:2026-2080208-Eldercare:Cash                  cash, advances
    Liabilities:2026-2080208-Eldercare:In-transit       what is owed, or on its way
    Equity:2026-2080208-Eldercare:Equity
    Income:…:Penalty-revenue, Expenses:…:Service-expense
    Equity:Authority:2026-2080208-Eldercare:Committed   the authority book, whose stages are no
                                                        money: it balances to zero by itself

The exact names stand as metadata of each `open` directive. Amounts are those of the postings, in
the ledger's currency with two decimals: debits above zero, credits below. The file ends with the
balance of every account on the day after the last, asserted to the fen (`~ 0`).
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from ledger.events.parties import LedgerOpened
from ledger.postings import CHART
from ledger.times import format_date, local_date, parse_date, parse_instant, parse_offset
from projections.journal import JournalRow

ROOTS = {
    "cash": "Assets",
    "advances": "Assets",
    "in_transit": "Liabilities",
    "payable": "Liabilities",
    "retention_payable": "Liabilities",
    "interest_payable": "Liabilities",
    "equity": "Equity",
    "penalty_revenue": "Income",
    "service_expense": "Expenses",
    "bonus_expense": "Expenses",
    "interest_expense": "Expenses",
} | {name: "Equity:Authority" for name, each in CHART.items() if each.book == "authority"}
"""Where each account stands; the authority book is set apart."""

_DAY_BEFORE_ALL = "1970-01-01"
_ESCAPED = {".": "-x2E-", "_": "-x5F-"}
"""What an id may hold and a Beancount account may not."""


def beancount_file(rows: Iterable[JournalRow], opened: LedgerOpened) -> Iterator[bytes]:
    """Yield a Beancount file of the journal of the ledger that was `opened`, event by event."""
    writer = _Writer(opened.currency, parse_offset(opened.utc_offset))
    yield (
        f'option "title" {_quoted(f"Journal of {opened.origin}")}\n'
        f'option "operating_currency" "{opened.currency}"\n'
    ).encode()
    for _, of_event in groupby(rows, key=attrgetter("position")):
        yield writer.transaction(list(of_event)).encode()
    for assertion in writer.assertions():
        yield assertion.encode()


class _Writer:
    """Writes transactions, and knows what every account then holds."""

    def __init__(self, currency: str, offset_minutes: int) -> None:
        self._currency = currency
        self._offset_minutes = offset_minutes
        self._lines: dict[str, str] = {}
        self._balances: dict[tuple[str, str], int] = {}
        self._day = _DAY_BEFORE_ALL

    def transaction(self, rows: list[JournalRow]) -> str:
        """Return the transaction of one event, behind what opens its accounts."""
        first = rows[0]
        self._day = local_date(parse_instant(first.recorded), self._offset_minutes)
        opened = [
            f"\n{self._day} open {self._account(row)} {self._currency}\n"
            f"  line: {_quoted(row.line)}\n  account: {_quoted(row.account)}\n"
            for row in rows
            if self._is_new(row)
        ]
        links = "".join(f" ^{each}" for each in sorted({row.contract for row in rows} - {""}))
        told: dict[str, str | int] = {
            "event": first.event,
            "position": first.position,
            "at": first.at,
            "recorded": first.recorded,
            "statement": first.statement,
            "signers": first.signers,
            "roles": first.roles,
            "keys": first.keys,
            "leaf": first.leaf,
            "evidence": first.evidence,
        }
        lines = [f'\n{self._day} * "{first.type}"{links}\n']
        lines += [f"  {name}: {_value(each)}\n" for name, each in told.items() if each != ""]
        lines += [self._posting(row) for row in rows]
        return "".join(opened + lines)

    def assertions(self) -> Iterator[str]:
        """Yield the balance of every account on the day after the last."""
        day = format_date(parse_date(self._day) + 1)
        yield "\n"
        for (line, account), debited_fen in sorted(self._balances.items()):
            name = f"{ROOTS[account]}:{self._lines[line]}:{_component(account)}"
            yield f"{day} balance {name} {_amount(debited_fen)} ~ 0 {self._currency}\n"

    def _is_new(self, row: JournalRow) -> bool:
        key = (row.line, row.account)
        is_new = key not in self._balances
        self._balances.setdefault(key, 0)
        return is_new

    def _posting(self, row: JournalRow) -> str:
        change_fen = row.debit_fen - row.credit_fen
        self._balances[row.line, row.account] += change_fen
        about = f"    contract: {_quoted(row.contract)}\n" if row.contract else ""
        return f"  {self._account(row)} {_amount(change_fen)} {self._currency}\n{about}"

    def _account(self, row: JournalRow) -> str:
        if row.line not in self._lines:
            self._lines[row.line] = self._name_of(row.line)
        return f"{ROOTS[row.account]}:{self._lines[row.line]}:{_component(row.account)}"

    def _name_of(self, line: str) -> str:
        """Return a name that no other fund line has, however odd their ids are."""
        name = wanted = _component("".join(_ESCAPED.get(each, each) for each in line))
        taken, number = {each.lower() for each in self._lines.values()}, 1
        while name.lower() in taken:
            number += 1
            name = f"{wanted}-{number}"
        return name


def _component(text: str) -> str:
    """Return a part of an account's name: it begins with a capital or a digit."""
    return text[0].upper() + text[1:].replace("_", "-")


def _amount(fen: int) -> str:
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole}.{rest:02}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _value(each: str | int) -> str:
    return str(each) if isinstance(each, int) else _quoted(each)
