"""`sunledger proof` and `sunledger check`: evidence that a party carries away and shows offline."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import Db, Json, Policy, example
from api.cli.session import Session, write_file
from api.text import _
from ledger.errors import LedgerError
from ledger.replay.report import EXIT_UNJUDGED
from ledger.times import format_instant

if TYPE_CHECKING:
    from ledger.proof import Checked
    from ledger.store.store import Store

EVENT_SUFFIX, RECEIPT_SUFFIX, STATE_SUFFIX = ".eventproof.json", ".receipt", ".stateproof.json"
STATE = "state"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(
        "proof",
        help=_(
            "Make the proof of an event (by its id), the receipt of a statement (by its id or its "
            "index), or with `state KEY` the proof of how a subject stood at the last closing."
        ),
        epilog=example("sunledger proof 019ca8a7-5c00-7000-8000-000000000001"),
    )(proof)
    app.command(
        "check",
        help=_("Check an event proof, or the receipt of a statement file, without a database."),
        epilog=example("sunledger check visit.eventproof.json --policy ledger.db.policy"),
    )(check)


def proof(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(help=_("An event's id, a statement's id, a statement's index, or `state`.")),
    ],
    key: Annotated[
        str | None,
        typer.Argument(help=_("With `state`: the subject, for instance contract/c-1.")),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help=_("Where the proof goes."))] = None,
    db: Db = None,
    policy: Policy = None,
    as_json: Json = False,
) -> None:
    """Make a proof."""
    session = Session(ctx, as_json, db=db, policy=policy)
    with session.open_store() as store:
        if what == STATE:
            if key is None:
                raise typer.BadParameter(session.console.tell(_("name the subject after `state`")))
            data = _state_proof(session, store, key)
            path = key.replace("/", "-") + STATE_SUFFIX
        elif _UUID.fullmatch(what):
            from ledger.evidence.stored import StoreEvidence
            from ledger.proof import make_event_proof

            evidence = StoreEvidence(store, session.policy())
            data, path = make_event_proof(evidence, what), f"{what}{EVENT_SUFFIX}"
        else:
            from ledger.receipts import receipt_proof

            index = _index_of(store, what)
            data = receipt_proof(store, index, session.policy())
            path = f"{what}{RECEIPT_SUFFIX}"
    written = out or Path(path)
    write_file(written, data)
    session.console.say(_("Proof written: {path}"), path=written)
    session.console.document({"proof": str(written), "bytes": len(data)})


def check(
    ctx: typer.Context,
    proof_file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help=_("An event proof or a receipt."))
    ],
    statement: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help=_("The statement file that a receipt is of.")
        ),
    ] = None,
    policy: Policy = None,
    as_json: Json = False,
) -> None:
    """Check a proof."""
    session = Session(ctx, as_json, policy=policy)
    from ledger.proof import check_event_proof, check_receipt

    data = proof_file.read_bytes()
    if proof_file.name.endswith(STATE_SUFFIX):
        from ledger.stateproof import check_state_proof

        state = check_state_proof(data, session.policy())
        checked = state.closing._replace(bodies=(state.leaf,))
    elif data.startswith(b"{"):
        checked = check_event_proof(data, session.policy())
    elif statement is None:
        raise LedgerError(f"{proof_file} is a receipt: name its statement file by `--statement`")
    else:
        checked = check_receipt(statement.read_bytes(), data, session.policy())
    _report(session, checked)
    if checked.verdict != "OK":
        raise typer.Exit(EXIT_UNJUDGED)


def _state_proof(session: Session, store: "Store", key: str) -> bytes:
    from ledger.evidence.standing import last_closing
    from ledger.evidence.stored import StoreEvidence
    from ledger.proof import make_event_proof
    from ledger.stateproof import make_state_proof

    with session.console.progress(_("Replaying up to the last closing")):
        closing = last_closing(store)
    evidence = StoreEvidence(store, session.policy())
    return make_state_proof(make_event_proof(evidence, closing.event_id), closing.leaves, key)


def _index_of(store: "Store", what: str) -> int:
    """Return the index of a statement given by its id or its index."""
    if _INDEX.fullmatch(what):
        return int(what)
    row = store.statement_by_id(bytes.fromhex(what)) if _SHA256.fullmatch(what) else None
    if row is None:
        raise LedgerError(
            f"there is no event or statement {what} in this ledger; events are named by UUID, "
            "statements by 64 hex digits or by index"
        )
    return row.index


def _report(session: Session, checked: "Checked") -> None:
    console = session.console
    for body in checked.bodies:
        console.line(body.decode())
    console.say(
        _("In statement {index} of {origin}, recorded {recorded}, signed by {signers}."),
        index=checked.index,
        origin=checked.origin,
        recorded=format_instant(checked.recorded_ms),
        signers=", ".join(checked.signers),
    )
    if checked.cosigned_by:
        console.say(_("Cosigned by {names}."), names=", ".join(checked.cosigned_by))
    if checked.replayed_by:
        console.say(_("Checked by {names}."), names=", ".join(checked.replayed_by))
    else:
        console.say(_("Stated by the operator, not checked by a replaying witness."))
    console.line(
        f"proved in the log of {checked.size:,} statements: {checked.verdict}", style="bold"
    )
    console.document(
        {
            "verdict": checked.verdict,
            "origin": checked.origin,
            "index": checked.index,
            "size": checked.size,
            "recorded": format_instant(checked.recorded_ms),
            "signers": list(checked.signers),
            "events": [body.decode() for body in checked.bodies],
            "cosigned_by": list(checked.cosigned_by),
            "replayed_by": list(checked.replayed_by),
        }
    )
