"""The log over HTTP: a client that trusts nothing finds every statement under the checkpoint."""

import subprocess
from pathlib import Path

import pytest
from foreign.compiling import compiled
from starlette.testclient import TestClient

from api.http.service import Service
from ledger.events import decode_event
from ledger.events.parties import LedgerOpened
from ledger.merkle import check_inclusion, leaf_hash, prove_inclusion
from ledger.note import VerifierKey, open_note
from ledger.store.published import Published
from ledger.store.store import Store
from ledger.tlog import (
    ENTRIES,
    TILE_SIZE,
    TILE_WIDTH,
    Checkpoint,
    encode_tile_index,
    split_bundle,
    split_tile,
    subtree_of_tiles,
    tile_path,
    tiles_of,
)

VERIFIER = Path(__file__).parents[1] / "foreign" / "verify_archive.go"
FOR_EVER = "public, max-age=31536000, immutable"


@pytest.fixture(scope="module")
def ledger_key(service: Service) -> VerifierKey:
    """Give the key that a client has by another way."""
    first = service.store.event_at(0)
    assert first is not None
    opened = decode_event(first.body)
    assert isinstance(opened, LedgerOpened)
    return VerifierKey.parse(opened.ledger_key)


def stated(client: TestClient, ledger_key: VerifierKey) -> Checkpoint:
    """Return what the served checkpoint states, its signature verified."""
    note = client.get("/checkpoint")
    assert note.headers["Cache-Control"] == "no-cache"
    return Checkpoint.parse(open_note(note.content, [ledger_key]).note.text)


def test_every_statement_is_found_under_the_signed_checkpoint(
    client: TestClient, service: Service, ledger_key: VerifierKey
) -> None:
    """A client fetches tiles and entries alone, and checks inclusion up to the root signed."""
    checkpoint = stated(client, ledger_key)
    assert checkpoint.size == service.store.head().size > 2 * TILE_WIDTH

    def read_tile(level: int, n: int, width: int) -> bytes:
        return client.get(f"/{tile_path(level, n, width)}").content

    subtree = subtree_of_tiles(checkpoint.size, read_tile)
    for index in (0, 1, TILE_WIDTH - 1, TILE_WIDTH, checkpoint.size // 2, checkpoint.size - 1):
        n, place = divmod(index, TILE_WIDTH)
        width = min(TILE_WIDTH, checkpoint.size - n * TILE_WIDTH)
        entries = split_bundle(client.get(f"/{tile_path(ENTRIES, n, width)}").content)
        path = prove_inclusion(index, checkpoint.size, subtree)
        leaf = leaf_hash(entries[place])
        check_inclusion(leaf, index, checkpoint.size, path, checkpoint.root)
        row = service.store.statement(index)
        assert row is not None
        assert row.leaf == leaf


def test_go_verifies_what_is_served(
    client: TestClient, ledger_key: VerifierKey, tmp_path: Path
) -> None:
    """Go's packages for such logs find the same root, tiles and proofs in what they are given."""
    (tmp_path / "go").mkdir()
    program = compiled(VERIFIER, tmp_path / "go")
    checkpoint = stated(client, ledger_key)
    names = ["checkpoint"]
    for level, n, width in tiles_of(checkpoint.size):
        names.append(tile_path(level, n, width))
        if level == 0:
            names.append(tile_path(ENTRIES, n, width))
    for name in names:
        answer = client.get(f"/{name}")
        assert answer.status_code == 200
        file = tmp_path / "log" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(answer.content)
    command = [str(program), str(ledger_key), str(tmp_path / "log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"OK {checkpoint.size} ")


def test_a_tile_of_any_width_is_the_beginning_of_the_wider_one(client: TestClient) -> None:
    """Partial tiles and bundles stay true when the log has gone on: each is a prefix."""
    for whole, pieces in (("0/000", split_hashes), ("entries/000", split_bundle)):
        full = pieces(client.get(f"/tile/{whole}").content)
        assert len(full) == TILE_WIDTH
        for width in (1, 2, 100, 255):
            part = client.get(f"/tile/{whole}.p/{width}")
            assert pieces(part.content) == full[:width]
            assert part.headers["Cache-Control"] == FOR_EVER


def split_hashes(data: bytes) -> list[bytes]:
    """Return the hashes of a tile of any width."""
    return split_tile(data, len(data) // 32)


def test_a_tile_never_changes_and_says_so(client: TestClient) -> None:
    """Full tiles may be kept for ever, by anybody."""
    for path in ("/tile/0/000", "/tile/entries/001"):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == FOR_EVER
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert client.get(path).content == answer.content
    assert len(client.get("/tile/0/000").content) == TILE_SIZE


@pytest.mark.parametrize(
    "path",
    [
        "0/999",  # beyond the end
        "entries/999",
        "1/000",  # not full yet
        "2/000.p/1",
        "7/000.p/1",
        "8/000.p/1",  # no such level
        "0/0",  # not the one spelling
        "0/x000/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/x999/x999/x999/x999/x999/999",
        "entries/000%2f..%2f001",
        "0/-01",
        "",
    ],
)
def test_what_the_log_has_not_is_not_there(client: TestClient, path: str) -> None:
    """A tile beyond the tree, or under another spelling, is 404, told to a program."""
    answer = client.get(f"/tile/{path}")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_width_beyond_the_log_is_not_there(client: TestClient, service: Service) -> None:
    """The last tile is there as wide as the log is, and not a hash wider."""
    n, width = divmod(service.store.head().size, TILE_WIDTH)
    for level in ("0", ENTRIES):
        for wide, status in ((width, 200), (width + 1, 404)):
            path = f"/tile/{level}/{encode_tile_index(n)}.p/{wide}"
            assert client.get(path).status_code == status


def test_roots_of_tiles_are_hashed_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for every width of an upper tile does not hash the tiles below it every time."""
    read: list[tuple[int, int]] = []
    tile = Store.tile

    def counting(store: Store, level: int, n: int) -> bytes | None:
        read.append((level, n))
        return tile(store, level, n)

    monkeypatch.setattr(Store, "tile", counting)
    published = Published(service.store)
    count = service.store.head().size // TILE_WIDTH
    widest = published.tile(1, 0, count)
    assert widest is not None
    for width in range(1, count):
        assert published.tile(1, 0, width) == widest[: width * 32]
    below = [each for each in read if each[0] == 0]
    assert len(below) == len(set(below)) == count
