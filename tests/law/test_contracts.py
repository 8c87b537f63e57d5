"""Contracts between signing and end: terms, changes, later years, standing, and the ways out."""

import pytest
import scenario
from books import held, posted
from world import World

from ledger.errors import InvariantBroken
from ledger.events.base import Period
from ledger.events.budget import ProgrammeEstablished
from ledger.events.contract import (
    ContractAmended,
    ContractFunded,
    ContractLine,
    ContractSigned,
    ContractTerminated,
    LaterYear,
)
from ledger.events.delivery import VisitDenied, VisitRecorded
from ledger.events.dispute import DisputeOpened, DisputeRuled
from ledger.events.refund import RefundReceived
from ledger.events.rulebook import RulePublished
from ledger.events.score import BonusGranted
from ledger.postings import CONTRACT_STAGES
from ledger.rules import money
from ledger.times import MS_PER_DAY

LATER = [LaterYear(year=2027, amount_fen=400)]
OVER_NEW_YEAR = Period(from_date="2026-01-01", to_date="2027-06-30")


def lasting() -> World:
    """Return a world whose programme is stable, with a lot and award of 1,000 and two lines."""
    world = World.cast()
    world.do(world.make(ProgrammeEstablished, stable=True))
    world.people()
    for line, year in (("line-1", 2026), ("line-2", 2026), ("line-2027", 2027)):
        world.budget(line, 10_000, year=year)
    return world


def over_new_year() -> World:
    """Return such a world with the contract `c-1` of 1,000, of which 400 are left to 2027."""
    world = lasting()
    shares = {"line-1": 600_000, "line-2": 400_000}
    world.contract("c-1", 1_000, shares, term=OVER_NEW_YEAR, later_years=LATER)
    return world


# -- signing -----------------------------------------------------------------------------------


def test_terms_keep_to_their_bounds() -> None:
    """A year, a bonus within the value, ten per cent held back, an advance that comes back.

    outcome             | by | event            | fields
    ok                  |    | tender.published |
    ok                  |    | award.decided    |
    later               |    |                  | 13
    term_too_long       |    | contract.signed  | term={"from":"2026-02-01","to":"2027-02-01"}
    year_outside_term   |    | contract.signed  | later_years=[{"year":2027,"amount_fen":1}]
    year_outside_term   |    | contract.signed  | later_years=[{"year":2026,"amount_fen":1}]
    value_exceeds       |    | contract.signed  | bonus_max_fen=1001
    period_reversed     |    | contract.signed  | retention_release=2025-12-31
    date_invalid        |    | contract.signed  | retention_release=2026-02-29
    share_out_of_bounds |    | contract.signed  | retention_ppm=100001
    share_out_of_bounds |    | contract.signed  | advance_ppm=1; recovery_ppm=0
    ok                  |    | contract.signed  | term={"from":"2026-02-01","to":"2027-01-31"}; \
bonus_max_fen=1000; retention_release=2026-02-01; retention_ppm=100000; advance_ppm=300000; \
late_rate_ppm_per_year=182500
    """
    world = World.founded()
    scenario.play(world, test_terms_keep_to_their_bounds.__doc__)
    contract = world.state.contracts["c-1"]
    assert (contract.advance_ppm, contract.recovery_ppm) == (300_000, 300_000)
    assert contract.retention_release == "2026-02-01"


def test_what_a_contract_leaves_out_follows_from_what_it_says() -> None:
    """No recovery stated is that of the advance, no release the last day, no rate the least."""
    contract = World.contracted(advance_ppm=5).state.contracts["c-1"]
    assert (contract.recovery_ppm, contract.retention_release) == (5, "2026-12-31")
    assert contract.late_rate_ppm == 182_500


