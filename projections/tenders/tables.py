"""The tables of the read model `tenders`.

One row a tender, and below it its lots, what lines set aside for them, changes, questions, bids,
scores, awards, challenges and the contracts that came of it. Every row names the positions of the
events that made it, so that whoever judges a row can show the evidence; `last_position` tells
what has changed since a reader last looked.

The key of a tender that others published is `reported/<process>`, the process being the ocid
where that is an id by our grammar, else its SHA-256: no id of ours holds a `/`.

Times are milliseconds since the epoch: `…_ms` is when the ledger recorded an event, except for
`opens_ms` and `closes_ms`, which the tender names itself. `keys` are JSON lists of the names of
the keys that signed (`<party>/<label>`).
"""

from typing import Any, NamedTuple

from projections.context import CONTEXT_SHAPES
from projections.shape import Shape


class TenderRow(NamedTuple):
    """A tender; one that others published has no lots or bids here.

    Attributes:
        origin: native or reported.
        status: published, awarded (every lot is awarded or failed), failed or cancelled; of a
            reported one as published. That a tender has closed is told by `closes_ms`.
        method: of a reported one OCDS `procurementMethod`, as published.
        ground: ground of Procurement Law 36, where the whole tender failed.
        reasons: why it was cancelled or failed, JSON text by language.
        buyer: whose the tender is: the purchaser of its programme.
        keys: those that signed its publication.
        first_closes_ms: when it was to close as first published.
        opens_on: local date on which it opens; of a reported one the date as published.
        published_ms: when its publication was recorded; of a reported one nobody knows.
        value_minor: all its lots, as they stand, in minor units of `currency`.
        criteria: JSON list of what bids are compared by.
        documents: JSON list of the tender files.
        justification: why a single source, JSON text by language.
        bids: sealed in all, whatever became of them.
        ended_position: position of the event that cancelled or failed the whole tender.

    """

    tender: str
    origin: str
    first_position: int
    last_position: int
    process: str | None
    ocid: str | None
    publishers: str
    titles: str
    status: str
    method: str
    ground: int | None
    reasons: str | None
    programme: str | None
    buyer: str | None
    buyer_name: str
    keys: str
    opens_ms: int | None
    closes_ms: int | None
    first_closes_ms: int | None
    questions_until_ms: int | None
    opens_on: str | None
    published_ms: int | None
    published_on: str | None
    value_minor: int | None
    currency: str
    criteria: str
    documents: str
    justification: str | None
    bid_bond_ppm: int | None
    performance_bond_ppm: int | None
    lots: int
    amendments: int
    questions: int
    answered: int
    bids: int
    awards: int
    challenges: int
    ended_position: int | None
    search: str


class LotRow(NamedTuple):
    """A lot of a tender.

    Attributes:
        status: open, awarded, contracted, failed or cancelled.
        ground: ground of Procurement Law 36, where it failed.
        award: the award that stands.
        failed_position: position of the event by which it failed.
        sealed: bids sealed, those withdrawn included.
        valid: bids revealed and not disqualified.
        withdrawn: bids taken back.
        forfeited: bids not revealed in time.
        disqualified: bids that may not compete.

    """

    tender: str
    lot: str
    ordinal: int
    service: str
    area: str | None
    units_max: int
    rate_cap_fen: int
    value_fen: int
    status: str
    ground: int | None
    award: str | None
    contract: str | None
    failed_position: int | None
    sealed: int
    valid: int
    withdrawn: int
    forfeited: int
    disqualified: int


class LotLineRow(NamedTuple):
    """What a fund line sets aside for a lot: as tendered, and as the journal holds it now."""

    tender: str
    lot: str
    line: str
    amount_fen: int
    reserved_fen: int


class AmendmentRow(NamedTuple):
    """A change of a tender: position of the event, why, and the fields it changed (JSON list)."""

    position: int
    tender: str
    amended_ms: int
    reasons: str
    changed: str
    closes_ms: int | None
    keys: str


class QuestionRow(NamedTuple):
    """A question about a tender, by whom, and when it was answered."""

    question: str
    first_position: int
    tender: str
    asker: str
    asked_ms: int
    answered_position: int | None
    answered_ms: int | None


class BidRow(NamedTuple):
    """A bid; its price is unknown until it is revealed.

    Attributes:
        first_position: position at which it was sealed.
        last_position: position of the last event about it.
        status: sealed, withdrawn, revealed, forfeited or disqualified.
        value_fen: what it asks for the lot.
        rates: what it asks for one unit, JSON list of [service code, fen].
        documents: JSON list of its files.
        reason: why it is disqualified.
        judges: the keys that signed its disqualification, JSON list.
        scores: how many scores it was given.

    """

    bid: str
    first_position: int
    last_position: int
    tender: str
    lot: str
    bidder: str
    status: str
    value_fen: int | None
    rates: str | None
    documents: str | None
    reason: str | None
    keys: str
    judges: str | None
    scores: int
    sealed_ms: int
    revealed_ms: int | None
    revealed_position: int | None
    ended_position: int | None
    """Of the withdrawal or the forfeiture."""
    disqualified_position: int | None


