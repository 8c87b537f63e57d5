"""Verification: what a whole history must be to pass, and which lies it does not believe."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from replay.histories import (
    LEDGER_KEY,
    archive,
    checkpoint_of,
    event_ids,
    fill,
    grown,
    policy_of,
    sign_bodies,
    town,
)
from world import ORIGIN, Recorded, World, signer

from ledger.errors import LedgerError, Malformed, Unverified
from ledger.events import encode_event
from ledger.events.budget import BudgetAllotted
from ledger.events.delivery import VisitRecorded
from ledger.events.parties import LedgerOpened, RoleGranted
from ledger.note import COSIGNATURE_V1, Ed25519Signer, cosign, format_note, parse_note
from ledger.policy import Policy
from ledger.replay.accepted import file_name, to_remember
from ledger.replay.database import DatabaseSource
from ledger.replay.exporting import export_archive
from ledger.replay.report import Report, Wrong
from ledger.replay.sources import ArchiveSource
from ledger.replay.verifying import verify
from ledger.statement import decode_statement_file, encode_statement_file
from ledger.times import MS_PER_SECOND

WITNESS = Ed25519Signer("audit.example", b"w" * 32, COSIGNATURE_V1)


@pytest.fixture(scope="module")
def world() -> World:
    """Tell the history of a town, once."""
    return town()


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write its archive, once."""
    return archive(tmp_path_factory.mktemp("town") / "archive", world.statements)


def check(folder: Path, world: World, **more: object) -> Report:
    """Verify an archive under the true policy of a world."""
    return verify(ArchiveSource(folder), policy_of(world), **more)  # type: ignore[arg-type]


# -- what passes -------------------------------------------------------------------------------


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_true_history_verifies(world: World, folder: Path, jobs: int) -> None:
    """An archive of a lawful history is OK under its policy, alone or with helper processes."""
    report = check(folder, world, jobs=jobs)
    size, events = len(world.statements), len(event_ids(world))
    assert report.exit_code == 0
    root = report.root.hex()[:4]
    keys = len(world.state.keys)
    line = f"verified {events} events in {size} statements, {keys} keys, tree {size} {root}…: OK"
    assert str(report) == line


def test_without_a_policy_nothing_is_anchored(folder: Path) -> None:
    """Whoever holds the ledger key could have invented everybody: consistent is not OK."""
    for policy in (None, Policy(), Policy.of(LEDGER_KEY.verifier)):
        report = verify(ArchiveSource(folder), policy)
        assert report.exit_code == 3
        assert str(report).endswith(": consistent, not anchored")


def test_database_and_its_archive_verify_alike(
    world: World, database_url: str, tmp_path: Path
) -> None:
    """A ledger verifies row by row, and its exported archive is the one of its statements."""
    with fill(database_url, world) as ledger:
        report = verify(DatabaseSource(ledger.store), policy_of(world))
        export_archive(ledger.store, tmp_path / "exported")
        newest = ledger.store.checkpoint()
    assert report == check(tmp_path / "exported", world)
    assert report.checkpoint == newest == checkpoint_of(world.statements)
    with pytest.raises(LedgerError, match="exists already"):
        archive(tmp_path / "exported", world.statements)


def test_large_parts_and_many_keys_reach_the_helpers(tmp_path: Path) -> None:
    """Keys enrolled in the part before, or in the same, are found by the replay itself."""
    world = grown(town(), 600)
    world.key("PRO/late", by="PRO/one")
    world.do(world.make(VisitRecorded, contract="c-1"), by="PRO/late")
    folder = archive(tmp_path / "archive", world.statements)
    assert check(folder, world, jobs=3) == check(folder, world)


def test_progress_is_told(tmp_path: Path) -> None:
    """Whoever waits hears how far the judgement is."""
    world = grown(town(), 520)
    told: list[tuple[int, int]] = []
    check(
        archive(tmp_path / "archive", world.statements),
        world,
        progress=lambda statements, events: told.append((statements, events)),
    )
    assert [statements for statements, _ in told] == [256, 512]


# -- what was signed but is not lawful -----------------------------------------------------------


def unlawful(world: World) -> bytes:
    """Return a statement that the law refuses: a provider grants itself the role of finance."""
    granted = world.make(RoleGranted, party="PRO", role="finance")
    return world.sign(granted, by="PRO/one")


