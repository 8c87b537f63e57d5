"""The bids of the miniature city's open tender: sealed in January, revealed after the close."""

from typing import NamedTuple

from ledger.events.bid import BidPrices, BidRate, BidRevealed, BidSealed
from ledger.events.tender import TenderDocument
from ledger.rules.bid import commitment_of
from ledger.simulate.agenda import Agenda
from ledger.simulate.cast import EAST, NORTH, ORIGIN, WEST
from ledger.simulate.founding import file_hash
from ledger.simulate.service import CARE, CARE_FEN, NURSING, NURSING_FEN

OFFERS = {
    "east": {EAST: 2_900_000, WEST: 2_955_000, NORTH: 2_980_000},
    "west": {WEST: 1_350_000, EAST: 1_372_000, NORTH: 1_395_000},
}
"""What each provider asks for each lot, in fen, the lowest first."""

_RATES = [
    BidRate(service=CARE, rate_fen=CARE_FEN),
    BidRate(service=NURSING, rate_fen=NURSING_FEN),
]


class Offer(NamedTuple):
    """What a bidder keeps to itself until the close.

    Attributes:
        bid: id of its bid.
        prices: what it asks.
        documents: files of the bid.
        nonce: what blinds the commitment.

    """

    bid: str
    prices: BidPrices
    documents: list[TenderDocument]
    nonce: str


class Bidding:
    """The bids for one tender's lots; each provider signs its own."""

    def __init__(self, agenda: Agenda, tender: str) -> None:
        """Begin without a bid."""
        self._agenda = agenda
        self._tender = tender
        self._offers: dict[str, list[Offer]] = {}

    def seal(self) -> None:
        """Let every provider bind itself to a price for every lot."""
        for bidder in (EAST, WEST, NORTH):
            offers = {lot: self._offer(lot, bidder) for lot in OFFERS}
            sealed = [self._sealed(lot, bidder, offer) for lot, offer in offers.items()]
            self._agenda.sign(sealed, f"{bidder}/office-2025")
            self._offers[bidder] = list(offers.values())

    def reveal(self) -> None:
        """Let every provider show what it had bound itself to."""
        for bidder, offers in self._offers.items():
            shown = [self._agenda.event(BidRevealed, **offer._asdict()) for offer in offers]
            self._agenda.sign(shown, f"{bidder}/office-2025")

    def _offer(self, lot: str, bidder: str) -> Offer:
        chance = self._agenda.chance
        return Offer(
            bid=f"{self._tender}-{lot}-{bidder}",
            prices=BidPrices(value_fen=OFFERS[lot][bidder], rates=_RATES),
            documents=[TenderDocument(sha256=file_hash(chance), title="Offer")],
            nonce=chance(32).hex(),
        )

    def _sealed(self, lot: str, bidder: str, offer: Offer) -> BidSealed:
        commitment = commitment_of(
            origin=ORIGIN,
            tender=self._tender,
            lot=lot,
            bidder=bidder,
            prices=offer.prices,
            documents=offer.documents,
            nonce=offer.nonce,
        )
        return self._agenda.event(
            BidSealed, bid=offer.bid, tender=self._tender, lot=lot, commitment=commitment
        )
