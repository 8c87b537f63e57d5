"""`sunledger submit`: statements in, receipts out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NamedTuple

import orjson
import typer

from api.cli.console import Column, Console
from api.cli.options import Db, Json, Keys, LedgerKey, example
from api.cli.remote import RemoteServer, ServerRefused
from api.cli.session import Session, write_file
from api.text import _
from ledger.errors import LedgerError
from ledger.statement import MEDIA_TYPE
from ledger.times import format_instant


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "submit",
        help=_(
            "Admit statements, in the order given, and print their receipts; submitting one "
            "again is harmless and returns the first receipt."
        ),
        epilog=example("sunledger submit contract.stmt visits.stmt"),
    )(submit)


def submit(
    ctx: typer.Context,
    statements: Annotated[
        list[Path], typer.Argument(exists=True, dir_okay=False, help=_("Statement files (.stmt)."))
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help=_("A folder for the receipts, as proof files."))
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help=_(
                "Send them to the server at this address; a refusal that its operator signed is "
                "kept beside the statement."
            ),
        ),
    ] = None,
    db: Db = None,
    keys: Keys = None,
    ledger_key: LedgerKey = None,
    as_json: Json = False,
) -> None:
    """Admit statements."""
    session = Session(ctx, as_json, db=db, keys=keys, ledger_key=ledger_key)
    console = session.console
    submitted: list[Submitted] = []
    # The receipts of those before a refused one are printed: they are admitted for good.
    try:
        with (
            _way_in(session, url, keep=out is not None) as send,
            console.progress(_("Admitting"), len(statements)) as steps,
        ):
            for path in statements:
                try:
                    receipt = send(path)
                except LedgerError as error:
                    if len(statements) > 1:
                        error.add_note(str(path))  # which of them it is about
                    raise
                submitted.append(receipt)
                steps.done()
                if out is not None:
                    write_file(out / f"{path.name}.receipt", receipt.proof, replace=True)
    finally:
        if submitted:
            _show(console, submitted)


class Submitted(NamedTuple):
    """A statement that is in the log: its file, its receipt, and that as a proof if asked for."""

    path: Path
    index: int  # type: ignore[assignment]  # a statement's index outweighs tuple.index
    statement_id: str
    recorded: str
    first_position: int
    event_count: int
    proof: bytes


@contextmanager
def _way_in(
    session: Session, url: str | None, *, keep: bool
) -> Iterator[Callable[[Path], Submitted]]:
    """Give what submits a file: to the server at `url`, else to the ledger at hand."""
    if url is not None:
        with RemoteServer(url, session.console.language) as server:
            yield lambda path: _send(session.console, server, path, keep=keep)
        return
    from ledger.receipts import receipt_proof

    with session.open_ledger() as ledger:

        def admit(path: Path) -> Submitted:
            receipt = ledger.submit(path.read_bytes())
            return Submitted(
                path,
                receipt.index,
                receipt.statement_id.hex(),
                format_instant(receipt.recorded_ms),
                receipt.first_position,
                receipt.event_count,
                receipt_proof(ledger.store, receipt.index) if keep else b"",
            )

        yield admit


def _send(console: Console, server: RemoteServer, path: Path, *, keep: bool) -> Submitted:
    try:
        answer = server.post("/v1/statements", path.read_bytes(), MEDIA_TYPE)
    except ServerRefused as refused:
        if refused.refusal is not None:
            kept = path.with_name(f"{path.name}.refusal")
            write_file(kept, refused.refusal, replace=True)
            console.remark(_("The operator's signed refusal: {path}"), path=kept)
        raise
    told = orjson.loads(answer.body)
    return Submitted(
        path,
        told["index"],
        told["id"],
        told["recorded"],
        told["first_position"],
        told["event_count"],
        server.get(told["proof"]) if keep else b"",
    )


def _show(console: Console, submitted: Sequence[Submitted]) -> None:
    console.table(
        _("Receipts"),
        [
            Column(_("statement")),
            Column(_("index"), "right"),
            Column(_("recorded"), whole=True),
            Column(_("events"), "right"),
            Column(_("first position"), "right"),
            Column(_("id"), whole=True),
        ],
        [
            [
                each.path.name,
                str(each.index),
                each.recorded,
                str(each.event_count),
                str(each.first_position),
                each.statement_id,
            ]
            for each in submitted
        ],
    )
    console.document(
        [
            {
                "statement": str(each.path),
                "id": each.statement_id,
                "index": each.index,
                "recorded": each.recorded,
                "events": each.event_count,
                "first_position": each.first_position,
            }
            for each in submitted
        ]
    )
