"""Rules with parameters, the catalogue, and price caps."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "rule_unknown": Refusal(
        "The ledger carries no formula for the rule {rule}.",
        "Publish the next version of a rule of docs/rules.md.",
    ),
    "rule_version_not_next": Refusal(
        "{rule} has {current} versions; {version} is not the next.",
        "Number versions without a gap.",
    ),
    "rule_parameters_invalid": Refusal(
        "The parameters of {rule} make no rule: {why}.",
        "Correct the parameters; docs/rules.md shows those that ship.",
    ),
    "law_of_another_release": Refusal(
        "The ledger was opened under law {law}; this release judges by law {carried}.",
        "Use a release that carries that law. Law 0 was the draft before the first release: its "
        "histories are not kept, so open a new ledger.",
    ),
    "law_not_carried": Refusal(
        "The law {law} is not after the law {current} in force, or beyond {carried}, the last that "
        "this release carries.",
        "Install the release that carries it first.",
    ),
    "service_on_negative_list": Refusal(
        "The service {service} of category {category} is on the negative list.",
        "It cannot be bought; government does it itself, or buys it by other means.",
    ),
    "service_withdrawn": Refusal(
        "The service {service} was withdrawn from the catalogue.",
        "Use a service that the catalogue offers.",
    ),
    "service_unit_differs": Refusal(
        "The service {service} is counted by the {catalogued}, not by the {stated}.",
        "Take the unit of the catalogue.",
    ),
    "rate_too_low": Refusal(
        "The rate for late payment is {rate_ppm} parts per million a year; the published one-year "
        "loan prime rate is {least_ppm}.",
        "Agree on that rate or more, or leave it out: the legal rate holds then.",
    ),
    "pay_days_exceed": Refusal(
        "The contract would be paid within {days} days; the published limit is {most}.",
        "Agree on that limit or a shorter one.",
    ),
    "advance_exceeds": Refusal(
        "An advance of {advance_ppm} parts per million is agreed; {rule} allows {provider} "
        "{limit_ppm}.",
        "Agree on a smaller advance.",
    ),
}
