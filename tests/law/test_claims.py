"""Claims to the end: silence, cuts, disputes, advances and what is held back, and all promises."""

import json

import pytest
import scenario
from world import World

from ledger.events.advance import AdvanceRefunded
from ledger.events.claim import ClaimDeemedAccepted
from ledger.events.delivery import VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled
from ledger.events.parties import PartyUpdated
from ledger.events.retention import RetentionReleased
from ledger.events.rulebook import IncentiveRule, RulePublished
from ledger.leaves import standing_of
from ledger.rules.acceptance import Acceptance, acceptance_of
from ledger.times import MS_PER_DAY, parse_date


def test_a_claim_that_nobody_answers_in_time_is_accepted() -> None:
    """C12: the contract's 20 days from 5 January end with the 25th, for both kinds of word.

    outcome               | by      | event                 | fields
    ok                    |         | visit.recorded        |
    ok                    |         | claim.submitted       |
    ok                    |         | visit.recorded        |
    ok                    |         | claim.submitted       | claim=k-2
    reference_unknown     |         | claim.deemed_accepted | claim=k-9
    claim_answer_not_due  |         | claim.deemed_accepted |
    later                 |         |                       | 20
    claim_answer_not_due  |         | claim.deemed_accepted |
    ok                    |         | claim.answered        |
    later                 |         |                       | 1
    claim_answer_late     |         | claim.answered        | claim=k-2
    signer_lacks_role     | PR2/one | claim.deemed_accepted | claim=k-2
    signer_lacks_role     | BU2/one | claim.deemed_accepted | claim=k-2
    claim_not_payable     |         | payment.requested     | claims=["k-2"]
    ok                    | PRO/one | claim.deemed_accepted | claim=k-2
    claim_not_open        |         | claim.deemed_accepted | claim=k-2
    claim_not_open        |         | claim.deemed_accepted |
    claim_not_open        |         | claim.answered        | claim=k-2
    line_not_open         |         | dispute.opened        | claim=k-2
    ok                    |         | payment.requested     | claims=["k-1","k-2"]; \
principal_fen=10000
    """
    world = World.contracted()
    scenario.play(world, test_a_claim_that_nobody_answers_in_time_is_accepted.__doc__)
    claims = world.state.claims
    assert claims["k-1"].owed_since == claims["k-2"].owed_since == parse_date("2026-01-25")
    assert not world.state.claimed
    assert world.state.contracts["c-1"].promised_fen == 0


@pytest.mark.parametrize("by", ["BUY/one", "PRO/one", "OPR/one"])
def test_either_side_may_book_that_a_claim_counts_as_accepted(by: str) -> None:
    """The rule makes it valid, not the signer: nobody waits for the operator."""
    world = World.contracted()
    world.visits("c-1")
    world.claim("k-1", "c-1")
    world.now_ms += 21 * MS_PER_DAY
    world.do(world.make(ClaimDeemedAccepted), by=by)
    assert world.state.claims["k-1"].payable_fen == 5_000


