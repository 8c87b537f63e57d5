"""The cosigning inbox: what waits for whom, who may sign it, and what becomes of it."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from writing_server import Writing, drafted, line_of, signed_in, writing

from api.application import create_app
from bench.workload import ORIGIN, READY_MS
from ledger.drafting import cosign_statement, sign_statement
from ledger.events.base import Period
from ledger.events.budget import ProgrammeEstablished
from ledger.events.parties import KeyRevoked
from ledger.note import Ed25519Signer
from ledger.refused import open_refusal
from ledger.rules.admission import STATEMENT_LIFE_MS
from ledger.times import MS_PER_DAY, format_instant

PATH = "/v1/drafts"
STRANGER = Ed25519Signer("FIN/one", bytes(32))


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest) -> Iterator[Writing]:
    """Serve a ledger on each database, at an address that sessions name."""
    with writing(request.getfixturevalue(f"{request.param}_database")) as served:
        yield served


def test_a_draft_waits_for_the_other_side_and_is_then_admitted(server: Writing) -> None:
    """The story of a draft, told by what each party sees.

    | step                       | status   | missing |
    | -------------------------- | -------- | ------- |
    | BUY proposes               | waiting  | FIN     |
    | BUY proposes it again      | waiting  | FIN     |
    | FIN reads and signs        | admitted |         |
    | FIN signs again            | admitted |         |
    """
    data = drafted(server, "BUY/one")
    proposed = server.client.post(PATH, content=data)
    assert proposed.status_code == 201
    draft = proposed.json()
    assert (draft["status"], draft["missing"]) == ("waiting", ["FIN"])
    address = proposed.headers["Location"]
    again = server.client.post(PATH, content=data)
    assert (again.status_code, again.json()) == (200, draft)
    finance = signed_in(server, "FIN/one")
    listed = server.client.get(f"{PATH}?party=FIN", headers=finance).json()
    seen = server.client.get(address, headers=finance).json()
    assert (seen["signed"], seen.pop("statement").encode()) == (["BUY/one"], data)
    assert listed == {"items": [seen], "next": None}
    line = line_of(data, server.workload._signer("FIN/one"))
    signed = server.client.post(f"{address}/signatures", content=line)
    assert (signed.status_code, signed.json()["status"]) == (200, "admitted")
    receipt = signed.json()["receipt"]
    assert server.client.post(f"{address}/signatures", content=line).json() == signed.json()
    row = server.service.store.statement(receipt["index"])
    assert row is not None
    assert row.id.hex() == draft["id"]
    assert server.client.get(address, headers=finance).json()["receipt"] == receipt


def test_a_file_signed_by_the_command_line_is_taken_as_well(server: Writing) -> None:
    """Whoever downloaded the statement file sends it back with its signature."""
    data = drafted(server, "FIN/one")
    address = server.client.post(PATH, content=data).headers["Location"]
    signed = cosign_statement(data, server.workload._signer("BUY/one"))
    answer = server.client.post(f"{address}/signatures", content=signed)
    assert answer.json()["status"] == "admitted"


def test_what_has_all_signatures_is_submitted_at_once(server: Writing) -> None:
    """A draft with nothing missing does not wait."""
    answer = server.client.post(PATH, content=drafted(server, "BUY/one", "FIN/one"))
    assert (answer.status_code, answer.json()["status"]) == (201, "admitted")


def test_a_draft_that_the_law_refuses_stays_with_its_refusal(server: Writing) -> None:
    """Both sides read why, in both languages, with the operator's signature; nobody signs more."""
    data = drafted(server, "BUY/one", programme="p")  # there is a programme `p`
    address = server.client.post(PATH, content=data).headers["Location"]
    line = line_of(data, server.workload._signer("FIN/one"))
    signed = server.client.post(f"{address}/signatures", content=line).json()
    assert (signed["status"], signed["refusal"]) == ("refused", "id_taken")
    buyer, finance = (signed_in(server, name) for name in ("BUY/one", "FIN/one"))
    draft = server.client.get(address, headers=buyer).json()
    assert draft["refusal"]["code"] == "id_taken"
    assert draft["refusal"]["titles"]["zh"] != draft["refusal"]["titles"]["en"]
    note = draft["refusal"]["note"].encode()
    refusal = open_refusal(note, [server.workload.operator.verifier])
    assert refusal.statement_id.hex() == draft["id"]
    assert server.client.get(address, headers=finance).json() == draft


@pytest.mark.parametrize("reader", [None, "PRO/one", "AUTH/root", "OPS/clock"])
def test_a_draft_is_for_the_parties_that_it_names(server: Writing, reader: str | None) -> None:
    """Nobody else learns that it is there: neither strangers nor operator nor authority."""
    address = server.client.post(PATH, content=drafted(server, "BUY/one")).headers["Location"]
    headers = {} if reader is None else signed_in(server, reader)
    assert server.client.get(address, headers=headers).status_code == 404
    listed = server.client.get(f"{PATH}?party=BUY", headers=headers)
    if reader is None:
        assert listed.status_code == 401
    else:
        assert listed.json() == {"items": [], "next": None}


