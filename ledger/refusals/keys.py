"""Keys: enrolled, recovered, revoked, and acts in doubt."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
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
    "key_too_young": Refusal(
        "The key {key} has not been in force for {days} working days, which this act asks for.",
        "Sign with an older key, or from {date} on; a registrar can act at once.",
    ),
    "holder_of_another_party": Refusal(
        "The person {holder} holds a key of {party}.",
        "A party names its own people. Where somebody has left the other party, that one revokes "
        "the key first; whoever works for both has a first key from a registrar.",
    ),
    "recovery_open": Refusal(
        "A recovery for {party} by the key {key} is open until {date}.",
        "Let it take force, be contested, or revoke its key first.",
    ),
    "recovery_over": Refusal(
        "The recovery by the key {key} is no longer open: it took force, or was ended.",
        "A key in force is revoked, not contested.",
    ),
    "since_out_of_range": Refusal(
        "The doubt is to begin at {since}; it may begin from {first} to {last}.",
        "State a time at most 30 days back and not ahead.",
    ),
    "act_not_doubted": Refusal(
        "The event {event} is no act in doubt.",
        "Only an act that is held is reaffirmed, once.",
    ),
}
