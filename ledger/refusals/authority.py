"""Who may: signers, roles, limits, separate duties."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "signers_not_as_called": Refusal(
        "{type} calls for {called}; the statement is signed by {signed}.",
        "Put the event in a statement signed by exactly those.",
    ),
    "signer_lacks_role": Refusal(
        "{party} does not hold the role {role} in the scope of this act.",
        "Have the role granted, or let a party that holds it sign.",
    ),
    "role_limit_exceeded": Refusal(
        "{party} may act as {role} up to {limit_fen} fen; this is {amount_fen} fen.",
        "Let a party with a higher limit sign.",
    ),
    "holders_not_different": Refusal(
        "Two of the signatures are of one person, the holder {holder}.",
        "Let a second person sign with a key of their own.",
    ),
    "duties_not_separate": Refusal(
        "{actor} already acted as {before} on {contract} and may not act as {role}.",
        "Let another person of another party act.",
    ),
}
