"""Programmes and the first page: targets, output and money, all kept by the folds."""

from collections.abc import Iterator

import pytest
from bidding import tendered
from gathered import assert_gathered
from histories import Kept, busy_city, keep, unusual_contract
from money import answered, at
from world import World

from ledger.events.award import AwardCancelled
from ledger.events.budget import IndicatorReported
from ledger.events.delivery import BeneficiaryEnrolled, BeneficiaryExited
from ledger.events.parties import PartyUpdated
from ledger.events.tender import TenderCancelled, TenderFailed
from ledger.times import format_date, parse_date
from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.engine import Projections
from projections.funds import list_funds
from projections.overview import CONTRACTS_A_LINE, Overview, overview
from projections.payments import list_claims
from projections.programmes import PROGRAMMES, ProgrammeFile, list_programmes, programme


def eventful() -> World:
    """Return a year with two scored contracts, reports, people who come and go, and later years."""
    world = busy_city()
    unusual_contract(world)
    for number, tier in enumerate(("mild", "severe", "severe")):
        name = f"q-{number}"
        world.do(world.make(BeneficiaryEnrolled, beneficiary=name, tier=tier))
    world.do(world.make(BeneficiaryExited, beneficiary="q-1"))
    world.do(world.make(IndicatorReported, indicator="quality"))
    world.do(world.make(IndicatorReported, indicator="quality", actual=77))
    world.score("s-1", "c-1", "2026-06-30", 900_000, 1_000_000)
    return world


@pytest.fixture(scope="module")
def kept(shared_database_url: str) -> Iterator[Kept]:
    """Give that history in a ledger."""
    made = keep(shared_database_url, eventful())
    yield made
    made.ledger.close()


@pytest.fixture(scope="module")
def projections(kept: Kept) -> Iterator[Projections]:
    """Give its read models, followed to the head."""
    with open_projections(kept.ledger.store) as made:
        made.follow()
        yield made


def care(projections: Projections) -> ProgrammeFile:
    """Return the one programme of the world."""
    (only,) = list_programmes(projections).items
    found = programme(projections, only.programme)
    assert found is not None
    assert found.programme == only
    return found


# -- programmes --------------------------------------------------------------------------------


def test_a_programme_tells_output_against_money(projections: Projections) -> None:
    """Three contracts of 10 visits, of which one is closed, one suspended and one ended early.

    | step                                            | fen                                |
    |-------------------------------------------------|------------------------------------|
    | signed, amended, closed, ended                  | committed 1,002,655                |
    | 10 visits at 50.00, less 1.00 cut, 2.50 waiting | accrued 49,650                     |
    | 5 % of one of them held back                    | paid 47,917                        |
    """
    found = care(projections)
    told = found.programme
    assert (told.committed_fen, told.accrued_fen, told.paid_fen) == (1_002_655, 49_650, 47_917)
    assert (told.active, told.suspended, told.terminated, told.closed) == (0, 1, 1, 1)
    assert (told.tenders, told.open_tenders, told.scores, told.score_ppm) == (3, 0, 1, 900_000)
    assert {party.id for party in told.signers} == {"BUY", "FIN"}
    assert [(each.service, each.visits, each.units) for each in found.delivered] == [
        ("care", 10, 10)
    ]
    assert [(each.line, each.granted_fen, each.paid_fen) for each in found.lines] == [
        ("line-1", 1_000_006_945, 19_750),
        ("line-2", 1_000_000_055, 28_167),
        ("line-2027", 100_000, 0),
    ]


def test_people_are_counted_by_degree_of_need_and_month(projections: Projections) -> None:
    """Who came and who left; the month is that of the record."""
    found = care(projections)
    assert [(each.tier, each.enrolled, each.exited) for each in found.people] == [
        ("mild", 1, 0),
        ("moderate", 3, 0),
        ("severe", 2, 1),
    ]
    assert [(each.month, each.enrolled, each.exited) for each in found.months] == [
        ("2026-01", 3, 0),
        ("2026-02", 3, 1),
    ]


def test_of_several_reports_of_an_indicator_the_last_counts(projections: Projections) -> None:
    """The targets are as published, with what scores and reports found of them."""
    quality, reach = care(projections).indicators
    assert (quality.indicator, quality.weight_ppm, quality.target) == ("quality", 600_000, 95)
    assert [(each.actual, each.reports) for each in quality.results] == [(77, 2)]
    assert (quality.scores, quality.score_ppm, reach.score_ppm) == (1, 900_000, 900_000)
    assert reach.results == ()


@pytest.mark.parametrize("batch_events", [1, 4])
def test_rows_of_programmes_do_not_depend_on_batches(database_url: str, batch_events: int) -> None:
    """Folded in small batches they are those of one fold."""
    with keep(database_url, eventful()).ledger as ledger:
        with Projections(ledger.store, [PROGRAMMES], batch_events=batch_events) as small:
            small.follow()
        with Projections(ledger.store, [PROGRAMMES]) as projections:
            report = deep_check(projections, PROGRAMMES.name)
        assert (report.differences, report.position) == ((), ledger.store.head().positions)


