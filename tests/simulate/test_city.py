"""The simulated city: same seed, same bytes; lawful to the last act; and labelled truth."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ledger.app import Ledger, create_ledger
from ledger.drafting import sign_statement
from ledger.errors import LedgerError
from ledger.events import Event, decode_event, type_of
from ledger.events.bid import BidRevealed, BidSealed
from ledger.events.contract import ContractSigned
from ledger.events.delivery import BeneficiaryExited, VisitConfirmed, VisitDenied, VisitRecorded
from ledger.events.parties import PartyRegistered
from ledger.events.rulebook import PriceCapped
from ledger.events.tender import TenderPublished
from ledger.identity import Ids, Stream
from ledger.policy import Policy
from ledger.replay.database import DatabaseSource
from ledger.replay.verifying import verify
from ledger.simulate.agenda import SimulatedClock
from ledger.simulate.cast import AUTHORITY, identifier_of
from ledger.simulate.city import City
from ledger.simulate.playing import DAYS, Day, play
from ledger.simulate.scale import CITY, DEMO, UNIT_MINUTES, scale_of
from ledger.store.store import open_store
from ledger.times import format_instant, local_date, parse_instant

KINDS = {
    "above_cap",
    "after_death",
    "bid_ring",
    "billed_twice",
    "borrowed_name",
    "double_funding",
    "ghost",
    "impossible_travel",
    "overlap",
    "overlong_day",
    "proxy",
    "rubber_stamp",
    "split_purchase",
    "two_workers",
}
"""Every kind of case that is planted."""
COMES_ABOUT = {"bounced", "cut", "disputed", "rejected", "unanswered"}
"""What is labelled because it happened."""


class Year(NamedTuple):
    """A year that was played: where, and what it left."""

    url: str
    policy: Policy
    root: bytes
    labels: list[dict[str, Any]]
    events: dict[str, Event]
    days: list[Day]


def _play(folder: Path, seed: bytes, days: int = DAYS) -> Year:
    url = f"sqlite:///{folder / 'ledger.db'}"
    truth: list[bytes] = []
    city = City(DEMO, seed, truth.append)
    clock = SimulatedClock(city.genesis.recorded_ms)
    with create_ledger(url, city.genesis.statements[0], city.ledger_signer, clock) as ledger:
        played = list(islice(play(city, ledger, clock), days))
        first = ledger.store.statement(0)
        assert first is not None
        events = [decode_event(row.body) for row in ledger.store.events()]
        root = ledger.store.checkpoint() or b""
    return Year(
        url,
        Policy.of(city.ledger_signer.verifier, first.leaf),
        root.split(b"\n")[2],
        [json.loads(line) for line in truth],
        {event.id: event for event in events},
        played,
    )


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    """Play the demo's year once for the tests of this file."""
    return _play(tmp_path_factory.mktemp("year"), b"demo")


@pytest.fixture(scope="module")
def visits(year: Year) -> list[VisitRecorded]:
    """Give the visits of the year, in the order in which they were recorded."""
    return [event for event in year.events.values() if isinstance(event, VisitRecorded)]


def _labelled(year: Year, kind: str) -> Iterator[tuple[Any, dict[str, Any]]]:
    for label in year.labels:
        if label["label"] == kind:
            yield year.events[label["event"]], label


def _minutes(visit: VisitRecorded) -> tuple[int, int]:
    return parse_instant(visit.started_at) // 60_000, parse_instant(visit.ended_at) // 60_000


# -- the same, and lawful ----------------------------------------------------------------------


def test_the_same_seed_gives_the_same_root(year: Year, tmp_path: Path) -> None:
    """Statements, recorded times, root and truth follow from the seed, to the byte."""
    again = _play(tmp_path, b"demo")
    assert again.root == year.root
    assert again.labels == year.labels


def test_another_seed_gives_another_city(year: Year, tmp_path: Path) -> None:
    """Not a key, an id or a root is shared."""
    other = _play(tmp_path, b"other", days=12)
    assert other.events
    assert not other.events.keys() & year.events.keys()
    assert other.policy != year.policy


def test_the_whole_year_verifies(year: Year) -> None:
    """Every signature, rule, balance and closing is judged again, and no clock was missed."""
    with open_store(year.url) as store:
        report = verify(DatabaseSource(store), year.policy)
    assert report.verdict == "OK"
    assert report.overdue is None
    assert report.events == year.days[-1].events
    types = Counter(map(type_of, year.events.values()))
    assert types["ledger.closed"] == sum(day.closed for day in year.days) == 14


