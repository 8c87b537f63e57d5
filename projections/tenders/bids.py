"""Folding bids: sealed by a commitment, revealed after the close, judged by evaluators."""

from collections.abc import Callable
from typing import Any

from ledger.events.bid import (
    BidDisqualified,
    BidForfeited,
    BidRevealed,
    BidScored,
    BidSealed,
    BidWithdrawn,
)
from projections.feed import Fact, Feed
from projections.rows import listed
from projections.sheet import Sheet
from projections.tenders.file import Files
from projections.tenders.tables import SCORE, BidRow, ScoreRow


class BidFold:
    """The fold of one batch over bids."""

    def __init__(self, files: Files, feed: Feed) -> None:
        """Change `files`; names of signers come from `feed`."""
        self._files = files
        self._feed = feed
        self._scores: dict[tuple[str, str, str], ScoreRow] = {}

    def sealed(self, fact: Fact, event: BidSealed) -> None:
        """Begin the file of a bid, of which nobody knows the price."""
        (bidder, *_) = self._feed.signers(fact.statement_index)
        self._files.bids.put(
            BidRow(
                bid=event.bid,
                first_position=fact.position,
                last_position=fact.position,
                tender=event.tender,
                lot=event.lot,
                bidder=bidder,
                status="sealed",
                value_fen=None,
                rates=None,
                documents=None,
                reason=None,
                keys=listed(self._feed.signatures(fact.statement_index)),
                judges=None,
                scores=0,
                sealed_ms=fact.recorded_ms,
                revealed_ms=None,
                revealed_position=None,
                ended_position=None,
                disqualified_position=None,
            )
        )
        self._count(event.bid, "sealed", 1)
        row = self._files.tenders[event.tender]
        self._files.tenders.change(event.tender, bids=row.bids + 1)

    def revealed(self, fact: Fact, event: BidRevealed) -> None:
        """Learn what a bid asks."""
        rates = {rate.service: rate.rate_fen for rate in event.prices.rates}
        self._files.bids.change(
            event.bid,
            status="revealed",
            value_fen=event.prices.value_fen,
            rates=encode_rates(rates),
            documents=listed(event.documents),
            revealed_ms=fact.recorded_ms,
            revealed_position=fact.position,
        )
        self._count(event.bid, "valid", 1)

    def ended(self, fact: Fact, event: BidWithdrawn | BidForfeited) -> None:
        """End a bid that was taken back or not shown in time."""
        status = "withdrawn" if isinstance(event, BidWithdrawn) else "forfeited"
        self._files.bids.change(event.bid, status=status, ended_position=fact.position)
        self._count(event.bid, status, 1)

    def disqualified(self, fact: Fact, event: BidDisqualified) -> None:
        """Put a revealed bid out."""
        self._files.bids.change(
            event.bid,
            status="disqualified",
            reason=event.reason,
            judges=listed(self._feed.signatures(fact.statement_index)),
            disqualified_position=fact.position,
        )
        self._count(event.bid, "valid", -1)
        self._count(event.bid, "disqualified", 1)

    def scored(self, fact: Fact, event: BidScored) -> None:
        """Note an expert's score."""
        (key, *_) = self._feed.signatures(fact.statement_index)
        row = ScoreRow(event.bid, event.criterion, key, event.score_ppm, fact.position)
        self._scores[event.bid, event.criterion, key] = row
        scores = self._files.bids[event.bid].scores
        self._files.bids.change(event.bid, scores=scores + 1)

    def put(self, sheet: Sheet) -> None:
        """Put down the scores; the files are written by whoever holds them."""
        sheet.put(SCORE, self._scores.values())

    def _count(self, bid: str, column: str, change: int) -> None:
        row = self._files.bids[bid]
        lot = self._files.lots[row.tender, row.lot]
        self._files.lots.change((row.tender, row.lot), **{column: getattr(lot, column) + change})


def encode_rates(rates: dict[str, int]) -> str:
    """Return rates by service as a column keeps them."""
    return listed(sorted(rates.items()))


Step = Callable[[Any, Fact, Any], None]
"""A method of a fold that takes a fact and its event."""

STEPS: dict[type[Any], Step] = {
    BidSealed: BidFold.sealed,
    BidWithdrawn: BidFold.ended,
    BidRevealed: BidFold.revealed,
    BidForfeited: BidFold.ended,
    BidDisqualified: BidFold.disqualified,
    BidScored: BidFold.scored,
}
"""What folds which event; each is of the bid it names."""
