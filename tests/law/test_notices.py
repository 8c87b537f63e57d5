"""Notices: nobody is acted against who was not told, heard and, where it is contested, judged."""

import pytest
import scenario
from world import World, signer

from ledger.events.notice import NoticeAnswered, NoticeDecided, NoticeGiven
from ledger.events.parties import KeyRevoked, PartyUpdated, RoleRevoked, Scope
from ledger.events.penalty import PenaltyImposed
from ledger.events.standing import QualificationGranted
from ledger.parties import Case
from ledger.rules.notice import open_notice
from ledger.rules.qualification import is_qualified
from ledger.rules.sanction import is_sanctioned
from ledger.times import parse_instant


def test_notices_and_their_answers() -> None:
    """A notice goes to the side it would touch, with time to answer; it is answered once.

    outcome                  | by              | event           | fields
    reference_unknown        |                 | notice.given    | about=c-9
    signers_not_as_called    | BU2/one         | notice.given    |
    signers_not_as_called    | PRO/one         | notice.given    |
    signers_not_as_called    | BUY/one PRO/one | notice.given    |
    signer_lacks_role        | PRO/one         | notice.given    | act=sanction.imposed
    signer_lacks_role        | BUY/one         | notice.given    | act=qualification.suspended
    reference_unknown        | AUT/one         | notice.given    | about=q-9; \
act=qualification.suspended
    reference_unknown        | FIN/one         | notice.given    | about=NOBODY; \
act=sanction.imposed
    party_not_of_contract    | FIN/one         | notice.given    | about=PR2; \
act=sanction.imposed
    party_not_of_contract    |                 | notice.given    | to=BUY
    party_not_of_contract    |                 | notice.given    | to=PR2
    party_not_of_contract    | PRO/one         | notice.given    | act=contract.closed
    date_invalid             |                 | notice.given    | reply_by=2026-02-30
    reply_by_out_of_range    |                 | notice.given    | reply_by=2026-01-11
    reply_by_out_of_range    |                 | notice.given    | reply_by=2026-04-06
    notice_amount_missing    |                 | notice.given    | amount_fen=absent
    notice_amount_unexpected | PRO/one         | notice.given    | act=contract.closed; to=BUY
    ok                       |                 | notice.given    | reply_by=2026-01-12
    id_taken                 |                 | notice.given    | notice=N-1
    ok                       | AUD/one         | notice.given    | notice=n-2; \
act=refund.demanded; reply_by=2026-04-05
    reference_unknown        |                 | notice.answered | notice=n-9
    signers_not_as_called    | BUY/one         | notice.answered |
    signers_not_as_called    | PR2/one         | notice.answered |
    notice_wrong_state       |                 | notice.decided  |
    ok                       |                 | notice.answered | answer=contests
    notice_wrong_state       |                 | notice.answered |
    reference_unknown        |                 | notice.decided  | notice=n-9
    signer_lacks_role        | BUY/one         | notice.decided  |
    value_exceeds            |                 | notice.decided  | amount_fen=1001
    notice_amount_unexpected |                 | notice.decided  | amount_fen=1; upheld=false
    ok                       |                 | notice.decided  | amount_fen=1000
    notice_wrong_state       |                 | notice.decided  |
    ok                       | PRO/one         | notice.given    | notice=n-3; to=BUY; \
act=contract.closed; amount_fen=absent
    signers_not_as_called    | PRO/one         | notice.answered | notice=n-3
    ok                       | BUY/one         | notice.answered | notice=n-3; answer=contests
    notice_amount_unexpected |                 | notice.decided  | notice=n-3; amount_fen=1
    ok                       |                 | notice.decided  | notice=n-3
    later                    |                 |                 | 91
    reply_too_late           |                 | notice.answered | notice=n-2
    """
    scenario.play(World.contracted(), test_notices_and_their_answers.__doc__)


