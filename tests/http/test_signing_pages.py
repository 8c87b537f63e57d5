"""The pages on which people sign and check: what they show, to whom, and without JavaScript."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from writing_server import Writing, drafted, line_of, signed_in, writing

from bench.workload import ORIGIN, READY_MS
from ledger.drafting import cosign_statement, sign_statement
from ledger.events.base import Period
from ledger.events.budget import ProgrammeEstablished
from ledger.policy import Policy

SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Writing]:
    """Serve a ledger that is written to."""
    with writing(f"sqlite:///{tmp_path / 'ledger.db'}") as served:
        yield served


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", ["verify", "keys", "sign"])
def test_a_page_loads_modules_of_ours_and_tells_what_to_do_without(
    client: TestClient, language: str, page: str
) -> None:
    """No script stands in the page; whoever runs none is told of the command line."""
    answer = client.get(f"/{language}/{page}")
    assert answer.status_code == 200
    scripts = re.findall(r"<script[^>]*>[^<]*</script>", answer.text)
    assert len(scripts) == 1
    assert re.search(r'src="(/static/[^"]+\.js)"></script>', scripts[0])
    assert "<noscript>" in answer.text
    assert "sunledger " in answer.text


def test_every_module_that_is_imported_is_served(client: TestClient) -> None:
    """Each module's imports lead to modules, as JavaScript."""
    page = client.get("/en/verify").text
    found = re.search(r'src="(/static/[^"]+/)verify-page\.js"', page)
    assert found is not None
    pages = ("verify", "keys", "sign", "inbox", "session")
    seen, waiting = set(), [f"{each}-page.js" for each in pages]
    while waiting:
        name = waiting.pop()
        seen.add(name)
        answer = client.get(found[1] + name)
        assert answer.status_code == 200, name
        assert "javascript" in answer.headers["Content-Type"]
        imported = re.findall(r'from "\./([^"]+)"', answer.text)
        waiting += [each for each in imported if each not in seen]
    assert "keyfile.js" in seen


def test_the_policy_that_is_offered_is_that_of_the_ledger(client: TestClient) -> None:
    """It reads as a policy, names the log and the genesis, and is said not to be independent."""
    here = client.get("/en/verify.json").json()
    policy = Policy.parse(here["policy"])
    assert policy.anchored
    assert policy.logs[0].key.name == here["origin"]
    assert "not independent" in client.get("/en/verify").text


def test_the_inbox_is_for_who_is_signed_in(server: Writing) -> None:
    """Nobody in particular is asked to sign in; others find no draft at its address."""
    data = drafted(server, "BUY/one")
    draft = server.client.post("/v1/drafts", content=data).json()["id"]
    assert server.client.get("/en/inbox").status_code == 401
    assert server.client.get(f"/en/inbox/{draft}").status_code == 401
    provider = signed_in(server, "PRO/one")
    assert draft[:12] not in server.client.get("/en/inbox", headers=provider).text
    assert server.client.get(f"/en/inbox/{draft}", headers=provider).status_code == 404
    finance = signed_in(server, "FIN/one")
    listed = server.client.get("/zh/inbox", headers=finance)
    assert f"/zh/inbox/{draft}" in listed.text
    assert listed.headers["Cache-Control"] == "no-store"


def test_a_draft_is_told_in_words_and_signed_without_javascript(server: Writing) -> None:
    """All that is agreed stands there; the file can be copied out and the signature pasted in."""
    data = drafted(server, "BUY/one")
    draft = server.client.post("/v1/drafts", content=data).json()["id"]
    finance = signed_in(server, "FIN/one")
    page = server.client.get(f"/en/inbox/{draft}", headers=finance).text
    for told in ("Meals at home", "2025-12-31", "BUY/one", "FIN"):
        assert told in page
    (copied,) = re.findall(r"readonly spellcheck=\"false\">\n(.*?)</textarea>", page, re.DOTALL)
    assert html.unescape(copied).encode() == data
    line = line_of(data, server.workload._signer("FIN/one")).decode()
    address = f"/en/inbox/{draft}/signatures"
    headers = {**finance, **SAME_SITE}
    posted = server.client.post(address, data={"signature": line}, headers=headers)
    assert posted.url.path == f"/en/inbox/{draft}"
    assert "Admitted as statement" in posted.text


def test_another_sites_page_signs_nothing(server: Writing) -> None:
    """The form is taken from pages of this server alone."""
    data = drafted(server, "BUY/one")
    draft = server.client.post("/v1/drafts", content=data).json()["id"]
    finance = signed_in(server, "FIN/one")
    line = line_of(data, server.workload._signer("FIN/one")).decode()
    elsewhere = {**finance, "Sec-Fetch-Site": "cross-site"}
    address = f"/en/inbox/{draft}/signatures"
    posted = server.client.post(address, data={"signature": line}, headers=elsewhere)
    assert posted.status_code == 403


@pytest.mark.parametrize(("count", "told"), [(200, True), (201, False)])
def test_nobody_agrees_on_a_page_to_what_it_does_not_tell(
    server: Writing, count: int, *, told: bool
) -> None:
    """Where some events are left out there is no button and no form, but the way to sign all."""
    events = [
        ProgrammeEstablished(
            **server.workload._heading(),
            programme=f"p-{number}",
            titles={"en": f"Meals of {number}"},
            purpose={"en": "Meals at home"},
            period=Period(from_date="2025-01-01", to_date="2025-12-31"),
        )
        for number in range(1000, 1000 + count)
    ]
    data = sign_statement(events, ORIGIN, READY_MS, [server.workload._signer("BUY/one")], ["FIN"])
    draft = server.client.post("/v1/drafts", content=data).json()["id"]
    finance = signed_in(server, "FIN/one")
    for language, agree in (("en", "I agree to all of this"), ("zh", "我同意以上全部内容")):
        page = server.client.get(f"/{language}/inbox/{draft}", headers=finance).text
        assert f"Meals of {999 + min(count, 200)}" in page
        main = page[page.index("<main") : page.index("</main>")]
        assert (agree in main) is told
        assert (f"{draft}/signatures" in main) is told
        assert ("<form" in main) is told
        assert ("<button" in main) is told
        assert "sunledger cosign" in main
        copied = re.findall(r"readonly spellcheck=\"false\">\n(.*?)</textarea>", main, re.DOTALL)
        assert [html.unescape(each).encode() for each in copied] == [data]
    if not told:
        signed = cosign_statement(data, server.workload._signer("FIN/one"))
        sent = server.client.post("/v1/drafts", content=signed).json()
        assert (sent["id"], sent["missing"]) == (draft, [])