def test_a_stable_programme_s_contracts_run_three_years() -> None:
    """Three years and not a day more; what later years are to pay leaves something for the first.

    outcome           | by | event            | fields
    ok                |    | tender.published |
    ok                |    | award.decided    |
    later             |    |                  | 13
    term_too_long     |    | contract.signed  | term={"from":"2026-01-01","to":"2029-01-01"}
    list_repeats      |    | contract.signed  | term={"from":"2026-01-01","to":"2028-12-31"}; \
later_years=[{"year":2027,"amount_fen":1},{"year":2027,"amount_fen":1}]
    year_outside_term |    | contract.signed  | term={"from":"2026-01-01","to":"2027-12-31"}; \
later_years=[{"year":2028,"amount_fen":1}]
    value_exceeds     |    | contract.signed  | term={"from":"2026-01-01","to":"2028-12-31"}; \
later_years=[{"year":2027,"amount_fen":500},{"year":2028,"amount_fen":500}]
    ok                |    | contract.signed  | term={"from":"2026-01-01","to":"2028-12-31"}; \
later_years=[{"year":2027,"amount_fen":500},{"year":2028,"amount_fen":499}]
    """
    world = lasting()
    scenario.play(world, test_a_stable_programme_s_contracts_run_three_years.__doc__)
    assert held(world, "c-1") == {"committed": [1]}


# -- amending and funding ----------------------------------------------------------------------


def test_an_amendment_changes_what_it_lists() -> None:
    """Term, items, shares, bonus and release; each within the bounds of a new contract.

    outcome              | by | event            | fields
    term_too_long        |    | contract.amended | term_to=2027-01-01
    period_reversed      |    | contract.amended | term_to=2025-12-31
    value_exceeds        |    | contract.amended | bonus_max_fen=1000001
    period_reversed      |    | contract.amended | retention_release=2025-12-31
    list_repeats         |    | contract.amended | lines=[{"line":"line-1","share_ppm":500000},\
{"line":"line-1","share_ppm":500000}]
    weights_not_whole    |    | contract.amended | lines=[{"line":"line-1","share_ppm":500000}]
    line_not_of_contract |    | contract.amended | lines=[{"line":"line-3","share_ppm":1000000}]
    value_exceeds        |    | contract.amended | items=[{"service":"bath","unit":"visit",\
"rate_fen":5001,"units_max":1}]
    id_taken             |    | contract.amended | items=[{"service":"Care","unit":"visit",\
"rate_fen":1,"units_max":1}]
    ok                   |    | visit.recorded   | units=3
    units_exceed         |    | contract.amended | items=[{"service":"care","unit":"visit",\
"rate_fen":1,"units_max":2}]
    service_not_in_contract |  | visit.recorded  | service=bath
    ok                   |    | contract.amended | term_to=2026-11-30; bonus_max_fen=7; \
retention_release=2026-12-01; items=[{"service":"bath","unit":"visit","rate_fen":10,\
"units_max":5},{"service":"care","unit":"visit","rate_fen":2000,"units_max":4}]; \
lines=[{"line":"line-2","share_ppm":1000000}]; value_delta_fen=9
    ok                   |    | visit.recorded   | service=bath; units=5
    units_exceed         |    | visit.recorded   | service=bath
    ok                   |    | visit.recorded   |
    units_exceed         |    | visit.recorded   |
    """
    world = World.contracted()
    scenario.play(world, test_an_amendment_changes_what_it_lists.__doc__)
    contract = world.state.contracts["c-1"]
    assert (contract.to_date, contract.bonus_max_fen) == ("2026-11-30", 7)
    assert contract.retention_release == "2026-12-01"
    assert contract.lines == (("line-1", 0), ("line-2", 1_000_000))
    assert held(world, "c-1")["committed"] == [600_000, 400_009]
    assert [visit.worth_fen for visit in world.state.visits["c-1"].values()] == [15_000, 50, 2_000]