def test_a_tender_is_open_while_a_lot_of_it_waits(sqlite_database: str) -> None:
    """Awards, failures and cancellations close a lot; a cancelled award opens it again."""
    world = tendered()
    kept = keep(sqlite_database, world)

    def seen(projections: Projections) -> tuple[int, int]:
        kept.catch_up()
        projections.follow()
        assert_gathered(kept.ledger.store, projections)
        (only,) = list_programmes(projections).items
        return only.tenders, only.open_tenders

    with kept.ledger, open_projections(kept.ledger.store) as projections:
        assert seen(projections) == (1, 1)
        world.do(world.make(TenderFailed, tender="t-1", ground=4))
        assert seen(projections) == (1, 0)
        world.tender("t-2", {"1": {"line-1": 500}, "2": {"line-1": 500}})
        world.award("a-2", "t-2", "1", 500)
        assert seen(projections) == (2, 1)
        world.do(world.make(TenderFailed, tender="t-2", ground=4, lots=["2"]))
        assert seen(projections) == (2, 0)
        world.do(world.make(AwardCancelled, award="a-2"))
        assert seen(projections) == (2, 1)
        world.tender("t-3", {"1": {"line-1": 500}})
        world.do(world.make(TenderCancelled, tender="t-3"))
        assert seen(projections) == (3, 1)


# -- the first page ----------------------------------------------------------------------------


def test_a_programme_is_gathered_from_its_events(kept: Kept, projections: Projections) -> None:
    """What `trace` adds up without a read model is what this one folded."""
    assert_gathered(kept.ledger.store, projections)


def test_a_first_page_adds_up(projections: Projections) -> None:
    """Years are their lines, sources are theirs, and what months paid is what the year did."""
    found = overview(projections, 2026)
    funds = [each for each in list_funds(projections).items if each.year == 2026]
    (year, _later) = found.years
    assert found.year == year.year == 2026
    for name in ("committed_fen", "accrued_fen", "paid_fen", "granted_fen"):
        of_lines = [getattr(each.stages, name) for each in found.lines]
        of_sources = [getattr(each.stages, name) for each in found.sources]
        assert sum(of_lines) == sum(of_sources) == getattr(year.stages, name), name
    assert [each.line for each in found.lines] == [each.line for each in funds]
    assert [each.stages.paid_fen for each in found.lines] == [e.balances["paid"] for e in funds]
    assert sum(each.paid_fen for each in found.months) == year.stages.paid_fen
    assert found.months[-1].left_fen == year.stages.granted_fen - year.stages.paid_fen
    assert found.contracts == {"active": 0, "suspended": 1, "terminated": 1, "closed": 1}
    assert (found.programmes, found.tenders, found.open_tenders, found.entitled) == (1, 3, 0, 5)


def test_a_first_page_names_the_contracts_that_were_paid_most(sqlite_database: str) -> None:
    """Ten of a line by name, the most first; all others are one sum."""
    world = World.founded()
    for number in range(CONTRACTS_A_LINE + 2):
        key = f"c-{number}"
        world.contract(key, 100_000, {"line-1": 1_000_000})
        world.visits(key, days=number + 1)
        world.claim(f"k-{number}", key)
        world.answer(f"k-{number}")
        world.pay(f"p-{number}", key, [f"k-{number}"])
    kept = keep(sqlite_database, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        (line, *_) = overview(projections).lines
    assert [each.paid_fen for each in line.contracts] == [
        5_000 * (number + 1) for number in reversed(range(2, CONTRACTS_A_LINE + 2))
    ]
    assert line.others_paid_fen == 5_000 + 10_000


def test_a_first_page_of_an_empty_ledger_is_empty(sqlite_database: str) -> None:
    """Nothing but the genesis: no year, no line, no contract."""
    world = World.opened()
    world_day = world.today()
    kept = keep(sqlite_database, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        assert overview(projections) == Overview(
            position=1,
            currency="CNY",
            year=0,
            years=(),
            sources=(),
            lines=(),
            months=(),
            contracts={"active": 0, "suspended": 0, "terminated": 0, "closed": 0},
            programmes=0,
            tenders=0,
            open_tenders=0,
            entitled=0,
            day=world_day,
            overdue=0,
            overdue_fen=0,
        )


def test_a_first_page_counts_what_is_overdue(sqlite_database: str) -> None:
    """A sum is overdue on the day after its last day to pay, and no more once it is paid."""
    world = answered()
    kept = keep(sqlite_database, world)

    def seen(projections: Projections, day: str) -> tuple[int, int]:
        at(world, day)
        world.do(world.make(PartyUpdated, party="PR2"))
        kept.catch_up()
        projections.follow()
        found = overview(projections)
        assert found.day == day
        return found.overdue, found.overdue_fen

    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        due = parse_date(list_claims(projections).items[0].due_on or "")
        assert seen(projections, format_date(due)) == (0, 0)
        assert seen(projections, format_date(due + 1)) == (1, 5_000)
        world.pay("p-1", "c-1", ["k-1"])
        assert seen(projections, format_date(due + 2)) == (0, 0)
