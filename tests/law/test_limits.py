"""Published limits: a clock judges by the limit in force, and one that runs goes on as it was.

The clocks that raise flags, and judge no act, are listed as such; together none is left out.
"""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import scenario
from bidding import awarded, revealed
from world import World

from ledger.events.award import AwardChallenged, ChallengeAnswered
from ledger.events.rulebook import ClockRule, RulePublished
from ledger.rulebook import SHIPPED
from ledger.times import MS_PER_DAY, parse_instant

HEADER = "    outcome | by | event | fields\n"


class Judged(NamedTuple):
    """A limit, published in a world, and acts that it judges."""

    limit: int
    world: Callable[[], World]
    rows: str


def _cut() -> World:
    world = World.contracted()
    world.visits("c-1", days=2)
    world.claim("k-1", "c-1")
    return world


def _challenged() -> World:
    world = awarded()
    world.do(world.make(AwardChallenged))
    world.do(world.make(AwardChallenged, challenge="x-2"), by="PR3/one")
    return world


def _to_sign() -> World:
    world = World.founded()
    world.tender("t-1", {"1": {"line-1": 1_000}})
    world.award("a-1", "t-1", "1", 1_000)
    world.until_final("a-1")
    return world


JUDGED = {
    "c01-tender-open": Judged(
        10,
        World.founded,
        """
    window_too_short  |                 | tender.published   | method=open; \
closes=2026-01-14T01:00:00.000Z
    ok                |                 | tender.published   | method=open; \
closes=2026-01-15T01:00:00.000Z
""",
    ),
    "c04-single-source-notice": Judged(
        2,
        World.founded,
        """
    ok                | BUY/one FIN/one | tender.published   | method=single_source; \
justification={"en":"One"}
    later             |                 |                    | 2
    notice_too_short  |                 | award.decided      |
    later             |                 |                    | 1
    ok                |                 | award.decided      |
""",
    ),
    "c06-challenge": Judged(
        2,
        World.founded,
        """
    ok                |                 | tender.published   |
    ok                |                 | award.decided      |
    later             |                 |                    | 3
    award_not_final   |                 | contract.signed    |
    later             |                 |                    | 1
    challenge_too_late |                | award.challenged   |
    ok                |                 | award.challenged   | award=absent
    later             |                 |                    | 6
    challenge_too_late |                | award.challenged   | award=absent; challenge=x-2
""",
    ),
    "c07-answer": Judged(
        2,
        awarded,
        """
    ok                |                 | award.challenged   |
    later             |                 |                    | 2
    complaint_too_early |               | complaint.lodged   |
    later             |                 |                    | 1
    ok                |                 | complaint.lodged   |
""",
    ),
    "c07-complaint": Judged(
        2,
        _challenged,
        """
    ok                |                 | challenge.answered |
    ok                |                 | challenge.answered | challenge=x-2
    later             |                 |                    | 2
    ok                |                 | complaint.lodged   |
    later             |                 |                    | 1
    complaint_too_late | PR3/one        | complaint.lodged   | challenge=x-2; complaint=y-2
""",
    ),
    "c11-supplements": Judged(
        50_000,
        World.contracted,
        """
    value_exceeds     |                 | contract.amended   | value_delta_fen=50001
    ok                |                 | contract.amended   | value_delta_fen=50000
""",
    ),
    "c13-payment": Judged(
        20,
        _to_sign,
        """
    pay_days_exceed   |                 | contract.signed    | pay_days=21
    ok                |                 | contract.signed    | pay_days=20
""",
    ),
    "c17-bid-bond": Judged(
        30_000,
        World.founded,
        """
    bond_exceeds      |                 | tender.published   | bid_bond_ppm=30001
    ok                |                 | tender.published   | bid_bond_ppm=30000
""",
    ),
    "c17-performance-bond": Judged(
        50_000,
        _to_sign,
        """
    bond_exceeds      |                 | tender.published   | tender=t-2; \
performance_bond_ppm=50001
    ok                |                 | tender.published   | tender=t-2; \
performance_bond_ppm=50000
    share_out_of_bounds |               | contract.signed    | retention_ppm=50001
    ok                |                 | contract.signed    | retention_ppm=50000
""",
    ),
    "c19-dispute": Judged(
        2,
        _cut,
        """
    ok                |                 | claim.answered     | accepted_fen=9998; \
cuts=[{"visit":"visit:1","reason":"OTHER","amount_fen":2}]
    later             |                 |                    | 2
    ok                |                 | dispute.opened     | \
lines=[{"visit":"line:1","amount_fen":1}]
    later             |                 |                    | 1
    cuts_stand        |                 | dispute.opened     | \
lines=[{"visit":"line:1","amount_fen":1}]
""",
    ),
    "c20-reveal": Judged(
        48,
        World.founded,
        """
    ok                |                 | tender.published   | closes=2026-01-06T01:00:00.000Z
    ok                |                 | bid.sealed         |
    ok                | PR2/one         | bid.sealed         | bid=b-2
    later             |                 |                    | 2
    reveal_still_open |                 | bid.forfeited      |
    ok                |                 | bid.revealed       |
    later             |                 |                    | 1
    reveal_too_late   | PR2/one         | bid.revealed       | bid=b-2
    ok                |                 | bid.forfeited      | bid=b-2
""",
    ),
}

