"""Every refusal code, listed once, in the order in which a statement is judged.

First the statement as a whole, then its events one after another, each seeing what those before
it did: who may, what it refers to, its own matter, and money last. (What tells who may, such as
the contract a visit names, is looked up first.) The first refusal decides; a later event is not
looked at. `sentence` tells what was wrong and
`cure` what to do; the Chinese texts stand in the catalogue (api/locale) under the same English.
"""

from typing import NamedTuple

from ledger.errors import Refused


class Refusal(NamedTuple):
    """A code's two texts, with the facts of the refusal as `{placeholders}`."""

    sentence: str
    cure: str


REFUSALS: dict[str, Refusal] = {
    # The statement as a whole
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
    # Who may
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
        "{actor} already acted as {before} on contract {contract} and may not act as {role}.",
        "Let another person of another party act.",
    ),
    # What it refers to
    "reference_unknown": Refusal(
        "There is no {kind} {id} in this ledger.",
        "Check the id, or submit the statement that introduces it first.",
    ),
    "id_taken": Refusal(
        "The {kind} {id} exists already; ids differ by more than case.",
        "Choose another id.",
    ),
    "date_invalid": Refusal(
        "{field} is {value}, which is no date or time of the calendar.",
        "Write dates as 2026-03-01 and times as 2026-03-01T08:00:00.000Z.",
    ),
    "period_reversed": Refusal(
        "{field} ends at {end}, before it starts at {start}.",
        "Correct the start or the end.",
    ),
    "list_repeats": Refusal(
        "{field} names {id} more than once.",
        "Name each only once.",
    ),
    "weights_not_whole": Refusal(
        "{field} add up to {sum} parts per million, not to 1000000.",
        "Make the weights add up to one.",
    ),
    # Parties, keys and roles
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
    # Budget and tender
    "not_line_owner": Refusal(
        "{party} did not appropriate the line {line}.",
        "Let the line's finance bureau, {owner}, sign.",
    ),
    "same_line": Refusal(
        "A transfer from line {line} to itself moves nothing.",
        "Name two lines.",
    ),
    "lot_not_covered": Refusal(
        "Lot {lot} is worth {value_fen} fen, its lines set aside {lines_fen} fen.",
        "Make the lines add up to the lot's value.",
    ),
    "justification_missing": Refusal(
        "Tender {tender} has a single source and gives no justification.",
        "State why (Government Procurement Law 31).",
    ),
    "tender_not_open": Refusal(
        "Tender {tender} is {status}.",
        "Only a published tender can be awarded or cancelled.",
    ),
    "tender_in_use": Refusal(
        "Tender {tender} cannot be cancelled: contract {contract} rests on it.",
        "Close the contract instead.",
    ),
    "lot_already_awarded": Refusal(
        "Lot {lot} of tender {tender} was awarded by {award}.",
        "A lot is awarded once.",
    ),
    "winner_not_ranked": Refusal(
        "{winner} is not in the ranking.",
        "Rank every bidder that could win.",
    ),
    "winner_not_first": Refusal(
        "{winner} is not ranked first and no reason is given.",
        "Give the reason code, or award to {first}.",
    ),
    "value_exceeds": Refusal(
        "{what} is {value_fen} fen; at most {limit_fen} fen are allowed.",
        "Lower it, or raise the limit by its own procedure.",
    ),
    # Contract
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
    # Service delivery
    "outside_term": Refusal(
        "{date} is outside the term of contract {contract}, {from_date} to {to_date}.",
        "Record the visit under the contract of that day.",
    ),
    "service_not_in_contract": Refusal(
        "Contract {contract} does not buy the service {service}.",
        "Use a service of its items.",
    ),
    "not_entitled": Refusal(
        "Beneficiary {beneficiary} is not entitled in programme {programme} on {date}.",
        "Enrol the person first, from that day or before.",
    ),
    "worker_of_other_provider": Refusal(
        "Worker {worker} belongs to {provider}.",
        "Name a worker of the contract's provider.",
    ),
    # Claims
    "visit_settled": Refusal(
        "Visit {visit} is not part of what claim {claim} still has open.",
        "Name visits of the claim, each once.",
    ),
    "claim_figures_differ": Refusal(
        "{field} is {stated}; the ledger's visits give {computed}.",
        "Take the figures of `sunledger show contract`.",
    ),
    "claim_empty": Refusal(
        "Contract {contract} has no unclaimed visit that began by {date}.",
        "There is nothing to claim.",
    ),
    "invoice_used": Refusal(
        "The invoice {invoice}, or its file, was used before.",
        "Issue a new invoice.",
    ),
    "claim_not_open": Refusal(
        "Claim {claim} is {status}.",
        "A claim is answered once.",
    ),
    "answer_does_not_add_up": Refusal(
        "Claim {claim} asks for {claim_fen} fen; accepted, cut and disputed come to {sum_fen} fen.",
        "Account for every fen.",
    ),
    "line_amount_exceeds": Refusal(
        "Visit {visit} was claimed with {claimed_fen} fen; {amount_fen} fen are cut or disputed.",
        "Cut or dispute no more than was claimed.",
    ),
    # Payments
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
    # Reports
    "release_already_reported": Refusal(
        "Release {release_id} of {ocid} by this publisher is in the ledger with the same content.",
        "There is nothing to do.",
    ),
    # Money, last: it is asked only of what is otherwise lawful
    "guard_broken": Refusal(
        "{account} of line {line} holds {available_fen} fen; {asked_fen} fen are asked for.",
        "Make the authority available first, or ask for less.",
    ),
    "amount_overflows": Refusal(
        "{account} of line {line} would exceed {limit_fen} fen.",
        "No account may hold more than 2^53 - 1 fen.",
    ),
}


def sentence(refused: Refused) -> str:
    """Return the refusal as one English sentence with its cure."""
    text = REFUSALS[refused.code]
    where = "" if refused.event_index is None else f"Event {refused.event_index}: "
    return f"{where}{text.sentence.format(**refused.facts)} {text.cure.format(**refused.facts)}"
