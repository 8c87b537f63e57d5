"""A contract, a fund line or a payment at two points of its history, figure beside figure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from api.text import _
from ledger.postings import CHART
from projections.contracts import ContractFile
from projections.funds import FundFile
from projections.payments import PaymentFile

Kind = Literal["contract", "line", "payment"]
Sort = Literal["money", "count", "date", "rate", "status", "waits", "text"]
"""How a figure is told: an amount, a number, a date, a rate, codes of the kind, or as it is."""

Value = int | str | None


class Figure(Struct, frozen=True):
    """A figure at both points.

    Attributes:
        name: what it is: a message of the catalogue, or an account.
        about: of what: a line or a sum; empty for the thing itself.
        sort: how it is told.
        then: at the first point; None where there was none.
        now: at the second, likewise.

    """

    name: str
    about: str
    sort: Sort
    then: Value
    now: Value

    @property
    def differs(self) -> bool:
        """Whether the two are not the same."""
        return self.then != self.now


_Told = dict[tuple[str, str], tuple[Sort, Value]]
"""Sort and value of each figure, by its name and what it is about."""


def of_contract(file: ContractFile) -> _Told:
    """Return the figures of a contract."""
    each = file.contract
    told: _Told = {
        (_("status"), ""): ("status", each.status),
        (_("value"), ""): ("money", each.value_minor),
        (_("accrued"), ""): ("money", each.accrued_minor),
        (_("paid"), ""): ("money", each.paid_minor),
        (_("claimed"), ""): ("money", each.claimed_minor),
        (_("cut"), ""): ("money", each.cut_minor),
        (_("in dispute"), ""): ("money", each.disputed_minor),
        (_("claims"), ""): ("count", each.claims),
        (_("visits"), ""): ("count", each.visits),
        (_("last day"), ""): ("date", each.ends_on),
    }
    for line in file.lines:
        told[_("bears"), line.line] = ("rate", line.share_ppm)
        told.update(_balances(line.balances, line.line))
    return told


def of_line(file: FundFile) -> _Told:
    """Return the figures of a fund line: every account."""
    return _balances(file.fund.balances, "")


def of_payment(file: PaymentFile) -> _Told:
    """Return the figures of a payment and of its sums."""
    each = file.payment
    told: _Told = {
        (_("status"), ""): ("status", each.status),
        (_("waits for"), ""): ("waits", each.waits_for),
        (_("principal"), ""): ("money", each.principal_fen),
        (_("interest"), ""): ("money", each.interest_fen),
        (_("ordered"), ""): ("money", each.ordered_fen),
        (_("paid"), ""): ("money", each.paid_fen),
        (_("due"), ""): ("date", each.due_on),
        (_("days late"), ""): ("count", each.days_late),
        (_("value date"), ""): ("date", each.value_date),
        (_("reason"), ""): ("text", each.reason),
    }
    for owed in file.claims:
        claim = owed.claim
        told[_("to be paid"), claim.claim] = ("money", claim.payable_fen)
        told[_("interest booked"), claim.claim] = ("money", claim.interest_booked_fen)
        told[_("paid"), claim.claim] = ("money", claim.paid_fen)
    return told


def compare(then: _Told | None, now: _Told | None) -> tuple[Figure, ...]:
    """Return the figures of both points, in the order of the later one."""
    before, after = then or {}, now or {}
    return tuple(_figures(list(dict.fromkeys([*after, *before])), before, after))


def _figures(keys: Sequence[tuple[str, str]], before: _Told, after: _Told) -> Iterator[Figure]:
    for name, about in sorted(keys, key=lambda key: key[1]):
        sort, value = before.get((name, about), _left_out(name, before))
        later, other = after.get((name, about), _left_out(name, after))
        yield Figure(name, about, later or sort or "text", value, other)


def _left_out(name: str, told: _Told) -> tuple[Sort | None, Value]:
    """Return what a figure is that a record leaves out: an account without a balance holds 0."""
    return ("money", 0) if told and name in CHART else (None, None)


def _balances(balances: Mapping[str, int], about: str) -> _Told:
    return {
        (account, about): ("money", balances[account]) for account in CHART if account in balances
    }
