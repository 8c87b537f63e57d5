"""`sunledger backup` and `sunledger restore`: copy a running ledger; prove a copy, then use it."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import Db, Jobs, Json, Policy, example
from api.cli.session import Session
from api.cli.verifying import judge_history, say_verdict
from api.text import _
from ledger.errors import Conflict
from ledger.replay.report import EXIT_UNJUDGED


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(
        "backup",
        help=_("Copy a ledger on SQLite to a file, consistent while it is being written."),
        epilog=example("sunledger backup backups/2026-03-01.db"),
    )(backup)
    app.command(
        "restore",
        help=_(
            "Bring a ledger back from such a copy, where there is none; put in place only after "
            "its whole history was verified."
        ),
        epilog=example("sunledger restore backups/2026-03-01.db --policy ledger.db.policy"),
    )(restore)


def backup(
    ctx: typer.Context,
    out: Annotated[Path, typer.Argument(help=_("The file to write; there must be none yet."))],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Copy a ledger."""
    session = Session(ctx, as_json, db=db)
    from ledger.store.copying import copy_file, file_of
    from ledger.store.store import open_store

    console = session.console
    source = file_of(session.settings.db)
    session.open_store().close()  # so that only a ledger is copied
    with console.progress(_("Copying")):
        copy_file(source, out)
    with open_store(f"sqlite:///{out}") as copy:
        head = copy.head()
    console.say(
        _("Copy of {origin}: {events} events in {statements} statements, in {path}"),
        origin=head.origin,
        events=console.number(head.positions),
        statements=console.number(head.size),
        path=out,
    )
    console.document(
        {
            "file": str(out),
            "origin": head.origin,
            "events": head.positions,
            "statements": head.size,
        }
    )


def restore(
    ctx: typer.Context,
    copy: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help=_("What `backup` wrote."))
    ],
    db: Db = None,
    policy: Policy = None,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Bring a ledger back."""
    session = Session(ctx, as_json, db=db, policy=policy, jobs=jobs)
    from ledger.store.copying import copy_file, file_of, names_of, put_in_place

    console = session.console
    target = file_of(session.settings.db)
    for left in names_of(target):
        if left.exists():
            raise Conflict(
                f"there is a file {left} already; move it away, or name another by `--db`"
            )
    unproved = target.with_name(f"{target.name}.unproved")
    unproved.unlink(missing_ok=True)
    with console.progress(_("Copying")):
        copy_file(copy, unproved)
    try:
        report = judge_history(session, str(unproved))
        put_in_place(unproved, target)
    finally:
        # What does not verify is not left lying about under a name that looks like a ledger's.
        unproved.unlink(missing_ok=True)
    console.remark(_("Restored to {path}, after this verdict:"), path=target)
    say_verdict(console, report)
    if report.exit_code == EXIT_UNJUDGED:
        raise typer.Exit(EXIT_UNJUDGED)
