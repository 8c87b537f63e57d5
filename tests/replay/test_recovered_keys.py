"""A recovered key is a key like any other: what it signs is verified, proved and checked."""

import subprocess
from pathlib import Path

import needs
import pytest
from replay.histories import LEDGER_KEY, archive, fill, policy_of
from replay.test_proofs import SCRIPT
from world import World

from ledger.archive import Archive
from ledger.events.delivery import VisitRecorded
from ledger.events.parties import KeyRecovered
from ledger.evidence.archived import ArchiveEvidence
from ledger.evidence.stored import StoreEvidence
from ledger.proof import check_event_proof, make_event_proof
from ledger.replay.sources import ArchiveSource
from ledger.replay.verifying import verify
from ledger.times import MS_PER_DAY


@pytest.fixture(scope="module")
def world() -> World:
    """Tell of a provider that lost a key, got a new one and went on with it."""
    world = World.contracted()
    world.do(world.make(KeyRecovered))
    world.now_ms += 20 * MS_PER_DAY
    world.do(world.make(VisitRecorded), by="PRO/new")
    return world


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_history_with_a_recovery_verifies(world: World, tmp_path: Path, jobs: int) -> None:
    """The replay finds the key in the statement that recovers it, and lets it sign in its time."""
    folder = archive(tmp_path / "archive", world.statements)
    assert verify(ArchiveSource(folder), policy_of(world), jobs=jobs).exit_code == 0


def test_what_a_recovered_key_signed_is_proved(world: World, tmp_path: Path) -> None:
    """Archive and database find the recovery; the checker and its page of shell take it."""
    policy, visit = policy_of(world), world.last["visit.recorded"]
    evidence = ArchiveEvidence(Archive(archive(tmp_path / "archive", world.statements)))
    proof = make_event_proof(evidence, visit)
    assert b"key.recovered" in proof
    with fill(f"sqlite:///{tmp_path / 'ledger.db'}", world) as ledger:
        assert make_event_proof(StoreEvidence(ledger.store), visit) == proof
    assert check_event_proof(proof, policy).verdict == "OK"
    needs.openssl()
    path = tmp_path / "visit.eventproof.json"
    path.write_bytes(proof)
    genesis = policy.genesis.hex() if policy.genesis else ""
    command = ["sh", str(SCRIPT), str(path), str(LEDGER_KEY.verifier), genesis]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("OK"), done.stderr
