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
}
