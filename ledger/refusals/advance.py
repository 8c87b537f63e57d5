"""Advances."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "advance_wrong_state": Refusal(
        "Advance {advance} is {status}, not {expected}.",
        "An advance is settled or rejected once, and refunded after it was settled.",
    ),
}
