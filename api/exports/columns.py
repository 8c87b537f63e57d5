"""The columns of a file: those of the record whose rows it holds, which says what they mean."""

import inspect
import re
from typing import Any, NamedTuple, get_args, get_type_hints

from msgspec import Struct

_FIELD = re.compile(r"^ {4}(\w+): ", re.MULTILINE)

_UNITS = {
    "_fen_max": "fen: a hundredth of the ledger's currency unit, an integer",
    "_fen": "fen: a hundredth of the ledger's currency unit, an integer",
    "_minor": "the smallest unit of the row's currency, an integer",
    "_ms": "milliseconds since 1970-01-01T00:00:00Z",
    "_ppm": "parts per million",
    "_on": "local date, ISO 8601",
    "_date": "local date, ISO 8601",
    "expires": "local date, ISO 8601",
    "recorded": "RFC 3339 instant, UTC, milliseconds",
    "_instant": "RFC 3339 instant, UTC, milliseconds",
    "_since": "RFC 3339 instant, UTC, milliseconds",
    "position": "place in the ledger's order, from 0",
    "sha256": "64 hex digits",
    "leaf": "64 hex digits",
    "evidence": "64 hex digits",
}
"""Units by how a column's name ends."""


class Column(NamedTuple):
    """A column of a file.

    Attributes:
        name: its heading.
        type: `integer` or `text`.
        optional: whether it may be empty.
        unit: what an amount is counted in, or how a date is written; else empty.
        meaning: what it says.

    """

    name: str
    type: str
    optional: bool
    unit: str
    meaning: str


def columns_of(record: type[Struct]) -> tuple[Column, ...]:
    """Return the columns of a file with rows of `record`, whose fields are plain."""
    _, meanings = split_docstring(record.__doc__ or "")
    hints = get_type_hints(record)
    return tuple(
        Column(name, *_type_of(hints[name]), _unit_of(name), meanings[name])
        for name in record.__struct_fields__
    )


def split_docstring(text: str) -> tuple[str, dict[str, str]]:
    """Return what a record's docstring says of it, and of each of its `Attributes:`."""
    head, _, attributes = inspect.cleandoc(text).partition("Attributes:\n")
    parts = _FIELD.split(attributes)[1:]
    told = zip(parts[::2], parts[1::2], strict=True)
    return head.strip(), {name: " ".join(meaning.split()) for name, meaning in told}


def _type_of(hint: Any) -> tuple[str, bool]:
    options = set(get_args(hint)) or {hint}
    (plain,) = options - {type(None)}
    return {int: "integer", str: "text"}[plain], type(None) in options


def _unit_of(name: str) -> str:
    if name == "at":
        return _UNITS["recorded"]
    return next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "")