def test_cuts_come_back_or_are_contested_for_five_working_days() -> None:
    """C19a: a cut answered on Monday 5 January stands with the end of Monday the 12th.

    outcome                    | by      | event            | fields
    ok                         |         | visit.recorded   |
    ok                         |         | visit.recorded   |
    ok                         |         | claim.submitted  |
    line_not_open              |         | dispute.opened   | lines=[{"visit":"visit:1",\
"amount_fen":1}]
    ok                         |         | claim.answered   | accepted_fen=9700; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":200},\
{"visit":"visit:2","reason":"OTHER","amount_fen":100}]
    reference_unknown          |         | claim.agreed     | claim=k-9
    reference_unknown          |         | dispute.opened   | claim=k-9
    line_not_open              |         | claim.agreed     | \
returned=[{"visit":"line:1","amount_fen":201}]
    list_repeats               |         | claim.agreed     | \
returned=[{"visit":"line:1","amount_fen":1},{"visit":"line:1","amount_fen":1}]
    signers_not_as_called      | BUY/one | claim.agreed     | \
returned=[{"visit":"line:1","amount_fen":50}]
    ok                         |         | claim.agreed     | \
returned=[{"visit":"line:1","amount_fen":50}]
    line_not_open              |         | dispute.opened   | \
lines=[{"visit":"line:1","amount_fen":151}]
    line_not_open              |         | dispute.opened   | lines=[{"visit":"v","amount_fen":1}]
    list_repeats               |         | dispute.opened   | \
lines=[{"visit":"line:1","amount_fen":1},{"visit":"line:1","amount_fen":1}]
    signers_not_as_called      | BUY/one | dispute.opened   | \
lines=[{"visit":"line:1","amount_fen":1}]
    ok                         |         | dispute.opened   | \
lines=[{"visit":"line:1","amount_fen":20}]
    later                      |         |                  | 7
    ok                         |         | dispute.opened   | \
lines=[{"visit":"line:1","amount_fen":30},{"visit":"line:2","amount_fen":100}]
    later                      |         |                  | 1
    cuts_stand                 |         | dispute.opened   | \
lines=[{"visit":"line:1","amount_fen":100}]
    cuts_stand                 |         | claim.agreed     | \
returned=[{"visit":"line:1","amount_fen":100}]
    """
    world = World.contracted()
    scenario.play(world, test_cuts_come_back_or_are_contested_for_five_working_days.__doc__)
    state = world.state
    assert [*state.cuts["k-1"].values()] == [100]
    assert [*state.disputes["k-1"].values()] == [50, 100]
    assert state.claims["k-1"].disputed_fen == state.contracts["c-1"].promised_fen == 150
    (back,) = world.owed("c-1")[1:]
    assert state.claims[back].payable_fen == 50
    assert state.claims[back].owed_since == state.claims["k-1"].owed_since


def test_disputes_are_settled_by_both_sides_or_ruled_by_a_reviewer() -> None:
    """At most what is in dispute is awarded, owed from then on under the event's own id.

    outcome                  | by              | event             | fields
    ok                       |                 | visit.recorded    |
    ok                       |                 | visit.recorded    |
    ok                       |                 | claim.submitted   |
    line_not_open            |                 | dispute.settled   |
    ok                       |                 | claim.answered    | accepted_fen=9000; \
disputed=[{"visit":"visit:1","amount_fen":400},{"visit":"visit:2","amount_fen":600}]
    reference_unknown        |                 | dispute.settled   | claim=k-9
    reference_unknown        |                 | dispute.ruled     | claim=k-9
    line_not_open            |                 | dispute.settled   | \
lines=[{"visit":"line:1","amount_fen":401}]
    list_repeats             |                 | dispute.ruled     | \
lines=[{"visit":"line:1","amount_fen":1},{"visit":"line:1","amount_fen":1}]
    value_exceeds            |                 | dispute.settled   | \
lines=[{"visit":"line:1","amount_fen":300}]; awarded_fen=301
    signers_not_as_called    | PRO/one         | dispute.settled   | \
lines=[{"visit":"line:1","amount_fen":300}]
    ok                       |                 | dispute.settled   | \
lines=[{"visit":"line:1","amount_fen":300}]; awarded_fen=250
    contract_not_settled     |                 | contract.closed   |
    ok                       |                 | payment.requested | claims=["k-1","owed:1"]; \
principal_fen=9250
    ok                       |                 | payment.approved  |
    ok                       |                 | payment.ordered   | principal_fen=9250
    ok                       |                 | payment.settled   |
    contract_has_open_claim  |                 | contract.closed   |
    value_exceeds            |                 | dispute.ruled     | \
lines=[{"visit":"line:1","amount_fen":100},{"visit":"line:2","amount_fen":600}]; awarded_fen=701
    signer_lacks_role        | PRO/one         | dispute.ruled     | \
lines=[{"visit":"line:1","amount_fen":100}]
    ok                       |                 | dispute.ruled     | \
lines=[{"visit":"line:2","amount_fen":600}]; awarded_fen=600
    claim_in_live_payment    |                 | payment.requested | payment=p-2; \
claims=["owed:1"]; principal_fen=250
    contract_not_settled     |                 | contract.closed   |
    ok                       |                 | dispute.ruled     | \
lines=[{"visit":"line:1","amount_fen":100}]; awarded_fen=0
    line_not_open            |                 | dispute.ruled     |
    ok                       |                 | payment.requested | payment=p-2; \
claims=["owed:2"]; principal_fen=600
    ok                       |                 | payment.approved  | payment=p-2
    ok                       |                 | payment.ordered   | payment=p-2; principal_fen=600
    ok                       |                 | payment.settled   | payment=p-2
    ok                       |                 | contract.closed   |
    """
    world = World.contracted()
    scenario.play(world, test_disputes_are_settled_by_both_sides_or_ruled_by_a_reviewer.__doc__)
    assert world.state.disputes == {}
    assert world.state.contracts["c-1"].promised_fen == 0


