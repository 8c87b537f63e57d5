"""The chart of accounts, and what a posting is.

Government accounting keeps two books that check each other: the *authority book* (指标账: what may
still be spent, and at which stage each fen of authority stands) and the *proprietary book*
(财务账: cash, payables, expense). A posting debits one account and credits another of the same
book on one fund line, so each line balances to zero in each book after every event.

The stages are those of IMF Technical Note 16/02 and of the US Standard General Ledger (4450
apportionment, 4610 allotment, 4700 commitment, 4801/4802 obligation, 4901/4902 expenditure), run
as in China's treasury central payment.

Each account keeps its balances by what it is about: the fund line alone, a tender's lot, or a
contract.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

Book = Literal["authority", "proprietary"]
About = Literal["line", "lot", "contract"]


class Account(NamedTuple):
    """An account of the chart.

    Attributes:
        name: what it is called.
        book: authority or proprietary.
        debit_normal: whether debits raise its balance.
        guarded: whether it may never fall below zero.
        about: what its balances are kept by, within a fund line.

    """

    name: str
    book: Book
    debit_normal: bool
    guarded: bool
    about: About


def _authority(name: str, about: About, *, guarded: bool = True) -> Account:
    return Account(name, "authority", debit_normal=False, guarded=guarded, about=about)


def _proprietary(name: str, about: About, *, debit: bool, guarded: bool) -> Account:
    return Account(name, "proprietary", debit_normal=debit, guarded=guarded, about=about)


CHART: dict[str, Account] = {
    account.name: account
    for account in (
        # Sources: authority granted. Debited only, so their balances are below zero.
        _authority("source_original", "line", guarded=False),
        _authority("source_adjusted", "line", guarded=False),
        _authority("source_carried", "line", guarded=False),
        # Where each fen of authority stands.
        _authority("appropriated", "line"),
        _authority("allotted", "line"),
        _authority("reserved", "lot"),
        _authority("committed", "contract"),
        _authority("prepaid", "contract"),
        _authority("accrued", "contract"),
        _authority("retained", "contract"),
        _authority("ordered", "contract"),
        _authority("advance_ordered", "contract"),
        _authority("interest_ordered", "contract"),
        _authority("paid", "contract"),
        _authority("interest_paid", "contract"),
        _authority("lapsed", "line"),
        _authority("carried", "line"),
        # Cash, what is owed, and what it was for.
        _proprietary("cash", "line", debit=True, guarded=False),
        _proprietary("in_transit", "contract", debit=False, guarded=True),
        _proprietary("advances", "contract", debit=True, guarded=True),
        _proprietary("payable", "contract", debit=False, guarded=True),
        _proprietary("retention_payable", "contract", debit=False, guarded=True),
        _proprietary("interest_payable", "contract", debit=False, guarded=True),
        _proprietary("equity", "line", debit=False, guarded=False),
        _proprietary("penalty_revenue", "line", debit=False, guarded=True),
        _proprietary("service_expense", "contract", debit=True, guarded=False),
        _proprietary("bonus_expense", "contract", debit=True, guarded=False),
        _proprietary("interest_expense", "contract", debit=True, guarded=False),
    )
}
"""Every account of the two books, in the order of the money's way."""

SOURCES = ("source_original", "source_adjusted", "source_carried")
STAGES = ("allotted", "reserved", "committed", "accrued", "paid")
"""How far money of the budget comes, in the order in which it does."""

_EXPENSES = frozenset({"service_expense", "bonus_expense"})
_WAY: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "allotted": (frozenset({"appropriated", *SOURCES}), frozenset({"allotted"})),
    "reserved": (frozenset({"allotted", "source_carried"}), frozenset({"reserved"})),
    "committed": (frozenset({"allotted", "reserved", "source_carried"}), frozenset({"committed"})),
    "accrued": (_EXPENSES, frozenset(CHART) - _EXPENSES),
    "paid": (frozenset(CHART) - {"paid"}, frozenset({"paid"})),
}
"""Money comes to a stage where one of the first accounts is debited and one of the others credited.

The other way round it goes back. What a year carries over stands at its stage at once.
"""

GUARDED = frozenset(a.name for a in CHART.values() if a.guarded)
GUARDED_AUTHORITY = tuple(a.name for a in CHART.values() if a.book == "authority" and a.guarded)
CONTRACT_STAGES = (
    "committed",
    "prepaid",
    "advance_ordered",
    "accrued",
    "retained",
    "ordered",
    "paid",
)
"""Where a fen that was committed to a contract can stand (invariant I6)."""


class Posting(NamedTuple):
    """Money, or authority, moving from one account to another of one fund line.

    Attributes:
        debit: the account debited.
        credit: the account credited.
        line: the fund line.
        amount_fen: how much, above zero.
        contract: the contract it is about, or None.
        lot: the tender lot it is about, `<tender>/<lot>`, or None.

    """

    debit: str
    credit: str
    line: str
    amount_fen: int
    contract: str | None = None
    lot: str | None = None

    def about(self, account: Account) -> str | None:
        """Return what the balance of `account` that this posting moves is kept by."""
        if account.about == "contract":
            return self.contract
        return self.lot if account.about == "lot" else None


def stages_of(debit: str, credit: str) -> Iterator[tuple[str, int]]:
    """Yield each of `STAGES` that a posting brings money to, with 1, or takes it from, with -1."""
    for stage, (debited, credited) in _WAY.items():
        if debit in debited and credit in credited:
            yield stage, 1
        elif credit in debited and debit in credited:
            yield stage, -1
