"""Penalties and refunds."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "set_off_exceeds_payable": Refusal(
        "Contract {contract} has {payable_fen} fen payable that no payment asks for; a penalty of "
        "{amount_fen} fen cannot be set off.",
        "Wait for the next acceptance, or let finance return the payment.",
    ),
    "refund_exceeds_paid": Refusal(
        "Of contract {contract} {paid_fen} fen are paid and not demanded back; {amount_fen} fen "
        "are asked for.",
        "Demand no more than was paid.",
    ),
}
