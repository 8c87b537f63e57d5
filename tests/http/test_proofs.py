"""Proofs over HTTP: each verifies offline, and none holds what its reader may not read."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

import msgspec
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from api.http.problems import Problem
from api.http.questions import Question
from api.http.routes.payments import explain_payment
from api.http.routes.proofs import contract_history, event_proof, receivable
from api.http.service import Service
from api.http.slowly import MAX_WAITING, Slowly
from api.rights import PUBLIC, Reader
from ledger.historyproof import check_history_proof
from ledger.proof import check_event_proof, check_receipt
from ledger.receivableproof import check_receivable_proof
from ledger.replay.database import DatabaseSource
from ledger.replay.explaining import explain
from ledger.statement import encode_statement_file
from ledger.stateproof import check_state_proof
from ledger.store.histories import history_of, last_of, uuid_of

CONTRACT = "c-2025-01"
LINE = "2025-2081006-city"
AUDITOR = Reader("lushan-audit", "lushan-audit/one", frozenset({"auditor"}))
PROVIDER = Reader("yangguang-care", "yangguang-care/one", frozenset({"provider"}))
OTHER = Reader("songbai-home", "songbai-home/one", frozenset({"provider"}))


def asked(service: Service, reader: Reader) -> Question:
    """Return a question that `reader` puts."""
    request = Request({"type": "http", "method": "GET", "path": "/v1", "headers": []})
    return Question(request, service, reader)


def body_of(answering: Coroutine[Any, Any, Response]) -> bytes:
    """Return the whole body of an answer, streamed or not."""

    async def read() -> bytes:
        response = await answering
        if hasattr(response, "body_iterator"):
            return b"".join([part async for part in response.body_iterator])
        return bytes(response.body)

    return asyncio.run(read())


def event_of_type(service: Service, type_name: str) -> str:
    """Return the id of an event of a type under the contract."""
    (row,) = history_of(service.store, f"contract/{CONTRACT}", type_name, -1, 1)
    return uuid_of(row)


def test_the_proof_of_an_event_verifies(client: TestClient, service: Service) -> None:
    """It holds the event's body, its signatures and its way into the log."""
    event = event_of_type(service, "payment.settled")
    answer = client.get(f"/v1/events/{event}/proof")
    checked = check_event_proof(answer.content, None)
    assert f'"id":"{event}"'.encode() in checked.bodies[0]
    assert f"{event}.eventproof.json" in answer.headers["Content-Disposition"]


def test_the_receipt_of_a_statement_verifies_with_its_file(
    client: TestClient, service: Service
) -> None:
    """By its index, and the same by its id."""
    row = service.store.statement(7)
    assert row is not None
    events = [each.body for each in service.store.events_of_statement(7)]
    answer = client.get("/v1/statements/7/proof")
    check_receipt(encode_statement_file(row.note, events), answer.content, None)
    assert client.get(f"/v1/statements/{row.id.hex()}/proof").content == answer.content


@pytest.mark.parametrize("path", [f"contracts/{CONTRACT}", f"funds/{LINE}"])
def test_how_something_stood_at_the_closing_is_proved(
    client: TestClient, service: Service, path: str
) -> None:
    """The answer says as of which closing."""
    last = last_of(service.store, "ledger/main", "ledger.closed")
    answer = client.get(f"/v1/{path}/proof")
    checked = check_state_proof(answer.content, None)
    assert checked.key.endswith(path.partition("/")[2])
    assert answer.headers["Sunledger-Closing"] == str(last.position if last else None)


def test_the_history_of_a_line_is_public_and_verifies(client: TestClient) -> None:
    """What moves money is for everybody; the balances come out of it."""
    answer = client.get(f"/v1/funds/{LINE}/history-proof")
    checked = check_history_proof(answer.content.splitlines(keepends=True), None)
    assert checked.events > 0
    assert checked.figures


@pytest.mark.parametrize("reader", [AUDITOR, PROVIDER])
def test_the_history_of_a_contract_is_for_its_sides(service: Service, reader: Reader) -> None:
    """It holds every visit; the sides and auditors may read these."""
    body = body_of(contract_history(asked(service, reader), CONTRACT))
    assert check_history_proof(body.splitlines(keepends=True), None).events > 1_000
    assert b'"visit.recorded"' in body


