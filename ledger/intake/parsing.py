"""JSON values as publishers spell them: numbers kept as text, limits on length and depth.

`parse` reads a text exactly. `value_at` finds a value inside a longer text and survives what no
JSON may hold (raw control characters, NaN), so that where a release ends is found before its own
text is judged. Parsed, JSON takes up to forty times its text: a value of more than
`MAX_VALUE_CHARS` is passed over without being built.
"""

import json
import re
from typing import Any

from ledger.errors import Malformed

MAX_VALUE_CHARS = 4 << 20
"""The longest value that is read: an event's longest release, widely indented."""
MAX_DEPTH = 100
"""Levels of one release: OCDS has about ten, and whoever reads it may do so by recursion."""

_FIRST_WINDOW, _NEXT_WINDOW = 1 << 16, 8  # characters tried first, and how many times more next
_NEAR_END = 32  # characters: no token but a string, which says so, is longer than this when cut
_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[{}\[\]]', re.DOTALL)
_UNTERMINATED = "Unterminated string"  # how the parser calls a string that its text cuts off


class Numeral(str):
    """A JSON number, kept as the publisher spelled it (`0.10`, `1e3`)."""

    __slots__ = ()


class Doubled(dict[str, Any]):
    """An object of which a name stands twice; the last one counts, as in every common parser."""


class Oversized:
    """Stands for a value of more than `MAX_VALUE_CHARS` characters, which is passed over."""


class TooDeep(Malformed):
    """A release is nested deeper than `MAX_DEPTH` levels."""


class BreakError(Exception):
    """The text stops being JSON at a place."""

    def __init__(self, at: int, why: str) -> None:
        """Note the place and, in words, what is wrong there."""
        super().__init__(at, why)
        self.at = at
        self.why = why


def parse(text: str) -> Any:
    """Return the value of one JSON text, numbers as `Numeral`.

    Raises:
        TooDeep: it is nested deeper than `MAX_DEPTH` levels.
        Malformed: the text is not JSON.

    """
    try:
        value = _EXACT.decode(text)
    except RecursionError as error:
        raise TooDeep(f"The text is nested deeper than {MAX_DEPTH} levels.") from error
    except ValueError as error:
        raise Malformed(f"The text is not JSON: {error}.") from error
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return value
    raise TooDeep(f"The text is nested deeper than {MAX_DEPTH} levels.")


def _inside(value: Any) -> list[Any]:
    """Return the objects and arrays that stand in one; nothing stands in a text or number."""
    if not isinstance(value, dict | list):
        return []
    values = value.values() if isinstance(value, dict) else value
    return [inner for inner in values if isinstance(inner, dict | list)]


def value_at(text: str, at: int) -> tuple[Any, int]:
    """Return the value at `at` and its end; an `Oversized` one without building it.

    What is far from the end of a long text is read through a window that grows, so that a value
    without end is noticed before it fills the memory: parsed, JSON takes up to forty times its
    text.
    """
    if len(text) - at <= MAX_VALUE_CHARS:
        return _decoded(text, at, 0)
    size = _FIRST_WINDOW
    while size <= MAX_VALUE_CHARS:
        window = text[at : at + size]
        try:
            value, end = _decoded(window, 0, at)
        except BreakError as fault:
            if fault.at - at < size - _NEAR_END and not fault.why.startswith(_UNTERMINATED):
                raise
        else:
            if end < size:  # a number that ends with its window may go on behind it
                return value, at + end
        size *= _NEXT_WINDOW
    return Oversized(), _end_of(text, at)


def _decoded(text: str, at: int, offset: int) -> tuple[Any, int]:
    try:
        return _LENIENT.raw_decode(text, at)
    except json.JSONDecodeError as error:
        raise BreakError(error.pos + offset, error.msg) from error
    except RecursionError as error:
        raise BreakError(at + offset, "The value is nested too deeply to be read") from error


def _end_of(text: str, at: int) -> int:
    """Return where a value ends, by its brackets and quotes alone."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        if token[0] in ("{", "["):
            depth += 1
        elif token[0] in ("}", "]"):
            depth -= 1
        elif not token[1]:
            break
        if depth <= 0:
            return token.end()
    raise BreakError(at, "A value begins here that does not end")


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else Doubled(made)


def _refuse(constant: str) -> Numeral:
    raise ValueError(f"JSON has no number {constant}")


# Finding where a release ends must survive what its text may not hold (raw control characters,
# NaN); the release's own text is then judged by the exact one.
_LENIENT = json.JSONDecoder(
    object_pairs_hook=_object_of,
    parse_float=Numeral,
    parse_int=Numeral,
    parse_constant=Numeral,
    strict=False,
)
_EXACT = json.JSONDecoder(
    object_pairs_hook=_object_of, parse_float=Numeral, parse_int=Numeral, parse_constant=_refuse
)
