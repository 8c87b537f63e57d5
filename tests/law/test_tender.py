"""From a tender to an award: what may be asked, who may bid and judge, what the bids decide."""

import pytest
import scenario
from bidding import CLOSES, THREE, asking, reveal, revealed, sealed, tendered
from world import World, holder, signer

from ledger.events.award import AwardDecided
from ledger.events.bid import BidForfeited, BidPrices, BidRate, BidRevealed
from ledger.events.parties import KeyRevoked, RoleRevoked
from ledger.times import MS_PER_DAY, parse_instant

# -- the tender ------------------------------------------------------------------------------------


def test_what_a_tender_may_ask_and_how_long_it_is_open() -> None:
    """Twenty local days for bids, counted from when it is public; bonds within their limits.

    outcome                  | by | event            | fields
    window_too_short         |    | tender.published | method=open; \
closes=2026-01-24T15:59:59.999Z
    window_too_short         |    | tender.published | method=invited; \
closes=2026-01-24T15:59:59.999Z
    window_too_short         |    | tender.published | method=open; \
opens=2025-12-01T01:00:00.000Z; closes=2026-01-24T15:59:59.999Z
    window_too_short         |    | tender.published | method=open; \
opens=2026-01-05T16:00:00.000Z; closes=2026-01-24T16:00:00.000Z
    ok                       |    | tender.published | method=open; \
closes=2026-01-24T16:00:00.000Z
    ok                       |    | tender.published | method=inquiry; tender=t-2
    bond_exceeds             |    | tender.published | tender=t-3; bid_bond_ppm=20001
    bond_exceeds             |    | tender.published | tender=t-3; performance_bond_ppm=100001
    date_invalid             |    | tender.published | tender=t-3; \
questions_until=2026-02-30T01:00:00.000Z
    questions_outside_tender |    | tender.published | tender=t-3; \
questions_until=2026-01-05T00:59:59.999Z
    questions_outside_tender |    | tender.published | tender=t-3; \
questions_until=2026-01-05T01:00:00.001Z
    ok                       |    | tender.published | tender=t-3; bid_bond_ppm=20000; \
performance_bond_ppm=100000; pay=pay/standard@1; score=score/standard@1; \
incentive=incentive/standard@1; questions_until=2026-01-05T01:00:00.000Z
    """
    scenario.play(World.founded(), test_what_a_tender_may_ask_and_how_long_it_is_open.__doc__)


def test_a_tender_is_amended_until_it_closes_and_never_to_close_earlier() -> None:
    """Whoever bids can rely on the day; what a lot sets aside is covered as when published.

    outcome               | by              | event            | fields
    reference_unknown     |                 | tender.amended   | tender=t-9
    amendment_empty       |                 | tender.amended   | titles=absent
    signers_not_as_called | BU2/one         | tender.amended   |
    close_brought_forward |                 | tender.amended   | closes=2026-01-26T00:59:59.999Z
    date_invalid          |                 | tender.amended   | closes=2026-02-30T00:00:00.000Z
    questions_outside_tender |              | tender.amended   | \
questions_until=2026-01-26T01:00:00.001Z
    weights_not_whole     |                 | tender.amended   | \
criteria=[{"id":"price","weight_ppm":1}]
    list_repeats          |                 | tender.amended   | \
criteria=[{"id":"a","weight_ppm":500000},{"id":"A","weight_ppm":500000}]
    reference_unknown     |                 | tender.amended   | lots=[{"lot":"2",\
"service":"care","units_max":1,"rate_cap_fen":1,"value_fen":1,"lines":[{"line":"line-1",\
"amount_fen":1}]}]
    lot_not_covered       |                 | tender.amended   | lots=[{"lot":"1",\
"service":"care","units_max":1,"rate_cap_fen":1,"value_fen":2,"lines":[{"line":"line-1",\
"amount_fen":1}]}]
    guard_broken          |                 | tender.amended   | lots=[{"lot":"1",\
"service":"care","units_max":1,"rate_cap_fen":1,"value_fen":1000000001,"lines":[{"line":"line-1",\
"amount_fen":1000000001}]}]
    ok                    |                 | tender.amended   | lots=[{"lot":"1",\
"service":"care","units_max":1,"rate_cap_fen":1,"value_fen":1000000000,"lines":[{"line":"line-1",\
"amount_fen":1000000000}]}]
    ok                    |                 | tender.amended   | closes=2026-01-27T01:00:00.000Z; \
questions_until=2026-01-26T01:00:00.000Z; criteria=[{"id":"quality","weight_ppm":1000000}]; \
documents=[]
    close_brought_forward |                 | tender.amended   | closes=2026-01-26T01:00:00.000Z
    later                 |                 |                  | 21
    ok                    |                 | tender.amended   |
    later                 |                 |                  | 1
    tender_closed         |                 | tender.amended   |
    ok                    |                 | tender.cancelled |
    tender_not_open       |                 | tender.amended   |
    justification_missing | BUY/one FIN/one | tender.published | tender=t-2; method=single_source
    ok                    | BUY/one FIN/one | tender.published | tender=t-2; \
method=single_source; closes=2026-03-30T01:00:00.000Z; justification={"en":"One"}
    signers_not_as_called | BUY/one         | tender.amended   | tender=t-2
    ok                    | BUY/one FIN/one | tender.amended   | tender=t-2
    """
    story = test_a_tender_is_amended_until_it_closes_and_never_to_close_earlier.__doc__
    scenario.play(tendered(), story)


