"""The read model `programmes`: output against money, as published targets and the journal have it.

Visits and units are not read here: `projections.delivery` keeps them by contract and month.
"""

from collections import defaultdict
from typing import Any

from msgspec import UNSET, json

from ledger.events.budget import IndicatorReported, ProgrammeEnded, ProgrammeEstablished
from ledger.events.delivery import BeneficiaryEnrolled, BeneficiaryExited
from ledger.events.score import ScoreFinalised
from projections.context import CONTEXT_EVENTS, Context, encode_names
from projections.feed import Batch, Fact, Feed
from projections.model import ReadModel, types
from projections.programmes.contracts import (
    CONTRACT_EVENTS,
    CONTRACT_KIND,
    STAGE_FIGURES,
    TENDER_EVENTS,
    Contracts,
)
from projections.programmes.tables import (
    INDICATOR,
    MONTH,
    PEOPLE,
    PERSON,
    PROGRAMME,
    RESULT,
    SHAPES,
    IndicatorRow,
    MonthRow,
    PeopleRow,
    PersonRow,
    ProgrammeRow,
    ResultRow,
)
from projections.sheet import Sheet

_PEOPLE = (BeneficiaryEnrolled, BeneficiaryExited)
_OWN = (ProgrammeEstablished, ProgrammeEnded, IndicatorReported)


class _ProgrammeFold:
    """The fold of one batch. A ledger has few programmes: all of them are loaded."""

    def __init__(self, batch: Batch, sheet: Sheet, context: Context, feed: Feed) -> None:
        """Load programmes and indicators, and the people and contracts of the batch."""
        self._month = batch.month
        self._sheet = sheet
        self._context = context
        self._feed = feed
        self._programmes: dict[str, ProgrammeRow] = {
            row.programme: row for row in sheet.load_all(PROGRAMME)
        }
        self._indicators: dict[tuple[str, str], IndicatorRow] = {
            (row.programme, row.indicator): row for row in sheet.load_all(INDICATOR)
        }
        reported = {
            fact.event.programme
            for fact in batch.facts
            if isinstance(fact.event, IndicatorReported)
        }
        self._results: dict[tuple[str, ...], ResultRow] = {
            row[:4]: row for row in sheet.load(RESULT, "programme", reported)
        }
        left = [e.event.beneficiary for e in batch.facts if isinstance(e.event, BeneficiaryExited)]
        self._people: dict[str, PersonRow] = {
            row.beneficiary: row for row in sheet.load(PERSON, "beneficiary", left)
        }
        self._came: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._contracts = Contracts(batch, sheet, self.add)

    def add(self, programme: str, **figures: int) -> None:
        """Add to figures of a programme."""
        row = self._programmes[programme]
        self._programmes[programme] = row._replace(
            **{name: getattr(row, name) + change for name, change in figures.items()}
        )

    def see(self, fact: Fact) -> None:
        """Fold one event."""
        event: Any = fact.event
        if isinstance(event, _OWN):
            self._see_own(fact, event)
        elif isinstance(event, _PEOPLE):
            self._see_person(event)
        else:
            self._contracts.see(fact)
            if isinstance(event, ScoreFinalised):
                self._score(fact, event)

    def put(self) -> None:
        """Put the rows down, with what was posted."""
        moved = self._contracts.put()
        for programme, figures in moved.items():
            self.add(programme, **figures)
        people: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for (programme, _), (enrolled, exited) in self._came.items():
            people[programme][0] += enrolled
            people[programme][1] += exited
        nothing = dict.fromkeys(STAGE_FIGURES, 0)
        months = [
            MonthRow(
                programme,
                self._month,
                *people.get(programme, (0, 0)),
                **moved.get(programme, nothing),
            )
            for programme in sorted(people.keys() | moved.keys())
        ]
        sheet = self._sheet
        sheet.put(PROGRAMME, self._programmes.values())
        sheet.put(INDICATOR, self._indicators.values())
        sheet.put(RESULT, self._results.values())
        sheet.put(PERSON, self._people.values())
        came = [PeopleRow(*key, *numbers) for key, numbers in self._came.items()]
        sheet.add(PEOPLE, came, ("enrolled", "exited"))
        sheet.add(MONTH, months, ("enrolled", "exited", *STAGE_FIGURES))

    def _see_own(self, fact: Fact, event: Any) -> None:
        if isinstance(event, ProgrammeEstablished):
            self._establish(fact, event)
        elif isinstance(event, IndicatorReported):
            self._report(fact, event)
        else:
            row = self._programmes[event.programme]
            day = self._context.day(fact.recorded_ms)
            self._programmes[event.programme] = row._replace(ended_on=day)
        row = self._programmes[event.programme]
        self._programmes[event.programme] = row._replace(last_position=fact.position)

    def _establish(self, fact: Fact, event: ProgrammeEstablished) -> None:
        signers = self._feed.signers(fact.statement_index)
        self._programmes[event.programme] = ProgrammeRow(
            programme=event.programme,
            first_position=fact.position,
            last_position=fact.position,
            titles=encode_names(event.titles),
            purpose=encode_names(event.purpose),
            policy=None if event.policy is UNSET else event.policy,
            signers=json.encode(signers).decode(),
            from_date=event.period.from_date,
            to_date=event.period.to_date,
            stable=int(event.stable is True),
            ended_on=None,
        )
        for ordinal, each in enumerate([] if event.indicators is UNSET else event.indicators):
            self._indicators[event.programme, each.id] = IndicatorRow(
                event.programme, each.id, ordinal, each.weight_ppm, each.target
            )

    def _report(self, fact: Fact, event: IndicatorReported) -> None:
        period = event.period
        key = (event.programme, event.indicator, period.from_date, period.to_date)
        before = self._results.get(key)
        reports = 1 if before is None else before.reports + 1
        self._results[key] = ResultRow(
            event.programme,
            event.indicator,
            period.from_date,
            period.to_date,
            event.actual,
            event.evidence,
            fact.position,
            reports,
        )

    def _see_person(self, event: Any) -> None:
        if isinstance(event, BeneficiaryEnrolled):
            person = PersonRow(event.beneficiary, event.programme, event.tier)
            self._people[event.beneficiary] = person
            self.add(event.programme, enrolled=1)
            self._came[event.programme, event.tier][0] += 1
        else:
            person = self._people[event.beneficiary]
            self.add(person.programme, exited=1)
            self._came[person.programme, person.tier][1] += 1

    def _score(self, fact: Fact, event: ScoreFinalised) -> None:
        programme = self._contracts.programme_of(fact.subject.removeprefix(CONTRACT_KIND))
        for each in event.indicators:
            row = self._indicators[programme, each.id]
            self._indicators[programme, each.id] = row._replace(
                scores=row.scores + 1,
                score_sum_ppm=row.score_sum_ppm + each.score_ppm,
                actual_sum=row.actual_sum + each.actual,
            )


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    context = Context(sheet)
    programmes = _ProgrammeFold(batch, sheet, context, feed)
    for fact in batch.events:
        context.see(fact.event)
        programmes.see(fact)
    context.put(sheet)
    programmes.put()


PROGRAMMES = ReadModel(
    name="programmes",
    version=1,
    shapes=SHAPES,
    decoded=CONTEXT_EVENTS | types(*_OWN, *_PEOPLE, *TENDER_EVENTS, *CONTRACT_EVENTS),
    counted=frozenset(),
    fold=_fold,
)
