"""Providers: what each was billed, cut, paid and scored, and how long it waited for its money."""

from collections.abc import Iterator

import pytest
import scenario
from gathered import assert_gathered
from histories import Kept, busy_city, keep, unusual_contract
from money import answered, at
from world import World

from ledger.events.dispute import DisputeOpened, DisputeRuled, DisputeSettled
from ledger.events.receivable import (
    ReceivableAssigned,
    ReceivableConfirmed,
    ReceivableReleased,
    ReceivableRequested,
)
from ledger.events.standing import SanctionLifted
from projections.catalogue import open_projections
from projections.contracts import list_contracts
from projections.deep import deep_check
from projections.engine import Projections
from projections.providers import PROVIDERS, ProviderFile, ProviderMonth, list_providers, provider


def eventful() -> World:
    """Return a year of the provider PRO in which each of its figures moves."""
    world = World.contracted(advance_ppm=100_000, recovery_ppm=500_000)
    world.advance("adv-1", "c-1", 20_000)
    world.visits("c-1", days=4)
    world.claim("k-1", "c-1")
    world.answer("k-1", cuts=[300, 200], disputed=[400])
    world.do(world.make(DisputeOpened, claim="k-1", lines=world.lines(world.state.cuts, "k-1")))
    lines = world.lines(world.state.disputes, "k-1")
    world.do(
        world.make(DisputeSettled, claim="k-1", lines=lines[:1], awarded_fen=lines[0].amount_fen)
    )
    world.do(world.make(DisputeRuled, claim="k-1", lines=lines[1:2], awarded_fen=0))
    world.do(world.make(DisputeSettled, claim="k-1", lines=lines[2:], awarded_fen=1))
    owed_fen = world.state.claims["k-1"].payable_fen
    for event in (ReceivableRequested, ReceivableConfirmed, ReceivableAssigned):
        world.do(world.make(event, claim="k-1", amount_fen=owed_fen))
    world.do(world.make(ReceivableReleased, claim="k-1"))
    at(world, "2026-04-20")
    world.request("p-1", "c-1", ["k-1"])
    world.order("p-1")
    world.settle("p-1")
    at(world, "2026-07-02")
    world.score("s-1", "c-1", "2026-06-30", 900_000, 1_000_000)
    unusual_contract(world)
    return world


@pytest.fixture
def kept(database_url: str) -> Iterator[Kept]:
    """Give that history in a ledger."""
    made = keep(database_url, eventful())
    yield made
    made.ledger.close()


def file_of(kept: Kept, party: str = "PRO") -> ProviderFile:
    """Return a provider's file."""
    with open_projections(kept.ledger.store) as projections:
        projections.follow(PROVIDERS.name)
        found = provider(projections, party)
    assert found is not None
    return found


def test_each_figure_of_a_provider_moves_with_its_events(kept: Kept) -> None:
    """A claim is cut and disputed, paid late, scored; the receivable was assigned and came back.

    | step                                       | fen                                      |
    |--------------------------------------------|------------------------------------------|
    | four visits at 50.00                       | claimed 20,000                           |
    | cut 3.00 and 2.00, disputed 4.00           | accepted 19,100                          |
    | the cuts contested, all three decided      | won one, lost one, of one a fen          |
    | half of every acceptance recovers 200.00   | advance 10,249 left; payable 9,550       |
    | answered 16 January, paid 20 April         | 94 days, 64 beyond the 30                |
    """
    found = file_of(kept).provider
    assert (found.claims, found.claimed_fen, found.cut_fen, found.disputed_fen) == (
        *(1, 20_000, 499, 0),
    )
    assert (found.contested, found.won, found.lost, found.split) == (1, 1, 1, 1)
    assert (found.awarded_fen, found.refused_fen, found.cut_ppm) == (401, 499, 24_950)
    assert (found.accrued_fen, found.paid_fen, found.advance_fen) == (19_501, 19_301, 10_249)
    assert (found.settled, found.days_mean, found.late, found.late_days) == (1, 94, 1, 64)
    assert (found.scores, found.score_ppm, found.factor_ppm) == (1, 900_000, 1_000_000)
    assert (found.active, found.suspended, found.terminated, found.closed) == (0, 1, 1, 0)
    assert (found.assigned, found.assigned_fen, found.payable_fen) == (0, 0, 200)


def test_a_providers_file_tells_months_scores_and_days(kept: Kept) -> None:
    """Money by the month of its recording, each score with its period, and how long each took."""
    found = file_of(kept)
    assert found.days == ((94, 1),)
    assert found.days_median == 94
    assert found.months == (
        ProviderMonth("2026-01", 19_501, 9_751, 0),
        ProviderMonth("2026-04", 0, 9_550, 0),
    )
    (score,) = found.scores
    assert (score.status, score.from_date, score.to_date) == ("final", "2026-01-01", "2026-06-30")


