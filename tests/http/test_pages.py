"""What every page keeps to, and that each leads on."""

import json
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from histories import busy_city, keep, report
from portal_pages import PAGES
from starlette.testclient import TestClient
from world import World
from world_events import DEFAULTS

from api.application import create_app
from api.http.service import Service
from ledger.events.parties import LedgerOpened
from ledger.store.store import open_store
from projections.catalogue import open_projections

HOSTILE = '<script>alert("x")</script>'


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("language", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_a_page_keeps_to_the_frame(client: TestClient, path: str, language: str, tag: str) -> None:
    """One heading, its language, the ledger's name, no inline style or script, headed columns."""
    answer = client.get(f"/{language}{path}")
    page = answer.text
    assert answer.status_code == (404 if "as_of=60" in path else 200), page
    assert f'<html lang="{tag}">' in page
    assert page.count("<h1") == 1
    assert not re.search(r"<script|\sstyle=|\son\w+=", page)
    assert "ledger.lushan.example" in page
    assert ("模拟" if language == "zh" else "simulated") in page
    assert not re.search(r"<th(?![a-z])(?![^>]*scope=)", page)
    assert not re.search(r"\bNone\b|\{\w+\}|Undefined", re.sub(r"<(code|q)>.*?</\1>", "", page))
    assert len(re.findall(r'id="([^"]+)"', page)) == len(set(re.findall(r'id="([^"]+)"', page)))


SAMPLED = ("claims", "contracts", "events", "log", "payments", "statements")
"""Places of pages by the hundred, of which some are enough."""
SAMPLE = 40


def _links(page: str, base: str) -> Iterator[str]:
    for found in re.findall(r'href="([^"#]+)', page):
        address = urljoin(base, found.replace("&amp;", "&"))
        if not urlsplit(address).path.startswith(("/v1/", "/static/")):
            yield address


def test_every_link_leads_somewhere(client: TestClient) -> None:
    """From the first page on, all that a page links to in the portal is there."""
    known: dict[str, int] = {}
    seen: Counter[str] = Counter()
    waiting = deque(["/en/overview"])
    while waiting:
        address = waiting.popleft()
        place = address.split("/")[2].partition("?")[0]
        if address in known or (place in SAMPLED and seen[place] >= SAMPLE):
            continue
        answer = client.get(address)
        known[address] = answer.status_code
        seen[place] += 1
        if answer.headers["Content-Type"].startswith("text/html"):
            waiting += [each for each in _links(answer.text, address) if each.startswith("/en/")]
    assert {address: status for address, status in known.items() if status != 200} == {}
    assert "/en/contracts/c-2025-01" in known
    assert "/en/programmes/home-care-2025" in known
    assert seen["events"] == seen["statements"] == SAMPLE


def test_who_comes_to_the_door_is_led_to_the_overview(client: TestClient) -> None:
    """The first page is the overview, in the reader's language."""
    answer = client.get("/", headers={"Accept-Language": "en"}, follow_redirects=False)
    assert answer.headers["Location"] == "/en/overview"
    assert client.get("/", follow_redirects=False).headers["Location"] == "/zh/overview"


@contextmanager
def serving(url: str, world: World) -> Iterator[TestClient]:
    """Give a client of a server over a ledger at `url` with the history of `world`."""
    keep(url, world)
    with (
        open_store(url) as store,
        open_projections(store) as projections,
        Service(store, projections) as service,
        TestClient(create_app(service), raise_server_exceptions=False) as client,
    ):
        yield client


@pytest.fixture
def hostile(database_url: str) -> Iterator[TestClient]:
    """Give a client of a server over a small city in which somebody reports hostile text."""
    world = busy_city()
    contract = {
        "id": HOSTILE,
        "title": HOSTILE,
        "status": HOSTILE,
        "value": {"amount": 10, "currency": "CNY"},
        "awardID": "1",
    }
    release = {
        "ocid": "ocds-213czf-1",
        "id": HOSTILE,
        "date": "2026-01-01T00:00:00Z",
        "tag": ["contract"],
        "buyer": {"id": "b", "name": HOSTILE},
        "contracts": [contract],
        "awards": [{"id": "1", "suppliers": [{"id": "s", "name": HOSTILE}]}],
    }
    report(world, "ocds-213czf-1", json.dumps(release))
    with serving(database_url, world) as client:
        yield client


def test_text_that_others_wrote_stays_text(hostile: TestClient) -> None:
    """A script in a title, a name, a number or a status is shown, not run."""
    listed = hostile.get("/en/contracts?origin=reported")
    (found,) = hostile.get("/en/contracts.json?origin=reported").json()["items"]
    assert found["titles"]["und"] == HOSTILE
    shown = hostile.get(f"/zh/contracts/{found['contract'].replace('<', '%3C')}")
    assert shown.status_code == 200
    for page in (listed.text, shown.text, hostile.get(f"/en/contracts?text={HOSTILE}").text):
        assert "<script" not in page
        assert "&lt;script&gt;" in page


def test_a_real_ledger_says_nothing_of_simulation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a ledger that was opened as simulated is told to be one."""
    monkeypatch.delitem(DEFAULTS[LedgerOpened], "simulated")
    with serving(f"sqlite:///{tmp_path}/real.db", World.founded()) as client:
        page = client.get("/en/overview").text
    assert "ledger.test/city" in page
    assert "simulated" not in page
