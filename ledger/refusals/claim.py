"""Claims."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "visit_settled": Refusal(
        "Visit {visit} is not open there: it is settled, of another contract or claim, or was "
        "never recorded.",
        "Name visits that are still open.",
    ),
    "claim_figures_differ": Refusal(
        "{field} is {stated}; the ledger's visits give {computed}.",
        "Take the figures of `sunledger show contract`.",
    ),
    "claim_empty": Refusal(
        "Contract {contract} has no unclaimed visit that began by {date}.",
        "There is nothing to claim.",
    ),
    "invoice_used": Refusal(
        "The invoice {invoice}, or its file, was used before.",
        "Issue a new invoice.",
    ),
    "claim_not_open": Refusal(
        "Claim {claim} is {status}.",
        "A claim is answered once.",
    ),
    "claim_answer_late": Refusal(
        "Claim {claim} could be answered until the end of {last_day}.",
        "It is accepted in full; book claim.deemed_accepted.",
    ),
    "claim_answer_not_due": Refusal(
        "Claim {claim} can be answered until the end of {last_day}.",
        "Wait for the answer, or for that day to pass.",
    ),
    "answer_does_not_add_up": Refusal(
        "Claim {claim} asks for {claim_fen} fen; accepted, cut and disputed come to {sum_fen} fen.",
        "Account for every fen.",
    ),
    "line_amount_exceeds": Refusal(
        "Visit {visit} was claimed with {claimed_fen} fen; {amount_fen} fen are cut or disputed.",
        "Cut or dispute no more than was claimed.",
    ),
    "cuts_stand": Refusal(
        "The cuts of claim {claim} could be contested until the end of {last_day}; they stand.",
        "Nothing more can be done about them.",
    ),
    "line_not_open": Refusal(
        "Visit {visit} has {open_fen} fen {what} in claim {claim}; {amount_fen} fen are named.",
        "Name no more than what is open.",
    ),
}
