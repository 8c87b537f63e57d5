"""Statements over HTTP: admitted once, refused with reasons, never lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs
from writing_server import Writing, writing

from ledger.note import Ed25519Signer, format_note, sign_line
from ledger.refused import open_refusal
from ledger.statement import (
    MEDIA_TYPE,
    decode_statement_file,
    encode_statement_file,
    parse_statement,
)
from ledger.store.errors import OutcomeUnknown, StoreUnavailable

PATH = "/v1/statements"
HEADERS = {"Content-Type": MEDIA_TYPE}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Writing]:
    """Serve a ledger on each database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('written') / 'ledger.db'}"
    else:
        url = request.getfixturevalue("postgres_databases").new()
    with writing(url) as served:
        yield served


def test_a_statement_is_admitted_and_told_where_it_is(server: Writing) -> None:
    """201 with the receipt, which says what the log holds at that place."""
    (data,) = server.workload.visits(1, 3)
    answer = server.client.post(PATH, content=data, headers=HEADERS)
    assert answer.status_code == 201
    receipt = answer.json()
    row = server.service.store.statement(receipt["index"])
    assert row is not None
    assert receipt == {
        "index": row.index,
        "id": parse_statement(decode_statement_file(data)[0]).id.hex(),
        "recorded": "2025-02-15T00:00:00.000Z",
        "first_position": row.first_position,
        "event_count": 3,
        "proof": f"/v1/statements/{row.index}/proof",
    }
    assert answer.headers["Location"] == f"/v1/statements/{row.index}"


def test_the_same_text_again_is_answered_with_the_first_receipt(server: Writing) -> None:
    """200 and the same receipt, however often, and one entry in the log."""
    (data,) = server.workload.visits(1, 1)
    first = server.client.post(PATH, content=data)
    size = server.service.store.head().size
    again = server.client.post(PATH, content=data)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert server.service.store.head().size == size


def test_many_at_once_are_all_durable(server: Writing) -> None:
    """What was acknowledged is in the store, each once, and they shared commits."""
    crowd = list(server.workload.visits(64, 1))
    before = len(list(server.service.store.checkpoints()))
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda data: server.client.post(PATH, content=data), crowd))
    assert [answer.status_code for answer in answers] == [201] * 64
    indexes = {answer.json()["index"] for answer in answers}
    assert len(indexes) == 64
    for data, answer in zip(crowd, answers, strict=True):
        row = server.service.store.statement(answer.json()["index"])
        assert row is not None
        assert row.note == decode_statement_file(data)[0]
    assert len(list(server.service.store.checkpoints())) - before < 64


def test_what_was_written_can_be_read(server: Writing) -> None:
    """With `wait` the answer comes when the read models reflect the statement."""
    (data,) = server.workload.visits(1, 2)
    answer = server.client.post(f"{PATH}?wait=true", content=data)
    end = answer.json()["first_position"] + 2
    assert int(answer.headers["Sunledger-Position"]) >= end
    assert server.client.get(f"/v1/contracts?min_position={end}").status_code == 200


def test_a_refusal_names_the_event_and_is_signed_by_the_operator(server: Writing) -> None:
    """422 with code, reason in both languages, and a note to show that one asked."""
    (data,) = server.workload.visits(1, 2)
    server.client.post(PATH, content=data)
    size = server.service.store.head().size
    answer = server.client.post(PATH, content=server.workload.signed_again(data))
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem["code"] == "event_id_taken"
    assert problem["titles"]["zh"] != problem["titles"]["en"] == problem["title"]
    again = parse_statement(decode_statement_file(server.workload.signed_again(data))[0])
    refusal = open_refusal(problem["refusal"].encode(), [server.workload.operator.verifier])
    assert (refusal.statement_id, refusal.code) == (again.id, "event_id_taken")
    assert refusal.origin == server.service.origin
    assert server.service.store.head().size == size


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        (lambda _data: b"", 400, "malformed"),
        (lambda data: data[:-1], 400, "malformed"),
        (lambda data: data.replace(b'"units":1', b'"units":2'), 422, "unverified"),
        (lambda data: data + b"\n" * (16 << 20), 413, "too_large"),
    ],
    ids=["empty", "cut off", "changed", "too large"],
)
def test_what_is_no_statement_is_refused_and_nothing_is_stored(
    server: Writing, change: Callable[[bytes], bytes], status: int, code: str
) -> None:
    """Malformed is 400, a signature that does not hold 422, too much 413."""
    (data,) = server.workload.visits(1, 1)
    size = server.service.store.head().size
    answer = server.client.post(PATH, content=change(data))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert server.service.store.head().size == size


