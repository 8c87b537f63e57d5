"""Scores: proposed, contested, final; and what a final score takes from the pay, or adds to it.

Tables are played by `scenario.play`; a refused row leaves the state exactly as it was.
"""

import pages
import pytest
import scenario
from books import held, posted
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from world import World

from ledger.events.contract import Item
from ledger.events.delivery import VisitRecorded
from ledger.events.interest import InterestWaived
from ledger.events.parties import PartyUpdated
from ledger.events.rulebook import Band, PayRule, RulePublished
from ledger.events.score import ScoreContested, ScoreFinalised, ScoreProposed
from ledger.rulebook import deduction_fen
from ledger.rules.deduction import parts_of, recovered_fen
from ledger.times import parse_instant

WORST = '[{"id":"quality","actual":0,"score_ppm":0},{"id":"reach","actual":0,"score_ppm":0}]'


def test_a_score_is_proposed_by_the_contract_s_rules() -> None:
    """Over the programme's indicators, by its score rule and pay rule, each day once.

    outcome                 | by              | event          | fields
    reference_unknown       |                 | score.proposed | contract=c-9
    signer_lacks_role       | BUY/one         | score.proposed |
    signers_not_as_called   | EVA/one PRO/one | score.proposed |
    period_reversed         |                 | score.proposed | \
period={"from":"2026-02-01","to":"2026-01-31"}
    score_rule_differs      |                 | score.proposed | rule=score/standard@2
    score_indicators_differ |                 | score.proposed | \
indicators=[{"id":"quality","actual":1,"score_ppm":850000}]
    score_indicators_differ |                 | score.proposed | \
indicators=[{"id":"quality","actual":1,"score_ppm":850000},\
{"id":"quality","actual":1,"score_ppm":850000}]
    score_figures_differ    |                 | score.proposed | total_ppm=850001
    score_figures_differ    |                 | score.proposed | factor_ppm=1000000
    ok                      |                 | score.proposed | \
period={"from":"2026-03-01","to":"2026-03-31"}
    id_taken                |                 | score.proposed | score=S-1
    score_period_overlaps   |                 | score.proposed | score=s-2
    score_period_overlaps   |                 | score.proposed | score=s-2; \
period={"from":"2026-03-31","to":"2026-04-30"}
    ok                      |                 | score.proposed | score=s-2; \
period={"from":"2026-04-01","to":"2026-04-30"}
    ok                      |                 | score.proposed | score=s-3; contract=c-2
    rule_not_named          |                 | score.proposed | score=s-4; contract=c-none
    ok                      |                 | contract.closed |
    contract_not_active     |                 | score.proposed | score=s-4; \
period={"from":"2026-05-01","to":"2026-05-31"}
    """
    world = World.contracted()
    world.contract("c-2", 1_000, {"line-1": 1_000_000})
    world.contract("c-none", 1_000, {"line-1": 1_000_000}, pay=UNSET, score=UNSET)
    scenario.play(world, test_a_score_is_proposed_by_the_contract_s_rules.__doc__)


def test_a_proposal_that_nobody_contests_stands_after_five_working_days() -> None:
    """Proposed on Monday 5 January, it can be contested until the end of Monday the 12th.

    outcome               | by              | event           | fields
    ok                    |                 | score.proposed  |
    score_contest_open    | EVA/one         | score.finalised |
    signers_not_as_called | REV/one         | score.finalised |
    signers_not_as_called | PRO/one         | score.finalised |
    later                 |                 |                 | 7
    score_contest_open    | EVA/one         | score.finalised |
    later                 |                 |                 | 1
    score_contest_over    |                 | score.contested |
    score_not_as_proposed | EVA/one         | score.finalised | factor_ppm=700000; \
total_ppm=0; indicators=[{"id":"quality","actual":0,"score_ppm":0},\
{"id":"reach","actual":0,"score_ppm":0}]
    score_figures_differ  | EVA/one         | score.finalised | factor_ppm=850000
    ok                    | EVA/one         | score.finalised |
    score_wrong_state     | EVA/one         | score.finalised |
    score_wrong_state     |                 | score.contested |
    """
    story = test_a_proposal_that_nobody_contests_stands_after_five_working_days.__doc__
    scenario.play(World.contracted(), story)


