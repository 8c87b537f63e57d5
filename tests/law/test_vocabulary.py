"""Every event type has one spelling: its canonical bytes, and no others."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from world import World
from world_events import DEFAULTS
from world_signers import SIGNERS

from ledger import canonical
from ledger.errors import Malformed
from ledger.events import EVENTS, TYPES, Event, decode_event, encode_event, type_of
from ledger.events.delivery import WorkerEnrolled
from ledger.events.parties import PartyRegistered

TYPE_NAMES = sorted(TYPES)


def lawful(type_name: str) -> Event:
    """Return an event of a type."""
    return World().make(TYPES[type_name])


def body(value: Any) -> bytes:
    """Return a JSON value's bytes, sorted and compact, whatever it holds."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(
        "utf-8", "surrogatepass"
    )


def plain(type_name: str) -> dict[str, Any]:
    """Return a lawful event as plain JSON values."""
    value: dict[str, Any] = json.loads(encode_event(lawful(type_name)))
    return value


def test_the_world_knows_every_type() -> None:
    """No type of the vocabulary is left out of these tests, and each name is its own."""
    assert set(DEFAULTS) == set(EVENTS) == set(TYPES.values())
    assert set(SIGNERS) == set(TYPES)
    assert all(type_of(lawful(name)) == name for name in TYPE_NAMES)


@pytest.mark.parametrize("type_name", TYPE_NAMES)
def test_an_event_round_trips_as_canonical_json(type_name: str) -> None:
    """Its bytes give the event, the event its bytes, and they are those of the JSON profile."""
    event = lawful(type_name)
    encoded = encode_event(event)
    assert decode_event(encoded) == event
    assert canonical.encode(canonical.decode(encoded)) == encoded
    assert body(json.loads(encoded)) == encoded


