"""Events of earlier versions: their bytes stay, and mean what the present version says."""

import json

import pytest
from world import World

from ledger.errors import Malformed
from ledger.events import (
    TYPES,
    decode_event,
    decode_events,
    decode_known_events,
    encode_event,
    version_of,
)
from ledger.events.contract import ContractPublished
from ledger.events.earlier import EARLIER, earlier_version
from ledger.merkle import leaf_hash
from ledger.statement import decode_statement_file


def old_body(world: World, **fields: object) -> bytes:
    """Return a `contract.published` as version 1 wrote it."""
    event = {
        "type": "contract.published",
        **world.heading(),
        "contract": "c-1",
        "sha256": "ab" * 32,
        "redactions": ["telephone numbers"],
        **fields,
    }
    return json.dumps(event, sort_keys=True, separators=(",", ":")).encode()


def test_an_earlier_version_is_read_as_what_it_means_now() -> None:
    """One by one, as lines, and as lines known before: the same present record."""
    world = World()
    old, new = old_body(world), encode_event(world.make(ContractPublished))
    event = decode_event(old)
    assert isinstance(event, ContractPublished)
    assert (event.v, event.contract, event.sha256) == (2, "c-1", "ab" * 32)
    assert [(each.what, each.ground) for each in event.redactions or []] == [
        ("telephone numbers", "UNSTATED")
    ]
    for decode in (decode_events, decode_known_events):
        assert decode([old, new]) == (event, decode_event(new))


@pytest.mark.parametrize(
    "fields",
    [
        {"v": 3},
        {"v": 0},
        {"redactions": [{"what": "x", "ground": "PRIVACY"}]},
        {"superfluous": 1},
        {"type": "contract.closed"},
    ],
)
def test_an_earlier_version_is_as_strict_as_it_was(fields: dict[str, object]) -> None:
    """Nothing enters under an old version that the old record does not know."""
    with pytest.raises(Malformed):
        decode_event(old_body(World(), **fields))


def test_an_earlier_version_has_one_spelling() -> None:
    """White space or another order of keys is refused, as of every event."""
    old = old_body(World())
    with pytest.raises(Malformed, match="canonical"):
        decode_event(old.replace(b'"v":1', b'"v": 1'))


def test_a_stored_event_keeps_its_bytes_and_its_leaf() -> None:
    """It is admitted by what it means, and hashed, proved and replayed by what was signed."""
    world = World.contracted()
    old = old_body(world)
    statement = world.sign_bodies([old], by="BUY/one")
    (admitted,) = world.admit(statement)
    assert world.state.contracts["c-1"].published
    assert decode_statement_file(statement)[1] == (old,)
    assert world.state.subjects["contract/c-1"] == admitted.touched[0][1]
    assert world.open(statement).leaves == (leaf_hash(old),)
    assert world.replay().contracts["c-1"].published


def test_earlier_versions_are_earlier_than_the_present_one() -> None:
    """Each is of a type that exists, below its present version, with none left out."""
    expected = {(name, v) for name in TYPES for v in range(1, version_of(name))}
    assert set(EARLIER) == expected
    assert earlier_version(b"[") is None