def test_the_year_has_what_the_demo_promises(year: Year) -> None:
    """Tenders with sealed bids, three contracts, some 2,000 visits, and what can go wrong."""
    types = Counter(map(type_of, year.events.values()))
    assert types["contract.signed"] == 3
    assert types["contract.closed"] == 1
    assert 1_800 <= types["visit.recorded"] <= 2_200
    assert types["bid.revealed"] == types["bid.sealed"] > 3
    for kind in ("contract.amended", "payment.rejected", "payment.bounced", "interest.accrued"):
        assert types[kind] > 0, kind
    assert types["claim.deemed_accepted"] == 1
    for kind in ("claim.agreed", "dispute.ruled", "dispute.settled", "deduction.applied"):
        assert types[kind] > 0, kind
    contracts = [event for event in year.events.values() if isinstance(event, ContractSigned)]
    assert max(len(contract.lines) for contract in contracts) == 3


def test_recorded_runs_through_the_year(year: Year) -> None:
    """From the winter's tenders to the last evening of 2025, and never back."""
    with open_store(year.url) as store:
        times = [row.recorded_ms for row, _ in store.entries(0)]
    assert times == sorted(times)
    assert local_date(times[0], 480) == "2024-11-18"
    assert local_date(times[-1], 480) == "2025-12-31"


def test_a_refused_act_is_told_and_stops_the_year(tmp_path: Path) -> None:
    """Where the law refuses an act, it is named with its time: the city does not go on."""
    city = City(DEMO, b"demo", lambda _line: None)
    clock = SimulatedClock(city.genesis.recorded_ms)
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    with create_ledger(url, city.genesis.statements[0], city.ledger_signer, clock) as ledger:
        _register_the_registry_first(city, ledger, clock.now_ms())
        with pytest.raises(LedgerError, match=r"2024-11-18T02:.*party\.registered.*identifier"):
            list(play(city, ledger, clock))


def _register_the_registry_first(city: City, ledger: Ledger, now_ms: int) -> None:
    """Take the number that the city will want to give to its registry."""
    (key,) = (key for key in city.keys if key.name.startswith(AUTHORITY))
    ids = Ids(Stream(b"first"))
    registered = PartyRegistered(
        v=1,
        id=ids.event_id(now_ms),
        salt=ids.salt(),
        at=format_instant(now_ms),
        party="another",
        names={"en": "Another"},
        identifier=identifier_of("lushan-registry"),
        kind="institution",
    )
    ledger.submit(sign_statement([registered], city.origin, now_ms, [key.signer]))


# -- labelled truth ----------------------------------------------------------------------------


def test_every_kind_is_planted_and_its_events_are_in_the_ledger(year: Year) -> None:
    """The smallest city has every kind of case; each label names events that were admitted."""
    assert {label["label"] for label in year.labels} == KINDS | COMES_ABOUT
    for label in year.labels:
        assert label["event"] in year.events
        assert label.get("other", label["event"]) in year.events


def test_workers_are_in_two_places_only_where_that_is_planted(
    year: Year, visits: list[VisitRecorded]
) -> None:
    """Any two visits of a worker that overlap are an overlap, or one visit billed twice."""
    of_worker: defaultdict[str, list[VisitRecorded]] = defaultdict(list)
    for visit in visits:
        of_worker[visit.worker].append(visit)
    found = set()
    for mine in of_worker.values():
        mine.sort(key=lambda visit: visit.started_at)
        for first, second in pairwise(mine):
            if _minutes(second)[0] + 5 < _minutes(first)[1]:
                found.add(frozenset((first.id, second.id)))
    planted = {event.id for event, _ in _labelled(year, "overlap")}
    again = {
        frozenset((event.id, label["other"])) for event, label in _labelled(year, "billed_twice")
    }
    assert all(pair & planted or pair in again for pair in found)
    assert len([pair for pair in found if pair & planted]) >= len(planted)


def test_what_is_wrong_with_a_visit_shows_in_it(year: Year, visits: list[VisitRecorded]) -> None:
    """Each labelled visit has the mark of its kind."""
    exits = {e.beneficiary: e for e in year.events.values() if isinstance(e, BeneficiaryExited)}
    devices: defaultdict[tuple[str | Any, str], set[str]] = defaultdict(set)
    for visit in visits:
        devices[visit.device, visit.started_at[:10]].add(visit.worker)
    for visit, _ in _labelled(year, "ghost"):
        assert visit.capture == "manual"
    for visit, _ in _labelled(year, "borrowed_name"):
        assert len(devices[visit.device, visit.started_at[:10]]) > 1
    for visit, _ in _labelled(year, "overlong_day"):
        assert _minutes(visit)[1] - _minutes(visit)[0] > 10 * 60
    for visit, _ in _labelled(year, "impossible_travel"):
        assert visit.place.cell == "wx4g0"
    for visit, _ in _labelled(year, "after_death"):
        assert visit.started_at[:10] >= exits[visit.beneficiary].effective
    for visit, _ in _labelled(year, "two_workers"):
        assert any(
            other.worker != visit.worker
            and other.beneficiary == visit.beneficiary
            and other.started_at[:10] == visit.started_at[:10]
            for other in visits
        )


