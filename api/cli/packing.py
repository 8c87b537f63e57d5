"""`sunledger export auditpack` and `sunledger check PACK`: a pack is written, a pack is checked."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Db, Json, Policy, example
from api.cli.session import Session
from api.cli.verifying import say_verdict
from api.text import _
from ledger.errors import Malformed

if TYPE_CHECKING:
    from ledger.replay.report import Report


def add_to(group: typer.Typer) -> None:
    """Add the command to the group `export`."""
    group.command(
        "auditpack",
        help=_(
            "Write the audit pack: journal, trial balance, contracts, payments, keys and roles, "
            "with the archive and proofs that show them to be complete. `sunledger check` checks "
            "it without a database."
        ),
        epilog=example("sunledger export auditpack audit-2026 --policy ledger.db.policy"),
    )(auditpack)


def auditpack(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help=_("A folder that does not exist yet."))],
    db: Db = None,
    policy: Policy = None,
    as_json: Json = False,
) -> None:
    """Write an audit pack."""
    session = Session(ctx, as_json, db=db, policy=policy)
    from api.exports.pack.manifest import NAME, hash_of
    from api.exports.pack.writing import write_pack

    console = session.console
    with (
        session.open_store() as store,
        session.projections(store) as projections,
        console.progress(_("Writing the audit pack")),
    ):
        manifest = write_pack(projections, folder, session.policy())
    sha256 = hash_of(folder / NAME)[1]
    console.say(
        _("Audit pack of {origin}: {events} events, {rows} rows of journal, in {path}"),
        origin=manifest.origin,
        events=console.number(manifest.events.count),
        rows=console.number(manifest.journal.rows),
        path=folder,
    )
    if manifest.closing is None:
        console.remark(_("The ledger was never closed, so that the pack holds no state proofs."))
    console.say(_("Its manifest has the SHA-256 {sha256}."), sha256=sha256)
    console.document(
        {
            "pack": str(folder),
            "origin": manifest.origin,
            "events": manifest.events.count,
            "statements": manifest.checkpoint.size,
            "root": manifest.checkpoint.root,
            "journal_rows": manifest.journal.rows,
            "debit_fen": manifest.journal.debit_fen,
            "credit_fen": manifest.journal.credit_fen,
            "manifest_sha256": sha256,
        }
    )


def check_folder(session: Session, folder: Path) -> "Report":
    """Check an audit pack, and tell what was found.

    Raises:
        Malformed: the folder is none.
        Unverified: it is not what it says.

    """
    from api.exports.pack.checking import check_pack
    from api.exports.pack.manifest import is_pack

    if not is_pack(folder):
        raise Malformed(
            f"{folder} is no audit pack; an archive is judged by `sunledger verify {folder}`"
        )
    console, judged = session.console, 0
    with console.progress(_("Checking the audit pack")) as steps:

        def advance(statements: int, _events: int) -> None:
            nonlocal judged
            steps.done(statements - judged)
            judged = statements

        checked = check_pack(folder, session.policy(), session.settings.jobs, advance)
    manifest = checked.manifest
    console.say(
        _(
            "All {files} files are there; {rows} rows of journal, debits and credits of {fen} fen, "
            "are what {events} events give; {proofs} state proofs hold."
        ),
        files=console.number(len(manifest.files)),
        rows=console.number(manifest.journal.rows),
        fen=console.number(manifest.journal.debit_fen),
        events=console.number(manifest.events.count),
        proofs=console.number(checked.proofs),
    )
    console.say(_("Its manifest has the SHA-256 {sha256}."), sha256=checked.sha256)
    say_verdict(
        console,
        checked.report,
        {
            "files": len(manifest.files),
            "journal_rows": manifest.journal.rows,
            "debit_fen": manifest.journal.debit_fen,
            "credit_fen": manifest.journal.credit_fen,
            "proofs": checked.proofs,
            "manifest_sha256": checked.sha256,
        },
    )
    return checked.report
