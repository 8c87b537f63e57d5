"""`docs/check-event-proof.sh`: a shell and openssl agree with us on what an event proof shows.

Two makers and two checkers share only the formats: `ledger.proof` and foreign.small_log make the
same bytes, `ledger.proof` and the shell accept and refuse the same proofs.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import needs
import pytest
from foreign.small_log import BUREAU, LOG_KEY, OFFICE, Recorded, SmallLog, record

from ledger import canonical
from ledger.errors import LedgerError
from ledger.merkle import Subtree, root_of
from ledger.note import Ed25519Signer
from ledger.proof import Located, check_event_proof, make_event_proof

SCRIPT = Path(__file__).resolve().parents[2] / "docs" / "check-event-proof.sh"
STRANGER = Ed25519Signer(OFFICE.verifier.name, bytes([9]) * 32)
LOG_VKEY = str(LOG_KEY.verifier)

Proof = dict[str, Any]


def judge(
    folder: Path, proof: bytes, genesis: str, vkey: str = LOG_VKEY
) -> subprocess.CompletedProcess[str]:
    """Run the checker on a proof file, with nothing but the standard tools on its path."""
    assert needs.openssl()
    file = folder / "event.eventproof.json"
    file.write_bytes(proof)
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), str(file), vkey, genesis],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_checker_is_short_enough_to_be_read() -> None:
    """An auditor reads all of it: at most 60 lines."""
    assert SCRIPT.read_text().count("\n") <= 60


@pytest.mark.parametrize("size", [3, 7, 300])
@pytest.mark.parametrize(("index", "event_index"), [(0, 0), (1, 0), (2, 1), (-1, 0)])
def test_true_proofs_are_accepted(tmp_path: Path, size: int, index: int, event_index: int) -> None:
    """The genesis, a first key, and events with every kind of escape, in trees of odd sizes."""
    log = SmallLog(size)
    done = judge(tmp_path, log.event_proof(index % size, event_index), log.genesis)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"OK: the event is in statement {index % size} of ")


class SmallEvidence:
    """The small log as `ledger.proof` wants to ask it."""

    def __init__(self, log: SmallLog) -> None:
        """Answer from `log`."""
        self._log = log

    def checkpoint(self, _index: int) -> bytes:
        """Return the log's checkpoint."""
        return self._log.checkpoint

    def subtree(self, size: int) -> Subtree:
        """Return the reader of the subtrees' hashes."""
        hashes = self._log.hashes[:size]
        return lambda level, index: root_of(hashes[index << level : (index + 1) << level])

    def locate(self, event_id: str) -> Located | None:
        """Find an event."""
        for index, statement in enumerate(self._log.statements):
            for number, body in enumerate(statement.bodies):
                if json.loads(body)["id"] == event_id:
                    return Located(index, statement.entry, statement.bodies, number)
        return None

    def locate_key(self, vkey_name: str) -> Located | None:
        """Find the event that enrolled a key."""
        (index,) = [
            index
            for signer, index in self._log.enrolments.items()
            if signer.verifier.name == vkey_name
        ]
        statement = self._log.statements[index]
        return Located(index, statement.entry, statement.bodies, 0)


@pytest.mark.parametrize(("index", "event_index"), [(0, 0), (1, 0), (2, 1), (6, 0)])
def test_our_proofs_are_those_made_by_hand(tmp_path: Path, index: int, event_index: int) -> None:
    """`ledger.proof` makes, byte for byte, what the shell accepts, and accepts it itself."""
    log = SmallLog(7)
    event_id = json.loads(log.statements[index].bodies[event_index])["id"]
    proof = make_event_proof(SmallEvidence(log), event_id)
    assert proof == log.event_proof(index, event_index)
    assert judge(tmp_path, proof, log.genesis).returncode == 0
    assert check_event_proof(proof, log.policy()).verdict == "OK"


def test_another_genesis_is_refused(tmp_path: Path) -> None:
    """Whoever holds the ledger key can invent everybody: the genesis hash tells."""
    log = SmallLog()
    done = judge(tmp_path, log.event_proof(2, 0), "00" * 32)
    assert (done.returncode, done.stdout) == (1, "")
    assert "genesis" in done.stderr


def test_another_log_key_is_refused(tmp_path: Path) -> None:
    """The checkpoint must be signed by the key the verifier was given."""
    log = SmallLog()
    other = str(Ed25519Signer(LOG_KEY.verifier.name, bytes([8]) * 32).verifier)
    done = judge(tmp_path, log.event_proof(2, 0), log.genesis, other)
    assert (done.returncode, done.stdout) == (1, "")
    assert "signature" in done.stderr


