"""What the codes in records mean, in words of the catalogue: on the command line and on pages."""

from api.telling import NOTHING
from api.text import _

CONTRACT_STATUS = {
    "active": _("active"),
    "suspended": _("suspended"),
    "terminated": _("terminated"),
    "closed": _("closed"),
}
"""How a contract of the ledger's own stands."""

PAYMENT_STATUS = {
    "requested": _("requested"),
    "approved": _("approved"),
    "returned": _("returned"),
    "ordered": _("ordered"),
    "settled": _("paid"),
    "rejected": _("rejected by the bank"),
    "bounced": _("came back from the bank"),
    "diverted": _("paid to another account"),
}
"""How a payment stands."""

WAITS_FOR = {
    "approval": _("approval"),
    "order": _("order"),
    "bank": _("bank"),
    "right_account": _("right account"),
    "new_request": _("new request"),
    "nothing": NOTHING,
}
"""What a payment waits for."""

WAITS_TOLD = {
    "approval": _("It waits for finance to approve it."),
    "order": _("It is approved, and waits for finance to order it."),
    "bank": _("It is with the bank, and waits for its word."),
    "right_account": _(
        "The bank paid another account: it waits for the right one to be paid, or the money back."
    ),
    "new_request": _("It is over: what it was for can be asked for again."),
    "nothing": _("It is paid; nothing is waited for."),
}
"""The same as a sentence."""

AHEAD = {
    "approval": (_("approval by the finance bureau"), _("order to the bank"), _("payment")),
    "order": (_("order to the bank"), _("payment")),
    "bank": (_("payment"),),
    "right_account": (_("payment to the right account, or the money back"),),
    "new_request": (_("a new request for the same sums"),),
    "nothing": (),
}
"""The steps that a payment has still before it, by what it waits for."""

CLAIM_STEPS = {
    "claimed": _("claimed"),
    "answered": _("accepted by an answer"),
    "deemed": _("accepted, since nobody answered in time"),
    "cut": _("cut: {reason}"),
    "disputed": _("disputed by the answer"),
    "contested": _("cut, and contested"),
    "returned": _("comes back of a cut, as {about}"),
    "awarded": _("awarded of a dispute, as {about}"),
    "denied": _("not awarded of a dispute"),
    "released": _("released of what was held back"),
    "granted": _("granted as a bonus"),
    "recovered": _("recovers an advance"),
    "retained": _("held back"),
    "deducted": _("deducted for an earlier score"),
    "scored": _("deducted for score {about}"),
    "penalised": _("penalty after notice {about}: {reason}"),
    "interest": _("interest for late payment"),
    "waived": _("interest waived"),
    "confirmed": _("receivable confirmed"),
    "assigned": _("receivable assigned to {about}"),
    "given_back": _("receivable given back by {about}"),
}
"""What changed what is owed on a claim; some say of what, and why."""

OWN_SUMS = {"returned": _("comes back of a cut"), "awarded": _("awarded of a dispute")}
"""What made a sum of its own, told on that sum itself: it is about no other."""


def step_message(kind: str, about: str | None) -> str:
    """Return what a step did to a sum, with placeholders for the reason and what it is about."""
    message = CLAIM_STEPS[kind]
    return OWN_SUMS.get(kind, message) if about is None else message


FLAG_STATUS = {
    "raised": _("raised as {flag} by {auditor}"),
    "resolved": _("raised as {flag} by {auditor}, resolved: {verdict}"),
    "released": _("raised as {flag} by {auditor}, resolved: {verdict}, and public"),
}
"""How a flag that an auditor adopted stands."""

SCORE_STATUS = {
    "proposed": _("proposed"),
    "contested": _("contested"),
    "final": _("final"),
}
"""How a score stands."""

TIERS = {"mild": _("mild"), "moderate": _("moderate"), "severe": _("severe")}
"""How much care a person needs."""

EXITS = {
    "DECEASED": _("deceased"),
    "MOVED": _("moved away"),
    "INSTITUTION": _("in an institution"),
    "NO_NEED": _("needs no more care"),
    "WITHDREW": _("withdrew"),
    "OTHER": _("other reasons"),
}
"""Why a person is no longer entitled."""

ABSENCES = {
    "HOSPITAL": _("hospital"),
    "INSTITUTION": _("institution"),
    "TRAVEL": _("travel"),
    "OTHER": _("elsewhere"),
}
"""Why a person is away."""

SAID = {"confirmed": _("confirmed"), "denied": _("denied")}
"""What was said of a visit."""

SPOTCHECKS = {
    "AS_RECORDED": _("as recorded"),
    "DIFFERS": _("not as recorded"),
    "NOT_FOUND": _("did not take place"),
    "UNKNOWN": _("nobody could tell"),
}
"""What a spot check found."""

CONTRACTS_BY_STATUS = {
    "active": _("contracts in force"),
    "suspended": _("contracts suspended"),
    "terminated": _("contracts terminated"),
    "closed": _("contracts closed"),
}
"""How many contracts stand how."""

ACCOUNTS = {
    "appropriated": _("appropriated"),
    "allotted": _("allotted"),
    "reserved": _("reserved"),
    "committed": _("committed"),
    "accrued": _("accrued"),
    "paid": _("paid"),
}
"""The accounts of a fund line that everybody asks for, in the order in which money goes."""

