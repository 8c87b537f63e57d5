"""A log made from the Go project's packages asks our witness, and believes its cosignatures."""

import subprocess
import time
from pathlib import Path

import pytest
from foreign.compiling import compiled
from witness_process import WitnessProcess

from ledger.note import Ed25519Signer, encode_base64

SEED = bytes([7]) * 32
LOG = Ed25519Signer("log.example/go", SEED)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the log."""
    source = Path(__file__).with_name("ask_witness.go")
    return compiled(source, tmp_path_factory.mktemp("go"))


def private_key(signer: Ed25519Signer, seed: bytes) -> str:
    """Return a signer's key as Go's sumdb/note writes it."""
    verifier = signer.verifier
    secret = encode_base64(b"\x01" + seed)
    return f"PRIVATE+KEY+{verifier.name}+{verifier.key_id.hex()}+{secret}"


def test_a_log_in_go_is_cosigned_and_its_fork_is_not(program: Path, tmp_path: Path) -> None:
    """Go's proofs hold here, our cosignatures hold there, and the refusals are the standard's."""
    before_s = int(time.time())
    words = ["1", "2", "3", "7", "8", "-40", "+40", "255", "256", "256", "-256", "300", "-310"]
    with WitnessProcess(tmp_path / "w", f"log {LOG.verifier}\nquorum none\n") as witness:
        done = subprocess.run(
            [program, witness.url, str(witness.key), private_key(LOG, SEED), *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[:2] for line in lines if line[0] == "200"] == [
        ["200", size] for size in ("1", "2", "3", "7", "8", "255", "256", "256", "300")
    ]
    assert [line for line in lines if line[0] != "200"] == [
        ["422", "40"],
        ["409", "40", "8"],
        ["409", "256", "256"],
        ["422", "310"],
    ]
    times = [int(line[2]) for line in lines if line[0] == "200"]
    assert before_s <= times[0] <= times[-1] <= int(time.time())
    assert times == sorted(times)


def test_go_does_not_believe_another_witnesss_key(program: Path, tmp_path: Path) -> None:
    """The foreign verifier is no rubber stamp: under another key it refuses our cosignature."""
    policy = f"log {LOG.verifier}\nquorum none\n"
    other = WitnessProcess(tmp_path / "other", policy, name="press.example/witness")
    with WitnessProcess(tmp_path / "w", policy) as witness:
        done = subprocess.run(
            [program, witness.url, str(other.key), private_key(LOG, SEED), "5"],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert (done.returncode, done.stdout) == (1, "")
