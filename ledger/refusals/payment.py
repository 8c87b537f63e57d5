"""Payments."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "claim_not_payable": Refusal(
        "Claim {claim} is {status} and has nothing to pay.",
        "Request payment of accepted claims only.",
    ),
    "claim_of_other_contract": Refusal(
        "Claim {claim} belongs to contract {contract}.",
        "Request one payment a contract.",
    ),
    "claim_in_live_payment": Refusal(
        "Claim {claim} is in payment {payment}.",
        "Wait for the bank's answer to it.",
    ),
    "principal_differs": Refusal(
        "The principal is {stated_fen} fen; the claims come to {computed_fen} fen.",
        "Ask for exactly what the claims come to.",
    ),
    "payee_differs": Refusal(
        "The payee is {stated}; the payment was requested for {expected}.",
        "Order to the requested account.",
    ),
    "payment_wrong_state": Refusal(
        "Payment {payment} is {status}, not {expected}.",
        "It is requested, approved, ordered, and settled or rejected once; what is settled may "
        "bounce.",
    ),
    "payee_not_lender": Refusal(
        "Claim {claim} was assigned to {lender}; the payee is {stated}.",
        "Pay it to the account {expected}.",
    ),
    "interest_differs": Refusal(
        "{field} of the interest on claim {claim} is {stated}; the law gives {computed}.",
        "Take the figures of clock C13: every day late counts, at the contract's rate.",
    ),
    "value_date_outside": Refusal(
        "The value date {date} is not between {from_date} and {to_date}.",
        "Take the bank's value date: not before the order, and not after today.",
    ),
    "creditor_differs": Refusal(
        "Payment {payment} was ordered to another account than the one credited.",
        "Book payment.diverted.",
    ),
    "creditor_as_ordered": Refusal(
        "Payment {payment} reached the account it was ordered to.",
        "Book payment.settled.",
    ),
    "receivable_wrong_state": Refusal(
        "The receivable on claim {claim} is {status}, not {expected}.",
        "It is requested, confirmed by both sides, and assigned once, until the lender releases "
        "it.",
    ),
    "receivable_differs": Refusal(
        "The receivable on claim {claim} is {stated_fen} fen; the claim has {computed_fen} fen to "
        "be paid.",
        "State exactly that.",
    ),
}
