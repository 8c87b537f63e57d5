"""Closings."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "closing_out_of_turn": Refusal(
        "The closing states {log_size} statements before it; there are {index}.",
        "Let the ledger make it in its own turn: `sunledger close`.",
    ),
    "clock_overdue": Refusal(
        "{type} about {about} has been due since {due} and is not booked.",
        "Book what the clocks give first: `sunledger tick`.",
    ),
    "closing_differs": Refusal(
        "The closing states {field} as {stated}; the ledger's own state gives {computed}.",
        "Let the ledger make it: `sunledger close`. Nobody else can know what comes before it.",
    ),
}
