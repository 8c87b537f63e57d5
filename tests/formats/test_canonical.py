"""Canonical JSON: published JCS vectors, and everything that must not pass."""

import enum
import json
import uuid
from collections import OrderedDict
from pathlib import Path
from typing import Any

import needs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import canonical
from ledger.errors import Malformed

FITTING = ("structures", "unicode")  # the JCS triples inside the profile
REFUSED = {  # and those outside it, each with what puts it there
    "arrays": "NoneType",
    "french": "not an ASCII string",
    "values": "NoneType|float",
    "weird": "not an ASCII string",
}

values = st.recursive(
    st.booleans()
    | st.integers(-canonical.MAX_INTEGER, canonical.MAX_INTEGER)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner, max_size=4)
    ),
    max_leaves=20,
)


class _Colour(enum.StrEnum):
    RED = "red"


class _Number(enum.IntEnum):
    ONE = 1


def nested(depth: int) -> Any:
    """Return `depth` arrays, one inside the other."""
    value: Any = []
    for _ in range(depth - 1):
        value = [value]
    return value


def jcs() -> Path:
    """Return the folder of the published RFC 8785 vectors."""
    return needs.data("tlog/jcs/testdata")


def test_every_published_triple_has_a_verdict() -> None:
    """The lists above name every vector of the folder, so none is left out silently."""
    names = {path.stem for path in (jcs() / "input").iterdir()}
    assert names == {*FITTING, *REFUSED}


@pytest.mark.parametrize("name", FITTING)
def test_published_triples_inside_the_profile_come_out_to_the_byte(name: str) -> None:
    """Input encodes to the published output, and the output decodes to the input."""
    source = (jcs() / "input" / f"{name}.json").read_text("utf-8")
    # `structures` spells 56 as 56.0, which RFC 8785 writes 56: the profile knows the integer only.
    value = json.loads(source, parse_float=lambda text: int(text.removesuffix(".0")))
    expected = bytes.fromhex((jcs() / "outhex" / f"{name}.txt").read_text("ascii"))
    assert canonical.encode(value) == expected
    assert (jcs() / "output" / f"{name}.json").read_bytes() == expected
    assert canonical.decode(expected) == value


@pytest.mark.parametrize("name", REFUSED)
def test_published_triples_outside_the_profile_are_refused(name: str) -> None:
    """Neither the value nor its RFC 8785 bytes pass; the reason is the expected one."""
    value = json.loads((jcs() / "input" / f"{name}.json").read_text("utf-8"))
    with pytest.raises(ValueError, match=REFUSED[name]):
        canonical.encode(value)
    with pytest.raises(Malformed, match=REFUSED[name]):
        canonical.decode((jcs() / "output" / f"{name}.json").read_bytes())


@given(values)
def test_every_value_of_the_profile_survives_its_bytes(value: object) -> None:
    """Encoding and decoding are inverse."""
    data = canonical.encode(value)
    assert canonical.decode(data) == value
    assert canonical.encode(canonical.decode(data)) == data


@given(values)
def test_bytes_agree_with_a_second_encoder(value: object) -> None:
    """The standard library, told to sort and to leave white space out, writes the same bytes.

    It escapes only what RFC 8785 escapes; it differs in the spelling of nothing in the profile.
    """
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert canonical.encode(value) == plain.encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" {}",
        b"{}\n",
        b"\xef\xbb\xbf{}",
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":+1}',
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b'{"a":18446744073709551616}',
        b'{"a":null}',
        b"null",
        b"NaN",
        b"[Infinity]",
        b'["\\u0041"]',
        b'["\\/"]',
        b'["\\u000A"]',
        b'["\\ud800"]',
        b'["\xed\xa0\x80"]',
        b'["\xff"]',
        b'["\t"]',
        b"{'a':1}",
        '{"é":1}'.encode(),
        b'{"a":1}{"a":1}',
        b'{"a":1},',
        b'{"a":tru}',
    ],
)
def test_bytes_the_encoder_would_not_write_are_refused(data: bytes) -> None:
    """One value has one byte string; everything else is malformed."""
    with pytest.raises(Malformed):
        canonical.decode(data)


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        {"a": 0.5},
        None,
        [None],
        {1: "a"},
        {"é": 1},
        {None: 1},
        2**53,
        -(2**53),
        10**5000,
        "\ud800",
        {"a": "\udfff"},
        b"bytes",
        {"set"},
        uuid.UUID(int=1),
        _Colour.RED,
        _Number.ONE,
        OrderedDict(a=1),
        needs.Need("why", ("package",), lambda: None),
        {_Colour.RED: 1},
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_outside_the_profile_are_misuse(value: object) -> None:
    """The encoder refuses what would not decode to the same value."""
    with pytest.raises(ValueError, match=r"canonical JSON|ASCII"):
        canonical.encode(value)


def test_depth_is_bounded_in_both_directions() -> None:
    """Sixteen arrays pass, seventeen do not; a thousand do no harm."""
    assert canonical.decode(b"[" * 16 + b"]" * 16) == nested(16)
    assert canonical.encode(nested(16)) == b"[" * 16 + b"]" * 16
    for depth in (17, 1000, 100_000):
        with pytest.raises(Malformed):
            canonical.decode(b"[" * depth + b"]" * depth)
    with pytest.raises(ValueError, match="nests at most 16"):
        canonical.encode(nested(17))


def test_size_is_bounded_in_both_directions() -> None:
    """One MiB passes, one byte more does not."""
    text = "a" * (canonical.MAX_BYTES - 2)
    assert canonical.decode(canonical.encode(text)) == text
    with pytest.raises(ValueError, match="exceeds"):
        canonical.encode(text + "a")
    with pytest.raises(Malformed, match="exceeds"):
        canonical.decode(b'"' + text.encode() + b'a"')
