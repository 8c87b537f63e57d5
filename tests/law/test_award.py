"""Until an award is final: challenges, complaints, rulings, and what a contract may then ask."""

import scenario
from bidding import CLOSES, awarded, tendered
from msgspec import UNSET
from snapshots import snapshot
from world import World

from ledger.events.award import (
    AwardChallenged,
    ChallengeAnswered,
    ComplaintLodged,
)
from ledger.events.contract import ContractSigned, Item
from ledger.times import parse_instant


def signing(world: World, rate_fen: int = 5_000, **fields: object) -> ContractSigned:
    """Return a contract on the award `a-1`, worth 900 fen."""
    items = [Item(service="care", unit="visit", rate_fen=rate_fen, units_max=1)]
    return world.make(ContractSigned, **{"items": items, "value_fen": 900, **fields})


def test_an_award_is_final_after_one_and_seven_working_days() -> None:
    """Decided on Monday 26 January: announced on the 27th, challenged until the 5th of February."""
    world = awarded()
    final_ms = parse_instant("2026-02-05T16:00:00.000Z")
    challenge = world.make(AwardChallenged)
    for instant_ms in (world.now_ms, final_ms - 1):
        world.now_ms = instant_ms
        assert scenario.refusal(world, signing(world)).code == "award_not_final"
    world.now_ms = final_ms
    assert scenario.refusal(world, challenge).code == "challenge_too_late"
    world.do(signing(world))
    other = awarded()
    other.now_ms = final_ms - 1
    other.do(challenge)
    assert scenario.refusal(other, signing(other)).code == "award_contested"


def test_the_spring_festival_counts_for_nobody() -> None:
    """Decided on Thursday 12 February 2026, in the week before nine days off."""
    world = World.founded()
    world.now_ms = parse_instant("2026-02-12T01:00:00.000Z")
    world.tender("t-2", {"1": {"line-1": 1_000}}, closes="2026-02-12T01:00:00.000Z")
    world.award("a-2", "t-2", "1", 1_000)
    # Announced on the 13th; then 14 (a Saturday), 24, 25, 26, 27, 28 (a Saturday) and 2 March.
    world.until_final("a-2")
    assert world.now_ms == parse_instant("2026-03-02T16:00:00.000Z")


def test_a_contract_asks_no_rate_above_the_winning_bid() -> None:
    """The bid asked 5,000 fen for care and offered nothing else."""
    world = awarded()
    world.until_final("a-1")
    assert scenario.refusal(world, signing(world, 5_001)).code == "value_exceeds"
    bath = [Item(service="bath", unit="visit", rate_fen=1, units_max=1)]
    assert scenario.refusal(world, signing(world, items=bath)).code == "value_exceeds"
    world.do(signing(world))


def test_a_challenge_is_answered_and_a_complaint_decided_before_a_contract_is_signed() -> None:
    """Only those who lost object, in their days; the reviewer's ruling replaces the answer.

    outcome                      | by      | event              | fields
    challenger_not_affected      | PRO/one | award.challenged   |
    challenger_not_affected      | BU2/one | award.challenged   |
    reference_unknown            |         | award.challenged   | award=a-9
    reference_unknown            |         | award.challenged   | award=a-2
    ok                           |         | award.challenged   |
    id_taken                     | PR3/one | award.challenged   | challenge=X-1
    ok                           | PR3/one | award.challenged   | challenge=x-2
    signers_not_as_called        | BU2/one | challenge.answered |
    complaint_too_early          |         | complaint.lodged   |
    ok                           |         | challenge.answered | reply=ACCEPTED
    challenge_already_answered   |         | challenge.answered |
    signers_not_as_called        |         | complaint.lodged   |
    ok                           | PRO/one | complaint.lodged   | suspend_days=30
    challenge_already_complained | PRO/one | complaint.lodged   | complaint=y-2
    reference_unknown            |         | complaint.lodged   | challenge=x-9; complaint=y-2
    ok                           |         | role.granted       | party=PRO; role=reviewer
    duties_not_separate          | PRO/two | complaint.decided  |
    ok                           |         | complaint.decided  |
    complaint_already_decided    |         | complaint.decided  |
    complaint_too_early          | PR3/one | complaint.lodged   | complaint=y-2; challenge=x-2
    later                        |         |                    | 11
    award_contested              |         | contract.signed    | value_fen=900
    ok                           |         | challenge.answered | challenge=x-2
    id_taken                     | PR3/one | complaint.lodged   | complaint=Y-1; challenge=x-2
    ok                           | PR3/one | complaint.lodged   | complaint=y-2; challenge=x-2; \
suspend_days=14
    award_suspended              |         | contract.signed    | value_fen=900
    later                        |         |                    | 14
    award_suspended              |         | contract.signed    | value_fen=900
    later                        |         |                    | 1
    ok                           |         | contract.signed    | value_fen=900
    award_in_use                 |         | award.cancelled    |
    """
    world = awarded()
    world.grant("BU2", "provider")
    world.tender("t-2", {"1": {"line-1": 1_000}}, closes=CLOSES)
    world.award("a-2", "t-2", "1", 1_000)
    name = test_a_challenge_is_answered_and_a_complaint_decided_before_a_contract_is_signed
    scenario.play(world, name.__doc__)


