"""The tables of contracts, funds and published processes, for people."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from rich.text import Text

from api.cli.console import Column, Console
from api.codes import ACCOUNTS, CONTRACT_STATUS
from api.telling import NOTHING
from api.text import _

if TYPE_CHECKING:
    from projections.contracts import Contract, ContractFile
    from projections.funds import Fund, FundMonth, PublishedProcess

_EMPTY = (None, "", NOTHING)
_ACCOUNTS = ("appropriated", "allotted", "reserved", "committed", "accrued", "paid")


def show_contracts(console: Console, contracts: Sequence["Contract"]) -> None:
    """Print the list of contracts, each with how much of its value was paid."""
    amount, title, facts = _amounts(
        console,
        {each.currency for each in contracts},
        (_("Contracts"), _("Contracts, in {currency}")),
    )
    console.table(
        title,
        [
            Column(_("contract"), style="bold", whole=True),
            Column(_("status")),
            Column(_("provider")),
            Column(_("value"), "right"),
            Column(_("accrued"), "right"),
            Column(_("paid"), "right"),
            Column(_("share paid"), whole=True),
        ],
        [
            [
                each.contract,
                _status(console, each),
                ", ".join(console.name(party.names, party.id) for party in each.providers),
                amount(each.value_minor, each.currency),
                amount(each.accrued_minor, each.currency),
                amount(each.paid_minor, each.currency),
                console.bar(each.paid_minor, each.value_minor),
            ]
            for each in contracts
        ],
        **facts,
    )


def show_funds(console: Console, funds: Sequence["Fund"]) -> None:
    """Print the list of fund lines: where each fen of authority stands."""
    amount, title, facts = _amounts(
        console,
        {each.currency for each in funds},
        (_("Fund lines"), _("Fund lines, in {currency}")),
    )
    console.table(
        title,
        [
            Column(_("line"), style="bold", whole=True),
            Column(_("granted"), "right"),
            *(Column(ACCOUNTS[account], "right") for account in _ACCOUNTS),
            Column(_("share paid"), whole=True),
        ],
        [
            [
                each.line,
                amount(_granted(each), each.currency),
                *(amount(each.balances[account], each.currency) for account in _ACCOUNTS),
                console.bar(each.balances["paid"], _granted(each)),
            ]
            for each in funds
        ],
        **facts,
    )


def show_processes(console: Console, processes: Sequence["PublishedProcess"]) -> None:
    """Print what others published, if there is any: what they say, not what happened here."""
    if not processes:
        return
    console.table(
        _("Reported by others"),
        [
            Column(_("process"), style="bold"),
            Column(_("publisher")),
            Column(_("stage")),
            Column(_("contracts"), "right"),
            Column(_("planned"), "right"),
            Column(_("committed"), "right"),
            Column(_("paid"), "right"),
        ],
        [
            [
                process.ocid,
                ", ".join(process.publishers),
                process.stage,
                console.number(process.contracts),
                *(
                    "\n".join(_money(console, amount, currency) for amount, currency in column)
                    or NOTHING
                    for column in (
                        [(money.planned_minor, money.currency) for money in process.money],
                        [(money.committed_minor, money.currency) for money in process.money],
                        [(money.paid_minor, money.currency) for money in process.money],
                    )
                ),
            ]
            for process in processes
        ],
    )


def show_contract(console: Console, found: "ContractFile") -> None:
    """Print all that is known of one contract."""
    each = found.contract
    show_contracts(console, [each])
    facts = {
        _("number"): each.number,
        _("title"): console.name(each.titles, None),
        _("published by"): ", ".join(each.publishers),
        _("ocid"): each.ocid,
        _("programme"): each.programme,
        _("tender"): each.tender,
        _("award"): each.award,
        _("buyer"): None if each.buyer is None else console.name(each.buyer.names, each.buyer.id),
        _("signed"): each.signed_on,
        _("term"): None if each.starts_on is None else f"{each.starts_on} – {each.ends_on or ''}",
        _("published"): each.published_on,
        _("closed"): each.closed_on,
        _("visits"): console.number(each.visits) if each.visits else None,
        _("claims"): console.number(each.claims) if each.claims else None,
        _("cut"): _money(console, each.cut_minor or None, each.currency),
        _("disputed"): _money(console, each.disputed_minor or None, each.currency),
    }
    rows = [[console.tell(name), value] for name, value in facts.items() if value not in _EMPTY]
    console.table(_("Facts"), [Column(_("what")), Column(_("value"))], rows)
    for line in found.lines:
        _show_accounts(console, line.line, line.balances, each.currency)
    if found.defects:
        from ledger.intake.defects import sentence

        console.table(
            _("Defects of what was published"),
            [Column(_("where")), Column(_("what"))],
            [[defect.path, sentence(defect)] for defect in found.defects],
        )
    if found.reports:
        console.table(
            _("Reports"),
            [
                Column(_("position"), "right"),
                Column(_("publisher")),
                Column(_("release")),
                Column(_("date")),
                Column(_("standing")),
            ],
            [
                [
                    str(report.position),
                    report.publisher,
                    report.release_id or NOTHING,
                    report.date,
                    report.standing,
                ]
                for report in found.reports
            ],
        )


def show_fund(console: Console, each: "Fund", months: Sequence["FundMonth"] = ()) -> None:
    """Print one fund line with every account that holds something, and what moved by month."""
    show_funds(console, [each])
    _show_accounts(console, each.line, each.balances, each.currency)
    if not months:
        return
    stages = _ACCOUNTS[1:]
    console.table(
        _("By month, net of what was taken back, in {currency}"),
        [Column(_("month")), *(Column(ACCOUNTS[stage], "right") for stage in stages)],
        [
            [
                month.month,
                *(
                    console.figure(amount_fen, each.currency)
                    for amount_fen in (
                        month.allotted_fen,
                        month.reserved_fen,
                        month.committed_fen,
                        month.accrued_fen,
                        month.paid_fen,
                    )
                ),
            ]
            for month in months
        ],
        currency=each.currency,
    )


def _show_accounts(console: Console, line: str, balances: Mapping[str, int], currency: str) -> None:
    """Print what the accounts of a line hold; those that hold nothing are left out."""
    rows: list[list[str | Text]] = [
        [account, console.money(balance_fen, currency)]
        for account, balance_fen in balances.items()
        if balance_fen
    ]
    console.table(line, [Column(_("account")), Column(_("balance"), "right")], rows)


def _amounts(
    console: Console, currencies: AbstractSet[str], titles: tuple[str, str]
) -> tuple[Callable[[int | None, str], str], str, dict[str, str]]:
    """Return how amounts are written, and the title: one currency is named there, once."""
    plain, with_currency = titles
    if len(currencies) != 1:
        return (lambda amount, currency: _money(console, amount, currency)), plain, {}

    def write(amount: int | None, currency: str) -> str:
        return NOTHING if amount is None else console.figure(amount, currency)

    return write, with_currency, {"currency": next(iter(currencies))}


def _granted(fund: "Fund") -> int:
    """Return all authority granted to a line: its sources are debited, hence below zero."""
    sources = ("source_original", "source_adjusted", "source_carried")
    return -sum(fund.balances[source] for source in sources)


def _status(console: Console, each: "Contract") -> str:
    if each.origin == "native":
        return console.tell(CONTRACT_STATUS.get(each.status, each.status))
    return console.tell(_("{status} (reported)"), status=each.status or NOTHING)


def _money(console: Console, amount: int | None, currency: str) -> str:
    return NOTHING if amount is None else console.money(amount, currency)
