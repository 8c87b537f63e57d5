"""What an event rests on and what rests on it: the graph of the history, walked from one event.

    graph = Graph(store)
    for step in graph.down(row, depth=5, limit=10): ...
    for step in graph.up(row, depth=20, limit=10): ...

Edges follow from the vocabulary (`ledger.tracing.references`): an id that an event names is looked
for in the history of its home subject, or in that of the subject of that name. What is many and
alike is counted and not listed: visits under a contract or a claim, and whatever of one type there
is more of than `limit`; `page` lists it.

Cost: a pass over the history of each subject that is walked through, its visits left out.
"""

from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from ledger.events import TYPES, Event, decode_event, name_of_type
from ledger.events.claim import ClaimSubmitted
from ledger.events.contract import ContractSigned
from ledger.events.delivery import CareplanAgreed, VisitConfirmed, VisitRecorded
from ledger.store.histories import (
    history_of,
    history_without,
    home_of,
    kinds_of,
    opening_of,
    subjects_at,
)
from ledger.store.reading import Reader
from ledger.store.rows import EventRow
from ledger.times import parse_offset
from ledger.tracing.covering import Covering, coverings
from ledger.tracing.references import (
    EVENT,
    HOME,
    INTRODUCES,
    REFERENCES,
    SUM,
    Reference,
    values,
)

_BULK = frozenset(name_of_type(each) for each in (VisitRecorded, VisitConfirmed, CareplanAgreed))
"""What a contract has by the ten thousand, and nothing in a tree hangs under."""
_ON_LINES = frozenset(
    name_of_type(event_type)
    for event_type, references in REFERENCES.items()
    if any(reference.kind == "line" for reference in references)
) | {"budget.appropriated"}
_SUBJECTS = frozenset({"contract", "line", "party", "programme", "tender"})
_VISIT = name_of_type(VisitRecorded)
_UUID_DASHES, _UUID_HEX = 4, 32
_KEPT_SPACES = 16


class Step(NamedTuple):
    """A line of a tree: an event, or how many alike there are.

    Attributes:
        depth: how far from where the walk began; 1 is next to it.
        row: the event, without its body; None where events are counted.
        type: its type, or theirs.
        count: how many there are.
        first: position of the first; None where only their number is known.
        last: position of the last, likewise.
        seen: whether it was shown before, and what it leads to there.
        cut: whether it leads on, beyond the depth asked for.

    """

    depth: int
    row: EventRow | None
    type: str
    count: int  # type: ignore[assignment]  # a number of events outweighs tuple.count
    first: int | None
    last: int | None
    seen: bool = False
    cut: bool = False


_Counted = dict[str, tuple[int, int | None, int | None]]


class Near(NamedTuple):
    """The events next to one.

    Attributes:
        rows: those that are known one by one, in order.
        counted: those that are many, by type: how many, the first and the last position.

    """

    rows: list[EventRow]
    counted: _Counted


