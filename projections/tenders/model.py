"""The read model `tenders`: purchases from their publication to the contracts they led to."""

from typing import Any

from ledger.events.contract import ContractAmended, ContractPublished, ContractSigned
from ledger.events.reported import ReleaseReported
from ledger.events.tender import (
    QuestionAnswered,
    QuestionAsked,
    TenderAmended,
    TenderCancelled,
    TenderFailed,
    TenderPublished,
)
from projections.context import CONTEXT_EVENTS, Context
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.reports import processes_of
from projections.sheet import Sheet
from projections.tenders import awards, bids
from projections.tenders.file import Files
from projections.tenders.native import TenderFold
from projections.tenders.register import REGISTER_EVENTS, SEAT, Register
from projections.tenders.reported import put_processes
from projections.tenders.tables import SHAPES

STEPS: dict[type[Any], bids.Step] = {
    TenderPublished: TenderFold.published,
    TenderAmended: TenderFold.amended,
    TenderCancelled: TenderFold.cancelled,
    TenderFailed: TenderFold.failed,
    QuestionAsked: TenderFold.asked,
    QuestionAnswered: TenderFold.answered,
}
"""What folds which event of a tender itself."""

_OF_A_CONTRACT = (ContractSigned, ContractAmended, ContractPublished)


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    context, register, files = Context(sheet), Register(sheet, feed), Files(sheet)
    tender_fold = TenderFold(files, feed, context, register)
    bid_fold = bids.BidFold(files, feed)
    award_fold = awards.AwardFold(files, feed, context)
    steps = [(tender_fold, STEPS), (bid_fold, bids.STEPS), (award_fold, awards.STEPS)]
    by_type = {kind: (fold, step) for fold, table in steps for kind, step in table.items()}
    events = [fact.event for fact in batch.facts]
    files.load(
        batch,
        [event.award for event in events if isinstance(event, ContractSigned)],
        [event.contract for event in events if isinstance(event, _OF_A_CONTRACT)],
    )
    for fact in batch.events:
        context.see(fact.event)
        register.see(fact)
        found = by_type.get(type(fact.event))
        if found is not None:
            fold, step = found
            step(fold, fact, fact.event)
        files.touch(fact)
    tender_fold.post(batch)
    for part in (tender_fold, bid_fold, award_fold):
        part.put(sheet)
    files.write()
    register.put()
    context.put(sheet)
    put_processes(sheet, processes_of(batch, feed))


TENDERS = ReadModel(
    name="tenders",
    version=2,
    shapes=(*SHAPES, SEAT),
    decoded=CONTEXT_EVENTS
    | REGISTER_EVENTS
    | types(*STEPS, *bids.STEPS, *awards.STEPS, ReleaseReported),
    counted=frozenset(),
    fold=_fold,
)
