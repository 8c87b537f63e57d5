"""Key files: encrypted, whole, never overwritten; every fault is told."""

import base64
import stat
import subprocess
from pathlib import Path

import needs
import pytest

from ledger.errors import Conflict, Malformed
from ledger.identity import Ids, Stream
from ledger.keys import (
    KeyFile,
    KeyUnavailable,
    create_key_file,
    find_key_files,
    key_path,
    load_key_file,
)
from ledger.note import Ed25519Signer

SEED = bytes(range(32))
NAME = "finance/budget"


def make(folder: Path, name: str = NAME, password: str = "secret") -> KeyFile:
    """Write a key file."""
    return create_key_file(
        folder, name, SEED, use="sign", holder="holder-1", password=password, draw=Stream(b"key")
    )


def test_a_key_comes_back_as_it_went_in(tmp_path: Path) -> None:
    """Name, use, holder and the key itself; readable by its owner alone."""
    made = make(tmp_path)
    found = load_key_file(tmp_path / "finance" / "budget.pem")
    assert found == made
    assert found.unlock("secret").sign(b"x") == Ed25519Signer(NAME, SEED).sign(b"x")
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert [path.name for path in made.path.parent.iterdir()] == ["budget.pem"]


def test_the_seed_is_not_in_the_file(tmp_path: Path) -> None:
    """Only the public half stands in the clear."""
    data = make(tmp_path).path.read_bytes()
    assert SEED not in data
    assert SEED.hex().encode() not in data
    assert b"ENCRYPTED PRIVATE KEY" in data


def test_openssl_reads_the_file(tmp_path: Path) -> None:
    """A standard format: another program opens it, with the password and not without."""
    path = make(tmp_path).path
    command: list[str | Path] = [needs.openssl(), "pkey", "-in", path, "-noout", "-text", "-passin"]
    opened = subprocess.run([*command, "pass:secret"], capture_output=True, text=True, check=True)
    assert SEED[:4].hex(":") in opened.stdout
    assert subprocess.run([*command, "pass:wrong"], capture_output=True, check=False).returncode


def test_a_password_is_costly_to_guess(tmp_path: Path) -> None:
    """The password is stretched by scrypt (RFC 7914): 16 MiB, five times over."""
    pem = make(tmp_path).path.read_text().partition("-----BEGIN")[2]
    der = base64.b64decode("".join(pem.splitlines()[1:-1]))
    scrypt = bytes.fromhex("2b06010401da47040b")
    costs = bytes.fromhex("02024000020108020105")
    assert scrypt in der
    assert costs in der


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    """A lost key is replaced by another key, not by another file of its name."""
    before = make(tmp_path).path.read_bytes()
    with pytest.raises(Conflict, match="never overwritten"):
        make(tmp_path, password="another")
    assert (tmp_path / "finance" / "budget.pem").read_bytes() == before


def test_a_wrong_or_poor_password_is_told(tmp_path: Path) -> None:
    """A wrong password opens nothing; an empty one protects nothing."""
    made = make(tmp_path)
    with pytest.raises(KeyUnavailable, match="does not open"):
        made.unlock("Secret")
    with pytest.raises(KeyUnavailable, match="does not open"):
        made.unlock("")
    with pytest.raises(KeyUnavailable, match="too short"):
        make(tmp_path, "finance/other", password="abc")


def test_a_file_that_names_another_key_is_told(tmp_path: Path) -> None:
    """Whoever swaps the clear part gets no signature under a name that is not the key's."""
    path = make(tmp_path).path
    other = str(Ed25519Signer(NAME, bytes(32)).verifier)
    text = path.read_text()
    path.write_text(text.replace(str(Ed25519Signer(NAME, SEED).verifier), other))
    with pytest.raises(KeyUnavailable, match="not the one named above it"):
        load_key_file(path).unlock("secret")
    path.write_text(text.replace("Name: finance/budget", "Name: finance/review"))
    with pytest.raises(KeyUnavailable, match="two names"):
        load_key_file(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"Name: x\n", b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n", b"x" * 99_999],
)
def test_other_files_are_no_key_files(tmp_path: Path, content: bytes) -> None:
    """Whatever the bytes, the answer is a sentence."""
    path = tmp_path / "x.pem"
    path.write_bytes(content)
    with pytest.raises(KeyUnavailable, match="is not a key file"):
        load_key_file(path)
    assert find_key_files(tmp_path) == []


def test_missing_files_are_told(tmp_path: Path) -> None:
    """A missing file and a missing folder."""
    with pytest.raises(KeyUnavailable, match="there is no key file"):
        load_key_file(tmp_path / "none.pem")
    with pytest.raises(KeyUnavailable, match="no folder"):
        find_key_files(tmp_path / "none")


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "a//b", "."])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    """A key's name comes from elsewhere and must not choose where it is written."""
    with pytest.raises(Malformed, match="cannot name a key file"):
        key_path(tmp_path, name)


def test_ids_are_uuids_of_version_7_in_order_of_time() -> None:
    """Time first, then chance: an index over them grows at its end."""
    ids = Ids()
    made = [ids.event_id(1_772_352_000_000 + ms) for ms in range(5)]
    assert made == sorted(made)
    assert all(each[14] == "7" and each[19] in "89ab" for each in made)
    assert len({ids.event_id(0) for _ in range(1000)}) == 1000
    with pytest.raises(ValueError, match="cannot tell the time"):
        ids.event_id(-1)


def test_a_seeded_stream_repeats_itself() -> None:
    """Same seed, same bytes, however they are drawn; another seed, others."""
    whole = Stream(b"a")(100)
    parts = Stream(b"a")
    assert b"".join(parts(size) for size in (1, 31, 32, 33, 3)) == whole
    assert Stream(b"b")(100) != whole
    assert {Stream(bytes([n])).below(3) for n in range(60)} == {0, 1, 2}
