"""The read model `delivery`."""

from collections import defaultdict
from itertools import groupby
from typing import Any

from projections.context import CONTEXT_EVENTS, Context
from projections.delivery.people import PEOPLE_EVENTS, PeopleFold
from projections.delivery.seen import SEEN
from projections.delivery.tables import SHAPES
from projections.delivery.visits import VISIT_EVENTS, Grouped, VisitFold
from projections.feed import Batch, Fact, Feed
from projections.model import ReadModel, types
from projections.sheet import Sheet


def _kind_of(fact: Fact) -> type[Any]:
    return type(fact.event)


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    runs = [(kind, list(run)) for kind, run in groupby(batch.facts, _kind_of)]
    grouped: Grouped = defaultdict(list)
    for kind, run in runs:
        grouped[kind] += run
    context = Context(sheet)
    people = PeopleFold(grouped, sheet, feed, context)
    visits = VisitFold(batch.start.position, grouped, sheet, feed, context)
    folds, of_runs = people.folds() | visits.folds(), visits.folds_of_runs()
    for kind, run in runs:
        facts = batch.noting(run)
        if kind in of_runs:
            of_runs[kind](facts)
        else:
            fold = folds.get(kind)
            for fact in facts:
                if fold is None:
                    context.see(fact.event)
                else:
                    fold(fact, fact.event)
    context.put(sheet)
    people.put()
    visits.put()


DELIVERY = ReadModel(
    name="delivery",
    version=3,
    shapes=SHAPES,
    decoded=CONTEXT_EVENTS | types(*PEOPLE_EVENTS, *VISIT_EVENTS),
    counted=frozenset(),
    fold=_fold,
    lean=SEEN,
)
