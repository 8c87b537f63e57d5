"""Notices, and what a reviewer must be."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "reply_by_out_of_range": Refusal(
        "The reply is asked for by {reply_by}; it must be from {earliest} to {latest}.",
        "Leave at least 5 working days and at most 90 days for it.",
    ),
    "notice_amount_missing": Refusal(
        "A notice of {act} must say how much it is about.",
        "State the most that the act will take.",
    ),
    "notice_amount_unexpected": Refusal(
        "Nothing is taken here, so there is no amount of {amount_fen} fen.",
        "Leave the amount out.",
    ),
    "reply_too_late": Refusal(
        "Notice {notice} could be answered until the end of {reply_by}.",
        "Silence until then means that the notice stands.",
    ),
    "notice_wrong_state": Refusal(
        "Notice {notice} is {status}, not {expected}.",
        "A notice is answered once, and decided once if it was contested.",
    ),
    "reviewer_not_independent": Refusal(
        "{reviewer} is, controls or belongs to {party}, a party of this case.",
        "Let a reviewer decide that belongs to neither side.",
    ),
    "notice_not_standing": Refusal(
        "Notice {notice} is {status} and could be answered until the end of {reply_by}.",
        "Act when it was accepted, or upheld, or left unanswered until that day's end.",
    ),
    "notice_spent": Refusal(
        "Notice {notice} has backed its act already.",
        "Give another notice: each backs one act.",
    ),
    "notice_differs": Refusal(
        "Notice {notice} has {given} as its {field}; this act has {done}.",
        "Act as the notice says, or give another one.",
    ),
}
