"""What the read model of tenders shows: lots, bids, awards, challenges, and what others publish."""

from collections.abc import Iterator
from contextlib import contextmanager

import scenario
from bidding import BIDDERS, CLOSES, THREE, awarded, revealed, sealed, tendered
from gathered import assert_gathered
from histories import Kept, assert_same_however_batched, keep, report
from world import World

from ledger.events.award import AwardDecided
from ledger.events.contract import ContractPublished
from ledger.events.tender import TenderAmended, TenderFailed
from ledger.state import State
from ledger.times import parse_instant
from projections.catalogue import open_projections
from projections.engine import Projections, Reading
from projections.tenders import TENDERS, TenderFile, find_tenders, list_tenders
from projections.tenders.tables import CONTRACT

RANKING = "[" + ",".join(f'"{bidder}"' for bidder in BIDDERS) + "]"


@contextmanager
def shown(url: str, world: World) -> Iterator[tuple[Kept, Projections]]:
    """Give the read models of a world's ledger, folded whole."""
    kept = keep(url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        (status,) = projections.follow(TENDERS.name)
        assert status.reason is None
        yield kept, projections
        assert_gathered(kept.ledger.store, projections)


def the_tender(projections: Projections, name: str = "t-1") -> TenderFile:
    """Return a tender's file."""
    (found,) = find_tenders(projections, name)
    return found


def assert_tenders_true_to(state: State, projections: Projections) -> None:
    """Check that tenders, lots, bids, awards and challenges are as the state holds them."""
    listed = list_tenders(projections, origin="native").items
    assert {each.tender for each in listed} == set(state.tenders)
    for key, row in state.tenders.items():
        file = the_tender(projections, key)
        assert file.tender.buyer is not None
        assert (file.tender.buyer.id, file.tender.programme) == (row.purchaser, row.programme)
        assert (file.tender.opens_ms, file.tender.closes_ms) == (row.opens_ms, row.closes_ms)
        assert frozenset(file.criteria) == row.criteria
        for lot in file.lots:
            held = row.lots[lot.lot]
            assert (lot.award, lot.status == "failed") == (held.award, held.failed)
            reserved = {line.line: line.reserved_fen for line in lot.lines}
            assert reserved == {
                line: state.balance("reserved", line, f"{key}/{lot.lot}") for line in reserved
            }
        bids = {bid: each for bid, each in state.bids.items() if each.tender == key}
        assert {
            bid.bid: (bid.bidder.id, bid.status, bid.value_fen or 0, bid.rates) for bid in file.bids
        } == {
            each.bid: (each.bidder, each.status, each.value_fen, each.rates)
            for each in bids.values()
        }
        assert {each.award: each.status == "standing" for each in file.awards} == {
            award: each.standing for award, each in state.awards.items() if each.tender == key
        }
        assert {each.challenge: each.status for each in file.challenges} == {
            name: state.challenges[name].status for name in row.challenges
        }


def test_a_sealed_bid_has_no_price_until_it_is_revealed(database_url: str) -> None:
    """Who bids is known at once; what is asked, when the bidder shows it; all with positions."""
    world = sealed(THREE)
    with shown(database_url, world) as (kept, projections):
        file = the_tender(projections)
        assert [(bid.bidder.id, bid.status, bid.value_fen) for bid in file.bids] == [
            (bidder, "sealed", None) for bidder in BIDDERS
        ]
        before = file.tender.last_position
        assert before == file.bids[-1].first_position
        world = revealed(THREE)
        kept.world.statements[:] = world.statements
        kept.catch_up()
        projections.follow(TENDERS.name)
        file = the_tender(projections)
        assert {bid.bidder.id: bid.value_fen for bid in file.bids} == THREE
        assert (file.lots[0].sealed, file.lots[0].valid) == (3, 3)
        positions = [bid.revealed_position for bid in file.bids]
        assert positions == [before + 1, before + 2, before + 3]
        assert file.tender.last_position == before + 3
        assert_tenders_true_to(world.state, projections)


def test_bids_are_withdrawn_forfeited_scored_and_disqualified(database_url: str) -> None:
    """Each end of a bid is counted in its lot, with who judged it.

    outcome | by      | event            | fields
    ok      | PR3/one | bid.withdrawn    | bid=b-PR3
    """
    world = tendered()
    for bidder in BIDDERS:
        world.do(world.sealing(f"b-{bidder}", "t-1", "1", bidder), by=f"{bidder}/one")
    name = test_bids_are_withdrawn_forfeited_scored_and_disqualified
    scenario.play(world, name.__doc__)
    world.now_ms = parse_instant(CLOSES)
    scenario.play(
        world,
        """
    outcome | by      | event            | fields
    ok      | PRO/one | bid.revealed     | bid=b-PRO
    later   |         |                  | 2
    ok      |         | bid.forfeited    | bid=b-PR2
    ok      |         | bid.scored       | bid=b-PRO
    ok      |         | bid.disqualified | bid=b-PRO
    """,
    )
    with shown(database_url, world) as (kept, projections):
        file = the_tender(projections)
        (lot,) = file.lots
        assert (lot.sealed, lot.valid, lot.withdrawn, lot.forfeited, lot.disqualified) == (
            *(3, 0),
            *(1, 1, 1),
        )
        (judged,) = [bid for bid in file.bids if bid.bidder.id == "PRO"]
        assert (judged.status, judged.reason) == ("disqualified", "NOT_RESPONSIVE")
        assert judged.disqualified_position == judged.last_position
        assert [(s.criterion, s.key, s.score_ppm) for s in judged.scores] == [
            ("quality", "EVA/one", 900_000)
        ]
        assert_tenders_true_to(world.state, projections)
        assert_same_however_batched(kept, TENDERS.name)


def test_a_tender_is_amended_asked_about_and_fails_by_lot(database_url: str) -> None:
    """Lots, sums and closes follow the amendments; a lot that fails frees what it had reserved."""
    world = World.founded()
    world.tender(
        "t-1",
        {"1": {"line-1": 700, "line-2": 300}, "2": {"line-2": 500}},
        method="open",
        closes=CLOSES,
    )
    later = "2026-02-09T01:00:00.000Z"
    world.do(world.make(TenderAmended, closes=later, titles={"zh": "居家养老服务"}))
    scenario.play(
        world,
        """
    outcome | by      | event             | fields
    ok      |         | question.asked    |
    ok      | PR2/one | question.asked    | question=q-2
    ok      |         | question.answered |
    """,
    )
    world.do(world.make(TenderFailed, lots=["2"]))
    with shown(database_url, world) as (kept, projections):
        file = the_tender(projections)
        assert (file.tender.amendments, file.tender.questions, file.tender.answered) == (1, 2, 1)
        assert file.tender.closes_ms == parse_instant(later)
        assert file.tender.first_closes_ms == parse_instant(CLOSES)
        assert [each.changed for each in file.amendments] == [("titles", "closes")]
        assert [each.asker.id for each in file.questions] == ["PRO", "PR2"]
        assert [(lot.status, lot.ground) for lot in file.lots] == [("open", None), ("failed", 4)]
        assert [line.reserved_fen for lot in file.lots for line in lot.lines] == [700, 300, 0]
        assert file.tender.status == "published"
        assert [t.tender for t in list_tenders(projections, text="养老").items] == ["t-1"]
        assert_tenders_true_to(world.state, projections)
        world.do(world.make(TenderFailed))
        kept.catch_up()
        projections.follow(TENDERS.name)
        tender = the_tender(projections).tender
        assert (tender.status, tender.ground) == ("failed", 4)
        assert_same_however_batched(kept, TENDERS.name)


def test_an_award_is_challenged_ruled_on_cancelled_and_made_again(database_url: str) -> None:
    """The supervisor's ruling replaces the purchaser's reply; a cancelled award opens the lot.

    outcome | by              | event              | fields
    ok      |                 | award.challenged   |
    ok      |                 | challenge.answered | reply=REJECTED
    ok      |                 | complaint.lodged   | suspend_days=30
    ok      |                 | complaint.decided  | ruling=CHALLENGE_UPHELD
    ok      | BUY/one PRO/one | award.cancelled    |
    """
    world = awarded()
    name = test_an_award_is_challenged_ruled_on_cancelled_and_made_again
    scenario.play(world, name.__doc__)
    with shown(database_url, world) as (kept, projections):
        file = the_tender(projections)
        (challenge,) = file.challenges
        assert (challenge.challenger.id, challenge.status) == ("PR2", "accepted")
        assert (challenge.ruling, challenge.suspend_days) == ("CHALLENGE_UPHELD", 30)
        (award,) = file.awards
        assert (award.winner.id, award.status, award.value_fen) == ("PRO", "cancelled", 900)
        assert award.last_position == file.tender.last_position
        assert (file.lots[0].status, file.tender.status) == ("open", "closed")
        world.do(
            world.make(AwardDecided, award="a-2", ranking=list(BIDDERS), value_fen=900),
        )
        kept.catch_up()
        projections.follow(TENDERS.name)
        assert the_tender(projections).tender.status == "awarded"
        assert_tenders_true_to(world.state, projections)
        assert_same_however_batched(kept, TENDERS.name)


def test_contracts_are_kept_with_what_was_added_to_them(database_url: str) -> None:
    """Supplements are summed apart from what amendments take away (C11), with their positions."""
    world = World.contracted()
    world.amend("c-1", 5_000)
    world.amend("c-1", -7_000)
    world.do(world.make(ContractPublished, contract="c-1"))
    with shown(database_url, world) as (kept, projections):
        file = the_tender(projections, "t-c-1")
        assert (file.lots[0].status, file.lots[0].contract) == ("contracted", "c-1")
        assert [line.reserved_fen for line in file.lots[0].lines] == [0] * len(file.lots[0].lines)
        row = the_contract(projections)
        assert (row["supplements_fen"], row["reduced_fen"], row["amendments"]) == (5_000, 7_000, 2)
        assert row["published_position"] == row["last_position"] == row["amended_position"] + 1
        assert_tenders_true_to(world.state, projections)
        assert_same_however_batched(kept, TENDERS.name)


def the_contract(projections: Projections) -> dict[str, int]:
    """Return the only contract's row as the flags read it."""

    def query(reading: Reading) -> dict[str, int]:
        found = reading.connection.execute(reading.tables[CONTRACT].select())
        return dict(found.mappings().one())

    return projections.read(TENDERS, query)


def test_tenders_are_found_by_what_is_asked_of_them(database_url: str) -> None:
    """Status goes by the ledger's own time; a published tender stands beside our own, marked."""
    world = awarded()
    world.tender("t-2", {"1": {"line-1": 10}}, closes="2026-06-01T00:00:00.000Z")
    report(
        world,
        "ocds-213czf-7",
        '{"ocid":"ocds-213czf-7","id":"r","tag":["tender"],"date":"2024-01-01T00:00:00Z",'
        '"buyer":{"name":"Ville d\'Élan"},"tender":{"title":"Soins","status":"active",'
        '"procurementMethod":"limited","tenderPeriod":{"startDate":"2024-01-02T00:00:00Z",'
        '"endDate":"2024-02-01T00:00:00Z"}}}',
    )
    report(world, "ocds-213czf-8", '{"ocid":"ocds-213czf-8","tag":["planning"]}')
    with shown(database_url, world) as (kept, projections):
        cases: list[tuple[dict[str, object], list[str]]] = [
            ({}, ["t-1", "t-2", "reported/ocds-213czf-7"]),
            ({"origin": "reported"}, ["reported/ocds-213czf-7"]),
            ({"status": "awarded"}, ["t-1"]),
            ({"status": "published"}, ["t-2"]),
            ({"status": "active"}, ["reported/ocds-213czf-7"]),
            ({"buyer": "BUY"}, ["t-1", "t-2"]),
            ({"buyer": "Ville d'Élan"}, ["reported/ocds-213czf-7"]),
            ({"provider": "PR2"}, ["t-1"]),
            ({"method": "limited"}, ["reported/ocds-213czf-7"]),
            ({"year": 2024}, ["reported/ocds-213czf-7"]),
            ({"text": "élan"}, ["reported/ocds-213czf-7"]),
            ({"text": "nowhere"}, []),
        ]
        for asked, expected in cases:
            found = list_tenders(projections, **asked).items  # type: ignore[arg-type]
            assert [each.tender for each in found] == expected, asked
        first = list_tenders(projections, limit=1)
        following = list_tenders(projections, after=first.next)
        assert [each.tender for each in following.items] == ["t-2", "reported/ocds-213czf-7"]
        (published,) = find_tenders(projections, "ocds-213czf-7")
        assert published.tender.closes_ms == parse_instant("2024-02-01T00:00:00.000Z")
        assert find_tenders(projections, "t-9") == ()
        assert_same_however_batched(kept, TENDERS.name)