def test_what_an_amendment_makes_new_meets_the_catalogue_and_what_is_promised() -> None:
    """A new service or rate meets today's caps, the bonus part what is claimed; old terms stay.

    outcome                     | by | event              | fields
    ok                          |    | service.catalogued | code=care
    ok                          |    | price.capped       | code=care; area=City; cap_fen=3000
    ok                          |    | contract.amended   | items=[{"service":"care",\
"unit":"visit","rate_fen":5000,"units_max":300}]
    value_exceeds               |    | contract.amended   | items=[{"service":"care",\
"unit":"visit","rate_fen":3001,"units_max":300}]
    ok                          |    | contract.amended   | items=[{"service":"care",\
"unit":"visit","rate_fen":3000,"units_max":300}]
    ok                          |    | service.catalogued | code=bath
    service_unit_differs        |    | contract.amended   | items=[{"service":"bath",\
"unit":"hour","rate_fen":1,"units_max":1}]
    ok                          |    | service.withdrawn  | code=bath
    service_withdrawn           |    | contract.amended   | items=[{"service":"bath",\
"unit":"visit","rate_fen":1,"units_max":1}]
    ok                          |    | visit.recorded     |
    ok                          |    | claim.submitted    |
    promises_exceed_commitment  |    | contract.amended   | bonus_max_fen=997001
    ok                          |    | contract.amended   | bonus_max_fen=997000
    promises_exceed_commitment  |    | contract.amended   | value_delta_fen=-1
    """
    world = World.contracted()
    story = test_what_an_amendment_makes_new_meets_the_catalogue_and_what_is_promised.__doc__
    scenario.play(world, story)


def test_no_amendment_lowers_the_bonus_part_below_what_was_granted() -> None:
    """What was granted was taken from that part; it cannot be given a second time."""
    world = World.founded()
    world.do(world.make(RulePublished))
    terms = {"pay": "pay/standard@2", "bonus_max_fen": 1_000}
    world.contract("c-1", 20_000, {"line-1": 1_000_000}, **terms)
    world.visits("c-1", days=3)
    world.claim("k-1", "c-1", "2026-06-30")
    world.answer("k-1")
    world.score("s-1", "c-1", "2026-06-30", 900_000, 1_050_000)
    world.bonus("s-1")
    low = world.make(ContractAmended, bonus_max_fen=749)
    assert scenario.refusal(world, low).code == "value_exceeds"
    world.do(world.make(ContractAmended, bonus_max_fen=750))


def test_later_years_are_funded_by_finance_and_by_nothing_else() -> None:
    """A memo is committed when its year's budget is there, up to the memo; no amendment does it.

    outcome               | by      | event            | fields
    reference_unknown     |         | contract.funded  | line=line-9
    reference_unknown     |         | contract.funded  | contract=c-9
    value_exceeds         |         | contract.funded  | line=line-1
    value_exceeds         |         | contract.funded  | amount_fen=401
    signers_not_as_called | FI2/one | contract.funded  |
    later_years_differ    |         | contract.amended | \
later_years=[{"year":2027,"amount_fen":399}]
    later_years_differ    |         | contract.amended | \
later_years=[{"year":2027,"amount_fen":401}]
    later_years_differ    |         | contract.amended | value_delta_fen=1; \
later_years=[{"year":2027,"amount_fen":399}]
    year_outside_term     |         | contract.amended | term_to=2026-12-31
    year_outside_term     |         | contract.amended | value_delta_fen=1; \
later_years=[{"year":2027,"amount_fen":400},{"year":2028,"amount_fen":1}]
    ok                    |         | contract.funded  | amount_fen=150
    value_exceeds         |         | contract.funded  | amount_fen=251
    ok                    |         | contract.amended | value_delta_fen=-60; \
later_years=[{"year":2027,"amount_fen":200}]
    ok                    |         | contract.funded  | amount_fen=200
    value_exceeds         |         | contract.funded  | amount_fen=1
    """
    world = over_new_year()
    scenario.play(world, test_later_years_are_funded_by_finance_and_by_nothing_else.__doc__)
    contract = world.state.contracts["c-1"]
    assert (contract.value_fen, contract.later_fen) == (940, {})
    assert contract.lines == (("line-1", 600_000), ("line-2", 400_000), ("line-2027", 0))
    # Ten fen of the sixty came from what was committed, by what each line held.
    assert held(world, "c-1") == {"committed": [355, 237, 348]}


