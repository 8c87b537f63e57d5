"""What every answer promises: its position, its tag, its language, its problems."""

import pytest
from starlette.testclient import TestClient

from api.http.languages import language_accepted
from api.http.problems import KINDS
from api.http.service import Service
from api.text import Language


def test_an_answer_tells_which_position_it_reflects(client: TestClient, service: Service) -> None:
    """The header says what the document says: how many events it is made of."""
    answer = client.get("/v1/contracts")
    assert answer.status_code == 200
    assert answer.headers["Sunledger-Position"] == str(answer.json()["position"])
    assert answer.json()["position"] == service.position > 0


def test_who_is_up_to_date_is_told_so_without_the_document(client: TestClient) -> None:
    """`If-None-Match` with the tag of the last answer gives 304 and no body."""
    tag = client.get("/v1/contracts").headers["ETag"]
    again = client.get("/v1/contracts", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == tag
    assert client.get("/v1/contracts", headers={"If-None-Match": '"old"'}).status_code == 200


def test_a_position_that_is_not_reached_is_waited_for_and_then_refused(
    client: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for the future is told to come again, not given the past."""
    monkeypatch.setattr("api.http.questions.MIN_POSITION_SECONDS", 0.05)
    now = service.position
    assert client.get(f"/v1/contracts?min_position={now}").status_code == 200
    behind = client.get(f"/v1/contracts?min_position={now + 1}")
    assert behind.status_code == 503
    assert behind.json()["code"] == "behind"
    assert int(behind.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/contracts/nobody-has-this", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("DELETE", "/v1/contracts", 405, "method_not_allowed"),
        ("GET", "/v1/contracts?limit=0", 400, "invalid_request"),
        ("GET", "/v1/contracts?after=nonsense", 400, "malformed"),
        ("GET", "/v1/contracts?year=20x6", 400, "invalid_request"),
    ],
)
def test_a_problem_has_a_stable_type_and_both_languages(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    """Every refusal is problem details (RFC 9457), never the library's own words."""
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["code"], problem["type"]) == (code, f"/problems/{code}")
    assert problem["title"] == problem["titles"]["en"] == KINDS[code].title
    assert problem["titles"]["zh"] != problem["titles"]["en"]
    assert problem["status"] == status


def test_a_problem_speaks_the_language_that_is_asked_for(client: TestClient) -> None:
    """`Accept-Language` chooses the title."""
    told = client.get("/v1/nothing", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}).json()
    assert told["title"] == told["titles"]["zh"]


def test_an_error_nobody_expected_tells_nothing_of_itself(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of ours is 500 without the exception's text."""

    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("a secret of the server")

    monkeypatch.setattr("api.http.routes.contracts.contract", fail)
    answer = client.get("/v1/contracts/c-2025-01")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_has_a_twin_with_the_same_document(client: TestClient, language: str) -> None:
    """Whatever a page shows can be had as JSON, the same as `/v1` gives."""
    page = client.get(f"/{language}/contracts?text=2025-01")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    twin = client.get(f"/{language}/contracts.json?text=2025-01").json()
    assert twin == client.get("/v1/contracts?text=2025-01&limit=50").json()
    assert len(twin["items"]) == 1
    assert twin["items"][0]["number"] in page.text


def test_a_problem_is_a_page_to_people(client: TestClient) -> None:
    """In the portal a missing contract is told on a page in the page's language."""
    answer = client.get("/zh/contracts/nobody-has-this")
    assert answer.status_code == 404
    assert 'lang="zh-CN"' in answer.text


@pytest.mark.parametrize("code", ["not_found", "key_revoked", "guard_broken"])
def test_the_type_of_a_problem_leads_to_what_it_means(client: TestClient, code: str) -> None:
    """`type` is an address of this server that explains the code in the reader's language."""
    page = client.get(f"/problems/{code}", headers={"Accept-Language": "zh"})
    assert page.status_code == 200
    assert page.url.path == f"/zh/problems/{code}"
    assert code in page.text


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "en"),
        ("zh-CN", "zh"),
        ("de, fr;q=0.5", "en"),
        ("en;q=0.2, zh-TW;q=0.9", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=nonsense", "en"),
        ("*, zh;q=0.001", "zh"),
    ],
)
def test_the_preferred_language_is_taken(header: str, expected: Language) -> None:
    """The weights of RFC 9110 decide; what cannot be read counts nothing."""
    assert language_accepted(header, "en") == expected
