"""`sunledger export`: the ledger as files that need no database."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import Db, Json, Policy, example
from api.cli.session import Session
from api.text import _


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="export", help=_("Write the ledger out in other forms."), no_args_is_help=True
    )

    @group.callback()
    def export_group() -> None:
        """Keep `archive` a command of its own beside those to come."""

    group.command(
        "archive",
        help=_("Write the auditor's bundle: a folder that `verify` checks without a database."),
        epilog=example("sunledger export archive audit-2026"),
    )(archive)
    app.add_typer(group)


def archive(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help=_("A folder that does not exist yet."))],
    db: Db = None,
    policy: Policy = None,
    as_json: Json = False,
) -> None:
    """Write an archive."""
    session = Session(ctx, as_json, db=db, policy=policy)
    from ledger.replay.exporting import export_archive

    console = session.console
    with session.open_store() as store, console.progress(_("Writing the archive")):
        manifest = export_archive(store, folder, policy=session.policy())
    console.say(
        _("Archive of {origin}: {events} events in {statements} statements, in {path}"),
        origin=manifest.origin,
        events=console.number(manifest.events),
        statements=console.number(manifest.size),
        path=folder,
    )
    console.document(
        {
            "archive": str(folder),
            "origin": manifest.origin,
            "events": manifest.events,
            "statements": manifest.size,
            "root": manifest.root.hex(),
        }
    )
