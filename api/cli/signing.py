"""`sunledger sign` and `sunledger cosign`: from facts to a statement that everybody signed."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import Db, Json, Key, Keys, Origin, Statement, example
from api.cli.session import Session, confirm, now_ms, read_input, write_file
from api.text import _
from api.words import describe
from ledger.drafting import (
    check_events,
    cosign_statement,
    missing_signers,
    read_events,
    sign_statement,
)
from ledger.identity import Ids
from ledger.statement import decode_statement_file, parse_statement
from ledger.times import format_instant


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(
        "sign",
        help=_("Build a statement of events, one JSON object a line, and sign it."),
        epilog=example(
            "sunledger sign contract.ndjson --key civil-affairs/contracts --with yangguang-care "
            "--out contract.stmt"
        ),
    )(sign)
    app.command(
        "cosign",
        help=_("Show in words what a statement says, then add a signature to it."),
        epilog=example("sunledger cosign contract.stmt --key yangguang-care/office"),
    )(cosign)


def sign(
    ctx: typer.Context,
    events: Annotated[
        Path, typer.Argument(help=_("The events, as JSON lines; - reads standard input."))
    ],
    out: Annotated[Path, typer.Option("--out", help=_("Where the statement file goes."))],
    key: Annotated[
        list[str] | None, typer.Option("--key", help=_("A key that signs; may be repeated."))
    ] = None,
    others: Annotated[
        list[str] | None,
        typer.Option("--with", help=_("A party that will cosign; once for each signature.")),
    ] = None,
    origin: Origin = None,
    db: Db = None,
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    """Build and sign a statement."""
    session = Session(ctx, as_json, db=db, keys=keys)
    drafted = read_events(read_input(events), Ids(), now_ms())
    names: list[str | None] = [*key] if key else [None]
    signers = [session.signer(name) for name in names]
    data = sign_statement(drafted, session.origin(origin), now_ms(), signers, others or [])
    write_file(out, data)
    _report(session, data, out)


def cosign(
    ctx: typer.Context,
    statement: Statement,
    key: Key = None,
    out: Annotated[
        Path | None, typer.Option("--out", help=_("A new file, instead of the same."))
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help=_("Agree without being asked; for programs."))
    ] = False,
    db: Db = None,
    keys: Keys = None,
    as_json: Json = False,
) -> None:
    """Add a signature to a statement."""
    session = Session(ctx, as_json, db=db, keys=keys, key=key)
    data = statement.read_bytes()
    _show(session, data)
    directory = session.directory()
    if directory is None:
        session.console.remark(
            _("There is no ledger at hand: the signatures already there are not checked.")
        )
    find_key = None if directory is None else directory.get
    signer = session.signer(key)
    confirm(session.console, _("Do you agree to all of this, and sign?"), yes=yes)
    signed = cosign_statement(data, signer, find_key)
    write_file(out or statement, signed, replace=out is None)
    _report(session, signed, out or statement)


def _show(session: Session, data: bytes) -> None:
    """Tell what is about to be agreed; it is checked to be what the signatures cover."""
    console = session.console
    note, bodies = decode_statement_file(data)
    text = parse_statement(note)
    events = check_events(text, bodies)
    console.say(
        _("A statement for {origin}, made at {made_at}, to be signed by {signers}:"),
        origin=text.origin,
        made_at=format_instant(text.made_at_ms),
        signers=", ".join(text.signers),
    )
    for event in events:  # all of them: whoever signs agrees to all
        for line in describe(event, console):
            console.line(line)


def _report(session: Session, data: bytes, path: Path) -> None:
    console = session.console
    statement = parse_statement(decode_statement_file(data)[0])
    missing = missing_signers(statement)
    console.say(_("Statement written: {path}"), path=path)
    for party in missing:
        console.say(_("Still to sign: {party}"), party=party)
    console.document(
        {
            "statement": str(path),
            "id": statement.id.hex(),
            "events": statement.event_count,
            "signers": list(statement.signers),
            "missing": missing,
        }
    )
