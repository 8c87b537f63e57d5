"""Contracts."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "award_in_use": Refusal(
        "Award {award} is carried out by contract {contract} already.",
        "An award leads to one contract.",
    ),
    "party_not_of_contract": Refusal(
        "{party} is not the {role} that {reference} names.",
        "Name {expected}.",
    ),
    "line_not_of_lot": Refusal(
        "Line {line} sets nothing aside for lot {lot}.",
        "Take the lines of the lot.",
    ),
    "contract_not_active": Refusal(
        "Contract {contract} is {status}.",
        "Nothing more can be done under it.",
    ),
    "contract_already_published": Refusal(
        "Contract {contract} was published before.",
        "It is published once.",
    ),
    "promises_exceed_commitment": Refusal(
        "Contract {contract} has {committed_fen} fen committed; open claims and disputes would "
        "need {promised_fen} fen.",
        "Amend the contract up, or ask for less.",
    ),
    "contract_not_settled": Refusal(
        "Contract {contract} has {amount_fen} fen {account}; it must be zero to close.",
        "Settle what is open first.",
    ),
    "contract_has_open_claim": Refusal(
        "Contract {contract} has the open {what} {claim}.",
        "Answer or settle it first.",
    ),
    "final_account_differs": Refusal(
        "The final account gives line {line} {stated_fen} fen; the ledger has {paid_fen} fen paid.",
        "Take the paid balances of `sunledger show contract`.",
    ),
}
