"""Parties, keys and roles."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "genesis_incomplete": Refusal(
        "The genesis needs {missing}.",
        "Name the missing party or key in ledger.opened and sign with every key it names.",
    ),
    "identifier_taken": Refusal(
        "The identifier {scheme} {id} belongs to {party} already.",
        "Use the registered party, or correct the identifier.",
    ),
    "key_weak": Refusal(
        "The key {key} cannot be enrolled: {why}.",
        "Generate a new Ed25519 key.",
    ),
    "key_taken": Refusal(
        "The key {key}, or its name, was enrolled before.",
        "Generate a new key under a new label; neither is ever used twice.",
    ),
    "first_key_not_admin": Refusal(
        "{key} would be the first key of {party}, and is for {use}: nobody could enrol the next.",
        "Enrol an admin key first.",
    ),
    "key_not_of_party": Refusal(
        "The key {key} is not named after {party}.",
        "Name a key <party>/<label>.",
    ),
    "role_not_held": Refusal(
        "{party} does not hold the role {role}.",
        "There is nothing to revoke.",
    ),
}
