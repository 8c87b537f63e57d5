"""Exported packages before the official checker, and what every release promises."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from bidding import CLOSES, awarded, tendered
from exported import PUBLICATION, own_processes, processes_of, write_packages
from histories import busy_city, keep, report, unusual_contract
from official import Verdict, judge
from world import World

from api.rights import AUDIENCES, Audience
from ledger.events.parties import PartyUpdated
from ledger.events.rulebook import ServiceCatalogued
from ledger.events.tender import TenderAmended
from ledger.times import MS_PER_DAY, format_instant, parse_instant
from projections.catalogue import open_projections
from projections.engine import Projections
from projections.ocds.extensions import OWN_PATH
from projections.ocds.releases import TYPES

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
CLEAN = Verdict({}, [], {})


def test_every_package_of_a_demo_city_passes_the_official_checker(
    city: Projections, tmp_path: Path
) -> None:
    """Release package, records with their releases, records that link to them: no finding."""
    files = write_packages(city, processes_of(city), tmp_path)
    assert dict(zip(files, judge(files.values()), strict=True)) == dict.fromkeys(files, CLEAN)


def _amended() -> World:
    world = busy_city()
    unusual_contract(world)
    return world


@pytest.mark.parametrize("made", [_amended, awarded])
def test_whatever_happens_to_a_process_passes_the_official_checker(
    database_url: str, tmp_path: Path, made: Callable[[], World]
) -> None:
    """Amendments, suspensions, later years, closings, sealed bids: on both databases."""
    kept = keep(database_url, made())
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        files = write_packages(projections, own_processes(projections), tmp_path)
    assert dict(zip(files, judge(files.values()), strict=True)) == dict.fromkeys(files, CLEAN)


def test_a_process_never_has_two_releases_of_one_date(city: Projections) -> None:
    """Dates are UTC, of one width, rise with positions, and links say which event is told."""
    found = processes_of(city)
    assert len(found) == len({process.ocid for process in found})
    for process in found:
        dates = [release["date"] for release in process.releases]
        assert dates == sorted(set(dates))
        assert all(DATE.fullmatch(date) for date in dates)
        positions = [release["ledgerEvent"]["position"] for release in process.releases]
        assert positions == sorted(set(positions))
        for release in process.releases:
            event = release["ledgerEvent"]
            assert release["id"] == event["id"]
            proof = f"{PUBLICATION.base}/v1/events/{release['id']}/proof"
            assert event["proof"] == proof
            assert city.feed.positions([event["id"]]) == {event["id"]: event["position"]}


def test_a_release_stays_what_it_was(database_url: str) -> None:
    """Whatever is renamed or catalogued later, to the byte; new events only add releases."""
    world = tendered()
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        before = [text for process in own_processes(projections) for text in process.texts]
        world.do(world.make(ServiceCatalogued, code="care"))
        world.do(world.make(PartyUpdated, party="BUY", names={"zh": "改名"}))
        closes = format_instant(parse_instant(CLOSES) + MS_PER_DAY)
        world.do(world.make(TenderAmended, tender="t-1", closes=closes))
        kept.catch_up()
        projections.follow()
        after = [text for process in own_processes(projections) for text in process.texts]
    assert before == after[: len(before)]
    assert len(after) == len(before) + 1


def test_a_process_of_ours_that_others_publish_again_is_told_once(database_url: str) -> None:
    """A portal repeats our releases and a reporter brings them in: its money is not doubled."""
    world = busy_city()
    kept = keep(database_url, world)
    with kept.ledger, open_projections(kept.ledger.store) as projections:
        projections.follow()
        before = processes_of(projections)
        own = before[0]
        release, text = own.releases[0], own.texts[0].decode()
        report(world, own.ocid, text, release_id=release["id"])
        report(world, "ocds-999999-t-c-1", text.replace(own.ocid, "ocds-999999-t-c-1"))
        kept.catch_up()
        projections.follow()
        found = processes_of(projections)
    others = [each.ocid for each in found if each.ocid not in {known.ocid for known in before}]
    assert others == ["ocds-999999-t-c-1"]
    assert len(found) == len(before) + 1


def test_only_what_is_public_is_told() -> None:
    """Of what is not for everybody only a revealed bid is, and that once all bids are in."""
    audiences = Counter(AUDIENCES[name] for name in TYPES)
    assert audiences.pop(Audience.BID) == 1
    assert set(audiences) == {Audience.PUBLIC}


def test_an_extension_is_declared_only_where_it_carries_a_fact(city: Projections) -> None:
    """A failed tender without bids needs fewer than a contract that was paid."""
    by_extensions = {process.ocid: process.extensions for process in processes_of(city)}
    own = f"{PUBLICATION.base}{OWN_PATH}"
    assert all(own in extensions for extensions in by_extensions.values())
    assert len({len(extensions) for extensions in by_extensions.values()}) > 1
    assert len(set().union(*by_extensions.values())) == 1 + 8
