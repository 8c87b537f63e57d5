"""Tenders, native and reported: lots, bids, awards, challenges and the contracts they led to.

tables      the rows, which say what each column means
file        the rows that a batch changes
register    purchasers of programmes, holders of keys, parents, declared interests
native      folding tenders and their lots
bids        folding bids
awards      folding awards and what follows them
reported    folding the tenders that others published
model       the read model
"""

from projections.tenders.model import TENDERS

__all__ = ["TENDERS"]