def test_questions() -> None:
    """A provider asks until the deadline; the purchaser answers once, before the close.

    outcome               | by      | event             | fields
    reference_unknown     |         | question.asked    | tender=t-9
    signer_lacks_role     | FIN/one | question.asked    |
    ok                    |         | question.asked    |
    id_taken              | PR2/one | question.asked    | question=Q-1
    ok                    | PR2/one | question.asked    | question=q-2
    reference_unknown     |         | question.answered | question=q-9
    signers_not_as_called | BU2/one | question.answered |
    ok                    |         | question.answered |
    question_answered     |         | question.answered |
    later                 |         |                   | 10
    question_too_late     |         | question.asked    | question=q-3
    later                 |         |                   | 11
    tender_closed         |         | question.answered | question=q-2
    tender_closed         |         | question.asked    | question=q-3
    """
    world = tendered(questions_until="2026-01-15T01:00:00.000Z")
    scenario.play(world, test_questions.__doc__)


# -- bids ------------------------------------------------------------------------------------------


def test_a_bid_is_sealed_before_the_close_and_revealed_within_a_day_after_it() -> None:
    """One live bid a bidder and lot; nobody else's hands on it; what was not shown is forfeited.

    outcome               | by      | event          | fields
    tender_not_yet_open   |         | bid.sealed     | tender=t-2
    reference_unknown     |         | bid.sealed     | tender=t-9
    reference_unknown     |         | bid.sealed     | lot="2"
    signer_lacks_role     | FIN/one | bid.sealed     |
    ok                    |         | bid.sealed     |
    id_taken              | PR2/one | bid.sealed     | bid=B-1
    bid_already_made      |         | bid.sealed     | bid=b-9
    signers_not_as_called | PR2/one | bid.withdrawn  |
    reference_unknown     |         | bid.withdrawn  | bid=b-9
    ok                    |         | bid.withdrawn  |
    bid_wrong_state       |         | bid.withdrawn  |
    ok                    |         | bid.sealed     | bid=b-2
    ok                    | PR2/one | bid.sealed     | bid=b-3
    ok                    | PR3/one | bid.sealed     | bid=b-4
    tender_still_open     |         | bid.revealed   | bid=b-2
    reveal_still_open     |         | bid.forfeited  | bid=b-2
    later                 |         |                | 21
    tender_closed         |         | bid.withdrawn  | bid=b-2
    tender_closed         |         | bid.sealed     | bid=b-9
    bid_wrong_state       |         | bid.revealed   |
    signers_not_as_called | PR2/one | bid.revealed   | bid=b-2
    commitment_differs    |         | bid.revealed   | bid=b-2; \
prices={"value_fen":999,"rates":[{"service":"care","rate_fen":5000}]}
    commitment_differs    |         | bid.revealed   | bid=b-2; \
prices={"value_fen":1000,"rates":[{"service":"care","rate_fen":4999}]}
    commitment_differs    |         | bid.revealed   | bid=b-2; \
documents=[{"sha256":"%s","title":"Offer"}]
    commitment_differs    |         | bid.revealed   | bid=b-2; nonce="%s"
    ok                    |         | bid.revealed   | bid=b-2
    bid_wrong_state       |         | bid.revealed   | bid=b-2
    reveal_still_open     |         | bid.forfeited  | bid=b-3
    later                 |         |                | 1
    reveal_too_late       | PR2/one | bid.revealed   | bid=b-3
    bid_wrong_state       |         | bid.forfeited  | bid=b-2
    signer_lacks_role     | REP/one | bid.forfeited  | bid=b-3
    signer_lacks_role     | BUY/one | bid.scored     | bid=b-2
    ok                    |         | bid.forfeited  | bid=b-3
    bid_wrong_state       |         | bid.forfeited  | bid=b-3
    bid_wrong_state       | PR2/one | bid.revealed   | bid=b-3
    ok                    | PR2/one | bid.forfeited  | bid=b-4
    """
    world = tendered()
    late = {"opens": "2026-01-06T01:00:00.000Z", "closes": "2026-01-27T01:00:00.000Z"}
    world.tender("t-2", {"1": {"line-1": 1_000}}, method="open", **late)
    name = test_a_bid_is_sealed_before_the_close_and_revealed_within_a_day_after_it
    scenario.play(world, (name.__doc__ or "").replace("%s", "cd" * 32))


