"""From a call for tenders to signed contracts.

published ── bids sealed ── closed ── revealed ── scored by experts ── awarded ── final ── signed

Under the methods without sealed bids suppliers are talked to instead. Everybody acts on the day
the law gives: a reveal in the 24 hours after the close, a contract when its award is final.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from ledger.events.award import AwardDecided
from ledger.events.base import Period
from ledger.events.bid import BidPrices, BidRate, BidRevealed, BidScored, BidSealed
from ledger.events.contract import (
    ContractLine,
    ContractPublished,
    ContractSigned,
    Item,
    Redaction,
)
from ledger.events.tender import (
    Criterion,
    Lot,
    LotLine,
    TenderDocument,
    TenderFailed,
    TenderPublished,
)
from ledger.money import PPM, split
from ledger.rules.bid import commitment_of
from ledger.simulate.agenda import day_ms
from ledger.simulate.cast import EVALUATOR, EXPERTS, PURCHASER, area_of, provider_of
from ledger.simulate.founding import FINANCE_KEY, PURCHASER_KEY
from ledger.simulate.planning import Call, Plan
from ledger.simulate.world import World
from ledger.times import MS_PER_HOUR, format_instant, parse_date

Signed = Callable[[Plan], None]
"""Told when a contract is signed."""

_CLOSES = 17 * 60  # minute of the day
_MOST_UNITS = 50_000_000
_LOT_MARGIN = (106, 100)  # of a lot's value over what the winner will ask
_RING_PPM = 1_006_000  # of the winner's price: what the other bidders of a ring ask
_CRITERIA = (("price", 400_000), ("quality", 600_000))
_MOST_BIDDERS, _MANY_BIDDERS = 9, 6


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


class Tendering:
    """One call for tenders; puts its acts on the agenda as they become due."""

    def __init__(self, world: World, call: Call, signed: Signed) -> None:
        """Put the publication on the agenda; `signed` is told of each contract."""
        self._world = world
        self._call = call
        self._signed = signed
        self._closes_ms = day_ms(parse_date(call.published) + call.window_days, _CLOSES)
        self._offers: dict[str, dict[str, Offer]] = {}  # lot -> bidder -> offer, the winner first
        world.agenda.on(call.published, "09:30", self._publish)

    def _publish(self) -> None:
        world, call = self._world, self._call
        lots = [self._lot(plan) for plan in call.plans]
        single = call.method == "single_source"
        more: dict[str, Any] = {}
        if single:
            more["justification"] = {
                "en": "Only one provider is near.",
                "zh": "仅有一家服务机构就近。",
            }
        named = " and ".join(area_of(plan.district) for plan in call.plans)
        published = world.event(
            TenderPublished,
            tender=call.tender,
            programme=call.plans[0].programme,
            titles={"en": f"Home care, {named}", "zh": f"居家服务（{call.tender}）"},
            method=call.method,
            lots=lots,
            opens=format_instant(world.agenda.now_ms),
            closes=format_instant(self._closes_ms),
            criteria=[Criterion(id=each, weight_ppm=weight) for each, weight in _CRITERIA],
            documents=[TenderDocument(sha256=world.file_hash(), title="Terms of reference")],
            **more,
        )
        world.sign([published], PURCHASER_KEY, *([FINANCE_KEY] if single else []))
        if call.split:
            world.truth.label("split_purchase", published.id, tender=call.tender)
        if call.ring:
            world.truth.label("bid_ring", published.id, tender=call.tender)
        if call.method == "open":
            world.agenda.at(self._closes_ms - 30 * MS_PER_HOUR, self._seal)
            world.agenda.at(self._closes_ms + 17 * MS_PER_HOUR, self._reveal)
            next_act = self._fail if call.fails else self._score
            world.agenda.at(self._closes_ms + 20 * MS_PER_HOUR, next_act)
        if not call.fails:
            world.agenda.at(self._closes_ms + 42 * MS_PER_HOUR, self._award)

    def _lot(self, plan: Plan) -> Lot:
        value_fen = plan.value_fen * _LOT_MARGIN[0] // _LOT_MARGIN[1]
        parts = split(value_fen, [share_ppm for _, share_ppm in plan.lines])
        return Lot(
            lot=f"lot-{plan.number + 1:02}",
            service=self._call.service,
            units_max=_MOST_UNITS,
            rate_cap_fen=max(plan.rates.values()) * 12 // 10,
            value_fen=value_fen,
            lines=[
                LotLine(line=line, amount_fen=fen)
                for (line, _), fen in zip(plan.lines, parts, strict=True)
            ],
            area=area_of(plan.district),
        )

    # -- bids ----------------------------------------------------------------------------------

    def _bidders(self, plan: Plan) -> list[str]:
        """Return who bids for a lot, the later winner first."""
        world, chance = self._world, self._world.chance
        everybody = [provider_of(number) for number in range(world.scale.providers)]
        others = [party for party in everybody if party != plan.provider]
        wanted = 0 if self._call.fails else chance.between(2, min(_MOST_BIDDERS - 1, len(others)))
        if self._call.ring:
            wanted = 3
        return [plan.provider, *(others.pop(chance.below(len(others))) for _ in range(wanted))]

    def _seal(self) -> None:
        """Let every bidder bind itself to a price, each by a statement of its own."""
        world = self._world
        for plan in self._call.plans:
            lot = f"lot-{plan.number + 1:02}"
            offers = self._offers[lot] = {}
            for place, bidder in enumerate(self._bidders(plan)):
                offer = offers[bidder] = self._offer(plan, lot, bidder, place)
                commitment = commitment_of(
                    origin=self._world.cast.origin,
                    tender=self._call.tender,
                    lot=lot,
                    bidder=bidder,
                    prices=offer.prices,
                    documents=offer.documents,
                    nonce=offer.nonce,
                )
                sealed = world.event(
                    BidSealed,
                    bid=offer.bid,
                    tender=self._call.tender,
                    lot=lot,
                    commitment=commitment,
                )
                world.sign([sealed], f"{bidder}/office-2025")

    def _offer(self, plan: Plan, lot: str, bidder: str, place: int) -> Offer:
        chance = self._world.chance
        dearer = chance.between(1_005_000, 1_055_000) if place else PPM
        if self._call.ring and place:
            dearer = _RING_PPM
        return Offer(
            bid=f"{self._call.tender}-{lot}-{bidder}"[:64],
            prices=BidPrices(
                value_fen=plan.value_fen * dearer // PPM,
                rates=[
                    BidRate(service=service, rate_fen=rate_fen * dearer // PPM)
                    for service, rate_fen in plan.rates.items()
                ],
            ),
            documents=[TenderDocument(sha256=self._world.file_hash(), title="Offer")],
            nonce=chance(32).hex(),
        )

    def _reveal(self) -> None:
        """Let every bidder show what it had bound itself to; of many one forgets, and is out."""
        world = self._world
        for offers in self._offers.values():
            if len(offers) >= _MANY_BIDDERS:
                offers.popitem()
            for bidder, offer in offers.items():
                shown = world.event(BidRevealed, **offer._asdict())
                world.sign([shown], f"{bidder}/office-2025")

    def _score(self) -> None:
        """Let each expert score every bid; the best is the one that is dearest to none."""
        world = self._world
        for expert in range(EXPERTS):
            scores = [
                world.event(
                    BidScored,
                    bid=offer.bid,
                    criterion=criterion,
                    score_ppm=world.chance.between(900_000, PPM)
                    if place == 0
                    else world.chance.between(600_000, 899_999),
                )
                for offers in self._offers.values()
                for place, offer in enumerate(offers.values())
                for criterion, _ in _CRITERIA
            ]
            world.sign(scores, f"{EVALUATOR}/expert-{expert + 1}")

    def _fail(self) -> None:
        reason = {"en": "Only one provider bid.", "zh": "仅有一家机构投标。"}
        failed = self._world.event(TenderFailed, tender=self._call.tender, ground=1, reason=reason)
        self._world.sign([failed], PURCHASER_KEY)

    # -- awards and contracts ------------------------------------------------------------------

    def _award(self) -> None:
        world = self._world
        awards = []
        for plan in self._call.plans:
            lot = f"lot-{plan.number + 1:02}"
            bidders = [plan.provider, *list(self._offers.get(lot, {}))[1:]]
            awards.append(
                world.event(
                    AwardDecided,
                    award=_award_of(plan),
                    tender=self._call.tender,
                    lot=lot,
                    ranking=bidders,
                    winner=plan.provider,
                    value_fen=plan.value_fen,
                )
            )
        world.sign(awards, PURCHASER_KEY)
        world.later(1, self._wait)

    def _wait(self) -> None:
        """Put the signing on the day after the awards can be challenged no more."""
        world = self._world
        award = world.state.awards[_award_of(self._call.plans[0])]
        world.agenda.at(award.challenge_end_ms + 10 * MS_PER_HOUR, self._sign_contracts)

    def _sign_contracts(self) -> None:
        world = self._world
        for plan in self._call.plans:
            signed = world.event(
                ContractSigned,
                contract=plan.contract,
                number=f"LS-{plan.contract[2:]}",
                award=_award_of(plan),
                buyer=PURCHASER,
                provider=plan.provider,
                lines=[ContractLine(line=line, share_ppm=share) for line, share in plan.lines],
                items=[
                    Item(service=service, unit="visit", rate_fen=fen, units_max=_MOST_UNITS)
                    for service, fen in plan.rates.items()
                ],
                value_fen=plan.value_fen,
                term=Period(from_date=plan.term[0], to_date=plan.term[1]),
                acceptance_days=15,
                pay_days=30,
                advance_ppm=plan.advance_ppm,
                retention_ppm=plan.retention_ppm,
                pay="pay/standard@1",
                score="score/standard@1",
                document=world.file_hash(),
            )
            world.sign([signed], PURCHASER_KEY, f"{plan.provider}/office-2025")
            self._signed(plan)
        world.agenda.at(day_ms(world.agenda.today + 1, 15 * 60), self._publish_contracts)

    def _publish_contracts(self) -> None:
        world = self._world
        published = [
            world.event(
                ContractPublished,
                contract=plan.contract,
                sha256=world.file_hash(),
                redactions=[Redaction(what="names and telephone numbers", ground="PRIVACY")],
            )
            for plan in self._call.plans
        ]
        world.sign(published, PURCHASER_KEY)


def _award_of(plan: Plan) -> str:
    return f"a-{plan.contract[2:]}"