def test_what_came_back_from_the_bank_is_not_counted(sqlite_database: str) -> None:
    """A payment that bounced leaves no days; the one that replaces it has those of its own."""
    world = answered()
    at(world, "2026-01-20")
    world.pay("p-1", "c-1", ["k-1"])
    world.bounce("p-1")
    kept = keep(sqlite_database, world)
    with kept.ledger:
        assert (file_of(kept).days, file_of(kept).provider.paid_fen) == ((), 0)
        with open_projections(kept.ledger.store) as projections:
            assert_gathered(kept.ledger.store, projections)
        at(world, "2026-02-03")
        world.pay("p-2", "c-1", ["k-1"])
        kept.catch_up()
        found = file_of(kept)
        assert (found.days, found.provider.late, found.provider.paid_fen) == (((18, 1),), 0, 5_000)


def test_the_median_is_the_lower_of_two(sqlite_database: str) -> None:
    """Of four payments that took ever longer it is the second, and the mean is rounded down."""
    world = World.contracted()
    for number in range(1, 5):
        world.visits("c-1", days=number, month=f"2026-0{number}")
        world.claim(f"k-{number}", "c-1", until=f"2026-0{number}-28")
        world.answer(f"k-{number}")
    at(world, "2026-04-24")
    for number in range(1, 5):
        world.pay(f"p-{number}", "c-1", [f"k-{number}"])
    kept = keep(sqlite_database, world)
    with kept.ledger:
        found = file_of(kept)
    days = [each for each, _ in found.days]
    assert len(days) == 4
    assert (found.days_median, found.provider.days_mean) == (days[1], sum(days) // 4)


def test_sanctions_stand_until_they_end_or_are_lifted(sqlite_database: str) -> None:
    """Who is barred is told until when; a sanction that was lifted stays to be seen.

    outcome | by      | event            | fields
    ok      | FIN/one | notice.given     | about=PRO; notice=n-s; \
act=sanction.imposed; ground=MISCONDUCT; amount_fen=absent
    ok      |         | notice.answered  | notice=n-s
    ok      |         | sanction.imposed |
    """
    world = busy_city()
    scenario.play(world, test_sanctions_stand_until_they_end_or_are_lifted.__doc__)
    kept = keep(sqlite_database, world)
    with kept.ledger:
        found = file_of(kept)
        assert found.provider.barred_until == "2027-02-28"
        assert [(each.from_date, each.lifted_on) for each in found.sanctions] == [
            ("2026-03-01", None)
        ]
        world.do(world.make(SanctionLifted), by="FIN/one")
        kept.catch_up()
        found = file_of(kept)
        assert found.provider.barred_until is None
        assert [each.lifted_on for each in found.sanctions] == [world.today()]


def test_providers_add_up_to_their_contracts(kept: Kept) -> None:
    """Value, accrued, paid, claims, cuts and disputes of providers are those of contracts."""
    with open_projections(kept.ledger.store) as projections:
        assert_gathered(kept.ledger.store, projections)
        contracts = list_contracts(projections).items
        providers = list_providers(projections).items
    assert len(providers) == 1
    for theirs, ours in (
        ("value_minor", "value_fen"),
        ("accrued_minor", "accrued_fen"),
        ("paid_minor", "paid_fen"),
        ("claims", "claims"),
        ("claimed_minor", "claimed_fen"),
        ("cut_minor", "cut_fen"),
        ("disputed_minor", "disputed_fen"),
    ):
        assert sum(getattr(each, theirs) for each in contracts) == sum(
            getattr(each, ours) for each in providers
        ), ours


@pytest.mark.parametrize("batch_events", [1, 4])
def test_rows_of_providers_do_not_depend_on_batches(kept: Kept, batch_events: int) -> None:
    """Folded in small batches they are those of one fold."""
    store = kept.ledger.store
    with Projections(store, [PROVIDERS], batch_events=batch_events) as small:
        small.follow()
    with Projections(store, [PROVIDERS]) as projections:
        report = deep_check(projections, PROVIDERS.name)
    assert (report.differences, report.position) == ((), store.head().positions)


def test_a_search_finds_a_provider_by_any_of_its_names(sqlite_database: str) -> None:
    """Ids and names in any language and case; who has no contract is no provider."""
    kept = keep(sqlite_database, busy_city())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow(PROVIDERS.name)
        for text, found in (("ÉVERGREEN", 1), ("长青", 1), ("pro", 1), ("%", 0), ("BUY", 0)):
            assert len(list_providers(projections, text=text).items) == found, text
        assert provider(projections, "BUY") is None
