"""Statements and events as they are stored, and a contract's timeline, for those they are for."""

from collections import Counter
from typing import Any

import bidding
import pytest
from city_readers import Readers, events_of
from doors import Door, open_door
from starlette.testclient import TestClient
from world import World

from api.http.service import Service
from api.rights import AUDIENCES, Audience
from ledger.drafting import check_events
from ledger.events import decode_event
from ledger.events.contract import ContractSigned
from ledger.events.delivery import CareplanAgreed, VisitRecorded
from ledger.events.notice import NoticeGiven
from ledger.events.supervision import FlagRaised, FlagReleased, FlagResolved, GrievanceFiled
from ledger.merkle import leaf_hash, root_of
from ledger.statement import decode_statement_file, parse_statement

PUBLIC_TYPES = {name for name, whose in AUDIENCES.items() if whose is Audience.PUBLIC}
VISITS = {"visit.recorded", "visit.corrected", "visit.confirmed", "visit.denied"}


def test_a_statement_is_served_byte_for_byte(client: TestClient, service: Service) -> None:
    """The file verifies as its signers made it; the entry is what the log hashes."""
    for index in (0, 20):
        stored = service.store.statement(index)
        assert stored is not None
        file = client.get(f"/v1/statements/{index}.stmt")
        assert file.headers["Content-Type"].startswith("text/vnd.sunledger.statement")
        note, bodies = decode_statement_file(file.content)
        assert note == stored.note
        assert check_events(parse_statement(note), bodies)
        shown = client.get(f"/v1/statements/{index}").json()
        assert shown == client.get(f"/v1/statements/{stored.id.hex()}").json()
        entry = f"recorded {shown['recorded']}\n{shown['note']}".encode()
        assert leaf_hash(entry) == stored.leaf
        assert [event["body"].encode() for event in shown["events"]] == list(bodies)
        assert shown["withheld"] == 0


def test_of_what_is_withheld_stands_the_leaf(
    client: TestClient, service: Service, readers: Readers
) -> None:
    """Signers, time and number are public; the hashes give the root that was signed, no more."""
    visit = events_of(service, VisitRecorded)[0]
    stored = service.store.statement_of_event(bytes.fromhex(visit.id.replace("-", "")))
    assert stored is not None
    told = client.get(f"/v1/statements/{stored.index}")
    shown = told.json()
    assert shown["withheld"] == len(shown["events"]) == stored.event_count
    assert "visit" not in told.text
    assert visit.id not in told.text
    leaves = [bytes.fromhex(event["leaf"]) for event in shown["events"]]
    assert root_of(leaves) == parse_statement(stored.note).events_root
    mine = client.get(
        f"/v1/statements/{stored.index}", headers=readers.sign_in(client, "auditor")
    ).json()
    assert decode_event(mine["events"][0]["body"].encode()).id == visit.id
    assert [event["leaf"] for event in mine["events"]] == [e["leaf"] for e in shown["events"]]


@pytest.mark.parametrize(
    "name", ["-1", "+1", "01", "1_0", " 1", "１", "1" * 40, "AB" * 32, "ab" * 31, "..%2f1", "x"]
)
def test_a_statement_has_one_spelling(client: TestClient, name: str) -> None:
    """What is no index and no id names nothing, however a lenient parser would read it."""
    assert client.get(f"/v1/statements/{name}").status_code == 404


def test_an_event_is_served_as_it_is_stored(client: TestClient, service: Service) -> None:
    """Its body is the bytes that were signed; money and signers stand beside."""
    signed = events_of(service, ContractSigned)[0]
    found = client.get(f"/v1/events/{signed.id}").json()
    stored = service.store.event(bytes.fromhex(signed.id.replace("-", "")))
    assert stored is not None
    assert found["body"].encode() == stored.body
    assert found["event"]["event"]["contract"] == signed.contract
    assert {each["party"] for each in found["event"]["signers"]} == {signed.buyer, signed.provider}
    assert found["event"]["posted"]
    for name in (signed.id.upper(), signed.id.replace("-", ""), f"{{{signed.id}}}", "x"):
        assert client.get(f"/v1/events/{name}").status_code == 404


def types_of(client: TestClient, contract: str, headers: dict[str, str], **asked: Any) -> list[str]:
    """Return the types of a contract's timeline, read to the end."""
    found: list[str] = []
    after = None
    while True:
        page = client.get(
            f"/v1/contracts/{contract}/timeline",
            params=asked | ({} if after is None else {"after": after}),
            headers=headers,
        ).json()
        found += [each["type"] for each in page["items"]]
        after = page["next"]
        if after is None:
            return found


