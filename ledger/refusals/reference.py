"""What an event refers to, and the forms that are checked at admission."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "reference_unknown": Refusal(
        "There is no {kind} {id} in this ledger.",
        "Check the id, or submit the statement that introduces it first.",
    ),
    "id_taken": Refusal(
        "The {kind} {id} exists already; ids differ by more than case.",
        "Choose another id.",
    ),
    "date_invalid": Refusal(
        "{field} is {value}, which is no date or time of the calendar.",
        "Write dates as 2026-03-01 and times as 2026-03-01T08:00:00.000Z.",
    ),
    "period_reversed": Refusal(
        "{field} ends at {end}, before it starts at {start}.",
        "Correct the start or the end.",
    ),
    "list_repeats": Refusal(
        "{field} names {id} more than once.",
        "Name each only once.",
    ),
    "weights_not_whole": Refusal(
        "{field} add up to {sum} parts per million, not to 1000000.",
        "Make the weights add up to one.",
    ),
}
