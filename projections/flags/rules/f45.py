"""F45: a provider lets go of interest on late payment.

A case is any waiver of interest (`interest.waived`).

Interest on late payment is the law's, not a favour (SME Payment Regulation 17). A provider that
waives it may have been told that the next contract depends on it.

Innocent where the provider itself was the cause of the delay, with a wrong invoice or account. Look
at how late the payment was, at waivers of other providers towards the same buyer, and at what was
tendered or amended about that time.
"""

from collections.abc import Iterator

from projections.flags.acts import INTERESTS, Interest
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(interest: Interest, _thresholds: Thresholds) -> Iterator[Flagged]:
    if interest.kind == "waived":
        yield Flagged(
            f"party/{interest.provider}",
            (interest.position,),
            {"claim": interest.claim, "amount_fen": interest.amount_fen},
            contract=interest.contract,
            party=interest.provider,
        )


F45 = Rule(
    "f45",
    "interest waived",
    "The provider let go of {amount_fen} interest on claim {claim}.",
    "SME Payment Regulation (2025) 17",
    INTERESTS,
    _judge,
)
