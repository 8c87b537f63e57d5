r"""Canonical JSON: one value, one byte string (RFC 8785, stricter).

The profile: objects with ASCII keys, arrays, strings, booleans and integers within ±(2^53−1).
No floating-point number, no null (an absent value is left out), no duplicate key, no lone
surrogate; at most 16 levels of arrays and objects; at most 1 MiB. In this profile RFC 8785 asks
for sorted keys, no white space and the shortest escapes, which is what orjson writes:

    encode({"b": [1, True], "a": "收\n"})  ->  {"a":"收\n","b":[1,true]}

`decode` accepts exactly what `encode` produces: it decodes, encodes again and compares. That
catches what parsers let pass in silence: duplicate keys (the last would win), white space,
needless escapes, `-0`, unsorted keys.

Events are decoded by their types (`ledger.events`); this module serves everything else that is
hashed: state leaves, commitments, proofs.
"""

from typing import Any

import orjson

from ledger.errors import Malformed

MAX_BYTES = 1 << 20  # one event; larger matter belongs in a file whose hash an event carries
MAX_DEPTH = 16  # ours need five; a bound keeps every reader's recursion short
MAX_INTEGER = 2**53 - 1  # beyond it readers with IEEE doubles would see another number

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def encode(value: object, max_bytes: int = MAX_BYTES) -> bytes:
    """Return the canonical bytes of `value`: dict, list, tuple, str, bool and int, nested.

    `max_bytes` is for a file that holds whole events, a proof.

    Raises:
        ValueError: `value` is outside the profile; the message names the offence.

    """
    _check(value, 0)
    try:
        data = orjson.dumps(value, option=_OPTIONS)
    except orjson.JSONEncodeError as error:  # a TypeError: a lone surrogate
        raise ValueError(f"canonical JSON cannot hold this value: {error}") from error
    if len(data) > max_bytes:
        raise ValueError(f"canonical JSON of {len(data)} bytes exceeds {max_bytes}")
    return data


def decode(data: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """Return the value whose canonical bytes are `data`, at most `max_bytes` of them.

    Raises:
        Malformed: `data` is not JSON, is outside the profile, or is not its canonical form.

    """
    if len(data) > max_bytes:
        raise Malformed(f"JSON of {len(data)} bytes exceeds {max_bytes}")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Malformed(f"the bytes are not JSON: {error}") from error
    try:
        again = encode(value, max_bytes)
    except ValueError as error:
        raise Malformed(str(error)) from error
    if again != data:
        raise Malformed("the JSON is not in canonical form (RFC 8785)")
    return value


def _check(value: object, depth: int) -> None:
    """Raise ValueError unless `value`, inside `depth` arrays and objects, fits the profile.

    Types are compared exactly: orjson would also write enumerations, UUIDs and dates, whose bytes
    would not decode to the same value.
    """
    kind = type(value)
    if kind is str or kind is bool:
        return
    if isinstance(value, int) and kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise ValueError("an integer of canonical JSON lies within ±(2^53−1)")
    elif isinstance(value, dict) and kind is dict:
        _check_depth(depth)
        for key, member in value.items():
            if type(key) is not str or not key.isascii():
                raise ValueError(f"the key {key!r} is not an ASCII string")
            _check(member, depth + 1)
    elif isinstance(value, (list, tuple)) and kind in {list, tuple}:
        _check_depth(depth)
        for member in value:
            _check(member, depth + 1)
    else:
        reason = " (an absent value is left out)" if value is None else ""
        raise ValueError(f"canonical JSON has no {kind.__name__}{reason}")


def _check_depth(depth: int) -> None:
    """Raise ValueError when an array or object begins inside `depth` others that are too many."""
    if depth >= MAX_DEPTH:
        raise ValueError(f"canonical JSON nests at most {MAX_DEPTH} arrays and objects")
