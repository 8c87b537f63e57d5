"""A real replaying witness: it cosigns what it has judged itself, and nothing else."""

import shutil
from pathlib import Path

import pytest
from replay.histories import archive, checkpoint_of, entries_of, fill, grown, policy_of, town
from witness_process import WitnessProcess
from world import Recorded, World

from ledger.cosigning import NotCosigned, Request
from ledger.events.budget import BudgetAllotted
from ledger.merkle import leaf_hash, prove_consistency, root_of
from ledger.note import COSIGNATURE_V1, Ed25519Signer
from ledger.replay.following import Following
from ledger.replay.sources import ArchiveSource
from ledger.witness.memory import Memory
from ledger.witness.witness import Witness


@pytest.fixture(scope="module")
def world() -> World:
    """Tell a history with a closing."""
    world = town()
    world.do(world.closed())
    return grown(world, 150)


def asked(statements: list[Recorded], old_size: int, size: int) -> bytes:
    """Return a ledger's request for `size` statements."""
    hashes = [leaf_hash(entry) for entry, _ in entries_of(statements)]

    def subtree(level: int, n: int) -> bytes:
        return root_of(hashes[n << level : (n + 1) << level])

    path = prove_consistency(old_size, size, subtree) if old_size else []
    return Request(old_size, tuple(path), checkpoint_of(statements[:size])).encode()


def test_a_ledger_is_cosigned_as_far_as_it_was_replayed(
    world: World, database_url: str, tmp_path: Path
) -> None:
    """From the operator's database: what is there and lawful; a restart begins anew."""
    first = World()
    first.statements = world.statements[:120]
    policy = policy_of(world).encode()
    with fill(database_url, first) as ledger:
        witness = WitnessProcess(tmp_path / "w", policy, database_url, "--replay")
        with witness:
            assert "120 statements replayed" in witness.said()
            assert witness.post(asked(world.statements, 0, 100))[0] == 503  # it is beyond that
            assert witness.post(asked(world.statements, 0, 120))[0] == 200
            status, answer, _ = witness.post(asked(world.statements, 120, 150))
            assert (status, b"it has 120 statements so far" in answer) == (503, True)
            clock = ledger._writer._clock
            for clock.time_ms, data in world.statements[120:]:  # type: ignore[attr-defined]
                ledger.submit(data)
            assert witness.post(asked(world.statements, 120, 140))[0] == 200
            witness.kill()
            witness.start()
            assert witness.post(asked(world.statements, 120, 150))[:2] == (409, b"140\n")
            assert witness.post(asked(world.statements, 140, 150))[0] == 200


def test_an_unlawful_statement_is_never_cosigned(world: World, tmp_path: Path) -> None:
    """The operator admits an overspending allotment: signed, consistent, and declined for good."""
    data = world.sign(world.make(BudgetAllotted, line="line-1", amount_fen=10**12), by="FIN/one")
    statements = [*world.statements, Recorded(world.now_ms, data)]
    folder = archive(tmp_path / "w" / "archive", world.statements)
    options = (str(folder), "--replay")
    with WitnessProcess(tmp_path / "w", policy_of(world).encode(), *options) as witness:
        assert witness.post(asked(statements, 0, 150))[0] == 200
        shutil.rmtree(folder)
        archive(folder, statements)
        for _ in range(2):
            status, answer, _ = witness.post(asked(statements, 150, 151))
            assert (status, b"guard_broken" in answer) == (422, True)
        assert "guard_broken" in witness.said()
    # Started again, it finds at once that the history does not hold.
    assert "guard_broken" in witness.refusal()


def test_another_history_than_the_checkpoints_is_not_cosigned(world: World, tmp_path: Path) -> None:
    """What the witness is given to replay must be what the ledger signed."""
    shifted = [r._replace(recorded_ms=r.recorded_ms + 1) for r in world.statements[-5:]]
    statements = [*world.statements[:-5], *shifted]
    folder = archive(tmp_path / "w" / "archive", world.statements)
    options = (str(folder), "--replay")
    with WitnessProcess(tmp_path / "w", policy_of(world).encode(), *options) as witness:
        status, answer, _ = witness.post(asked(statements, 0, 150))
        assert (status, b"has another root at size 150" in answer) == (422, True)
        assert witness.post(asked(world.statements, 0, 150))[0] == 200


def test_withheld_events_cannot_be_replayed(world: World, tmp_path: Path) -> None:
    """An archive for readers without rights is not enough to start with."""
    folder = archive(tmp_path / "w" / "archive", world.statements, withheld="visit.recorded")
    witness = WitnessProcess(tmp_path / "w", policy_of(world).encode(), str(folder), "--replay")
    assert "events are withheld" in witness.refusal()


def test_a_witness_whose_file_of_ids_failed_cosigns_again(world: World, tmp_path: Path) -> None:
    """It answers that it cannot judge at the moment, never that an honest ledger is unlawful."""
    folder = archive(tmp_path / "archive", world.statements)
    policy = policy_of(world)
    signer = Ed25519Signer("audit.example/witness", b"w" * 32, COSIGNATURE_V1)
    with (
        Following(lambda: ArchiveSource(folder), policy) as following,
        Memory(tmp_path / "w", signer.verifier) as memory,
    ):
        logs = [log.key for log in policy.logs]
        witness = Witness(signer, logs, memory, lambda: world.now_ms, following)
        witness.add_checkpoint(asked(world.statements, 0, 120))
        following._event_ids._database.execute("PRAGMA query_only = ON")
        with pytest.raises(NotCosigned, match="file of event ids fails") as caught:
            witness.add_checkpoint(asked(world.statements, 120, 150))
        assert caught.value.status == 503
        checkpoint, _line = witness.add_checkpoint(asked(world.statements, 120, 150))
        assert checkpoint.size == 150