class ScoreRow(NamedTuple):
    """An expert's score of a bid by a criterion: each expert scores once."""

    bid: str
    criterion: str
    key: str
    score_ppm: int
    position: int


class AwardRow(NamedTuple):
    """An award.

    Attributes:
        first_position: position at which it was decided.
        last_position: position of the last event about it, challenges included.
        status: standing or cancelled.
        ranking: the bidders, best first, JSON list.
        reason: why somebody not ranked first won.
        cancelled_reasons: why it was cancelled, JSON text by language.

    """

    award: str
    first_position: int
    last_position: int
    tender: str
    lot: str
    winner: str
    value_fen: int
    ranking: str
    reason: str | None
    status: str
    keys: str
    decided_ms: int
    decided_on: str
    contract: str | None
    challenges: int
    cancelled_position: int | None
    cancelled_reasons: str | None


class ChallengeRow(NamedTuple):
    """A challenge (质疑) to a tender or an award, and the complaint (投诉) it led to.

    Attributes:
        status: filed, accepted or rejected: by the purchaser's reply, or the ruling after it.
        complaint: the complaint that took it further.
        ruling: how the supervisor ruled.

    """

    challenge: str
    first_position: int
    last_position: int
    tender: str
    award: str | None
    challenger: str
    ground: str
    status: str
    filed_ms: int
    answered_position: int | None
    answered_ms: int | None
    complaint: str | None
    complainant: str | None
    complained_position: int | None
    complained_ms: int | None
    suspend_days: int | None
    ruling: str | None
    ruled_position: int | None
    ruled_ms: int | None


class ContractRow(NamedTuple):
    """A contract that came of an award, as far as procurement is judged by it.

    Attributes:
        first_position: position at which it was signed.
        last_position: position of the last event read here: signed, amended or published.
        signed_ms: when its signing was recorded: the instant by which C08 and C09 judge.
        signed_on: local date it was signed, as its signers say.
        value_fen: as signed.
        supplements_fen: what amendments added, without what others took away (C11).
        reduced_fen: what amendments took away.
        items: JSON list of [service code, rate in fen].

    """

    contract: str
    first_position: int
    last_position: int
    tender: str
    lot: str
    award: str
    buyer: str
    provider: str
    service: str
    area: str | None
    keys: str
    signed_ms: int
    signed_on: str
    value_fen: int
    supplements_fen: int
    reduced_fen: int
    amendments: int
    amended_position: int | None
    published_position: int | None
    published_ms: int | None
    items: str


class SupplementRow(NamedTuple):
    """An amendment of a contract: position of the event and by how much the value changed."""

    position: int
    contract: str
    delta_fen: int
    reason: str
    amended_ms: int


class InterestRow(NamedTuple):
    """A person's declared relation to a party (回避)."""

    position: int
    person: str
    relation: str
    counterparty: str
    from_date: str
    to_date: str
    keys: str
    declared_ms: int


class HolderRow(NamedTuple):
    """Who holds a key: by it a signature is tied to a declared interest."""

    key: str
    party: str
    holder: str
    position: int


class RelationRow(NamedTuple):
    """The party that a party belongs to, with the position of the event that says so."""

    party: str
    parent: str | None
    position: int


class ProgrammeRow(NamedTuple):
    """The purchaser whose a programme is: the buyer of its tenders."""

    programme: str
    purchaser: str
    titles: str


TENDER = Shape(
    "tender",
    TenderRow,
    indexes=[("first_position", "tender"), ("last_position",), ("process",), ("buyer",)],
)
LOT = Shape("lot", LotRow, key=2)
LOT_LINE = Shape("lot_line", LotLineRow, key=3, indexes=[("line",)])
AMENDMENT = Shape("amendment", AmendmentRow, indexes=[("tender",)])
QUESTION = Shape("question", QuestionRow, indexes=[("tender",)])
BID = Shape("bid", BidRow, indexes=[("tender", "lot"), ("bidder",)])
SCORE = Shape("score", ScoreRow, key=3)
AWARD = Shape("award", AwardRow, indexes=[("tender",), ("winner",), ("last_position",)])
CHALLENGE = Shape("challenge", ChallengeRow, indexes=[("tender",)])
CONTRACT = Shape("contract", ContractRow, indexes=[("tender",), ("provider",), ("last_position",)])
SUPPLEMENT = Shape("supplement", SupplementRow, indexes=[("contract",)])
INTEREST = Shape("interest", InterestRow, indexes=[("person",), ("counterparty",)])
HOLDER = Shape("holder", HolderRow, indexes=[("holder",)])
RELATION = Shape("relation", RelationRow)
PROGRAMME = Shape("programme", ProgrammeRow)

SHAPES: tuple[Shape[Any], ...] = (
    *CONTEXT_SHAPES,
    TENDER,
    LOT,
    LOT_LINE,
    AMENDMENT,
    QUESTION,
    BID,
    SCORE,
    AWARD,
    CHALLENGE,
    CONTRACT,
    SUPPLEMENT,
    INTEREST,
    HOLDER,
    RELATION,
    PROGRAMME,
)

NATIVE = "native"
"""Origin of a tender of this ledger."""

REPORTED = "reported"
"""Origin of a tender that others published."""