def test_a_notice_backs_one_act_of_its_kind_about_its_thing() -> None:
    """It must stand, be its giver's, and name the act, the subject, the ground and the amount.

    outcome                 | by      | event             | fields
    ok                      |         | visit.recorded    |
    ok                      |         | claim.submitted   |
    ok                      |         | claim.answered    |
    reference_unknown       |         | penalty.imposed   |
    ok                      |         | notice.given      |
    notice_not_standing     |         | penalty.imposed   |
    ok                      |         | notice.answered   | answer=contests
    notice_not_standing     |         | penalty.imposed   |
    ok                      |         | notice.decided    | upheld=false
    notice_not_standing     |         | penalty.imposed   |
    ok                      |         | notice.given      | notice=n-2
    ok                      |         | notice.answered   | notice=n-2; answer=contests
    ok                      |         | notice.decided    | notice=n-2; amount_fen=700
    value_exceeds           |         | penalty.imposed   | notice=n-2; amount_fen=701
    notice_differs          |         | penalty.imposed   | notice=n-2; amount_fen=700; \
ground=QUALITY
    notice_differs          |         | penalty.imposed   | notice=n-2; amount_fen=700; \
contract=c-2
    notice_differs          |         | refund.demanded   | notice=n-2; amount_fen=700; \
cause=LATE_DELIVERY
    ok                      |         | penalty.imposed   | notice=n-2; amount_fen=500
    notice_spent            |         | penalty.imposed   | notice=n-2; amount_fen=200
    ok                      | AUD/one | notice.given      | notice=n-r; act=refund.demanded; \
ground=OVERPAYMENT
    ok                      |         | notice.answered   | notice=n-r
    notice_differs          | BUY/one | refund.demanded   | amount_fen=500
    ok                      | AUD/one | refund.demanded   | amount_fen=500
    ok                      |         | notice.given      | notice=n-3; reply_by=2026-02-04
    later                   |         |                   | 30
    notice_not_standing     |         | penalty.imposed   | notice=n-3
    later                   |         |                   | 1
    reply_too_late          |         | notice.answered   | notice=n-3
    ok                      |         | penalty.imposed   | notice=n-3
    """
    world = World.contracted()
    world.contract("c-2", 10_000, {"line-1": 1_000_000})
    scenario.play(world, test_a_notice_backs_one_act_of_its_kind_about_its_thing.__doc__)


def test_penalties_and_their_remittance() -> None:
    """A penalty comes off what is payable and not asked for; the treasury hands it on.

    outcome                 | by      | event             | fields
    ok                      |         | visit.recorded    |
    ok                      |         | visit.recorded    |
    ok                      |         | claim.submitted   |
    ok                      |         | notice.given      | amount_fen=20000
    ok                      |         | notice.answered   |
    reference_unknown       |         | penalty.imposed   | contract=c-9
    signers_not_as_called   | PRO/one | penalty.imposed   |
    set_off_exceeds_payable |         | penalty.imposed   |
    ok                      |         | claim.answered    |
    set_off_exceeds_payable |         | penalty.imposed   | amount_fen=10001
    ok                      |         | penalty.imposed   | amount_fen=9998
    principal_differs       |         | payment.requested | principal_fen=10000
    ok                      |         | payment.requested | principal_fen=2
    ok                      |         | notice.given      | notice=n-2
    ok                      |         | notice.answered   | notice=n-2
    set_off_exceeds_payable |         | penalty.imposed   | notice=n-2; amount_fen=1
    ok                      |         | payment.approved  |
    ok                      |         | payment.ordered   | principal_fen=2
    ok                      |         | payment.rejected  |
    ok                      |         | penalty.imposed   | notice=n-2; amount_fen=2
    claim_not_payable       |         | payment.requested | principal_fen=2; payment=p-2
    reference_unknown       |         | revenue.remitted  | line=line-9
    signer_lacks_role       | FIN/one | revenue.remitted  |
    date_invalid            |         | revenue.remitted  | value_date=2026-02-29
    guard_broken            |         | revenue.remitted  | amount_fen=6001
    ok                      |         | revenue.remitted  | amount_fen=6000
    guard_broken            |         | revenue.remitted  | amount_fen=1
    ok                      |         | revenue.remitted  | line=line-2; amount_fen=4000
    """
    scenario.play(World.contracted(), test_penalties_and_their_remittance.__doc__)