FLAGGED = {
    "c07-decision",  # a late ruling is a ruling
    "c08-signing",  # a late contract is a contract
    "c09-disclosure",  # what was disclosed late is disclosed
    "c15-receivable",  # a late confirmation still binds
    "c19-ruling",  # a late decision still ends the dispute; what it awards bears interest
}
"""Clocks whose running out is a reason to look, and makes no act unlawful."""


def publish(world: World, clock: str, limit: int) -> None:
    """Publish the next version of a clock."""
    rule = f"clock/{clock}"
    shipped = SHIPPED[rule]
    assert isinstance(shipped, ClockRule)
    parameters = ClockRule(limit=limit, unit=shipped.unit)
    version = world.state.rule_versions[rule] + 1
    world.do(world.make(RulePublished, rule=rule, version=version, parameters=parameters))


@pytest.mark.parametrize("clock", JUDGED)
def test_an_act_is_judged_by_the_limit_that_was_published(clock: str) -> None:
    """One over the new limit is refused, one within it admitted."""
    judged = JUDGED[clock]
    world = judged.world()
    publish(world, clock, judged.limit)
    for row in scenario.rows(HEADER + judged.rows):
        scenario.play_row(world, row)


def test_no_clock_is_left_out() -> None:
    """Each shipped clock judges an act, or is one that raises flags only."""
    shipped = {rule.removeprefix("clock/") for rule in SHIPPED if rule.startswith("clock/")}
    assert set(JUDGED) | FLAGGED == shipped
    assert not set(JUDGED) & FLAGGED


def test_a_limit_that_runs_goes_on_as_it_was() -> None:
    """A longer limit reopens nothing, a shorter one cuts nobody's time; the next act has it."""
    world = awarded()  # on Monday 26 January 2026
    final_ms = parse_instant("2026-02-05T16:00:00.000Z")
    publish(world, "c06-challenge", 30)
    assert world.state.awards["a-1"].challenge_end_ms == final_ms
    world.do(world.make(AwardChallenged))
    publish(world, "c07-answer", 1)
    publish(world, "c07-complaint", 1)
    challenge = world.state.challenges["x-1"]
    assert challenge.answer_end_ms == final_ms - MS_PER_DAY  # 7 wd, not 1
    world.now_ms += MS_PER_DAY
    world.do(world.make(ChallengeAnswered))
    assert world.state.challenges["x-1"].complaint_end_ms == parse_instant(
        "2026-01-28T16:00:00.000Z"
    )
    world.now_ms = final_ms
    late = scenario.refusal(world, world.make(AwardChallenged, challenge="x-2"), by="PR3/one")
    assert late.code == "challenge_too_late"


def test_bids_are_shown_by_the_limit_that_their_tender_was_published_with() -> None:
    """Who has sealed a bid relies on the day after the close, also when another limit comes."""
    world = revealed({"PRO": 900})
    closes_ms = world.state.tenders["t-1"].closes_ms
    publish(world, "c20-reveal", 1)
    assert world.state.tenders["t-1"].reveal_end_ms == closes_ms + MS_PER_DAY


def test_a_limit_is_at_most_a_year_the_whole_or_what_an_event_can_say() -> None:
    """A limit without end would have no last day, and one beyond a contract's terms no effect.

    outcome                 | by | event          | fields
    rule_parameters_invalid |    | rule.published | rule=clock/c06-challenge; \
parameters={"kind":"clock","limit":367,"unit":"working_days"}
    ok                      |    | rule.published | rule=clock/c06-challenge; \
parameters={"kind":"clock","limit":366,"unit":"working_days"}
    rule_parameters_invalid |    | rule.published | rule=clock/c01-tender-open; \
parameters={"kind":"clock","limit":367,"unit":"days"}
    rule_parameters_invalid |    | rule.published | rule=clock/c20-reveal; \
parameters={"kind":"clock","limit":8785,"unit":"hours"}
    rule_parameters_invalid |    | rule.published | rule=clock/c11-supplements; \
parameters={"kind":"clock","limit":1000001,"unit":"ppm"}
    rule_parameters_invalid |    | rule.published | rule=clock/c13-payment; \
parameters={"kind":"clock","limit":61,"unit":"days"}
    ok                      |    | rule.published | rule=clock/c13-payment; \
parameters={"kind":"clock","limit":60,"unit":"days"}
    """
    scenario.play(
        World.cast(),
        test_a_limit_is_at_most_a_year_the_whole_or_what_an_event_can_say.__doc__,
    )
