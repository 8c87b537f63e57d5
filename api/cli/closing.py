"""`sunledger tick` and `sunledger close`: what the operator owes the ledger every day."""

import typer

from api.cli.options import Db, Json, Key, Keys, LedgerKey, example
from api.cli.session import Session
from api.text import _
from ledger.identity import Ids
from ledger.times import format_instant


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(
        "tick",
        help=_("Book what the legal clocks make due; run again, it books nothing."),
        epilog=example("sunledger tick --key lushan-data/office-2025"),
    )(tick)
    app.command(
        "close",
        help=_("Close the ledger for the day: commit to where everything stands, for all to see."),
        epilog=example("sunledger close --key lushan-data/office-2025"),
    )(close)


def tick(
    ctx: typer.Context,
    key: Key = None,
    db: Db = None,
    keys: Keys = None,
    ledger_key: LedgerKey = None,
    as_json: Json = False,
) -> None:
    """Book what the clocks make due."""
    session = Session(ctx, as_json, db=db, keys=keys, key=key, ledger_key=ledger_key)
    console, operator = session.console, session.signer(key)
    with session.open_ledger() as ledger:
        booked = ledger.tick(operator, Ids())
    if not booked:
        console.say(_("Nothing is due."))
    for due in booked:
        console.say(
            _("Booked {type} about {about}, due since {due}."),
            type=due.type_name,
            about=due.about,
            due=format_instant(due.due_ms),
        )
    console.document(
        [
            {
                "type": due.type_name,
                "about": due.about,
                "due": format_instant(due.due_ms),
                "fields": due.fields,
            }
            for due in booked
        ]
    )


def close(
    ctx: typer.Context,
    key: Key = None,
    db: Db = None,
    keys: Keys = None,
    ledger_key: LedgerKey = None,
    as_json: Json = False,
) -> None:
    """Close the ledger for the day."""
    session = Session(ctx, as_json, db=db, keys=keys, key=key, ledger_key=ledger_key)
    operator = session.signer(key)
    with session.open_ledger() as ledger:
        receipt = ledger.close_books(operator, Ids())
    session.console.say(
        _("Closed as statement {index}; the state before it is committed to."), index=receipt.index
    )
    session.console.document({"index": receipt.index, "id": receipt.statement_id.hex()})
