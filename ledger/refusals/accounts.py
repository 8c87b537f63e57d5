"""Accounts, and the people of a party."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "account_not_of_party": Refusal(
        "The account {account} was declared by {declared_by}, not by {party}.",
        "Name an account of the party to be paid.",
    ),
    "account_not_in_force": Refusal(
        "The account {account} takes force on {date}.",
        "Wait until then, or name an account that is in force.",
    ),
    "person_not_of_party": Refusal(
        "{person} holds keys of {party}: no other party declares that person's interests.",
        "Let {party} declare it.",
    ),
}