def test_refunds() -> None:
    """No more is demanded back than was paid; an open demand keeps a contract open.

    outcome                 | by      | event             | fields
    ok                      |         | visit.recorded    |
    ok                      |         | claim.submitted   |
    ok                      |         | claim.answered    |
    ok                      |         | notice.given      | notice=n-r; act=refund.demanded; \
ground=OVERPAYMENT; amount_fen=6000
    ok                      |         | notice.answered   | notice=n-r
    reference_unknown       |         | refund.demanded   | contract=c-9
    signer_lacks_role       | PRO/one | refund.demanded   |
    refund_exceeds_paid     |         | refund.demanded   |
    ok                      |         | payment.requested |
    ok                      |         | payment.approved  |
    ok                      |         | payment.ordered   |
    ok                      |         | payment.settled   |
    refund_exceeds_paid     |         | refund.demanded   | amount_fen=5001
    ok                      |         | refund.demanded   | amount_fen=4000
    ok                      |         | notice.given      | notice=n-2; act=refund.demanded; \
ground=OVERPAYMENT; amount_fen=6000
    ok                      |         | notice.answered   | notice=n-2
    id_taken                |         | refund.demanded   | notice=n-2; refund=R-1
    refund_exceeds_paid     |         | refund.demanded   | notice=n-2; refund=r-2; \
amount_fen=1001
    contract_has_open_claim |         | contract.closed   |
    """
    scenario.play(World.contracted(), test_refunds.__doc__)


def test_a_closed_contract_knows_no_penalty_but_still_a_refund() -> None:
    """What was found out later can come back; nothing is payable that could be cut.

    outcome             | by      | event             | fields
    ok                  |         | visit.recorded    |
    ok                  |         | claim.submitted   |
    ok                  |         | claim.answered    |
    ok                  |         | payment.requested |
    ok                  |         | payment.approved  |
    ok                  |         | payment.ordered   |
    ok                  |         | payment.settled   |
    ok                  |         | notice.given      |
    ok                  |         | notice.answered   |
    ok                  |         | contract.closed   |
    contract_not_active |         | penalty.imposed   |
    contract_not_active |         | notice.given      | notice=n-2
    ok                  | AUD/one | notice.given      | notice=n-r; act=refund.demanded; \
ground=OVERPAYMENT
    ok                  |         | notice.answered   | notice=n-r
    ok                  | AUD/one | refund.demanded   |
    """
    scenario.play(
        World.contracted(), test_a_closed_contract_knows_no_penalty_but_still_a_refund.__doc__
    )


def test_qualifications() -> None:
    """The registrar grants them, and suspends one after notice about that very one.

    outcome                    | by      | event                   | fields
    reference_unknown          |         | qualification.granted   | party=NOBODY
    signer_lacks_role          | FIN/one | qualification.granted   |
    date_invalid               |         | qualification.granted   | expires=2026-02-30
    ok                         |         | qualification.granted   | expires=2026-12-31
    id_taken                   |         | qualification.granted   | qualification=Q-1
    ok                         |         | qualification.granted   | qualification=q-2
    party_not_of_contract      | AUT/one | notice.given            | about=q-1; to=PR2; \
act=qualification.suspended; amount_fen=absent
    ok                         | AUT/one | notice.given            | about=q-1; notice=n-q; \
act=qualification.suspended; amount_fen=absent; ground=QUALIFICATION_LOST
    notice_not_standing        |         | qualification.suspended |
    later                      |         |                         | 33
    reference_unknown          |         | qualification.suspended | qualification=q-9
    reference_unknown          |         | qualification.suspended | notice=n-9
    signer_lacks_role          | FIN/one | qualification.suspended |
    notice_differs             |         | qualification.suspended | qualification=q-2
    notice_differs             |         | qualification.suspended | ground=SAFETY
    ok                         |         | qualification.suspended |
    qualification_not_in_force |         | qualification.suspended |
    """
    scenario.play(World.cast(), test_qualifications.__doc__)