def test_a_commitment_is_no_other_lot_s_tender_s_or_bidder_s() -> None:
    """Whoever copies a rival's commitment cannot open it: it holds who bids, and for what."""
    world = tendered()
    event = world.sealing("b-PRO", "t-1", "1", "PRO", prices=asking(900))
    world.do(event)
    copied = world.sealing("b-PR2", "t-1", "1", "PRO", prices=asking(900))
    assert copied.commitment == event.commitment
    world.do(copied, by="PR2/one")
    world.now_ms = parse_instant(CLOSES)
    shown = world.make(BidRevealed, bid="b-PR2", prices=asking(900))
    assert scenario.refusal(world, shown, by="PR2/one").code == "commitment_differs"
    reveal(world, "PRO", 900)


def test_a_bid_with_two_rates_for_one_service_is_not_revealed() -> None:
    """It would leave open which of them the contract may ask."""
    world = tendered()
    rates = [BidRate(service=name, rate_fen=fen) for name, fen in (("care", 1), ("Care", 2))]
    prices = BidPrices(value_fen=900, rates=rates)
    world.do(world.sealing("b-1", "t-1", "1", "PRO", prices=prices))
    world.now_ms = parse_instant(CLOSES)
    shown = world.make(BidRevealed, bid="b-1", prices=prices)
    assert scenario.refusal(world, shown).code == "list_repeats"


def test_the_close_and_the_day_after_it_are_sharp_to_the_millisecond() -> None:
    """At the very instant of the close a bid is too late and a reveal in time; a day on, too."""
    world = tendered()
    closes_ms = parse_instant(CLOSES)
    world.now_ms = closes_ms - 1
    world.do(world.sealing("b-PRO", "t-1", "1", "PRO", prices=asking(900)))
    world.now_ms = closes_ms - 1
    shown = world.make(BidRevealed, bid="b-PRO", prices=asking(900))
    assert scenario.refusal(world, shown).code == "tender_still_open"
    world.now_ms = closes_ms
    late = world.sealing("b-PR2", "t-1", "1", "PR2")
    assert scenario.refusal(world, late, by="PR2/one").code == "tender_closed"
    world.now_ms = closes_ms + MS_PER_DAY
    assert scenario.refusal(world, shown).code == "reveal_too_late"
    world.now_ms -= 1
    assert scenario.refusal(world, world.make(BidForfeited, bid="b-PRO")).code == (
        "reveal_still_open"
    )
    world.do(shown)


