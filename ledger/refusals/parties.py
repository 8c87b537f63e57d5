"""Parties and roles."""

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
    "role_not_held": Refusal(
        "{party} does not hold the role {role}.",
        "There is nothing to revoke.",
    ),
}
