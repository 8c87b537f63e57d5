"""Asking a database for many keys: some at a time."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

KEYS_A_QUERY = 500
"""Keys asked for at once: far below what a driver takes as parameters (SQLite: 32,766)."""


def chunks(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield keys in their order, as many at a time as one query asks for."""
    for first in range(0, len(keys), KEYS_A_QUERY):
        yield keys[first : first + KEYS_A_QUERY]
