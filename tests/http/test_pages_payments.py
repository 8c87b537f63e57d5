"""Payments, claims, what is overdue, who takes part, tenders and search: pages show documents."""

import re
from itertools import pairwise
from typing import Any

import pytest
from starlette.testclient import TestClient

from api import codes
from api.http.service import Service
from api.portal.pictures import DAYS, days_to_payment
from api.portal.teller import PageTeller
from api.text import Language
from projections.providers import list_providers, provider

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def asked(client: TestClient, path: str, language: str = "en") -> tuple[str, dict[str, Any]]:
    """Return a page and its twin."""
    place, _, query = path.partition("?")
    page = client.get(f"/{language}{path}")
    twin = client.get(f"/{language}{place}.json?{query}")
    assert (page.status_code, twin.status_code) == (200, 200)
    assert page.headers["Sunledger-Position"] == twin.headers["Sunledger-Position"]
    return page.text, twin.json()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_payment_tells_where_the_money_is(client: TestClient, language: Language) -> None:
    """The steps done with time and event, what is still to come, and every fen of every sum."""
    _, listed = asked(client, "/payments")
    by_status = {each["status"]: each["payment"] for each in listed["items"]}
    assert len(by_status) > 1
    for status, name in by_status.items():
        _, of_status = asked(client, f"/payments?status={status}")
        assert {each["status"] for each in of_status["items"]} == {status}
        _check_payment(client, name, language)


def _check_payment(client: TestClient, name: str, language: Language) -> None:
    say = PageTeller(language)
    page, found = asked(client, f"/payments/{name}", language)
    happened = found["happened"]
    assert happened[0]["type"] == "payment.requested"
    assert [each["event"]["payment"] for each in happened] == [name] * len(happened)
    assert happened[-1]["position"] == found["file"]["payment"]["last_position"]
    for event in happened:
        assert say.time(event["recorded"]) in page
    waits_for = found["file"]["payment"]["waits_for"]
    assert say.code(codes.WAITS_TOLD, waits_for) in page
    for words in codes.AHEAD[waits_for]:
        assert say.tell(words) in page
    for owed in found["file"]["claims"]:
        assert f'/{language}/claims/{owed["claim"]["claim"]}"' in page
        for step in owed["steps"]:
            assert say.figure(step["amount_fen"], "CNY") in page
        changed = sum(step["change_fen"] for step in owed["steps"])
        assert changed == owed["claim"]["payable_fen"]
    assert f"/v1/payments/{name}/explain" in page


def test_a_payment_shows_its_own_events_only(client: TestClient) -> None:
    """Whatever else happened under the contract between them is left out."""
    _, listed = asked(client, "/payments?contract=c-2025-03")
    seen: list[int] = []
    for each in listed["items"]:
        _, found = asked(client, f"/payments/{each['payment']}")
        assert found["happened"][0]["position"] == each["first_position"]
        seen += [event["position"] for event in found["happened"]]
    assert len(seen) == len(set(seen))
    assert len(seen) > len(listed["items"])


@pytest.mark.parametrize(
    ("query", "held"),
    [
        ("", {}),
        ("status=&contract=&provider=", {}),
        ("contract=c-2025-03", {"contract": "c-2025-03"}),
        ("status=settled&contract=c-2025-02", {"contract": "c-2025-02", "status": "settled"}),
        ("provider=nobody", {"payment": "none"}),
        ("overdue=true", {"payment": "none"}),
    ],
)
def test_payments_are_found_by_what_is_asked(
    client: TestClient, query: str, held: dict[str, str]
) -> None:
    """Each filter narrows the list, an empty field does not."""
    everything = client.get("/v1/payments").json()["items"]
    expected = [each for each in everything if held.items() <= each.items()]
    page, found = asked(client, f"/payments?{query}")
    assert found["items"] == expected
    assert all(f'/en/payments/{each["payment"]}"' in page for each in expected)
    assert ("checked" in page) == ("overdue=true" in query)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_claim_shows_each_fen(client: TestClient, language: Language) -> None:
    """What was asked, cut and paid, by which events, and the payments that asked for it."""
    say = PageTeller(language)
    page, found = asked(client, "/claims/c-2025-01-2025-01", language)
    claim = found["claim"]
    for fen in (claim["claim_fen"], claim["cut_fen"], claim["payable_fen"], claim["paid_fen"]):
        assert say.money(fen, "CNY") in page
    for step in found["steps"]:
        assert say.date(step["day"]) in page
        assert say.signed(step["change_fen"], "CNY") in page or not step["change_fen"]
    assert all(f'/{language}/payments/{each}"' in page for each in found["payments"])
    assert "/proof" not in page.partition('id="proof"')[2]
    unpaid, _ = asked(client, "/claims/c-2025-01-2025-12")
    assert "/v1/claims/c-2025-01-2025-12/proof" in unpaid


