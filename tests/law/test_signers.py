"""Who signs: every event type once, after attempts with a signature too few, too many, or wrong.

The types are met in stories, one an area; together they leave none out. A row's `by` is who signs
lawfully, where that is not who signs such events usually.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import scenario
from world import World
from world_signers import SIGNERS

from ledger.events import TYPES
from ledger.events.base import Period
from ledger.events.contract import LaterYear
from ledger.events.parties import RoleRevoked
from ledger.events.rulebook import RulePublished

WRONG = {
    "signers_not_as_called",
    "signer_lacks_role",
    "key_use_forbids",
    "not_line_owner",
    "holders_not_different",
}
HEADER = "    outcome | by | event | fields\n"


class Story(NamedTuple):
    """A world of a kind to begin with, and what is signed in it."""

    world: Callable[[type[World]], World]
    rows: str


def _founded(kind: type[World]) -> World:
    return kind.founded()


def _contracted(kind: type[World]) -> World:
    world = kind.founded()
    world.contract("c-3", 10_000, {"line-1": 1_000_000})
    return world


def _two_contracts(kind: type[World]) -> World:
    world = kind.contracted()
    world.contract("c-3", 10_000, {"line-1": 1_000_000})
    return world


def _advanced(kind: type[World]) -> World:
    world = kind.founded()
    terms = {"advance_ppm": 200_000, "retention_ppm": 100_000, "retention_release": "2026-01-06"}
    world.contract("c-k", 10_000, {"line-1": 1_000_000}, **terms)
    return world


def _delivering(kind: type[World]) -> World:
    world = kind.founded()
    world.contract("c-3", 10_000, {"line-1": 1_000_000})
    world.budget("line-2027", 10_000, year=2027)
    world.contract(
        "c-4",
        10_000,
        {"line-1": 1_000_000},
        term=Period(from_date="2026-07-01", to_date="2027-06-30"),
        later_years=[LaterYear(year=2027, amount_fen=400)],
    )
    return world


def _scored(kind: type[World]) -> World:
    world = kind.founded()
    world.do(world.make(RulePublished))
    terms = {"pay": "pay/standard@2", "bonus_max_fen": 1_000}
    world.contract("c-s", 20_000, {"line-1": 1_000_000}, **terms)
    return world


STORIES = {
    "from budget to payment": Story(
        _contracted,
        """
    ok      |                   | party.registered      |
    ok      |                   | party.updated         |
    ok      |                   | role.granted          |
    ok      |                   | role.revoked          |
    ok      |                   | programme.established | programme=other; \
indicators=[{"id":"visits","weight_ppm":1000000,"target":1}]
    ok      |                   | indicator.reported    | programme=other
    ok      |                   | programme.ended       | programme=other
    ok      |                   | budget.appropriated   |
    ok      |                   | budget.supplemented   |
    ok      |                   | budget.allotted       |
    ok      |                   | budget.reduced        |
    ok      |                   | budget.transferred    |
    ok      |                   | cashplan.approved     | amount_fen=90000; month=2026-12
    ok      |                   | tender.published      | tender=t-2; \
closes=2026-01-09T16:00:00.000Z; criteria=[{"id":"quality","weight_ppm":1000000}]
    ok      |                   | tender.amended        | tender=t-2
    ok      |                   | question.asked        | tender=t-2
    ok      |                   | question.answered     |
    ok      |                   | bid.sealed            | tender=t-2
    ok      |                   | bid.withdrawn         |
    ok      |                   | bid.sealed            | tender=t-2; bid=b-2
    ok      | PR2/one           | bid.sealed            | tender=t-2; bid=b-3
    later   |                   |                       | 5
    ok      |                   | bid.revealed          | bid=b-2
    later   |                   |                       | 1
    ok      | BUY/one           | bid.forfeited         | bid=b-3
    ok      |                   | bid.scored            | bid=b-2
    ok      |                   | bid.disqualified      | bid=b-2
    ok      |                   | tender.failed         | tender=t-2
    ok      |                   | tender.published      | tender=t-3
    ok      |                   | tender.cancelled      | tender=t-3
    ok      | BUY/one FIN/one   | tender.published      | method=single_source; \