def test_postings_of_later_years() -> None:
    """Signing commits what is not left to a later year; funding commits it on that year's line."""
    world = over_new_year()
    assert posted(world.journal[-1:]) == [
        "reserved → committed line-1 360",
        "reserved → committed line-2 240",
        "reserved → allotted line-1 240",
        "reserved → allotted line-2 160",
    ]
    funded = world.do(world.make(ContractFunded, amount_fen=150))
    assert posted(funded) == ["allotted → committed line-2027 150"]
    up = world.make(
        ContractAmended,
        value_delta_fen=50,
        lines=[ContractLine(line="line-2027", share_ppm=1_000_000)],
    )
    assert posted(world.do(up)) == ["allotted → committed line-2027 50"]
    more = [LaterYear(year=2027, amount_fen=270)]
    later = world.make(ContractAmended, value_delta_fen=20, later_years=more)
    assert posted(world.do(later)) == []
    assert world.state.contracts["c-1"].value_fen == 1_070
    ended = world.do(world.make(ContractTerminated))
    assert posted(ended) == [
        "committed → allotted line-1 360",
        "committed → allotted line-2 240",
        "committed → allotted line-2027 200",
    ]
    assert held(world, "c-1") == {}
    world.close("c-1")


def test_a_memo_that_is_not_accounted_for_stops_the_ledger(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """I6 counts memos: a funding that forgets to lower its memo is found before it is written."""
    world = over_new_year()
    funding = world.make(ContractFunded, amount_fen=150)
    monkeypatch.setattr(money, "CONTRACT_STAGES", CONTRACT_STAGES[1:])
    with pytest.raises(InvariantBroken, match="I6"):
        world.do(funding)


# -- suspended, resumed, terminated ------------------------------------------------------------


def test_no_side_alone_stops_a_contract() -> None:
    """Both sides agree, or a reviewer of neither rules; a stop binds visits that begin after it.

    outcome                  | by      | event               | fields
    signers_not_as_called    | BUY/one | contract.suspended  |
    signers_not_as_called    | PRO/one | contract.terminated |
    signers_not_as_called    | REV/one | contract.suspended  |
    signers_not_as_called    |         | contract.suspended  | basis=ruling
    signer_lacks_role        | FIN/one | contract.terminated | basis=ruling
    ok                       |         | party.updated       | party=REV; parent=BUY
    reviewer_not_independent | REV/one | contract.suspended  | basis=ruling
    reviewer_not_independent | REV/one | contract.terminated | basis=ruling
    contract_not_suspended   |         | contract.resumed    |
    ok                       |         | contract.suspended  |
    reviewer_not_independent | REV/one | contract.resumed    | basis=ruling
    contract_not_active      |         | contract.suspended  |
    ok                       |         | visit.recorded      |
    contract_not_active      |         | visit.recorded      | \
started_at=2026-01-06T01:00:00.000Z; ended_at=2026-01-06T02:00:00.000Z
    contract_not_active      |         | careplan.agreed     |
    later                    |         |                     | 2
    ok                       |         | contract.resumed    |
    contract_not_active      |         | visit.recorded      | \
started_at=2026-01-06T01:00:00.000Z; ended_at=2026-01-06T02:00:00.000Z
    ok                       |         | visit.recorded      | \
started_at=2026-01-08T01:00:00.000Z; ended_at=2026-01-08T02:00:00.000Z
    ok                       |         | contract.suspended  |
    ok                       |         | contract.amended    | value_delta_fen=1
    ok                       |         | claim.submitted     |
    ok                       |         | claim.answered      |
    ok                       |         | payment.requested   | principal_fen=10000
    ok                       |         | contract.terminated |
    contract_not_suspended   |         | contract.resumed    |
    contract_not_active      |         | contract.terminated |
    contract_not_active      |         | contract.amended    |
    contract_not_active      |         | contract.funded     | line=line-1
    contract_not_active      |         | visit.recorded      |
    ok                       |         | payment.approved    |
    ok                       |         | payment.ordered     | principal_fen=10000
    ok                       |         | payment.settled     |
    ok                       |         | contract.closed     |
    contract_not_active      |         | contract.terminated |
    """
    scenario.play(World.contracted(), test_no_side_alone_stops_a_contract.__doc__)


def test_termination_frees_what_nobody_may_still_ask_for() -> None:
    """Kept are an open claim, a dispute and undenied unclaimed visits; all of them can be paid."""
    world = World.contracted()
    for claim, days in (("k-1", 2), ("k-2", 1)):
        world.visits("c-1", days=days)
        world.claim(claim, "c-1")
    world.answer("k-1", disputed=[1_000])
    world.visits("c-1", days=3)
    (denied, *_) = world.state.visits["c-1"]
    world.do(world.make(VisitDenied, visits=[denied]))
    # Committed are 991,000; the dispute keeps 1,000, the claim 5,000, two visits 10,000.
    assert posted(world.do(world.make(ContractTerminated))) == [
        "committed → allotted line-1 585000",
        "committed → allotted line-2 390000",
    ]
    assert sum(held(world, "c-1")["committed"]) == 16_000
    world.claim("k-3", "c-1")
    assert world.state.claims["k-3"].claim_fen == 10_000
    world.answer("k-2")
    world.answer("k-3")
    assert sum(held(world, "c-1")["committed"]) == 1_000


def test_a_termination_keeps_cuts_that_can_be_contested_and_ends_the_bonus_part() -> None:
    """The provider may still contest what was cut; nobody is granted a bonus any more."""
    world = World.founded()
    world.contract("c-1", 100_000, {"line-1": 1_000_000}, bonus_max_fen=10_000)
    world.visits("c-1", days=2)
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[700])
    world.do(world.make(ContractTerminated))
    assert sum(held(world, "c-1")["committed"]) == 700
    record = world.state.contracts["c-1"]
    assert record.bonus_max_fen == record.bonus_granted_fen == 0
    (cut,) = world.lines(world.state.cuts, "k-1")
    world.do(world.make(DisputeOpened, lines=[cut]))
    world.do(world.make(DisputeRuled, lines=[cut], awarded_fen=700))
    world.pay("p-1", "c-1", world.owed("c-1"))
    # What comes back before it is closed is the contract's again, not free to spend elsewhere.
    assert posted(world.do(world.make(RefundReceived, contract="c-1", amount_fen=7))) == [
        "paid → committed line-1 7",
        "cash → service_expense line-1 7",
    ]
    world.close("c-1")