def test_a_contested_score_is_agreed_on_or_decided_by_a_reviewer() -> None:
    """No evaluator finalises it alone any more, however long it waits; a reviewer may go lower.

    outcome               | by              | event           | fields
    reference_unknown     |                 | score.contested |
    ok                    |                 | score.proposed  |
    ok                    |                 | score.proposed  | score=s-2; contract=c-2
    reference_unknown     |                 | score.contested | indicators=["other"]
    list_repeats          |                 | score.contested | indicators=["reach","reach"]
    signers_not_as_called | EVA/one         | score.contested |
    later                 |                 |                 | 7
    ok                    |                 | score.contested |
    score_wrong_state     |                 | score.contested |
    ok                    |                 | score.contested | score=s-2
    later                 |                 |                 | 60
    signer_lacks_role     | EVA/one         | score.finalised |
    signers_not_as_called | REV/one EVA/one | score.finalised |
    score_figures_differ  | REV/one         | score.finalised | factor_ppm=949999
    score_figures_differ  | REV/one         | score.finalised | total_ppm=0; \
factor_ppm=700001; indicators=%s
    score_figures_differ  |                 | score.finalised | total_ppm=0; \
factor_ppm=699999; indicators=%s
    ok                    | REV/one         | score.finalised | total_ppm=0; \
factor_ppm=500000; indicators=%s
    ok                    |                 | score.finalised | score=s-2; total_ppm=0; \
factor_ppm=700000; indicators=%s
    """
    world = World.contracted()
    world.contract("c-2", 1_000, {"line-1": 1_000_000})
    story = test_a_contested_score_is_agreed_on_or_decided_by_a_reviewer.__doc__ or ""
    scenario.play(world, story.replace("%s", WORST))
    assert [score.factor_ppm for score in world.state.scores.values()] == [500_000, 700_000]


@pytest.mark.parametrize(
    ("party", "parent"), [("REV", "BUY"), ("PRO", "REV"), ("REV", "FI2"), ("EVA", "REV")]
)
def test_a_reviewer_of_the_case_s_own_house_decides_nothing(party: str, parent: str) -> None:
    """Not one that belongs to a side or to the evaluator, or controls it, by whatever steps.

    outcome                  | by      | event           | fields
    ok                       |         | score.proposed  |
    ok                       |         | score.contested |
    reviewer_not_independent | REV/one | score.finalised |
    """
    world = World.contracted()
    world.do(world.make(PartyUpdated, party="FI2", parent="PRO"))
    world.do(world.make(PartyUpdated, party=party, parent=parent))
    scenario.play(world, test_a_reviewer_of_the_case_s_own_house_decides_nothing.__doc__)


def test_a_score_is_used_once() -> None:
    """A deduction, or a bonus, is what the rule gives for what was accepted of the period.

    outcome               | by      | event             | fields
    ok                    |         | visit.recorded    |
    ok                    |         | claim.submitted   | \
period={"from":"2026-02-01","to":"2026-02-28"}
    ok                    |         | claim.answered    |
    ok                    |         | score.proposed    |
    reference_unknown     |         | deduction.applied | score=s-9
    score_wrong_state     |         | deduction.applied |
    score_wrong_state     |         | bonus.granted     | amount_fen=1
    ok                    |         | score.finalised   |
    reference_unknown     |         | deduction.applied | contract=c-2
    signers_not_as_called | FIN/one | deduction.applied |
    signers_not_as_called | BU2/one | deduction.applied |
    score_figures_differ  |         | deduction.applied | base_fen=5001
    score_figures_differ  |         | deduction.applied | factor_ppm=940000
    score_figures_differ  |         | deduction.applied | amount_fen=251
    value_exceeds         |         | bonus.granted     | amount_fen=1
    ok                    |         | deduction.applied |
    score_used            |         | deduction.applied |
    score_used            |         | bonus.granted     | amount_fen=1
    principal_differs     |         | payment.requested |
    ok                    |         | payment.requested | principal_fen=4750
    ok                    |         | payment.approved  |
    ok                    |         | payment.ordered   | principal_fen=4750
    ok                    |         | payment.settled   |
    ok                    |         | contract.closed   |
    """
    world = World.contracted()
    world.contract("c-2", 1_000, {"line-1": 1_000_000})
    scenario.play(world, test_a_score_is_used_once.__doc__)