justification={"en":"One"}
    later   |                   |                       | 8
    ok      |                   | award.decided         |
    ok      |                   | award.challenged      |
    ok      |                   | challenge.answered    |
    ok      |                   | complaint.lodged      |
    ok      |                   | complaint.decided     |
    ok      |                   | award.cancelled       |
    ok      |                   | award.decided         | award=a-2
    later   |                   |                       | 13
    ok      |                   | contract.signed       | award=a-2
    ok      |                   | contract.amended      |
    ok      |                   | contract.published    |
    ok      |                   | contract.closed       |
    ok      |                   | beneficiary.enrolled  |
    ok      |                   | worker.enrolled       |
    ok      |                   | visit.recorded        | contract=c-3
    ok      |                   | claim.submitted       | contract=c-3
    ok      |                   | claim.answered        |
    ok      |                   | payment.requested     | contract=c-3
    ok      |                   | payment.approved      |
    ok      |                   | payment.ordered       |
    ok      |                   | payment.rejected      |
    ok      |                   | payment.requested     | contract=c-3; payment=p-2
    ok      |                   | payment.returned      | payment=p-2
    ok      |                   | receivable.requested  |
    ok      |                   | receivable.confirmed  |
    ok      |                   | receivable.assigned   |
    ok      |                   | receivable.released   |
    later   |                   |                       | 60
    ok      |                   | interest.accrued      |
    ok      | PRO/one           | interest.waived       |
    ok      |                   | payment.requested     | contract=c-3; payment=p-3
    ok      |                   | payment.approved      | payment=p-3
    ok      |                   | payment.ordered       | payment=p-3
    ok      |                   | payment.diverted      | payment=p-3
    ok      |                   | payment.settled       | payment=p-3
    ok      |                   | refund.received       | contract=c-3
    ok      |                   | payment.requested     | contract=c-3; payment=p-4; \
principal_fen=0
    ok      |                   | payment.approved      | payment=p-4
    ok      |                   | payment.ordered       | payment=p-4; principal_fen=0; \
interest_fen=69
    ok      |                   | payment.settled       | payment=p-4
    ok      |                   | payment.bounced       | payment=p-4
    ok      |                   | budget.appropriated   | line=line-4; year=2027
    later   |                   |                       | 365
    ok      |                   | budget.lapsed         |
    ok      |                   | budget.carried_over   | contract=c-3; to=line-4
    ok      | REP/one           | release.reported      |
    ok      |                   | interest.accrued      |
    ok      |                   | ledger.closed         |
""",
    ),
    "keys, accounts and persons": Story(
        _founded,
        """
    ok      |                   | key.enrolled          |
    ok      |                   | key.recovered         |
    ok      |                   | key.contested         | recovery=event:key.recovered
    ok      |                   | account.declared      | account=account-2
    ok      | PRO/one PRO/two   | account.declared      | account=account-3
    ok      |                   | key.revoked           |
    ok      |                   | act.reaffirmed        | event=event:account.declared
    ok      |                   | interest.declared     |
    ok      |                   | subject.erased        |
""",
    ),
    "notices and supervision": Story(
        _two_contracts,
        """
    ok      |                   | notice.given          | about=c-3
    ok      |                   | notice.answered       |
    ok      |                   | visit.recorded        | contract=c-3
    ok      |                   | claim.submitted       | contract=c-3; claim=k-2
    ok      |                   | claim.answered        | claim=k-2
    ok      |                   | penalty.imposed       | contract=c-3
    ok      |                   | revenue.remitted      |
    ok      | AUD/one           | notice.given          | about=c-3; notice=n-r; \