@pytest.mark.parametrize("reader", [PUBLIC, OTHER])
def test_what_may_not_be_read_is_proved_to_nobody(service: Service, reader: Reader) -> None:
    """A visit's proof, and a history with visits, answer as if there were none."""
    with pytest.raises(Problem) as refused:
        body_of(contract_history(asked(service, reader), CONTRACT))
    with pytest.raises(Problem) as missing:
        body_of(contract_history(asked(service, reader), "x"))
    told = refused.value.detail, missing.value.detail
    assert told == tuple(f"there is no history of contract/{name}" for name in (CONTRACT, "x"))
    visit = event_of_type(service, "visit.recorded")
    for event in (visit, visit[:-1] + ("0" if visit[-1] != "0" else "1")):
        with pytest.raises(Problem) as refused:
            event_proof(asked(service, reader), event)
        assert (refused.value.code, refused.value.detail) == (
            "not_found",
            f"there is no event {event}",
        )
    assert event_proof(asked(service, PROVIDER), visit).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["events/x/proof", "statements/x/proof", "statements/999999/proof", "contracts/x/proof"],
)
def test_there_is_no_proof_of_what_is_not_there(client: TestClient, path: str) -> None:
    """The same answer as for what may not be read."""
    answer = client.get(f"/v1/{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_what_is_unpaid_of_a_claim_is_proved_to_a_bank(
    client: TestClient, service: Service
) -> None:
    """Of a claim that is paid, or not there, nothing is."""
    open_claim = next(
        each["claim"]
        for each in client.get("/v1/claims?limit=1000").json()["items"]
        if client.get(f"/v1/claims/{each['claim']}/proof").status_code == 200
    )
    body = body_of(receivable(asked(service, PUBLIC), open_claim))
    assert check_receivable_proof(body, None).claim == open_claim
    assert client.get("/v1/claims/c-2025-01-2025-01/proof").status_code == 404


def test_a_payment_is_explained_as_on_the_command_line(service: Service) -> None:
    """By the same replay; the people served are told to the contract's sides alone."""
    payment = "c-2025-01-p00001"
    whole = msgspec.json.decode(
        msgspec.json.encode(explain(DatabaseSource(service.store), payment))
    )
    for reader, shown in ((PROVIDER, True), (AUDITOR, True), (OTHER, False), (PUBLIC, False)):
        body = body_of(explain_payment(asked(service, reader), payment))
        document = msgspec.json.decode(body)
        assert document["position"] == service.position
        capped = [each for step in whole["steps"] for each in step.get("capped", ())]
        told = [
            each for step in document["explanation"]["steps"] for each in step.get("capped", ())
        ]
        assert capped
        expected = capped if shown else [{**each, "beneficiary": ""} for each in capped]
        assert told == expected
        assert document["explanation"]["standing"] == whole["standing"]


def test_a_long_history_is_not_replayed_for_a_request(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command line is named instead."""
    monkeypatch.setattr("api.http.routes.payments.MAX_EVENTS_EXPLAINED", 100)
    with pytest.raises(Problem) as refused:
        body_of(explain_payment(asked(service, PUBLIC), "c-2025-01-p00002"))
    assert refused.value.code == "too_long_to_replay"
    monkeypatch.setattr("api.http.routes.proofs.MAX_HISTORY_EVENTS", 100)
    with pytest.raises(Problem) as refused:
        body_of(contract_history(asked(service, AUDITOR), CONTRACT))
    assert refused.value.code == "too_large"


def test_slow_work_is_done_once_and_kept_for_who_comes_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who waits too long is told to come again, and then finds the outcome."""
    monkeypatch.setattr("api.http.slowly.PATIENCE_SECONDS", 0.02)
    slowly, begun, may_end = Slowly(), [], threading.Event()

    def work() -> str:
        begun.append(1)
        may_end.wait()
        return "outcome"

    async def ask() -> None:
        for _ in range(2):
            with pytest.raises(Problem) as told:
                await slowly.done("key", work)
            assert told.value.code == "working"
        may_end.set()
        monkeypatch.setattr("api.http.slowly.PATIENCE_SECONDS", 5)
        assert await slowly.done("key", work) == "outcome"

    asyncio.run(ask())
    assert begun == [1]


def test_slow_work_fails_to_who_asked_and_is_tried_again() -> None:
    """An error is not kept."""
    slowly = Slowly()

    def fail() -> str:
        raise TimeoutError("of the work")

    async def ask() -> None:
        with pytest.raises(TimeoutError, match="of the work"):
            await slowly.done("key", fail)
        assert await slowly.done("key", lambda: "well") == "well"

    asyncio.run(ask())


def test_too_much_slow_work_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what can wait nothing is taken on."""
    monkeypatch.setattr("api.http.slowly.PATIENCE_SECONDS", 0.01)
    slowly, may_end = Slowly(), threading.Event()

    async def ask() -> list[str | None]:
        told = []
        for number in range(MAX_WAITING + 2):
            with pytest.raises(Problem) as refused:
                await slowly.done(number, may_end.wait)
            told.append(refused.value.detail)
        return told

    told = asyncio.run(ask())
    may_end.set()
    assert told[-1] == "other work is waiting"
    assert told[:-1] == ["it is being worked on"] * (MAX_WAITING + 1)
