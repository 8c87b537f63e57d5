"""What the cosigning inbox keeps to itself, and what nobody can do to it on purpose."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event as sql
from writing_server import Writing, drafted, line_of, signed_in, writing

from api.http.draft_store import DraftStore
from bench.workload import ORIGIN, READY_MS
from ledger.drafting import sign_statement
from ledger.events import encode_event
from ledger.events.parties import KeyEnrolled
from ledger.events.supervision import About, GrievanceFiled
from ledger.note import Ed25519Signer, SignatureLine

PATH = "/v1/drafts"
STANDING = {"id", "status", "missing", "receipt", "refusal"}
"""All that a post is answered with."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Writing]:
    """Serve a ledger that is written to."""
    with writing(f"sqlite:///{tmp_path / 'ledger.db'}") as served:
        yield served


# -- rights --------------------------------------------------------------------------------------


def test_the_line_of_a_public_note_opens_no_withheld_event(server: Writing) -> None:
    """A stranger signs an admitted draft again by what everybody reads; no event comes back.

    | posted under the name that signed | answer                       |
    | --------------------------------- | ---------------------------- |
    | the line of the public note       | 200, where it is in the log  |
    | 68 zero bytes                     | 422 `key_unknown`            |
    | its key id and 64 zero bytes      | 422 `unverified`             |
    """
    grievance = GrievanceFiled(
        **server.workload._heading(),
        grievance="g-1",
        about=About(contract="c-0"),
        category="QUALITY",
        text="ab" * 32,
    )
    buyer = server.workload._signer("BUY/one")
    data = sign_statement([grievance], ORIGIN, READY_MS, [buyer])
    proposed = server.client.post(PATH, content=data)
    assert (proposed.status_code, proposed.json()["status"]) == (201, "admitted")
    address = proposed.headers["Location"]
    index = proposed.json()["receipt"]["index"]
    public = server.client.get(f"/v1/statements/{index}").json()
    assert [each["body"] for each in public["events"]] == [None]
    line = public["note"].splitlines(keepends=True)[-1].encode()
    assert line == line_of(data, buyer)
    key_id = buyer.verifier.key_id
    for content, status, code in (
        (line, 200, None),
        (SignatureLine("BUY/one", bytes(4), bytes(64)).encode().encode(), 422, "key_unknown"),
        (SignatureLine("BUY/one", key_id, bytes(64)).encode().encode(), 422, "unverified"),
    ):
        answer = server.client.post(f"{address}/signatures", content=content)
        assert (answer.status_code, answer.json().get("code")) == (status, code)
        for secret in (grievance.salt, grievance.text, encode_event(grievance).decode()):
            assert secret not in answer.text
    again = server.client.post(f"{address}/signatures", content=line).json()
    assert again == proposed.json()
    assert set(again) == STANDING
    assert server.client.get(address).status_code == 404


@pytest.mark.parametrize("programme", ["p-2", "p"])
def test_whoever_posts_is_told_how_a_draft_stands_and_no_more(
    server: Writing, programme: str
) -> None:
    """Waiting, admitted or refused (there is a programme `p`): the parties alone read the rest."""
    data = drafted(server, "BUY/one", programme=programme)
    proposed = server.client.post(PATH, content=data)
    address = proposed.headers["Location"]
    line = line_of(data, server.workload._signer("FIN/one"))
    signed = server.client.post(f"{address}/signatures", content=line)
    again = server.client.post(PATH, content=data)
    for answer in (proposed, signed, again):
        assert set(answer.json()) == STANDING
        assert "Meals" not in answer.text
    refused = programme == "p"
    assert signed.json()["refusal"] == ("id_taken" if refused else None)
    assert (signed.json()["receipt"] is None) is refused
    assert again.json() == signed.json()
    told = server.client.get(address, headers=signed_in(server, "FIN/one")).json()
    assert (told["refusal"] is not None) is refused


def test_a_name_that_has_signed_needs_its_signature_all_the_same(server: Writing) -> None:
    """While a draft waits, a line is known by its bytes; another by that name must hold."""
    data = drafted(server, "BUY/one")
    address = server.client.post(PATH, content=data).headers["Location"]
    buyer = server.workload._signer("BUY/one")
    known = server.client.post(f"{address}/signatures", content=line_of(data, buyer))
    assert (known.status_code, known.json()["missing"]) == (200, ["FIN"])
    forged = SignatureLine("BUY/one", buyer.verifier.key_id, bytes(64)).encode()
    answer = server.client.post(f"{address}/signatures", content=forged.encode())
    assert (answer.status_code, answer.json()["code"]) == (422, "unverified")


# -- limits --------------------------------------------------------------------------------------