act=refund.demanded; ground=OVERPAYMENT
    ok      |                   | notice.answered       | notice=n-r; answer=contests
    ok      |                   | notice.decided        | notice=n-r
    ok      | AUD/one           | refund.demanded       | contract=c-3
    ok      |                   | qualification.granted |
    ok      | AUT/one           | notice.given          | about=q-1; notice=n-q; \
act=qualification.suspended; ground=QUALIFICATION_LOST; amount_fen=absent
    ok      |                   | notice.answered       | notice=n-q
    ok      |                   | qualification.suspended |
    ok      | FIN/one           | notice.given          | about=PRO; notice=n-s; \
act=sanction.imposed; ground=MISCONDUCT; amount_fen=absent
    ok      |                   | notice.answered       | notice=n-s
    ok      |                   | sanction.imposed      |
    ok      |                   | sanction.lifted       |
    ok      |                   | grievance.filed       |
    ok      |                   | grievance.answered    |
    ok      |                   | grievance.escalated   |
    ok      |                   | audit.opened          |
    ok      |                   | flag.raised           |
    ok      |                   | flag.resolved         |
    ok      |                   | flag.released         |
    ok      |                   | finding.issued        | flags=["fl-1"]
    ok      |                   | finding.answered      |
    ok      |                   | finding.closed        |
""",
    ),
    "claims, disputes and advances": Story(
        _advanced,
        """
    ok      |                   | advance.ordered       | contract=c-k
    ok      |                   | advance.settled       |
    ok      |                   | advance.refunded      |
    ok      |                   | advance.ordered       | contract=c-k; advance=v-2
    ok      |                   | advance.rejected      | advance=v-2
    ok      |                   | visit.recorded        | contract=c-k
    ok      |                   | claim.submitted       | contract=c-k; claim=k-8
    ok      |                   | claim.answered        | claim=k-8; accepted_fen=4996; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":2}]; \
disputed=[{"visit":"visit:1","amount_fen":2}]
    ok      |                   | claim.agreed          | claim=k-8; \
returned=[{"visit":"line:1","amount_fen":1}]
    ok      |                   | dispute.opened        | claim=k-8; \
lines=[{"visit":"line:1","amount_fen":1}]
    ok      |                   | dispute.settled       | claim=k-8; \
lines=[{"visit":"line:1","amount_fen":1}]
    ok      |                   | dispute.ruled         | claim=k-8; \
lines=[{"visit":"line:1","amount_fen":1}]
    ok      |                   | guarantee.lodged      | contract=c-k; amount_fen=100
    ok      | BUY/one           | retention.released    | contract=c-k; amount_fen=100; basis=early
    later   |                   |                       | 1
    ok      |                   | retention.released    | contract=c-k; amount_fen=300
    ok      |                   | visit.recorded        | contract=c-k
    ok      |                   | claim.submitted       | contract=c-k; claim=k-9
    later   |                   |                       | 21
    ok      |                   | claim.deemed_accepted | claim=k-9
""",
    ),
    "contracts and service": Story(
        _delivering,
        """
    ok      |                   | contract.amended      | contract=c-3
    ok      |                   | contract.funded       | contract=c-4
    ok      |                   | contract.suspended    | contract=c-3
    ok      |                   | contract.resumed      | contract=c-3
    ok      | REV/one           | contract.suspended    | contract=c-3; basis=ruling
    ok      | REV/one           | contract.resumed      | contract=c-3; basis=ruling
    ok      | REV/one           | contract.terminated   | contract=c-4; basis=ruling
    ok      |                   | beneficiary.enrolled  |
    ok      |                   | beneficiary.exited    | beneficiary=b-new
    ok      |                   | beneficiary.absent    |
    ok      |                   | careplan.agreed       | contract=c-3
    ok      |                   | worker.enrolled       |
    ok      |                   | worker.left           | worker=w-new
    ok      |                   | visit.recorded        | contract=c-3
    ok      |                   | visit.corrected       | contract=c-3; visit=unclaimed:1
    ok      |                   | visit.denied          | contract=c-3; visits=["unclaimed:1"]
    ok      |                   | visit.confirmed       | contract=c-3; visits=["unclaimed:1"]
    ok      |                   | spotcheck.drawn       | contract=c-3
    ok      |                   | spotcheck.done        | \
