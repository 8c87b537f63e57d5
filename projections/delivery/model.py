"""The read model `delivery`."""

from projections.context import CONTEXT_EVENTS, Context
from projections.delivery.people import PEOPLE_EVENTS, PeopleFold
from projections.delivery.tables import SHAPES
from projections.delivery.visits import VISIT_EVENTS, VisitFold
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.sheet import Sheet


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    context = Context(sheet)
    people = PeopleFold(batch, sheet, context)
    visits = VisitFold(batch, sheet, feed, context)
    for fact in batch.events:
        context.see(fact.event)
        people.see(fact)
        visits.see(fact)
    context.put(sheet)
    people.put()
    visits.put()


DELIVERY = ReadModel(
    name="delivery",
    version=1,
    shapes=SHAPES,
    decoded=CONTEXT_EVENTS | types(*PEOPLE_EVENTS, *VISIT_EVENTS),
    counted=frozenset(),
    fold=_fold,
)