def test_a_cut_cannot_be_contested_under_a_closed_contract() -> None:
    """Both sides agreed that nothing is left.

    outcome             | by | event             | fields
    ok                  |    | visit.recorded    |
    ok                  |    | claim.submitted   |
    ok                  |    | claim.answered    | accepted_fen=0; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":5000}]
    ok                  |    | contract.closed   |
    contract_not_active |    | dispute.opened    | lines=[{"visit":"line:1","amount_fen":1}]
    contract_not_active |    | claim.agreed      | returned=[{"visit":"line:1","amount_fen":1}]
    """
    story = test_a_cut_cannot_be_contested_under_a_closed_contract.__doc__
    scenario.play(World.contracted(), story)


def test_a_reviewer_stands_on_neither_side() -> None:
    """Not a side itself, nor above or below one in the register; an outsider may rule.

    outcome                  | by      | event           | fields
    ok                       |         | visit.recorded  |
    ok                       |         | claim.submitted |
    ok                       |         | claim.answered  | accepted_fen=4000; \
disputed=[{"visit":"visit:1","amount_fen":1000}]
    ok                       |         | party.updated   | party=BUY; parent=BU2
    ok                       |         | party.updated   | party=BU2; parent=REV
    reviewer_not_independent |         | dispute.ruled   | lines=[{"visit":"line:1","amount_fen":1}]
    ok                       |         | party.updated   | party=BU2; parent=BUY
    ok                       |         | party.updated   | party=REV; parent=PRO
    reviewer_not_independent |         | dispute.ruled   | lines=[{"visit":"line:1","amount_fen":1}]
    ok                       |         | party.updated   | party=REV; parent=AUT
    ok                       |         | dispute.ruled   | lines=[{"visit":"line:1","amount_fen":1}]
    """
    scenario.play(World.contracted(), test_a_reviewer_stands_on_neither_side.__doc__)


def test_a_side_that_is_made_a_reviewer_does_not_rule_its_own_case() -> None:
    """A purchaser with both roles has acted as purchaser there, and keeps to it."""
    world = _disputed()
    world.grant("BUY", "reviewer")
    ruling = world.make(DisputeRuled, lines=world.lines(world.state.disputes, "k-1"))
    assert scenario.refusal(world, ruling, by="BUY/two").code == "duties_not_separate"
    world.do(world.make(PartyUpdated, party="REV", parent="BUY"))
    assert scenario.refusal(world, ruling).code == "reviewer_not_independent"


def test_advances() -> None:
    """Within 20 % of the value in sum, ordered by finance, ended once by the bank's word.

    outcome                    | by      | event            | fields
    reference_unknown          |         | advance.ordered  | contract=c-9
    value_exceeds              |         | advance.ordered  | amount_fen=200001
    signer_lacks_role          | BUY/one | advance.ordered  |
    ok                         |         | advance.ordered  | amount_fen=150000
    id_taken                   |         | advance.ordered  | advance=V-1
    value_exceeds              |         | advance.ordered  | advance=v-2; amount_fen=50001
    advance_wrong_state        |         | advance.refunded |
    reference_unknown          |         | advance.settled  | advance=v-9
    reference_unknown          |         | advance.rejected | advance=v-9
    reference_unknown          |         | advance.refunded | advance=v-9
    date_invalid               |         | advance.settled  | value_date=2026-02-29
    contract_not_settled       |         | contract.closed  |
    ok                         |         | advance.rejected |
    advance_wrong_state        |         | advance.settled  |
    ok                         |         | advance.ordered  | advance=v-2; amount_fen=200000
    ok                         |         | advance.settled  | advance=v-2
    advance_wrong_state        |         | advance.settled  | advance=v-2
    advance_wrong_state        |         | advance.rejected | advance=v-2
    value_exceeds              |         | advance.ordered  | advance=v-3; amount_fen=1
    contract_not_settled       |         | contract.closed  |
    value_exceeds              |         | advance.refunded | advance=v-2; amount_fen=200001
    date_invalid               |         | advance.refunded | advance=v-2; value_date=2026-02-29
    ok                         |         | advance.refunded | advance=v-2; amount_fen=150000
    value_exceeds              |         | advance.refunded | advance=v-2; amount_fen=50001
    ok                         |         | advance.ordered  | advance=v-3; amount_fen=150000
    ok                         |         | advance.settled  | advance=v-3
    value_exceeds              |         | advance.refunded | advance=v-2; amount_fen=50001
    ok                         |         | advance.refunded | advance=v-2; amount_fen=50000
    ok                         |         | advance.refunded | advance=v-3; amount_fen=150000
    ok                         |         | contract.closed  |
    contract_not_active        |         | advance.ordered  | advance=v-4
    """
    scenario.play(World.contracted(advance_ppm=200_000), test_advances.__doc__)


