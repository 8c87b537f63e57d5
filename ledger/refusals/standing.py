"""Qualifications and sanctions."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "qualification_not_in_force": Refusal(
        "The qualification {qualification} is suspended already.",
        "There is nothing to suspend.",
    ),
    "sanction_not_in_force": Refusal(
        "Sanction {sanction} was lifted already.",
        "There is nothing to lift.",
    ),
}