def test_experts_judge_what_was_shown_each_once_and_never_their_own_side() -> None:
    """A score is one person's, by a criterion of the tender, before the lot is decided.

    outcome             | by      | event            | fields
    bid_wrong_state     |         | bid.scored       | bid=b-PR3
    reference_unknown   |         | bid.scored       | bid=b-9
    reference_unknown   |         | bid.scored       | bid=b-PRO; criterion=beauty
    ok                  |         | bid.scored       | bid=b-PRO
    bid_already_scored  |         | bid.scored       | bid=b-PRO; score_ppm=1
    ok                  |         | bid.scored       | bid=b-PRO; criterion=price
    ok                  | EVA/two | bid.scored       | bid=b-PRO; score_ppm=1
    ok                  |         | role.granted     | party=BUY; role=evaluator
    duties_not_separate | BUY/two | bid.scored       | bid=b-PRO
    ok                  |         | role.granted     | party=PR2; role=evaluator
    duties_not_separate | PR2/two | bid.scored       | bid=b-PRO
    duties_not_separate | EVA/six | bid.scored       | bid=b-PRO
    signer_lacks_role   | BU2/one | bid.disqualified | bid=b-PRO
    ok                  |         | bid.disqualified | bid=b-PR2
    bid_wrong_state     |         | bid.disqualified | bid=b-PR2
    bid_wrong_state     |         | bid.scored       | bid=b-PR2
    ok                  |         | tender.failed    |
    tender_not_open     |         | bid.scored       | bid=b-PRO; criterion=price
    """
    world = sealed(THREE)
    reveal(world, "PRO", 900)
    reveal(world, "PR2", 950)
    # A person who bid for PR3 has left it and works for the evaluators.
    vkey = str(signer("PR3/one").verifier)
    world.do(world.make(KeyRevoked, vkey=vkey, reason="HOLDER_LEFT"), by="PR3/two")
    world.key("EVA/six", by="EVA/one", holder=holder("PR3/one"))
    name = test_experts_judge_what_was_shown_each_once_and_never_their_own_side
    scenario.play(world, name.__doc__)


# -- award -----------------------------------------------------------------------------------------


def test_an_open_tender_is_awarded_by_its_valid_bids_alone() -> None:
    """After all were shown, ranked without exception, at the price that was bid.

    outcome                | by | event            | fields
    reveal_not_over        |    | award.decided    | ranking=["PRO","PR2","PR3"]; value_fen=900
    later                  |    |                  | 1
    reveal_not_over        |    | award.decided    | ranking=["PRO","PR2","PR3"]; value_fen=900
    ok                     |    | bid.forfeited    | bid=b-BU2
    bidder_not_valid       |    | award.decided    | ranking=["PRO","PR2","PR3","BU2"]
    valid_bid_not_ranked   |    | award.decided    | ranking=["PRO","PR2"]; value_fen=900
    award_differs_from_bid |    | award.decided    | ranking=["PRO","PR2","PR3"]; value_fen=901
    award_differs_from_bid |    | award.decided    | ranking=["PRO","PR2","PR3"]; value_fen=899
    winner_not_first       |    | award.decided    | ranking=["PR2","PRO","PR3"]; value_fen=900
    value_exceeds          |    | award.decided    | ranking=["PR3","PRO","PR2"]; winner=PR3; \
value_fen=1001
    ok                     |    | award.decided    | ranking=["PRO","PR2","PR3"]; value_fen=900
    lot_already_awarded    |    | bid.scored       | bid=b-PRO
    lot_already_awarded    |    | bid.disqualified | bid=b-PR2
    award_stands           |    | tender.cancelled |
    award_stands           |    | tender.failed    |
    """
    world = tendered()
    world.grant("BU2", "provider")
    for bidder, value_fen in (("PRO", 900), ("PR2", 950), ("PR3", 1_001), ("BU2", 1)):
        event = world.sealing(f"b-{bidder}", "t-1", "1", bidder, prices=asking(value_fen))
        world.do(event, by=f"{bidder}/one")
    before = world.make(AwardDecided)
    assert scenario.refusal(world, before).code == "tender_still_open"
    world.now_ms = parse_instant(CLOSES)
    for bidder, value_fen in (("PRO", 900), ("PR2", 950), ("PR3", 1_001)):
        reveal(world, bidder, value_fen)
    scenario.play(world, test_an_open_tender_is_awarded_by_its_valid_bids_alone.__doc__)


