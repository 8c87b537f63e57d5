"""`sunledger proof`: evidence that a party carries away and shows offline."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import Db, Json, Policy, example
from api.cli.session import Session, now_ms, write_lines
from api.text import _
from ledger.errors import LedgerError
from ledger.times import MS_PER_HOUR, format_instant

if TYPE_CHECKING:
    from ledger.evidence.standing import LastClosing
    from ledger.store.store import Store

EVENT_SUFFIX, RECEIPT_SUFFIX, STATE_SUFFIX = ".eventproof.json", ".receipt", ".stateproof.json"
HISTORY_SUFFIX, RECEIVABLE_SUFFIX = ".historyproof", ".receivable.json"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "proof",
        help=_(
            "Make the proof of an event (by its id) or the receipt of a statement (by its id or "
            "its index). Or, as of the last closing: with `state KEY` the proof of how a subject "
            "stood, with `history KEY` of that and of every event and figure it rests on, with "
            "`receivable CLAIM` of what is unpaid of a claim, for a bank."
        ),
        epilog=example("sunledger proof 019ca8a7-5c00-7000-8000-000000000001"),
    )(proof)


def proof(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            help=_(
                "An event's id, a statement's id, a statement's index, or `state`, `history` or "
                "`receivable`."
            )
        ),
    ],
    key: Annotated[
        str | None,
        typer.Argument(
            help=_("The subject, for instance contract/c-1; with `receivable` the claim.")
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help=_("Where the proof goes."))] = None,
    db: Db = None,
    policy: Policy = None,
    as_json: Json = False,
) -> None:
    """Make a proof."""
    session = Session(ctx, as_json, db=db, policy=policy)
    as_of_closing = {"state": _prove_state, "history": _prove_history, "receivable": _receivable}
    with session.open_store() as store:
        if what in as_of_closing:
            if key is None:
                raise typer.BadParameter(
                    session.console.tell(_("name what it is of after `{what}`"), what=what)
                )
            as_of_closing[what](session, store, key, out)
            return
        if _UUID.fullmatch(what):
            from ledger.evidence.stored import StoreEvidence
            from ledger.proof import make_event_proof

            evidence = StoreEvidence(store, session.policy())
            data, path = make_event_proof(evidence, what), f"{what}{EVENT_SUFFIX}"
        else:
            from ledger.receipts import receipt_proof

            index = _index_of(store, what)
            data = receipt_proof(store, index, session.policy())
            path = f"{what}{RECEIPT_SUFFIX}"
    _write(session, out or Path(path), [data], {})


# -- as of the last closing --------------------------------------------------------------------


def _prove_state(session: Session, store: "Store", key: str, out: Path | None) -> None:
    from ledger.evidence.proving import prove_state
    from ledger.stateproof import check_state_proof

    closing = _last_closing(session, store)
    data = prove_state(store, closing, key, session.policy())
    leaf = check_state_proof(data, None).leaf.decode()
    session.console.line(leaf)
    _write(session, out or _path(key, STATE_SUFFIX), [data], _told(session, store, key, closing))


def _prove_history(session: Session, store: "Store", key: str, out: Path | None) -> None:
    from ledger.evidence.proving import prove_history

    closing = _last_closing(session, store)
    with session.console.progress(_("Writing the history")):
        lines = prove_history(store, closing, key, session.policy())
        written = out or _path(key, HISTORY_SUFFIX)
        _write(session, written, lines, _told(session, store, key, closing))


def _receivable(session: Session, store: "Store", claim: str, out: Path | None) -> None:
    from ledger.evidence.proving import prove_receivable

    closing = _last_closing(session, store)
    made = prove_receivable(store, closing, claim, session.policy())
    written = out or _path(claim, RECEIVABLE_SUFFIX)
    _write(session, written, [made.proof], _told(session, store, made.key, closing))


def _last_closing(session: Session, store: "Store") -> "LastClosing":
    from ledger.evidence.standing import last_closing

    with session.console.progress(_("Replaying up to the last closing")):
        return last_closing(store)


def _told(session: Session, store: "Store", key: str, closing: "LastClosing") -> dict[str, Any]:
    """Say as of when a proof is, and what came after; return the same for machines."""
    from ledger.evidence.proving import later_than

    console = session.console
    behind, later = later_than(store, closing, key)
    console.say(
        _("As of the closing at position {position}, recorded {recorded}, {hours} hours ago."),
        position=closing.position,
        recorded=format_instant(closing.recorded_ms),
        hours=console.number((now_ms() - closing.recorded_ms) // MS_PER_HOUR),
    )
    if behind:
        console.say(
            _(
                "{events} events touched {subject} since and are not in it; `sunledger proof ID` "
                "proves each: {ids}"
            ),
            events=console.number(behind),
            subject=key,
            ids=", ".join(later) + (" …" if behind > len(later) else ""),
        )
    return {
        "subject": key,
        "closing": {
            "event": closing.event_id,
            "position": closing.position,
            "size": closing.size,
            "recorded": format_instant(closing.recorded_ms),
        },
        "later": {"events": behind, "ids": later},
    }


# -- helpers -----------------------------------------------------------------------------------


def _write(session: Session, path: Path, parts: Iterable[bytes], facts: dict[str, Any]) -> None:
    size = write_lines(path, parts)
    session.console.say(_("Proof written: {path}"), path=path)
    session.console.document({"proof": str(path), "bytes": size, **facts})


def _path(key: str, suffix: str) -> Path:
    return Path(key.replace("/", "-") + suffix)


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
