"""The rulebook: which rule holds, what may be bought and for how much, what a contract is held to.

Tables are played by `scenario.play`; a refused row leaves the state exactly as it was.
"""

import pages
import pytest
import scenario
from hypothesis import given
from hypothesis import strategies as st
from world import World

from ledger.calendar import SHIPPED as CHINA
from ledger.errors import Refused
from ledger.events.parties import Scope
from ledger.events.rulebook import (
    Band,
    CalendarRule,
    FlagRule,
    LawRule,
    PriceCapped,
    RulePublished,
)
from ledger.money import PPM
from ledger.parties import Grant
from ledger.rulebook import (
    LAW,
    SHIPPED,
    Year,
    bonus_fen,
    calendar_in_force,
    clock_limit,
    current_version,
    deduction_fen,
    incentive,
    incentive_of,
    incentive_rule,
    negative_list,
    pay_factor_ppm,
    pay_rule,
    rate_in_force,
    rule_in_force,
    rule_version,
    score_rule,
    score_total_ppm,
)
from ledger.rules import rulebook
from ledger.rules.rulebook import price_cap_fen
from ledger.state.standing import Sanction


def test_rules_are_published_one_version_after_another() -> None:
    """The next version of a rule the code knows, of its kind, with parameters that make sense.

    outcome                 | by              | event          | fields
    rule_unknown            |                 | rule.published | rule=pay/village
    rule_unknown            |                 | rule.published | rule=score/standard
    rule_version_not_next   |                 | rule.published | version=3
    signers_not_as_called   | BUY/one         | rule.published |
    signers_not_as_called   | FIN/one FIN/two | rule.published |
    rule_parameters_invalid |                 | rule.published | \
parameters={"kind":"pay","bands":[{"from_score_ppm":1,"factor_ppm":1}]}
    rule_parameters_invalid |                 | rule.published | \
parameters={"kind":"pay","bands":[{"from_score_ppm":0,"factor_ppm":1},\
{"from_score_ppm":0,"factor_ppm":1}]}
    rule_parameters_invalid |                 | rule.published | \
parameters={"kind":"pay","bands":[{"from_score_ppm":9,"factor_ppm":1},\
{"from_score_ppm":0,"factor_ppm":2}]}
    ok                      |                 | rule.published |
    rule_version_not_next   |                 | rule.published |
    ok                      |                 | rule.published | version=3; \
parameters={"kind":"pay","bands":[{"from_score_ppm":0,"factor_ppm":1000000}]}
    rule_parameters_invalid |                 | rule.published | rule=clock/c06-challenge; \
parameters={"kind":"clock","limit":7,"unit":"days"}
    ok                      |                 | rule.published | rule=clock/c06-challenge; \
parameters={"kind":"clock","limit":8,"unit":"working_days"}
    rule_parameters_invalid |                 | rule.published | rule=flag/f05; \
parameters={"kind":"flag","thresholds":{"hours":10}}
    rule_parameters_invalid |                 | rule.published | rule=flag/f01; \
parameters={"kind":"flag","thresholds":{"hours":10}}
    ok                      |                 | rule.published | rule=flag/f05; \
parameters={"kind":"flag","thresholds":{"hours":9,"count":7}}
    ok                      |                 | rule.published | rule=rate/lpr; \
parameters={"kind":"rate","ppm_per_year":31000}
    ok                      |                 | rule.published | rule=score/standard; \
parameters={"kind":"score","contest_working_days":10}
    ok                      |                 | rule.published | rule=list/negative; \
parameters={"kind":"list","codes":["bath"]}
    law_not_carried         |                 | rule.published | rule=law/admission; \
parameters={"kind":"law","law":2}
    law_not_carried         |                 | rule.published | rule=law/admission; \
parameters={"kind":"law","law":1}
    """
    world = World.cast()
    scenario.play(world, test_rules_are_published_one_version_after_another.__doc__)
    state = world.state
    assert current_version(state, "pay/standard") == "pay/standard@3"
    assert rule_in_force(state, "pay/standard") == rule_version(state, "pay/standard@3")
    assert pay_rule(state, "pay/standard@1") == SHIPPED["pay/standard"]
    assert pay_rule(state, "pay/standard@2").bands[0].factor_ppm == 1_050_000
    assert clock_limit(state, "c06-challenge") == 8
    assert rule_in_force(state, "flag/f05") == FlagRule(thresholds={"hours": 9, "count": 7})
    assert rate_in_force(state, "lpr") == 31_000
    assert score_rule(state, "score/standard@1").contest_working_days == 5
    assert negative_list(state) == {"bath"}
    assert world.replay().rules == state.rules


