"""Overview, fund lines, contracts and programmes: a page shows what its document says."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.http.service import Service
from api.portal.pictures import flow_of_money, output_by_month
from api.portal.teller import PageTeller
from api.text import Language
from projections.overview import overview
from projections.programmes import programme

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def _asked(client: TestClient, path: str, language: str = "en") -> tuple[str, dict[str, Any]]:
    """Return a page and its twin."""
    place, _, query = path.partition("?")
    page = client.get(f"/{language}{path}")
    twin = client.get(f"/{language}{place}.json?{query}")
    assert (page.status_code, twin.status_code) == (200, 200)
    assert page.headers["Sunledger-Position"] == twin.headers["Sunledger-Position"]
    return page.text, twin.json()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_shows_the_year(client: TestClient, language: Language) -> None:
    """Stages, counts and lines stand there in figures, formatted for the reader."""
    say = PageTeller(language)
    page, found = _asked(client, "/overview", language)
    (year,) = found["years"]
    for fen in year["stages"].values():
        assert say.money(fen, "CNY") in page
    for line in found["lines"]:
        assert f">{line['line']}</a>" in page
        assert say.figure(line["stages"]["committed_fen"], "CNY") in page
    assert say.date(found["day"]) in page
    assert f'href="/{language}/contracts?status=closed"' in page


def test_the_flows_of_money_sum_up_to_the_figures(service: Service) -> None:
    """What leaves sources, enters and leaves contracts and is paid is what the overview says."""
    found = overview(service.projections)
    nodes, flows = flow_of_money(found.lines, PageTeller("en"))
    layers = {node.key: node.layer for node in nodes}
    stages = [line.stages for line in found.lines]

    def total(**ends: str) -> int:
        return sum(
            flow.amount
            for flow in flows
            if all(getattr(flow, end) == key for end, key in ends.items())
        )

    granted = sum(each.granted_fen for each in stages)
    assert sum(flow.amount for flow in flows if layers[flow.source] == 0) == granted
    assert sum(flow.amount for flow in flows if layers[flow.source] == 1) == granted
    committed = sum(each.committed_fen for each in stages)
    assert total(target="contract none") == granted - committed
    assert total(target="paid") == sum(each.paid_fen for each in stages)
    assert sum(flow.amount for flow in flows if layers[flow.source] == 2) == committed
    for line in found.lines:
        assert total(source=line.source, target=f"line {line.line}") == line.stages.granted_fen
        for spent in line.contracts:
            ends = {"source": f"line {line.line}", "target": f"contract {spent.contract}"}
            assert total(**ends) == spent.committed_fen


def test_a_year_without_money_says_so(client: TestClient) -> None:
    """A budget year without a line has no figures, and the page says it."""
    page, found = _asked(client, "/overview?year=1999")
    assert found["lines"] == []
    assert "There is no fund line of this year." in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_contract_shows_what_is_known_of_it(client: TestClient, language: Language) -> None:
    """Terms, lines, claims with what was taken off and why, payments, scores, what happened."""
    say = PageTeller(language)
    page, found = _asked(client, "/contracts/c-2025-01", language)
    contract = found["file"]["contract"]
    for amount in (contract["value_minor"], contract["accrued_minor"], contract["paid_minor"]):
        assert say.money(amount, "CNY") in page
    for item in found["terms"]["items"]:
        assert item["service"] in page
        assert say.money(item["rate_fen"], "CNY") in page
    assert found["claims"]
    for owed in found["claims"]:
        assert owed["claim"]["claim"] in page
        for step in owed["steps"]:
            assert say.money(step["amount_fen"], "CNY") in page
    assert ("地点未核实" if language == "zh" else "the place is not verified") in page
    for payment in found["payments"]:
        assert payment["payment"] in page
        assert say.figure(payment["principal_fen"], "CNY") in page
    assert [say.rate(score["total_ppm"]) in page for score in found["scores"]] == [True] * 3
    assert "/v1/contracts/c-2025-01/proof" in page
    happened = found["timeline"]["items"]
    assert [each["position"] for each in happened] == sorted(
        (each["position"] for each in happened), reverse=True
    )
    assert all(say.time(each["recorded"]) in page for each in happened)


def test_what_happened_can_be_followed_to_the_signing(client: TestClient) -> None:
    """Page by page the timeline leads back to the contract's first event, each event once."""
    seen: list[int] = []
    path: str | None = "/contracts/c-2025-03"
    last = ""
    while path is not None:
        page, found = _asked(client, path)
        seen += [each["position"] for each in found["timeline"]["items"]]
        last = found["timeline"]["items"][-1]["type"]
        following = found["timeline"]["next"]
        path = None if following is None else f"/contracts/c-2025-03?before={following}"
        assert following is None or f"before={following}#timeline" in page
    assert seen == sorted(set(seen), reverse=True)
    assert last == "contract.signed"