def test_an_unanswered_challenge_goes_to_the_supervisor() -> None:
    """Seven working days to answer, fifteen more to complain; an upheld one lets the award fall.

    outcome                  | by              | event              | fields
    ok                       |                 | award.challenged   |
    later                    |                 |                    | 9
    complaint_too_early      |                 | complaint.lodged   |
    later                    |                 |                    | 1
    ok                       |                 | complaint.lodged   |
    later                    |                 |                    | 1
    award_contested          |                 | contract.signed    | value_fen=900
    ok                       |                 | party.updated      | party=REV; parent=BUY
    reviewer_not_independent |                 | complaint.decided  |
    reviewer_not_independent | REV/one         | award.cancelled    |
    ok                       |                 | party.updated      | party=REV; parent=AUT
    ok                       |                 | party.updated      | party=PR3; parent=REV
    reviewer_not_independent |                 | complaint.decided  |
    ok                       |                 | party.updated      | party=PR3; parent=AUT
    ok                       |                 | complaint.decided  | ruling=CHALLENGE_UPHELD
    later                    |                 |                    | 90
    award_contested          |                 | contract.signed    | value_fen=900
    signer_lacks_role        | BUY/one         | award.cancelled    |
    signers_not_as_called    | BUY/one PR2/one | award.cancelled    |
    reference_unknown        |                 | award.cancelled    | award=a-9
    ok                       | REV/one         | award.cancelled    | \
ruling={"number":"7","sha256":"%s"}
    award_not_standing       |                 | award.cancelled    |
    award_not_standing       |                 | award.challenged   | challenge=x-2
    award_not_standing       |                 | contract.signed    | value_fen=900
    winner_not_first         |                 | award.decided      | award=a-2; value_fen=950; \
ranking=["PRO","PR2","PR3"]; winner=PR2
    ok                       |                 | award.decided      | award=a-2; value_fen=950; \
ranking=["PRO","PR2","PR3"]; winner=PR2; reason=RULING
    award_not_final          | BUY/one PR2/one | contract.signed    | award=a-2; provider=PR2; \
value_fen=950
    later                    |                 |                    | 15
    ok                       | BUY/one PR2/one | contract.signed    | award=a-2; provider=PR2; \
value_fen=950
    """
    story = test_an_unanswered_challenge_goes_to_the_supervisor.__doc__ or ""
    scenario.play(awarded(), story.replace("%s", "cd" * 32))


def test_a_tender_s_own_terms_are_challenged_while_they_are_news() -> None:
    """Seven working days from the end of the five for which it, or its amendment, is announced.

    outcome            | by      | event              | fields
    ok                 |         | award.challenged   | award=absent; ground=DOCUMENTS
    later              |         |                    | 9
    ok                 |         | tender.amended     |
    later              |         |                    | 16
    ok                 | BU2/one | award.challenged   | award=absent; challenge=x-2
    later              |         |                    | 1
    challenge_too_late | BU2/one | award.challenged   | award=absent; challenge=x-3
    ok                 |         | challenge.answered |
    """
    world = tendered(closes="2026-04-01T01:00:00.000Z")
    world.grant("BU2", "provider")
    scenario.play(world, test_a_tender_s_own_terms_are_challenged_while_they_are_news.__doc__)


def test_a_challenge_to_the_tender_holds_up_each_of_its_awards() -> None:
    """What is wrong with the tender is wrong with every lot of it, until the answer says no."""
    world = World.founded()
    world.tender("t-1", {"1": {"line-1": 900}})
    world.do(world.make(AwardChallenged, award=UNSET))
    world.award("a-1", "t-1", "1", 900)
    world.until_final("a-1")
    assert scenario.refusal(world, signing(world)).code == "award_contested"
    world.do(world.make(ChallengeAnswered))
    world.do(signing(world))


def test_a_complaint_comes_within_fifteen_working_days_of_the_answer() -> None:
    """Answered on Monday 26 January: until the end of 14 February, a Saturday that is worked.

    outcome            | by | event              | fields
    ok                 |    | award.challenged   |
    ok                 |    | challenge.answered |
    later              |    |                    | 20
    complaint_too_late |    | complaint.lodged   |
    """
    world = awarded()
    scenario.play(world, test_a_complaint_comes_within_fifteen_working_days_of_the_answer.__doc__)
    complaint = world.make(ComplaintLodged)
    world.now_ms = parse_instant("2026-02-14T16:00:00.000Z")
    assert scenario.refusal(world, complaint).code == "complaint_too_late"
    world.now_ms -= 1
    world.do(complaint)


def test_an_award_is_cancelled_by_both_and_the_lot_can_fail_then() -> None:
    """Purchaser and winner together undo what the purchaser alone could not.

    outcome               | by      | event            | fields
    award_stands          |         | tender.failed    |
    signer_lacks_role     | PRO/one | award.cancelled  |
    ok                    |         | award.cancelled  |
    ok                    |         | bid.disqualified | bid=b-PR3
    too_few_bids          |         | award.decided    | award=a-2; value_fen=900
    ok                    |         | tender.failed    | ground=1
    tender_not_open       |         | contract.signed  | value_fen=900
    """
    name = test_an_award_is_cancelled_by_both_and_the_lot_can_fail_then
    scenario.play(awarded(), name.__doc__)


def test_the_whole_way_replays_to_the_same_state() -> None:
    """What was judged live is judged the same from the statements alone (I9)."""
    world = awarded()
    world.do(world.make(AwardChallenged))
    world.do(world.make(ChallengeAnswered))
    world.until_final("a-1")
    world.do(signing(world))
    assert snapshot(world.replay()) == snapshot(world.state)
