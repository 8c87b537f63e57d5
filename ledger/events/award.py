"""Awards, and how they are challenged before they are final."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from ledger.events.base import Document, Event, Id, PositiveFen, Ref, Sha256, Texts


class AwardDecided(Event, frozen=True, kw_only=True, tag="award.decided"):
    """A lot was awarded. Signed by the purchaser.

    It is its own publication: the days to challenge it begin here.

    Attributes:
        award: its id (OCDS `awards.id`).
        tender: which tender.
        lot: which of its lots.
        ranking: the bidders, best first; where bids were sealed, exactly those with a valid one.
        winner: who got it (OCDS `awards.suppliers`).
        value_fen: for how much at most (OCDS `awards.value`); the winner's bid, where it bid.
        reason: why somebody not ranked first won.

    """

    award: Id
    tender: Ref
    lot: Ref
    ranking: Annotated[list[Ref], Meta(min_length=1, max_length=1000)]
    winner: Ref
    value_fen: PositiveFen
    reason: Literal["FIRST_WITHDREW", "FIRST_DISQUALIFIED", "RULING", "OTHER"] | UnsetType = UNSET


class AwardChallenged(Event, frozen=True, kw_only=True, tag="award.challenged"):
    """A provider challenged an award, or the tender itself (质疑). Signed by the provider.

    Attributes:
        challenge: its id.
        tender: about which tender.
        award: which of its awards; absent when the tender's own terms are challenged.
        ground: what is wrong: the documents, the procedure or the result (Procurement Law 52).
        document: hash of the letter with its reasons.

    """

    challenge: Id
    tender: Ref
    ground: Literal["DOCUMENTS", "PROCEDURE", "RESULT"]
    document: Sha256
    award: Ref | UnsetType = UNSET


class ChallengeAnswered(Event, frozen=True, kw_only=True, tag="challenge.answered"):
    """The purchaser answered a challenge (Procurement Law 53). Signed by the purchaser.

    Attributes:
        challenge: which.
        reply: whether it is right.
        reasons: why, by language.

    """

    challenge: Ref
    reply: Literal["ACCEPTED", "REJECTED"]
    reasons: Texts


class ComplaintLodged(Event, frozen=True, kw_only=True, tag="complaint.lodged"):
    """A provider took a challenge to the supervisor (投诉, Procurement Law 55).

    Signed by the challenger, or by the award's winner where the challenge was accepted.

    Attributes:
        complaint: its id.
        challenge: which challenge, answered or left without an answer.
        document: hash of the complaint.
        suspend_days: days for which no contract may be signed, at most 30 (Procurement Law 57).

    """

    complaint: Id
    challenge: Ref
    document: Sha256
    suspend_days: Annotated[int, Meta(ge=1, le=30)] | UnsetType = UNSET


class ComplaintDecided(Event, frozen=True, kw_only=True, tag="complaint.decided"):
    """The supervisor ruled on a complaint (Procurement Law 56). Signed by the reviewer.

    Attributes:
        complaint: which.
        ruling: whether the challenge was right; it replaces the purchaser's reply.
        document: the written decision.

    """

    complaint: Ref
    ruling: Literal["CHALLENGE_UPHELD", "CHALLENGE_REJECTED"]
    document: Document


class AwardCancelled(Event, frozen=True, kw_only=True, tag="award.cancelled"):
    """An award no longer stands; its lot can be awarded again.

    Signed by the reviewer, or by purchaser and winner.

    Attributes:
        award: which.
        reason: why, by language.
        ruling: the decision it carries out, where there is one.

    """

    award: Ref
    reason: Texts
    ruling: Document | UnsetType = UNSET


EVENTS = (
    AwardDecided,
    AwardChallenged,
    ChallengeAnswered,
    ComplaintLodged,
    ComplaintDecided,
    AwardCancelled,
)
