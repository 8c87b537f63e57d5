"""Service delivery."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
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
    "worker_left": Refusal(
        "Worker {worker} worked for {provider} until {until}.",
        "Name who served, or enrol the person again.",
    ),
    "visit_not_over": Refusal(
        "The visit ends at {ended_at}; it is {recorded} by the ledger's clock.",
        "Record a visit when it is over.",
    ),
    "units_exceed": Refusal(
        "Contract {contract} would have {units} units of {service}; at most {units_max} were "
        "agreed.",
        "Amend the contract, or give no more than it buys.",
    ),
    "visit_claimed": Refusal(
        "Visit {visit} is billed by claim {claim}.",
        "What is wrong with it is for the claim's answer.",
    ),
    "sample_differs": Refusal(
        "Spot check {spotcheck} does not name the visits that its seed draws.",
        "Draw those with the lowest SHA-256 over seed and id, and report on each of them once.",
    ),
    "spotcheck_done": Refusal(
        "Spot check {spotcheck} is done.",
        "It is reported on once; draw another.",
    ),
}
