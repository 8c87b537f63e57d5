"""F38: an act was signed after its key may have been in wrong hands.

A case is a revoked key (`key.revoked`) that signed an act of a kind that the law holds, at or
after the instant from which the revocation casts doubt on it, or that enrolled another key which
did, as long as nobody reaffirmed the act (`act.reaffirmed`). The kinds are those that move money
or power: keys, accounts, acceptances, requests, approvals and orders (docs/refusals.md,
`act_doubted`).

The law stops what can still be stopped; what was paid before the theft was noticed it cannot. To
review what a compromised credential did is the first step of any response to an incident (NIST SP
800-61, NIST SP 800-63B 6.2).

Innocent where the key was lost and not stolen, and its holder signed all of it: then the party
reaffirms. Look at each act with whoever is said to have signed it, first at the payments.
"""

from collections.abc import Iterator

from projections.flags.keys import REVOCATIONS, Revocation
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(revocation: Revocation, _thresholds: Thresholds) -> Iterator[Flagged]:
    if revocation.acts:
        yield Flagged(
            f"key/{revocation.name}",
            (*revocation.acts, revocation.position),
            {"key": revocation.name, "acts": len(revocation.acts)},
            contract=revocation.contract,
            party=revocation.party,
        )


F38 = Rule(
    "f38",
    "act of a doubted key",
    "{acts} acts were signed by {key}, or by keys it enrolled, while in doubt, and not reaffirmed.",
    "NIST SP 800-61 and SP 800-63B 6.2",
    REVOCATIONS,
    _judge,
)
