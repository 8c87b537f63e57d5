"""Reports of what others published."""

from ledger.refusals.refusal import Refusal

REFUSALS: dict[str, Refusal] = {
    "release_already_reported": Refusal(
        "Release {release_id} of {ocid} by this publisher is in the ledger with the same content.",
        "There is nothing to do.",
    ),
}
