"""An event in words: what a person is about to agree to, before the key signs it.

Each type has a sentence of its own fields; below it stand the others, amounts as money. Nothing is
left out: what is signed is what was shown.
"""

from collections.abc import Iterator

import msgspec

from api.telling import Teller
from api.text import _
from ledger.events import Event, type_of

CURRENCY = "CNY"
HEADING = frozenset({"type", "v", "id", "salt", "at"})

SENTENCES = {
    "ledger.opened": _("The ledger {origin} is opened."),
    "ledger.closed": _("The ledger is closed for the day after {log_size} statements."),
    "party.registered": _("{party} is registered."),
    "party.updated": _("The register entry of {party} changes."),
    "key.enrolled": _("A key of {party} is enrolled for {use}."),
    "key.recovered": _("A new key replaces lost ones of {party}."),
    "key.contested": _("The recovery {recovery} is contested."),
    "key.revoked": _("A key is revoked ({reason})."),
    "act.reaffirmed": _("The act {event} stands, though it is in doubt."),
    "account.declared": _("{account} is an account of {party}."),
    "interest.declared": _("{person} is related to {counterparty} ({relation})."),
    "subject.erased": _("What is known of {token} is erased ({basis})."),
    "role.granted": _("{party} is given the role {role}."),
    "role.revoked": _("The role {role} is taken from {party} ({reason})."),
    "rule.published": _("Version {version} of the rule {rule} is in force."),
    "service.catalogued": _("The service {code} may be bought by the {unit}."),
    "service.withdrawn": _("The service {code} may not be contracted any more."),
    "price.capped": _("The service {code} costs at most {cap_fen} in {area}, from {from}."),
    "programme.established": _("The programme {programme} is established."),
    "budget.appropriated": _("{amount_fen} are appropriated to the new line {line}."),
    "budget.supplemented": _("{amount_fen} are added to line {line}."),
    "budget.allotted": _("{amount_fen} of line {line} are made available."),
    "budget.transferred": _("{amount_fen} move from line {from} to line {to}."),
    "tender.published": _("Tender {tender} is published."),
    "tender.amended": _("Tender {tender} is amended."),
    "tender.cancelled": _("Tender {tender} is cancelled."),
    "tender.failed": _("Tender {tender} fails on ground {ground} of Procurement Law 36."),
    "question.asked": _("Question {question} about tender {tender} is asked."),
    "question.answered": _("Question {question} is answered."),
    "bid.sealed": _("Bid {bid} for lot {lot} of tender {tender} is sealed."),
    "bid.withdrawn": _("Bid {bid} is withdrawn."),
    "bid.revealed": _("Bid {bid} is revealed."),
    "bid.forfeited": _("Bid {bid} was not revealed in time and is forfeited."),
    "bid.disqualified": _("Bid {bid} is disqualified ({reason})."),
    "bid.scored": _("Bid {bid} is scored by {criterion}: {score_ppm} parts per million."),
    "award.decided": _("Lot {lot} of tender {tender} is awarded to {winner}, up to {value_fen}."),
    "award.challenged": _("Challenge {challenge} to tender {tender} is filed ({ground})."),
    "challenge.answered": _("Challenge {challenge} is answered: {reply}."),
    "complaint.lodged": _("Complaint {complaint} about challenge {challenge} is lodged."),
    "complaint.decided": _("Complaint {complaint} is decided: {ruling}."),
    "award.cancelled": _("Award {award} is cancelled."),
    "contract.signed": _(
        "Contract {contract} is signed between {buyer} and {provider}, worth {value_fen}."
    ),
    "contract.amended": _("Contract {contract} changes by {value_delta_fen} ({reason})."),
    "contract.published": _("Contract {contract} is published."),
    "contract.closed": _("Contract {contract} is closed; nothing more is owed under it."),
    "beneficiary.enrolled": _("{beneficiary} is entitled in programme {programme}."),
    "worker.enrolled": _("{worker} is a worker of {provider}."),
    "visit.recorded": _("{worker} visited {beneficiary} from {started_at} to {ended_at}."),
    "advance.ordered": _("Advance {advance} of {amount_fen} is ordered."),
    "advance.settled": _("Advance {advance} was settled on {value_date}."),
    "advance.rejected": _("Advance {advance} was rejected by the bank ({reason})."),
    "advance.refunded": _("{amount_fen} of advance {advance} were refunded on {value_date}."),
    "claim.submitted": _("{claim_fen} are claimed under contract {contract} ({claim})."),
    "claim.answered": _("Claim {claim} is answered: {accepted_fen} are accepted."),
    "score.proposed": _("A score of contract {contract} is proposed ({score})."),
    "score.contested": _("The score {score} is contested."),
    "score.finalised": _("The score {score} is final."),
    "deduction.applied": _("{amount_fen} are deducted under contract {contract} by {score}."),
    "bonus.granted": _("A bonus of {amount_fen} is granted under contract {contract} by {score}."),
    "claim.deemed_accepted": _("Claim {claim} was not answered in time: all of it is accepted."),
    "claim.agreed": _("Both sides agree on what comes back of the cuts of claim {claim}."),
    "dispute.opened": _("Cuts of claim {claim} are contested."),
    "dispute.settled": _("A dispute over claim {claim} is settled: {awarded_fen} are awarded."),
    "dispute.ruled": _("A dispute over claim {claim} is ruled: {awarded_fen} are awarded."),
    "retention.released": _(
        "{amount_fen} held back under contract {contract} are released ({basis})."
    ),
    "guarantee.lodged": _(
        "{guarantor} guarantees {amount_fen} under contract {contract}; so much is released."
    ),
    "payment.requested": _("Payment {payment} of {principal_fen} is requested."),
    "payment.approved": _("Payment {payment} is approved."),
    "payment.returned": _("Payment {payment} is returned to whoever asked for it ({reason})."),
    "payment.ordered": _("Payment {payment} of {principal_fen} is ordered."),
    "payment.settled": _("Payment {payment} was settled on {value_date}."),
    "payment.rejected": _("Payment {payment} was rejected by the bank ({reason})."),
    "programme.ended": _("The programme {programme} ends."),
    "indicator.reported": _(
        "The indicator {indicator} of programme {programme} is reported: {actual}."
    ),
    "budget.reduced": _("{amount_fen} are taken back from line {line}."),
    "cashplan.approved": _("The cash plan of line {line} for {month} is {amount_fen}."),
    "budget.lapsed": _("What is left of line {line} lapses."),
    "budget.carried_over": _("What is left moves from line {from} to line {to}."),
    "notice.given": _("Notice {notice} is given to {to} of {act}."),
    "notice.answered": _("Notice {notice} is answered."),
    "notice.decided": _("Notice {notice} is decided."),
    "penalty.imposed": _("A penalty of {amount_fen} is imposed under contract {contract}."),
    "revenue.remitted": _("{amount_fen} of penalties were remitted to the treasury."),
    "refund.demanded": _("A refund of {amount_fen} under contract {contract} is demanded."),
    "qualification.granted": _("{party} is qualified: {kind}."),
    "qualification.suspended": _("The qualification {qualification} is suspended."),
    "sanction.imposed": _("{party} is sanctioned from {from} to {until}."),
    "sanction.lifted": _("Sanction {sanction} is lifted."),
    "grievance.filed": _("Grievance {grievance} is filed."),
    "grievance.answered": _("Grievance {grievance} is answered."),
    "grievance.escalated": _("Grievance {grievance} is escalated."),
    "audit.opened": _("Audit {audit} is opened."),
    "finding.issued": _("Finding {finding} is issued."),
    "finding.answered": _("Finding {finding} is answered."),
    "finding.closed": _("Finding {finding} is closed."),
    "flag.raised": _("Red flag {flag} is raised."),
    "flag.resolved": _("Red flag {flag} is resolved."),
    "flag.released": _("Red flag {flag} is made public."),
    "payment.bounced": _("Payment {payment} came back from the bank ({reason})."),
    "payment.diverted": _("Payment {payment} went to another account than was ordered."),
    "interest.accrued": _("Claim {claim} bears {amount_fen} interest, {days} days late so far."),
    "interest.waived": _("{amount_fen} of the interest on claim {claim} are waived."),
    "refund.received": _("{amount_fen} came back under contract {contract} ({cause})."),
    "receivable.requested": _("Confirmation is asked that {amount_fen} are owed on claim {claim}."),
    "receivable.confirmed": _("It is confirmed that {amount_fen} are owed on claim {claim}."),
    "receivable.assigned": _("The {amount_fen} owed on claim {claim} are assigned to {lender}."),
    "receivable.released": _("What is owed on claim {claim} is the provider's own again."),
    "contract.funded": _("{amount_fen} of line {line} fund contract {contract}."),
    "contract.suspended": _("Contract {contract} is suspended."),
    "contract.resumed": _("Contract {contract} is resumed."),
    "contract.terminated": _("Contract {contract} is terminated."),
    "beneficiary.exited": _("{beneficiary} is no longer entitled ({reason})."),
    "beneficiary.absent": _("{beneficiary} is absent from {from} to {to}."),
    "careplan.agreed": _("A care plan for {beneficiary} is agreed under contract {contract}."),
    "worker.left": _("{worker} has left."),
    "visit.corrected": _("Visit {visit} is corrected ({reason})."),
    "visit.confirmed": _("Visits are confirmed by {channel}."),
    "visit.denied": _("Visits are denied by {channel}."),
    "spotcheck.drawn": _("The spot check {spotcheck} is drawn."),
    "spotcheck.done": _("The spot check {spotcheck} is done."),
    "release.reported": _("A release of {ocid} is reported."),
}
"""A sentence for each event type, filled from its fields."""


