"""Grievances, audits and flags."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "about_unclear": Refusal(
        "This must be about one contract or one party, and about a visit only with its contract.",
        "Name the contract, or else the party.",
    ),
    "grievance_wrong_state": Refusal(
        "Grievance {grievance} was {done} already.",
        "A grievance is answered once and escalated once.",
    ),
    "outside_audit": Refusal(
        "Audit {audit} is of {party} in a scope that {subject} is not part of.",
        "Open an audit that covers it.",
    ),
    "finding_wrong_state": Refusal(
        "Finding {finding} is {status}.",
        "A finding is answered once and closed once.",
    ),
    "finding_not_due": Refusal(
        "Finding {finding} is not answered, and its answer is due by the end of {due}.",
        "Wait for the answer, or for that day's end.",
    ),
    "rule_not_in_force": Refusal(
        "{rule} is not the version in force; that is {current}.",
        "Look again by the version in force, and name it.",
    ),
    "flag_wrong_state": Refusal(
        "Flag {flag} is {status}, not {expected}.",
        "A flag is resolved once, and released once after that.",
    ),
}
