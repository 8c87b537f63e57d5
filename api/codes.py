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

STANDING = {
    "native": _("native"),
    "reported": _("reported"),
    "published": _("published"),
    "closed": _("closed"),
    "awarded": _("awarded"),
    "contracted": _("contracted"),
    "failed": _("failed"),
    "cancelled": _("cancelled"),
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
    "contract": _("contract"),
    "tender": _("tender"),
    "party": _("party"),
    "line": _("line"),
    "programme": _("programme"),
    "claim": _("claim"),
    "payment": _("payment"),
    "process": _("process"),
}
"""Kinds and standings of tenders, bids, challenges, parties, keys, acts and what a search finds."""

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
