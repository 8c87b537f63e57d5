"""Following a ledger: judged piece by piece, it comes to the same verdict as `verify` at once."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from replay.histories import archive, checkpoint_of, fill, grown, policy_of, town
from world import Recorded, World

from ledger.errors import LedgerError
from ledger.events import Event
from ledger.events.budget import BudgetAllotted
from ledger.events.closing import LedgerClosed
from ledger.events.delivery import VisitRecorded
from ledger.events.parties import RoleGranted
from ledger.note import parse_note
from ledger.policy import Policy
from ledger.replay.database import DatabaseSource
from ledger.replay.following import Following
from ledger.replay.report import Wrong
from ledger.replay.sources import ArchiveSource
from ledger.statement import decode_statement_file
from ledger.tlog import Checkpoint


@pytest.fixture(scope="module")
def world() -> World:
    """Tell a history longer than a bundle, with a closing in it."""
    world = town()
    world.do(world.closed())
    return grown(world, 280)


@pytest.fixture(scope="module")
def folder(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write its archive, once."""
    return archive(tmp_path_factory.mktemp("town") / "archive", world.statements)


def root_at(world: World, size: int) -> bytes:
    """Return the log's root at a size, computed from all entries."""
    return Checkpoint.parse(parse_note(checkpoint_of(world.statements[:size])).text).root


def sizes(world: World) -> Iterator[int]:
    """Yield sizes at which to stop: before, at and after the edge of a bundle, and some twice."""
    yield from (1, 2, 2, 100, 255, 256, 256, 257, len(world.statements))


def test_an_archive_followed_in_pieces_gives_the_roots_of_the_log(
    world: World, folder: Path
) -> None:
    """Wherever it stops, it has judged exactly so much, and goes on from there."""
    with Following(lambda: ArchiveSource(folder), policy_of(world)) as following:
        for size in sizes(world):
            assert following.follow(size) == root_at(world, size)
            assert following.size == size
        with pytest.raises(LedgerError, match="were judged already, more than 255"):
            following.follow(255)
        with pytest.raises(LedgerError, match="it has 280 statements so far, not 281"):
            following.follow(281)
        assert following.follow(280) == root_at(world, 280)


def test_a_database_is_followed_as_it_grows(world: World, database_url: str) -> None:
    """What is committed later is found the next time."""
    first = World()
    first.statements = world.statements[:270]
    with fill(database_url, first) as ledger:
        source = ledger.store
        with Following(lambda: DatabaseSource(source), policy_of(world)) as following:
            for size in (3, 270):
                assert following.follow(size) == root_at(world, size)
            with pytest.raises(LedgerError, match="it has 270 statements so far"):
                following.follow(280)
        # A second one begins anew, while the ledger goes on.
        with Following(lambda: DatabaseSource(source), policy_of(world)) as following:
            assert following.follow(100) == root_at(world, 100)


def overspending(world: World) -> Event:
    """Return an allotment of more than was appropriated."""
    return world.make(BudgetAllotted, line="line-1", amount_fen=10**12)


def usurping(world: World) -> Event:
    """Return a grant of a role by who may not grant it."""
    return world.make(RoleGranted, party="PRO", role="finance")


def closing_falsely(world: World) -> Event:
    """Return a closing whose state root is another than the state's."""
    true = world.closed()
    return world.make(
        LedgerClosed,
        log_size=true.log_size,
        state_root="ab" * 32,
        state_size=true.state_size,
        trial_balance=true.trial_balance,
        counts=true.counts,
    )


def balancing_falsely(world: World) -> Event:
    """Return a closing that puts one fen more into an account."""
    true = world.closed()
    account = next(iter(true.trial_balance))
    return world.make(
        LedgerClosed,
        log_size=true.log_size,
        state_root=true.state_root,
        state_size=true.state_size,
        trial_balance={**true.trial_balance, account: true.trial_balance[account] + 1},
        counts=true.counts,
    )


