"""Golden files: what was written under the law so far, which the code of every later day must read.

`python tests/golden_files.py` adds what they lack; tests/golden/test_golden.py reads them with
today's code, and asks that it finds in them what was found then.

    tests/golden/events.jsonl       an event of every type and version, its canonical bytes a line
    tests/golden/statements.jsonl   statements, a line each: when it was recorded (ms), its file
    tests/golden/histories.json     histories of these statements, by what story they tell: which
                                    statements, the verifier's policy, the ledger's last
                                    checkpoint, and what the law makes of it all: root, state
                                    root, fen by account of every line

They are of law version 1, and nothing in them is ever changed: a new version of an event, or a new
law, only adds to them. (Under law version 0, a draft, they were written anew; docs/decisions/0001.)

The histories tell the stories of tests/law/test_signers.py, in which every type is admitted. Their
contracts are tendered and signed in the weeks before the day on which a story begins, so that each
history is a log, in the order of its times.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Self

import scenario
from law.test_signers import HEADER, STORIES
from replay.histories import checkpoint_of, policy_of
from world import CAST_MS, ORIGIN, Recorded, World

from ledger.canonical import encode
from ledger.events import TYPES, encode_event, version_of
from ledger.events.parties import RoleRevoked
from ledger.leaves import standing_of
from ledger.note import parse_note
from ledger.state import State
from ledger.statement import decode_statement_file
from ledger.times import MS_PER_DAY
from ledger.tlog import Checkpoint

FOLDER = Path(__file__).resolve().parent / "golden"
EVENTS = FOLDER / "events.jsonl"
STATEMENTS = FOLDER / "statements.jsonl"
HISTORIES = FOLDER / "histories.json"

EARLIER_MS = 60 * MS_PER_DAY
"""How long before the usual worlds' day a golden ledger is opened."""

_EARLIER_EVENTS = [
    {
        "type": "contract.published",
        "v": 1,
        "id": "0199b2f0-0000-7000-8000-000000000001",
        "salt": "ab" * 16,
        "at": "2026-01-05T01:00:00.000Z",
        "contract": "c-1",
        "sha256": "ab" * 32,
        "redactions": ["telephone numbers"],
    }
]
"""An event of each earlier version, as it was written then."""


class EarlyWorld(World):
    """A world whose ledger is opened early, so that its contracts are signed when others begin."""

    def __init__(self, origin: str = ORIGIN) -> None:
        """Begin before the genesis."""
        super().__init__(origin)
        self.now_ms -= EARLIER_MS

    @classmethod
    def cast(cls) -> Self:
        """Return a ledger whose parties are registered, with keys and roles."""
        world = super().cast()
        world.now_ms -= EARLIER_MS
        return world


class History(NamedTuple):
    """A golden history.

    Attributes:
        statements: as they were admitted.
        policy: the ledger's key and genesis hash.
        checkpoint: the ledger's signed note over all of them.
        root: root of the log, hex.
        state_root: root of the state's leaves when the last one was recorded, hex.
        balances: fen by account, of each line, zeros left out.

    """

    statements: list[Recorded]
    policy: str
    checkpoint: str
    root: str
    state_root: str
    balances: dict[str, dict[str, int]]


def read_events() -> list[bytes]:
    """Return the golden events."""
    return EVENTS.read_bytes().splitlines()


def read_histories() -> dict[str, History]:
    """Return the golden histories, by their story."""
    rows = map(json.loads, STATEMENTS.read_bytes().splitlines())
    recorded = [Recorded(row["recorded_ms"], row["file"].encode()) for row in rows]
    told = json.loads(HISTORIES.read_text(encoding="utf-8"))
    return {
        name: History(
            **{**fields, "statements": [recorded[number] for number in fields["statements"]]}
        )
        for name, fields in told.items()
    }


def history_of(world: World) -> History:
    """Return a world's history with what the law makes of it."""
    checkpoint = checkpoint_of(world.statements)
    last_ms = world.statements[-1].recorded_ms
    return History(
        world.statements,
        policy_of(world).encode(),
        checkpoint.decode(),
        Checkpoint.parse(parse_note(checkpoint).text).root.hex(),
        standing_of(world.state, len(world.statements), last_ms).root.hex(),
        balances_of(world.state),
    )


def balances_of(state: State) -> dict[str, dict[str, int]]:
    """Return fen by account of every line, zeros left out."""
    return {
        line: {name: fen for name, fen in state.line_balances(line).items() if fen}
        for line in state.lines
    }


def play(name: str) -> World:
    """Return the world in which a story was told."""
    story = STORIES[name]
    world = story.world(EarlyWorld)
    world.now_ms = max(world.now_ms, CAST_MS)
    for row in scenario.rows(HEADER + story.rows):
        if row.event == "role.revoked":
            world.grant("REP", "evaluator")
            world.do(world.make(RoleRevoked, role="evaluator"))
        else:
            scenario.play_row(world, row)
    return world


def write() -> None:
    """Add what the golden files do not have yet; change nothing that is in them."""
    FOLDER.mkdir(exist_ok=True)
    for path, nothing in ((EVENTS, ""), (STATEMENTS, ""), (HISTORIES, "{}")):
        if not path.exists():
            path.write_text(nothing)
    EVENTS.write_bytes(b"".join(body + b"\n" for body in _events()))
    histories = read_histories()
    for name in STORIES:
        told = history_of(play(name))
        if _types_of(told) - set().union(*map(_types_of, histories.values())):
            number = sum(each.partition(" #")[0] == name for each in histories)
            histories[f"{name} #{number + 1}" if number else name] = told
    _write_histories(histories)


def _types_of(history: History) -> set[tuple[str, int]]:
    """Return type and version of every event of a history, as it was written."""
    bodies = [body for each in history.statements for body in decode_statement_file(each.data)[1]]
    return {(fields["type"], fields["v"]) for fields in map(json.loads, bodies)}


def _events() -> list[bytes]:
    """Return an event of every type and version: those that are kept, and what they lack."""
    world = World()
    bodies = {(each["type"], each["v"]): encode(each) for each in _EARLIER_EVENTS}
    for name, event_type in TYPES.items():
        bodies[name, version_of(name)] = encode_event(world.make(event_type))
    for body in read_events():
        fields = json.loads(body)
        bodies[fields["type"], fields["v"]] = body
    return [bodies[key] for key in sorted(bodies, key=str)]


def _write_histories(histories: dict[str, History]) -> None:
    numbers: dict[Recorded, int] = {}
    told = {}
    for name, history in histories.items():
        # The ledgers begin alike: a statement is written once.
        statements = [numbers.setdefault(each, len(numbers)) for each in history.statements]
        told[name] = {**history._asdict(), "statements": statements}
    _write_lines(
        STATEMENTS,
        ({"file": data.decode(), "recorded_ms": recorded_ms} for recorded_ms, data in numbers),
    )
    text = ",\n".join(f"{json.dumps(name)}:{_line(fields)}" for name, fields in told.items())
    HISTORIES.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_text("".join(f"{_line(row)}\n" for row in rows), encoding="utf-8")


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    write()