SPELLINGS: dict[str, Callable[[dict[str, Any]], bytes]] = {
    "an unknown field": lambda it: body({**it, "zzz": 1}),
    "an unknown type": lambda it: body({**it, "type": it["type"] + "s"}),
    "no type": lambda it: body({key: value for key, value in it.items() if key != "type"}),
    "the next version": lambda it: body({**it, "v": it["v"] + 1}),
    "version 0": lambda it: body({**it, "v": 0}),
    "version true": lambda it: body({**it, "v": True}),
    "a version with a fraction": lambda it: body({**it, "v": float(it["v"])}),
    "version 1e0": lambda it: body(it).replace(b'"v":%d' % it["v"], b'"v":%de0' % it["v"]),
    "a null": lambda it: body({**it, "private": None}),
    "an empty private": lambda it: body({**it, "private": {}}),
    "a private value that is no commitment": lambda it: body({**it, "private": {"a": "b"}}),
    "a key that is not ASCII": lambda it: body({**it, "private": {"ä": "ab" * 32}}),
    "keys unsorted": lambda it: json.dumps(
        dict(sorted(it.items(), reverse=True)), separators=(",", ":"), ensure_ascii=False
    ).encode(),
    "white space": lambda it: json.dumps(it, sort_keys=True, ensure_ascii=False).encode(),
    "a newline behind": lambda it: body(it) + b"\n",
    "a byte order mark": lambda it: b"\xef\xbb\xbf" + body(it),
    "a key twice": lambda it: body(it).replace(b'"v":', b'"v":1,"v":'),
    "a needless escape": lambda it: body(it).replace(b'"at":"2', b'"at":"\\u0032'),
    "an upper-case id": lambda it: body({**it, "id": it["id"][:-1] + "A"}),
    "an id of version 4": lambda it: body({**it, "id": it["id"][:14] + "4" + it["id"][15:]}),
    "an id that slides into the salt": lambda it: body(
        {**it, "id": it["id"] + it["salt"][:5], "salt": it["salt"][5:]}
    ),
    "a salt that slides into the time": lambda it: body(
        {**it, "salt": it["salt"] + it["at"][:1], "at": it["at"][1:]}
    ),
    "a short salt": lambda it: body({**it, "salt": it["salt"][1:]}),
    "an upper-case salt": lambda it: body({**it, "salt": "AB" * 16}),
    "a day that does not exist": lambda it: body({**it, "at": "2026-02-29T01:00:00.000Z"}),
    "an hour that does not exist": lambda it: body({**it, "at": "2026-02-28T24:00:00.000Z"}),
    "second 60": lambda it: body({**it, "at": "2026-02-28T23:59:60.000Z"}),
    "digits of another script": lambda it: body({**it, "at": "٢٠٢٦-02-28T23:59:00.000Z"}),
    "no milliseconds": lambda it: body({**it, "at": "2026-02-28T23:59:00Z"}),
    "an offset": lambda it: body({**it, "at": "2026-02-28T23:59:00.000+00:00"}),
    "a list": lambda it: body([it]),
    "nothing": lambda _it: b"",
    "half of it": lambda it: body(it)[: len(body(it)) // 2],
    "not UTF-8": lambda it: body(it).replace(it["salt"].encode(), b"\xff" * 32),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_any_other_spelling_is_refused(spelling: str) -> None:
    """What is not exactly the encoder's bytes, or not in its form, is no event of any type."""
    for type_name in TYPE_NAMES:
        broken = SPELLINGS[spelling](plain(type_name))
        assert broken != encode_event(lawful(type_name))
        with pytest.raises(Malformed):
            decode_event(broken)


def _numbers(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of every integer inside a JSON value."""
    if isinstance(value, bool):
        return []
    if isinstance(value, int):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    if isinstance(value, dict | list):
        return [found for key, each in inner for found in _numbers(each, (*path, key))]
    return []


def _with(value: dict[str, Any], path: tuple[Any, ...], new: Any) -> dict[str, Any]:
    changed = json.loads(json.dumps(value))
    place = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = new
    return changed  # type: ignore[no-any-return]


@pytest.mark.parametrize("type_name", TYPE_NAMES)
def test_every_number_is_an_integer_in_bounds(type_name: str) -> None:
    """No float, no text, no boolean, nothing beyond 2^53 - 1, wherever a number stands."""
    value = plain(type_name)
    for path in _numbers(value):
        for wrong in (1.5, 1.0, "1", True, None, 2**53, -(2**53), 10**400):
            with pytest.raises(Malformed):
                decode_event(body(_with(value, path, wrong)))


@pytest.mark.parametrize("type_name", TYPE_NAMES)
def test_no_field_may_be_missing_unless_it_is_optional(type_name: str) -> None:
    """A field left out is refused, or the type declares it absent by default."""
    value = plain(type_name)
    fields = {field.encode_name: field for field in msgspec.structs.fields(TYPES[type_name])}
    for name in value:
        without = {key: each for key, each in value.items() if key != name}
        if name == "type" or fields[name].required:
            with pytest.raises(Malformed):
                decode_event(body(without))
        else:
            decode_event(body(without))


@pytest.mark.parametrize(
    "text",
    ["", "a\nb", "a\x00b", "a\x1b[2Jb", "a\x7fb", "a\x9bb", "a\u202eb", "\ud800", "a" * 1001],
)
def test_public_text_steers_no_terminal(text: str) -> None:
    """Control characters, reversed writing and lone surrogates stay out of names and titles."""
    value = plain("party.registered")
    value["names"]["en"] = text
    with pytest.raises(Malformed):
        decode_event(body(value))


@pytest.mark.parametrize("new_id", ["", "-a", ".a", "a/b", "a b", "a\n", "ä", "a" * 65, "a+b"])
def test_an_id_keeps_to_its_grammar(new_id: str) -> None:
    """Ids become parts of key names, paths and subjects, so they hold nothing else."""
    for event_type in (PartyRegistered, WorkerEnrolled):
        value = plain(type_of(World().make(event_type)))
        value["party" if event_type is PartyRegistered else "worker"] = new_id
        with pytest.raises(Malformed):
            decode_event(body(value))


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50))
def test_any_public_text_has_the_bytes_of_rfc_8785(text: str) -> None:
    """Escapes, emoji and combining marks come out as the reference encoder writes them."""
    event = World().make(PartyRegistered, names={"en": text})
    encoded = encode_event(event)
    assert encoded == body(json.loads(encoded))
    if not set(text) & set("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"):
        assert decode_event(encoded) == event


def test_a_larger_event_than_the_limit_is_refused_unread() -> None:
    """One byte more than 1 MiB."""
    with pytest.raises(Malformed, match="1048577 bytes"):
        decode_event(b" " * (1 << 20) + b" ")


def test_deep_nesting_is_malformed_and_no_crash() -> None:
    """A thousand opening brackets end in the same sentence as any other nonsense."""
    with pytest.raises(Malformed):
        decode_event(b'{"private":' * 100_000)
    with pytest.raises(Malformed):
        decode_event(b"[" * 500_000)