def by_revoked_key(world: World) -> bytes:
    """Return a statement signed with a key after its revocation."""
    return world.sign(world.make(VisitRecorded, contract="c-1"), by="PRO/lost")


def by_stranger(world: World) -> bytes:
    """Return a statement signed with a key that nobody enrolled."""
    return world.sign(world.make(VisitRecorded, contract="c-1"), by="PRO/unheard")


def for_another_ledger(world: World) -> bytes:
    """Return a statement meant for another ledger."""
    made = world.make(VisitRecorded, contract="c-1")
    return world.sign(made, by="PRO/one", origin="ledger.test/other")


def forged(world: World) -> bytes:
    """Return a statement whose signature is another key's under the true key's name."""
    data = world.sign(world.make(VisitRecorded, contract="c-1"), by="PRO/one")
    note, bodies = decode_statement_file(data)
    parsed = parse_note(note)
    line = parsed.signatures[0]
    false = replace(line, signature=signer("PRO/unheard").sign(parsed.text.encode()))
    return encode_statement_file(format_note(parsed.text, [false]), bodies)


def overspending(world: World) -> bytes:
    """Return a statement that allots more than was appropriated."""
    return world.sign(world.make(BudgetAllotted, line="line-1", amount_fen=10**12), by="FIN/one")


ABUSES: tuple[tuple[Callable[[World], bytes], str], ...] = (
    (unlawful, "signer_lacks_role"),
    (by_revoked_key, "key_revoked"),
    (by_stranger, "key_unknown"),
    (for_another_ledger, "origin_differs"),
    (forged, "does not hold"),
    (overspending, "guard_broken"),
)


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(("abuse", "reason"), ABUSES)
def test_what_the_law_refuses_is_wrong_in_an_archive(
    world: World, tmp_path: Path, abuse: Callable[[World], bytes], reason: str, jobs: int
) -> None:
    """An operator admits what the rules forbid, signs the tree, and is found at that statement."""
    statements = [*world.statements, Recorded(world.now_ms, abuse(world)), world.statements[-1]]
    folder = archive(tmp_path / "archive", statements)
    with pytest.raises(Wrong, match=reason) as caught:
        check(folder, world, jobs=jobs)
    assert caught.value.index == len(world.statements)


def test_a_refused_event_is_named(world: World, tmp_path: Path) -> None:
    """Of a statement of three events the one that the law refuses is named, with its position."""
    made = [world.make(VisitRecorded, contract=name) for name in ("c-1", "c-404", "c-1")]
    data = world.sign(*made, by="PRO/one")
    folder = archive(tmp_path / "archive", [*world.statements, Recorded(world.now_ms, data)])
    with pytest.raises(Wrong, match="reference_unknown") as caught:
        check(folder, world)
    assert caught.value.event_id == made[1].id
    assert caught.value.position == len(event_ids(world)) + 1
    where = f"statement {len(world.statements)}, at position {caught.value.position}"
    assert caught.value.what == f"event {made[1].id} of {where}"


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_event_out_of_form_is_named(world: World, tmp_path: Path, jobs: int) -> None:
    """A signed event that is not canonical is wrong, whoever opened it."""
    body = encode_event(world.make(VisitRecorded, contract="c-1"))
    data = sign_bodies(world, body.replace(b'","', b'", "'), by="PRO/one")
    folder = archive(tmp_path / "archive", [*world.statements, Recorded(world.now_ms, data)])
    with pytest.raises(Wrong, match="not canonical") as caught:
        check(folder, world, jobs=jobs)
    assert caught.value.position == len(event_ids(world))


def test_an_event_admitted_twice_is_wrong(tmp_path: Path) -> None:
    """The same event in two statements is found, though each is lawful by itself."""
    world = World.contracted()
    world.do(made := world.make(VisitRecorded, contract="c-1"))
    first = len(event_ids(world)) - 1
    world.visits("c-1", days=2)
    world.do(made)
    world.visits("c-1")
    with pytest.raises(Wrong, match=f"the event at position {first} has the same id") as caught:
        check(archive(tmp_path / "archive", world.statements), world)
    assert caught.value.position == first + 3
    assert caught.value.index == len(world.statements) - 2
    assert caught.value.event_id == made.id


