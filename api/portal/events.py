"""Events as pages show them: those that are for the reader, each with its fields in words."""

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

import msgspec
from msgspec import Struct

from api import codes, register_codes
from api.http.questions import Question
from api.http.readable import Readable
from api.portal.teller import PageTeller
from api.telling import NOTHING
from api.text import _
from api.words import HEADING
from ledger.events import Event
from ledger.store.pages import events_at
from projections.timeline import Occurrence, occurrences

PLACES = {
    "contract": "contracts",
    "tender": "tenders",
    "programme": "programmes",
    "line": "funds",
    "payment": "payments",
    "claim": "claims",
    "claims": "claims",
    "party": "parties",
    "parent": "parties",
    "buyer": "parties",
    "provider": "parties",
    "winner": "parties",
    "lender": "parties",
    "ranking": "parties",
}
"""Fields that name something with a page, and where that is; parties that may not serve yet too."""

WORDS = {
    "reason": {
        **register_codes.KEY_ENDS,
        **register_codes.ROLE_ENDS,
        **register_codes.DISQUALIFICATIONS,
        **register_codes.NOT_FIRST,
        **codes.EXITS,
        **codes.AMENDMENTS,
        **codes.CUT_REASONS,
    },
    "ground": {**register_codes.CHALLENGE_GROUNDS, **codes.GROUNDS},
    "role": codes.ROLES,
    "use": register_codes.KEY_USES,
    "method": register_codes.METHODS,
    "ruling": register_codes.RULINGS,
    "verdict": register_codes.VERDICTS,
    "source": codes.SOURCES,
    "tier": codes.TIERS,
    "unit": codes.UNITS,
}
"""Fields that hold a code, and what the codes mean."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")


class Shown(Struct, frozen=True):
    """Some events, of what is for the reader.

    Attributes:
        events: those that may be read, in order.
        withheld: how many of them may not.

    """

    events: tuple[Occurrence, ...]
    withheld: int


class Field(NamedTuple):
    """A field of an event, told.

    Attributes:
        name: its name in the vocabulary; of an item its number.
        told: its value, or nothing where it has parts.
        place: where the page of what it names is, or None.
        id: what it names there.
        parts: fields within it.

    """

    name: str
    told: str
    place: str | None
    id: str
    parts: tuple["Field", ...]


def shown(question: Question, positions: Collection[int], most: int) -> Shown:
    """Return at most `most` of the events at some positions, and how many are not for the reader.

    Raises:
        StoreUnavailable: the database cannot be read.

    """
    rows = events_at(question.service.store, sorted(positions)[:most])
    readable = Readable(question.service, question.reader)
    allowed = [row for row in rows if readable(row)]
    return Shown(occurrences(question.projections, allowed), len(rows) - len(allowed))


def fields_of(event: Event, say: PageTeller, currency: str) -> tuple[Field, ...]:
    """Return the fields of an event, but those that every event has."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    return tuple(
        field_of(name, value, say, currency)
        for name, value in fields.items()
        if name not in HEADING
    )


def field_of(name: str, value: object, say: PageTeller, currency: str, of: str = "") -> Field:
    """Return a field, told; `of` is the list whose item it is."""
    if value in ([], {}):
        return Field(name, NOTHING, None, "", ())
    if isinstance(value, dict):
        return Field(name, "", None, "", tuple(_parts(value, say, currency)))
    if isinstance(value, list):
        items = [field_of(str(n), item, say, currency, name) for n, item in enumerate(value, 1)]
        return Field(name, "", None, "", tuple(items))
    if isinstance(value, str):
        told = _text(of or name, value, say)
        return Field(name, told, PLACES.get(of or name), value, ())
    return Field(name, _figure(of or name, value, say, currency), None, "", ())


def _text(name: str, value: str, say: PageTeller) -> str:
    if _TIME.fullmatch(value):
        return say.time(value)
    if _DATE.fullmatch(value):
        return say.date(value)
    return say.code(WORDS.get(name, {}), value)


def _parts(value: dict[str, object], say: PageTeller, currency: str) -> Iterator[Field]:
    for name, each in value.items():
        yield field_of(name, each, say, currency)


def _figure(name: str, value: object, say: PageTeller, currency: str) -> str:
    if isinstance(value, bool):
        return say.tell(_("yes") if value else _("no"))
    if not isinstance(value, int):
        return str(value)
    if name.endswith(("_fen", "_fen_max")):
        return say.money(value, currency)
    if name.endswith(("_ppm", "_ppm_per_year")):
        return say.rate(value)
    return say.number(value)