@pytest.mark.parametrize("method", ["open", "invited"])
def test_fewer_than_three_valid_bids_can_only_fail(method: str) -> None:
    """A lot with two valid bids is not awarded, whether the third was disqualified or never made.

    outcome           | by | event            | fields
    too_few_bids      |    | award.decided    | ranking=["PRO","PR2"]; value_fen=900
    ground_not_given  |    | tender.failed    | ground=3
    ok                |    | tender.failed    | ground=1
    tender_not_open   |    | award.decided    | ranking=["PRO","PR2"]; value_fen=900
    tender_not_open   |    | tender.failed    |
    """
    story = test_fewer_than_three_valid_bids_can_only_fail.__doc__
    scenario.play(revealed({"PRO": 900, "PR2": 950}, method=method), story)
    world = revealed(THREE, method=method)
    too_early = scenario.Row("ground_not_given", "", "tender.failed", "ground=1")
    assert scenario.refusal(world, scenario.event_of(world, too_early)).code == too_early.outcome
    out = scenario.Row("ok", "", "bid.disqualified", "bid=b-PR3")
    world.do(scenario.event_of(world, out))
    scenario.play(world, story)


def test_each_lot_fails_or_is_awarded_by_itself() -> None:
    """A failed lot frees its money and is gone; its neighbour goes on, and may fail later.

    outcome           | by | event         | fields
    reveal_not_over   |    | tender.failed | ground=1
    later             |    |               | 1
    ok                |    | bid.forfeited | bid=b-PRO
    list_repeats      |    | tender.failed | ground=1; lots=["2","2"]
    reference_unknown |    | tender.failed | ground=1; lots=["3"]
    ok                |    | tender.failed | ground=1; lots=["2"]
    lot_failed        |    | tender.failed | ground=1; lots=["2"]
    lot_failed        |    | award.decided | lot="2"
    ok                |    | tender.failed | ground=4
    tender_not_open   |    | tender.failed | ground=4
    """
    world = World.founded()
    lots = {"1": {"line-1": 1_000}, "2": {"line-1": 500}}
    world.tender("t-1", lots, method="open", closes=CLOSES)
    world.do(world.sealing("b-PRO", "t-1", "2", "PRO"))
    early = scenario.Row("tender_still_open", "", "tender.failed", "ground=3")
    assert scenario.refusal(world, scenario.event_of(world, early)).code == early.outcome
    world.now_ms = parse_instant(CLOSES)
    scenario.play(world, test_each_lot_fails_or_is_awarded_by_itself.__doc__)
    assert world.state.balance("reserved", "line-1", "t-1/1") == 0
    assert world.state.tenders["t-1"].status == "failed"


def test_a_tender_fails_as_too_dear_only_when_every_bid_is() -> None:
    """Ground 3 of Procurement Law 36 is read off the bids.

    outcome          | by | event         | fields
    value_exceeds    |    | award.decided | ranking=["PRO","PR2","PR3"]; value_fen=1001
    ground_not_given |    | tender.failed | ground=1
    ok               |    | tender.failed | ground=3
    """
    world = revealed({"PRO": 1_001, "PR2": 1_002, "PR3": 1_003})
    scenario.play(world, test_a_tender_fails_as_too_dear_only_when_every_bid_is.__doc__)


def test_methods_without_sealed_bids_are_decided_by_the_ranking() -> None:
    """Nobody need seal for a consultation; where somebody does, that lot goes by its bids.

    outcome              | by | event            | fields
    ok                   |    | tender.published | closes=2026-01-06T01:00:00.000Z
    tender_still_open    |    | award.decided    |
    later                |    |                  | 1
    ok                   |    | award.decided    |
    ok                   |    | tender.published | tender=t-2; closes=2026-01-07T01:00:00.000Z
    ok                   |    | bid.sealed       | tender=t-2
    later                |    |                  | 1
    reveal_not_over      |    | award.decided    | award=a-2; tender=t-2
    ok                   |    | bid.revealed     |
    bidder_not_valid     |    | award.decided    | award=a-2; tender=t-2
    ok                   |    | award.decided    | award=a-2; tender=t-2; ranking=["PRO"]
    """
    story = test_methods_without_sealed_bids_are_decided_by_the_ranking.__doc__
    scenario.play(World.founded(), story)


