"""Receivables: what a provider is owed, confirmed and assigned to whoever lends it money.

    requested ── confirmed ── assigned ── released

A receivable is the whole of what one claim has to be paid (docs/decisions/0032).
"""

from ledger.events.base import Event, Id, PositiveFen, Ref


class ReceivableRequested(Event, frozen=True, kw_only=True, tag="receivable.requested"):
    """The provider asked the purchaser to confirm what it owes. Signed by the provider.

    The purchaser has 30 days (C15, SME Payment Regulation 16).

    Attributes:
        claim: on which claim.
        amount_fen: what it has to be paid: accepted, not ordered, not retained.

    """

    claim: Ref
    amount_fen: PositiveFen


class ReceivableConfirmed(Event, frozen=True, kw_only=True, tag="receivable.confirmed"):
    """Both sides confirmed a receivable. Signed by purchaser and provider.

    From here no deduction, penalty or set-off lowers the sum (Civil Code 763).

    Attributes:
        claim: on which claim.
        amount_fen: what it has to be paid.

    """

    claim: Ref
    amount_fen: PositiveFen


class ReceivableAssigned(Event, frozen=True, kw_only=True, tag="receivable.assigned"):
    """A confirmed receivable was assigned, once. Signed by provider and lender.

    From here it is paid to the lender, with the interest on it (Civil Code 545, 547, 761).

    Attributes:
        claim: on which claim.
        amount_fen: the confirmed sum.
        lender: to whom.
        account: token of the lender's account.

    """

    claim: Ref
    amount_fen: PositiveFen
    lender: Ref
    account: Id


class ReceivableReleased(Event, frozen=True, kw_only=True, tag="receivable.released"):
    """The lender gave a receivable back to the provider. Signed by the lender.

    Attributes:
        claim: on which claim; not while an order pays it.

    """

    claim: Ref


EVENTS = (ReceivableRequested, ReceivableConfirmed, ReceivableAssigned, ReceivableReleased)
