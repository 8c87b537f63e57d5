"""The auditor's workbench: figures at two points are those of the records as they were."""

import re
from typing import Any

import pytest
from city_readers import Readers
from starlette.testclient import TestClient

from api.portal.comparing import compare
from api.portal.teller import PageTeller
from api.text import Language

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def _compared(
    client: TestClient, headers: dict[str, str], query: str, language: str = "en"
) -> tuple[str, dict[str, Any]]:
    """Return the page and what it compares."""
    page = client.get(f"/{language}/workbench?{query}", headers=headers)
    twin = client.get(f"/{language}/workbench.json?{query}", headers=headers)
    assert (page.status_code, twin.status_code) == (200, 200), page.text
    return page.text, twin.json()["compared"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_line_at_two_days_side_by_side(
    client: TestClient, readers: Readers, language: Language
) -> None:
    """Every account is that of the line as of either day, and each difference is marked."""
    say, headers = PageTeller(language), readers.sign_in(client, "auditor")
    line = "2025-2081006-city"
    query = f"kind=line&id={line}&then=2025-06-30&now=2025-12-31"
    page, found = _compared(client, headers, query, language)
    for place, day in (("then", "2025-06-30"), ("now", "2025-12-31")):
        fund = client.get(f"/v1/funds/{line}?as_of={day}").json()
        figures = {each["name"]: each[place] for each in found["figures"]}
        assert figures == fund["fund"]["balances"]
        assert found[place]["position"] == fund["position"]
    differing = [each for each in found["figures"] if each["then"] != each["now"]]
    assert found["differing"] == len(differing) == page.count('<tr class="differs">')
    assert 0 < len(differing) < len(found["figures"])
    for each in differing:
        assert say.figure(each["now"], "CNY") in page
        assert say.signed(each["now"] - each["then"], "CNY") in page
    assert f"/v1/funds/{line}/history-proof" in page
    for form in ("csv", "xlsx", "parquet", "beancount"):
        assert f"/v1/exports/journal.{form}?line={line}" in page
        assert f'"/v1/exports/journal.{form}"' in page


def test_a_contract_is_compared_before_it_was_there(client: TestClient, readers: Readers) -> None:
    """At a point before its signing it was not there; the latest is what is shown by default."""
    headers = readers.sign_in(client, "finance")
    page, found = _compared(client, headers, "kind=contract&id=c-2025-01&then=2024-11-25&now=")
    assert not found["then"]["is_there"]
    assert "not there yet" in page
    now = client.get("/v1/contracts/c-2025-01").json()["contract"]
    figures = {each["name"]: each["now"] for each in found["figures"] if not each["about"]}
    assert (figures["paid"], figures["value"]) == (now["paid_minor"], now["value_minor"])
    assert {each["then"] for each in found["figures"]} == {None}
    missing = client.get("/en/workbench?kind=contract&id=none&then=10", headers=headers)
    assert missing.status_code == 404


def test_a_payment_is_compared_with_its_sums(client: TestClient, readers: Readers) -> None:
    """Its way from the request on, in words."""
    headers = readers.sign_in(client, "auditor")
    name = client.get("/v1/payments?status=settled").json()["items"][0]["payment"]
    file = client.get(f"/v1/payments/{name}").json()
    then = file["payment"]["first_position"] + 1
    page, found = _compared(client, headers, f"kind=payment&id={name}&then={then}")
    figures = {(each["name"], each["about"]): each for each in found["figures"]}
    assert (figures["status", ""]["then"], figures["status", ""]["now"]) == ("requested", "settled")
    for owed in file["claims"]:
        claim = owed["claim"]
        assert figures["paid", claim["claim"]]["now"] == claim["paid_fen"]
    assert "requested" in page


@pytest.mark.parametrize("who", ["auditor", "finance"])
def test_only_those_that_supervise_are_led_there(
    client: TestClient, readers: Readers, who: str
) -> None:
    """The navigation names the workbench to them alone."""
    headers = readers.sign_in(client, who)
    address = 'href="/en/workbench"'
    assert address in client.get("/en/flags", headers=headers).text
    assert address not in client.get("/en/flags").text
    empty = client.get("/en/workbench", headers=headers).text
    assert not re.search(r"<script|\sstyle=", empty)
    assert empty.count("<h1") == 1


def test_nothing_differs_from_itself() -> None:
    """The same record twice has no difference; one that is gone differs in all."""
    told: Any = {("paid", ""): ("money", 5), ("status", ""): ("status", "active")}
    assert [each.differs for each in compare(told, told)] == [False, False]
    assert [each.differs for each in compare(told, None)] == [True, True]
    assert compare(None, None) == ()


def test_an_account_without_a_balance_holds_nothing() -> None:
    """What a record leaves out of an account is zero where the record is there at all."""
    before: Any = {("retained", "line-1"): ("money", 5), ("paid", "line-1"): ("money", 0)}
    after: Any = {("paid", "line-1"): ("money", 5)}
    told = {each.name: (each.then, each.now) for each in compare(before, after)}
    assert told == {"retained": (5, 0), "paid": (0, 5)}
    assert [each.now for each in compare(before, None)] == [None, None]
