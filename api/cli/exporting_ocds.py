"""`sunledger export ocds`: contracting processes in the Open Contracting Data Standard."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import Db, Json, example
from api.cli.session import Session, write_lines
from api.text import _
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from projections.engine import Projections
    from projections.ocds.packages import PublishedProcess
    from projections.ocds.releases import Publication

Form = Literal["releases", "records", "compiled"]


def add_to(group: typer.Typer) -> None:
    """Add the command to the group `export`."""
    group.command(
        "ocds",
        help=_(
            "Write contracting processes as OCDS 1.1: a release package, a record package, or "
            "compiled releases, one a line. What others published is published again, word for "
            "word."
        ),
        epilog=example("sunledger export ocds --form records --out records.json"),
    )(ocds)


def ocds(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help=_("The file to write; there must be none yet."))],
    form: Annotated[
        Form, typer.Option(help=_("Releases, records, or compiled releases as JSON Lines."))
    ] = "releases",
    process: Annotated[
        str | None,
        typer.Option(help=_("Only this process: its tender's id, or its ocid.")),
    ] = None,
    contract: Annotated[
        str | None, typer.Option(help=_("Only the process that this contract is of."))
    ] = None,
    linked: Annotated[
        bool,
        typer.Option("--linked", help=_("Records with the addresses of releases, not with them.")),
    ] = False,
    prefix: Annotated[
        str | None,
        typer.Option(help=_("Prefix of the ocids, `ocds-` and six letters or digits.")),
    ] = None,
    public_url: Annotated[
        str | None, typer.Option(help=_("Address of the server that links in the file lead to."))
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Write contracting processes as OCDS."""
    session = Session(ctx, as_json, db=db, ocid_prefix=prefix, public_url=public_url)
    if linked and form != "records":
        told = session.console.tell(_("only records are linked: say `--form records`"))
        raise typer.BadParameter(told, param_hint="--linked")
    console, counted = session.console, _Counted()
    size = _write(session, counted, out, form, process, contract, linked=linked)
    console.say(
        _("OCDS written: {releases} releases of {processes} processes, in {path}"),
        releases=console.number(counted.releases),
        processes=console.number(counted.processes),
        path=out,
    )
    console.document(
        {
            "file": str(out),
            "form": form,
            "processes": counted.processes,
            "releases": counted.releases,
            "bytes": size,
        }
    )


def _write(
    session: Session,
    counted: "_Counted",
    out: Path,
    form: Form,
    process: str | None,
    contract: str | None,
    *,
    linked: bool,
) -> int:
    """Write what was asked for; return the file's bytes."""
    from projections.ocds.queries import MODELS
    from projections.ocds.releases import Publication
    from projections.processes import PROCESSES

    settings = session.settings
    base = settings.public_url or f"http://{settings.listen}"
    publication = Publication(settings.ocid_prefix, base.rstrip("/"))
    with (
        session.open_store() as store,
        session.projections(store) as projections,
        session.console.progress(_("Writing OCDS")),
    ):
        projections.follow(*(model.name for model in MODELS), PROCESSES.name)
        chosen = counted.over(_chosen(projections, publication, process, contract))
        return write_lines(out, _parts(projections, publication, chosen, form, linked=linked))


class _Counted:
    """Counts processes, and their releases, as they go by."""

    def __init__(self) -> None:
        self.processes = 0
        self.releases = 0

    def over(self, processes: "Iterator[PublishedProcess]") -> "Iterator[PublishedProcess]":
        for each in processes:
            self.processes += 1
            self.releases += len(each.releases)
            yield each


def _parts(
    projections: "Projections",
    publication: "Publication",
    processes: "Iterator[PublishedProcess]",
    form: Form,
    *,
    linked: bool,
) -> Iterator[bytes]:
    from projections.ocds import packages

    if form == "compiled":
        return packages.compiled_lines(processes)
    path = packages.RELEASES_PATH if form == "releases" else packages.RECORDS_PATH
    head = packages.heading(projections, f"{publication.base}{path}")
    if form == "releases":
        return packages.release_package(head, processes)
    return packages.record_package(head, processes, linked=linked)


def _chosen(
    projections: "Projections",
    publication: "Publication",
    process: str | None,
    contract: str | None,
) -> "Iterator[PublishedProcess]":
    """Return the processes that were asked for.

    Raises:
        LedgerError: there is no such process.

    """
    from projections.ocds import packages
    from projections.ocds.queries import process_of_contract

    if process is None and contract is None:
        yield from packages.all_processes(projections, publication)
        return
    found = None
    if contract is not None:
        origin = process_of_contract(projections, contract)
        if origin is not None and process in {None, origin.tender, publication.ocid(origin.tender)}:
            found = packages.process_of(projections, publication, publication.ocid(origin.tender))
    elif process is not None:
        found = packages.process_of(projections, publication, process)
    if found is None:
        raise LedgerError(
            "there is no such contracting process in this ledger; `sunledger show tender` and "
            "`sunledger show contract` list what there is"
        )
    yield found
