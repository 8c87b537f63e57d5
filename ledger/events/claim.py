"""Claims: the provider's bill for visits, and the purchaser's answer to each of its lines."""

from typing import Annotated

from msgspec import Meta

from ledger.events.base import (
    MAX_LIST,
    Count,
    Document,
    Event,
    Fen,
    Id,
    Period,
    PositiveFen,
    ReasonCode,
    Record,
    Ref,
    Sha256,
    Units,
)


class ClaimedVisits(Record, frozen=True, kw_only=True):
    """Which visits a claim covers.

    Attributes:
        root: RFC 6962 root over their event leaves, in position order, hex.
        count: how many.

    """

    root: Sha256
    count: Count


class ServiceUnits(Record, frozen=True, kw_only=True):
    """Units of one service in a claim.

    Attributes:
        service: its code.
        units: how many.

    """

    service: Ref
    units: Units


class ClaimSubmitted(Event, frozen=True, kw_only=True, tag="claim.submitted"):
    """The provider billed the visits of a period. Signed by the provider.

    It covers every visit of the contract not yet claimed that began by the period's end;
    admission recomputes every figure.

    Attributes:
        claim: its id.
        contract: under which contract.
        period: the days billed; the first is for people, the last one counts.
        visits: which visits.
        units: units by service, in order of service.
        gross_fen: units × rates.
        self_pay_fen: what exceeds each person's monthly cap, paid by that person.
        claim_fen: gross less self-pay: asked of the purchaser.
        invoice: the tax invoice; number and file are used once.

    """

    claim: Id
    contract: Ref
    period: Period
    visits: ClaimedVisits
    units: Annotated[list[ServiceUnits], Meta(min_length=1, max_length=100)]
    gross_fen: PositiveFen
    self_pay_fen: Fen
    claim_fen: Fen
    invoice: Document


class Cut(Record, frozen=True, kw_only=True):
    """A visit not paid, or not in full.

    Attributes:
        visit: its event id.
        reason: why.
        amount_fen: not paid.

    """

    visit: Ref
    reason: ReasonCode
    amount_fen: PositiveFen


class Disputed(Record, frozen=True, kw_only=True):
    """A visit whose payment waits until it is cleared up.

    Attributes:
        visit: its event id.
        amount_fen: waiting.

    """

    visit: Ref
    amount_fen: PositiveFen


class ClaimAnswered(Event, frozen=True, kw_only=True, tag="claim.answered"):
    """The purchaser answered a claim line by line. Signed by the purchaser.

    In time until the contract's acceptance days have run out (C12; SME Payment Regulation 10). The
    accepted part is payable at once; a dispute never holds it up (the same, 11 to 15).

    Attributes:
        claim: which.
        accepted_fen: accepted; it is payable, less the advance recovered and what is held back.
        cuts: not payable, each with its reason; the provider may contest them (C19a).
        disputed: waiting until it is settled or ruled.

    """

    claim: Ref
    accepted_fen: Fen
    cuts: Annotated[list[Cut], Meta(max_length=MAX_LIST)]
    disputed: Annotated[list[Disputed], Meta(max_length=MAX_LIST)]


class ClaimDeemedAccepted(Event, frozen=True, kw_only=True, tag="claim.deemed_accepted"):
    """Nobody answered a claim in time, so all of it is accepted (SME Payment Regulation 10).

    Signed by the operator, or by either side of the contract: the rule makes it valid, not the
    signer. It bars no later finding or refund.

    Attributes:
        claim: which.

    """

    claim: Ref


class Returned(Record, frozen=True, kw_only=True):
    """What comes back of a cut.

    Attributes:
        visit: its event id.
        amount_fen: paid after all.

    """

    visit: Ref
    amount_fen: PositiveFen


class ClaimAgreed(Event, frozen=True, kw_only=True, tag="claim.agreed"):
    """Both sides agreed on what comes back of a claim's cuts. Signed by purchaser and provider.

    The sum is accepted, and owed under this event's id from the day the claim was answered.

    Attributes:
        claim: which.
        returned: what comes back, visit by visit, while the cuts can still be contested.

    """

    claim: Ref
    returned: Annotated[list[Returned], Meta(min_length=1, max_length=MAX_LIST)]


EVENTS = (ClaimSubmitted, ClaimAnswered, ClaimDeemedAccepted, ClaimAgreed)
