"""Red flags and the log on pages: what the documents say, to those that it is for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from city_readers import Readers, events_of
from fastapi import Request
from flags.conspicuous import conspicuous_city
from histories import keep
from starlette.testclient import TestClient

from api.application import routed
from api.http.questions import Question, ask
from api.http.service import Service
from api.portal.events import field_of, fields_of
from api.portal.teller import PageTeller
from api.rights import PUBLIC, Reader
from api.text import Language
from ledger.events.delivery import VisitRecorded
from ledger.events.payment import PaymentOrdered
from ledger.events.supervision import FlagRaised, FlagReleased, FlagResolved
from projections.catalogue import open_projections

AUDITOR = Reader("AUD", "AUD/one", frozenset({"auditor"}))
REVIEWER = Reader("REV", "REV/one", frozenset({"reviewer"}))
HOSTILE = "<script>alert(1)</script>"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Give a ledger with a flag that is public (fl-1) and one that is not (fl-2)."""
    world = conspicuous_city()
    evidence = [world.last["interest.waived"]]
    for number in (1, 2):
        made = {"flag": f"fl-{number}", "rule": "flag/f45@1", "about": {"party": "PRO"}}
        world.do(world.make(FlagRaised, **made, evidence=evidence))
    world.do(world.make(FlagResolved, flag="fl-1"))
    world.do(world.make(FlagReleased, flag="fl-1"))
    folder: Path = tmp_path_factory.mktemp("flagged")
    kept = keep(f"sqlite:///{folder / 'ledger.db'}", world)
    with (
        kept.ledger,
        open_projections(kept.ledger.store) as projections,
        Service(kept.ledger.store, projections) as service,
    ):
        yield service


def _as(service: Service, reader: Reader) -> TestClient:
    """Return a client that is known as `reader`."""
    app = routed(service)

    async def asked(request: Request) -> Question:
        request.state.reader = reader
        return Question(request, service, reader)

    app.dependency_overrides[ask] = asked
    return TestClient(app)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_public_flag_shows_its_evidence(flagged: Service, language: Language) -> None:
    """The rule, the thresholds in force, and what it rests on in words with a link."""
    client = _as(flagged, PUBLIC)
    listed = client.get(f"/{language}/flags").text
    assert "fl-1" in listed
    assert "fl-2" not in listed
    page = client.get(f"/{language}/flags/fl-1").text
    found = client.get(f"/{language}/flags/fl-1.json").json()
    assert found["rule"]["titles"][language] in page
    assert found["flag"]["evidence"] == [e["event_id"] for e in found["evidence"]["events"]]
    for event in found["evidence"]["events"]:
        assert f'/{language}/events/{event["event_id"]}"' in page
    assert "flags/cases" not in listed


