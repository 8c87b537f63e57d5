"""Awards, challenges and complaints."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "notice_too_short": Refusal(
        "The single source of tender {tender} is on notice until {until}.",
        "Award after that (Procurement Regulation 38).",
    ),
    "reveal_not_over": Refusal(
        "Bid {bid} is still sealed; it may be revealed until {until}.",
        "Wait until all are in; after that time submit bid.forfeited.",
    ),
    "too_few_bids": Refusal(
        "Lot {lot} has {valid} valid bids; at least {least} are needed.",
        "The lot can only fail (Government Procurement Law 36).",
    ),
    "bidder_not_valid": Refusal(
        "{bidder} is ranked but has no valid bid for lot {lot}.",
        "Rank only bidders whose bid was revealed and not disqualified.",
    ),
    "valid_bid_not_ranked": Refusal(
        "The ranking leaves out {bidder}, whose bid {bid} is valid.",
        "Rank every valid bid.",
    ),
    "award_differs_from_bid": Refusal(
        "Award {award} is worth {value_fen} fen; the winner's bid {bid} asks {bid_fen} fen.",
        "Award what was bid.",
    ),
    "award_not_standing": Refusal(
        "Award {award} was cancelled.",
        "Rest on the lot's award in force.",
    ),
    "award_not_final": Refusal(
        "Award {award} can be challenged until {until}.",
        "Sign after that (Government Procurement Law 52).",
    ),
    "award_contested": Refusal(
        "Challenge {challenge} to award {award} is {status}.",
        "Answer it, or let it be decided; where it is right, cancel the award.",
    ),
    "award_suspended": Refusal(
        "Complaint {complaint} suspends award {award} until {until}.",
        "Wait for the ruling or that time (Government Procurement Law 57).",
    ),
    "challenger_not_affected": Refusal(
        "{party} did not compete for award {award}, or won it.",
        "Only those who lost it may challenge it.",
    ),
    "challenge_too_late": Refusal(
        "A challenge to {what} was possible until {until}.",
        "Challenges are filed within their days (Government Procurement Law 52).",
    ),
    "challenge_already_answered": Refusal(
        "Challenge {challenge} is {status} already.",
        "A challenge is answered once; a complaint may follow.",
    ),
    "complaint_too_early": Refusal(
        "Challenge {challenge} may still be answered until {until}.",
        "Complain after the answer, or after that time.",
    ),
    "complaint_too_late": Refusal(
        "A complaint about challenge {challenge} was possible until {until}.",
        "Complaints are lodged within 15 working days (Government Procurement Law 55).",
    ),
    "challenge_already_complained": Refusal(
        "Complaint {complaint} has already taken challenge {challenge} further.",
        "Wait for its decision.",
    ),
    "complaint_already_decided": Refusal(
        "Complaint {complaint} is decided already.",
        "A ruling is given once.",
    ),
}
