"""The equality rule: no act by one side lowers the other's money, scope or standing alone.

The table says of every event type which way it keeps to:

    countersigned   both sides sign
    notice          the other side was told, and accepted, kept silent or was overruled
    reviewer        somebody decides who belongs to neither side
    clock           silence, or lateness, means the same for both sides
    office          done by an office that is no side of a contract
    person          what the person served says or needs decides, not the side that writes it down
    harmless        it takes nothing from anybody but the signer
"""

from typing import NamedTuple, get_args

import pytest
from world import ROLES, World
from world_signers import SIGNERS

from ledger.events import TYPES, decode_event, type_of
from ledger.events.notice import AdverseAct, NoticeAnswered, NoticeGiven
from ledger.events.penalty import PenaltyImposed, RevenueRemitted
from ledger.statement import decode_statement_file

TABLE = """
    event                   | way           | because
    ledger.opened           | countersigned | every founding key signs
    ledger.closed           | harmless      | it says what every replay finds
    party.registered        | harmless      | it gives a name
    party.updated           | office        | the register says who somebody is
    key.enrolled            | harmless      | a party's own key, or its first
    key.recovered           | clock         | the party has ten working days to contest it
    key.contested           | harmless      | the party's own
    key.revoked             | harmless      | it stops a key; the party reaffirms what it holds
    act.reaffirmed          | harmless      | the party's own, or a reviewer's word
    account.declared        | harmless      | the party's own, in force after five working days
    interest.declared       | harmless      | it binds the people of whoever declares it
    subject.erased          | countersigned | purchaser and registrar
    role.granted            | harmless      | it gives
    role.revoked            | office        | roles are offices; a party is heard without one
    programme.established   | countersigned | purchaser and finance
    programme.ended         | harmless      | contracts under it go on
    indicator.reported      | harmless      | a word about oneself
    budget.appropriated     | harmless      | it gives
    budget.supplemented     | harmless      | it gives
    budget.allotted         | harmless      | it gives
    budget.reduced          | harmless      | only what no tender or contract holds can go
    cashplan.approved       | harmless      | it limits orders, and stops no clock
    budget.lapsed           | harmless      | only what no tender or contract holds can go
    budget.carried_over     | harmless      | all that a contract holds moves with it
    budget.transferred      | harmless      | only what no tender or contract holds can move
    tender.published        | harmless      | it offers
    tender.cancelled        | harmless      | refused once a contract rests on it
    tender.amended          | harmless      | before the close, and the same for every bidder
    tender.failed           | harmless      | refused once an award stands
    question.asked          | harmless      | it asks
    question.answered       | harmless      | every bidder reads it
    bid.sealed              | harmless      | the bidder's own
    bid.withdrawn           | harmless      | the bidder's own
    bid.revealed            | harmless      | the bidder's own
    bid.forfeited           | clock         | every bidder has the same 24 hours
    bid.disqualified        | clock         | the award that follows can be challenged
    bid.scored              | clock         | the award that follows can be challenged
    award.challenged        | harmless      | a party speaks in its own cause
    challenge.answered      | clock         | whoever loses by it may complain
    complaint.lodged        | harmless      | a party speaks in its own cause
    complaint.decided       | reviewer      | of neither side
    award.cancelled         | countersigned | purchaser and winner, or a reviewer
    award.decided           | clock         | the others have the same days to challenge it
    contract.signed         | countersigned | purchaser and provider
    contract.amended        | countersigned | purchaser and provider
    contract.funded         | harmless      | it commits what was left to a year
    contract.published      | harmless      | it tells what was signed
    contract.suspended      | countersigned | purchaser and provider, or a reviewer of neither side
    contract.resumed        | countersigned | purchaser and provider, or a reviewer of neither side
    contract.terminated     | countersigned | purchaser and provider, or a reviewer of neither side
    contract.closed         | countersigned | purchaser and provider
    beneficiary.enrolled    | harmless      | it gives
    beneficiary.exited      | person        | it binds no visit that began before it
    beneficiary.absent      | harmless      | no visit is refused for it
    careplan.agreed         | countersigned | purchaser and provider
    worker.enrolled         | harmless      | the provider's own
    worker.left             | harmless      | the provider's own
    visit.recorded          | harmless      | it owes nothing until it is claimed and accepted
    visit.corrected         | harmless      | the provider's own, before it is claimed
    visit.confirmed         | harmless      | it gives
    visit.denied            | person        | the person served says so, and may take it back
    spotcheck.drawn         | harmless      | somebody looks
    spotcheck.done          | harmless      | it finds; what follows takes a cut or a notice
    claim.submitted         | harmless      | it asks; the purchaser answers every line
    claim.answered          | clock         | cuts can be contested; silence accepts the claim
    claim.deemed_accepted   | clock         | the purchaser's silence
    claim.agreed            | countersigned | purchaser and provider
    dispute.opened          | harmless      | a party speaks in its own cause
    dispute.settled         | countersigned | purchaser and provider
    dispute.ruled           | reviewer      | of neither side
    retention.released      | harmless      | it gives
    guarantee.lodged        | countersigned | provider and lender
    advance.ordered         | harmless      | it gives
    advance.settled         | harmless      | it gives
    advance.rejected        | harmless      | the order is free to be given again
    advance.refunded        | harmless      | the treasury reports what came
    payment.requested       | harmless      | it asks for what is owed
    payment.ordered         | harmless      | it pays what is owed
    payment.approved        | harmless      | it lets what is owed be paid
    payment.returned        | harmless      | what is owed stays owed, and its clock runs on
    payment.bounced         | harmless      | what is owed is owed again
    payment.diverted        | harmless      | what is owed stays owed
    interest.accrued        | clock         | what the days give
    interest.waived         | harmless      | the provider's own
    refund.received         | harmless      | the treasury reports what came
    receivable.requested    | harmless      | it asks
    receivable.confirmed    | countersigned | purchaser and provider
    receivable.assigned     | countersigned | provider and lender
    receivable.released     | harmless      | the lender's own
    payment.settled         | harmless      | it pays what is owed
    payment.rejected        | harmless      | what is owed stays owed
    notice.given            | harmless      | it opens the time to answer
    notice.answered         | harmless      | a party speaks in its own cause
    notice.decided          | reviewer      | of neither side
    penalty.imposed         | notice        | up to its amount
    revenue.remitted        | harmless      | it was set off before
    refund.demanded         | notice        | up to its amount
    qualification.granted   | harmless      | it gives
    qualification.suspended | notice        | about that very qualification
    sanction.imposed        | notice        | to the party barred
    sanction.lifted         | harmless      | it gives
    grievance.filed         | harmless      | a word; nothing follows from it but an answer
    grievance.answered      | harmless      | a word
    grievance.escalated     | harmless      | a word
    audit.opened            | harmless      | somebody looks
    finding.issued          | harmless      | it takes nothing: a refund is demanded after notice
    finding.answered        | harmless      | a party speaks in its own cause
    finding.closed          | harmless      | it takes nothing
    flag.raised             | harmless      | a reason to look, never a verdict
    flag.resolved           | harmless      | it takes nothing
    flag.released           | reviewer      | of neither side: only a reviewer makes it public
    rule.published          | countersigned | both; contracts keep the version they named
    service.catalogued      | countersigned | purchaser and finance
    service.withdrawn       | countersigned | purchaser and finance
    price.capped            | countersigned | both; contracts signed before keep theirs
    score.proposed          | clock         | the provider has the same days to contest it
    score.contested         | harmless      | a party speaks in its own cause
    score.finalised         | clock         | with the provider, or uncontested, or by a reviewer
    deduction.applied       | clock         | what a final score gives, and nothing else
    bonus.granted           | harmless      | it gives
    release.reported        | harmless      | what somebody published; nothing is enforced on it
"""


