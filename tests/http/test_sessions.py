"""Signing in: who signs the session text with a key in force is known, for a while."""

from collections.abc import Iterator
from typing import Any

import pytest
from doors import HOST, MINUTE_MS, Door, open_door
from starlette.testclient import TestClient
from world import ORIGIN, World, signer

from api.application import create_app
from api.http.access import Access
from api.session_note import session_text
from ledger.errors import Malformed
from ledger.events.parties import KeyRevoked, RoleRevoked
from ledger.note import sign_note
from ledger.times import format_instant


@pytest.fixture
def door(database_url: str) -> Iterator[Door]:
    """Open the ledger of a world with a contract, behind two servers."""
    with open_door(database_url, World.contracted(), servers=2) as door:
        yield door


def test_who_signs_the_text_is_known_by_its_token(door: Door) -> None:
    """The token opens every server of the ledger, until it is signed out."""
    answer = door.client.post("/v1/sessions", content=door.note())
    assert answer.headers["Cache-Control"] == "no-store"
    session = answer.json()["session"]
    assert (session["party"], session["key"]) == ("PRO", "PRO/one")
    assert session["roles"] == ["provider"]
    assert session["expires"] == format_instant(door.kept.clock.now_ms() + 60 * MINUTE_MS)
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    for client in door.clients:
        mine = client.get("/v1/contracts", headers=headers)
        assert mine.headers["Cache-Control"] == "private, no-cache"
    assert door.client.delete("/v1/sessions", headers=headers).status_code == 204
    again = door.client.get("/v1/contracts", headers=headers)
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")
    assert again.headers["WWW-Authenticate"].startswith("Bearer")
    assert door.client.delete("/v1/sessions", headers=headers).status_code == 401


def test_signing_out_is_felt_by_every_server(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another process ended is not believed for longer than moments."""
    monkeypatch.setattr("api.http.sessions.RECENT_SECONDS", 0.0)
    headers = door.sign_in()
    assert door.status(headers, 1) == 200
    door.client.delete("/v1/sessions", headers=headers)
    assert door.status(headers, 1) == 401


def test_a_session_ends_by_itself(door: Door) -> None:
    """After its minutes the token opens nothing."""
    headers = door.sign_in()
    door.kept.clock.set_ms += 60 * MINUTE_MS - 1
    assert door.status(headers) == 200
    door.kept.clock.set_ms += 1
    assert door.status(headers) == 401


def test_a_signed_text_opens_one_session(door: Door) -> None:
    """Whoever replays it is refused, at every server, by a sentence."""
    note = door.note()
    assert door.client.post("/v1/sessions", content=note).status_code == 201
    for client in door.clients:
        replayed = client.post("/v1/sessions", content=note)
        assert replayed.status_code == 401
        assert "used before" in replayed.json()["detail"]


def test_a_revoked_key_ends_its_sessions(door: Door) -> None:
    """As soon as the read models know of the revocation, token and key open nothing."""
    world = door.kept.world
    world.key("PRO/desk", by="PRO/one", use="session")
    door.follow()
    headers, others = door.sign_in("PRO/desk"), door.sign_in("PRO/one")
    assert door.status(headers) == 200
    world.do(
        world.make(
            KeyRevoked,
            vkey=str(signer("PRO/desk").verifier),
            since=format_instant(world.now_ms),
        )
    )
    door.follow()
    assert [door.status(headers, server) for server in (0, 1)] == [401, 401]
    assert door.status(others) == 200
    refused = door.client.post("/v1/sessions", content=door.note("PRO/desk"))
    assert refused.status_code == 401
    assert "PRO/desk is not in force" in refused.json()["detail"]


def test_roles_are_those_in_force_now(door: Door) -> None:
    """A role that is taken back is gone from the sessions that are open."""
    headers = door.sign_in("FIN/one")
    mine = [client.get("/v1/sessions/mine", headers=headers).json() for client in door.clients]
    assert [each["roles"] for each in mine] == [["finance"], ["finance"]]
    world = door.kept.world
    world.do(world.make(RoleRevoked, party="FIN", role="finance"))
    door.follow()
    mine = [client.get("/v1/sessions/mine", headers=headers).json() for client in door.clients]
    assert [each["roles"] for each in mine] == [[], []]
    assert door.client.get("/v1/sessions/mine").status_code == 401


REFUSED = [
    ("another ledger", {"origin": "elsewhere.example/ledger"}, "for the ledger elsewhere"),
    ("another server", {"host": "portal.evil.example"}, "for the server portal.evil.example"),
    ("another port", {"host": f"{HOST}:8443"}, "for the server"),
    ("a nonce of no server", {"nonce": "00" * 16}, "not given by this server"),
]


@pytest.mark.parametrize(("what", "parts", "why"), REFUSED, ids=[row[0] for row in REFUSED])
def test_a_text_that_is_not_for_here_is_refused(
    door: Door, what: str, parts: dict[str, Any], why: str
) -> None:
    """A text signed for another ledger or server, or with a nonce of its own, opens nothing."""
    answer = door.client.post("/v1/sessions", content=door.note(**parts))
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in"), what
    assert why in answer.json()["detail"]


def test_a_text_of_another_time_is_refused(door: Door) -> None:
    """Five minutes may lie between the clocks, and between the nonce and its use."""
    now_ms = door.kept.clock.now_ms()
    for made_at_ms, status in (
        (now_ms - 5 * MINUTE_MS, 201),
        (now_ms - 5 * MINUTE_MS - 1, 401),
        (now_ms + 5 * MINUTE_MS, 201),
        (now_ms + 5 * MINUTE_MS + 1, 401),
    ):
        answer = door.client.post("/v1/sessions", content=door.note(made_at_ms=made_at_ms))
        assert answer.status_code == status
    nonce = door.client.get("/v1/sessions").json()["nonce"]
    door.kept.clock.set_ms += 5 * MINUTE_MS + 1_000
    late = door.client.post("/v1/sessions", content=door.note(nonce=nonce))
    assert "older than 300 seconds" in late.json()["detail"]


def test_a_key_that_did_not_sign_opens_nothing(door: Door) -> None:
    """A key nobody enrolled, the ledger's own, a broken signature, a changed text."""
    for key in ("PRO/never", "NOBODY/one"):
        answer = door.client.post("/v1/sessions", content=door.note(key))
        assert "is not in force" in answer.json()["detail"]
    note = door.note().decode()
    other = note.replace(note.splitlines()[3], door.client.get("/v1/sessions").json()["nonce"])
    answer = door.client.post("/v1/sessions", content=other.encode())
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    # One party's line under another's name: the key's id is not of that name.
    forged = door.client.post("/v1/sessions", content=note.replace("— PRO/one", "— BUY/one"))
    assert forged.status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"sunledger/session/v1\n",
        b"\xff\xfe",
        b"x" * 10_000,
        sign_note(f"sunledger/statement/v1\n{ORIGIN}\n{HOST}\n{'0' * 32}\n", signer("PRO/one")),
        sign_note("sunledger/session/v1\nA B\nc\nd\ne\n", signer("PRO/one")),
    ],
)
def test_what_is_no_session_text_is_refused_as_such(door: Door, body: bytes) -> None:
    """Junk, a statement's text, too many bytes: a problem with a sentence, nothing opened."""
    answer = door.client.post("/v1/sessions", content=body)
    assert answer.status_code in {400, 413}
    assert answer.json()["code"] in {"malformed", "too_large"}


