"""States compared exactly: equal in Python is not enough.

A named tuple equals a plain one of the same values, and dictionaries are equal in any order; the
law would notice either.
"""

from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from ledger.state import State


def exact(state: State) -> dict[str, Any]:
    """Return every table of a state with the type of each value and the order of each dictionary.

    What comes back is independent of the state: a copy to compare a later one with.
    """
    return {name: _exact(table) for name, table in vars(state).items() if name[0] != "_"}


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return [(_exact(key), _exact(held)) for key, held in value.items()]
    if isinstance(value, frozenset):
        return "frozenset", sorted(value)
    if isinstance(value, Struct):
        return type(value), _exact(astuple(value))
    if isinstance(value, tuple | list):
        return type(value), [_exact(each) for each in value]
    return type(value), value