@pytest.mark.parametrize(("total_ppm", "factor_ppm"), [(800_000, 800_000), (900_000, 1_050_000)])
def test_what_was_served_before_a_termination_is_scored(total_ppm: int, factor_ppm: int) -> None:
    """A low score deducts as ever; a high one finds no bonus part any more."""
    world = World.founded()
    world.do(world.make(RulePublished))
    terms = {"pay": "pay/standard@2", "bonus_max_fen": 1_000}
    world.contract("c-1", 20_000, {"line-1": 1_000_000}, **terms)
    world.visits("c-1", days=2)
    world.claim("k-1", "c-1", "2026-06-30")
    world.answer("k-1")
    world.do(world.make(ContractTerminated))
    world.score("s-1", "c-1", "2026-06-30", total_ppm, factor_ppm)
    if factor_ppm > 1_000_000:
        grant = world.make(BonusGranted, contract="c-1", score="s-1", amount_fen=500)
        assert scenario.refusal(world, grant).code == "value_exceeds"
    else:
        assert posted(world.deduct("s-1")) == [
            "accrued → committed line-1 2000",
            "payable → service_expense line-1 2000",
        ]
    world.pay("p-1", "c-1", world.owed("c-1"))
    world.close("c-1")


# -- closing -----------------------------------------------------------------------------------


