"""`sunledger demo`: the main job in one go, on the year of a small simulated city.

Every party's statements are submitted with a clock that runs through 2025; then statuses, balances
and payments are shown, an archive is written, and the whole history is verified from it with the
policy file alone.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from api.cli.console import Console
from api.cli.options import Json, example
from api.cli.payment_tables import show_payments
from api.cli.playing import ARCHIVE, PASSWORD, POLICY, CityFolder
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
        epilog=example("sunledger demo --out demo --force"),
    )(demo)


def demo(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", help=_("The folder to write."))] = Path("demo"),
    force: Annotated[
        bool, typer.Option("--force", help=_("Replace an earlier city in that folder."))
    ] = False,
    seed: Annotated[str, typer.Option(help=_("Same seed, same city, to the byte."))] = "demo",
    as_json: Json = False,
) -> None:
    """Play a small city's year."""
    folder = CityFolder(out)
    folder.clear(force=force)
    session = Session(ctx, as_json, db=folder.url)
    from ledger.simulate.scale import DEMO

    folder.play(session, DEMO, seed, keys=True)
    _show(session, out)


def _show(session: Session, out: Path) -> None:
    """Print the tables and the verdict."""
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
    console.document(
        {
            "contracts": msgspec.to_builtins(contracts),
            "funds": msgspec.to_builtins(funds),
            "payments": msgspec.to_builtins(payments),
            "verdict": report.verdict,
            "events": report.events,
            "statements": report.statements,
            "keys": report.keys,
            "root": report.root.hex(),
        }
    )


def _verify(console: Console, out: Path) -> "Report":
    """Verify from the archive, as an auditor would: by the policy, without the database."""
    from ledger.policy import Policy
    from ledger.replay.sources import ArchiveSource
    from ledger.replay.verifying import verify

    policy = Policy.parse(out.joinpath(POLICY).read_text())
    with console.progress(_("Verifying")):
        return verify(ArchiveSource(out.joinpath(ARCHIVE)), policy)