def test_a_bonus_is_granted_as_far_as_its_part_of_the_value_goes() -> None:
    """1,000.00 at a factor of 1.05 would be 50.00; 30.00 is what only bonuses may use.

    outcome               | by      | event         | fields
    signers_not_as_called | FIN/one | bonus.granted | amount_fen=3000
    value_exceeds         |         | bonus.granted | amount_fen=5000
    score_figures_differ  |         | bonus.granted | amount_fen=2999
    ok                    |         | bonus.granted | amount_fen=3000
    score_used            |         | bonus.granted | amount_fen=3000
    """
    world = World.founded()
    world.do(world.make(RulePublished))
    lines = {"line-1": 600_000, "line-2": 400_000}
    world.contract("c-1", 110_000, lines, pay="pay/standard@2", bonus_max_fen=3_000)
    world.do(world.make(VisitRecorded, units=20))
    world.claim("k-1", "c-1")
    world.answer("k-1")
    world.score("s-1", "c-1", "2026-12-31", 900_000, 1_050_000)
    scenario.play(world, test_a_bonus_is_granted_as_far_as_its_part_of_the_value_goes.__doc__)
    assert posted(world.journal[-1:]) == [
        "committed → accrued line-1 1800",
        "committed → accrued line-2 1200",
        "bonus_expense → payable line-1 1800",
        "bonus_expense → payable line-2 1200",
    ]
    (bonus,) = [claim for claim in world.state.claims if claim != "k-1"]
    world.pay("p-1", "c-1", ["k-1", bonus])
    assert sum(held(world, "c-1")["paid"]) == 103_000
    world.close("c-1")


def test_claims_leave_alone_what_only_bonuses_may_use() -> None:
    """Of 1,000.00 with 300.00 for bonuses, claims get 700.00; an amendment down keeps the 300.00.

    outcome                    | by | event            | fields
    ok                         |    | visit.recorded   | units=14
    ok                         |    | visit.recorded   | started_at=2026-03-01T01:00:00.000Z; \
ended_at=2026-03-01T02:00:00.000Z
    promises_exceed_commitment |    | claim.submitted  |
    ok                         |    | claim.submitted  | \
period={"from":"2026-02-01","to":"2026-02-28"}
    promises_exceed_commitment |    | contract.amended | value_delta_fen=-1
    """
    world = World.founded()
    world.contract("c-1", 100_000, {"line-1": 1_000_000}, bonus_max_fen=30_000)
    scenario.play(world, test_claims_leave_alone_what_only_bonuses_may_use.__doc__)


# -- postings --------------------------------------------------------------------------------------


def test_the_worked_example_s_deduction() -> None:
    """Score 85, factor 0.95: 4,850.00, of it 242.50 from retained and 4,607.50 from accrued.

    As in funds.md, without the advance; and as docs/rules.md computes it, to the fen.
    """
    world = World.founded({"a": 2 * 10**8})
    world.contract("c", 120_000_000, {"a": 1_000_000}, retention_ppm=50_000)
    world.do(*[world.make(VisitRecorded, contract="c", units=units) for units in (60, 1_940)])
    world.claim("k", "c")
    world.answer("k", disputed=[300_000])
    world.do(world.make(ScoreProposed, contract="c"))
    world.do(world.make(ScoreFinalised))
    assert posted(world.deduct("s-1")) == [
        "retained → committed a 24250",
        "accrued → committed a 460750",
        "retention_payable → service_expense a 24250",
        "payable → service_expense a 460750",
    ]
    assert world.state.claims["k"].payable_fen == 8_754_250
    world.pay("p", "c", ["k"])
    assert held(world, "c") == {
        "committed": [110_785_000],
        "retained": [460_750],
        "paid": [8_754_250],
        "retention_payable": [460_750],
        "service_expense": [9_215_000],
    }
    figures = [figure for _, _, figure in pages.worked_example()]
    assert figures == [
        "850000",
        "950000",
        "4,850.00",
        "4,850.00",
        "242.50",
        "4,607.50",
        "87,542.50",
        "4,607.50",
    ]


