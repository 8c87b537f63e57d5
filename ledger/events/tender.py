"""Tenders: what is bought, how suppliers are found, and what bidders ask before they bid."""

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
    RuleVersion,
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
        questions_until: until when questions are asked; where it is absent, until it closes
            (OCDS `tender.enquiryPeriod.endDate`).
        pay: rule by which a score scales the pay of the contracts to come.
        score: rule by which their performance is scored, likewise.
        incentive: rule by which good work counts, likewise.
        bid_bond_ppm: security for a bid, as a share of the lot's value, at most 2 % (Regulation
            33).
        performance_bond_ppm: security for performance, likewise, at most 10 % (Regulation 48).

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
    questions_until: Instant | UnsetType = UNSET
    pay: RuleVersion | UnsetType = UNSET
    score: RuleVersion | UnsetType = UNSET
    incentive: RuleVersion | UnsetType = UNSET
    bid_bond_ppm: Ppm | UnsetType = UNSET
    performance_bond_ppm: Ppm | UnsetType = UNSET


class TenderAmended(Event, frozen=True, kw_only=True, tag="tender.amended"):
    """A tender was changed before it closed; its lots' money follows. Signed as it was published.

    What is left out stays as it was. A lot that is named stands as it is written here.

    Attributes:
        tender: which.
        reason: why, by language (OCDS `tender.amendments.rationale`).
        titles: its new name by language.
        closes: its new close, never earlier than before (Regulation 31).
        questions_until: until when questions are asked.
        criteria: what bids are compared by.
        documents: the tender files, all of them.
        lots: those of its lots that change.

    """

    tender: Ref
    reason: Texts
    titles: Texts | UnsetType = UNSET
    closes: Instant | UnsetType = UNSET
    questions_until: Instant | UnsetType = UNSET
    criteria: Annotated[list[Criterion], Meta(min_length=1, max_length=100)] | UnsetType = UNSET
    documents: Annotated[list[TenderDocument], Meta(max_length=100)] | UnsetType = UNSET
    lots: Annotated[list[Lot], Meta(min_length=1, max_length=100)] | UnsetType = UNSET


class TenderCancelled(Event, frozen=True, kw_only=True, tag="tender.cancelled"):
    """A tender was cancelled; what it had set aside is free again. Signed by the purchaser.

    Attributes:
        tender: which.
        reason: why, by language (Procurement Law 36: published with its reason).

    """

    tender: Ref
    reason: Texts


class TenderFailed(Event, frozen=True, kw_only=True, tag="tender.failed"):
    """A tender, or some of its lots, failed; what they had set aside is free again.

    Signed by the purchaser.

    Attributes:
        tender: which.
        ground: the ground of Procurement Law 36: 1 fewer than three valid bids, 2 a breach of law
            that bears on fairness, 3 every bid above the budget, 4 the need is gone.
        reason: what happened, by language.
        lots: which lots, where not the whole tender (OCDS `lots.status` unsuccessful).

    """

    tender: Ref
    ground: Literal[1, 2, 3, 4]
    reason: Texts
    lots: Annotated[list[Ref], Meta(min_length=1, max_length=100)] | UnsetType = UNSET


class QuestionAsked(Event, frozen=True, kw_only=True, tag="question.asked"):
    """A provider asked about a tender. Signed by the provider.

    Attributes:
        question: its id (OCDS `tender.enquiries.id`).
        tender: about which tender.
        text: commitment to what is asked; it is opened to all bidders.

    """

    question: Id
    tender: Ref
    text: Sha256


class QuestionAnswered(Event, frozen=True, kw_only=True, tag="question.answered"):
    """A question was answered, to all bidders alike. Signed by the purchaser.

    Attributes:
        question: which.
        text: commitment to the answer; it is opened to all bidders.

    """

    question: Ref
    text: Sha256


EVENTS = (
    TenderPublished,
    TenderAmended,
    TenderCancelled,
    TenderFailed,
    QuestionAsked,
    QuestionAnswered,
)