def test_what_is_held_back_falls_due_on_its_day() -> None:
    """C21: on 1 February all of it, by anybody of the case; before, what the purchaser gives.

    outcome               | by              | event              | fields
    value_exceeds         | BUY/one         | retention.released | basis=early; amount_fen=1
    ok                    |                 | visit.recorded     |
    ok                    |                 | claim.submitted    |
    ok                    |                 | claim.answered     |
    reference_unknown     |                 | retention.released | contract=c-9
    reference_unknown     |                 | guarantee.lodged   | contract=c-9
    retention_not_due     |                 | retention.released | amount_fen=500
    retention_not_due     | BUY/one         | retention.released | amount_fen=500
    signers_not_as_called | PRO/one         | retention.released | basis=early; amount_fen=1
    value_exceeds         | BUY/one         | retention.released | basis=early; amount_fen=501
    ok                    | BUY/one         | retention.released | basis=early; amount_fen=100
    value_exceeds         |                 | guarantee.lodged   | amount_fen=401
    signers_not_as_called | BUY/one LEN/one | guarantee.lodged   | amount_fen=50
    signer_lacks_role     | FIN/one PRO/one | guarantee.lodged   | amount_fen=50; guarantor=FIN
    signers_not_as_called | FIN/one PRO/one | guarantee.lodged   | amount_fen=50
    ok                    |                 | guarantee.lodged   | amount_fen=50
    later                 |                 |                    | 26
    retention_not_due     |                 | retention.released | amount_fen=350
    later                 |                 |                    | 5
    retention_not_whole   |                 | retention.released | amount_fen=349
    value_exceeds         |                 | retention.released | amount_fen=351
    retention_is_due      | BUY/one         | retention.released | amount_fen=350; basis=early
    signer_lacks_role     | PR2/one         | retention.released | amount_fen=350
    contract_not_settled  |                 | contract.closed    |
    ok                    | PRO/one         | retention.released | amount_fen=350
    value_exceeds         |                 | retention.released | amount_fen=1
    ok                    |                 | payment.requested  | \
claims=["k-1","owed:1","owed:2","owed:3"]
    ok                    |                 | payment.approved   |
    ok                    |                 | payment.ordered    |
    ok                    |                 | payment.settled    |
    ok                    |                 | interest.accrued   |
    ok                    |                 | interest.waived    | amount_fen=2
    ok                    |                 | contract.closed    |
    """
    world = World.contracted(retention_ppm=100_000, retention_release="2026-02-01")
    scenario.play(world, test_what_is_held_back_falls_due_on_its_day.__doc__)
    released = [c for c in world.state.claims.values() if c.status == "released"]
    assert [claim.payable_fen for claim in released] == [100, 50, 350]
    assert [claim.owed_since for claim in released] == [
        parse_date("2026-01-05"),
        parse_date("2026-01-05"),
        parse_date("2026-02-05"),
    ]


