"""The records that answer questions about tenders.

Times named `…_ms` are milliseconds since the epoch: when the ledger recorded an event, except
`opens_ms` and `closes_ms`, which a tender names itself. Amounts are fen of the ledger's currency.
"""

from typing import Literal

from msgspec import Struct

from projections.context import Party

TenderStatus = Literal["published", "closed", "awarded", "failed", "cancelled"]
"""Closed is a published tender whose time to bid is over; awarded: every lot is, or has failed."""


class Tender(Struct, frozen=True):
    """A tender as it stands in a list.

    Attributes:
        tender: its id; of a reported one `reported/<process>`.
        origin: `native` for one of this ledger, `reported` for one that others published.
        ocid: as published, of a reported one.
        publishers: who published it.
        titles: its name by language.
        status: published, closed, awarded, failed or cancelled; of a reported one as published.
        method: how suppliers are found; of a reported one as published.
        programme: the programme it serves.
        buyer: the purchaser of that programme, or whom the publisher names.
        opens_ms: from when bids are received.
        closes_ms: until when, as it stands.
        first_closes_ms: until when as first published.
        opens_on: local date on which it opens; of a reported one the date as published.
        published_on: local date on which its publication was recorded.
        value_minor: all its lots, in minor units of `currency`; None for a reported one.
        currency: ISO 4217 code of the amount.
        ground: ground of Procurement Law 36, where the whole tender failed.
        reasons: why it was cancelled or failed, by language.
        lots: how many lots it has.
        amendments: how often it was changed.
        questions: how many questions were asked.
        answered: how many of them were answered.
        bids: how many bids were sealed.
        awards: how many awards were decided.
        challenges: how many challenges were filed.
        first_position: position of its publication, or of the first report of it.
        last_position: position of the last event about it.

    """

    tender: str
    origin: Literal["native", "reported"]
    ocid: str | None
    publishers: tuple[str, ...]
    titles: dict[str, str]
    status: str
    method: str
    programme: str | None
    buyer: Party | None
    opens_ms: int | None
    closes_ms: int | None
    first_closes_ms: int | None
    opens_on: str | None
    published_on: str | None
    value_minor: int | None
    currency: str
    ground: int | None
    reasons: dict[str, str]
    lots: int
    amendments: int
    questions: int
    answered: int
    bids: int
    awards: int
    challenges: int
    first_position: int
    last_position: int


class LotLine(Struct, frozen=True):
    """What a fund line sets aside for a lot.

    Attributes:
        line: which.
        amount_fen: as tendered; 0 for a line that took another's place at a year's end.
        reserved_fen: still set aside, as the journal has it.

    """

    line: str
    amount_fen: int
    reserved_fen: int


class Lot(Struct, frozen=True):
    """A lot of a tender.

    Attributes:
        lot: its id within the tender.
        service: code of the service asked for.
        area: where it is given.
        units_max: the most units.
        rate_cap_fen: the most for one unit.
        value_fen: the most in all.
        status: open, awarded, contracted, failed or cancelled.
        ground: ground of Procurement Law 36, where it failed.
        award: the award that stands.
        contract: the contract that carries it out.
        sealed: bids sealed, those withdrawn included.
        valid: bids revealed and not disqualified.
        withdrawn: bids taken back.
        forfeited: bids not revealed in time.
        disqualified: bids that may not compete.
        lines: where the money comes from.

    """

    lot: str
    service: str
    area: str | None
    units_max: int
    rate_cap_fen: int
    value_fen: int
    status: Literal["open", "awarded", "contracted", "failed", "cancelled"]
    ground: int | None
    award: str | None
    contract: str | None
    sealed: int
    valid: int
    withdrawn: int
    forfeited: int
    disqualified: int
    lines: tuple[LotLine, ...]


class Score(Struct, frozen=True):
    """An expert's score of a bid.

    Attributes:
        criterion: by which of the tender's criteria.
        key: the key that signed it.
        score_ppm: from 0 to 1, in parts per million.
        position: position of its event.

    """

    criterion: str
    key: str
    score_ppm: int
    position: int


