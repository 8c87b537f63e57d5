"""Budget and tenders."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "not_line_owner": Refusal(
        "{party} did not appropriate the line {line}.",
        "Let the line's finance bureau, {owner}, sign.",
    ),
    "same_line": Refusal(
        "A transfer from line {line} to itself moves nothing.",
        "Name two lines.",
    ),
    "lot_not_covered": Refusal(
        "Lot {lot} is worth {value_fen} fen, its lines set aside {lines_fen} fen.",
        "Make the lines add up to the lot's value.",
    ),
    "justification_missing": Refusal(
        "Tender {tender} has a single source and gives no justification.",
        "State why (Government Procurement Law 31).",
    ),
    "tender_not_open": Refusal(
        "Tender {tender} is {status}.",
        "Only a published tender can be awarded or cancelled.",
    ),
    "tender_in_use": Refusal(
        "Tender {tender} cannot be cancelled: contract {contract} rests on it.",
        "Close the contract instead.",
    ),
    "lot_already_awarded": Refusal(
        "Lot {lot} of tender {tender} was awarded by {award}.",
        "A lot is awarded once.",
    ),
    "winner_not_ranked": Refusal(
        "{winner} is not in the ranking.",
        "Rank every bidder that could win.",
    ),
    "winner_not_first": Refusal(
        "{winner} is not ranked first and no reason is given.",
        "Give the reason code, or award to {first}.",
    ),
    "value_exceeds": Refusal(
        "{what} is {value_fen} fen; at most {limit_fen} fen are allowed.",
        "Lower it, or raise the limit by its own procedure.",
    ),
}