def test_without_a_day_of_release_only_the_purchaser_gives_back() -> None:
    """Where a contract names no day, C21 never comes.

    outcome           | by      | event              | fields
    ok                |         | visit.recorded     |
    ok                |         | claim.submitted    |
    ok                |         | claim.answered     |
    retention_not_due |         | retention.released | amount_fen=500
    ok                | BUY/one | retention.released | amount_fen=500; basis=early
    """
    story = test_without_a_day_of_release_only_the_purchaser_gives_back.__doc__
    scenario.play(World.contracted(retention_ppm=100_000), story)


def _freely_advanced() -> World:
    """Return a world whose contract `c-1` may be paid in advance whole, by a published rule."""
    world = World.founded()
    freely = IncentiveRule(
        years=2, score_ppm=900_000, points_ppm=0, advance_ppm=1_000_000, advance_good_ppm=1_000_000
    )
    rule = {"rule": "incentive/standard", "version": 2, "parameters": freely}
    world.do(world.make(RulePublished, **rule))
    terms = {"advance_ppm": 1_000_000, "incentive": "incentive/standard@2"}
    world.contract("c-1", 1_000_000, {"line-1": 600_000, "line-2": 400_000}, **terms)
    return world


def test_open_claims_and_disputes_never_exceed_what_is_committed_and_prepaid() -> None:
    """Of 10,000.00 all is claimed or disputed: nothing else may take a fen of it.

    outcome                    | by | event            | fields
    ok                         |    | advance.ordered  | amount_fen=400000
    ok                         |    | visit.recorded   | units=120
    ok                         |    | claim.submitted  |
    ok                         |    | visit.recorded   |
    promises_exceed_commitment |    | claim.submitted  | claim=k-2
    ok                         |    | advance.settled  |
    ok                         |    | claim.submitted  | claim=k-2
    ok                         |    | claim.answered   | accepted_fen=0; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":600000}]
    ok                         |    | claim.answered   | claim=k-2
    ok                         |    | visit.recorded   | units=100
    ok                         |    | claim.submitted  | claim=k-3
    promises_exceed_commitment |    | dispute.opened   | lines=[{"visit":"line:1",\
"amount_fen":495001}]
    promises_exceed_commitment |    | claim.agreed     | returned=[{"visit":"line:1",\
"amount_fen":495001}]
    promises_exceed_commitment |    | advance.ordered  | advance=v-2; amount_fen=495001
    ok                         |    | dispute.opened   | lines=[{"visit":"line:1",\
"amount_fen":495000}]
    promises_exceed_commitment |    | advance.ordered  | advance=v-2; amount_fen=1
    promises_exceed_commitment |    | contract.amended | value_delta_fen=-1
    ok                         |    | claim.answered   | claim=k-3
    ok                         |    | dispute.settled  | lines=[{"visit":"line:2",\
"amount_fen":495000}]; awarded_fen=495000
    """
    world = _freely_advanced()
    story = test_open_claims_and_disputes_never_exceed_what_is_committed_and_prepaid.__doc__
    scenario.play(world, story)
    contract = world.state.contracts["c-1"]
    assert contract.promised_fen == 0
    assert sum(world.state.holdings("committed", contract)) == 0
    assert sum(world.state.holdings("prepaid", contract)) == 0


def test_what_is_paid_in_advance_cannot_be_amended_away() -> None:
    """An amendment down takes what is committed, and nothing else.

    outcome      | by | event            | fields
    ok           |    | advance.ordered  | amount_fen=999999
    ok           |    | advance.settled  |
    guard_broken |    | contract.amended | value_delta_fen=-2
    ok           |    | contract.amended | value_delta_fen=-1
    guard_broken |    | contract.amended | value_delta_fen=-1
    """
    world = _freely_advanced()
    scenario.play(world, test_what_is_paid_in_advance_cannot_be_amended_away.__doc__)


def test_an_id_that_an_event_gives_to_a_sum_is_free() -> None:
    """A claim named like the event that would make a sum owed keeps its name."""
    world = World.contracted(retention_ppm=100_000)
    world.visits("c-1")
    released = world.make(RetentionReleased, amount_fen=500, basis="early")
    world.claim(released.id, "c-1")
    world.answer(released.id)
    assert scenario.refusal(world, released, by="BUY/one").code == "id_taken"


