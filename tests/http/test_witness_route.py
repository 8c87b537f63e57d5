"""`POST /add-checkpoint`: a server that is a witness, and one that is none."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from api.application import create_app
from api.http.service import Service
from ledger.cosigning import PATH, SIZE_TYPE, Request
from ledger.merkle import leaf_hash, prove_consistency, root_of
from ledger.note import COSIGNATURE_V1, Ed25519Signer, format_note, open_note, parse_note, sign_note
from ledger.tlog import Checkpoint
from ledger.witness.memory import Memory
from ledger.witness.witness import Witness

LOG = Ed25519Signer("other.example", bytes([3]) * 32)
STRANGER = Ed25519Signer("other.example", bytes([4]) * 32)
KEY = Ed25519Signer("audit.example/witness", bytes([5]) * 32, algorithm=COSIGNATURE_V1)
LEAVES = [leaf_hash(b"%d" % n) for n in range(20)]


def asked(old_size: int, size: int, signer: Ed25519Signer = LOG) -> bytes:
    """Return a log's request for a cosignature over its first `size` entries."""

    def subtree(level: int, n: int) -> bytes:
        return root_of(LEAVES[n << level : (n + 1) << level])

    path = prove_consistency(old_size, size, subtree) if old_size else []
    text = Checkpoint("other.example", size, root_of(LEAVES[:size])).encode()
    return Request(old_size, tuple(path), sign_note(text, signer)).encode()


@pytest.fixture
def witness(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """Give a client of a server that is a witness of one log."""
    with Memory(tmp_path / "memory", KEY.verifier) as memory:
        clock = itertools.count(1_772_323_200_000, 60_000)
        monkeypatch.setattr(
            service, "witness", Witness(KEY, [LOG.verifier], memory, lambda: next(clock))
        )
        yield TestClient(create_app(service))


def test_a_log_that_grows_is_cosigned(witness: TestClient) -> None:
    """The answer is the witness's line over the checkpoint that was sent."""
    for old, new in ((0, 3), (3, 20)):
        request = asked(old, new)
        answer = witness.post(PATH, content=request)
        assert answer.status_code == 200
        note = parse_note(Request.parse(request).checkpoint)
        (line,) = parse_note(b"text\n\n" + answer.content).signatures
        cosigned = format_note(note.text, [*note.signatures, line])
        assert open_note(cosigned, [KEY.verifier]).verified == (line,)


def test_what_does_not_continue_is_declined(witness: TestClient) -> None:
    """With the status that the protocol gives it, and the size where that helps."""
    assert witness.post(PATH, content=asked(0, 5)).status_code == 200
    again = witness.post(PATH, content=asked(0, 9))
    assert (again.status_code, again.text) == (409, "5\n")
    assert again.headers["Content-Type"].startswith(SIZE_TYPE)
    assert witness.post(PATH, content=asked(5, 9, STRANGER)).status_code == 403
    assert witness.post(PATH, content=b"nonsense").status_code == 400
    assert witness.post(PATH, content=b"x" * 70_000).status_code == 413


def test_a_server_without_a_witnesss_key_cosigns_nothing(client: TestClient) -> None:
    """There is nothing at this address."""
    assert client.post(PATH, content=asked(0, 3)).status_code == 404
