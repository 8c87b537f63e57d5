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
        "Tender {tender} can neither be cancelled nor fail: contract {contract} rests on it.",
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
    "window_too_short": Refusal(
        "Tender {tender} leaves bidders {days} days; open and invited ones leave {least}.",
        "Set a later close (Government Procurement Law 35).",
    ),
    "questions_outside_tender": Refusal(
        "Questions until {until} are not within the tender's opening and close.",
        "Name a time between the two.",
    ),
    "bond_exceeds": Refusal(
        "The {bond} is {share_ppm} parts per million of the value, more than {limit_ppm}.",
        "Lower it (Procurement Regulation 33 and 48).",
    ),
    "amendment_empty": Refusal(
        "The amendment of tender {tender} changes nothing.",
        "List at least one field that changes.",
    ),
    "close_brought_forward": Refusal(
        "Tender {tender} cannot close earlier than published, at {closes}.",
        "A close may be put off, never brought forward.",
    ),
    "tender_not_yet_open": Refusal(
        "Tender {tender} receives bids from {opens} on.",
        "Seal the bid then.",
    ),
    "tender_closed": Refusal(
        "Tender {tender} closed at {closes}.",
        "Act before the close.",
    ),
    "tender_still_open": Refusal(
        "Tender {tender} is open until {closes}.",
        "Wait for the close.",
    ),
    "lot_failed": Refusal(
        "Lot {lot} of tender {tender} has failed.",
        "Tender it anew.",
    ),
    "ground_not_given": Refusal(
        "Ground {ground} is not given: lot {lot} has {valid} valid bids, {within} in its value.",
        "Name the ground that is given (Government Procurement Law 36), or decide the award.",
    ),
    "award_stands": Refusal(
        "Lot {lot} is awarded to {winner} by {award}; the purchaser alone cannot take that back.",
        "Cancel the award first, with the winner or by a reviewer.",
    ),
    "question_too_late": Refusal(
        "Questions about tender {tender} were taken until {until}.",
        "Ask before that; terms that are unlawful can still be challenged.",
    ),
    "question_answered": Refusal(
        "Question {question} is answered already.",
        "An answer is given once, to all bidders.",
    ),
}