# -- what is accepted ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recovery_ppm", "retention_ppm", "accepted_fen", "recovered_fen", "retained_fen"),
    [
        (200_000, 50_000, 97_000, 19_400, 4_850),
        (1, 0, 97_000, 0, 0),
        (200_000, 50_000, 0, 0, 0),
        (1_000_000, 50_000, 97_000, 97_000, 0),  # nothing is left to hold back
        (1_000_000, 50_000, 500_000, 240_000, 25_000),  # no more than is prepaid
        (1, 50_000, 970_000, 10_000, 48_500),  # what is committed does not suffice
        (200_000, 100_000, 1_200_000, 240_000, 120_000),  # all of it, and the most held back
        (5, 5, 100_000, 1, 1),  # half a fen goes up
        (4, 4, 100_000, 0, 0),
    ],
)
def test_an_accepted_sum_recovers_the_advance_and_is_held_back(
    recovery_ppm: int, retention_ppm: int, accepted_fen: int, recovered_fen: int, retained_fen: int
) -> None:
    """R = min(prepaid, G, max(share, G - committed)) and W = min(share, G - R), half up."""
    world = World.founded()
    terms = {"recovery_ppm": recovery_ppm, "retention_ppm": retention_ppm}
    shares = {"line-1": 300_000, "line-2": 700_000}
    world.contract("c", 1_200_000, shares, advance_ppm=200_000, **terms)
    world.advance("v", "c", 240_000)
    found = acceptance_of(world.state, world.state.contracts["c"], accepted_fen)
    assert found == Acceptance(accepted_fen, recovered_fen, retained_fen, 0)


def test_cuts_are_remembered_no_longer_than_they_can_be_contested() -> None:
    """The next answer of any claim forgets those that stand; disputed ones until decided."""
    world = _disputed(cuts=[300])
    state = world.state
    lines = world.lines(state.cuts, "k-1")
    contested = [type(line)(visit=line.visit, amount_fen=100) for line in lines]
    world.do(world.make(DisputeOpened, lines=contested))
    world.visits("c-1")
    world.claim("k-2", "c-1")
    world.now_ms += 8 * MS_PER_DAY
    world.answer("k-2", cuts=[1])
    assert list(state.cuts) == ["k-2"]
    assert [*state.disputes["k-1"].values()] == [1_000, 100]
    decided = world.lines(state.disputes, "k-1")
    world.do(world.make(DisputeRuled, lines=decided, awarded_fen=1_100))
    assert state.disputes == {}


def test_an_advance_in_flight_is_not_refunded_twice_nor_beyond_what_is_prepaid() -> None:
    """What deliveries have used up of an advance is no longer there to come back."""
    world = World.contracted(advance_ppm=200_000, recovery_ppm=500_000)
    world.advance("v-1", "c-1", 10_000)
    world.do(world.make(VisitRecorded, units=3))
    world.claim("k-1", "c-1")
    world.answer("k-1")
    too_much = world.make(AdvanceRefunded, amount_fen=2_501)
    assert scenario.refusal(world, too_much).facts["limit_fen"] == 2_500
    world.do(world.make(AdvanceRefunded, amount_fen=2_500))
    assert world.state.contracts["c-1"].advanced_fen == 7_500


def test_a_sum_owed_beyond_claims_stands_in_its_contract_s_leaf_until_it_is_paid() -> None:
    """A state proof shows a bank what was awarded and released, as it shows claims."""
    world = _disputed()
    lines = world.lines(world.state.disputes, "k-1")
    world.do(world.make(DisputeRuled, lines=lines, awarded_fen=700))
    for expected in ([("awarded", 700), ("answered", 14_000)], []):
        leaves = [json.loads(leaf) for leaf in standing_of(world.state, 1, world.now_ms).leaves]
        (leaf,) = [each for each in leaves if each["key"] == "contract/c-1"]
        assert [(each["status"], each["unpaid_fen"]) for each in leaf["claims"]] == expected
        if expected:
            world.pay("p-1", "c-1", world.owed("c-1"))


def _disputed(**answer: list[int]) -> World:
    """Return a world whose claim `k-1` is answered, with 10.00 in dispute."""
    world = World.contracted()
    world.visits("c-1", days=3)
    world.claim("k-1", "c-1")
    world.answer("k-1", disputed=[1_000], **answer)
    return world
