"""`sunledger demo`: the main job in one go, on the year of a small simulated city.

Every party's statements are submitted with a clock that runs through 2025; then statuses, balances
and payments are shown, an archive is written, and the whole history is verified from it with the
policy file alone. With `--serve` the portal is opened over it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from api.cli.console import Console
from api.cli.options import Json, example
from api.cli.payment_tables import show_payments
from api.cli.playing import ARCHIVE, KEYS, PASSWORD, POLICY, CityFolder
from api.cli.serving import serve_until_told
from api.cli.session import Session
from api.cli.tables import show_contracts, show_funds, show_processes
from api.text import _

if TYPE_CHECKING:
    from ledger.replay.report import Report


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "demo",
        help=_(
            "Play a small city's year: contracts, visits, claims, payments, all signed; show "
            "what it came to, and verify it."
        ),
        epilog=example("sunledger demo --serve"),
    )(demo)


def demo(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", help=_("The folder to write."))] = Path("demo"),
    force: Annotated[
        bool, typer.Option("--force", help=_("Replace an earlier city in that folder."))
    ] = False,
    seed: Annotated[str, typer.Option(help=_("Same seed, same city, to the byte."))] = "demo",
    serve: Annotated[
        bool,
        typer.Option(
            "--serve",
            help=_("Serve the portal over the city at the end; over an earlier one as it stands."),
        ),
    ] = False,
    listen: Annotated[str | None, typer.Option(help=_("Address and port to listen at."))] = None,
    as_json: Json = False,
) -> None:
    """Play a small city's year."""
    folder = CityFolder(out)
    settings = {"db": folder.url, "keys": out.joinpath(KEYS), "listen": listen}
    session = Session(ctx, as_json, **settings)
    if force or not (serve and folder.is_played):
        folder.clear(force=force)
        from ledger.simulate.scale import DEMO

        folder.play(session, DEMO, seed, keys=True)
        document = _show(session, out)
        if not serve:
            _point_to_portal(session, out)
            session.console.document(document)
    if serve:
        if session.settings.key_password is None:
            session = Session(ctx, as_json, **settings, key_password=PASSWORD)
        serve_until_told(session)


def _point_to_portal(session: Session, out: Path) -> None:
    """Say how the city is looked at in a browser."""
    session.console.remark(
        _("See it in a browser: `{command}` serves it at {url}"),
        command="sunledger demo --serve" + ("" if out == Path("demo") else f" --out {out}"),
        url=f"http://{session.settings.listen}/",
    )


def _show(session: Session, out: Path) -> dict[str, object]:
    """Print the tables and the verdict; return the same for machines."""
    from ledger.replay.exporting import export_archive
    from projections.contracts import list_contracts
    from projections.funds import list_funds, list_processes
    from projections.payments import list_payments

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow()
        contracts = list_contracts(projections).items
        payments = list_payments(projections).items
        funds, reported = list_funds(projections).items, list_processes(projections).items
        export_archive(store, out.joinpath(ARCHIVE))
    show_contracts(console, contracts)
    show_funds(console, funds)
    show_processes(console, reported)
    show_payments(console, payments)
    report = _verify(console, out)
    console.line(str(report), style="bold green")
    console.remark(
        _("Written to {folder}; every key's password is {password}. Check it yourself: {command}"),
        folder=out,
        password=PASSWORD if session.settings.key_password is None else "…",
        command=f"sunledger verify {out.joinpath(ARCHIVE)} --policy {out.joinpath(POLICY)}",
    )
    return {
        "contracts": msgspec.to_builtins(contracts),
        "funds": msgspec.to_builtins(funds),
        "payments": msgspec.to_builtins(payments),
        "verdict": report.verdict,
        "events": report.events,
        "statements": report.statements,
        "keys": report.keys,
        "root": report.root.hex(),
    }


def _verify(console: Console, out: Path) -> "Report":
    """Verify from the archive, as an auditor would: by the policy, without the database."""
    from ledger.policy import Policy
    from ledger.replay.sources import ArchiveSource
    from ledger.replay.verifying import verify

    policy = Policy.parse(out.joinpath(POLICY).read_text())
    with console.progress(_("Verifying")):
        return verify(ArchiveSource(out.joinpath(ARCHIVE)), policy)
