"""Folding visits, what people said of them, what spot checks found, and the sums of it all.

What is summed of a visit depends on its service, its day and the last word about it. So whatever
changes one of them takes the visit out of its sum and puts it into the new one.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache, partial
from typing import Any

from msgspec import UNSET

from ledger.events.delivery import SpotcheckDone, SpotcheckDrawn, VisitCorrected
from ledger.times import MS_PER_MINUTE, local_date, month_of
from projections.context import Context
from projections.delivery.seen import SeenConfirmation, SeenDenial, SeenVisit
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
)
from projections.feed import Fact, Feed
from projections.moments import instant_ms
from projections.sheet import Sheet

CONFIRMED, DENIED = "confirmed", "denied"
"""Kinds of words."""

VISIT_EVENTS = (
    SeenVisit,
    VisitCorrected,
    SeenConfirmation,
    SeenDenial,
    SpotcheckDrawn,
    SpotcheckDone,
)
"""The events that `VisitFold` reads."""

Grouped = dict[type[Any], list[Fact]]
"""The facts of a batch by the type of their event, each list in order."""

_WORDS: tuple[type[Any], ...] = (SeenConfirmation, SeenDenial)
_SUMMED = OutputRow._fields[OUTPUT.key :]
_VISITS, _UNITS, _MANUAL, _CONFIRMED, _DENIED, _DENIED_UNITS = range(6)
_RESULTS = {"AS_RECORDED": 6, "DIFFERS": 7, "NOT_FOUND": 8, "UNKNOWN": 9}
_BY_HAND = "manual"


class VisitFold:
    """The fold of one batch over visits."""

    def __init__(
        self, start: int, grouped: Grouped, sheet: Sheet, feed: Feed, context: Context
    ) -> None:
        """Load what a batch that begins at position `start` speaks of."""
        self._start = start
        self._sheet = sheet
        self._context = context
        self._positions = feed.positions(_named(grouped))
        before = [position for position in self._positions.values() if position < start]
        self._summed = _sums_of(sheet, before)
        words = sheet.look(WORD, ("visit", "position", "kind"), "visit", before)
        self._last_words: dict[int, str] = {visit: kind for visit, _, kind in sorted(words)}
        heard = [f.statement_index for word in _WORDS for f in grouped.get(word, ())]
        self._keys = {index: " ".join(feed.signatures(index)) for index in sorted(set(heard))}
        corrected = [self._positions[f.event.visit] for f in grouped.get(VisitCorrected, ())]
        self._visits = {row.position: row for row in sheet.load(VISIT, "position", corrected)}
        self._results: defaultdict[int, list[str]] = defaultdict(list)
        for check in sheet.load(CHECK, "visit", corrected):
            self._results[check.visit].append(check.result)
        done = [fact.event.spotcheck for fact in grouped.get(SpotcheckDone, ())]
        self._spotchecks = {row.spotcheck: row for row in sheet.load(SPOTCHECK, "spotcheck", done)}
        # Plain tuples, as of a VisitRow and a WordRow: a million of them feel each call.
        self._recorded: dict[int, tuple[Any, ...]] = {}
        self._changed: dict[int, VisitRow] = {}
        self._corrections: list[CorrectionRow] = []
        self._words: list[tuple[Any, ...]] = []
        self._checks: list[CheckRow] = []
        self._output: defaultdict[tuple[str, str, str], list[int]] = defaultdict(_nothing)

    def folds(self) -> dict[type[Any], Callable[[Fact, Any], None]]:
        """Return what folds each of `VISIT_EVENTS`, but those of which there are millions.

        Not kept in the fold: it refers to it, and a batch would wait for the collector.
        """
        return {
            VisitCorrected: self._correct,
            SpotcheckDrawn: self._draw,
            SpotcheckDone: self._check,
        }

    def folds_of_runs(self) -> dict[type[Any], Callable[[Iterable[Fact]], None]]:
        """Return what folds the others: facts of the type that follow one another."""
        return {
            SeenVisit: self._record,
            SeenConfirmation: partial(self._hear, CONFIRMED),
            SeenDenial: partial(self._hear, DENIED),
        }

    def put(self) -> None:
        """Put the rows down."""
        sheet = self._sheet
        sheet.append(VISIT, self._recorded.values())
        sheet.put(VISIT, self._changed.values())
        sheet.append(CORRECTION, self._corrections)
        sheet.append(WORD, self._words)
        sheet.put(SPOTCHECK, self._spotchecks.values())
        sheet.append(CHECK, self._checks)
        # Also where all cancels out: whatever batches the events come in, the rows are the same.
        sums = [OutputRow(*key, *values) for key, values in self._output.items()]
        sheet.add(OUTPUT, sums, _SUMMED)

    def _record(self, facts: Iterable[Fact]) -> None:
        offset_minutes = self._context.offset_minutes
        for position, _, recorded_ms, _, event in facts:
            starts_ms = instant_ms(event.started_at, recorded_ms)
            ends_ms = instant_ms(event.ended_at, recorded_ms)
            day = _local_day(starts_ms // MS_PER_MINUTE, offset_minutes)
            units, capture, place = event.units, event.capture, event.place
            self._recorded[position] = (
                position,
                position,
                event.contract,
                event.service,
                event.beneficiary,
                event.worker,
                event.device,
                day,
                starts_ms,
                ends_ms,
                units,
                capture,
                None if place is None else place.kind,
                None if place is None else place.cell,
                None if place is None else place.distance_m,
                # Most are recorded as they end.
                ends_ms if event.at == event.ended_at else instant_ms(event.at, recorded_ms),
                recorded_ms,
            )
            sums = self._output[event.contract, month_of(day), event.service]
            sums[_VISITS] += 1
            sums[_UNITS] += units
            sums[_MANUAL] += capture == _BY_HAND

    def _correct(self, fact: Fact, event: VisitCorrected) -> None:
        position = self._positions[event.visit]
        before = self._visit(position)
        starts_ms = instant_ms(event.started_at, fact.recorded_ms)
        place = event.place
        row = before._replace(
            last_position=fact.position,
            service=event.service,
            beneficiary=event.beneficiary,
            worker=event.worker,
            day=_local_day(starts_ms // MS_PER_MINUTE, self._context.offset_minutes),
            starts_ms=starts_ms,
            ends_ms=instant_ms(event.ended_at, fact.recorded_ms),
            units=event.units,
        )
        if place is not UNSET:
            row = row._replace(place=place.kind, cell=place.cell, distance_m=place.distance_m)
        rows = self._changed if position < self._start else self._recorded
        rows[position] = row
        self._corrections.append(
            CorrectionRow(
                fact.position, position, event.reason, before.day, before.beneficiary, before.worker
            )
        )
        for visit, sign in ((before, -1), (row, 1)):
            key, units = _sum_of(visit)
            sums = self._output[key]
            sums[_VISITS] += sign
            sums[_UNITS] += sign * units
            sums[_MANUAL] += sign * (visit.capture == _BY_HAND)
            self._sum_word(key, units, self._last_words.get(position), sign)
            for result in self._results[position]:
                sums[_RESULTS[result]] += sign

    def _hear(self, kind: str, facts: Iterable[Fact]) -> None:
        for position, statement_index, recorded_ms, _, event in facts:
            key = self._keys[statement_index]
            at_ms = instant_ms(event.at, recorded_ms)
            channel, device = event.channel, event.device
            for each in event.visits:
                visit = self._positions[each]
                self._words.append(
                    (visit, position, kind, channel, device, key, at_ms, recorded_ms)
                )
                before = self._last_words.get(visit)
                if before != kind:
                    where, units = self._where(visit)
                    self._sum_word(where, units, before, -1)
                    self._sum_word(where, units, kind, 1)
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
            key, _ = self._where(visit)
            self._output[key][_RESULTS[checked.result]] += 1

    def _visit(self, position: int) -> VisitRow:
        """Return a visit that was recorded or is corrected in this batch, as it is by now."""
        if position in self._recorded:
            return VisitRow(*self._recorded[position])
        return self._changed.get(position) or self._visits[position]

    def _where(self, visit: int) -> tuple[tuple[str, str, str], int]:
        """Return where a visit is summed, and its units."""
        if visit in self._recorded or visit in self._changed:
            return _sum_of(self._visit(visit))
        return self._summed[visit]

    def _sum_word(self, key: tuple[str, str, str], units: int, kind: str | None, sign: int) -> None:
        """Count the last word about a visit, or take it back."""
        if kind == CONFIRMED:
            self._output[key][_CONFIRMED] += sign
        elif kind == DENIED:
            sums = self._output[key]
            sums[_DENIED] += sign
            sums[_DENIED_UNITS] += sign * units


def _nothing() -> list[int]:
    return [0] * len(_SUMMED)


def _sum_of(row: VisitRow) -> tuple[tuple[str, str, str], int]:
    return (row.contract, month_of(row.day), row.service), row.units


def _sums_of(sheet: Sheet, visits: Collection[int]) -> dict[int, tuple[tuple[str, str, str], int]]:
    """Return where visits of earlier batches are summed, and their units."""
    columns = ("position", "contract", "day", "service", "units")
    return {
        position: ((contract, month_of(day), service), units)
        for position, contract, day, service, units in sheet.look(
            VISIT, columns, "position", visits
        )
    }


def _named(grouped: Grouped) -> set[str]:
    """Return the ids of the visits that a batch speaks of."""
    named: set[str] = set()
    for word in _WORDS:
        for fact in grouped.get(word, ()):
            named.update(fact.event.visits)
    named.update(fact.event.visit for fact in grouped.get(VisitCorrected, ()))
    for fact in grouped.get(SpotcheckDone, ()):
        named.update(checked.visit for checked in fact.event.results)
    return named


@lru_cache(maxsize=1 << 14)  # the visits of a few days share their minutes
def _local_day(minutes: int, offset_minutes: int) -> str:
    return local_date(minutes * MS_PER_MINUTE, offset_minutes)
