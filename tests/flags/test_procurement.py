"""The scopes of procurement on a real ledger: what is flagged, and kept as judged anew."""

import json
from itertools import islice
from pathlib import Path

from bidding import BIDDERS, revealed
from histories import keep, report
from world import World, holder

from ledger.app import create_ledger
from ledger.events import decode_event
from ledger.events.award import AwardDecided
from ledger.events.base import Period
from ledger.events.contract import ContractPublished, ContractSigned
from ledger.events.parties import PartyUpdated
from ledger.events.persons import InterestDeclared
from ledger.simulate.agenda import SimulatedClock
from ledger.simulate.city import City
from ledger.simulate.playing import DAYS, play
from ledger.simulate.scale import DEMO
from ledger.times import MS_PER_DAY
from projections.catalogue import open_projections
from projections.deep import deep_check
from projections.engine import Projections
from projections.flags.asking import list_flags
from projections.flags.keeping import FLAGS

MODELS = [model.name for model in (*FLAGS.sources, FLAGS)]

LATE_BID = """{"ocid": "OCID", "tag": ["award"], "date": "DATE",
    "tender": {"procurementMethod": "open", "numberOfTenderers": TENDERERS,
               "tenderPeriod": {"endDate": "2026-01-10T00:00:00Z"}},
    "bids": {"details": [{"id": "1", "status": "valid", "date": "2026-01-11T00:00:00Z",
                          "tenderers": [{"id": "W"}], "value": {"amount": 5, "currency": "USD"}}]},
    "awards": [{"id": "1", "status": "active", "suppliers": [{"id": "W"}]}]}"""


def a_release(ocid: str, tenderers: int, date: str) -> str:
    """Return a release of a process whose winner bid late."""
    release = LATE_BID.replace("OCID", ocid).replace("TENDERERS", f"{tenderers}")
    return release.replace("DATE", date)


def a_bad_year() -> World:
    """Return a world in which much is conspicuous about one tender, and about a published one."""
    world = revealed({"PRO": 900, "PR2": 950, "PR3": 950})
    world.do(world.make(PartyUpdated, party="PR3", parent="PR2"))
    world.do(world.make(AwardDecided, ranking=list(BIDDERS), value_fen=900))
    report(world, "ocds-1", a_release("ocds-1", 1, "2026-01-01T00:00:00Z"))
    year = Period(from_date="2026-01-01", to_date="2026-12-31")
    declared = {"person": holder("BUY/one"), "relation": "KINSHIP", "counterparty": "PRO"}
    world.do(world.make(InterestDeclared, **declared, period=year), by="BUY/two")
    world.until_final("a-1")
    world.do(world.make(ContractSigned, contract="c-1", award="a-1", value_fen=900))
    report(world, "ocds-2", a_release("ocds-2", 3, "2026-01-01T00:00:00Z"))
    world.now_ms += 3 * MS_PER_DAY
    report(world, "ocds-1", a_release("ocds-1", 3, "2026-02-01T00:00:00Z"))
    world.now_ms += 7 * MS_PER_DAY
    report(world, "ocds-2", a_release("ocds-2", 3, "2026-02-01T00:00:00Z"), publisher="Another")
    world.amend("c-1", 50)
    world.do(world.make(ContractPublished, contract="c-1"))
    world.do(world.make(PartyUpdated, party="PR3", parent="BU2"))
    return world


OURS = (*(f"f{number}" for number in range(24, 37)), "f42")
"""The flags of procurement."""


def told(projections: Projections) -> set[tuple[str, str]]:
    """Return what is flagged here, by rule and subject; a conflict of interest by its kind."""
    flags = list_flags(projections, rules=OURS).items
    return {(flag.rule, str(flag.facts.get("kind", flag.subject))) for flag in flags}


def test_flags_follow_the_ledger_statement_by_statement(database_url: str) -> None:
    """Whatever the steps, what is kept is what judging everything anew gives, also what ended."""
    world = a_bad_year()
    statements = world.statements[:]
    del world.statements[1:]
    kept = keep(database_url, world)
    seen: set[tuple[str, str]] = set()
    with open_projections(kept.ledger.store) as projections:
        for number, (recorded_ms, data) in enumerate(statements[1:]):
            kept.clock.set_ms = recorded_ms
            kept.ledger.submit(data)
            if number % 7 == 0 or number > len(statements) - 18:
                projections.follow(*MODELS)
                seen |= told(projections)
                assert deep_check(projections, "flags").count == 0
        at_last = told(projections)
    kept.ledger.close()
    assert seen - at_last == {("f25", "process/ocds-1"), ("f34", "bidders")}
    assert at_last == {
        ("f28", "tender/t-1"),
        ("f29", "process/ocds-1"),
        ("f29", "process/ocds-2"),
        ("f33", "contract/c-1"),
        ("f34", "relation"),
        ("f35", "contract/c-1"),
    }


def test_every_flag_names_events_of_the_ledger(database_url: str) -> None:
    """Evidence is found again by its id, and the last of it is where the flag stands."""
    kept = keep(database_url, a_bad_year())
    with open_projections(kept.ledger.store) as projections:
        projections.follow(*MODELS)
        flags = list_flags(projections, rules=OURS).items
        assert {flag.rule: (flag.contract, flag.party) for flag in flags} == {
            "f28": (None, None),
            "f29": (None, None),
            "f33": ("c-1", "PRO"),
            "f34": ("c-1", "PRO"),
            "f35": ("c-1", "BUY"),
        }
        kinds = [flag.facts["kind"] for flag in flags if flag.rule == "f34"]
        assert kinds == ["relation"]
        ids = {decode_event(row.body).id for row in kept.ledger.store.events()}
        assert all(set(flag.evidence) <= ids for flag in flags)
    kept.ledger.close()


def test_planted_purchases_of_a_city_are_found(tmp_path: Path) -> None:
    """A year of the demo, followed by the month: every ring and split, rows as rebuilt."""
    truth: list[bytes] = []
    city = City(DEMO, b"flags of procurement", truth.append)
    clock = SimulatedClock(city.genesis.recorded_ms)
    first = city.genesis.statements[0]
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with (
        create_ledger(url, first, city.ledger_signer, clock) as ledger,
        open_projections(ledger.store) as projections,
    ):
        for number, _ in enumerate(islice(play(city, ledger, clock), DAYS)):
            if number % 30 == 0:
                projections.follow(*MODELS)
        projections.follow(*MODELS)
        flags = list_flags(projections).items
        assert deep_check(projections, "flags").count == 0
    planted = [json.loads(line) for line in truth]
    for rule, label in (("f24", "split_purchase"), ("f28", "bid_ring")):
        evidence = {event for flag in flags if flag.rule == rule for event in flag.evidence}
        labelled = {each["event"] for each in planted if each["label"] == label}
        assert labelled
        assert labelled <= evidence
