"""Copies of a state, to compare it with what it was or should be."""

from typing import Any

from ledger.state import State


def snapshot(state: State) -> dict[str, Any]:
    """Return a copy of every table of a state, to compare with a later one."""
    return {name: _copied(table) for name, table in vars(state).items() if name[0] != "_"}


def _copied(value: Any) -> Any:
    """Return a copy of what could change in place: tables, also those in records."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    if isinstance(value, tuple) and any(isinstance(each, dict) for each in value):
        return tuple(map(_copied, value))
    return value