ALL_ACCOUNTS = {
    "source_original": _("source: first budget"),
    "source_adjusted": _("source: supplements and transfers"),
    "source_carried": _("source: carried over from the year before"),
    "appropriated": _("appropriated"),
    "allotted": _("allotted"),
    "reserved": _("reserved"),
    "committed": _("committed"),
    "prepaid": _("paid in advance"),
    "accrued": _("accrued"),
    "retained": _("retained"),
    "ordered": _("ordered"),
    "advance_ordered": _("advances ordered"),
    "interest_ordered": _("interest ordered"),
    "paid": _("paid"),
    "interest_paid": _("interest paid"),
    "lapsed": _("lapsed"),
    "carried": _("carried over"),
    "cash": _("cash"),
    "in_transit": _("in transit"),
    "advances": _("advances"),
    "payable": _("payable to providers"),
    "retention_payable": _("retention payable"),
    "interest_payable": _("interest payable"),
    "equity": _("equity"),
    "penalty_revenue": _("revenue from penalties"),
    "service_expense": _("expense for services"),
    "bonus_expense": _("expense for bonuses"),
    "interest_expense": _("expense for interest"),
}
"""Every account of the two books, in the order of the chart (`ledger.postings.CHART`)."""

SOURCES = {
    "central": _("central budget"),
    "province": _("province budget"),
    "city": _("city budget"),
    "lottery": _("welfare lottery"),
}
"""Whose money a fund line holds."""

STAGES = {
    "granted": _("granted"),
    "allotted": _("allotted"),
    "reserved": _("reserved"),
    "committed": _("committed"),
    "accrued": _("accrued"),
    "paid": _("paid"),
}
"""How far money came."""

UNITS = {"visit": _("the visit"), "hour": _("the hour"), "day": _("the day")}
"""What of a service is counted."""

CUT_REASONS = {
    "NOT_ELIGIBLE": _("the person is not eligible"),
    "EXITED": _("the person is no longer entitled"),
    "NOT_IN_PLAN": _("not in the care plan"),
    "OVER_UNITS": _("more units than planned"),
    "OVER_CAP_PRICE": _("above the highest price"),
    "UNQUALIFIED": _("the worker is not qualified"),
    "WORKER_OVERLAP": _("the worker was elsewhere at that time"),
    "ELDER_OVERLAP": _("the person was served otherwise at that time"),
    "PLACE_UNVERIFIED": _("the place is not verified"),
    "TOO_SHORT": _("too short"),
    "OVERTIME": _("longer than allowed"),
    "MANUAL_NO_REASON": _("recorded by hand without a reason"),
    "DENIED_BY_ELDER": _("denied by the person"),
    "DUPLICATE": _("billed twice"),
    "OUTSIDE_TERM": _("outside the term"),
    "OTHER_FUND": _("paid from another fund"),
    "LATE_SUBMISSION": _("submitted late"),
    "NO_CONFIRMATION": _("not confirmed"),
    "MISSING_ELEMENT": _("an element is missing"),
    "OTHER": _("other reasons"),
}
"""Why a line of a claim is cut (`ledger.events.base.ReasonCode`)."""

SUM_STATUS = {
    "submitted": _("submitted"),
    "answered": _("answered"),
    "accepted": _("accepted, since nobody answered in time"),
    "awarded": _("awarded"),
    "released": _("released of what was held back"),
    "granted": _("granted as a bonus"),
}
"""How a claim or another sum owed stands."""

RECEIVABLE = {
    "requested": _("confirmation asked"),
    "confirmed": _("confirmed"),
    "assigned": _("assigned"),
}
"""How a receivable stands."""

GROUNDS = {
    "LATE_DELIVERY": _("delivered late"),
    "NOT_DELIVERED": _("not delivered"),
    "QUALITY": _("poor quality"),
    "UNQUALIFIED_WORKER": _("an unqualified worker"),
    "FALSE_RECORD": _("a false record"),
    "OVERPAYMENT": _("paid too much"),
    "BREACH": _("breach of contract"),
    "SAFETY": _("safety"),
    "QUALIFICATION_LOST": _("qualification lost"),
    "MISCONDUCT": _("misconduct"),
    "COMPLETED": _("completed"),
    "OTHER": _("other reasons"),
}
"""Why one side acts against the other (`ledger.events.notice.Ground`)."""

AMENDMENTS = {
    "CLERICAL": _("correction of a slip"),
    "SCOPE": _("other services"),
    "PRICE": _("other prices"),
    "TERM": _("another term"),
    "BUDGET": _("another budget"),
    "OTHER": _("other reasons"),
}
"""Why a contract was amended."""

REPORT_STANDING = {
    "counted": _("counted"),
    "superseded": _("superseded"),
    "summary": _("summary of other releases"),
    "summarised": _("part of a summary"),
    "unreadable": _("unreadable"),
}
"""How a report of a process counts (`projections.reported_standing.Standing`)."""

ROLES = {
    "authority": _("authority"),
    "registrar": _("registrar"),
    "finance": _("finance bureau"),
    "purchaser": _("purchaser"),
    "provider": _("provider"),
    "evaluator": _("evaluator"),
    "reviewer": _("reviewer"),
    "auditor": _("auditor"),
    "treasury": _("treasury"),
    "lender": _("lender"),
    "operator": _("operator"),
    "reporter": _("reporter"),
}
"""What a party may act as, in words."""

DRAFT_STATUS = {
    "waiting": _("waiting"),
    "admitted": _("admitted"),
    "refused": _("refused"),
}
"""Of a statement that others must sign too."""