class _Space:
    """The events of one subject that hang together, bulk left out.

    Attributes:
        key: the subject.
        rows: the events by position, without their bodies.
        below: the positions of what hangs under each.

    """

    def __init__(self, reader: Reader, key: str) -> None:
        """Read the subject's history once."""
        self.key = key
        self.rows: dict[int, EventRow] = {}
        self.below: dict[int, list[int]] = {}
        self._ids: dict[str, int] = {}
        self._named: dict[tuple[str, str], dict[type[Event], list[int]]] = {}
        on_line = key.startswith("line/")
        without = frozenset(TYPES) - _ON_LINES if on_line else _BULK
        for _, row in history_without(reader, key, without):
            event = decode_event(row.body)
            for reference in REFERENCES.get(type(event), ()):
                above = [
                    at
                    for value in (values(event, reference.path) if reference.path else ())
                    if (at := self.find(reference, value, row.position)) is not None
                ]
                if reference.kind == HOME and self.rows:
                    above = [next(iter(self.rows))]
                if above:
                    for at in dict.fromkeys(above):
                        self.below.setdefault(at, []).append(row.position)
                    break
            self._put(row, event)

    def find(self, reference: Reference, value: str, before: int) -> int | None:
        """Return the position of what a reference rests on in this history, or None."""
        if reference.kind == EVENT or (reference.kind == SUM and _is_uuid(value)):
            return self._ids.get(value)
        kind = "claim" if reference.kind == SUM else reference.kind
        if kind in _SUBJECTS and self.key != f"{kind}/{value}":
            return None
        named = self._named.get((kind, value), {})
        for event_type in reference.to or (_INTRODUCER.get(kind, Event),):
            positions = named.get(event_type, ())
            earlier = bisect_left(positions, before)
            if earlier:
                return positions[earlier - 1]
        return min((at[0] for at in named.values() if at[0] < before), default=None)

    def _put(self, row: EventRow, event: Event) -> None:
        self.rows[row.position] = row._replace(body=b"")
        self._ids[event.id] = row.position
        names = [(r.kind, r.path) for r in REFERENCES.get(type(event), ())]
        if type(event) in INTRODUCES:
            field, kind = INTRODUCES[type(event)]
            names.append((kind, field))
        for kind, path in names:
            for value in dict.fromkeys(values(event, path) if path else ()):
                known = "claim" if kind == SUM else kind
                by_type = self._named.setdefault((known, value), {})
                by_type.setdefault(type(event), []).append(row.position)