def test_a_single_source_is_on_notice_for_five_working_days() -> None:
    """From its publication, or its last amendment, to the end of the fifth working day after.

    outcome          | by              | event            | fields
    ok               | BUY/one FIN/one | tender.published | method=single_source; \
closes=2026-01-06T01:00:00.000Z; justification={"en":"One"}
    ok               | BUY/one FIN/one | tender.published | method=single_source; tender=t-2; \
closes=2026-01-08T01:00:00.000Z; justification={"en":"One"}
    later            |                 |                  | 1
    ok               | BUY/one FIN/one | tender.amended   | tender=t-2
    later            |                 |                  | 6
    notice_too_short |                 | award.decided    |
    later            |                 |                  | 1
    ok               |                 | award.decided    | ranking=["PRO"]
    notice_too_short |                 | award.decided    | award=a-2; tender=t-2
    later            |                 |                  | 1
    ok               |                 | award.decided    | award=a-2; tender=t-2; ranking=["PRO"]
    """
    story = test_a_single_source_is_on_notice_for_five_working_days.__doc__
    scenario.play(World.founded(), story)


def test_a_winner_must_be_a_provider_on_the_day() -> None:
    """A role that ended between the bid and the award wins nothing."""
    world = revealed(THREE)
    world.do(world.make(RoleRevoked, party="PRO", role="provider"))
    decided = world.make(AwardDecided, ranking=["PRO", "PR2", "PR3"], value_fen=900)
    assert scenario.refusal(world, decided).code == "signer_lacks_role"
    world.do(world.make(AwardDecided, ranking=["PR2", "PRO", "PR3"], winner="PR2", value_fen=950))


def test_a_sanctioned_provider_may_not_bid() -> None:
    """A sanction in force bars from sealing a bid; the others go on.

    outcome          | by      | event            | fields
    ok               | FIN/one | notice.given     | about=PRO; notice=n-s; \
act=sanction.imposed; ground=MISCONDUCT; amount_fen=absent
    ok               |         | notice.answered  | notice=n-s
    ok               |         | sanction.imposed | from=2026-01-05
    ok               |         | tender.published | closes=2026-02-28T01:00:00.000Z
    party_sanctioned |         | bid.sealed       |
    ok               | PR2/one | bid.sealed       |
    """
    scenario.play(World.founded(), test_a_sanctioned_provider_may_not_bid.__doc__)


def test_only_the_qualified_bid_for_what_the_catalogue_asks_a_qualification_for() -> None:
    """In the tender's own scope, on the day of the bid, and of the award; in whatever letters.

    outcome             | by      | event                 | fields
    ok                  |         | service.catalogued    | code=care; qualification=home-care
    ok                  |         | tender.published      | closes=2026-01-30T00:00:00.000Z
    party_not_qualified |         | bid.sealed            |
    ok                  |         | qualification.granted | kind=nursing
    ok                  |         | qualification.granted | qualification=q-2; \
scope={"purchasers":["BU2"]}
    party_not_qualified |         | bid.sealed            |
    ok                  |         | qualification.granted | qualification=q-3; \
kind=Home-Care; scope={"programmes":["care"]}; expires=2026-01-30
    ok                  |         | bid.sealed            |
    party_not_qualified | PR2/one | bid.sealed            | bid=b-2
    later               |         |                       | 25
    ok                  |         | bid.revealed          |
    later               |         |                       | 1
    party_not_qualified |         | award.decided         | ranking=["PRO"]
    ok                  |         | qualification.granted | qualification=q-4
    ok                  |         | award.decided         | ranking=["PRO"]
    """
    name = test_only_the_qualified_bid_for_what_the_catalogue_asks_a_qualification_for
    scenario.play(World.founded(), name.__doc__)


def test_a_suspended_qualification_bars_from_the_next_tender() -> None:
    """What was bid for while it was in force goes on.

    outcome             | by      | event                   | fields
    ok                  |         | service.catalogued      | code=care; qualification=home-care
    ok                  |         | qualification.granted   |
    ok                  |         | tender.published        | closes=2026-01-30T00:00:00.000Z
    ok                  | AUT/one | notice.given            | about=q-1; notice=n-q; \
act=qualification.suspended; amount_fen=absent; ground=QUALIFICATION_LOST
    ok                  |         | notice.answered         | notice=n-q
    ok                  |         | bid.sealed              |
    ok                  |         | qualification.suspended |
    party_not_qualified |         | bid.sealed              | bid=b-2; lot="1"
    ok                  |         | bid.withdrawn           |
    """
    scenario.play(World.founded(), test_a_suspended_qualification_bars_from_the_next_tender.__doc__)
