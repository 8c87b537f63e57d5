"""Programmes, fund lines, cash plans and the year's end."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "programme_ended": Refusal(
        "Programme {programme} has ended.",
        "Establish a new programme for what is still to be done.",
    ),
    "programme_in_use": Refusal(
        "Programme {programme} cannot end: the {kind} {id} is {status}.",
        "Close its contracts and cancel its open tenders first.",
    ),
    "period_not_over": Refusal(
        "{what} lasts until {last_day}; today is {today}.",
        "Wait until that day is over.",
    ),
    "line_lapsed": Refusal(
        "Line {line} has lapsed.",
        "Take a line of the current year.",
    ),
    "year_differs": Refusal(
        "Line {line} is of the budget year {year}; a line of {expected} is called for.",
        "Name a line of that year.",
    ),
    "line_has_reservation": Refusal(
        "Line {line} holds {reserved_fen} fen reserved for lot {lot}.",
        "Cancel the tender, or carry the lot over, before the line lapses.",
    ),
    "carry_over_unclear": Refusal(
        "A carry-over is of one contract, or of a tender and one of its lots; this names {named}.",
        "Name the contract alone, or the tender with the lot.",
    ),
    "line_not_of": Refusal(
        "Line {line} is no line of {what}.",
        "Take one of its lines.",
    ),
    "order_in_flight": Refusal(
        "{what} has {amount_fen} fen {account}: an order is with the bank.",
        "Wait for the treasury's report on it.",
    ),
    "nothing_to_carry": Refusal(
        "{what} has nothing left on line {line}.",
        "Nothing needs to be done.",
    ),
    "carried_over_before": Refusal(
        "{what} still has {amount_fen} fen on line {line} that were carried to it before.",
        "Authority is carried over once (Budget Law 42): pay from it, or release it.",
    ),
    "cash_plan_exceeded": Refusal(
        "The cash plan of line {line} for {month} is {planned_fen} fen, of which {used_fen} fen "
        "are used; {asked_fen} fen are asked for.",
        "Have a larger plan approved for the month, or order in a month whose plan allows it.",
    ),
    "cash_plan_below_use": Refusal(
        "Line {line} has {used_fen} fen ordered in {month}; a plan of {planned_fen} fen is less.",
        "Approve at least what is used.",
    ),
}
