"""What the codes of registers mean, in words: parties, tenders, red flags, what a search finds."""

from api.text import _

PARTY_KINDS = {
    "government": _("government"),
    "social_organisation": _("social organisation"),
    "company": _("company"),
    "institution": _("public institution"),
    "person_agent": _("agent of a person"),
}
"""What a party is in law."""

KEY_USES = {
    "admin": _("to enrol and revoke keys"),
    "sign": _("to sign statements"),
    "session": _("to sign in"),
}
"""What a key is for."""

KEY_ENDS = {
    "LOST": _("lost"),
    "STOLEN": _("stolen"),
    "HOLDER_LEFT": _("its holder left"),
    "REPLACED": _("replaced"),
    "OTHER": _("other reasons"),
}
"""Why a key was revoked."""

ROLE_ENDS = {
    "ENDED": _("ended"),
    "REPLACED": _("replaced"),
    "MISCONDUCT": _("misconduct"),
    "OTHER": _("other reasons"),
}
"""Why a role was taken back."""

SCOPES = {
    "programmes": _("programmes {names}"),
    "purchasers": _("purchasers {names}"),
    "lines": _("fund lines {names}"),
}
"""What a role, a sanction or a qualification covers."""

RELATIONS = {
    "EMPLOYMENT": _("employed by it"),
    "BOARD": _("on its board"),
    "CONTROL": _("in control of it"),
    "KINSHIP": _("kin of who leads it"),
    "OTHER": _("other relation"),
}
"""How a person is related to a party."""

METHODS = {
    "open": _("open tender"),
    "invited": _("invited tender"),
    "negotiation": _("competitive negotiation"),
    "consultation": _("competitive consultation"),
    "single_source": _("single source"),
    "inquiry": _("inquiry"),
}
"""How a supplier is found (Government Procurement Law 26)."""

TENDER_STATUS = {
    "published": _("published"),
    "closed": _("closed"),
    "awarded": _("awarded"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
}
"""How a tender of the ledger's own stands."""

TENDER_GROUNDS = {
    1: _("fewer than three valid bidders"),
    2: _("a breach of law that bears on fairness"),
    3: _("every bid is above the budget"),
    4: _("the need is gone"),
}
"""Why procurement ended without an award (Government Procurement Law 36)."""

DISQUALIFICATIONS = {
    "NOT_QUALIFIED": _("the bidder is not qualified"),
    "NOT_RESPONSIVE": _("it does not answer what was asked"),
    "DOCUMENTS_INCOMPLETE": _("its documents are incomplete"),
    "BOND_MISSING": _("the bond is missing"),
    "PRICE_OVER_CAP": _("its price is above the highest"),
    "PRICE_BELOW_COST": _("its price is below cost"),
    "COLLUSION": _("collusion"),
    "FALSE_STATEMENT": _("a false statement"),
    "OTHER": _("other reasons"),
}
"""Why a bid may not compete."""

NOT_FIRST = {
    "FIRST_WITHDREW": _("the first withdrew"),
    "FIRST_DISQUALIFIED": _("the first was disqualified"),
    "RULING": _("by a ruling"),
    "OTHER": _("other reasons"),
}
"""Why somebody not ranked first won."""

CHALLENGE_GROUNDS = {
    "DOCUMENTS": _("the documents"),
    "PROCEDURE": _("the procedure"),
    "RESULT": _("the result"),
}
"""What a challenge is about."""

RULINGS = {
    "CHALLENGE_UPHELD": _("the challenge is upheld"),
    "CHALLENGE_REJECTED": _("the challenge is rejected"),
}
"""How a supervisor ruled on a complaint."""

RAISED = {
    "raised": _("raised"),
    "resolved": _("resolved"),
    "released": _("made public"),
}
"""How far a red flag came."""

VERDICTS = {
    "CONFIRMED": _("confirmed"),
    "EXPLAINED": _("explained"),
    "FALSE_ALARM": _("a false alarm"),
}
"""What became of a red flag."""

FOUND = {
    "contract": "contracts",
    "tender": "tenders",
    "party": "parties",
    "line": "funds",
    "programme": "programmes",
    "claim": "claims",
    "payment": "payments",
}
"""Where the page of what a search finds is, by kind; published processes have none."""

KINDS_FOUND = {
    "contract": _("contract"),
    "tender": _("tender"),
    "party": _("party"),
    "line": _("line"),
    "programme": _("programme"),
    "claim": _("claim"),
    "payment": _("payment"),
    "process": _("process"),
}
"""What a search can find."""

STANDING = (
    TENDER_STATUS
    | KINDS_FOUND
    | {
        "native": _("native"),
        "reported": _("reported"),
        "contracted": _("contracted"),
        "open": _("open"),
        "sealed": _("sealed"),
        "withdrawn": _("withdrawn"),
        "revealed": _("revealed"),
        "forfeited": _("forfeited"),
        "disqualified": _("disqualified"),
        "standing": _("standing"),
        "filed": _("filed"),
        "accepted": _("accepted"),
        "rejected": _("rejected"),
        "active": _("active"),
        "sanctioned": _("sanctioned"),
        "keyless": _("without a live key"),
        "live": _("live"),
        "waiting": _("waiting to take force"),
        "contested": _("contested"),
        "revoked": _("revoked"),
        "held": _("held"),
        "expired": _("expired"),
        "confirmation": _("confirmation"),
        "denial": _("denial"),
        "answer": _("answer"),
        "approval": _("approval"),
        "return": _("return"),
        "order": _("order"),
    }
)
"""The same, and how lots, bids, awards, challenges, parties, roles, keys and acts stand."""
