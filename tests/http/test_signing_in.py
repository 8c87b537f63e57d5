"""Signing in by the portal's page, without a script, and what other sites' pages cannot do."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from doors import HOST, Door, open_door
from world import World

ORIGIN = f"https://{HOST}"
OWN = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Open a ledger behind one server."""
    folder = tmp_path_factory.mktemp("door")
    with open_door(f"sqlite:///{folder / 'ledger.db'}", World.contracted()) as door:
        yield door


@pytest.fixture(autouse=True)
def _nobody(door: Door) -> None:
    """Begin each test with an empty browser."""
    door.client.cookies.clear()


def pasted(door: Door, language: str = "en", key: str = "PRO/one") -> dict[str, str]:
    """Return the form of the page, filled with the text that the page says to sign."""
    page = unescape(door.client.get(f"/{language}/session").text)
    match = re.search(r"--origin (\S+) --host (\S+) --nonce ([0-9a-f]{32})", page)
    assert match is not None
    origin, host, nonce = match.groups()
    note = door.note(key, origin=origin, host=host, nonce=nonce).decode()
    return {"note": note.replace("\n", "\r\n")}  # as a browser sends it


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_person_signs_in_and_out_by_the_page(door: Door, language: str) -> None:
    """The text the page shows is signed elsewhere and pasted; then the pages know the party."""
    client, path = door.client, f"/{language}/session"
    answer = client.post(path, data=pasted(door, language), headers=OWN, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-sunledger=")
    for attribute in ("HttpOnly", "SameSite=strict", "Secure", "Path=/"):
        assert attribute in cookie
    page = client.get(path)
    assert "PRO/one" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    contracts = client.get(f"/{language}/contracts")
    assert f'href="{path}">PRO</a>' in contracts.text
    assert contracts.headers["Cache-Control"] == "private, no-cache"
    assert client.get("/v1/beneficiaries").status_code == 200
    ended = client.post(f"{path}/end", headers=OWN, follow_redirects=False)
    assert ended.status_code == 303
    assert "Max-Age=0" in ended.headers["Set-Cookie"]
    assert client.get("/v1/beneficiaries").status_code == 404


def test_what_is_pasted_wrongly_is_told_on_the_page(door: Door) -> None:
    """The page comes again, with the sentence and another number."""
    form = pasted(door)
    assert door.client.post("/en/session", data=form, headers=OWN).status_code == 200
    for data, status, why in (
        (form, 401, "used before"),
        ({"note": "<script>alert(1)</script>"}, 400, "empty line"),
        ({"other": "x"}, 400, "empty line"),
    ):
        answer = door.client.post("/en/session", data=data, headers=OWN)
        assert answer.status_code == status
        assert why in answer.text
        assert "--nonce" in answer.text
        assert "<script>" not in answer.text
    json = door.client.post("/en/session", json={"note": "x"}, headers=OWN)
    assert json.status_code == 415


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_post_of_another_site_changes_nothing(door: Door, headers: dict[str, str]) -> None:
    """Neither signs anybody in nor out, nor does it use the cookie for `/v1`."""
    form = pasted(door)
    refused = door.client.post("/en/session", data=form, headers=headers)
    assert refused.status_code == 403
    assert "Set-Cookie" not in refused.headers
    assert door.client.post("/en/session", data=form, headers=OWN).status_code == 200
    assert door.client.post("/en/session/end", headers=headers).status_code == 403
    deleted = door.client.delete("/v1/sessions", headers=headers)
    assert (deleted.status_code, deleted.json()["code"]) == (403, "cross_site")
    assert door.client.get("/v1/beneficiaries").status_code == 200


def test_a_program_needs_no_page(door: Door) -> None:
    """Without a cookie a token is authority enough, whatever the headers say."""
    headers = door.sign_in()
    assert door.client.delete("/v1/sessions", headers=headers).status_code == 204


def test_a_cookie_that_opens_nothing_is_passed_over(door: Door) -> None:
    """Whose session is over reads what everybody reads, and is asked to sign in."""
    door.client.cookies.set("__Host-sunledger", "gone", domain=HOST)
    assert door.client.get("/en/contracts").status_code == 200
    assert "--nonce" in door.client.get("/en/session").text
