"""`sunledger export pain001`: order files for the bank, and the orders that name them."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from api.cli.asking_past import missing
from api.cli.console import Column
from api.cli.options import Accounts, Db, Json, ReadModels, example
from api.cli.session import Session, now_ms, write_file
from api.text import _
from ledger.bank.references import advance_in
from ledger.errors import LedgerError, Malformed
from ledger.times import local_date, parse_date, parse_offset

if TYPE_CHECKING:
    from ledger.bank.advances import WantedAdvance
    from ledger.bank.orders import OrderFile
    from projections.bank_transfers import Choice, NewOrder
    from projections.engine import Projections

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


def add_to(group: typer.Typer) -> None:
    """Add the command to the group `export`."""
    group.command(
        "pain001",
        help=_(
            "Write order files for the bank (ISO 20022 pain.001.001.09): of what is ordered and "
            "not answered yet; or with --approved or --advances of what is to be ordered, with the "
            "orders to be signed, which name the file and its hash."
        ),
        epilog=example("sunledger export pain001 --approved --accounts accounts.ndjson --out bank"),
    )(pain001)


def pain001(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help=_("The folder of the files; they are named by id."))],
    payments: Annotated[
        list[str] | None,
        typer.Option(
            help=_("Only these payments, an advance as advance/ID; may be given several times.")
        ),
    ] = None,
    contract: Annotated[str | None, typer.Option(help=_("Only under this contract."))] = None,
    line: Annotated[
        str | None, typer.Option(help=_("Only under contracts that this fund line pays."))
    ] = None,
    day: Annotated[
        str | None, typer.Option(help=_("Only what was ordered, or approved, on this day."))
    ] = None,
    approved: Annotated[
        bool, typer.Option("--approved", help=_("What is approved, to be ordered now."))
    ] = False,
    advances: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help=_("Advances to be ordered now: JSON lines (docs/banks.md)."),
        ),
    ] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", help=_("The day the bank is to carry new orders out; else today.")),
    ] = None,
    accounts: Accounts = None,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Write order files."""
    session = Session(ctx, as_json, db=db, projections=read_models, accounts=accounts)
    from projections.bank_orders import BANK_ORDERS
    from projections.bank_transfers import Choice, new_advances, new_orders
    from projections.contracts import CONTRACTS
    from projections.funds import FUNDS
    from projections.payments import PAYMENTS

    for date in (day, on):
        _check_date(date)
    chooses = bool(payments or contract or line or day)
    wanted = _wanted(advances, chooses_in_vain=chooses and not approved)
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(BANK_ORDERS.name, PAYMENTS.name, CONTRACTS.name, FUNDS.name)
        chosen = Choice(payments or None, _contracts(projections, contract, line), day)
        if approved or wanted is not None:
            numbers = session.accounts()
            orders = new_orders(projections, chosen, numbers) if approved else []
            orders += new_advances(projections, wanted or (), numbers)
            written = _order(projections, orders, on, out)
        else:
            written = _ordered(session, projections, chosen, out)
    _report(session, written)


def _wanted(path: Path | None, *, chooses_in_vain: bool) -> "list[WantedAdvance] | None":
    """Return the advances that are to be ordered, or None where none were given."""
    if path is None:
        return None
    if chooses_in_vain:
        told = _("All of them are ordered; what chooses payments goes with --approved.")
        raise typer.BadParameter(told, param_hint="--advances")
    from ledger.bank.advances import read_advances

    return read_advances(path.read_bytes())


def _ordered(
    session: Session, projections: "Projections", choice: "Choice", out: Path
) -> list[dict[str, object]]:
    """Write the files of what was ordered, again."""
    from ledger.bank.pain001 import write
    from projections.bank_transfers import ordered_files

    written = []
    for file, stated in ordered_files(projections, choice, session.accounts()):
        data = write(file)
        row = _document(file, data, _write(out, file.message_id, "xml", data))
        written.append({**row, "as_ordered": row["sha256"] == stated})
    return written