def test_a_deduction_takes_from_what_is_there_in_order() -> None:
    """Retained by its share, accrued, more of retained, recovered advances, and then a memo.

    Accrued that a payment was requested for stands; claims of the scored period pay first. (The
    recovery of an advance is put in by hand: this contract agrees on none.)
    """
    world = World.founded({"a": 10**6, "b": 10**6})
    shares = {"a": 700_000, "b": 300_000}
    world.contract("c", 100_000, shares, retention_ppm=100_000)
    for number, month in (("1", "01"), ("2", "02"), ("3", "03")):
        world.visits("c", days=2, month=f"2026-{month}")
        world.claim(f"k{number}", "c", f"2026-{month}-28")
        world.answer(f"k{number}")
    world.request("p1", "c", ["k2"])
    record = world.state.contracts["c"]
    assert [parts_of(world.state, record, fen) for fen in (1_000, 21_000, 30_000)] == [
        (100, 900, 0, 0),
        (3_000, 18_000, 0, 0),
        (3_000, 18_000, 0, 9_000),
    ]
    recovered = record._replace(advanced_fen=5_000)
    assert parts_of(world.state, recovered, 30_000) == (3_000, 18_000, 5_000, 4_000)


def test_a_deduction_lowers_the_scored_period_s_claims_first() -> None:
    """What is left of it comes from other claims in no live payment, oldest first; none is lost."""
    world = World.founded({"a": 10**6, "b": 10**6})
    world.contract("c", 100_000, {"a": 700_000, "b": 300_000})
    for number, month in (("1", "02"), ("2", "08"), ("3", "09")):
        world.visits("c", days=5, month=f"2026-{month}")
        world.claim(f"k{number}", "c", f"2026-{month}-28")
        world.answer(f"k{number}")
    world.request("p3", "c", ["k3"])
    world.score("s", "c", "2026-12-31", 0, 700_000)
    before = held(world, "c")
    world.deduct("s")
    payable = {name: claim.payable_fen for name, claim in world.state.claims.items()}
    assert payable == {"k1": 25_000, "k2": 10_000, "k3": 25_000}
    assert sum(before["accrued"]) - sum(held(world, "c")["accrued"]) == 15_000
    world.order("p3")
    world.settle("p3")
    world.pay("p", "c", ["k1", "k2"])
    for due in world.tick():
        waived = {"claim": due.about, "amount_fen": due.fields["amount_fen"]}
        world.do(world.make(InterestWaived, **waived))
    world.close("c")


def test_what_a_deduction_does_not_find_stays_a_memo() -> None:
    """All is paid: nothing moves, and the contract remembers what the next acceptance pays."""
    world = World.founded({"a": 10**6})
    world.contract("c", 100_000, {"a": 1_000_000})
    world.visits("c", days=2)
    world.claim("k", "c", "2026-12-31")
    world.answer("k")
    world.pay("p", "c", ["k"])
    world.score("s", "c", "2026-12-31", 0, 700_000)
    assert posted(world.deduct("s")) == []
    assert world.state.contracts["c"].deduction_memo_fen == 3_000
    world.visits("c", days=1, month="2026-08")
    world.claim("k2", "c", "2026-12-31")
    assert posted(world.answer("k2")) == [
        "committed → accrued a 5000",
        "service_expense → payable a 5000",
        "accrued → committed a 3000",
        "payable → service_expense a 3000",
    ]
    assert world.state.contracts["c"].deduction_memo_fen == 0
    assert world.state.claims["k2"].payable_fen == 2_000
    assert world.replay().contracts == world.state.contracts


