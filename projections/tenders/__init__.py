"""Tenders, native and reported: lots, bids, awards, challenges and the contracts they led to.

tables      the rows, which say what each column means
file        the rows that a batch changes
register    purchasers of programmes, holders of keys, parents, declared interests
native      folding tenders and their lots
bids        folding bids
awards      folding awards and what follows them
reported    folding the tenders that others published
model       the read model
records     what answers
opened      whether what bids ask may be shown
queries     the questions
"""

from projections.tenders.model import TENDERS
from projections.tenders.queries import find_tenders, list_tenders, tender
from projections.tenders.records import (
    Amendment,
    Award,
    Bid,
    Challenge,
    Lot,
    LotLine,
    Question,
    Score,
    Tender,
    TenderFile,
)

__all__ = [
    "TENDERS",
    "Amendment",
    "Award",
    "Bid",
    "Challenge",
    "Lot",
    "LotLine",
    "Question",
    "Score",
    "Tender",
    "TenderFile",
    "find_tenders",
    "list_tenders",
    "tender",
]