def test_sanctions() -> None:
    """Finance or a reviewer bars a party for a time, after notice, where it holds its role.

    outcome                  | by      | event            | fields
    ok                       | FIN/one | notice.given     | about=PRO; notice=n-s; \
act=sanction.imposed; ground=MISCONDUCT; amount_fen=absent
    ok                       |         | notice.answered  | notice=n-s
    reference_unknown        |         | sanction.imposed | party=NOBODY
    signer_lacks_role        | BUY/one | sanction.imposed |
    notice_differs           |         | sanction.imposed | party=PR2
    notice_differs           | FI2/one | sanction.imposed |
    period_reversed          |         | sanction.imposed | until=2026-02-28
    date_invalid             |         | sanction.imposed | from=2026-02-29
    ok                       |         | sanction.imposed |
    notice_spent             |         | sanction.imposed | sanction=s-2
    id_taken                 |         | sanction.imposed | sanction=S-1
    reference_unknown        |         | sanction.lifted  | sanction=s-9
    signers_not_as_called    | FI2/one FIN/one | sanction.lifted |
    signer_lacks_role        | FI2/one | sanction.lifted  |
    ok                       | REV/one | sanction.lifted  |
    sanction_not_in_force    |         | sanction.lifted  |
    ok                       | REV/one | notice.given     | about=PRO; notice=n-2; \
act=sanction.imposed; ground=MISCONDUCT; amount_fen=absent
    ok                       |         | notice.answered  | notice=n-2; answer=contests
    reviewer_not_independent | REV/one | notice.decided   | notice=n-2
    ok                       |         | role.granted     | party=BU2; role=reviewer
    ok                       | BU2/one | notice.decided   | notice=n-2
    ok                       |         | party.updated    | party=PRO; parent=REV
    reviewer_not_independent | REV/one | sanction.imposed | sanction=s-3; notice=n-2
    ok                       |         | party.updated    | party=PRO; parent=BUY
    ok                       | REV/one | sanction.imposed | sanction=s-3; notice=n-2
    ok                       |         | party.updated    | party=BU2; parent=BUY
    ok                       |         | party.updated    | party=BUY; parent=PRO
    reviewer_not_independent | BU2/one | sanction.lifted  | sanction=s-3
    """
    scenario.play(World.cast(), test_sanctions.__doc__)


# -- what a table cannot say -----------------------------------------------------------------------


def _noticed(world: World, notice: str = "n-1", **fields: object) -> NoticeGiven:
    event = world.make(NoticeGiven, notice=notice, **fields)
    world.do(event)
    return event


def test_an_answer_is_in_time_until_the_last_millisecond_of_the_last_day() -> None:
    """The day ends at local midnight; from there on silence means that the notice stands."""
    world = World.contracted()
    _noticed(world, "n-1")
    _noticed(world, "n-2")
    end_ms = parse_instant("2026-02-06T16:00:00.000Z")  # 24:00 on 6 February at +08:00
    world.now_ms = end_ms - 1
    world.do(world.make(NoticeAnswered, answer="contests"))
    early = world.make(PenaltyImposed, notice="n-2")
    world.now_ms = end_ms - 1
    assert scenario.refusal(world, early).code == "notice_not_standing"
    world.now_ms = end_ms
    late = world.make(NoticeAnswered, notice="n-2")
    assert scenario.refusal(world, late).code == "reply_too_late"
    assert scenario.refusal(world, early).code == "set_off_exceeds_payable"


def test_five_working_days_pass_over_the_spring_festival() -> None:
    """Given on Friday 13 February 2026, the fifth working day is 27 February.

    Saturday 14 is worked; the offices close from 15 to 23; 24, 25, 26 and 27 follow.
    """
    world = World.contracted()
    world.now_ms = parse_instant("2026-02-13T02:00:00.000Z")
    soon = world.make(NoticeGiven, reply_by="2026-02-26")
    refused = scenario.refusal(world, soon)
    assert (refused.code, refused.facts["earliest"]) == ("reply_by_out_of_range", "2026-02-27")
    _noticed(world, reply_by="2026-02-27")


