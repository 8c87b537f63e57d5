"""Disputes: what of a claim waits until both sides settle it or a reviewer rules."""

from typing import Annotated

from msgspec import Meta

from ledger.events.base import MAX_LIST, Event, Fen, Ref
from ledger.events.claim import Disputed


class DisputeOpened(Event, frozen=True, kw_only=True, tag="dispute.opened"):
    """The provider contested cuts of a claim. Signed by the provider.

    In time until 5 working days after the answer (C19a). A cut that nobody contests by then
    stands: silence means the same for both sides.

    Attributes:
        claim: which.
        lines: the cuts contested, and how much of each.

    """

    claim: Ref
    lines: Annotated[list[Disputed], Meta(min_length=1, max_length=MAX_LIST)]


class DisputeSettled(Event, frozen=True, kw_only=True, tag="dispute.settled"):
    """Both sides settled lines in dispute. Signed by purchaser and provider.

    The sum awarded is accepted, and owed under this event's id from the day the claim was
    answered (C13); what is not awarded is no longer promised.

    Attributes:
        claim: which.
        lines: the lines settled, and how much of each.
        awarded_fen: paid after all, in sum.

    """

    claim: Ref
    lines: Annotated[list[Disputed], Meta(min_length=1, max_length=MAX_LIST)]
    awarded_fen: Fen


class DisputeRuled(Event, frozen=True, kw_only=True, tag="dispute.ruled"):
    """A reviewer ruled on lines in dispute. Signed by a reviewer that belongs to neither side.

    What it awards is owed as what is settled (`dispute.settled`).

    Attributes:
        claim: which.
        lines: the lines ruled on, and how much of each.
        awarded_fen: paid after all, in sum.

    """

    claim: Ref
    lines: Annotated[list[Disputed], Meta(min_length=1, max_length=MAX_LIST)]
    awarded_fen: Fen


EVENTS = (DisputeOpened, DisputeSettled, DisputeRuled)
