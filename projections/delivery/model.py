"""The read model `delivery`."""

from collections import defaultdict

from projections.context import CONTEXT_EVENTS, Context
from projections.delivery.people import PEOPLE_EVENTS, PeopleFold
from projections.delivery.seen import SEEN
from projections.delivery.tables import SHAPES
from projections.delivery.visits import VISIT_EVENTS, Grouped, VisitFold
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.sheet import Sheet


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    grouped: Grouped = defaultdict(list)
    for fact in batch.facts:
        grouped[type(fact.event)].append(fact)
    context = Context(sheet)
    people = PeopleFold(grouped, sheet, feed, context)
    visits = VisitFold(batch.start.position, grouped, sheet, feed, context)
    folds = people.folds() | visits.folds()
    for fact in batch.events:
        fold = folds.get(type(fact.event))
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
