"""Money, last: it is asked only of what is otherwise lawful."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "guard_broken": Refusal(
        "{account} of line {line} holds {available_fen} fen; {asked_fen} fen are asked for.",
        "Make the authority available first, or ask for less.",
    ),
    "amount_overflows": Refusal(
        "{account} of line {line} would exceed {limit_fen} fen.",
        "No account may hold more than 2^53 - 1 fen.",
    ),
}