def _change_event(proof: Proof) -> None:
    proof["event"] = proof["event"].replace("养老", "养大")


def _change_event_index(proof: Proof) -> None:
    proof["index"] = 1


def _lengthen_path(proof: Proof) -> None:
    proof["path"].append(proof["path"][0])


def _shorten_path(proof: Proof) -> None:
    proof["path"].clear()


def _change_recorded(proof: Proof) -> None:
    proof["entry"] = proof["entry"].replace("recorded 2026", "recorded 2025")


def _change_signature(proof: Proof) -> None:
    proof["entry"] = proof["entry"][:-10] + "AAAA" + proof["entry"][-6:]


def _change_size(proof: Proof) -> None:
    proof["receipt"] = proof["receipt"].replace("\n5\n", "\n6\n")


def _write_index_in_octal(proof: Proof) -> None:
    proof["receipt"] = proof["receipt"].replace("index 2", "index 02")


def _drop_enrolment(proof: Proof) -> None:
    del proof["keys"][1]["enrolled"]


def _drop_key(proof: Proof) -> None:
    del proof["keys"][1]


def _repeat_key(proof: Proof) -> None:
    proof["keys"][1] = proof["keys"][0]


def _put_strangers_key(proof: Proof) -> None:
    proof["keys"][1]["vkey"] = str(STRANGER.verifier)


def _enrol_by_other_event(proof: Proof) -> None:
    proof["keys"][1]["enrolled"] = proof["keys"][0]["enrolled"]


def _enrol_in_other_checkpoint(proof: Proof) -> None:
    longer = json.loads(SmallLog(6).event_proof(2, 0))
    proof["keys"][1] = longer["keys"][1]


def _add_member(proof: Proof) -> None:
    proof["note"] = "true"


@pytest.mark.parametrize(
    "attack",
    [
        _change_event,
        _change_event_index,
        _lengthen_path,
        _shorten_path,
        _change_recorded,
        _change_signature,
        _change_size,
        _write_index_in_octal,
        _drop_enrolment,
        _drop_key,
        _repeat_key,
        _put_strangers_key,
        _enrol_by_other_event,
        _enrol_in_other_checkpoint,
        _add_member,
    ],
)
def test_a_changed_proof_is_refused(tmp_path: Path, attack: Callable[[Proof], None]) -> None:
    """Each part of a proof is needed, and none can be bent; our own checker says the same."""
    log = SmallLog()
    proof = json.loads(log.event_proof(2, 0))
    attack(proof)
    done = judge(tmp_path, canonical.encode(proof), log.genesis)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr
    with pytest.raises(LedgerError):
        check_event_proof(canonical.encode(proof), log.policy())


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"entry":"\\u0041"}', b"\x00" * 10, b'{"entry":1}\n{"entry":1}\n']
)
def test_what_is_no_proof_is_refused(tmp_path: Path, data: bytes) -> None:
    """Other files are refused with a sentence."""
    done = judge(tmp_path, data, "00" * 32)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("WRONG: ")


def _forge_signature(log: SmallLog) -> None:
    """As operator, write a statement in the office's name with a key of one's own."""
    forged = record(2, log.statements[2].bodies, BUREAU, STRANGER)
    log.statements[2] = Recorded(forged.bodies, forged.entry, (BUREAU, OFFICE))


def _enrol_later(log: SmallLog) -> None:
    """As operator, admit a statement signed by a key that is enrolled only after it."""
    log.statements[1:3] = [
        record(1, log.statements[2].bodies, BUREAU, OFFICE),
        record(2, log.statements[1].bodies, BUREAU, OFFICE),
    ]
    log.enrolments[OFFICE] = 2


def _leave_signer_out(log: SmallLog) -> None:
    """As operator, strip a line: the signed text still names the second signer."""
    full = log.statements[2]
    entry = b"\n".join(full.entry.split(b"\n")[:-2]) + b"\n"
    log.statements[2] = Recorded(full.bodies, entry, (OFFICE,))


@pytest.mark.parametrize(
    ("deed", "index"), [(_forge_signature, 2), (_enrol_later, 1), (_leave_signer_out, 2)]
)
def test_what_the_operator_invents_is_refused(
    tmp_path: Path, deed: Callable[[SmallLog], None], index: int
) -> None:
    """A tree and a checkpoint that fit do not help the operator against the parties' keys."""
    log = SmallLog()
    deed(log)
    log.seal()
    done = judge(tmp_path, log.event_proof(index, 0), log.genesis)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("WRONG: ")
    with pytest.raises(LedgerError):
        check_event_proof(log.event_proof(index, 0), log.policy())
