"""What was written is read, judged and found as it was then, by the code of today."""

import json
from pathlib import Path

import golden_files
import pytest
from replay.histories import archive
from world import World

from ledger.events import TYPES, decode_event, decode_events, encode_event, type_of, version_of
from ledger.leaves import standing_of
from ledger.policy import Policy
from ledger.replay.sources import ArchiveSource
from ledger.replay.verifying import verify
from ledger.statement import decode_statement_file

HISTORIES = golden_files.read_histories()


def test_there_is_an_event_of_every_type_and_version_once() -> None:
    """From version 1 on: none that was ever written is left out."""
    headings = [json.loads(body) for body in golden_files.read_events()]
    written = [(heading["type"], heading["v"]) for heading in headings]
    versions = {(name, v) for name in TYPES for v in range(1, version_of(name) + 1)}
    assert len(written) == len(versions)
    assert set(written) == versions


def test_an_event_is_read_as_it_was_written() -> None:
    """One of the present version is spelled as then; an earlier one has its present meaning."""
    bodies = golden_files.read_events()
    assert list(decode_events(bodies)) == [decode_event(body) for body in bodies]
    for body in bodies:
        heading, event = json.loads(body), decode_event(body)
        assert (type_of(event), event.id) == (heading["type"], heading["id"])
        if heading["v"] == version_of(type_of(event)):
            assert encode_event(event) == body
        else:
            assert event.v == version_of(type_of(event))


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_is_verified_and_gives_what_it_gave(name: str, tmp_path: Path) -> None:
    """Every signature and rule again, under the policy of then: one root, one state, every fen."""
    history = HISTORIES[name]
    folder = archive(
        tmp_path / "archive", history.statements, checkpoint=history.checkpoint.encode()
    )
    report = verify(ArchiveSource(folder), Policy.parse(history.policy))
    assert (report.verdict, report.root.hex()) == ("OK", history.root)
    world = World()
    for world.now_ms, data in history.statements:
        world.admit(data)
    last_ms = history.statements[-1].recorded_ms
    standing = standing_of(world.state, len(history.statements), last_ms)
    assert standing.root.hex() == history.state_root
    assert golden_files.balances_of(world.state) == history.balances


def test_every_type_is_admitted_in_one_of_the_histories() -> None:
    """So no rule of any event can change its verdict on them unseen."""
    admitted = {
        json.loads(body)["type"]
        for history in HISTORIES.values()
        for _, data in history.statements
        for body in decode_statement_file(data)[1]
    }
    assert admitted == set(TYPES)
