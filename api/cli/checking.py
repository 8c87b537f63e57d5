"""`sunledger check`: what a file of evidence shows, offline.

Each kind of file is known by what is in it; its name does not matter.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

import orjson
import typer

from api.cli.console import Column, Console
from api.cli.options import Json, Policy, example
from api.cli.session import Session, now_ms
from api.text import _
from ledger.errors import LedgerError, Malformed
from ledger.replay.report import EXIT_UNJUDGED
from ledger.times import MS_PER_HOUR, format_instant

if TYPE_CHECKING:
    from ledger.historyproof import CheckedHistory
    from ledger.proof import Checked
    from ledger.receivableproof import CheckedReceivable
    from ledger.stateproof import CheckedState

_RECEIPT = b"c2sp.org/tlog-proof@"
_REFUSAL = b"sunledger/refusal/"
_OTHERS = {
    b"sunledger/statement/": "a statement file (.stmt): its receipt is what is checked, with "
    "`--statement` naming this file",
    b"log ": "a policy: it belongs behind `--policy`",
    b"SQLite format 3": "a database: `sunledger verify` judges one",
}
"""What people give by mistake, by how it begins, and what to do with it."""
_FIELD_OF = {"receipt": "event", "leaf": "state", "claim": "receivable"}
"""A field that only one kind of proof has."""
_LIMIT_PAYMENTS = 50


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "check",
        help=_(
            "Check a proof that `sunledger proof` made, the receipt or refusal of a statement, or "
            "an audit pack, without a database: of which kind it is, the file tells."
        ),
        epilog=example("sunledger check visit.eventproof.json --policy ledger.db.policy"),
    )(check)


def check(
    ctx: typer.Context,
    proof_file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            help=_(
                "A proof of an event, state, history or receivable, a receipt, a signed refusal, "
                "or the folder of an audit pack."
            ),
        ),
    ],
    statement: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help=_("The statement file that a receipt or refusal is of."),
        ),
    ] = None,
    operator: Annotated[
        str | None,
        typer.Option("--operator", help=_("The verifier key of who signed a refusal.")),
    ] = None,
    stale_ok: Annotated[
        bool,
        typer.Option("--stale-ok", help=_("Take a receivable's proof older than 24 hours.")),
    ] = False,
    beneficiary: Annotated[
        str | None,
        typer.Option(help=_("Of a contract's history: what this person, by token, was given.")),
    ] = None,
    policy: Policy = None,
    as_json: Json = False,
) -> None:
    """Check a proof."""
    session = Session(ctx, as_json, policy=policy)
    if proof_file.is_dir():
        from api.cli.packing import check_folder

        verdict: str = check_folder(session, proof_file).verdict
    else:
        verdict = _check_file(session, proof_file, statement, operator, stale_ok, beneficiary)
    if verdict != "OK":
        raise typer.Exit(EXIT_UNJUDGED)


def _check_file(
    session: Session,
    path: Path,
    statement: Path | None,
    operator: str | None,
    stale_ok: bool,
    beneficiary: str | None,
) -> str:
    """Check a file, tell what was found, and return the verdict."""
    with path.open("rb") as file:
        kind = _kind_of(file, path)
        file.seek(0)
        if kind == "refusal":
            from api.cli.checking_refusals import check_refusal

            return check_refusal(session, file.read(), statement, operator)
        if kind == "receipt":
            return _check_receipt(session, file, path, statement).verdict
        if kind == "receivable":
            return _check_receivable(session, file.read(), stale_ok=stale_ok).verdict
        if kind == "history":
            return _check_history(session, file, beneficiary).verdict
        return _CHECKS[kind](session, file).verdict


# -- which kind --------------------------------------------------------------------------------


def _kind_of(file: BinaryIO, path: Path) -> str:
    """Return which kind of evidence a file is, by its first line."""
    from ledger.historyproof import MAX_LINE_BYTES

    first = file.readline(MAX_LINE_BYTES)
    if first.startswith(_RECEIPT):
        return "receipt"
    if first.startswith(_REFUSAL):
        return "refusal"
    for begins, what in _OTHERS.items():
        if first.startswith(begins):
            raise Malformed(f"{path} is {what}")
    try:
        value = orjson.loads(first)
    except orjson.JSONDecodeError:
        value = None
    kinds = [
        kind for field, kind in _FIELD_OF.items() if isinstance(value, dict) and field in value
    ]
    if len(kinds) != 1:
        raise Malformed(
            f"{path} is neither a receipt nor a proof of an event, state, history or receivable: "
            "it was changed on the way or is something else; have it made again by `sunledger "
            "proof`"
        )
    return "history" if kinds == ["state"] and first.endswith(b"\n") else kinds[0]


def _lines(file: BinaryIO) -> Iterator[bytes]:
    from ledger.historyproof import MAX_LINE_BYTES

    while line := file.readline(MAX_LINE_BYTES):
        yield line


# -- each kind ---------------------------------------------------------------------------------


def _check_receipt(
    session: Session, file: BinaryIO, path: Path, statement: Path | None
) -> "Checked":
    from ledger.proof import check_receipt

    if statement is None:
        raise LedgerError(f"{path} is a receipt: name its statement file by `--statement`")
    checked = check_receipt(statement.read_bytes(), file.read(), session.policy())
    _report(session.console, checked)
    return checked


def _check_event(session: Session, file: BinaryIO) -> "Checked":
    from ledger.proof import check_event_proof

    checked = check_event_proof(file.read(), session.policy())
    _report(session.console, checked)
    return checked


def _check_state(session: Session, file: BinaryIO) -> "Checked":
    from ledger.stateproof import check_state_proof

    state = check_state_proof(file.read(), session.policy())
    checked = state.closing._replace(bodies=(state.leaf,))
    _report(session.console, checked, _as_of(session.console, state))
    return checked


def _check_history(session: Session, file: BinaryIO, beneficiary: str | None) -> "Checked":
    from ledger.historyproof import check_history_proof

    console = session.console
    with console.progress(_("Checking the history")):
        people = () if beneficiary is None else (beneficiary,)
        found = check_history_proof(_lines(file), session.policy(), people)
    _show_figures(console, found)
    facts = {
        "subject": found.state.key,
        "leaf": found.state.leaf.decode(),
        "history": found.events,
        "figures": {
            each.name: {"value": each.value, "unit": each.unit, "ground": each.ground}
            for each in found.figures
        },
        "payments": found.payments,
        "claims": found.claims,
        **_as_of(console, found.state),
    }
    console.say(
        _("All {events} events that touch {subject} up to there, none left out."),
        events=console.number(found.events),
        subject=found.state.key,
    )
    checked = found.state.closing._replace(bodies=())
    _report(console, checked, facts)
    return checked


def _check_receivable(session: Session, data: bytes, *, stale_ok: bool) -> "Checked":
    from ledger.receivableproof import check_fresh, check_receivable_proof

    console = session.console
    found = check_receivable_proof(data, session.policy())
    if not stale_ok:
        check_fresh(found, now_ms())
    _say_receivable(console, found)
    facts = {
        "claim": found.claim,
        "contract": found.contract,
        "provider": found.provider,
        "buyer": found.buyer,
        "status": found.status,
        "unpaid_fen": found.unpaid_fen,
        "disputed_fen": found.disputed_fen,
        "assigned_to": found.assigned_to,
        "confirmed_fen": found.confirmed_fen,
        **_as_of(console, found.state),
    }
    checked = found.state.closing._replace(bodies=())
    _report(console, checked, facts)
    return checked


_CHECKS: dict[str, Callable[[Session, BinaryIO], "Checked"]] = {
    "event": _check_event,
    "state": _check_state,
}


# -- telling -----------------------------------------------------------------------------------


def _as_of(console: Console, state: "CheckedState") -> dict[str, Any]:
    """Say as of which closing a proof is and how old that is; return the same for machines."""
    recorded_ms = state.closing.recorded_ms
    hours = max(now_ms() - recorded_ms, 0) // MS_PER_HOUR
    console.say(
        _("As of the closing of {size} statements, recorded {recorded}, {hours} hours ago."),
        size=console.number(state.log_size),
        recorded=format_instant(recorded_ms),
        hours=console.number(hours),
    )
    closing = {"size": state.log_size, "recorded": format_instant(recorded_ms), "hours": hours}
    return {"closing": closing}


def _show_figures(console: Console, found: "CheckedHistory") -> None:
    grounds = {
        "events": _("stated by its events"),
        "closing": _("held by the closing; its postings add up to it"),
        "both": _("stated by its events, and held by the closing"),
    }
    console.table(
        _("Figures of {subject}"),
        [
            Column(_("figure"), style="bold", whole=True),
            Column(_("value, in fen or pieces"), "right"),
            Column(_("how it is shown")),
        ],
        [
            [each.name, console.number(each.value), console.tell(grounds[each.ground])]
            for each in found.figures
            if each.value or "/" not in each.name
        ],
        subject=found.state.key,
    )
    if found.payments:
        payments = list(found.payments.items())[-_LIMIT_PAYMENTS:]
        console.table(
            _("Its last payments, in fen"),
            [Column(_("payment")), Column(_("principal"), "right"), Column(_("interest"), "right")],
            [
                [name, console.number(each["principal"]), console.number(each["interest"])]
                for name, each in payments
            ],
        )


def _say_receivable(console: Console, found: "CheckedReceivable") -> None:
    console.say(
        _(
            "Claim {claim} under contract {contract}: {buyer} owes {provider} {unpaid} fen, "
            "accepted and not paid; {disputed} fen are in dispute."
        ),
        claim=found.claim,
        contract=found.contract,
        buyer=found.buyer,
        provider=found.provider,
        unpaid=console.number(found.unpaid_fen),
        disputed=console.number(found.disputed_fen),
    )
    if found.confirmed is not None and found.confirmed_fen is not None:
        console.say(
            _("Confirmed: {fen} fen, signed by {signers}, recorded {recorded}."),
            fen=console.number(found.confirmed_fen),
            signers=", ".join(found.confirmed.signers),
            recorded=format_instant(found.confirmed.recorded_ms),
        )
    else:
        console.say(_("Only stated: this file shows no confirmation by both sides."))
    if found.assigned_to is None:
        console.say(_("It was assigned to nobody then."))
    else:
        console.say(_("It is assigned already, to {lender}."), lender=found.assigned_to)


def _report(console: Console, checked: "Checked", facts: dict[str, Any] | None = None) -> None:
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
            **(facts or {}),
        }
    )