@pytest.mark.parametrize("language", LANGUAGES)
def test_overdue_is_told_by_day(client: TestClient, language: Language) -> None:
    """Totals by buyer are those of the sums; another day has others; a day that is none is told."""
    say = PageTeller(language)
    page, found = asked(client, "/overdue?day=2025-10-31", language)
    assert found["items"]
    assert found["totals"][0]["principal_fen"] == sum(
        each["principal_fen"] for each in found["items"]
    )
    for each in found["items"]:
        assert say.date(each["due_on"]) in page
        assert say.figure(each["principal_fen"], "CNY") in page
        assert say.figure(each["interest_fen"], "CNY") in page
    assert say.figure(found["totals"][0]["interest_fen"], "CNY") in page
    assert 'value="2025-10-31"' in page
    _, before = asked(client, "/overdue?day=2025-01-31")
    assert before["items"] == []
    assert client.get("/en/overdue?day=2025-13-01").status_code == 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_provider_shows_its_figures(client: TestClient, language: Language) -> None:
    """Money, months, scores and contracts; the list has the same figures."""
    say = PageTeller(language)
    listed, all_of_them = asked(client, "/providers", language)
    assert len(all_of_them["items"]) == 3
    for each in all_of_them["items"]:
        name = each["provider"]["id"]
        page, found = asked(client, f"/providers/{name}", language)
        assert found["file"]["provider"] == each
        assert say.figure(each["paid_fen"], "CNY") in listed
        assert say.money(each["paid_fen"], "CNY") in page
        assert say.ppm(each["cut_ppm"]) in page
        for month in found["file"]["months"]:
            assert say.money(month["paid_fen"], "CNY") in page
        for score in found["file"]["scores"]:
            assert say.rate(score["total_ppm"]) in page
        for contract in found["contracts"]:
            assert f'/{language}/contracts/{contract["contract"]}"' in page


def test_every_payment_stands_in_the_histogram_once(service: Service) -> None:
    """The spans of days have no gap and count all payments."""
    assert all(low == high + 1 for (_, high), (low, _) in pairwise(DAYS))
    for each in list_providers(service.projections).items:
        assert each.provider.id is not None
        file = provider(service.projections, str(each.provider.id))
        assert file is not None
        drawn = days_to_payment("days", file.days, PageTeller("en"))
        assert sum(int(row[1]) for row in drawn.rows) == each.settled
    assert days_to_payment("days", (), PageTeller("en")).rows == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_party_shows_its_keys(client: TestClient, language: Language) -> None:
    """Roles in words, each key with its verifier key and since when, accounts."""
    say = PageTeller(language)
    page, found = asked(client, "/parties/yangguang-care", language)
    for key in found["keys"]:
        assert key["vkey"].replace("+", "&#43;") in page or key["vkey"] in page
        assert say.instant(key["from_ms"]) in page
    for role in found["roles"]:
        assert say.code(codes.ROLES, role["role"]) in page
    for account in found["accounts"]:
        assert account["account"] in page
    _, finance = asked(client, "/parties?role=finance")
    assert [each["party"] for each in finance["items"]] == ["lushan-finance"]
    assert client.get("/en/parties?kind=planet").status_code == 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tender_shows_lots_bids_and_award(client: TestClient, language: Language) -> None:
    """What was asked for, who bid what, how bids were scored, and who won."""
    say = PageTeller(language)
    page, found = asked(client, "/tenders/t-2025-01", language)
    for lot in found["lots"]:
        assert say.figure(lot["value_fen"], "CNY") in page
        assert f'/{language}/contracts/{lot["contract"]}"' in page
    assert len(found["bids"]) == 4
    for bid in found["bids"]:
        assert bid["bid"] in page
        assert say.figure(bid["value_fen"], "CNY") in page
        for score in bid["scores"]:
            assert f"{score['criterion']}: {say.rate(score['score_ppm'])}" in page
    assert " › ".join(found["awards"][0]["ranking"]) in page
    _, awarded = asked(client, "/tenders?method=open&status=awarded")
    assert "t-2025-01" in [each["tender"] for each in awarded["items"]]
    assert client.get("/en/tenders/none").status_code == 404


def test_search_finds_and_leads_on(client: TestClient) -> None:
    """Whatever holds the text stands there with a link to its page; without a text one is asked."""
    page, found = asked(client, "/search?text=YANGGUANG")
    assert {"contract", "tender", "party"} & {each["kind"] for each in found["items"]}
    for address in re.findall(r'<th scope="row"><a href="([^"]+)"', page):
        assert client.get(address).status_code == 200
    _, parties = asked(client, "/search?text=yangguang&kind=party")
    assert [each["id"] for each in parties["items"]] == ["yangguang-care"]
    empty, nothing = asked(client, "/search?text=")
    assert nothing["items"] == []
    assert "<table" not in empty
