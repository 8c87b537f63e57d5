"""Who has an interest in a bidder judges no bid of its lot, and does not award it."""

import pytest
import scenario
from bidding import BIDDERS, THREE, revealed

from ledger.rules.recusal import binds
from ledger.state.persons import PersonalInterest


def test_an_expert_with_an_interest_in_any_bidder_judges_no_bid_of_the_lot() -> None:
    """Scored or disqualified, of that bidder or of its rivals; another expert goes on.

    outcome             | by      | event             | fields
    ok                  |         | bid.scored        | bid=b-PR2
    ok                  | EVA/one | interest.declared | person=holder:EVA/one
    personal_interest   |         | bid.scored        | bid=b-PRO
    personal_interest   |         | bid.scored        | bid=b-PR3
    personal_interest   |         | bid.disqualified  | bid=b-PR2
    ok                  | EVA/two | bid.scored        | bid=b-PRO
    ok                  | EVA/two | bid.disqualified  | bid=b-PR2
    """
    name = test_an_expert_with_an_interest_in_any_bidder_judges_no_bid_of_the_lot
    scenario.play(revealed(THREE), name.__doc__)


def test_a_relation_to_what_a_bidder_belongs_to_is_one_to_the_bidder() -> None:
    """A bidder's parent's employee is as near to it; who left that parent's group is not.

    outcome           | by      | event             | fields
    ok                | EVA/one | interest.declared | person=holder:EVA/one; counterparty=BU2
    ok                |         | bid.scored        | bid=b-PRO
    ok                |         | party.updated     | party=PR3; parent=BU2
    personal_interest |         | bid.scored        | bid=b-PR2
    """
    name = test_a_relation_to_what_a_bidder_belongs_to_is_one_to_the_bidder
    scenario.play(revealed(THREE), name.__doc__)


def test_a_purchaser_s_clerk_with_an_interest_in_a_bidder_does_not_award() -> None:
    """Also where that bidder does not win (Government Procurement Law 12).

    outcome           | by      | event             | fields
    ok                | BUY/two | interest.declared | person=holder:BUY/one; counterparty=PR3
    personal_interest |         | award.decided     | ranking=%s; value_fen=900
    ok                | BUY/two | award.decided     | ranking=%s; value_fen=900
    """
    name = test_a_purchaser_s_clerk_with_an_interest_in_a_bidder_does_not_award
    ranking = "[" + ",".join(f'"{bidder}"' for bidder in BIDDERS) + "]"
    scenario.play(revealed(THREE), (name.__doc__ or "").replace("%s", ranking))


def test_nobody_bars_the_people_of_another_party() -> None:
    """A purchaser would otherwise choose its evaluators' experts by declaring about the others.

    outcome             | by      | event             | fields
    person_not_of_party |         | interest.declared | person=holder:EVA/one
    ok                  | EVA/two | interest.declared | person=holder:EVA/one
    ok                  |         | interest.declared | person=h-without-a-key
    """
    scenario.play(revealed(THREE), test_nobody_bars_the_people_of_another_party.__doc__)


@pytest.mark.parametrize(
    ("relation", "last"),
    [
        ("EMPLOYMENT", "2029-03-31"),
        ("BOARD", "2029-03-31"),
        ("CONTROL", "2029-03-31"),
        ("KINSHIP", "2026-03-31"),
        ("OTHER", "2026-03-31"),
    ],
)
def test_a_past_in_a_party_recuses_for_three_years(relation: str, last: str) -> None:
    """From the first day of the relation to the last, and of one's own past three years more."""
    interest = PersonalInterest(relation, "2026-01-01", "2026-03-31")  # type: ignore[arg-type]
    later = {"2029-03-31": "2029-04-01", "2026-03-31": "2026-04-01"}[last]
    days = ("2025-12-31", "2026-01-01", last, later)
    assert [binds(interest, day) for day in days] == [False, True, True, False]


def test_an_employment_without_an_end_recuses_too() -> None:
    """Who is still employed often writes the last day that a date can name.

    outcome           | by      | event             | fields
    ok                | EVA/one | interest.declared | person=holder:EVA/one; \
period={"from":"2020-01-01","to":"9999-12-31"}
    personal_interest |         | bid.scored        | bid=b-PRO
    """
    name = test_an_employment_without_an_end_recuses_too
    scenario.play(revealed(THREE), name.__doc__)
