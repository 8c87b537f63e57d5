"""Packed arrays against psycopg's own packing of lists, element by element."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from psycopg.adapt import PyFormat, Transformer
from psycopg.types.numeric import Int8

from ledger.store.arrays import pack_blobs, pack_texts, pack_texts_or_nulls, pack_wholes

WHOLES = st.integers(-(2**63), 2**63 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def _as_psycopg(values: list[Any]) -> bytes:
    dumped = Transformer().get_dumper(values, PyFormat.BINARY).dump(values)
    return bytes(dumped or b"")


@given(st.lists(WHOLES, min_size=1))
def test_wholes_are_packed_as_psycopg_does(values: list[int]) -> None:
    """Integers of 64 bits, negative ones too, give the bytes of an int8[]."""
    assert pack_wholes(values) == _as_psycopg([Int8(value) for value in values])


@given(st.lists(st.binary(), min_size=1))
def test_blobs_are_packed_as_psycopg_does(values: list[bytes]) -> None:
    """Byte strings, empty ones too, give the bytes of a bytea[]."""
    assert pack_blobs(values) == _as_psycopg(values)


@given(st.lists(TEXTS, min_size=1))
def test_texts_are_packed_as_psycopg_does(values: list[str]) -> None:
    """Texts of any script give the bytes of a text[]."""
    assert pack_texts(values) == _as_psycopg(values)
    assert pack_texts_or_nulls(values) == _as_psycopg(values)


@given(st.lists(st.none() | TEXTS, min_size=1).filter(any))
def test_absent_texts_are_packed_as_psycopg_does(values: list[str | None]) -> None:
    """An absent text is NULL and not an empty one."""
    assert pack_texts_or_nulls(values) == _as_psycopg(values)


def test_empty_array_has_no_dimension() -> None:
    """No rows make an array without elements, of the right type all the same."""
    assert pack_wholes(()) == bytes.fromhex("000000000000000000000014")


def test_worked_example_holds() -> None:
    """The example of the module's manual is what it says."""
    written = "00000001 00000000 00000014  00000001 00000001  00000008 0000000000000007"
    assert pack_wholes([7]) == bytes.fromhex(written)