def _order(
    projections: "Projections", orders: list["NewOrder"], on: str | None, out: Path
) -> list[dict[str, object]]:
    """Write new files with the orders that name them."""
    from ledger.bank.orders import files_of
    from ledger.bank.pain001 import write
    from projections.bank_transfers import terms_of

    terms = terms_of(projections)
    day = on or local_date(now_ms(), parse_offset(terms.offset))
    found = {each.transfer.payment: each for each in orders}
    transfers = [each.transfer for each in found.values()]
    written = []
    for file in files_of(terms.origin, day, terms.offset, terms.currency, transfers):
        data = write(file)
        row = _document(file, data, _write(out, file.message_id, "xml", data))
        drafts = [
            _draft(found[each.payment], file.message_id, str(row["sha256"]))
            for each in file.transfers
        ]
        path = _write(out, file.message_id, "ndjson", b"".join(drafts))
        written.append({**row, "orders": str(path)})
    return written


def _draft(order: "NewOrder", message_id: str, sha256: str) -> bytes:
    """Return the order of a payment or an advance, ready for `sunledger sign`."""
    transfer, advance = order.transfer, advance_in(order.transfer.payment)
    event: dict[str, object]
    if advance is None:
        event = {
            "type": "payment.ordered",
            "payment": transfer.payment,
            "principal_fen": order.principal_fen,
            "creditor": order.creditor,
        }
        if order.interest_fen:
            event["interest_fen"] = order.interest_fen
    else:
        event = {
            "type": "advance.ordered",
            "advance": advance,
            "contract": transfer.contract,
            "amount_fen": transfer.amount_fen,
        }
    event |= {"payee": order.payee, "message_id": message_id, "sha256": sha256}
    return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)


def _write(out: Path, message_id: str, ending: str, data: bytes) -> Path:
    path = out / f"{file_name(message_id)}.{ending}"
    write_file(path, data)
    return path


def file_name(message_id: str) -> str:
    """Return a name that any file system takes; a MsgId may hold whatever the bank agreed to."""
    return _UNSAFE.sub("_", message_id)


def _document(file: "OrderFile", data: bytes, path: Path) -> dict[str, object]:
    import hashlib

    return {
        "file": str(path),
        "message_id": file.message_id,
        "day": file.day,
        "payments": len(file.transfers),
        "amount_fen": sum(each.amount_fen for each in file.transfers),
        "currency": file.currency,
        "by_token": sum(each.creditor.by_token for each in file.transfers),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _contracts(
    projections: "Projections", contract: str | None, line: str | None
) -> set[str] | None:
    """Return the contracts that are asked for, or None for all.

    Raises:
        LedgerError: this ledger has no such contract, or no such line.

    """
    from projections.contracts import contract as contract_file
    from projections.contracts import list_contracts
    from projections.funds import fund
    from projections.paging import MAX_LIMIT

    if contract is not None:
        found = contract_file(projections, contract)
        if found is None or found.contract.origin != "native":
            raise missing("contract", contract, None)
    if line is None:
        return None if contract is None else {contract}
    if fund(projections, line) is None:
        raise missing("fund line", line, None)
    paid: set[str] = set()
    after = None
    while True:
        page = list_contracts(projections, origin="native", line=line, after=after, limit=MAX_LIMIT)
        paid |= {each.contract for each in page.items if contract in (None, each.contract)}
        after = page.next
        if after is None:
            return paid


def _check_date(date: str | None) -> None:
    try:
        parse_date(date or "2026-01-01")
    except Malformed:
        raise LedgerError(f"{date!r} is no date: a day is written 2026-03-01") from None


def _report(session: Session, written: list[dict[str, object]]) -> None:
    console = session.console
    console.table(
        _("Order files"),
        [
            Column(_("file"), whole=True),
            Column(_("day")),
            Column(_("payments"), "right"),
            Column(_("amount"), "right"),
        ],
        [
            [
                str(row["file"]),
                str(row["day"]),
                console.number(int(str(row["payments"]))),
                console.money(int(str(row["amount_fen"])), str(row["currency"])),
            ]
            for row in written
        ],
    )
    if any(row["by_token"] for row in written):
        console.remark(
            _("Accounts stand there by token; give their numbers by --accounts for another bank.")
        )
    for row in written:
        if row.get("as_ordered") is False:
            console.remark(
                _("{file} is not, byte for byte, the file whose hash the order states."),
                file=row["file"],
            )
    console.document({"files": written})
