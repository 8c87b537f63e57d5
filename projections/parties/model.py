"""The read model `parties`: who takes part, with which keys, roles and standing."""

from ledger.events.rulebook import RulePublished
from projections.context import CONTEXT_EVENTS, Context
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.parties import keys, standing
from projections.parties.tables import SHAPES
from projections.parties.waiting import Waiting
from projections.sheet import Sheet


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    context, waiting = Context(sheet), Waiting(sheet)
    key_fold = keys.KeyFold(sheet, feed, context, waiting)
    standing_fold = standing.StandingFold(sheet, feed, context, waiting)
    kind = standing.PARTY_KIND
    subjects = {fact.subject for fact in batch.facts}
    concerned = {each.removeprefix(kind) for each in subjects if each.startswith(kind)}
    key_fold.load(concerned)
    standing_fold.load(concerned)
    for fact in batch.events:
        event = fact.event
        context.see(event)
        waiting.see(event)
        if type(event) in standing.STEPS:
            standing.STEPS[type(event)](standing_fold, fact, event)
        if type(event) in keys.STEPS:
            keys.STEPS[type(event)](key_fold, fact, event)
        standing_fold.touch(fact)
    context.put(sheet)
    waiting.put(sheet)
    standing_fold.put()
    key_fold.put()


PARTIES = ReadModel(
    name="parties",
    version=1,
    shapes=SHAPES,
    decoded=CONTEXT_EVENTS | types(*standing.STEPS, *keys.STEPS, RulePublished),
    counted=frozenset(),
    fold=_fold,
)
