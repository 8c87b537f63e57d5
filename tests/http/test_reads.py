"""What `/v1` answers is what the query functions answer, now and as it was."""

from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from starlette.testclient import TestClient

from api.http.service import Service
from projections.contracts import contract
from projections.contracts.past import contracts_as_of
from projections.funds import fund, fund_months
from projections.funds.past import fund_as_of
from projections.payments import claim_shown, list_overdue, payment
from projections.payments.past import payment_as_of
from projections.points import point_of
from projections.programmes import programme
from projections.providers import provider
from projections.search import find_text
from projections.tenders import find_tenders

LISTS = (
    "contracts",
    "funds",
    "payments",
    "claims",
    "overdue",
    "providers",
    "parties",
    "programmes",
    "tenders",
    "processes",
    "flags",
)
DAY = "2025-06-30"


def built(record: object) -> Any:
    """Return a record as its JSON document is read back."""
    return msgspec.json.decode(msgspec.json.encode(record))


@pytest.mark.parametrize("area", LISTS)
def test_a_list_is_walked_page_by_page_and_nothing_is_missed(client: TestClient, area: str) -> None:
    """Pages of two, followed by `next`, hold what one page of all holds."""
    whole = client.get(f"/v1/{area}?limit=1000").json()
    found: list[Any] = []
    mark = ""
    while True:
        page = client.get(f"/v1/{area}?limit=2{mark}").json()
        assert len(page["items"]) <= 2
        found += page["items"]
        if page["next"] is None:
            break
        mark = f"&after={quote(page['next'])}"
    assert found == whole["items"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("contracts/x", "contract x"),
        ("contracts/x/payments", "contract x"),
        ("funds/x", "fund line x"),
        ("funds/x/months", "fund line x"),
        ("payments/x", "payment x"),
        ("claims/x", "claim x"),
        ("providers/lushan-city", "provider lushan-city"),
        ("parties/x", "party x"),
        ("programmes/x", "programme x"),
        ("tenders/x", "tender x"),
        ("flags/x", "flag x"),
    ],
)
def test_what_does_not_exist_is_not_found(client: TestClient, path: str, kind: str) -> None:
    """The answer names what was looked for."""
    answer = client.get(f"/v1/{path}")
    assert (answer.status_code, answer.json()["detail"]) == (404, f"there is no {kind}")


def test_one_thing_is_what_its_query_gives(client: TestClient, service: Service) -> None:
    """Files of contracts, lines, payments, claims, providers, programmes and tenders."""
    projections = service.projections
    line = "2025-2081006-city"
    tender = find_tenders(projections, "t-2025-01")[0]
    for path, record in {
        "contracts/c-2025-01": contract(projections, "c-2025-01"),
        f"funds/{line}": fund(projections, line),
        f"funds/{line}/months": fund_months(projections, line),
        f"funds/{line}/months?year=2024": fund_months(projections, line, year=2024),
        "payments/c-2025-01-p00001": payment(projections, "c-2025-01-p00001"),
        "claims/c-2025-01-2025-01": claim_shown(projections, "c-2025-01-2025-01"),
        "providers/yangguang-care": provider(projections, "yangguang-care"),
        "programmes/home-care-2025": programme(projections, "home-care-2025"),
        "tenders/t-2025-01": tender,
        f"overdue?day={DAY}": list_overdue(projections, day=DAY),
        "search?text=2025-01&kind=tender": find_text(projections, "2025-01", kind="tender"),
    }.items():
        answer = client.get(f"/v1/{path}")
        assert answer.status_code == 200, path
        assert answer.json() == built(record), path
        assert answer.headers["Sunledger-Position"] == str(answer.json()["position"])


def test_the_past_is_what_was_known_then(client: TestClient, service: Service) -> None:
    """`as_of` gives a contract, a line and a payment as they were, and says up to which event."""
    projections = service.projections
    point = point_of(projections.feed, DAY)
    line = "2025-2081006-city"
    then, months, _ = fund_as_of(projections, line, point)
    for path, record in {
        "contracts/c-2025-01": contracts_as_of(projections, "c-2025-01", point)[0],
        f"funds/{line}": then,
        f"funds/{line}/months": months,
        "payments/c-2025-01-p00001": payment_as_of(projections, "c-2025-01-p00001", point),
    }.items():
        answer = client.get(f"/v1/{path}?as_of={DAY}")
        assert answer.json() == built(record), path
        assert answer.headers["Sunledger-Position"] == str(point.place.position)
        now = client.get(f"/v1/{path}")
        assert now.headers["ETag"] != answer.headers["ETag"]
    whole = service.position
    assert client.get(f"/v1/funds/{line}?as_of={whole}").json() == built(fund(projections, line))


@pytest.mark.parametrize(
    ("as_of", "status", "code"),
    [
        ("2024-12-01", 404, "not_found"),
        ("0", 404, "not_found"),
        ("yesterday", 400, "malformed"),
        ("999999", 400, "invalid_request"),
        ("2025-06-30T18:00:00", 400, "malformed"),
    ],
)
def test_a_point_before_or_beyond_the_history_is_refused(
    client: TestClient, as_of: str, status: int, code: str
) -> None:
    """Before there was a contract there is none; beyond the ledger nobody knows."""
    answer = client.get(f"/v1/contracts/c-2025-01?as_of={as_of}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_payments_of_a_contract_are_the_payments_filtered(client: TestClient) -> None:
    """`/contracts/{id}/payments` is `/payments?contract={id}`, also by status."""
    own = client.get("/v1/contracts/c-2025-01/payments?status=rejected").json()
    assert own == client.get("/v1/payments?contract=c-2025-01&status=rejected").json()
    assert own["items"]


def test_the_overview_is_of_the_newest_year_unless_one_is_named(client: TestClient) -> None:
    """Another year has no lines here."""
    assert client.get("/v1/overview").json()["year"] == 2025
    assert client.get("/v1/overview?year=2019").json()["lines"] == []


@pytest.mark.parametrize(
    "path",
    [
        "flags?status=raised",
        "flags/cases",
        "flags/cases/f28/purchase/t-2025-01/lot-01/76",
        "flags/cases/nothing",
    ],
)
def test_what_rules_find_is_not_for_the_public(client: TestClient, path: str) -> None:
    """Cases and unreleased flags answer as if there were none."""
    answer = client.get(f"/v1/{path}")
    assert answer.status_code == 404
    assert "detail" not in answer.json()


def test_the_rules_of_flags_are_public(client: TestClient) -> None:
    """Each with its thresholds in force, in both languages."""
    rules = client.get("/v1/flags/rules").json()["rules"]
    assert len(rules) == 47
    assert rules[1]["thresholds"] == {"minutes": 5}
    assert rules[1]["titles"]["zh"] != rules[1]["titles"]["en"]


def test_every_version_of_a_rule_is_listed_and_the_newest_is_marked(client: TestClient) -> None:
    """The demo city published one rule anew; all others are as they ship."""
    rules = client.get("/v1/rules").json()["rules"]
    later = [each for each in rules if each["version"] > 1]
    assert later
    assert all(each["position"] is not None for each in later)
    for each in rules:
        of_rule = [other["version"] for other in rules if other["rule"] == each["rule"]]
        assert each["newest"] == (each["version"] == max(of_rule))
        assert each["parameters"]["kind"]