def test_a_calendar_lists_days_off_and_days_worked() -> None:
    """Weekdays off, weekends worked, inside its span, each once; then working days follow it.

    outcome                 | by | event          | fields
    rule_parameters_invalid |    | rule.published | rule=calendar/cn; parameters=\
{"kind":"calendar","first":"2026-01-01","last":"2025-01-01","off":[],"worked":[]}
    rule_parameters_invalid |    | rule.published | rule=calendar/cn; parameters=\
{"kind":"calendar","first":"2026-02-30","last":"2026-12-31","off":[],"worked":[]}
    rule_parameters_invalid |    | rule.published | rule=calendar/cn; parameters=\
{"kind":"calendar","first":"2026-01-01","last":"2026-12-31","off":["2027-01-01"],"worked":[]}
    rule_parameters_invalid |    | rule.published | rule=calendar/cn; parameters=\
{"kind":"calendar","first":"2026-01-01","last":"2026-12-31","off":["2026-01-03"],"worked":[]}
    rule_parameters_invalid |    | rule.published | rule=calendar/cn; parameters=\
{"kind":"calendar","first":"2026-01-01","last":"2026-12-31","off":[],"worked":["2026-01-05"]}
    rule_parameters_invalid |    | rule.published | rule=calendar/cn; parameters=\
{"kind":"calendar","first":"2026-01-01","last":"2026-12-31","off":["2026-01-05","2026-01-05"],\
"worked":[]}
    ok                      |    | rule.published | rule=calendar/cn; parameters=\
{"kind":"calendar","first":"2026-01-01","last":"2027-12-31","off":["2026-01-06"],\
"worked":["2026-01-10"]}
    """
    world = World.cast()
    assert calendar_in_force(world.state) == CHINA
    scenario.play(world, test_a_calendar_lists_days_off_and_days_worked.__doc__)
    calendar = calendar_in_force(world.state)
    assert calendar.covers("2027-12-31")
    monday = 20_458  # 2026-01-05
    assert [calendar.add_working_days(monday, days) - monday for days in (1, 3, 4)] == [2, 4, 5]
    shipped = world.state.rules["calendar/cn@1"]
    assert isinstance(shipped, CalendarRule)
    assert frozenset(shipped.off) == CHINA.off


def test_a_notice_counts_by_the_calendar_in_force() -> None:
    """A day off that was published moves the first day a reply may be asked for.

    outcome               | by | event          | fields
    reply_by_out_of_range |    | notice.given   | reply_by=2026-01-11
    ok                    |    | notice.given   | reply_by=2026-01-12
    ok                    |    | rule.published | rule=calendar/cn; parameters=\
{"kind":"calendar","first":"2026-01-01","last":"2027-12-31","off":["2026-01-07"],"worked":[]}
    reply_by_out_of_range |    | notice.given   | notice=n-2; reply_by=2026-01-12
    ok                    |    | notice.given   | notice=n-2; reply_by=2026-01-13
    """
    world = World.contracted()
    scenario.play(world, test_a_notice_counts_by_the_calendar_in_force.__doc__)


def test_services_and_prices() -> None:
    """A service is catalogued once, unless it must not be bought; a cap is for what is offered.

    outcome                  | by              | event              | fields
    service_on_negative_list |                 | service.catalogued | code=Financing
    service_on_negative_list |                 | service.catalogued | category=goods
    signers_not_as_called    | BUY/one         | service.catalogued |
    reference_unknown        |                 | price.capped       |
    ok                       |                 | service.catalogued |
    id_taken                 |                 | service.catalogued | code=BATH
    date_invalid             |                 | price.capped       | from=2026-02-29
    ok                       |                 | price.capped       | code=Bath
    reference_unknown        |                 | service.withdrawn  | code=care
    ok                       |                 | service.withdrawn  |
    service_withdrawn        |                 | service.withdrawn  |
    service_withdrawn        |                 | price.capped       |
    id_taken                 |                 | service.catalogued |
    ok                       |                 | rule.published     | rule=list/negative; \
parameters={"kind":"list","codes":[]}
    ok                       |                 | service.catalogued | code=financing
    """
    scenario.play(World.cast(), test_services_and_prices.__doc__)


