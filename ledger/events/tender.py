"""Tenders and awards."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import (
    Event,
    Id,
    Instant,
    PositiveFen,
    Ppm,
    Record,
    Ref,
    Sha256,
    Text,
    Texts,
    Units,
)

Method = Literal["open", "invited", "negotiation", "consultation", "single_source", "inquiry"]


class LotLine(Record, frozen=True, kw_only=True):
    """What a fund line sets aside for a lot.

    Attributes:
        line: which.
        amount_fen: set aside.

    """

    line: Ref
    amount_fen: PositiveFen


class Lot(Record, frozen=True, kw_only=True):
    """A part of a tender that is awarded and contracted on its own (OCDS lots extension).

    Attributes:
        lot: its id within the tender.
        service: code of the service asked for.
        units_max: the most units.
        rate_cap_fen: the most for one unit.
        value_fen: the most in all (OCDS `lots.value`).
        lines: where the money comes from; together `value_fen`.
        area: where the service is given.

    """

    lot: Id
    service: Id
    units_max: Units
    rate_cap_fen: PositiveFen
    value_fen: PositiveFen
    lines: Annotated[list[LotLine], Meta(min_length=1, max_length=100)]
    area: Text | UnsetType = UNSET


class Criterion(Record, frozen=True, kw_only=True):
    """What bids are compared by.

    Attributes:
        id: unique within the tender.
        weight_ppm: its weight; all weights together are one million.

    """

    id: Id
    weight_ppm: Ppm


class TenderDocument(Record, frozen=True, kw_only=True):
    """A published document of a tender.

    Attributes:
        sha256: the file's hash.
        title: what it is.

    """

    sha256: Sha256
    title: Text


class TenderPublished(Event, frozen=True, kw_only=True, tag="tender.published"):
    """A tender was published and its money set aside.

    Signed by the purchaser; a single source tender by the purchaser and finance.

    Attributes:
        tender: its id.
        programme: the programme it serves.
        titles: its name by language (OCDS `tender.title`).
        method: how suppliers are found (Procurement Law 26; OCDS `procurementMethodDetails`).
        lots: what is bought.
        opens: from when bids are received.
        closes: until when (OCDS `tender.tenderPeriod.endDate`).
        criteria: what bids are compared by.
        documents: the tender files.
        justification: why a single source (Procurement Law 31).

    """

    tender: Id
    programme: Ref
    titles: Texts
    method: Method
    lots: Annotated[list[Lot], Meta(min_length=1, max_length=100)]
    opens: Instant
    closes: Instant
    criteria: Annotated[list[Criterion], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    documents: Annotated[list[TenderDocument], Meta(max_length=100)] | UnsetType = UNSET
    justification: Texts | UnsetType = UNSET


class TenderCancelled(Event, frozen=True, kw_only=True, tag="tender.cancelled"):
    """A tender was cancelled; what it had set aside is free again. Signed by the purchaser.

    Attributes:
        tender: which.
        reason: why, by language (Procurement Law 36: published with its reason).

    """

    tender: Ref
    reason: Texts


class AwardDecided(Event, frozen=True, kw_only=True, tag="award.decided"):
    """A lot was awarded. Signed by the purchaser.

    Attributes:
        award: its id (OCDS `awards.id`).
        tender: which tender.
        lot: which of its lots.
        ranking: the bidders, best first.
        winner: who got it (OCDS `awards.suppliers`).
        value_fen: for how much at most (OCDS `awards.value`).
        reason: why somebody not ranked first won.

    """

    award: Id
    tender: Ref
    lot: Ref
    ranking: Annotated[list[Ref], Meta(min_length=1, max_length=1000)]
    winner: Ref
    value_fen: PositiveFen
    reason: Literal["FIRST_WITHDREW", "FIRST_DISQUALIFIED", "RULING", "OTHER"] | UnsetType = UNSET


EVENTS = (TenderPublished, TenderCancelled, AwardDecided)
