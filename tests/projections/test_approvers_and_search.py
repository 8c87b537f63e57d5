"""How fast keys approve, and what is found by a text."""

import hypothesis
import hypothesis.strategies as st
from histories import assert_same_however_batched, busy_city, keep
from world import World

from ledger.events.delivery import VisitConfirmed
from ledger.events.parties import PartyUpdated
from ledger.events.tender import TenderAmended
from ledger.rules.confirming import open_visits
from ledger.times import format_instant, parse_instant
from projections.approvers import APPROVERS, Approver, list_approvers, median_of
from projections.catalogue import open_projections
from projections.engine import Projections
from projections.search import SEARCH, find_text


def approver(projections: Projections, key: str, kind: str) -> Approver:
    """Return what a key did of a kind."""
    (found,) = list_approvers(projections, key=key, kind=kind).items
    return found


def confirm_at(world: World, *seconds: int) -> None:
    """Confirm visits so many seconds after the present, all in one statement."""
    visits = sorted(open_visits(world.state, "c-1"))[: len(seconds)]
    start_ms = world.now_ms
    world.do(
        *(
            world.make(
                VisitConfirmed,
                contract="c-1",
                visits=[visit],
                at=format_instant(start_ms + second * 1_000),
            )
            for visit, second in zip(visits, seconds, strict=True)
        )
    )


def test_gaps_between_confirmations_are_counted_by_the_second(database_url: str) -> None:
    """Across statements as within one; by the signer's times and by those of the record."""
    world = World.contracted()
    world.visits("c-1", days=8)
    world.now_ms = max(world.now_ms, parse_instant("2026-02-01T01:00:00.000Z"))
    confirm_at(world, 0, 1, 2, 4)
    world.now_ms += 10_000
    confirm_at(world, 0, 90, 91, 88)
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(APPROVERS.name)
        found = approver(projections, "BUY/one", "confirmation")
        assert found.acts == 8
        # 0 1 2 4 | 11 101 102 99 (each statement moves the clock a second): 1 1 2 7 90 1 3
        claimed = {gap.seconds: gap.claimed for gap in found.gaps if gap.claimed}
        assert claimed == {1: 3, 2: 1, 3: 1, 7: 1, 61: 1}
        recorded = {gap.seconds: gap.recorded for gap in found.gaps if gap.recorded}
        assert recorded == {0: 6, 11: 1}
        assert (found.median_gap_s, found.median_recorded_gap_s) == (2, 0)
        assert found.last_at_ms - found.first_at_ms == 99_000
        assert_same_however_batched(kept, APPROVERS.name)


def test_answers_approvals_and_orders_are_summed_by_key(database_url: str) -> None:
    """What was accepted, cut and ordered, to the fen; a bank's refusal is no act of ours."""
    kept = keep(database_url, busy_city())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(APPROVERS.name)
        answers = approver(projections, "BUY/one", "answer")
        assert (answers.acts, answers.refusing, answers.refused_fen) == (2, 1, 350)
        payments = kept.ledger.state.payments
        orders = list_approvers(projections, kind="order").items
        assert sum(one.acts for one in orders) == len(payments)
        approvals = list_approvers(projections, kind="approval").items
        assert sum(one.value_fen for one in approvals) >= sum(
            one.principal_fen for one in payments.values()
        )
        assert list_approvers(projections, party="BUY", kind="order").items == ()
        assert_same_however_batched(kept, APPROVERS.name)


@hypothesis.given(st.lists(st.integers(0, 60), min_size=1, max_size=200))
def test_the_median_of_a_histogram_is_that_of_the_gaps(gaps: list[int]) -> None:
    """Of an even number the lower one, as a sorted list of all gaps would give."""
    counted = [(gap, gaps.count(gap)) for gap in sorted(set(gaps))]
    assert median_of(counted) == sorted(gaps)[(len(gaps) - 1) // 2]


def test_whatever_has_a_name_is_found_by_a_part_of_it(database_url: str) -> None:
    """Whatever the case, in Chinese without spaces, and under a new name at once.

    | asked        | found                                               |
    |--------------|-----------------------------------------------------|
    | ÉVERGREEN    | the provider by its new name                        |
    | 青养         | the same by two characters within its Chinese name  |
    | c-1          | the contract, its tender and award's tender         |
    """
    world = busy_city()
    kept = keep(database_url, world)

    def found(text: str, kind: str | None = None) -> list[tuple[str, str]]:
        page = find_text(projections, text, kind=kind)
        return [(each.kind, each.id) for each in page.items]

    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(SEARCH.name)
        assert found("ÉVERGREEN") == [("party", "PRO")]
        assert found("青养") == [("party", "PRO")]
        assert found("c-1") == [("tender", "t-c-1"), ("contract", "c-1")]
        assert found("c-1", "contract") == [("contract", "c-1")]
        assert found("213czf") == [("process", "ocds-213czf-1")]
        assert found("A publisher") == [("process", "ocds-213czf-1")]
        assert {kind for kind, _ in found("")} == {
            *("contract", "tender", "party", "line"),
            *("programme", "claim", "payment", "process"),
        }
        assert found("100%") == found("_") == []
        first = find_text(projections, "", limit=3)
        rest = find_text(projections, "", after=first.next)
        assert [*first.items, *rest.items] == list(find_text(projections, "").items)
        world.do(world.make(PartyUpdated, party="PRO", names={"zh": "红日护理"}))
        kept.catch_up()
        projections.follow(SEARCH.name)
        assert (found("青养"), found("红日")) == ([], [("party", "PRO")])
        assert_same_however_batched(kept, SEARCH.name)


def test_a_tender_is_found_by_the_title_it_was_given_last(sqlite_database: str) -> None:
    """An amendment renames the tender."""
    world = World.founded()
    world.tender("t-1", {"1": {"line-1": 10}}, closes="2026-06-01T00:00:00.000Z")
    world.do(world.make(TenderAmended, titles={"zh": "助餐服务"}))
    kept = keep(sqlite_database, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(SEARCH.name)
        (only,) = find_text(projections, "助餐").items
        assert (only.kind, only.id, only.titles) == ("tender", "t-1", {"zh": "助餐服务"})
        assert only.position > only.first_position