def test_only_who_is_named_signs_and_only_this(server: Writing) -> None:
    """Strangers' keys, other texts and other parties' lines change nothing."""
    data = drafted(server, "BUY/one")
    address = server.client.post(PATH, content=data).headers["Location"]
    other = drafted(server, "BUY/one", programme="p-3")
    finance = server.workload._signer("FIN/one")
    for content, status, code in (
        (line_of(data, STRANGER), 422, "key_unknown"),
        (line_of(other, finance), 422, "unverified"),
        (line_of(data, server.workload._signer("PRO/one")), 422, "unverified"),
        (line_of(data, server.workload._signer("BUY/two")), 422, "unverified"),
        (other, 422, "unverified"),
        (b"no line", 400, "malformed"),
        (b"", 400, "malformed"),
    ):
        answer = server.client.post(f"{address}/signatures", content=content)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    buyer = signed_in(server, "BUY/one")
    assert server.client.get(address, headers=buyer).json()["signed"] == ["BUY/one"]


def test_what_cannot_be_admitted_is_not_kept(server: Writing) -> None:
    """A stranger's draft, one for another ledger, one that is too old."""
    event = ProgrammeEstablished(
        **server.workload._heading(),
        programme="p-4",
        titles={"en": "Meals"},
        purpose={"en": "Meals"},
        period=Period(from_date="2025-01-01", to_date="2025-12-31"),
    )
    buyer = server.workload._signer("BUY/one")
    old_ms = READY_MS - STATEMENT_LIFE_MS - 1
    for data, code in (
        (sign_statement([event], ORIGIN, READY_MS, [STRANGER], ["BUY"]), "key_unknown"),
        (sign_statement([event], "other.example", READY_MS, [buyer], ["FIN"]), "origin_differs"),
        (sign_statement([event], ORIGIN, old_ms, [buyer], ["FIN"]), "statement_expired"),
    ):
        answer = server.client.post(PATH, content=data)
        assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_draft_is_there_after_a_restart_and_gone_after_its_time(server: Writing) -> None:
    """Another server of the ledger has it; thirty days later nobody has."""
    data = drafted(server, "BUY/one")
    address = server.client.post(PATH, content=data).headers["Location"]
    headers = signed_in(server, "FIN/one")
    with TestClient(create_app(server.service)) as restarted:
        assert restarted.get(address, headers=headers).json()["missing"] == ["FIN"]
    server.workload.clock.set_ms = READY_MS + STATEMENT_LIFE_MS + 1
    line = line_of(data, server.workload._signer("FIN/one"))
    late = server.client.post(f"{address}/signatures", content=line)
    assert late.json()["code"] == "statement_expired"


def test_a_party_has_so_many_drafts_and_no_more(
    server: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever proposes without end is stopped; the same draft again is still answered."""
    monkeypatch.setattr("api.http.drafts.MAX_DRAFTS", 2)
    drafts = [drafted(server, "BUY/one", programme=f"p-{n}") for n in range(10, 13)]
    answers = [server.client.post(PATH, content=data) for data in drafts]
    assert [answer.status_code for answer in answers] == [201, 201, 409]
    assert answers[2].json()["code"] == "too_many_drafts"
    assert server.client.post(PATH, content=drafts[0]).status_code == 200
    pages = signed_in(server, "BUY/one")
    first = server.client.get(f"{PATH}?limit=1", headers=pages).json()
    second = server.client.get(f"{PATH}?limit=1&after={first['next']}", headers=pages).json()
    assert {first["items"][0]["id"], second["items"][0]["id"]} == {
        answer.json()["id"] for answer in answers[:2]
    }


def test_a_server_that_only_reads_takes_no_drafts(client: TestClient, server: Writing) -> None:
    """It says so, and keeps nothing."""
    answer = client.post(PATH, content=drafted(server, "BUY/one"))
    assert (answer.status_code, answer.json()["code"]) == (503, "not_written_here")


def test_a_key_that_was_revoked_proposes_nothing(server: Writing) -> None:
    """It is told by name, as a statement of it would be."""
    workload = server.workload
    workload.clock.set_ms = READY_MS + 10 * MS_PER_DAY  # the revoking key has been in force a while
    revoked = workload._signer("FIN/two")
    event = KeyRevoked(
        **workload._heading(),
        vkey=str(revoked.verifier),
        reason="LOST",
        since=format_instant(workload.clock.now_ms()),
    )
    signed = sign_statement([event], ORIGIN, READY_MS, [workload._signer("FIN/one")])
    assert server.client.post("/v1/statements", content=signed).status_code == 201
    data = drafted(server, "FIN/two")
    answer = server.client.post(PATH, content=data)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_revoked")
