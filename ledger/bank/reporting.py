"""From a finding to the event that the treasury signs."""

from typing import Any

from ledger.bank.findings import Finding
from ledger.bank.references import advance_in
from ledger.events.advance import AdvanceRefunded, AdvanceRejected, AdvanceSettled
from ledger.events.base import Text
from ledger.events.payment import (
    BankReason,
    PaymentBounced,
    PaymentDiverted,
    PaymentRejected,
    PaymentSettled,
)

MEANINGS: dict[BankReason, str] = {
    "AC01": "The account number is wrong.",
    "AC04": "The account was closed.",
    "AC06": "The account is blocked.",
    "AM04": "There are no funds for it.",
    "AG01": "The account does not take such a transaction.",
    "BE01": "The name does not fit the account.",
    "MS03": "The bank gives no reason.",
    "NARR": "The bank tells the reason in words.",
}
"""What the ISO 20022 external reason codes of the vocabulary say."""

_OTHER: BankReason = "NARR"
_UNSAID: BankReason = "MS03"
_MAX_CHARS = 1_000  # of ledger.events.base.Text

PaymentReport = PaymentSettled | PaymentRejected | PaymentBounced | PaymentDiverted
AdvanceReport = AdvanceSettled | AdvanceRejected | AdvanceRefunded
Report = PaymentReport | AdvanceReport


def report_of(finding: Finding, salt: str, at: str, sha256: str) -> Report:
    """Return the event that a finding makes.

    `salt` blinds its hash, `at` is the instant it is signed, `sha256` the hash of the bank's file,
    kept as evidence.

    Raises:
        ValueError: the finding makes none.

    """
    name = finding.payment or ""
    heading = {"v": 1, "id": finding.event_id, "salt": salt, "at": at, "sha256": sha256}
    advance = advance_in(name)
    if advance is not None:
        return _of_advance(finding, {**heading, "advance": advance})
    return _of_payment(finding, {**heading, "payment": name})


def _of_payment(finding: Finding, fields: dict[str, Any]) -> PaymentReport:
    word = finding.word
    if finding.outcome in {"rejected", "bounced"}:
        fields["reason"], fields["explanation"] = reason_of(word.reason, word.explanation)
    if finding.outcome == "rejected":
        return PaymentRejected(**fields)
    fields["value_date"] = word.value_date or ""
    if finding.outcome == "bounced":
        return PaymentBounced(**fields)
    if finding.outcome not in {"settled", "diverted"}:
        raise ValueError(f"{finding.outcome} makes no event")
    kind = PaymentSettled if finding.outcome == "settled" else PaymentDiverted
    return kind(**fields, creditor=finding.creditor)


def _of_advance(finding: Finding, fields: dict[str, Any]) -> AdvanceReport:
    """Return the event of an advance; what bounced is a refund of it all, the law has no other."""
    word = finding.word
    if finding.outcome == "rejected":
        reason, explanation = reason_of(word.reason, word.explanation)
        return AdvanceRejected(**fields, reason=reason, explanation=explanation)
    fields["value_date"] = word.value_date or ""
    if finding.outcome == "bounced":
        return AdvanceRefunded(**fields, amount_fen=finding.amount_fen)
    if finding.outcome != "settled":
        raise ValueError(f"{finding.outcome} makes no event of an advance")
    return AdvanceSettled(**fields, creditor=finding.creditor)


def reason_of(code: str | None, words: str | None) -> tuple[BankReason, Text]:
    """Return the reason code of the vocabulary, and its explanation in the bank's words.

    A code that the vocabulary does not know is NARR, and stands before the words.
    """
    told = "".join(each if each.isprintable() else " " for each in words or "").strip()
    if code is None:
        return (_OTHER, told[:_MAX_CHARS]) if told else (_UNSAID, MEANINGS[_UNSAID])
    for known, meaning in MEANINGS.items():
        if code == known:
            return known, told[:_MAX_CHARS] or meaning
    shown = "".join(each if each.isprintable() else " " for each in code).strip()
    return _OTHER, (f"{shown}: {told}" if told else f"The bank's code is {shown}.")[:_MAX_CHARS]
