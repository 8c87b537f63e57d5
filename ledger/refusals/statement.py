"""The statement as a whole: judged before its events."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "signature_doubled": Refusal(
        "The key {key} signed the statement twice.",
        "Keep one of the two lines.",
    ),
    "signatures_do_not_match_signers": Refusal(
        "The statement names the signers {named} but carries signatures of {signed}.",
        "Let exactly the named parties sign, once for each time they are named.",
    ),
    "key_unknown": Refusal(
        "The key {key} is not enrolled in this ledger.",
        "Have it enrolled by an admin key of its party, or by a registrar if it is the first.",
    ),
    "genesis_expected": Refusal(
        "The first statement of a ledger holds one event, ledger.opened, and no other does.",
        "Open the ledger with `sunledger init`.",
    ),
    "not_alone": Refusal(
        "{type} must be the only event of its statement.",
        "Put it in a statement of its own.",
    ),
    "origin_differs": Refusal(
        "The statement is meant for the ledger {stated}, this is {origin}.",
        "Sign it again for this ledger's origin.",
    ),
    "statement_expired": Refusal(
        "The statement was made at {made_at}, more than 30 days before {recorded}.",
        "Sign the same events again with today's time.",
    ),
    "statement_from_the_future": Refusal(
        "The statement was made at {made_at}, more than 5 minutes after {recorded}.",
        "Set the signing machine's clock and sign again.",
    ),
    "key_revoked": Refusal(
        "The key {key} was revoked.",
        "Sign with a key of {party} that is in force.",
    ),
    "key_use_forbids": Refusal(
        "The key {key} is enrolled for {use} and may not sign this.",
        "Sign with a key whose use covers it.",
    ),
    "event_id_taken": Refusal(
        "The event id {event} is already in the ledger.",
        "If this is a new fact, give it a new id; if not, it is already recorded.",
    ),
}