def describe(event: Event, teller: Teller, currency: str = CURRENCY) -> Iterator[str]:
    """Yield an event as lines: its sentence, then every field, indented."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    yield sentence_of(event, teller, currency)
    for name, value in fields.items():
        if name not in HEADING:
            yield from _field(name, value, teller, currency, depth=1)


def sentence_of(event: Event, teller: Teller, currency: str = CURRENCY) -> str:
    """Return an event in one sentence."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    shown = {
        name: teller.money(value, currency)
        if name.endswith("_fen") and isinstance(value, int)
        else value
        for name, value in fields.items()
    }
    return teller.tell(SENTENCES[type_of(event)], **shown)


def _field(name: str, value: object, teller: Teller, currency: str, depth: int) -> Iterator[str]:
    margin = "  " * depth
    if isinstance(value, dict):
        yield f"{margin}{name}:"
        for key, each in value.items():
            yield from _field(str(key), each, teller, currency, depth + 1)
    elif isinstance(value, list):
        yield f"{margin}{name}:"
        for number, each in enumerate(value, 1):
            yield from _field(str(number), each, teller, currency, depth + 1)
    elif name.endswith("_fen") and isinstance(value, int):
        yield f"{margin}{name.removesuffix('_fen')}: {teller.money(value, currency)}"
    else:
        yield f"{margin}{name}: {value}"