def test_a_purchaser_of_one_programme_publishes_nothing_for_all() -> None:
    """Rules, services and caps are for everybody: a role in a part of the ledger will not do."""
    world = World.cast()
    world.grant("EVA", "purchaser", Scope(programmes=["care"], purchasers=["BUY"], lines=["a"]))
    refused = scenario.refusal(world, world.make(RulePublished), by="EVA/one FIN/one")
    assert refused.code == "signer_lacks_role"


def test_a_contract_is_signed_by_the_rulebook() -> None:
    """Rules that exist, services on offer, rates under the cap, advance and interest in bounds.

    outcome              | by | event              | fields
    ok                   |    | service.catalogued |
    ok                   |    | price.capped       |
    ok                   |    | tender.published   | lots=[{"lot":"1","service":"bath",\
"units_max":9,"rate_cap_fen":5000,"value_fen":1000,"area":"North","lines":[{"line":"line-1",\
"amount_fen":1000}]}]
    ok                   |    | award.decided      |
    later                |    |                    | 13
    reference_unknown    |    | contract.signed    | pay=pay/standard@2
    reference_unknown    |    | contract.signed    | pay=score/standard@1
    reference_unknown    |    | contract.signed    | score=score/other@1
    reference_unknown    |    | contract.signed    | score=pay/standard@1
    reference_unknown    |    | contract.signed    | incentive=pay/standard@1
    value_exceeds        |    | contract.signed    | \
items=[{"service":"Bath","unit":"visit","rate_fen":4001,"units_max":1}]
    service_unit_differs |    | contract.signed    | \
items=[{"service":"bath","unit":"hour","rate_fen":4000,"units_max":1}]
    rate_too_low         |    | contract.signed    | late_rate_ppm_per_year=29999
    ok                   |    | rule.published     | rule=clock/c13-payment; \
parameters={"kind":"clock","limit":45,"unit":"days"}
    pay_days_exceed      |    | contract.signed    | pay_days=46
    advance_exceeds      |    | contract.signed    | advance_ppm=300001
    value_exceeds        |    | contract.signed    | bonus_max_fen=1001
    ok                   |    | service.withdrawn  |
    service_withdrawn    |    | contract.signed    | \
items=[{"service":"bath","unit":"visit","rate_fen":4000,"units_max":1}]
    ok                   |    | contract.signed    | late_rate_ppm_per_year=30000; \
advance_ppm=300000; bonus_max_fen=1000; incentive=incentive/standard@1
    """
    world = World.founded()
    scenario.play(world, test_a_contract_is_signed_by_the_rulebook.__doc__)
    assert world.state.contracts["c-1"].late_rate_ppm == 30_000


def test_a_contract_keeps_the_terms_it_was_signed_by() -> None:
    """A new late rate, a new limit of supplements: the first binds later contracts, the second all.

    outcome       | by | event            | fields
    ok            |    | rule.published   | rule=rate/late; \
parameters={"kind":"rate","ppm_per_year":200000}
    value_exceeds |    | contract.amended | value_delta_fen=100001
    ok            |    | rule.published   | rule=clock/c11-supplements; \
parameters={"kind":"clock","limit":50000,"unit":"ppm"}
    value_exceeds |    | contract.amended | value_delta_fen=50001
    ok            |    | contract.amended | value_delta_fen=50000
    """
    world = World.contracted()
    scenario.play(world, test_a_contract_keeps_the_terms_it_was_signed_by.__doc__)
    world.contract("c-2", 1_000, {"line-1": 1_000_000})
    assert [world.state.contracts[c].late_rate_ppm for c in ("c-1", "c-2")] == [182_500, 200_000]