def test_what_concerns_people_is_not_for_the_public(client: TestClient) -> None:
    """No visit, care plan or spot check is in the public timeline of a contract."""
    path, kinds = "/contracts/c-2025-01", set()
    while True:
        _, found = _asked(client, path)
        kinds |= {each["type"].split(".")[0] for each in found["timeline"]["items"]}
        if found["timeline"]["next"] is None:
            break
        path = f"/contracts/c-2025-01?before={found['timeline']['next']}"
    assert kinds & {"visit", "careplan", "spotcheck", "beneficiary", "grievance"} == set()
    assert {"contract", "claim", "payment"} <= kinds


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["LS-2025-01", "LS-2025-02", "LS-2025-03"]),
        ("status=closed", ["LS-2025-03"]),
        ("programme=disability-care-2025&status=", ["LS-2025-02"]),
        ("line=2025-2081006-city&year=2025", ["LS-2025-01", "LS-2025-02", "LS-2025-03"]),
        ("year=2031", []),
        ("text=xicheng&year=&origin=native", ["LS-2025-02"]),
        ("origin=reported", []),
        ("provider=songbai-home", ["LS-2025-02"]),
    ],
)
def test_contracts_are_found_by_what_is_asked(
    client: TestClient, query: str, numbers: list[str]
) -> None:
    """Each filter narrows the list, an empty field does not, and the form shows what was asked."""
    page, found = _asked(client, f"/contracts?{query}")
    assert [each["number"] for each in found["items"]] == numbers
    assert re.findall(r"LS-2025-\d\d", page) == numbers
    assert ("There are none." in page) == (not numbers)
    for name, _, value in (part.partition("=") for part in query.split("&") if part):
        if value:
            assert f'name="{name}"' in page
            assert f'value="{value}"' in page


@pytest.mark.parametrize("query", ["year=abc", "year=0", "origin=mine"])
def test_a_filter_that_means_nothing_is_a_problem(client: TestClient, query: str) -> None:
    """What cannot be asked is told on a page, not guessed."""
    assert client.get(f"/en/contracts?{query}").status_code == 400


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fund_line_shows_every_account(client: TestClient, language: Language) -> None:
    """Both books, the months, and the contracts that it pays."""
    say = PageTeller(language)
    page, found = _asked(client, "/funds/2025-2081006-city", language)
    for fen in found["fund"]["balances"].values():
        assert say.figure(fen, "CNY") in page
    for month in found["months"]:
        assert say.month(month["month"]) in page
        assert say.figure(month["paid_fen"], "CNY") in page
    assert [each["contract"] for each in found["contracts"]] == [
        "c-2025-01",
        "c-2025-02",
        "c-2025-03",
    ]


def test_a_fund_line_is_shown_as_it_was(client: TestClient) -> None:
    """By date and by position; the page says which point it shows, and later it held more."""
    page, then = _asked(client, "/funds/2025-2081006-city?as_of=2025-06-30")
    _, now = _asked(client, "/funds/2025-2081006-city")
    assert then["fund"]["balances"]["paid"] < now["fund"]["balances"]["paid"]
    assert then["position"] < now["position"]
    assert PageTeller("en").time(then["recorded"]) in page
    _, same = _asked(client, f"/funds/2025-2081006-city?as_of={then['position']}")
    assert same["fund"] == then["fund"]
    assert client.get("/en/funds/2025-2081006-city?as_of=yesterday").status_code == 400
    assert client.get("/en/funds/nothing").status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_programme_shows_output_against_money(
    client: TestClient, service: Service, language: Language
) -> None:
    """Targets, people, what was delivered and what it cost, month by month."""
    say = PageTeller(language)
    page, found = _asked(client, "/programmes/home-care-2025", language)
    for indicator in found["indicators"]:
        assert indicator["indicator"] in page
        assert say.number(indicator["target"]) in page
    file = programme(service.projections, "home-care-2025")
    assert file is not None
    months = output_by_month(file)
    assert sum(month.units for month in months) == sum(each.units for each in file.delivered)
    assert sum(month.paid_fen for month in months) == file.programme.paid_fen
    for month in months:
        assert say.month(month.month) in page
        assert say.figure(month.paid_fen, "CNY") in page
    listed, _ = _asked(client, "/programmes", language)
    assert say.money(file.programme.paid_fen, "CNY") in listed
