"""The feed as a reader is given it: every position, and of what is not for it nothing else.

Positions have no gaps for anybody, so a follower can tell that it missed nothing. That an event was
recorded in which statement is public with the log; its type and home subject are told to those
that may read it (api/rights.py), and are None to others. Who asks for some types is given only
what it may read of them, and `reached` moves on as if the rest were not there.

Only events that the read models reflect are told of, so whatever is announced can be asked for.
"""

from collections.abc import Collection, Sequence

from msgspec import Struct

from api.http.readable import Readable
from api.http.service import Service
from api.rights import AUDIENCES, Audience, Reader, may_read_event
from ledger.store.pages import events_at
from projections.changes import Change, changes, check_types


class FeedChange(Struct, frozen=True):
    """An event of the feed.

    Attributes:
        position: its position in the ledger.
        event: its id.
        type: its type, `payment.settled`; None: it is not for whoever asks.
        subject: key of its home subject, `contract/c-17`; None likewise.
        statement: index of the statement it came in.
        recorded: when that was admitted, RFC 3339.

    """

    position: int
    event: str
    type: str | None
    subject: str | None
    statement: int
    recorded: str


class FeedPage(Struct, frozen=True):
    """A part of the feed.

    Attributes:
        reached: what to ask the next part `after`: all below it was looked at.
        size: how many events are told of; `reached` equals it where nothing is left.
        items: the events, by position.

    """

    reached: int
    size: int
    items: tuple[FeedChange, ...]


class Feed:
    """The feed for one reader, while one request is answered."""

    def __init__(self, service: Service, reader: Reader) -> None:
        """Tell `reader` of what is in `service`."""
        self._service = service
        self._reader = reader
        self._readable = Readable(service, reader)

    def page(self, after: int, types: Collection[str], limit: int) -> FeedPage:
        """Return the events from position `after` on, at most `limit`; with `types` only those.

        Raises:
            LedgerError: `after` lies beyond what is told of, or there is no such type.

        """
        store, size = self._service.store, self._service.position
        if not types:
            found = changes(store, after, limit=limit, size=size)
            readable = set(self._readable_of(found.items))
            items = tuple(_shown(each, is_told=each in readable) for each in found.items)
            return FeedPage(found.reached, size, items)
        check_types(types)
        told = sorted(each for each in set(types) if not self._is_never_told(each))
        if not told:
            return FeedPage(changes(store, after, limit=1, size=size).size, size, ())
        found = changes(store, after, types=told, limit=limit, size=size, choose=self._readable_of)
        return FeedPage(
            found.reached, size, tuple(_shown(each, is_told=True) for each in found.items)
        )

    def _readable_of(self, found: Sequence[Change]) -> list[Change]:
        """Return those of some events that the reader may read; few bodies are looked at."""
        told = {each for each in found if may_read_event(self._reader, each.type, ())}
        asked = [
            each.position
            for each in found
            if each not in told and not self._is_never_told(each.type)
        ]
        told_at = {
            row.position for row in events_at(self._service.store, asked) if self._readable(row)
        }
        return [each for each in found if each in told or each.position in told_at]

    def _is_never_told(self, type_name: str) -> bool:
        """Tell whether no event of a type is for the reader, whichever it is."""
        if may_read_event(self._reader, type_name, ()):
            return False
        return self._reader.is_public and AUDIENCES[type_name] in {Audience.PARTIES, Audience.CASE}


def _shown(change: Change, *, is_told: bool) -> FeedChange:
    return FeedChange(
        position=change.position,
        event=change.event,
        type=change.type if is_told else None,
        subject=change.subject if is_told else None,
        statement=change.statement,
        recorded=change.recorded,
    )