def test_an_advance_that_was_recovered_is_owed_again() -> None:
    """Where nothing else is left, paid goes back to prepaid, and the books still agree."""
    world = World.founded({"a": 10**6, "b": 10**6})
    terms = {"advance_ppm": 100_000, "recovery_ppm": 200_000}
    world.contract("c", 100_000, {"a": 500_000, "b": 500_000}, **terms)
    world.advance("v", "c", 2_000)
    world.visits("c", days=2)
    world.claim("k", "c", "2026-12-31")
    world.answer("k")
    world.pay("p", "c", ["k"])
    world.score("s", "c", "2026-12-31", 0, 700_000)
    assert posted(world.deduct("s")) == [
        "paid → prepaid a 1000",
        "paid → prepaid b 1000",
        "advances → service_expense a 1000",
        "advances → service_expense b 1000",
    ]
    record = world.state.contracts["c"]
    assert (recovered_fen(world.state, record), record.deduction_memo_fen) == (0, 1_000)


def test_a_contest_at_the_last_instant_is_in_time() -> None:
    """The end of the fifth working day ends the time to contest, and lets the evaluator go on."""
    for late_ms, code in ((-1, None), (0, "score_contest_over")):
        world = World.contracted()
        world.do(world.make(ScoreProposed))
        # Midnight after Monday 12 January, eight hours east of Greenwich.
        world.now_ms = parse_instant("2026-01-12T16:00:00.000Z") + late_ms
        contest, final = world.make(ScoreContested), world.make(ScoreFinalised)
        if code is None:
            refused = scenario.refusal(world, final, by="EVA/one")
            assert refused.code == "score_contest_open"
            world.do(contest)
        else:
            assert scenario.refusal(world, contest).code == code
            world.do(final, by="EVA/one")


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    claims=st.lists(st.tuples(st.integers(1, 9_999), st.sampled_from("opr")), min_size=1),
    factor_ppm=st.integers(0, 999_999),
    retention_ppm=st.sampled_from([0, 33_333, 100_000]),
)
def test_no_deduction_strands_a_fen(
    claims: list[tuple[int, str]], factor_ppm: int, retention_ppm: int
) -> None:
    """Over three lines, with claims open, paid and requested: what is left is paid to the fen."""
    world = World.founded(dict.fromkeys("abc", 10**8))
    band = Band(from_score_ppm=0, factor_ppm=factor_ppm)
    world.do(world.make(RulePublished, parameters=PayRule(bands=[band])))
    shares = {"a": 333_334, "b": 333_333, "c": 333_333}
    items = [Item(service="care", unit="visit", rate_fen=1, units_max=10**9)]
    terms = {"pay": "pay/standard@2", "items": items, "retention_ppm": retention_ppm}
    world.contract("c", 10**6, shares, **terms)
    for number, (units, what) in enumerate(claims):
        world.do(world.make(VisitRecorded, contract="c", units=units))
        world.claim(f"k{number}", "c")
        world.answer(f"k{number}")
        if what != "o" and world.state.claims[f"k{number}"].payable_fen:
            world.request(f"p{number}", "c", [f"k{number}"])
        if what == "p" and f"p{number}" in world.state.payments:
            world.order(f"p{number}")
            world.settle(f"p{number}")
    world.score("s", "c", "2026-12-31", 0, factor_ppm)
    taken = world.deduction("s") if deduction_fen(sum(u for u, _ in claims), factor_ppm) else None
    if taken is not None:
        world.do(taken)
    for name, payment in list(world.state.payments.items()):
        if payment.status == "requested":
            world.order(name)
            world.settle(name)
    for name, claim in list(world.state.claims.items()):
        if claim.payment is None and claim.payable_fen:
            world.pay(f"last-{name}", "c", [name])
    now = held(world, "c")
    left_fen = sum(units for units, _ in claims) - (0 if taken is None else taken.amount_fen)
    memo_fen = world.state.contracts["c"].deduction_memo_fen
    assert sum(now.get("paid", [])) + sum(now.get("retained", [])) == left_fen + memo_fen
    assert not {"accrued", "ordered", "payable"} & set(now)
    assert world.replay().balances == world.state.balances
