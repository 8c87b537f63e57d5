"""What every read model needs to show an amount, a day or a party: currency, local time, names.

Each read model keeps these few rows itself, so that all it answers is of one moment.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec import UNSET, Struct, json

from ledger.errors import Malformed
from ledger.events import Event
from ledger.events.parties import LedgerOpened, PartyRegistered, PartyUpdated
from ledger.intake.reading import storable
from ledger.times import local_date, parse_instant, parse_offset
from projections.feed import Fact
from projections.lookups import only_row, rows_among
from projections.model import types
from projections.reading import Reading
from projections.shape import Shape
from projections.sheet import Sheet

UNDETERMINED = "und"
"""ISO 639-2 code of a text whose language nobody stated: what others published."""

CONTEXT_EVENTS = types(LedgerOpened, PartyRegistered, PartyUpdated)
"""The events that `Context` reads."""

_names = json.Decoder(dict[str, str])


class LedgerRow(NamedTuple):
    """The ledger's own terms: one row, from its genesis."""

    origin: str
    currency: str
    offset_minutes: int


class PartyRow(NamedTuple):
    """A party: its names by language as JSON, and what a search compares."""

    party: str
    names: str
    search: str


LEDGER = Shape("ledger", LedgerRow)
PARTY = Shape("party", PartyRow)
CONTEXT_SHAPES: tuple[Shape[LedgerRow], Shape[PartyRow]] = (LEDGER, PARTY)


class Party(Struct, frozen=True):
    """A party by name.

    Attributes:
        id: its id in the ledger, or None for a name that somebody published.
        names: its official name by language; `und` where nobody stated the language.

    """

    id: str | None
    names: dict[str, str]


class Context:
    """Currency, local time and names while a batch is folded."""

    def __init__(self, sheet: Sheet) -> None:
        """Begin with what is known before the batch."""
        self._ledger = next(iter(sheet.load_all(LEDGER)), None)
        self._before = self._ledger
        self._parties: dict[str, PartyRow] = {}

    def see(self, event: Event) -> None:
        """Learn what an event says about the ledger or a party; others are passed over."""
        if isinstance(event, LedgerOpened):
            minutes = parse_offset(event.utc_offset)
            self._ledger = LedgerRow(event.origin, event.currency, minutes)
            for founder in event.parties:
                self._name(founder.party, founder.names)
        elif isinstance(event, PartyRegistered | PartyUpdated) and event.names is not UNSET:
            self._name(event.party, event.names)

    def put(self, sheet: Sheet) -> None:
        """Put down what was learned."""
        if self._ledger is not None and self._ledger != self._before:
            sheet.put(LEDGER, [self._ledger])
        sheet.put(PARTY, self._parties.values())

    @property
    def currency(self) -> str:
        """Currency of every amount of the ledger itself."""
        return self._opened().currency

    @property
    def origin(self) -> str:
        """The ledger's name."""
        return self._opened().origin

    @property
    def offset_minutes(self) -> int:
        """How far local time is east of UTC."""
        return self._opened().offset_minutes

    def day(self, recorded_ms: int) -> str:
        """Return the local date of an instant (milliseconds since the epoch)."""
        return local_date(recorded_ms, self._opened().offset_minutes)

    def day_of(self, fact: Fact) -> str:
        """Return the local date on which an event happened, as its signer says.

        A claimed time that is in no calendar was signed all the same; the day it was recorded
        stands in for it.
        """
        try:
            return self.day(parse_instant(fact.event.at))
        except (Malformed, ValueError):
            return self.day(fact.recorded_ms)

    def _opened(self) -> LedgerRow:
        if self._ledger is None:
            raise Malformed("the history does not begin with ledger.opened")
        return self._ledger

    def _name(self, party: str, names: dict[str, str]) -> None:
        text = searchable(party, *names.values())
        self._parties[party] = PartyRow(party, encode_names(names), text)


def encode_names(names: dict[str, str]) -> str:
    """Return texts by language as a column keeps them."""
    return json.encode(names, order="sorted").decode()


def decode_names(column: str) -> dict[str, str]:
    """Return texts by language from a column."""
    return _names.decode(column)


def published(text: str) -> dict[str, str]:
    """Return a published text by language; nothing for none."""
    return {UNDETERMINED: text} if text else {}


def searchable(*texts: str | None) -> str:
    """Return what a search compares with: the texts, folded to one case."""
    return "\n".join(text for text in texts if text).casefold()


def matching(text: str) -> str:
    """Return the LIKE pattern (escape character `!`) that finds `text` in a search column."""
    folded = storable(text).casefold()
    for special in "!%_":
        folded = folded.replace(special, f"!{special}")
    return f"%{folded}%"


def parties_of(reading: Reading, ids: Iterable[str | None]) -> dict[str | None, Party]:
    """Return parties by id."""
    wanted = {party for party in ids if party is not None}
    rows = rows_among(reading, PARTY, "party", wanted)
    return {row.party: Party(row.party, decode_names(row.names)) for row in rows}


def currency_of(reading: Reading) -> str:
    """Return the currency of every amount of the ledger; empty before its first statement."""
    row = only_row(reading, LEDGER)
    return "" if row is None else row.currency