def test_a_party_is_not_silenced_by_taking_its_role() -> None:
    """Who may no longer serve may still contest what is meant to be done to it."""
    world = World.contracted()
    _noticed(world)
    world.do(world.make(RoleRevoked, party="PRO", role="provider"))
    world.do(world.make(NoticeAnswered, answer="contests"))
    assert world.state.notices["n-1"].status == "contested"


def test_a_person_who_acted_for_the_buyer_does_not_answer_for_the_provider() -> None:
    """Duties stay separate where a party speaks in its own cause, too."""
    world = World.contracted()
    _noticed(world)
    buyer = world.state.keys["BUY/one"].holder
    left = {"vkey": str(signer("BUY/one").verifier), "reason": "HOLDER_LEFT"}
    world.do(world.make(KeyRevoked, **left), by="BUY/two")
    world.key("PRO/six", by="PRO/one", holder=buyer)
    refused = scenario.refusal(world, world.make(NoticeAnswered), by="PRO/six")
    assert refused.code == "duties_not_separate"


@pytest.mark.parametrize(
    ("party", "parent"),
    [("REV", "BUY"), ("BUY", "REV"), ("REV", "PRO"), ("PRO", "REV")],
)
def test_a_reviewer_that_controls_or_belongs_to_a_side_is_none(party: str, parent: str) -> None:
    """Also through a third party, and where parents were registered in a ring."""
    world = World.contracted()
    _noticed(world)
    world.do(world.make(NoticeAnswered, answer="contests"))
    decision = world.make(NoticeDecided)
    for child, above in ((party, "BU2"), ("BU2", parent)):
        world.do(world.make(PartyUpdated, party=child, parent=above))
    assert scenario.refusal(world, decision).code == "reviewer_not_independent"
    world.do(world.make(PartyUpdated, party="BU2", parent="BU2"))
    world.do(decision)


def test_a_notice_is_open_until_it_is_answered_or_its_time_is_over() -> None:
    """What is retained waits for it, and no longer than it can still go either way."""
    world = World.contracted()

    def waiting() -> bool:
        return open_notice(world.state, "c-1", world.now_ms) is not None

    assert not waiting()
    _noticed(world)
    assert waiting()
    assert open_notice(world.state, "c-2", world.now_ms) is None
    world.do(world.make(NoticeAnswered, answer="contests"))
    world.now_ms = parse_instant("2026-03-06T16:00:00.000Z")
    assert waiting()
    world.do(world.make(NoticeDecided, upheld=False))
    assert not waiting()
    _noticed(world, "n-2", reply_by="2026-03-31")
    assert waiting()
    world.now_ms = parse_instant("2026-03-31T16:00:00.000Z")
    assert not waiting()


def test_a_sanction_bars_in_its_scope_from_its_first_day_to_its_last() -> None:
    """And a finance bureau cannot bar where it holds no role."""
    world = World.cast()
    scenario.play(
        world,
        """
    outcome           | by      | event            | fields
    ok                |         | role.revoked     | party=FIN; role=finance
    ok                |         | role.granted     | party=FIN; role=finance; \
scope={"purchasers":["BUY"]}
    ok                | FIN/one | notice.given     | about=PRO; notice=n-s; \
act=sanction.imposed; ground=MISCONDUCT; amount_fen=absent
    ok                |         | notice.answered  | notice=n-s
    signer_lacks_role |         | sanction.imposed |
    signer_lacks_role |         | sanction.imposed | scope={}
    signer_lacks_role |         | sanction.imposed | scope={"purchasers":["BU2","BUY"]}
    signer_lacks_role |         | sanction.imposed | scope={"purchasers":["BUY"],"lines":["l"]}
    ok                |         | sanction.imposed | scope={"purchasers":["BUY"]}
    """,
    )
    state = world.state
    barred = {
        day: is_sanctioned(state, "PRO", day)
        for day in ("2026-02-28", "2026-03-01", "2027-02-28", "2027-03-01")
    }
    assert list(barred.values()) == [False, True, True, False]
    assert is_sanctioned(state, "PRO", "2026-03-01", Case(purchaser="BUY"))
    assert not is_sanctioned(state, "PRO", "2026-03-01", Case(purchaser="BU2"))
    assert not is_sanctioned(state, "PR2", "2026-03-01")
    scenario.play(
        world,
        """
    outcome | by | event           | fields
    ok      |    | sanction.lifted |
    """,
    )
    assert not is_sanctioned(state, "PRO", "2026-03-01")


