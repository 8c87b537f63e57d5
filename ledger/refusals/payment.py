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
        "An order is settled or rejected once, after it was given.",
    ),
}