@pytest.mark.parametrize(
    ("abuse", "by", "reason"),
    [
        (overspending, "FIN/one", "guard_broken"),
        (usurping, "PRO/one", "signer_lacks_role"),
        (closing_falsely, "OPR/one", "closing_differs"),
        (balancing_falsely, "OPR/one", "closing_differs"),
    ],
)
def test_what_the_operator_may_not_admit_ends_the_following(
    world: World, tmp_path: Path, abuse: Callable[[World], Event], by: str, reason: str
) -> None:
    """The piece before it is lawful; it, and everything after it, never is again."""
    false = Recorded(world.now_ms, world.sign(abuse(world), by=by))
    later = Recorded(world.now_ms + 1, world.sign(world.make(VisitRecorded), by="PRO/one"))
    folder = archive(tmp_path / "archive", [*world.statements, false, later])
    with Following(lambda: ArchiveSource(folder), policy_of(world)) as following:
        assert following.follow(280) == root_at(world, 280)
        for size in (282, 281, 280):
            with pytest.raises(Wrong, match=reason) as caught:
                following.follow(size)
            assert caught.value.index == 280


def test_an_event_that_comes_again_much_later_is_found(world: World, tmp_path: Path) -> None:
    """The same event in a statement of a later piece is no new event."""
    _, (body, *_) = decode_statement_file(world.statements[270].data)
    again = Recorded(world.now_ms, world.sign_bodies([body], by="PRO/one"))
    folder = archive(tmp_path / "archive", [*world.statements, again])
    with Following(lambda: ArchiveSource(folder), policy_of(world)) as following:
        following.follow(275)
        with pytest.raises(Wrong, match="has an id that came before") as caught:
            following.follow(281)
        assert caught.value.index == 280


def test_who_replays_needs_every_event_and_an_anchor(world: World, tmp_path: Path) -> None:
    """Withheld events, another ledger's history, or a policy without genesis will not do."""
    folder = archive(tmp_path / "archive", world.statements, withheld="visit.recorded")
    with (
        Following(lambda: ArchiveSource(folder), policy_of(world)) as following,
        pytest.raises(LedgerError, match="events are withheld"),
    ):
        following.follow(280)
    anchored = policy_of(world)
    with pytest.raises(LedgerError, match="the genesis hash"):
        Following(lambda: ArchiveSource(folder), Policy.of(anchored.logs[0].key))
    other = Policy.of(anchored.logs[0].key, b"g" * 32)
    whole = archive(tmp_path / "whole", world.statements)
    with (
        Following(lambda: ArchiveSource(whole), other) as following,
        pytest.raises(Wrong, match="the genesis hash is"),
    ):
        following.follow(1)


def test_a_source_that_fails_is_tried_again(world: World, folder: Path, tmp_path: Path) -> None:
    """A missing file is not a wrong history: when it is back, the following goes on."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    bundle = next((copy / "tile/entries").rglob("*.p/*"))
    data = bundle.read_bytes()
    with Following(lambda: ArchiveSource(copy), policy_of(world)) as following:
        bundle.unlink()
        with pytest.raises(LedgerError, match="cannot be read"):
            following.follow(280)
        assert following.size == 256
        bundle.write_bytes(data)
        assert following.follow(280) == root_at(world, 280)


def test_a_judgement_that_breaks_off_begins_anew(world: World, folder: Path) -> None:
    """When the file of ids fails in the middle of a statement, the history is no less lawful."""
    with Following(lambda: ArchiveSource(folder), policy_of(world)) as following:
        assert following.follow(270) == root_at(world, 270)
        following._event_ids._database.execute("PRAGMA query_only = ON")
        with pytest.raises(LedgerError, match="make room in the temporary folder") as caught:
            following.follow(280)
        assert not isinstance(caught.value, Wrong)
        for size in (275, 280):  # what was judged is forgotten, so that less can be asked again
            assert following.follow(size) == root_at(world, size)