def test_a_party_is_qualified_where_and_as_long_as_it_was_granted() -> None:
    """In its scope, up to its last day, for its kind of work, unless that one is suspended."""
    world = World.cast()
    granted = world.make(
        QualificationGranted, scope=Scope(programmes=["care"]), expires="2026-06-30"
    )
    world.do(granted)
    state, care = world.state, Case(programme="care")
    assert is_qualified(state, "PRO", "home-care", "2026-06-30", care)
    assert is_qualified(state, "PRO", "Home-Care", "2026-06-30", care)
    assert not is_qualified(state, "PRO", "home-care", "2026-06-30", Case(programme="meals"))
    assert not is_qualified(state, "PRO", "home-care", "2026-07-01", care)
    assert not is_qualified(state, "PRO", "nursing", "2026-06-30", care)
    assert not is_qualified(state, "PR2", "home-care", "2026-06-30", care)
    scenario.play(
        world,
        """
    outcome | by      | event                   | fields
    ok      | AUT/one | notice.given            | about=q-1; notice=n-q; \
act=qualification.suspended; amount_fen=absent; ground=QUALIFICATION_LOST
    ok      |         | notice.answered         | notice=n-q
    ok      |         | qualification.suspended |
    """,
    )
    assert not is_qualified(state, "PRO", "home-care", "2026-06-30", care)


def test_what_is_held_back_waits_while_a_notice_is_open() -> None:
    """Due or early; not one of another contract, nor one that was given when it was due already.

    With a guarantee in its place it is owed at once.

    outcome             | by      | event              | fields
    ok                  |         | visit.recorded     |
    ok                  |         | claim.submitted    |
    ok                  |         | claim.answered     |
    ok                  |         | notice.given       | reply_by=2026-02-13
    notice_open         | BUY/one | retention.released | amount_fen=100; basis=early
    ok                  |         | guarantee.lodged   | amount_fen=100
    later               |         |                    | 39
    notice_open         |         | retention.released | amount_fen=400
    ok                  |         | notice.answered    | answer=contests
    later               |         |                    | 40
    ok                  |         | notice.given       | notice=n-2; reply_by=2026-05-02
    notice_open         | PRO/one | retention.released | amount_fen=400
    ok                  |         | notice.decided     | upheld=false
    ok                  | PRO/one | retention.released | amount_fen=400
    """
    world = World.contracted(retention_ppm=100_000, retention_release="2026-01-31")
    world.contract("c-2", 1_000, {"line-1": 1_000_000})
    scenario.play(
        world,
        """
    outcome | by | event        | fields
    ok      |    | notice.given | notice=n-0; about=c-2; reply_by=2026-04-01
    """,
    )
    scenario.play(world, test_what_is_held_back_waits_while_a_notice_is_open.__doc__)


def test_one_side_alone_closes_nothing_that_the_other_could_not_ask_for() -> None:
    """A notice that stood before the cuts and the visits heard nobody about them.

    outcome                 | by      | event           | fields
    ok                      |         | visit.recorded  |
    ok                      |         | claim.submitted |
    ok                      |         | notice.given    | act=contract.closed; \
amount_fen=absent; reply_by=2026-01-12
    later                   |         |                 | 8
    ok                      |         | claim.answered  | accepted_fen=0; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":5000}]
    contract_has_open_claim | BUY/one | contract.closed | notice=n-1
    later                   |         |                 | 8
    ok                      |         | visit.recorded  | \
started_at=2026-01-20T01:00:00.000Z; ended_at=2026-01-20T02:00:00.000Z
    contract_has_open_claim | BUY/one | contract.closed | notice=n-1
    ok                      |         | contract.closed |
    """
    story = test_one_side_alone_closes_nothing_that_the_other_could_not_ask_for.__doc__
    scenario.play(World.contracted(), story)