def test_a_contract_is_closed_by_both_sides_or_after_notice() -> None:
    """The side that gave notice closes when it is not contested, a reviewer when it is upheld.

    outcome                  | by      | event           | fields
    signers_not_as_called    | BUY/one | contract.closed |
    signers_not_as_called    | REV/one | contract.closed |
    reference_unknown        | PRO/one | contract.closed | notice=n-1
    ok                       | PRO/one | notice.given    | to=BUY; act=contract.closed; \
amount_fen=absent; ground=COMPLETED
    signers_not_as_called    |         | contract.closed | notice=n-1
    notice_not_standing      | PRO/one | contract.closed | notice=n-1
    ok                       | BUY/one | notice.answered | answer=contests
    notice_not_standing      | PRO/one | contract.closed | notice=n-1
    ok                       |         | notice.decided  | amount_fen=absent
    notice_differs           | BUY/one | contract.closed | notice=n-1
    notice_differs           | PRO/one | contract.closed | notice=n-1; contract=c-2
    ok                       | REV/one | contract.closed | notice=n-1
    ok                       |         | notice.given    | notice=n-2; act=contract.closed; \
about=c-2; amount_fen=absent
    later                    |         |                 | 40
    notice_differs           | PRO/one | contract.closed | notice=n-2; contract=c-2
    ok                       | BUY/one | contract.closed | notice=n-2; contract=c-2
    contract_not_active      | BUY/one | contract.closed | notice=n-2; contract=c-2
    """
    world = World.contracted()
    world.contract("c-2", 10_000, {"line-1": 1_000_000})
    scenario.play(world, test_a_contract_is_closed_by_both_sides_or_after_notice.__doc__)
    assert world.state.notices["n-1"].spent
    assert world.state.notices["n-2"].spent


@pytest.mark.parametrize(
    "account",
    [
        "prepaid",
        "advance_ordered",
        "accrued",
        "retained",
        "ordered",
        "interest_ordered",
        "interest_payable",
    ],
)
def test_a_contract_with_money_that_waits_is_not_closed(account: str) -> None:
    """Every account in which somebody still waits for money is named."""
    world = World.contracted()
    world.state.put(world.state.balances, (account, "line-2", "c-1"), 1)
    world.state.settle()
    refused = scenario.refusal(world, world.closing("c-1"))
    assert (refused.code, refused.facts["account"]) == ("contract_not_settled", account)


def test_a_contract_beyond_its_lot_s_lines_half_posts_nothing() -> None:
    """The guard of the reservation holds where the shares do not fit what was set aside."""
    world = World.founded({"a": 1_000, "b": 1_000})
    world.tender("t", {"1": {"a": 60, "b": 40}})
    world.award("w", "t", "1", 100)
    world.until_final("w")
    signing = world.make(
        ContractSigned,
        award="w",
        value_fen=100,
        lines=[ContractLine(line="a", share_ppm=1_000_000)],
    )
    assert scenario.refusal(world, signing).code == "guard_broken"


def test_amending_down_leaves_what_open_claims_need() -> None:
    """Units given are remembered over claims, so an item is used up once in a contract's life."""
    world = World.contracted()
    world.do(world.make(VisitRecorded, units=199))
    world.claim("k", "c-1")
    refused = scenario.refusal(world, world.make(ContractAmended, value_delta_fen=-5_001))
    assert refused.code == "promises_exceed_commitment"
    world.amend("c-1", -5_000)
    assert world.state.delivered["c-1"] == {"care": 199}


@pytest.mark.parametrize(("days", "kept_fen"), [(7, 700), (8, 0)])
def test_a_termination_keeps_no_cut_that_stands(days: int, kept_fen: int) -> None:
    """Until the end of the fifth working day a dispute must find the money; then it is free."""
    world = World.founded()
    world.contract("c-1", 100_000, {"line-1": 1_000_000})
    world.visits("c-1", days=2)
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[700])
    assert world.today() == "2026-01-05"  # a Monday
    world.now_ms += days * MS_PER_DAY
    world.do(world.make(ContractTerminated))
    committed = world.state.holdings("committed", world.state.contracts["c-1"])
    assert sum(committed) == kept_fen
    assert bool(world.state.cuts) is bool(kept_fen)
    assert world.replay().balances == world.state.balances