class Way(NamedTuple):
    """A row: an event type, which way it keeps to, and why that is true."""

    event: str
    way: str
    because: str


ROWS = [Way(*(cell.strip() for cell in line.split("|"))) for line in TABLE.split("\n")[2:-1]]
WAYS = {row.event: row.way for row in ROWS}


def _of(way: str) -> list[str]:
    return [row.event for row in ROWS if row.way == way]


def _signing_parties(event: str) -> set[str]:
    return {name.partition("/")[0] for name in SIGNERS[event].split()}


def test_every_event_type_keeps_to_one_of_the_ways() -> None:
    """No type is left out, none stands twice, and each has its reason."""
    assert sorted(row.event for row in ROWS) == sorted(TYPES)
    assert set(WAYS.values()) == {
        "countersigned",
        "notice",
        "reviewer",
        "clock",
        "office",
        "person",
        "harmless",
    }
    assert all(row.because for row in ROWS)


@pytest.mark.parametrize("event", _of("countersigned"))
def test_what_is_countersigned_is_signed_by_two_parties(event: str) -> None:
    """Two keys of one party are one side."""
    assert len(_signing_parties(event)) > 1


@pytest.mark.parametrize("event", _of("reviewer"))
def test_what_a_reviewer_decides_is_signed_by_a_reviewer_alone(event: str) -> None:
    """And by nobody who purchases or provides."""
    assert [ROLES[party] for party in _signing_parties(event)] == [("reviewer",)]


@pytest.mark.parametrize("event", _of("office"))
def test_what_an_office_does_is_signed_by_no_side_of_a_contract(event: str) -> None:
    """The authority and the registrar neither purchase nor provide."""
    for party in _signing_parties(event):
        assert not {"purchaser", "provider"} & set(ROLES.get(party, ()))


def test_every_act_that_a_notice_can_back_names_its_notice_and_no_other_does() -> None:
    """The list of acts, the field and this table say the same."""
    naming = {
        name
        for name, event_type in TYPES.items()
        if "notice" in event_type.__struct_fields__ and not name.startswith("notice.")
    }
    assert set(_of("notice")) <= naming
    # Both sides may close a contract together; only one of them needs a notice.
    assert naming | {"contract.closed"} == set(get_args(AdverseAct))


def test_no_harmless_event_takes_money_from_the_other_side() -> None:
    """In a long story, what lowers what a contract holds or owes is never one side's alone."""
    world = World.contracted(retention_ppm=50_000)
    world.amend("c-1", -7)
    world.visits("c-1", days=3)
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[1], disputed=[])
    world.do(world.make(NoticeGiven))
    world.do(world.make(NoticeAnswered))
    world.do(world.make(PenaltyImposed))
    world.do(world.make(RevenueRemitted, amount_fen=1))
    world.request("p-1", "c-1", ["k-1"])
    world.order("p-1")
    world.reject("p-1")
    world.pay("p-2", "c-1", ["k-1"])
    events = [
        decode_event(body)
        for statement in world.statements
        for body in decode_statement_file(statement.data)[1]
    ]
    lowering = {
        type_of(event)
        for event, admitted in zip(events, world.journal, strict=True)
        for posting in admitted.postings
        if (posting.debit, posting.credit)
        in {
            ("committed", "allotted"),
            ("accrued", "committed"),
            ("accrued", "paid"),
            ("payable", "penalty_revenue"),
            ("payable", "service_expense"),
            ("payable", "retention_payable"),
        }
    }
    assert lowering == {"contract.amended", "claim.answered", "penalty.imposed"}
    assert not lowering & set(_of("harmless"))
