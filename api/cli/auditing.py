"""`sunledger audit`: many ledgers at once, from archives or columns."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.console import Column, Console
from api.cli.options import Json, example
from api.cli.session import Session
from api.text import _
from ledger.errors import LedgerError, Malformed
from ledger.policy import Policy as LedgerPolicy
from ledger.replay.report import EXIT_UNJUDGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from projections.national.auditing import LedgerAudit
    from projections.national.engine import Engine

MOST_PROCESSES = 8
"""Processes that check where none are set: some 200 MB each."""


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "audit",
        help=_(
            "Recompute many ledgers at once from archives or columns: trees, signatures, balances "
            "and red flags; name the ledger in which something is wrong, and where."
        ),
        epilog=example("sunledger audit columns/changsha columns/zhuzhou --json"),
    )(audit)


def audit(
    ctx: typer.Context,
    archives: Annotated[
        list[Path],
        typer.Argument(
            exists=True,
            file_okay=False,
            help=_("Folders that `export parquet` or `export archive` made, one a ledger."),
        ),
    ],
    engine: Annotated[
        Literal["duckdb", "spark"], typer.Option(help=_("What answers the questions."))
    ] = "duckdb",
    policies: Annotated[
        list[Path] | None,
        typer.Option(
            "--policy",
            exists=True,
            dir_okay=False,
            help=_("A policy file of one of the ledgers; may be given again."),
        ),
    ] = None,
    signatures: Annotated[
        bool,
        typer.Option("--signatures/--no-signatures", help=_("Whether signatures are checked.")),
    ] = True,
    memory: Annotated[
        str, typer.Option(help=_("Memory of the engine, beyond which it uses the disk."))
    ] = "1GB",
    master: Annotated[
        str, typer.Option(help=_("Where Spark runs: local[2], or spark://HOST:PORT."))
    ] = "local[2]",
    jobs: Annotated[
        int | None,
        typer.Option(help=_("How many processes check; one for each processor, at most eight.")),
    ] = None,
    as_json: Json = False,
) -> None:
    """Audit ledgers."""
    session = Session(ctx, as_json, jobs=jobs)
    known = [_policy(path) for path in policies or ()]
    with tempfile.TemporaryDirectory(prefix="sunledger-audit-") as folder:

        def made() -> "Engine":
            return _engine(engine, folder, memory, master, _jobs(session))

        results = _results(session, archives, Path(folder), made, known, signatures=signatures)
    _say(session.console, results)
    if any(each.is_wrong for each in results):
        raise typer.Exit(1)
    if any(each.unjudged for each in results):
        raise typer.Exit(EXIT_UNJUDGED)


def _results(
    session: Session,
    archives: Sequence[Path],
    folder: Path,
    made: "Callable[[], Engine]",
    policies: Sequence[LedgerPolicy],
    *,
    signatures: bool,
) -> list["LedgerAudit"]:
    """Stage the archives in a folder, and audit what has columns."""
    from projections.national.auditing import audit as audit_ledgers
    from projections.national.staging import staged

    with session.console.progress(_("Auditing")) as steps:
        ready = [
            staged(archive, folder / f"ledger-{number}", jobs=_jobs(session))
            for number, archive in enumerate(archives)
        ]
        columns = [each for each in ready if isinstance(each, Path)]
        found: list[LedgerAudit] = []
        if columns:
            with closing(made()) as engine:
                found = audit_ledgers(
                    columns, engine, policies=policies, signatures=signatures, done=steps.done
                )
    told = iter(found)
    return [
        (next(told) if isinstance(each, Path) else each).of_folder(str(archive))
        for each, archive in zip(ready, archives, strict=True)
    ]


def _jobs(session: Session) -> int:
    """Return how many processes check: as many as are set, else one for each processor."""
    settings = session.settings
    if "jobs" in settings.model_fields_set:
        return settings.jobs
    return min(os.cpu_count() or 1, MOST_PROCESSES)


def _policy(path: Path) -> LedgerPolicy:
    try:
        return LedgerPolicy.parse(path.read_bytes().decode())
    except (UnicodeDecodeError, Malformed) as error:
        raise Malformed(f"the policy {path} cannot be used: {error}") from None


def _engine(name: str, folder: str, memory: str, master: str, jobs: int) -> "Engine":
    if name == "duckdb":
        from projections.national.duck import DuckEngine

        return DuckEngine(folder, memory=memory, jobs=jobs)
    try:
        from projections.national.spark import SparkEngine, local_session
    except ImportError as error:
        raise LedgerError(
            f"Spark is not installed ({error.name} is missing): install sunledger[spark], or leave "
            "out --engine spark"
        ) from None
    return SparkEngine(local_session(master, memory.lower().removesuffix("b")), owned=True)


def _say(console: Console, results: Sequence["LedgerAudit"]) -> None:
    console.table(
        _("Audit of {count} ledgers"),
        [
            Column(_("ledger"), whole=True),
            Column(_("statements"), "right"),
            Column(_("events"), "right"),
            Column(_("signatures"), "right"),
            Column(_("lines"), "right"),
            Column(_("flags"), "right"),
            Column(_("root")),
            Column(_("result")),
        ],
        [
            [
                each.origin,
                console.number(each.statements),
                console.number(each.events),
                console.number(each.signatures),
                console.number(len({balance.line for balance in each.balances})),
                console.number(len(each.cases)),
                each.root[:12],
                _result(console, each),
            ]
            for each in results
        ],
        count=len(results),
    )
    for each in results:
        if each.unjudged:
            console.say(
                _("{origin}: not judged: {reason}"), origin=each.origin, reason=each.unjudged
            )
        if each.is_wrong:
            console.say(
                _("{origin} in {folder}: {where}: {reason}"),
                origin=each.origin,
                folder=each.folder,
                where=each.where,
                reason=each.reason,
            )
    console.document([_document(each) for each in results])


def _result(console: Console, each: "LedgerAudit") -> str:
    if each.is_wrong:
        return console.tell(_("wrong"))
    if each.unjudged:
        return console.tell(_("in part"))
    return console.tell(_("anchored") if each.anchored else _("consistent"))


def _document(each: "LedgerAudit") -> dict[str, object]:
    from msgspec import to_builtins

    return {**to_builtins(each), "flags": each.flagged}
