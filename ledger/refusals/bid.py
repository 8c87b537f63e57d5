"""Bids: sealed, revealed, judged."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "party_sanctioned": Refusal(
        "{party} is barred by a sanction in force.",
        "Wait for its end, or have it lifted.",
    ),
    "party_not_qualified": Refusal(
        "{party} has no qualification {kind} in force, which the catalogue asks for {service}.",
        "Have the registrar grant it first.",
    ),
    "bid_already_made": Refusal(
        "{bidder} has already sealed bid {bid} for lot {lot}.",
        "Withdraw it first, before the close.",
    ),
    "bid_wrong_state": Refusal(
        "Bid {bid} is {status}, not {needed}.",
        "Look up what became of it.",
    ),
    "reveal_too_late": Refusal(
        "Bid {bid} was to be revealed before {until}.",
        "It is forfeited; submit bid.forfeited.",
    ),
    "reveal_still_open": Refusal(
        "Bid {bid} may be revealed until {until}.",
        "Wait until then.",
    ),
    "commitment_differs": Refusal(
        "What is shown of bid {bid} hashes to {shown}; sealed was {sealed}.",
        "Reveal exactly what was committed, nonce included.",
    ),
    "personal_interest": Refusal(
        "{person} has declared an interest in {party}: {relation}, {from_date} to {to_date}.",
        "Let somebody judge who has none in any bidder.",
    ),
    "bid_already_scored": Refusal(
        "This expert has scored bid {bid} by {criterion} already.",
        "A score is given once.",
    ),
}