def test_recorded_time_does_not_go_back(world: World, tmp_path: Path) -> None:
    """An operator dates a statement before the one that it follows."""
    statements = list(world.statements)
    at = len(statements) - 5
    statements[at] = statements[at]._replace(recorded_ms=statements[at - 1].recorded_ms - 1)
    with pytest.raises(Wrong, match="recorded before") as caught:
        check(archive(tmp_path / "archive", statements), world)
    assert caught.value.index == at


# -- whose history it is -------------------------------------------------------------------------


def test_a_forged_ledger_is_not_the_policys(world: World, tmp_path: Path) -> None:
    """An archive of invented parties is consistent by itself and wrong under the true policy."""
    forger = World()
    forger.now_ms += MS_PER_SECOND
    forger.do(forger.make(LedgerOpened))
    folder = archive(tmp_path / "archive", forger.statements)
    assert verify(ArchiveSource(folder)).verdict == "consistent, not anchored"
    with pytest.raises(Wrong, match="the genesis hash is") as caught:
        check(folder, world)
    assert caught.value.index == 0


def test_a_checkpoint_by_another_key_is_wrong(world: World, tmp_path: Path) -> None:
    """The true tree signed by another key under the ledger's name is not the ledger's."""
    impostor = Ed25519Signer(ORIGIN, b"i" * 32)
    folder = archive(tmp_path / "archive", world.statements, key=impostor)
    with pytest.raises(Wrong, match="signed by none of the keys"):
        check(folder, world)


def test_a_policy_of_another_ledger_is_refused(world: World, folder: Path) -> None:
    """A policy that trusts another key does not let this ledger pass."""
    other = Policy.of(signer("ledger.test/other").verifier, policy_of(world).genesis)
    with pytest.raises(Wrong, match="not one that the policy trusts"):
        verify(ArchiveSource(folder), other)


# -- since ---------------------------------------------------------------------------------------


def test_an_honest_ledger_grows_from_an_older_checkpoint(world: World, folder: Path) -> None:
    """Every older checkpoint is a prefix of an honest history."""
    for size in (1, 2, 17, len(world.statements)):
        assert check(folder, world, since=checkpoint_of(world.statements[:size])).exit_code == 0


def test_a_rewritten_history_is_refused_with_since(world: World, tmp_path: Path) -> None:
    """A history rewritten under the true ledger key passes, but not with `since`."""
    since = checkpoint_of(world.statements[:-1])
    rewritten = [
        *world.statements[:-3],
        *(r._replace(recorded_ms=r.recorded_ms + 1) for r in world.statements[-3:]),
    ]
    folder = archive(tmp_path / "archive", rewritten)
    assert check(folder, world).exit_code == 0
    with pytest.raises(Wrong, match="it was rewritten") as caught:
        check(folder, world, since=since)
    assert caught.value.index == len(world.statements) - 1


def test_a_history_cut_back_is_refused_with_since(world: World, tmp_path: Path) -> None:
    """A consistent rollback passes by itself; only who remembers a later checkpoint sees it."""
    folder = archive(tmp_path / "archive", world.statements[:-2])
    assert check(folder, world).exit_code == 0
    with pytest.raises(Wrong, match="when `since` was signed"):
        check(folder, world, since=checkpoint_of(world.statements))


def test_since_must_be_of_this_ledger(world: World, folder: Path) -> None:
    """A checkpoint of another log, or signed by another key, is refused as such, not believed."""
    impostor = Ed25519Signer(ORIGIN, b"i" * 32)
    with pytest.raises(Unverified, match="none of the keys") as caught:
        check(folder, world, since=checkpoint_of(world.statements, impostor))
    assert not isinstance(caught.value, Wrong)
    with pytest.raises(Unverified, match=r"is of the ledger ledger\.test/other"):
        check(folder, world, since=checkpoint_of(world.statements, signer("ledger.test/other")))
    with pytest.raises(Malformed):
        check(folder, world, since=b"not a note")


def test_the_larger_checkpoint_is_remembered(world: World, folder: Path) -> None:
    """What is remembered never goes back, and each ledger has a file of its own."""
    report = check(folder, world)
    older, newer = checkpoint_of(world.statements[:3]), checkpoint_of(world.statements)
    assert to_remember(report, None) == newer
    assert to_remember(report, older) == newer
    small = report._replace(statements=3, checkpoint=older)
    assert to_remember(small, newer) == newer
    assert file_name(ORIGIN) != file_name("ledger.test/other")
    assert "/" not in file_name(ORIGIN)


# -- witnesses -----------------------------------------------------------------------------------


