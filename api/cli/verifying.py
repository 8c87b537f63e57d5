"""`sunledger verify`: the judgement of a whole history, from a database or an archive.

What was accepted once is remembered, one small file a ledger, and the next history of that ledger
must begin with it: nobody can show the same verifier a shorter or a rewritten one.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import Console
from api.cli.options import Jobs, Json, Policy, example
from api.cli.session import Session, write_file
from api.text import _
from ledger.errors import Malformed, Unverified
from ledger.events import decode_event
from ledger.events.parties import LedgerOpened
from ledger.note import parse_note
from ledger.replay.accepted import file_name, to_remember
from ledger.replay.report import EXIT_UNJUDGED, Report
from ledger.times import MS_PER_MINUTE, format_instant
from ledger.tlog import Checkpoint

if TYPE_CHECKING:
    from ledger.replay.sources import Source

MAX_TOLD = 10
"""Sentences about what could not be judged that people are shown; `--json` gives all."""


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "verify",
        help=_(
            "Check a whole history: signatures, rules, balances, tree and checkpoints; name the "
            "first thing that is wrong."
        ),
        epilog=example("sunledger verify audit-2026 --policy ledger.db.policy"),
    )(verify)


def verify(
    ctx: typer.Context,
    history: Annotated[
        str | None,
        typer.Argument(
            help=_("An archive folder, an SQLite file or a database; else the one set.")
        ),
    ] = None,
    policy: Policy = None,
    since: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help=_("An older checkpoint it must continue.")),
    ] = None,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Verify a history."""
    session = Session(ctx, as_json, policy=policy, jobs=jobs)
    report = judge_history(session, history or session.settings.db, since)
    say_verdict(session.console, report)
    if report.exit_code == EXIT_UNJUDGED:
        raise typer.Exit(EXIT_UNJUDGED)


def say_verdict(console: Console, report: Report, facts: dict[str, object] | None = None) -> None:
    """Print the line that a verification ends with, and what it could not judge.

    `facts` are what was found besides, for machines.
    """
    for sentence in report.unjudged[:MAX_TOLD]:
        console.line(f"- {sentence}")
    if len(report.unjudged) > MAX_TOLD:
        console.say(_("… and {count} more."), count=len(report.unjudged) - MAX_TOLD)
    overdue = report.overdue
    if overdue is not None:
        console.say(
            _(
                "Not booked in time: {type} about {about}, due since {due}, was missing when "
                "statement {index} was admitted at {recorded}."
            ),
            type=overdue.type,
            about=overdue.about,
            due=format_instant(overdue.due_ms),
            index=overdue.at_index,
            recorded=format_instant(overdue.recorded_ms),
        )
    for gap in report.gaps[:MAX_TOLD]:
        console.remark(
            _("No witness dated the log for {minutes} minutes, from {start} to {end}."),
            minutes=(gap.to_ms - gap.from_ms) // MS_PER_MINUTE,
            start=format_instant(gap.from_ms),
            end=format_instant(gap.to_ms),
        )
    if len(report.gaps) > MAX_TOLD:
        console.remark(_("… and {count} more."), count=len(report.gaps) - MAX_TOLD)
    console.line(str(report), style="bold")
    console.document(
        {
            "verdict": report.verdict,
            "origin": report.origin,
            "events": report.events,
            "statements": report.statements,
            "keys": report.keys,
            "root": report.root.hex(),
            "withheld": report.withheld,
            "unjudged": list(report.unjudged),
            "overdue": overdue and overdue._asdict(),
            "gaps": [
                {"from": format_instant(gap.from_ms), "to": format_instant(gap.to_ms)}
                for gap in report.gaps
            ],
            **(facts or {}),
        }
    )


def judge_history(session: Session, history: str, since: Path | None = None) -> Report:
    """Verify an archive folder, an SQLite file or a database, as the session's settings say.

    It must continue the checkpoint in `since`, else the one that was accepted last.

    Raises:
        Unverified: it does not verify.
        LedgerError: it cannot be read.

    """
    if Path(history).is_dir():
        from ledger.replay.sources import ArchiveSource

        return _judge(session, ArchiveSource(Path(history)), since)
    from ledger.replay.database import DatabaseSource
    from ledger.store.store import open_store

    with open_store(history if "://" in history else f"sqlite:///{history}") as store:
        return _judge(session, DatabaseSource(store), since)


def _judge(session: Session, source: "Source", since: Path | None) -> Report:
    from ledger.replay.verifying import verify as verify_history

    policy = session.policy()
    memory = _memory(session, source)
    remembered = memory.read_bytes() if memory is not None and memory.exists() else None
    stated = remembered if since is None else since.read_bytes()
    console = session.console
    with console.progress(_("Verifying")) as steps:
        judged = 0

        def advance(statements: int, _events: int) -> None:
            nonlocal judged
            steps.done(statements - judged)
            judged = statements

        try:
            report = verify_history(
                source, policy, since=stated, jobs=session.settings.jobs, progress=advance
            )
        except Unverified:
            if since is None and remembered is not None:
                console.remark(
                    _("The checkpoint accepted last is remembered in {path}."), path=memory
                )
            raise
    # Without the two values of a policy there was nothing to accept.
    if memory is not None and policy is not None and policy.anchored:
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_file(memory, to_remember(report, remembered), replace=True)
    return report


def _memory(session: Session, source: "Source") -> Path | None:
    """Return where the checkpoint accepted last of this ledger is kept.

    A simulated ledger is played anew at will, so none is kept of it. Nobody passes a real one
    off as simulated: its genesis would be another than the policy's.
    """
    try:
        origin = Checkpoint.parse(parse_note(source.newest()).text).origin
        if _is_simulated(source):
            return None
    except Malformed:
        return None  # the verification will say so
    folder = session.settings.state_dir
    if folder is None:
        state_home = os.environ.get("XDG_STATE_HOME")
        base = Path(state_home) if state_home else Path.home().joinpath(".local", "state")
        folder = base.joinpath("sunledger")
    return folder.joinpath(file_name(origin))


def _is_simulated(source: "Source") -> bool:
    """Return whether a history says in its genesis that nothing in it happened."""
    first = next(source.records(), None)
    opened = decode_event(first.bodies[0]) if first is not None and first.bodies else None
    return isinstance(opened, LedgerOpened) and opened.simulated is True