def test_days_and_durations_are_right_where_nothing_is_planted(
    year: Year, visits: list[VisitRecorded]
) -> None:
    """No visit is shorter than four fifths of its units, no day beyond ten hours or 8 visits."""
    overlong = {
        (event.worker, event.started_at[:10]) for event, _ in _labelled(year, "overlong_day")
    }
    again = {event.id for event, _ in _labelled(year, "billed_twice")}
    days: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for visit in visits:
        lasted_ms = parse_instant(visit.ended_at) - parse_instant(visit.started_at)
        assert lasted_ms * 10 >= visit.units * UNIT_MINUTES * 60_000 * 8
        if visit.id not in again:
            days[visit.worker, visit.started_at[:10]].append(lasted_ms)
    for day, lasted in days.items():
        assert len(lasted) <= 8
        assert (sum(lasted) > 10 * 3_600_000) == (day in overlong)


def test_only_a_ring_asks_the_same(year: Year) -> None:
    """Two bids of one price for a lot are in the tender that is labelled."""
    ((ring, _),) = _labelled(year, "bid_ring")
    lots = {e.bid: (e.tender, e.lot) for e in year.events.values() if isinstance(e, BidSealed)}
    prices: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for event in year.events.values():
        if isinstance(event, BidRevealed):
            prices[lots[event.bid]].append(event.prices.value_fen)
    same = {tender for (tender, _), asked in prices.items() if len(set(asked)) < len(asked)}
    assert same == {ring.tender}


def test_what_is_paid_twice_is_one_service(year: Year) -> None:
    """Billed twice is one visit under two ids; funded twice one time under two programmes."""
    for event, label in _labelled(year, "billed_twice"):
        first = year.events[label["other"]]
        assert isinstance(first, VisitRecorded)
        same = ("beneficiary", "service", "started_at", "worker", "contract")
        assert all(getattr(event, name) == getattr(first, name) for name in same)
    for event, label in _labelled(year, "double_funding"):
        other = year.events[label["other"]]
        assert isinstance(other, VisitRecorded)
        assert event.started_at[:16] == other.started_at[:16]
        assert (event.service, event.units) == (other.service, other.units)
        assert event.contract != other.contract
        assert event.beneficiary != other.beneficiary


def test_offices_are_caught_by_their_devices_and_their_haste(year: Year) -> None:
    """One telephone speaks for five people in half an hour; a stamp falls every second."""
    proxies = [event for event, _ in _labelled(year, "proxy")]
    assert len({event.device for event in proxies}) == len(proxies) // 5
    first, last = min(e.at for e in proxies[:5]), max(e.at for e in proxies[:5])
    assert parse_instant(last) - parse_instant(first) < 30 * 60_000
    ((stamped, _),) = _labelled(year, "rubber_stamp")
    said = [e for e in year.events.values() if isinstance(e, VisitConfirmed | VisitDenied)]
    place = said.index(stamped)
    gaps = [
        parse_instant(later.at) - parse_instant(before.at)
        for before, later in pairwise(said[place : place + 10])
    ]
    assert gaps == [1_000] * 9


def test_purchases_are_caught_by_their_terms(year: Year) -> None:
    """The halves of a split are of one line and service; what is above a cap was signed before."""
    halves = [event for event, _ in _labelled(year, "split_purchase")]
    assert all(isinstance(half, TenderPublished) and half.method != "open" for half in halves)
    assert len({(half.lots[0].service, half.lots[0].lines[0].line) for half in halves}) == 1
    contracts = {e.contract: e for e in year.events.values() if isinstance(e, ContractSigned)}
    for capped, label in _labelled(year, "above_cap"):
        assert isinstance(capped, PriceCapped)
        contract = contracts[label["contract"]]
        rates = {item.service: item.rate_fen for item in contract.items}
        assert rates[capped.code] > capped.cap_fen
        assert contract.id < capped.id


# -- scales ------------------------------------------------------------------------------------


def test_scales_are_named_or_factors() -> None:
    """`demo`, `city`, and any factor between a thousandth and ten; a small city lacks nothing."""
    assert scale_of("1")._replace(name="city") == scale_of("city") == CITY
    assert scale_of("demo") == DEMO
    fiftieth = scale_of("0.02")
    assert (fiftieth.elders, fiftieth.contracts, fiftieth.districts) == (300, 3, 2)
    assert scale_of("1/50")._replace(name="0.02") == fiftieth


@pytest.mark.parametrize("text", ["", "village", "0", "-1", "11", "0.0001", "nan"])
def test_what_is_no_scale_is_refused(text: str) -> None:
    """Neither a name nor a factor that makes sense."""
    with pytest.raises(ValueError, match=r"factor|literal|Fraction"):
        scale_of(text)
