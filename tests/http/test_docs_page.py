"""The documentation page: whole without any other server, and strict."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import open_chromium
from playwright.sync_api import Browser, Request
from serving_process import ServingProcess
from starlette.testclient import TestClient


def test_the_page_names_no_other_server(client: TestClient) -> None:
    """Every script, style and icon is this server's, and can be had from it."""
    page = client.get("/docs")
    assert page.status_code == 200
    assert not re.search(r"https?://|//[a-z]", page.text.replace("<!doctype", ""))
    named = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(named) == 4
    for address in named:
        answer = client.get(address)
        assert answer.status_code == 200
        if address != "/openapi.json":
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    start = next(address for address in named if address.endswith("start.js"))
    assert not re.search(r"https?://", client.get(start).text)


def test_nothing_else_of_the_package_is_served(client: TestClient) -> None:
    """Neither the other documentation it brings, nor a file beside it, nor another release's."""
    script = re.search(r'"(/docs/[^/]+/)swagger-ui-bundle.js"', client.get("/docs").text)
    assert script is not None
    for name in ("redoc.standalone.js", "favicon.png", "..%2fcore.py", ""):
        assert client.get(script[1] + name).status_code == 404
    assert client.get("/docs/0/swagger-ui.css").status_code == 404


def test_its_policy_allows_icons_and_nothing_else(client: TestClient) -> None:
    """No script or style inside the page; only `data:` images beyond what other pages have."""
    (policy,) = client.get("/docs").headers.get_list("Content-Security-Policy")
    strict = client.get("/zh/contracts").headers["Content-Security-Policy"]
    assert policy == f"{strict}; img-src 'self' data:"
    assert "unsafe" not in policy


@pytest.fixture(scope="module")
def server(city_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServingProcess]:
    """Serve the demo city's ledger from a process of its own."""
    options = ("--role", "reader", "--db", f"sqlite:///{city_file}")
    with ServingProcess(tmp_path_factory.mktemp("docs"), *options) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a real browser."""
    with open_chromium() as browser:
        yield browser


def test_a_browser_shows_it_under_its_policy(server: ServingProcess, browser: Browser) -> None:
    """Every route is there, nothing was refused by the policy, nobody else was asked."""
    page = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server.url}docs")
    page.get_by_text("/v1/contracts", exact=True).first.click()
    page.get_by_role("button", name="Try it out").first.wait_for()
    assert page.locator(".opblock").count() > 5
    assert complaints == []
    assert {url for url in asked if not url.startswith((server.url, "data:"))} == set()
    page.close()
