"""Order files over HTTP and in the portal: for finance and the treasury."""

from collections.abc import Iterator

import needs
import pytest
from city_readers import Readers, events_of
from doors import Door, open_door
from lxml import etree
from starlette.testclient import TestClient
from world import World

from api.http.service import Service
from ledger.events import decode_event
from ledger.events.advance import AdvanceOrdered
from ledger.events.payment import PaymentOrdered


def test_an_order_file_is_downloaded_by_whoever_pays(
    client: TestClient, service: Service, readers: Readers
) -> None:
    """By file and by payment it is the same, and valid by the published schema."""
    headers = readers.sign_in(client, "finance")
    ordered = events_of(service, PaymentOrdered)[0]
    answers = [
        client.get(f"/v1/exports/pain001.xml?{asked}", headers=headers)
        for asked in (f"message={ordered.message_id}", f"payment={ordered.payment}")
    ]
    assert answers[0].content == answers[1].content
    assert answers[0].headers["Cache-Control"] == "no-store"
    document = etree.fromstring(answers[0].content)
    schema = needs.data("iso20022/xsd/pain.001.001.09.xsd")
    assert etree.XMLSchema(etree.parse(schema)).validate(document)
    amount = document.findtext(".//{*}GrpHdr/{*}CtrlSum")
    interest_fen = ordered.interest_fen or 0
    fen = ordered.principal_fen + interest_fen
    assert amount == f"{fen // 100}.{fen % 100:02}"
    assert document.findtext(".//{*}EndToEndId") == ordered.payment


@pytest.fixture
def door(database_url: str) -> Iterator[Door]:
    """Open a ledger in which the advance `v-1` is with the bank."""
    world = World.contracted(advance_ppm=200_000)
    world.do(world.make(AdvanceOrdered, advance="v-1", contract="c-1", amount_fen=24_000))
    with open_door(database_url, world) as found:
        yield found


def test_the_order_file_of_an_advance_is_downloaded_by_its_name(door: Door) -> None:
    """As that of a payment is; the name of no advance is not found, and nobody else gets it."""
    headers = door.sign_in("TRE/one")
    (listed,) = door.client.get("/v1/exports/pain001", headers=headers).json()["items"]
    assert (listed["payments"], listed["waiting"], listed["amount_fen"]) == (1, 1, 24_000)
    asked = "/v1/exports/pain001.xml?payment=advance/v-1"
    document = etree.fromstring(door.client.get(asked, headers=headers).content)
    assert document.findtext(".//{*}EndToEndId") == "advance/v-1"
    assert document.findtext(".//{*}InstdAmt") == "240.00"
    assert door.client.get(f"{asked}0", headers=headers).status_code == 404
    assert (
        door.client.get("/v1/exports/pain001.xml?payment=v-1", headers=headers).status_code == 404
    )
    assert door.client.get(asked, headers=door.sign_in("PRO/one")).status_code == 404


def test_the_portal_links_the_order_file_of_an_advance(door: Door) -> None:
    """In the list of those that wait, and at the event by which it was ordered."""
    (event,) = [row for row in door.kept.ledger.store.events() if row.type == "advance.ordered"]
    page = f"/en/events/{decode_event(event.body).id}"
    for key, sees in (("FIN/one", True), ("TRE/one", True), ("PRO/one", False)):
        headers = door.sign_in(key)
        shown = door.client.get(page, headers=headers).text
        assert ("/v1/exports/pain001.xml?payment=advance/v-1" in shown) == sees
        listed = door.client.get("/en/payments", headers=headers).text
        assert ("/v1/exports/pain001.xml?message=MSG-1" in listed) == sees


def test_every_order_file_is_listed_page_by_page(
    client: TestClient, service: Service, readers: Readers
) -> None:
    """Those that wait, or all that there ever were."""
    headers = readers.sign_in(client, "finance")
    found, after = [], ""
    while True:
        asked = f"/v1/exports/pain001?answered=true&limit=7{after}"
        page = client.get(asked, headers=headers).json()
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    messages = {event.message_id for event in events_of(service, PaymentOrdered)}
    assert [each["message_id"] for each in found] == list(
        dict.fromkeys(event.message_id for event in events_of(service, PaymentOrdered))
    )
    assert len(found) == len(messages)
    waiting = client.get("/v1/exports/pain001?limit=1000", headers=headers).json()["items"]
    assert waiting == [each for each in found if each["waiting"]]


def test_what_is_asked_unclearly_is_told(client: TestClient, readers: Readers) -> None:
    """Neither a message nor a payment, or both."""
    headers = readers.sign_in(client, "finance")
    for asked in ("", "?message=a&payment=b"):
        assert client.get(f"/v1/exports/pain001.xml{asked}", headers=headers).status_code == 400
    assert client.get("/v1/exports/pain001.xml").status_code == 404


def test_the_portal_shows_order_files_to_whom_they_are_for(
    client: TestClient, service: Service, readers: Readers
) -> None:
    """The list beside the payments, and the link at each payment; nobody else sees either."""
    ordered = events_of(service, PaymentOrdered)[0]
    for who, sees in (("finance", True), ("treasury", True), ("auditor", False), ("public", False)):
        headers = readers.sign_in(client, who)
        listed = client.get("/en/payments", headers=headers).text
        assert ('id="order-files"' in listed) == sees
        one = client.get(f"/en/payments/{ordered.payment}", headers=headers).text
        assert (f"/v1/exports/pain001.xml?payment={ordered.payment}" in one) == sees