def test_a_draft_is_charged_to_the_party_whose_enrolled_key_signed(
    server: Writing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that only the draft itself enrols proposes nothing in its party's name.

    | proposes | signed by                               | answer             |
    | -------- | --------------------------------------- | ------------------ |
    | PRO      | BUY/aaa, which it enrols itself; PRO/one | 201, PRO's         |
    | BUY      | BUY/one                                 | 201, BUY's         |
    | PRO      | BUY/aab, which it enrols itself; PRO/one | 409: PRO has enough |
    """
    monkeypatch.setattr("api.http.drafts.MAX_DRAFTS", 1)

    def in_anothers_name(name: str) -> bytes:
        forged = Ed25519Signer(name, bytes(32))
        event = KeyEnrolled(
            **server.workload._heading(),
            party="BUY",
            vkey=str(forged.verifier),
            use="sign",
            holder="cd" * 32,
        )
        signers = [forged, server.workload._signer("PRO/one")]
        return sign_statement([event], ORIGIN, READY_MS, signers, ["FIN"])

    first = server.client.post(PATH, content=in_anothers_name("BUY/aaa"))
    assert first.status_code == 201
    finance = signed_in(server, "FIN/one")
    told = server.client.get(first.headers["Location"], headers=finance).json()
    assert (told["signed"], told["proposer"]) == (["BUY/aaa", "PRO/one"], "PRO")
    own = server.client.post(PATH, content=drafted(server, "BUY/one"))
    assert own.status_code == 201
    told = server.client.get(own.headers["Location"], headers=finance).json()
    assert told["proposer"] == "BUY"
    more = server.client.post(PATH, content=in_anothers_name("BUY/aab"))
    assert (more.status_code, more.json()["code"]) == (409, "too_many_drafts")
    assert "drafts of PRO" in more.json()["detail"]


def test_what_is_settled_counts_as_well(server: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has drafts refused or admitted without end is stopped like whoever lets them wait."""
    monkeypatch.setattr("api.http.drafts.MAX_DRAFTS", 2)
    for programme, status in (("p", "refused"), ("p-2", "admitted")):  # there is a programme `p`
        data = drafted(server, "BUY/one", "FIN/one", programme=programme)
        answer = server.client.post(PATH, content=data)
        assert (answer.status_code, answer.json()["status"]) == (201, status)
        assert server.client.post(PATH, content=data).json() == answer.json()
    more = server.client.post(PATH, content=drafted(server, "BUY/one", programme="p-3"))
    assert (more.status_code, more.json()["code"]) == (409, "too_many_drafts")


@pytest.mark.parametrize("programme", ["p-2", "p"])
def test_the_events_of_a_settled_draft_are_dropped(server: Writing, programme: str) -> None:
    """Its parties read what became of it and who signed; the megabytes are gone from the disk."""
    data = drafted(server, "BUY/one", programme=programme)
    address = server.client.post(PATH, content=data).headers["Location"]
    store = DraftStore(server.service.projections.database)
    assert store.held_by("BUY", READY_MS) == (1, len(data) - 1)
    server.client.post(
        f"{address}/signatures", content=line_of(data, server.workload._signer("FIN/one"))
    )
    headers = signed_in(server, "FIN/one")
    draft = server.client.get(address, headers=headers).json()
    assert (draft["status"], draft["statement"]) == (
        "refused" if programme == "p" else "admitted",
        None,
    )
    assert draft["signed"] == ["BUY/one", "FIN/one"]
    row = store.find(draft["id"])
    assert row is not None
    assert (row.outcome is None, row.events) == (False, None)
    assert store.held_by("BUY", READY_MS) == (1, len(row.note) + len(row.outcome or b""))
    page = server.client.get(f"/en/inbox/{draft['id']}", headers=headers)
    assert page.status_code == 200
    assert "Meals" not in page.text


def test_a_list_loads_no_statement_files(server: Writing) -> None:
    """However large the drafts are, a page of them is small, and their events are not read."""
    data = drafted(server, "BUY/one")
    address = server.client.post(PATH, content=data).headers["Location"]
    headers = signed_in(server, "FIN/one")
    asked: list[str] = []
    engine = server.service.projections.database._reader
    sql.listen(engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    (listed,) = server.client.get(PATH, headers=headers).json()["items"]
    assert server.client.get("/en/inbox", headers=headers).status_code == 200
    reads = [statement for statement in asked if "FROM served_inbox" in statement]
    assert len(reads) == 2
    assert [statement for statement in reads if "events" in statement] == []
    assert "statement" not in listed
    shown = server.client.get(address, headers=headers).json()
    assert shown == {**listed, "statement": data.decode()}