class Bid(Struct, frozen=True):
    """A bid for a lot.

    Attributes:
        bid: its id.
        lot: for which lot.
        bidder: who bids.
        status: sealed, withdrawn, revealed, forfeited or disqualified.
        value_fen: what it asks for the lot; None until no bid of the tender is sealed any more.
        rates: what it asks for one unit, in fen by service; likewise.
        reason: why it is disqualified.
        scores: what experts gave it.
        sealed_ms: when it was sealed.
        revealed_ms: when it was revealed.
        first_position: position at which it was sealed.
        revealed_position: position at which it was revealed.
        disqualified_position: position at which it was disqualified.
        last_position: position of the last event about it.

    """

    bid: str
    lot: str
    bidder: Party
    status: Literal["sealed", "withdrawn", "revealed", "forfeited", "disqualified"]
    value_fen: int | None
    rates: dict[str, int]
    reason: str | None
    scores: tuple[Score, ...]
    sealed_ms: int
    revealed_ms: int | None
    first_position: int
    revealed_position: int | None
    disqualified_position: int | None
    last_position: int


class Award(Struct, frozen=True):
    """An award of a lot.

    Attributes:
        award: its id.
        lot: which lot.
        winner: who won.
        value_fen: for how much at most.
        ranking: the bidders, best first.
        reason: why somebody not ranked first won.
        status: standing or cancelled.
        decided_on: local date it was decided.
        contract: the contract that carries it out.
        cancelled_reasons: why it was cancelled, by language.
        first_position: position at which it was decided.
        last_position: position of the last event about it, challenges included.

    """

    award: str
    lot: str
    winner: Party
    value_fen: int
    ranking: tuple[str, ...]
    reason: str | None
    status: Literal["standing", "cancelled"]
    decided_on: str
    contract: str | None
    cancelled_reasons: dict[str, str]
    first_position: int
    last_position: int


class Challenge(Struct, frozen=True):
    """A challenge (质疑), and the complaint (投诉) it led to.

    Attributes:
        challenge: its id.
        award: which award, or None for the tender's own terms.
        challenger: whose.
        ground: what is wrong: the documents, the procedure or the result.
        status: filed, accepted or rejected, by the reply or the ruling after it.
        filed_ms: when it was filed.
        answered_ms: when the purchaser replied.
        complaint: the complaint that took it further.
        complained_ms: when that was lodged.
        suspend_days: for how many days it keeps the contract from being signed.
        ruling: how the supervisor ruled.
        ruled_ms: when.
        first_position: position at which it was filed.
        last_position: position of the last event about it.

    """

    challenge: str
    award: str | None
    challenger: Party
    ground: str
    status: Literal["filed", "accepted", "rejected"]
    filed_ms: int
    answered_ms: int | None
    complaint: str | None
    complained_ms: int | None
    suspend_days: int | None
    ruling: str | None
    ruled_ms: int | None
    first_position: int
    last_position: int


class Amendment(Struct, frozen=True):
    """A change of a tender.

    Attributes:
        position: position of its event.
        amended_ms: when it was recorded.
        reasons: why, by language.
        changed: the fields it changed.
        closes_ms: its new close, where it names one.

    """

    position: int
    amended_ms: int
    reasons: dict[str, str]
    changed: tuple[str, ...]
    closes_ms: int | None


class Question(Struct, frozen=True):
    """A question about a tender; its text is a commitment, opened to all bidders.

    Attributes:
        question: its id.
        asker: who asked.
        asked_ms: when.
        answered_ms: when it was answered.
        first_position: position of the question.
        answered_position: position of the answer.

    """

    question: str
    asker: Party
    asked_ms: int
    answered_ms: int | None
    first_position: int
    answered_position: int | None


class TenderFile(Struct, frozen=True):
    """All that is known of a tender.

    Attributes:
        position: how many events of the ledger it reflects.
        tender: the tender.
        justification: why a single source, by language.
        criteria: weights of what bids are compared by, parts per million by criterion.
        keys: the keys that signed its publication.
        lots: its lots, in its own order.
        amendments: its changes, in order.
        questions: questions about it, in order.
        bids: bids, in the order in which they were sealed.
        awards: awards, in order.
        challenges: challenges, in order.

    """

    position: int
    tender: Tender
    justification: dict[str, str]
    criteria: dict[str, int]
    keys: tuple[str, ...]
    lots: tuple[Lot, ...]
    amendments: tuple[Amendment, ...]
    questions: tuple[Question, ...]
    bids: tuple[Bid, ...]
    awards: tuple[Award, ...]
    challenges: tuple[Challenge, ...]