def test_a_flag_that_is_not_public_is_for_those_that_supervise(flagged: Service) -> None:
    """The public is told of none; a reviewer sees flags, an auditor the cases too."""
    assert _as(flagged, PUBLIC).get("/en/flags/fl-2").status_code == 404
    assert _as(flagged, PUBLIC).get("/en/flags/cases").status_code == 404
    assert _as(flagged, REVIEWER).get("/en/flags/fl-2").status_code == 200
    assert _as(flagged, REVIEWER).get("/en/flags/cases").status_code == 404
    auditor = _as(flagged, AUDITOR)
    assert "fl-2" in auditor.get("/en/flags").text
    assert auditor.get("/en/flags/cases?rule=f99").status_code == 404
    page, found = auditor.get("/en/flags/cases").text, auditor.get("/en/flags/cases.json").json()
    assert found["items"]
    for each in found["items"]:
        address = f"/en/flags/cases/{each['case']['flagged']}"
        assert f'href="{address}"' in page
        shown = auditor.get(address)
        assert shown.status_code == 200
        assert each["sentences"]["en"] in shown.text.replace("&#39;", "'")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_stands_with_its_thresholds(client: TestClient, language: Language) -> None:
    """All rules, each with its thresholds in force."""
    page = client.get(f"/{language}/flags/rules").text
    found = client.get(f"/{language}/flags/rules.json").json()
    for rule in found["rules"]:
        assert f'id="{rule["rule"]}"' in page
        assert all(f"<code>{name}</code>" in page for name in rule["thresholds"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_log_shows_its_checkpoint_and_statements(
    client: TestClient, service: Service, language: Language
) -> None:
    """Size and root are those of the signed checkpoint; the pages reach the first statement."""
    page = client.get(f"/{language}/log")
    assert page.headers["Cache-Control"] == "no-store"
    found = client.get(f"/{language}/log.json").json()
    size = service.store.head().size
    assert found["newest"]["size"] == found["size"] == size
    assert found["newest"]["root"] in page.text
    assert found["cosigned"] is None
    last, before = client.get(f"/{language}/log.json?before=30").json(), found["next"]
    assert before == size - 30
    assert [each["index"] for each in last["statements"]] == list(range(29, -1, -1))
    assert last["next"] is None


def test_a_statement_shows_what_is_for_the_reader(
    client: TestClient, service: Service, readers: Readers
) -> None:
    """Of visits the public reads the hash that was signed; a side of the contract a sentence."""
    visit = next(e for e in events_of(service, VisitRecorded) if e.contract == readers.contract)
    row = service.store.statement_of_event(bytes.fromhex(visit.id.replace("-", "")))
    assert row is not None
    path = f"statements/{row.index}"
    public = client.get(f"/en/{path}")
    withheld = client.get(f"/en/{path}.json").json()["withheld"]
    assert withheld
    assert visit.beneficiary not in public.text
    assert all(each["leaf"] in public.text for each in withheld)
    assert f"/v1/{path}/proof" in public.text
    assert f"/v1/{path}.stmt" not in public.text
    side = client.get(f"/en/{path}", headers=readers.sign_in(client, "party"))
    assert visit.beneficiary in side.text
    assert f"/en/events/{visit.id}" in side.text
    assert f"/v1/{path}.stmt" in side.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_event_shows_all_of_it(client: TestClient, service: Service, language: Language) -> None:
    """Its sentence, every field told, who signed, the money moved, what it rests on and bears."""
    say = PageTeller(language)
    ordered = events_of(service, PaymentOrdered)[0]
    page = client.get(f"/{language}/events/{ordered.id}").text
    found = client.get(f"/{language}/events/{ordered.id}.json").json()
    assert say.sentence(ordered, "CNY") in page
    for field in fields_of(ordered, say, "CNY"):
        assert f"<code>{field.name}</code>" in page
        assert field.told in page
    for posting in found["event"]["posted"]:
        assert say.money(posting["amount_fen"], "CNY") in page
    assert found["event"]["posted"]
    assert [each["type"] for each in found["rests_on"]["events"]] == ["payment.approved"]
    assert "payment.settled" in {each["type"] for each in found["bears"]["events"]}
    assert f"/v1/events/{ordered.id}/proof" in page


def test_a_field_is_told_by_what_it_means() -> None:
    """Amounts, rates, dates, times and codes in words; what is empty as nothing; text as it is."""
    say = PageTeller("en")
    told = {
        ("amount_fen", 123456): "CN¥1,234.56",
        ("factor_ppm", 950_000): "95%",
        ("value_date", "2025-03-01"): "1 Mar 2025",
        ("since", "2025-03-01T00:00:00.000Z"): "1 Mar 2025, 08:00:00",
        ("reason", "PLACE_UNVERIFIED"): "the place is not verified",
        ("sme", True): "yes",
        ("title", HOSTILE): HOSTILE,
    }
    for (name, value), expected in told.items():
        assert field_of(name, value, say, "CNY").told == expected
    assert field_of("cuts", [], say, "CNY").told == "–"
    nested = field_of("claims", ["c-1"], say, "CNY")
    assert nested.parts[0].place == "claims"