class Graph:
    """The graph of a history."""

    def __init__(self, reader: Reader) -> None:
        """Walk the history in `reader`."""
        self._reader = reader
        self._spaces: dict[str, _Space] = {}

    # -- walking -------------------------------------------------------------------------------

    def down(self, row: EventRow, depth: int, limit: int) -> Iterator[Step]:
        """Yield what rests on an event, as a tree."""
        yield from self._walk(row, 1, depth, limit, upwards=False, seen={row.position})

    def up(self, row: EventRow, depth: int, limit: int) -> Iterator[Step]:
        """Yield what an event rests on, as a tree."""
        yield from self._walk(row, 1, depth, limit, upwards=True, seen={row.position})

    def page(self, row: EventRow, type_name: str, after: int, limit: int) -> tuple[EventRow, ...]:
        """Return at most `limit` events of one type right under an event, behind a position."""
        if row.type == name_of_type(ContractSigned) and type_name in _BULK:
            return history_of(self._reader, self._home(row), type_name, after, limit)
        if row.type == name_of_type(ClaimSubmitted) and type_name == _VISIT:
            positions = sorted(self._covering(row).visits.values())
            found = [self._reader.event_at(at) for at in positions if at > after][:limit]
            return tuple(each for each in found if each is not None)
        rows = [r for r in self.below(row).rows if r.type == type_name and r.position > after]
        return tuple(rows[:limit])

    def _walk(
        self, row: EventRow, at: int, depth: int, limit: int, *, upwards: bool, seen: set[int]
    ) -> Iterator[Step]:
        near = self.above(row, limit) if upwards else self.below(row)
        counted = dict(near.counted)
        if at > depth:
            return
        shown: dict[str, int] = {}
        for each in near.rows:
            shown[each.type] = shown.get(each.type, 0) + 1
            if shown[each.type] > limit:
                count, first, _ = counted.get(each.type, (0, each.position, None))
                counted[each.type] = (count + 1, first, each.position)
                continue
            known = each.position in seen
            seen.add(each.position)
            cut = not known and at == depth and self._leads_on(each, limit, upwards=upwards)
            ends = (1, each.position, each.position)
            yield Step(at, each, each.type, *ends, seen=known, cut=cut)
            if not known:
                yield from self._walk(each, at + 1, depth, limit, upwards=upwards, seen=seen)
        for type_name, (count, first, last) in counted.items():
            yield Step(at, None, type_name, count, first, last)

    def _leads_on(self, row: EventRow, limit: int, *, upwards: bool) -> bool:
        near = self.above(row, limit) if upwards else self.below(row)
        return bool(near.rows or near.counted)

    # -- one step ------------------------------------------------------------------------------

    def below(self, row: EventRow) -> Near:
        """Return what rests on an event directly."""
        if row.type == _VISIT:
            return self._on_visit(row)
        home = self._home(row)
        space = self._space(home)
        rows = [space.rows[at] for at in space.below.get(row.position, ())]
        counted: _Counted = {}
        if row.type == name_of_type(ContractSigned):
            kinds = kinds_of(self._reader, home)
            counted = {name: (*kinds[name],) for name in sorted(_BULK & kinds.keys())}
        elif row.type == name_of_type(ClaimSubmitted):
            counted = _covered(decode_event(self._whole(row).body))
        return Near(rows, counted)

    def above(self, row: EventRow, limit: int) -> Near:
        """Return what an event rests on directly; of more than `limit` of a type how many."""
        event = decode_event(self._whole(row).body)
        found: dict[int, EventRow] = {}
        for reference in REFERENCES.get(type(event), ()):
            asked = ("",) if reference.kind == HOME else values(event, reference.path)
            for value in asked:
                each = self._resolve(row, reference, value)
                if each is not None and each.position != row.position:
                    found[each.position] = each
        rows, counted = list(found.values()), _covered(event)
        visits = [each for each in rows if each.type == _VISIT]
        if len(visits) > limit:
            rows = [each for each in rows if each.type != _VISIT]
            positions = [each.position for each in visits]
            counted = {_VISIT: (len(visits), min(positions), max(positions))}
        return Near(rows, counted)

    def _resolve(self, row: EventRow, reference: Reference, value: str) -> EventRow | None:
        if reference.kind == EVENT or (reference.kind == SUM and _is_uuid(value)):
            found = self._reader.event(bytes.fromhex(value.replace("-", "")))
            return None if found is None else found._replace(body=b"")
        home = self._home(row)
        if reference.kind == HOME:
            return next(iter(self._space(home).rows.values()), None)
        key = home
        if reference.kind in _SUBJECTS:
            key = f"{reference.kind}/{value}"
        elif reference.kind == "award" and not home.startswith("tender/"):
            key = next(iter(subjects_at(self._reader, row.position, "tender")), home)
        space = self._space(key)
        at = space.find(reference, value, row.position)
        return None if at is None else space.rows[at]

    def _on_visit(self, row: EventRow) -> Near:
        """Return what names a visit, and the claim that covers it."""
        visit = decode_event(self._whole(row).body).id
        home, rows = self._home(row), []
        covered = next((c for c in self._coverings(home) if visit in c.visits), None)
        named = f'"{visit}"'.encode()
        for _, each in history_without(self._reader, home, {_VISIT}):
            is_claim = covered is not None and each.position == covered.row.position
            if is_claim or named in each.body:
                rows.append(each._replace(body=b""))
        return Near(rows, {})

    # -- helpers -------------------------------------------------------------------------------

    def _space(self, key: str) -> _Space:
        if key not in self._spaces:
            if len(self._spaces) >= _KEPT_SPACES:
                del self._spaces[next(iter(self._spaces))]
            self._spaces[key] = _Space(self._reader, key)
        return self._spaces[key]

    def _home(self, row: EventRow) -> str:
        return home_of(self._reader, row)

    def _whole(self, row: EventRow) -> EventRow:
        return row if row.body else self._reader.event_at(row.position) or row

    def _coverings(self, home: str) -> Iterator[Covering]:
        return coverings(self._reader, home, parse_offset(opening_of(self._reader).utc_offset))

    def _covering(self, row: EventRow) -> Covering:
        return next(c for c in self._coverings(self._home(row)) if c.row.position == row.position)


_INTRODUCER = {kind: event_type for event_type, (_, kind) in INTRODUCES.items()}


def _covered(event: Event) -> _Counted:
    """Return how many visits a claim covers; nothing of another event."""
    if not isinstance(event, ClaimSubmitted):
        return {}
    return {_VISIT: (event.visits.count, None, None)}


def _is_uuid(value: str) -> bool:
    return value.count("-") == _UUID_DASHES and len(value.replace("-", "")) == _UUID_HEX