def test_a_body_without_a_length_is_read_no_further_than_the_limit(server: Writing) -> None:
    """Who sends in chunks without end is stopped at the limit."""
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(64):
            sent += 1
            yield b"x" * (1 << 20)

    answer = server.client.post(PATH, content=endless())
    assert answer.json()["code"] == "too_large"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreUnavailable("the disk is full"), "unavailable"),
        (OutcomeUnknown("the connection broke"), "outcome_unknown"),
    ],
)
def test_a_database_that_cannot_serve_is_told_with_when_to_come_again(
    server: Writing, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    """503 with `Retry-After`; afterwards the same text is admitted, or its receipt given again."""
    (data,) = server.workload.visits(1, 1)

    def fail(_batch: object) -> None:
        raise error

    def fail_to_read(_index: int) -> None:
        raise StoreUnavailable("the connection broke")

    with monkeypatch.context() as broken:
        broken.setattr(server.service.store, "append", fail)
        if isinstance(error, OutcomeUnknown):  # and the head cannot be read either
            broken.setattr(server.service.store, "checkpoint_over", fail_to_read)
        answer = server.client.post(PATH, content=data)
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert int(answer.headers["Retry-After"]) > 0
    assert server.client.post(PATH, content=data).status_code == 201


def test_a_server_that_only_reads_takes_nothing(client: TestClient) -> None:
    """It says where to go and when, whatever was sent."""
    answer = client.post(PATH, content=b"anything")
    assert (answer.status_code, answer.json()["code"]) == (503, "not_written_here")
    assert int(answer.headers["Retry-After"]) > 0


def test_a_key_of_nobody_is_refused_with_a_code(server: Writing) -> None:
    """What a stranger signs is refused by name of the key, and told to whoever sent it."""
    (data,) = server.workload.visits(1, 1)
    stranger = Ed25519Signer("PRO/two", bytes(32))
    note, bodies = decode_statement_file(data)
    text = parse_statement(note).note.text
    forged = encode_statement_file(format_note(text, [sign_line(text, stranger)]), bodies)
    answer = server.client.post(PATH, content=forged)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_unknown")


def _told(server: Writing, path: str, data: bytes) -> tuple[int, dict[str, str], dict[str, object]]:
    """Return what an answer tells, without what is another each time."""
    answer = server.client.post(path, content=data)
    headers = {name: value for name, value in answer.headers.items() if name != "x-request-id"}
    return answer.status_code, headers, {**answer.json(), "request_id": None}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda server, _data: next(server.workload.visits(1, 1)), 201),
        (lambda _server, data: data, 200),
        (lambda server, data: server.workload.signed_again(data), 422),
        (lambda _server, data: data[:-1], 400),
        (lambda _server, _data: b"", 400),
    ],
    ids=["new", "again", "refused", "cut off", "empty"],
)
def test_statements_are_answered_as_by_their_route(
    server: Writing, change: Callable[[Writing, bytes], bytes], status: int
) -> None:
    """The short way and the one with a query differ in nothing but what the ledger says."""
    (data,) = server.workload.visits(1, 1)
    server.client.post(PATH, content=data)
    server.service.follow()
    short = _told(server, PATH, change(server, data))
    long = _told(server, f"{PATH}?wait=false", change(server, data))
    assert short[0] == status
    if status == 201:  # two statements: other places
        assert (long[0], long[1].keys(), long[2].keys()) == (201, short[1].keys(), short[2].keys())
    else:
        assert short == long


def test_a_fault_is_told_and_logged_once(server: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is a 500 without its text, which stands in the log."""

    def fail(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(server.service.ledger, "hand_in", fail)
    for path in (PATH, f"{PATH}?wait=false"):
        with capture_logs() as logged:
            answer = server.client.post(path, content=b"anything")
        assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
        assert "secret" not in answer.text
        assert [line["event"] for line in logged].count("a request failed") == 1
