"""`sunledger submit`: statements in, receipts out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from api.cli.console import Column, Console
from api.cli.options import Db, Json, Keys, LedgerKey, example
from api.cli.session import Session, write_file
from api.text import _
from ledger.errors import LedgerError
from ledger.times import format_instant

if TYPE_CHECKING:
    from ledger.waiting import Receipt

    Receipts: TypeAlias = list[tuple[Path, Receipt]]


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "submit",
        help=_(
            "Admit statements, in the order given, and print their receipts; submitting one "
            "again is harmless and returns the first receipt."
        ),
        epilog=example("sunledger submit contract.stmt visits.stmt"),
    )(submit)


def submit(
    ctx: typer.Context,
    statements: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help=_("Statement files (.stmt)."))
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help=_("A folder for the receipts, as proof files."))
    ] = None,
    db: Db = None,
    keys: Keys = None,
    ledger_key: LedgerKey = None,
    as_json: Json = False,
) -> None:
    """Admit statements."""
    session = Session(ctx, as_json, db=db, keys=keys, ledger_key=ledger_key)
    from ledger.receipts import receipt_proof

    console = session.console
    receipts: Receipts = []
    # The receipts of those before a refused one are printed: they are admitted for good.
    try:
        with (
            session.open_ledger() as ledger,
            console.progress(_("Admitting"), len(statements)) as steps,
        ):
            for path in statements:
                try:
                    receipt = ledger.submit(path.read_bytes())
                except LedgerError as error:
                    if len(statements) > 1:
                        error.add_note(str(path))  # which of them it is about
                    raise
                receipts.append((path, receipt))
                steps.done()
                if out is not None:
                    proof = receipt_proof(ledger.store, receipt.index)
                    write_file(out / f"{path.name}.receipt", proof, replace=True)
    finally:
        if receipts:
            _show(console, receipts)


def _show(console: Console, receipts: "Receipts") -> None:
    console.table(
        _("Receipts"),
        [
            Column(_("statement")),
            Column(_("index"), "right"),
            Column(_("recorded"), whole=True),
            Column(_("events"), "right"),
            Column(_("first position"), "right"),
            Column(_("id"), whole=True),
        ],
        [
            [
                path.name,
                str(receipt.index),
                format_instant(receipt.recorded_ms),
                str(receipt.event_count),
                str(receipt.first_position),
                receipt.statement_id.hex(),
            ]
            for path, receipt in receipts
        ],
    )
    console.document(
        [
            {
                "statement": str(path),
                "id": receipt.statement_id.hex(),
                "index": receipt.index,
                "recorded": format_instant(receipt.recorded_ms),
                "events": receipt.event_count,
                "first_position": receipt.first_position,
            }
            for path, receipt in receipts
        ]
    )