def witnessed(world: World, size: int, late_ms: int = 0) -> bytes:
    """Return a checkpoint that the witness cosigned `late_ms` after its last statement."""
    note = parse_note(checkpoint_of(world.statements[:size]))
    time_s = (world.statements[size - 1].recorded_ms + late_ms) // MS_PER_SECOND
    return format_note(note.text, [*note.signatures, cosign(note.text, WITNESS, time_s)])


def witness_policy(world: World) -> Policy:
    """Return a policy that asks for the witness's cosignature."""
    log, genesis = LEDGER_KEY.verifier, policy_of(world).genesis
    text = f"log {log}\ngenesis {genesis.hex() if genesis else ''}\n"
    return Policy.parse(f"{text}witness audit {WITNESS.verifier}\nquorum audit\n")


@pytest.mark.parametrize(
    ("late_ms", "reason"),
    [
        (0, None),
        (-59_000, None),
        (60_000, None),
        (-62_000, "before its last statement was recorded"),
        (63_000, "witnesses date the log"),
    ],
)
def test_cosigned_checkpoints_bound_the_recorded_times(
    world: World, tmp_path: Path, late_ms: int, reason: str | None
) -> None:
    """What stands below a cosigned checkpoint was recorded by then, what follows not before."""
    size = len(world.statements)
    folder = archive(
        tmp_path / "archive",
        world.statements,
        checkpoint=witnessed(world, size),
        cosigned=[witnessed(world, size - 9, late_ms), witnessed(world, size)],
        witnesses=[WITNESS.verifier],
    )
    source, policy = ArchiveSource(folder), witness_policy(world)
    if reason is None:
        assert verify(source, policy).exit_code == 0
    else:
        with pytest.raises(Wrong, match=reason):
            verify(source, policy)


def test_a_changed_byte_in_the_cosigned_checkpoints_is_found(world: World, tmp_path: Path) -> None:
    """Text, names, ids, dates and signatures: whichever differs, the archive is wrong."""
    size = len(world.statements)
    folder = archive(
        tmp_path / "archive",
        world.statements,
        cosigned=[witnessed(world, n) for n in (size - 9, size - 9, size)],
        witnesses=[WITNESS.verifier],
    )
    file = folder / "checkpoints"
    true = file.read_bytes()
    assert check(folder, world).exit_code == 0
    for place in range(0, len(true), 23):
        file.write_bytes(true[:place] + bytes([true[place] ^ 1]) + true[place + 1 :])
        with pytest.raises(Wrong):
            check(folder, world)
    first, second, third = (witnessed(world, n) for n in (size - 9, size, size - 5))
    for false in (b"\n".join([second, first]), first + b"\n" + third[:-1], b"\n" + first):
        file.write_bytes(false)
        with pytest.raises(Wrong):
            check(folder, world)


def test_a_missing_quorum_is_wrong(world: World, folder: Path) -> None:
    """A newest checkpoint that nobody cosigned does not satisfy a policy that asks for it."""
    with pytest.raises(Wrong, match="not the quorum"):
        verify(ArchiveSource(folder), witness_policy(world))


# -- withheld events -----------------------------------------------------------------------------


def test_withheld_events_are_left_unjudged(world: World, tmp_path: Path) -> None:
    """Without the visits the rest is judged, and what rests on them is listed."""
    folder = archive(tmp_path / "archive", world.statements, withheld="visit.recorded")
    source = ArchiveSource(folder)
    report = verify(source, policy_of(world))
    assert report.exit_code == 3
    assert str(report).endswith(": PARTIAL, 6 events withheld")
    assert report.events < len(event_ids(world)) - report.withheld
    assert any("3 of its events are withheld" in each for each in report.unjudged)
    assert any("claim_empty" in each for each in report.unjudged)
    assert report.withheld == 6
    assert verify(source, policy_of(world), jobs=2) == report


def test_events_that_vanished_are_wrong(world: World, folder: Path, tmp_path: Path) -> None:
    """Missing events that the manifest does not own up to are not taken for withheld."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    (events,) = (copy / "events").rglob("*.p/*")
    lines = events.read_bytes().splitlines(keepends=True)
    del lines[20]
    events.write_bytes(b"".join(lines))
    with pytest.raises(Wrong, match="covers 1 events; 0 came with it") as caught:
        check(copy, world)
    assert caught.value.index == 20
