"""Checking a signed refusal: that the operator said no to a statement, when and why."""

from pathlib import Path

from api.cli.session import Session
from api.text import _, message_in
from ledger.errors import Unverified
from ledger.note import VerifierKey
from ledger.proof import Verdict
from ledger.refusals import REFUSALS
from ledger.refused import SignedRefusal, open_refusal, read_refusal
from ledger.statement import decode_statement_file, parse_statement
from ledger.times import format_instant


def check_refusal(
    session: Session, data: bytes, statement: Path | None, operator: str | None
) -> Verdict:
    """Check a refusal and say what it shows; return how far it could be judged.

    `statement` is the file that was refused, `operator` the verifier key of who refused.

    Raises:
        Malformed: the file is no refusal.
        Unverified: it is not signed by that key, or is of another statement.

    """
    keys = [] if operator is None else [VerifierKey.parse(operator)]
    found = open_refusal(data, keys) if keys else read_refusal(data)
    if statement is not None:
        asked = parse_statement(decode_statement_file(statement.read_bytes())[0])
        if (asked.id, asked.origin) != (found.statement_id, found.origin):
            raise Unverified(f"the refusal is not of the statement in {statement}")
    verdict: Verdict = "OK" if keys else "consistent, not anchored"
    _say(session, found, verdict)
    return verdict


def _say(session: Session, found: SignedRefusal, verdict: Verdict) -> None:
    console = session.console
    when, names = format_instant(found.refused_ms), ", ".join(found.signed_by)
    console.say(
        _("{origin} refused statement {id} on {when}, signed by {names}: {code}."),
        origin=found.origin,
        id=found.statement_id.hex(),
        when=when,
        names=names,
        code=found.code,
    )
    if found.code in REFUSALS:
        console.line(message_in(REFUSALS[found.code].sentence, console.language))
    if verdict != "OK":
        console.say(
            _("The signature was not checked: give the operator's verifier key by `--operator`.")
        )
    console.line(f"refusal: {verdict}", style="bold")
    console.document(
        {
            "verdict": verdict,
            "origin": found.origin,
            "statement": found.statement_id.hex(),
            "code": found.code,
            "refused": when,
            "signed_by": list(found.signed_by),
        }
    )
