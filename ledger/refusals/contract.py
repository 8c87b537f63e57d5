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
    "line_not_of_contract": Refusal(
        "Line {line} pays nothing for contract {contract}.",
        "Take the contract's own lines.",
    ),
    "term_too_long": Refusal(
        "A term from {from_date} to {to_date} is longer than {years} years, the most that its "
        "programme allows.",
        "End it earlier; a programme may allow three years, where it says that it is stable.",
    ),
    "year_outside_term": Refusal(
        "{year} is no later year of a term from {from_date} to {to_date}.",
        "Leave parts of the value only to years of the term after its first.",
    ),
    "later_years_differ": Refusal(
        "What contract {contract} leaves to later years changes by {memo_delta_fen} fen, its value "
        "by {value_delta_fen} fen: that would commit money, or free it, without a budget's word.",
        "Let value and later years change alike; finance funds what was left to a year.",
    ),
    "share_out_of_bounds": Refusal(
        "{field} is {value_ppm} parts per million; it must be at {bound} {bound_ppm}.",
        "Agree on a share within the bound.",
    ),
    "contract_not_active": Refusal(
        "Contract {contract} is {status}.",
        "A suspended or terminated contract is only billed and paid; a closed one allows nothing.",
    ),
    "contract_not_suspended": Refusal(
        "Contract {contract} is {status}, not suspended.",
        "Only a suspended contract is resumed.",
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
        "Answer, bill or settle it first.",
    ),
    "interest_not_booked": Refusal(
        "Contract {contract} was paid late: {amount_fen} fen of interest on claim {claim} are due"
        " and not booked.",
        "Book it (`sunledger tick`), then pay or waive it.",
    ),
    "final_account_differs": Refusal(
        "The final account gives line {line} {stated_fen} fen; the ledger has {paid_fen} fen paid.",
        "Take the paid balances of `sunledger show contract`.",
    ),
}