@pytest.mark.parametrize("newest", [False, True])
def test_a_timeline_holds_what_is_for_the_reader(
    client: TestClient, service: Service, readers: Readers, *, newest: bool
) -> None:
    """The public sees money and decisions; the sides see people's part too, visits when asked."""
    contract = readers.contract
    history = [row.type for row in service.store.history(f"contract/{contract}")]
    everything = Counter(history)
    assert VISITS - {"visit.corrected"} < set(everything)
    public = Counter(name for name in history if name in PUBLIC_TYPES)
    unvisited = Counter(name for name in history if name not in VISITS)
    assert public < unvisited < everything
    asked = {"limit": 17, "newest": newest}
    for who in ("public", "operator", "other"):
        headers = readers.sign_in(client, who)
        for visits in (False, True):
            assert Counter(types_of(client, contract, headers, visits=visits, **asked)) == public
    for who in ("party", "purchaser", "finance", "auditor"):
        headers = readers.sign_in(client, who)
        assert Counter(types_of(client, contract, headers, **asked)) == unvisited
    headers = readers.sign_in(client, "party")
    seen = types_of(client, contract, headers, visits=True, limit=1000, newest=newest)
    assert Counter(seen) == everything


def test_a_party_reads_of_people_what_it_does_for_them(
    client: TestClient, service: Service, readers: Readers
) -> None:
    """Lists hold those that a party cares for; a person's file its own plans and visits."""
    plans = events_of(service, CareplanAgreed)
    signed = {event.contract: event.provider for event in events_of(service, ContractSigned)}
    for who, provider in (("party", readers.party), ("other", readers.other)):
        headers = readers.sign_in(client, who)
        page = client.get("/v1/beneficiaries?limit=1000", headers=headers).json()
        own = {plan.beneficiary for plan in plans if signed[plan.contract] == provider}
        assert {each["beneficiary"] for each in page["items"]} == own
    everybody = client.get(
        "/v1/beneficiaries?limit=1000", headers=readers.sign_in(client, "finance")
    ).json()
    assert {plan.beneficiary for plan in plans} <= {e["beneficiary"] for e in everybody["items"]}
    headers = readers.sign_in(client, "party")
    for plan in plans:
        if signed[plan.contract] == readers.party:
            file = client.get(f"/v1/beneficiaries/{plan.beneficiary}", headers=headers).json()
            told = {each["contract"] for each in (*file["plans"], *file["visits"])}
            assert {signed[contract] for contract in told} == {readers.party}


def test_a_purchaser_reads_what_its_own_keys_did(client: TestClient, readers: Readers) -> None:
    """Finance and auditors compare all keys; a purchaser sees its own."""
    headers = readers.sign_in(client, "purchaser")
    own = client.get("/v1/approvers?limit=1000", headers=headers).json()["items"]
    assert {each["party"]["id"] for each in own} == {"lushan-civil-affairs"}
    headers = readers.sign_in(client, "auditor")
    all_of_them = client.get("/v1/approvers?limit=1000", headers=headers).json()["items"]
    assert len(all_of_them) > len(own)


def statuses(door: Door, event_id: str) -> dict[str, int]:
    """Return who gets which answer to an event."""
    found = {"public": door.status({}, path=f"/v1/events/{event_id}")}
    for party in ("PRO", "PR2", "BUY", "FIN", "AUD", "REV", "OPR"):
        headers = door.sign_in(f"{party}/one")
        found[party] = door.status(headers, path=f"/v1/events/{event_id}")
    return found


def test_a_flag_is_for_those_that_supervise_until_it_is_released(database_url: str) -> None:
    """Not even the party it is about reads it before; then everybody does."""
    world = World.contracted()
    raised = world.make(FlagRaised)
    world.do(raised)
    with open_door(database_url, world) as door:
        seen = statuses(door, raised.id)
        assert {who for who, status in seen.items() if status == 200} == {"FIN", "AUD", "REV"}
        world.do(world.make(FlagResolved))
        door.follow()
        assert statuses(door, raised.id) == seen
        world.do(world.make(FlagReleased))
        door.follow()
        assert set(statuses(door, raised.id).values()) == {200}


def test_what_a_bid_asks_is_shown_when_all_bids_are_in(database_url: str) -> None:
    """Until then the bidder reads its own; the others reveal without knowing it."""
    world = bidding.sealed({"PRO": 900, "PR2": 950})
    bidding.reveal(world, "PRO", 900)
    with open_door(database_url, world) as door:
        event_id = decode_event(_last_body(door)).id
        seen = statuses(door, event_id)
        assert {who for who, status in seen.items() if status == 200} == {"PRO", "FIN", "AUD"}
        bidding.reveal(world, "PR2", 950)
        door.follow()
        assert set(statuses(door, event_id).values()) == {200}


@pytest.mark.parametrize("event_type", [GrievanceFiled, NoticeGiven])
def test_an_accusation_is_for_both_sides_and_whoever_decides(
    database_url: str, event_type: Any
) -> None:
    """The public reads what came of it, not what was said of somebody."""
    world = World.contracted()
    event = world.make(event_type)
    world.do(event)
    with open_door(database_url, world) as door:
        seen = {who for who, status in statuses(door, event.id).items() if status == 200}
        assert seen == {"PRO", "BUY", "FIN", "AUD", "REV"}


def _last_body(door: Door) -> bytes:
    store = door.kept.ledger.store
    row = store.event_at(store.head().positions - 1)
    assert row is not None
    return row.body
