"""`sunledger demo`: the main job in one go, on a city's year in miniature.

Every party's statements are submitted with a clock that runs through 2025; then statuses, balances
and payments are shown, an archive is written, and the whole history is verified from it with the
policy file alone.
"""

import os
import shutil
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import orjson
import typer

from api.cli.console import Console
from api.cli.options import Json, example
from api.cli.session import Session, write_file
from api.cli.tables import show_contracts, show_funds, show_payments, show_processes
from api.text import _
from ledger.errors import Conflict, LedgerError
from ledger.keys import KeyFile, create_key_file

if TYPE_CHECKING:
    from ledger.replay.report import Report
    from ledger.simulate.cast import SimulatedKey
    from ledger.simulate.miniature import Miniature

PASSWORD = "demo"  # noqa: S105 (of keys that follow from a public seed)
DATABASE, POLICY, KEYS, TRUTH, ARCHIVE = "ledger.db", "policy", "keys", "truth.ndjson", "archive"
MADE = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", POLICY, KEYS, TRUTH, ARCHIVE)
"""Everything a demo writes, and all that `--force` removes."""
STATEMENTS = 226
"""Statements of the year, about: for the progress bar."""


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
        bool, typer.Option("--force", help=_("Replace an earlier demo in that folder."))
    ] = False,
    seed: Annotated[str, typer.Option(help=_("Same seed, same city, to the byte."))] = "demo",
    as_json: Json = False,
) -> None:
    """Play a small city's year."""
    _clear(out, force=force)
    url = f"sqlite:///{out.joinpath(DATABASE)}"
    session = Session(ctx, as_json, db=url)
    from ledger.simulate.miniature import Miniature

    city = Miniature(seed.encode())
    out.mkdir(parents=True, exist_ok=True)
    secret = session.settings.key_password
    password = PASSWORD if secret is None else secret.get_secret_value()
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        early = _write_keys(workers, out, city.keys, password)
        _play(session, city, url, out)
        late = _write_keys(workers, out, city.keys[len(early) :], password)
        for written in (*early, *late):
            written.result()
    truth = b"".join(orjson.dumps(label, option=orjson.OPT_APPEND_NEWLINE) for label in city.truth)
    write_file(out.joinpath(TRUTH), truth)
    _show(session, out)


def _play(session: Session, city: "Miniature", url: str, out: Path) -> None:
    """Submit the year; the policy file is written at its beginning."""
    from ledger.app import create_ledger
    from ledger.policy import Policy
    from ledger.simulate.agenda import SimulatedClock, local_month

    clock = SimulatedClock(city.genesis.recorded_ms)
    console = session.console
    with (
        create_ledger(url, city.genesis.data, city.ledger_signer, clock) as ledger,
        console.progress(_("A city's year"), STATEMENTS) as steps,
    ):
        first = ledger.store.statement(0)
        if first is None:
            raise LedgerError("the ledger lost its first statement; do not use this database")
        policy = Policy.of(city.ledger_signer.verifier, first.leaf)
        write_file(out.joinpath(POLICY), policy.encode().encode())
        month: str | None = None
        for due in city.year(ledger.state):
            before, month = month, local_month(due.recorded_ms)
            if before not in {None, month}:
                ledger.close_books(city.operator, city.ids)  # where everything stood at its end
            clock.set(due.recorded_ms)
            ledger.tick(city.operator, city.ids)  # what ran out in the meantime
            ledger.submit(due.data)
            ledger.tick(city.operator, city.ids)  # what the bank's word gave
            steps.done()
        ledger.close_books(city.operator, city.ids)


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


def _write_keys(
    workers: ThreadPoolExecutor, out: Path, keys: tuple["SimulatedKey", ...], password: str
) -> list[Future[KeyFile]]:
    """Encrypt and write key files beside the other work: each takes a sixth of a second."""
    return [
        workers.submit(
            create_key_file,
            out.joinpath(KEYS),
            key.name,
            key.seed,
            use=key.use,
            holder=key.holder,
            password=password,
        )
        for key in keys
    ]


def _clear(out: Path, *, force: bool) -> None:
    """Make room for a demo; remove nothing that a demo did not write."""
    if not out.exists():
        return
    if not out.is_dir():
        raise Conflict(f"{out} is no folder; name another by `--out`")
    if not any(out.iterdir()):
        return
    if not force:
        raise Conflict(f"there is a folder {out} already; `--force` replaces an earlier demo in it")
    for name in MADE:
        path = out.joinpath(name)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