@pytest.mark.parametrize("header", ["Bearer ", "Bearer nonsense", "Basic dXNlcjpwYXNz", "nonsense"])
def test_a_header_that_opens_nothing_is_told_so(door: Door, header: str) -> None:
    """A token that is none is no reason to answer as to the public."""
    answer = door.client.get("/v1/contracts", headers=[("Authorization", header)])
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


def test_a_server_that_does_not_know_its_address_opens_no_session(door: Door) -> None:
    """Where any host would do, a server in between could pass a signature on."""
    access = Access(url="http://0.0.0.0:8600")
    with TestClient(create_app(door.services[0], access=access)) as client:
        nonce = client.get("/v1/sessions").json()["nonce"]
        answer = client.post("/v1/sessions", content=door.note(nonce=nonce, host="0.0.0.0:8600"))
    assert answer.status_code == 401
    assert "public_url" in answer.json()["detail"]


def test_the_database_holds_no_token(door: Door) -> None:
    """Whoever reads the tables of sessions cannot sign in by what stands there."""
    token = door.sign_in()["Authorization"].removeprefix("Bearer ")
    with door.services[0].projections.database.snapshot() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM served_session").all()
    assert len(rows) == 1
    assert token.encode() not in repr(rows).encode()


@pytest.mark.parametrize(
    "parts",
    [
        {"origin": "Upper.example"},
        {"origin": "sunledger/x"},
        {"host": "https://portal.example"},
        {"host": "portal example"},
        {"nonce": "0" * 31},
        {"nonce": "G" * 32},
        {"nonce": "0" * 32 + "\nsunledger/statement/v1"},
    ],
)
def test_a_client_signs_no_text_that_is_not_in_its_form(parts: dict[str, str]) -> None:
    """A server that answers with something else than a nonce gets no signature for it."""
    given = {"origin": ORIGIN, "host": HOST, "nonce": "0" * 32}
    with pytest.raises(Malformed):
        session_text(**(given | parts), made_at_ms=0)