def test_the_cap_of_the_day_and_the_place() -> None:
    """From its first day until a later cap's; without an area the lowest cap of all binds."""
    world = World.cast()
    scenario.play(world, "outcome | by | event | fields\nok | | service.catalogued |")
    for area, cap_fen, first in (
        ("North", 4_000, "2026-01-01"),
        ("North", 5_000, "2026-07-01"),
        ("South", 3_000, "2026-03-01"),
        ("North", 4_500, "2026-01-01"),
    ):
        world.do(world.make(PriceCapped, area=area, cap_fen=cap_fen, from_date=first))

    def caps(area: str | None) -> list[int | None]:
        days = ("2025-12-31", "2026-01-01", "2026-03-01", "2026-07-01")
        return [price_cap_fen(world.state, "bath", area, day) for day in days]

    assert caps("North") == [None, 4_500, 4_500, 5_000]
    assert caps("South") == [None, None, 3_000, 3_000]
    assert caps("East") == [None] * 4
    assert caps(None) == [None, 4_500, 3_000, 3_000]
    assert price_cap_fen(world.state, "care", None, "2026-07-01") is None


def test_a_law_that_the_code_carries_comes_into_force(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a release that carries law 3, law 2 or 3 is published, and never one that is past."""
    world = World.cast()
    monkeypatch.setattr(rulebook, "LAW", LAW + 2)
    fields = {"rule": "law/admission"}
    world.do(world.make(RulePublished, parameters=LawRule(law=LAW + 1), **fields))
    assert world.state.ledger["law"] == LAW + 1
    for law in (LAW + 1, LAW + 3):
        event = world.make(RulePublished, parameters=LawRule(law=law), **fields, version=3)
        assert scenario.refusal(world, event).code == "law_not_carried"


# -- formulas --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total_ppm", "factor_ppm"),
    [
        (1_000_000, 1_000_000),
        (900_000, 1_000_000),
        (899_999, 950_000),
        (800_000, 950_000),
        (799_999, 850_000),
        (700_000, 850_000),
        (699_999, 700_000),
        (0, 700_000),
    ],
)
def test_the_standard_bands(total_ppm: int, factor_ppm: int) -> None:
    """≥ 90 is paid in full, ≥ 80 by 0.95, ≥ 70 by 0.85, below by 0.70: to the point."""
    bands = pay_rule(World.opened().state, "pay/standard@1").bands
    assert pay_factor_ppm(bands, total_ppm) == factor_ppm


def test_a_rule_that_pays_no_score_is_misuse() -> None:
    """Bands that do not reach down to a total cannot be asked for it."""
    with pytest.raises(ValueError, match="no band begins"):
        pay_factor_ppm([Band(from_score_ppm=2, factor_ppm=1)], 1)


def test_a_total_is_the_weighted_sum_half_up() -> None:
    """85 from 90 and 77.5 by 60 to 40; a half of a millionth goes up."""
    assert score_total_ppm(
        {"quality": 600_000, "reach": 400_000}, {"quality": 900_000, "reach": 775_000}
    ) == (850_000)
    assert score_total_ppm({"a": 500_000, "b": 500_000}, {"a": 1, "b": 0}) == 1


@given(st.integers(0, 2**53 - 1), st.integers(0, 2_000_000))
def test_a_factor_takes_or_adds_and_never_both(base_fen: int, factor_ppm: int) -> None:
    """Base, less the deduction, plus the bonus, is base × factor, a half going to the base."""
    lost, won = deduction_fen(base_fen, factor_ppm), bonus_fen(base_fen, factor_ppm)
    assert not (lost and won)
    assert 0 <= lost <= base_fen
    assert abs((base_fen - lost + won) * PPM - base_fen * factor_ppm) * 2 <= PPM


@pytest.mark.parametrize(
    ("years", "good"),
    [
        ([((950_000,), False), ((900_000, 1_000_000), False)], True),
        ([((899_999,), False), ((900_000,), False)], False),
        ([((900_000,), False), ((900_000,), True)], False),
        ([((900_000,), True), ((900_000,), False)], False),
        ([((900_000,), False), ((), False)], False),
        ([((900_000,), False)], False),
        ([((1,), True), ((900_000,), False), ((900_000,), False)], True),
        ([], False),
    ],
)
def test_two_good_years_in_a_row_count(
    years: list[tuple[tuple[int, ...], bool]], *, good: bool
) -> None:
    """Every score of both years at 90 or above and no sanction: 2 points, and 40 % in advance."""
    rule = incentive_rule(World.opened().state, "incentive/standard@1")
    expected = (20_000, 400_000) if good else (0, 300_000)
    assert incentive(rule, [Year(*year) for year in years]) == expected


def test_a_provider_s_years_are_those_of_its_final_scores() -> None:
    """Two calendar years before today's, by the last day of each scored period, of no other's."""
    world = World.contracted()
    state = world.state
    version = "incentive/standard@1"
    for score, until in (("a", "2024-12-31"), ("b", "2025-12-31")):
        world.score(score, "c-1", until, 900_000, 1_000_000)
    assert incentive_of(state, version, "PRO", "2026-01-01").advance_ppm == 400_000
    assert incentive_of(state, version, "PRO", "2025-12-31").advance_ppm == 300_000
    assert incentive_of(state, version, "PR2", "2026-01-01").advance_ppm == 300_000
    world.contract("c-2", 1_000, {"line-1": 1_000_000}, advance_ppm=400_000)
    world.score("c", "c-1", "2025-06-30", 899_999, 950_000)
    assert incentive_of(state, version, "PRO", "2026-01-01").advance_ppm == 300_000


def test_a_rule_that_is_not_there_is_refused() -> None:
    """Unknown rules and versions, and one of another kind, are named in the refusal."""
    state = World.opened().state
    for ask in (
        lambda: rule_in_force(state, "pay/other"),
        lambda: rule_version(state, "pay/standard@2"),
        lambda: pay_rule(state, "score/standard@1"),
        lambda: clock_limit(state, "c99"),
    ):
        with pytest.raises(Refused, match="reference_unknown"):
            ask()


def test_every_shipped_rule_is_in_force_from_the_genesis() -> None:
    """Version 1 of each, under its id; docs/rules.md lists them all."""
    state = World.opened().state
    assert {rule: rule_version(state, f"{rule}@1") for rule in SHIPPED} == SHIPPED
    assert set(state.rule_versions.values()) == {1}
    page = pages.rules()
    assert all(f"`{rule}@1`" in page for rule in SHIPPED)


@pytest.mark.parametrize(
    ("first", "until", "lifted", "good"),
    [
        ("2026-03-01", "2026-12-31", None, False),
        ("2024-06-01", "2025-01-01", None, False),
        ("2023-01-01", "2023-12-31", None, True),
        ("2026-01-01", "2026-12-31", None, False),
        ("2027-01-01", "2027-12-31", None, True),
        ("2026-12-31", "2027-12-31", "2027-01-01", False),
        ("2026-12-31", "2027-12-31", "2026-12-31", True),
        ("2024-01-01", "2026-12-31", "2024-12-31", True),
    ],
)
def test_a_year_with_a_sanction_is_no_good_year(
    first: str, until: str, lifted: str | None, *, good: bool
) -> None:
    """One day in force is enough, lifted later or not; the years 2025 and 2026 are looked at."""
    world = World.contracted()
    for score, last in (("a", "2025-12-31"), ("b", "2026-12-31")):
        world.score(score, "c-1", last, 900_000, 1_000_000)
    grant = Grant(everything=False, programmes=frozenset(["care"]), expires=until)
    sanction = Sanction("s-1", "PRO", "FIN", grant, first, lifted)
    world.state.put(world.state.sanctions, "s-1", sanction)
    world.state.put(world.state.sanctioned, "PRO", ("s-1",))
    found = incentive_of(world.state, "incentive/standard@1", "PRO", "2027-02-01")
    assert found.points_ppm == (20_000 if good else 0)
    other = incentive_of(world.state, "incentive/standard@1", "PR2", "2027-02-01")
    assert other.points_ppm == 0


def test_a_sanction_takes_the_higher_advance() -> None:
    """Two good years allow 40 % in advance; a sanction in one of them, lifted since, does not.

    outcome         | by      | event            | fields
    ok              | FIN/one | notice.given     | about=PRO; notice=n-s; \
act=sanction.imposed; ground=MISCONDUCT; amount_fen=absent
    ok              |         | notice.answered  | notice=n-s
    ok              |         | sanction.imposed | from=2025-12-01; until=2025-12-31
    advance_exceeds |         | contract.signed  | contract=c-2; advance_ppm=400000
    ok              |         | contract.signed  | contract=c-2; advance_ppm=300000
    """
    world = World.contracted()
    for score, until in (("a", "2024-12-31"), ("b", "2025-12-31")):
        world.score(score, "c-1", until, 900_000, 1_000_000)
    world.tender("t-1", {"1": {"line-1": 1_000}})
    world.award("a-1", "t-1", "1", 1_000)
    world.until_final("a-1")
    scenario.play(world, test_a_sanction_takes_the_higher_advance.__doc__)
