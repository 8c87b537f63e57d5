"""`sunledger export`: the ledger as files that need no database."""

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli import exporting_bank, exporting_ocds, packing
from api.cli.options import Db, Json, Policy, example
from api.cli.session import Session, write_file, write_lines
from api.text import _
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.replay.exporting import Reading
    from ledger.store.store import Store
    from projections.engine import Projections
    from projections.journal import JournalRow
    from projections.payments import Overdue


For = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="READER",
        help=_(
            "Only what this reader may read: public, finance, auditor, or 'party NAME'; without "
            "it everything."
        ),
    ),
]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="export", help=_("Write the ledger out in other forms."), no_args_is_help=True
    )

    group.command(
        "archive",
        help=_(
            "Write the auditor's bundle, a folder that `verify` checks without a database; in the "
            "folder of an older one, add what came since."
        ),
        epilog=example("sunledger export archive audit-2026"),
    )(archive)
    group.command(
        "parquet",
        help=_(
            "Write all events, statements and postings as columns (Parquet by origin and month), "
            "which `audit` reads."
        ),
        epilog=example("sunledger export parquet columns-2026"),
    )(parquet)
    group.command(
        "overdue",
        help=_(
            "Write the yearly list of overdue sums that is due by 31 March (SME Payment Regulation "
            "18), as CSV for spreadsheets."
        ),
        epilog=example("sunledger export overdue --year 2026 --out overdue-2026.csv"),
    )(overdue)
    group.command(
        "journal",
        help=_(
            "Write both sides of every posting, each with the balance after it, who signed and "
            "its event's hash: as CSV or XLSX for spreadsheets, Parquet for programs, or "
            "Beancount."
        ),
        epilog=example("sunledger export journal --format xlsx --out journal.xlsx"),
    )(journal)
    exporting_ocds.add_to(group)
    packing.add_to(group)
    exporting_bank.add_to(group)
    app.add_typer(group)


def archive(
    ctx: typer.Context,
    folder: Annotated[
        Path, typer.Argument(help=_("A new folder, or that of an older archive of the ledger."))
    ],
    for_: For = None,
    db: Db = None,
    policy: Policy = None,
    as_json: Json = False,
) -> None:
    """Write an archive, or bring one up to date."""
    session = Session(ctx, as_json, db=db, policy=policy)
    from ledger.replay.exporting import export_archive

    console = session.console
    with (
        session.open_store() as store,
        console.progress(_("Writing the archive")),
        _reading(session, store, for_) as reading,
    ):
        manifest = export_archive(store, folder, policy=session.policy(), reading=reading)
    console.say(
        _("Archive of {origin}: {events} events in {statements} statements, in {path}"),
        origin=manifest.origin,
        events=console.number(manifest.events),
        statements=console.number(manifest.size),
        path=folder,
    )
    for type_, events, _why in manifest.withheld:
        console.say(
            _("Withheld: {events} events {type}"), events=console.number(events), type=type_
        )
    console.document(
        {
            "archive": str(folder),
            "origin": manifest.origin,
            "events": manifest.events,
            "statements": manifest.size,
            "root": manifest.root.hex(),
            "reader": manifest.reader,
            "withheld": [each._asdict() for each in manifest.withheld],
        }
    )


def parquet(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help=_("A folder that does not exist yet."))],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Write a ledger as columns."""
    session = Session(ctx, as_json, db=db)
    from projections.national.writing import export_columns

    console = session.console
    with session.open_store() as store, console.progress(_("Writing the columns")):
        columns = export_columns(store, folder)
    console.say(
        _(
            "Columns of {origin}: {events} events in {statements} statements with {postings} "
            "postings, in {path}"
        ),
        origin=columns.origin,
        events=console.number(columns.events),
        statements=console.number(columns.size),
        postings=console.number(columns.postings),
        path=folder,
    )
    console.document({"columns": str(folder), **columns._asdict(), "root": columns.root.hex()})


def overdue(
    ctx: typer.Context,
    year: Annotated[int, typer.Option(min=1900, max=9999, help=_("Overdue at its end."))],
    out: Annotated[Path, typer.Option(help=_("The file to write; there must be none yet."))],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Write the overdue list of a year."""
    session = Session(ctx, as_json, db=db)
    from api.cli.overdue_csv import overdue_csv
    from projections.payments import PAYMENTS

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(PAYMENTS.name)
        found = _overdue_at_end(projections, year)
    write_file(out, overdue_csv(console, f"{year}-12-31", found))
    contracts = len({each.contract for each in found})
    console.say(
        _("Overdue at the end of {year}: {sums} sums under {contracts} contracts, in {path}"),
        year=str(year),
        sums=console.number(len(found)),
        contracts=console.number(contracts),
        path=out,
    )
    console.document(
        {
            "file": str(out),
            "year": year,
            "contracts": contracts,
            "sums": len(found),
            "principal_fen": sum(each.principal_fen for each in found),
            "interest_fen": sum(each.interest_fen for each in found),
        }
    )


def journal(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help=_("The file to write; there must be none yet."))],
    line: Annotated[str | None, typer.Option(help=_("Only of this fund line."))] = None,
    format_: Annotated[
        Literal["csv", "xlsx", "parquet", "beancount"],
        typer.Option("--format", help=_("The form of the file.")),
    ] = "csv",
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Write the journal."""
    session = Session(ctx, as_json, db=db)
    from api.exports.forms import journal_file
    from ledger.store.histories import opening_of
    from projections.journal import journal as rows_of

    console, rows = session.console, 0

    def counted(found: "Iterator[JournalRow]") -> "Iterator[JournalRow]":
        nonlocal rows
        for row in found:
            rows += 1
            yield row

    with session.open_store() as store, console.progress(_("Writing the journal")):
        if line is not None and store.subject(f"line/{line}") is None:
            raise LedgerError(f"there is no fund line {line}; `sunledger show fund` lists all")
        parts = journal_file(format_, counted(rows_of(store, line)), opening_of(store))
        size = write_lines(out, parts)
    console.say(_("Journal written: {rows} rows, in {path}"), rows=console.number(rows), path=out)
    console.document({"file": str(out), "format": format_, "rows": rows, "bytes": size})


@contextmanager
def _reading(session: Session, store: "Store", asked: str | None) -> "Iterator[Reading | None]":
    """Give what is withheld from a reader, as long as it is asked."""
    if asked is None:
        yield None
        return
    from api.cli.archiving import reading_of

    with session.projections(store) as projections:
        yield reading_of(store, projections, asked)


def _overdue_at_end(projections: "Projections", year: int) -> list["Overdue"]:
    """Return all that was overdue at the end of a year.

    Raises:
        LedgerError: the year is not over in this ledger, so nobody knows.

    """
    from projections.paging import MAX_LIMIT
    from projections.payments import list_overdue

    day = f"{year}-12-31"
    last = list_overdue(projections, limit=1).as_of
    if last <= day:  # on the last day itself a payment may still come
        raise LedgerError(
            f"the year {year} is not over in this ledger, whose last day is {last}: what is "
            "overdue by now is shown by `sunledger show overdue`"
        )
    found: list[Overdue] = []
    after = None
    while True:
        page = list_overdue(projections, day=day, after=after, limit=MAX_LIMIT)
        found += page.items
        if page.next is None:
            return found
        after = page.next