results=[{"visit":"unclaimed:1","result":"AS_RECORDED"}]
    ok      |                   | contract.terminated   | contract=c-3
""",
    ),
    "rules and scores": Story(
        _scored,
        """
    ok      |                   | rule.published        | version=3
    ok      |                   | service.catalogued    |
    ok      |                   | price.capped          |
    ok      |                   | service.withdrawn     |
    ok      |                   | visit.recorded        | contract=c-s
    ok      |                   | claim.submitted       | contract=c-s; claim=k-s; \
period={"from":"2026-01-01","to":"2026-06-30"}
    ok      |                   | claim.answered        | claim=k-s
    ok      |                   | visit.recorded        | contract=c-s
    ok      |                   | claim.submitted       | contract=c-s; claim=k-t
    ok      |                   | claim.answered        | claim=k-t
    ok      |                   | score.proposed        | contract=c-s; \
period={"from":"2026-07-01","to":"2026-12-31"}; factor_ppm=800000
    ok      |                   | score.contested       |
    ok      |                   | score.finalised       | factor_ppm=800000
    ok      |                   | deduction.applied     | contract=c-s; factor_ppm=800000; \
amount_fen=1000
    ok      |                   | score.proposed        | contract=c-s; score=s-2; \
period={"from":"2026-01-01","to":"2026-06-30"}; total_ppm=900000; factor_ppm=1050000; \
indicators=[{"id":"quality","actual":1,"score_ppm":900000},\
{"id":"reach","actual":1,"score_ppm":900000}]
    ok      |                   | score.contested       | score=s-2
    ok      | REV/one           | score.finalised       | score=s-2; total_ppm=900000; \
factor_ppm=1050000; indicators=[{"id":"quality","actual":1,"score_ppm":900000},\
{"id":"reach","actual":1,"score_ppm":900000}]
    ok      |                   | bonus.granted         | contract=c-s; score=s-2
""",
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_an_event_is_admitted_by_its_signers_and_by_no_others(name: str) -> None:
    """A signature too few, too many, or by somebody else is refused; then it is admitted."""
    world = STORIES[name].world(World)
    for row in scenario.rows(HEADER + STORIES[name].rows):
        if row.outcome == "later":
            scenario.play_row(world, row)
            continue
        if row.event == "role.revoked":
            world.grant("REP", "evaluator")
        event = scenario.event_of(world, row)
        right = row.by or SIGNERS[row.event]
        if row.event == "role.revoked":
            event = world.make(RoleRevoked, role="evaluator")
        # What the clock gives may be the operator's, too: then another one is the stranger.
        stranger = "REP/one" if "OPR/one" in SIGNERS[row.event] else "OPR/one"
        for wrong in _wrong_signers(right, stranger):
            refused = scenario.refusal(world, event, by=wrong)
            assert refused.code in WRONG, f"{row.event} by {wrong}: {refused}"
        world.do(event, by=right)


def test_no_type_is_left_out() -> None:
    """Every type but the genesis is met in one of the stories."""
    tables = [scenario.rows(HEADER + story.rows) for story in STORIES.values()]
    met = {row.event for table in tables for row in table if row.outcome == "ok"}
    assert met | {"ledger.opened"} == set(TYPES)


def _wrong_signers(right: str, stranger: str) -> list[str]:
    names = right.split()
    too_many = [f"{right} {stranger}"]
    too_few = [" ".join(names[:n] + names[n + 1 :]) for n in range(len(names)) if len(names) > 1]
    others = [right.replace(names[-1], stranger)]
    return too_many + too_few + others
