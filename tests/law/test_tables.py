"""The state as bytes: every table, exactly, and the law goes on from it as if nothing were."""

import ast
import inspect
from collections.abc import Iterator

import pytest
from exact import exact
from law.test_signers import STORIES
from scenario import Row, play_row, rows
from world import World

from ledger import state as state_module
from ledger.errors import Malformed
from ledger.events.parties import RoleRevoked
from ledger.state import State
from ledger.state import tables as tables_module
from ledger.state.tables import Facts, Tables, decode_state, encode_state

HEADER = "    outcome | by | event | fields\n"


def test_every_table_of_the_state_is_listed_with_its_type() -> None:
    """The list has the tables of `State`, no other, and the same type for each."""
    listed = dict(_annotations(tables_module, "Tables"))
    held = dict(_annotations(state_module, "State"))
    assert held.pop("ledger") == "dict[str, Any]"
    assert listed.pop("ledger") == Facts.__name__
    assert listed == held
    assert {name for name in vars(State()) if name[0] != "_"} == set(Tables.__struct_fields__)


@pytest.mark.parametrize("name", STORIES)
def test_the_law_goes_on_from_a_state_that_was_written_and_read(name: str) -> None:
    """A story in which the state is written and read before each step ends like the plain one.

    The stories hold every event type.
    """
    plain, reloaded = STORIES[name].world(World), STORIES[name].world(World)
    for row in rows(HEADER + STORIES[name].rows):
        reloaded.state = decode_state(encode_state(reloaded.state))
        assert exact(reloaded.state) == exact(plain.state), row
        _step(plain, row)
        _step(reloaded, row)
    assert exact(reloaded.state) == exact(plain.state)


def test_the_stories_leave_no_table_empty() -> None:
    """Each table is filled at some step of some story, so none is compared empty with empty."""
    filled: set[str] = set()
    for story in STORIES.values():
        world = story.world(World)
        for row in rows(HEADER + story.rows):
            _step(world, row)
            filled |= {name for name in Tables.__struct_fields__ if getattr(world.state, name)}
    assert set(Tables.__struct_fields__) - filled == set()


@pytest.mark.parametrize("name", STORIES)
def test_no_dictionary_that_changes_stands_in_two_tables(name: str) -> None:
    """Two tables that shared one would go apart when they are read again."""
    world = STORIES[name].world(World)
    for row in rows(HEADER + STORIES[name].rows):
        _step(world, row)
        inner = [
            id(value)
            for table in Tables.__struct_fields__
            for value in getattr(world.state, table).values()
            if isinstance(value, dict) and table != "ledger"
        ]
        assert len(inner) == len(set(inner))


def test_a_state_that_was_read_can_be_undone() -> None:
    """The journal covers the tables that were read, as it does those that grew."""
    world = World.contracted()
    world.state = decode_state(encode_state(world.state))
    before, mark = exact(world.state), world.state.mark()
    world.state.put(world.state.keys, "PRO/one", world.state.keys["PRO/two"])
    world.state.drop(world.state.lines, "line-1")
    assert exact(world.state) != before
    world.state.undo(mark)
    # What was dropped comes back at the end of its table.
    assert dict(exact(world.state), lines=None) == dict(before, lines=None)
    assert sorted(exact(world.state)["lines"]) == sorted(before["lines"])


@pytest.mark.parametrize("cut", [0, 1, 100, -1])
def test_bytes_that_are_cut_short_are_no_state(cut: int) -> None:
    """Nothing is read in part."""
    data = encode_state(World.contracted().state)
    with pytest.raises(Malformed, match="not the tables of a state"):
        decode_state(data[:cut])


def test_bytes_of_other_tables_are_no_state() -> None:
    """A value of another type than its table's is not taken."""
    state = World.contracted().state
    state.rule_versions["pay/standard"] = "one"  # type: ignore[assignment]
    with pytest.raises(Malformed, match="Expected `int`, got `str`"):
        decode_state(encode_state(state))


def _step(world: World, row: Row) -> None:
    """Play a row of a story; the role it revokes is one that it granted, needed no longer."""
    if row.event == "role.revoked":
        world.grant("REP", "evaluator")
        world.do(world.make(RoleRevoked, role="evaluator"))
    else:
        play_row(world, row)


def _annotations(module: object, class_name: str) -> Iterator[tuple[str, str]]:
    """Yield the public attributes that a class annotates, each with its type as it is written."""
    tree = ast.parse(inspect.getsource(module))  # type: ignore[arg-type]
    (found,) = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == class_name]
    for node in ast.walk(found):
        if isinstance(node, ast.AnnAssign):
            target = node.target
            name = target.attr if isinstance(target, ast.Attribute) else ast.unparse(target)
            if name[0] != "_" and name.isidentifier():
                yield name, ast.unparse(node.annotation)
