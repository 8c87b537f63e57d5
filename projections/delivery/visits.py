"""Folding visits, what people said of them, what spot checks found, and the sums of it all.

What is summed of a visit depends on its service, its day and the last word about it. So whatever
changes one of them takes the visit out of its sum and puts it into the new one.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from msgspec import UNSET

from ledger.errors import Malformed
from ledger.events.delivery import (
    SpotcheckDone,
    SpotcheckDrawn,
    VisitConfirmed,
    VisitCorrected,
    VisitDenied,
    VisitRecorded,
)
from ledger.times import MS_PER_SECOND, month_of, parse_instant
from projections.context import Context
from projections.delivery.tables import (
    CHECK,
    CORRECTION,
    OUTPUT,
    SPOTCHECK,
    VISIT,
    WORD,
    CheckRow,
    CorrectionRow,
    OutputRow,
    SpotcheckRow,
    VisitRow,
    WordRow,
)
from projections.feed import Batch, Fact, Feed
from projections.sheet import Sheet

_WORDS = (VisitConfirmed, VisitDenied)
VISIT_EVENTS = (VisitRecorded, VisitCorrected, *_WORDS, SpotcheckDrawn, SpotcheckDone)
"""The events that `VisitFold` reads."""

_SUMMED = OutputRow._fields[OUTPUT.key :]
_VISITS, _UNITS, _CONFIRMED, _DENIED, _DENIED_UNITS = range(5)
_RESULTS = {"AS_RECORDED": 5, "DIFFERS": 6, "NOT_FOUND": 7, "UNKNOWN": 8}

_MINUTE = len("2026-03-01T08:00")
_SECOND, _SECOND_END = len("2026-03-01T08:00:"), len("2026-03-01T08:00:00")
_MS, _MS_END = len("2026-03-01T08:00:00."), len("2026-03-01T08:00:00.000")


class VisitFold:
    """The fold of one batch over visits."""

    def __init__(self, batch: Batch, sheet: Sheet, feed: Feed, context: Context) -> None:
        """Load the visits that the batch speaks of, and what was said of them before."""
        self._sheet = sheet
        self._feed = feed
        self._context = context
        self._positions = feed.positions(set(_named(fact.event for fact in batch.facts)))
        before = [p for p in self._positions.values() if p < batch.start.position]
        self._visits = {row.position: row for row in sheet.load(VISIT, "position", before)}
        self._changed: dict[int, VisitRow] = {}
        self._last_words: dict[int, str] = {}
        for word in sorted(sheet.load(WORD, "visit", before), key=lambda row: row.position):
            self._last_words[word.visit] = word.kind
        corrected = {
            self._positions[fact.event.visit]
            for fact in batch.facts
            if isinstance(fact.event, VisitCorrected)
        }
        self._results: defaultdict[int, list[str]] = defaultdict(list)
        for row in sheet.load(CHECK, "visit", [p for p in before if p in corrected]):
            self._results[row.visit].append(row.result)
        done = {f.event.spotcheck for f in batch.facts if isinstance(f.event, SpotcheckDone)}
        self._spotchecks = {r.spotcheck: r for r in sheet.load(SPOTCHECK, "spotcheck", done)}
        self._corrections: list[CorrectionRow] = []
        self._words: list[WordRow] = []
        self._checks: list[CheckRow] = []
        self._output: defaultdict[tuple[str, str, str], list[int]] = defaultdict(
            lambda: [0] * len(_SUMMED)
        )
        self._keys: tuple[int, str] = (-1, "")

    def see(self, fact: Fact) -> None:
        """Fold one event; others are passed over."""
        event = fact.event
        if isinstance(event, VisitRecorded):
            self._record(fact, event)
        elif isinstance(event, VisitConfirmed | VisitDenied):
            self._hear(fact, event)
        elif isinstance(event, VisitCorrected):
            self._correct(fact, event)
        elif isinstance(event, SpotcheckDrawn):
            self._draw(fact, event)
        elif isinstance(event, SpotcheckDone):
            self._check(fact, event)

    def put(self) -> None:
        """Put the rows down."""
        sheet = self._sheet
        sheet.put(VISIT, self._changed.values())
        sheet.put(CORRECTION, self._corrections)
        sheet.put(WORD, self._words)
        sheet.put(SPOTCHECK, self._spotchecks.values())
        sheet.put(CHECK, self._checks)
        sums = [OutputRow(*key, *values) for key, values in self._output.items() if any(values)]
        sheet.add(OUTPUT, sums, _SUMMED)

    def _record(self, fact: Fact, event: VisitRecorded) -> None:
        starts_ms = _instant(event.started_at, fact.recorded_ms)
        place = event.place
        row = VisitRow(
            fact.position,
            fact.position,
            event.contract,
            event.service,
            event.beneficiary,
            event.worker,
            None if event.device is UNSET else event.device,
            self._context.day(starts_ms),
            starts_ms,
            _instant(event.ended_at, fact.recorded_ms),
            event.units,
            event.capture,
            None if place is UNSET else place.kind,
            None if place is UNSET else place.cell,
            None if place is UNSET else place.distance_m,
            _instant(event.at, fact.recorded_ms),
            fact.recorded_ms,
        )
        self._visits[row.position] = self._changed[row.position] = row
        sums = self._sums(row)
        sums[_VISITS] += 1
        sums[_UNITS] += row.units

    def _correct(self, fact: Fact, event: VisitCorrected) -> None:
        before = self._visits[self._positions[event.visit]]
        starts_ms = _instant(event.started_at, fact.recorded_ms)
        place = event.place
        row = before._replace(
            last_position=fact.position,
            contract=event.contract,
            service=event.service,
            beneficiary=event.beneficiary,
            worker=event.worker,
            day=self._context.day(starts_ms),
            starts_ms=starts_ms,
            ends_ms=_instant(event.ended_at, fact.recorded_ms),
            units=event.units,
        )
        if place is not UNSET:
            row = row._replace(place=place.kind, cell=place.cell, distance_m=place.distance_m)
        self._visits[row.position] = self._changed[row.position] = row
        self._corrections.append(CorrectionRow(fact.position, row.position, event.reason))
        for visit, sign in ((before, -1), (row, 1)):
            sums = self._sums(visit)
            sums[_VISITS] += sign
            sums[_UNITS] += sign * visit.units
            self._sum_word(visit, self._last_words.get(visit.position), sign)
            for result in self._results[visit.position]:
                sums[_RESULTS[result]] += sign

    def _hear(self, fact: Fact, event: VisitConfirmed | VisitDenied) -> None:
        kind = "confirmed" if isinstance(event, VisitConfirmed) else "denied"
        if self._keys[0] != fact.statement_index:
            names = " ".join(self._feed.keys(fact.statement_index))
            self._keys = fact.statement_index, names
        at_ms = _instant(event.at, fact.recorded_ms)
        device = None if event.device is UNSET else event.device
        for each in event.visits:
            visit = self._positions[each]
            self._words.append(
                WordRow(
                    visit,
                    fact.position,
                    kind,
                    event.channel,
                    device,
                    self._keys[1],
                    at_ms,
                    fact.recorded_ms,
                )
            )
            before = self._last_words.get(visit)
            if before != kind:
                row = self._visits[visit]
                self._sum_word(row, before, -1)
                self._sum_word(row, kind, 1)
                self._last_words[visit] = kind

    def _draw(self, fact: Fact, event: SpotcheckDrawn) -> None:
        self._spotchecks[event.spotcheck] = SpotcheckRow(
            event.spotcheck,
            fact.position,
            event.contract,
            len(event.visits),
            self._context.day(fact.recorded_ms),
            None,
            None,
        )

    def _check(self, fact: Fact, event: SpotcheckDone) -> None:
        self._spotchecks[event.spotcheck] = self._spotchecks[event.spotcheck]._replace(
            done_position=fact.position, done_on=self._context.day(fact.recorded_ms)
        )
        for checked in event.results:
            visit = self._positions[checked.visit]
            self._checks.append(CheckRow(visit, fact.position, event.spotcheck, checked.result))
            self._results[visit].append(checked.result)
            self._sums(self._visits[visit])[_RESULTS[checked.result]] += 1

    def _sums(self, row: VisitRow) -> list[int]:
        return self._output[row.contract, month_of(row.day), row.service]

    def _sum_word(self, row: VisitRow, kind: str | None, sign: int) -> None:
        """Count the last word about a visit, or take it back."""
        sums = self._sums(row)
        if kind == "confirmed":
            sums[_CONFIRMED] += sign
        elif kind == "denied":
            sums[_DENIED] += sign
            sums[_DENIED_UNITS] += sign * row.units


def _named(events: Iterable[Any]) -> Iterable[str]:
    """Yield the ids of the visits that events speak of."""
    for event in events:
        if isinstance(event, _WORDS):
            yield from event.visits
        elif isinstance(event, VisitCorrected):
            yield event.visit
        elif isinstance(event, SpotcheckDone):
            for checked in event.results:
                yield checked.visit


def _instant(text: str, recorded_ms: int) -> int:
    """Return the milliseconds of an instant; of one in no calendar, when it was recorded."""
    minute_ms = _minute(text[:_MINUTE])
    if minute_ms is None:
        return recorded_ms
    seconds = int(text[_SECOND:_SECOND_END]) * MS_PER_SECOND
    return minute_ms + seconds + int(text[_MS:_MS_END])


@lru_cache(maxsize=1 << 14)  # visits of a few days share their minutes
def _minute(minute: str) -> int | None:
    try:
        return parse_instant(f"{minute}:00.000Z")
    except Malformed:
        return None
