"""What people are shown before they sign: all of it, and nothing that plays with the terminal."""

import contextlib
import io
import re

import pytest
from world import World

from api.cli.console import Console, visible
from api.words import SENTENCES, describe
from ledger.events import TYPES, Event, type_of
from ledger.events.base import Identifier
from ledger.events.parties import PartyRegistered


def shown(event: Event, language: str = "en") -> list[str]:
    """Return an event as a person reads it."""
    return list(describe(event, Console("zh" if language == "zh" else "en")))


def test_every_type_has_a_sentence() -> None:
    """Nobody is asked to sign what cannot be told in words."""
    assert set(SENTENCES) == set(TYPES)


@pytest.mark.parametrize("name", sorted(TYPES))
def test_every_type_is_told_in_both_languages(name: str) -> None:
    """The sentence fills from the event's own fields, and every field stands below it."""
    event = World.founded().make(TYPES[name])
    assert type_of(event) == name
    english, chinese = shown(event), shown(event, "zh")
    assert not re.search(r"[{}]", english[0] + chinese[0])
    assert english[0] != chinese[0]
    assert english[1:] == [line.replace("¥", "CN¥") for line in chinese[1:]]
    fields = {line.strip().partition(":")[0] for line in english[1:]}
    own = set(event.__struct_encode_fields__) - {"v", "id", "salt", "at", "private"}
    assert {field.removesuffix("_fen") for field in own} - fields == {
        field.removesuffix("_fen")
        for field in own
        if repr(getattr(event, event.__struct_fields__[_place(event, field)])) == "UNSET"
    }


def _place(event: Event, field: str) -> int:
    return event.__struct_encode_fields__.index(field)


def test_an_event_cannot_paint_over_the_screen() -> None:
    """Escape sequences, new lines and characters that turn text round are shown as their codes."""
    event = World.founded().make(
        PartyRegistered,
        names={"en": "Good\x1b[2K\rBad\nparty: honest\u202eevil"},
        identifier=Identifier(scheme="X", id="1"),
    )
    console, out = Console("en"), io.StringIO()
    with contextlib.redirect_stdout(out):
        for line in describe(event, console):
            console.line(line)
    printed = out.getvalue()
    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", printed)
    assert r"Good\u001b[2K\u000dBad\nparty: honest\u202eevil" in printed
    assert visible("plain text, 阳光账本 – 1,000.00\xa0€") == "plain text, 阳光账本 – 1,000.00\xa0€"
