"""What a city plans: sizes, ways of buying, and enough money for all of it."""

from collections import Counter
from statistics import mean

import pytest

from ledger.identity import Ids, Stream
from ledger.simulate.cast import Cast, members_of
from ledger.simulate.planning import (
    CITY_LINE,
    OTHER_PROGRAMME,
    Call,
    Plan,
    plan_calls,
    plan_contracts,
)
from ledger.simulate.scale import CITY, TIERS, scale_of


def _planned(scale: str) -> tuple[list[Plan], list[Call]]:
    city = scale_of(scale)
    plans = plan_contracts(city, Stream(b"plans"))
    return plans, plan_calls(plans, city)


def test_a_city_buys_as_its_parameters_say() -> None:
    """43 contracts, the five largest with 45 % of the people, 31 tenders, 76 of 100 open."""
    plans, calls = _planned("city")
    people = [plan.elders for plan in plans]
    assert (len(plans), sum(people), sum(plan.workers for plan in plans)) == (43, 15_000, 1_100)
    assert people == sorted(people, reverse=True)
    assert 430 <= sum(people[:5]) * 1_000 // sum(people) <= 460
    methods = Counter(call.method for call in calls)
    assert len(calls) == 31
    assert 74 <= methods["open"] * 100 // len(calls) <= 78
    assert methods["single_source"] == 1
    assert sum(call.fails for call in calls) == 2
    assert sum(plan.value_fen for plan in plans) // 100 in range(65_000_000, 85_000_000)


@pytest.mark.parametrize("scale", ["demo", "0.001", "0.02", "0.1", "0.3", "city", "10"])
def test_every_contract_has_one_call_that_leads_to_it(scale: str) -> None:
    """At any scale: no contract without a tender, none with two that do not fail."""
    plans, calls = _planned(scale)
    bought = Counter(plan.contract for call in calls if not call.fails for plan in call.plans)
    assert bought == Counter(plan.contract for plan in plans)
    assert len({call.tender for call in calls}) == len(calls)
    assert sum(plan.programme == OTHER_PROGRAMME for plan in plans) == 1


@pytest.mark.parametrize("scale", ["demo", "0.1", "city"])
def test_the_halves_of_a_split_are_each_below_the_limit_and_not_together(scale: str) -> None:
    """The limit of open tenders is set above the dearest half; two halves are beyond it."""
    _, calls = _planned(scale)
    halves = [call for call in calls if call.split]
    limit_fen = max(call.plans[0].value_fen for call in halves) + 1
    for first, second in zip(halves[::2], halves[1::2], strict=True):
        assert first.service == second.service
        assert first.plans[0].lines == second.plans[0].lines == ((CITY_LINE, 1_000_000),)
        assert first.plans[0].value_fen + second.plans[0].value_fen >= limit_fen


def test_every_party_has_a_name_and_keys_of_its_own() -> None:
    """Sixty providers and 170 offices: no two of one id or name, each with a key by its name."""
    members = members_of(CITY)
    assert len({member.party for member in members}) == len(members) == 6 + 170 + 60
    assert len({member.en for member in members}) == len(members)
    assert len({member.zh for member in members}) == len(members)
    keys = Cast(scale_of("demo"), Ids(Stream(b"keys"))).keys
    assert len({key.verifier.public_key for key in keys.values()}) == len(keys)
    assert len({key.holder for key in keys.values()}) == len(keys)


def test_tiers_are_all_people() -> None:
    """40, 35 and 25 of 100; with five, eight and thirteen visits a month."""
    assert sum(tier.share for tier in TIERS) == 100
    assert [round(mean(tier.visits)) for tier in TIERS] == [5, 8, 13]
