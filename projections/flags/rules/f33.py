"""F33: a contract that grows by supplements.

What amendments added to a contract's value, without what others took away, is more than `share_ppm`
of its value as signed.

Why look: supplements are not competed for. Together they may not exceed a tenth of the contract
(Government Procurement Law 49; the ledger refuses more, clock C11); half of that is early enough to
look. A low bid that is made good by supplements is a pattern that auditors know (Association of
Certified Fraud Examiners: change order abuse), so look at F32 of the same tender too.

Innocent: more people came into care than were expected, a price cap was raised, a year in which
wages rose by decree. Look at the reasons of the amendments, at who signed them, and at whether the
units delivered grew as the value did.
"""

from collections.abc import Iterator
from fractions import Fraction

from ledger.money import PPM
from projections.flags.dealings import DEALINGS, Dealing
from projections.flags.procurement import evidence_of, percent
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(dealing: Dealing, thresholds: Thresholds) -> Iterator[Flagged]:
    contract = dealing.contract
    if contract is None:
        return
    if contract.supplements_fen * PPM > thresholds["share_ppm"] * contract.value_fen:
        yield Flagged(
            f"contract/{contract.contract}",
            evidence_of(contract.evidence),
            {
                "contract": contract.contract,
                "supplements_fen": contract.supplements_fen,
                "value_fen": contract.value_fen,
                "share_percent": percent(Fraction(contract.supplements_fen, contract.value_fen)),
            },
            contract=contract.contract,
            party=contract.provider,
        )


F33 = Rule(
    "f33",
    "Contract grows by supplements",
    "Supplements of {supplements_fen} were added to {contract}, {share_percent} % of the "
    "{value_fen} it was signed for.",
    "Government Procurement Law 49",
    DEALINGS,
    _judge,
)
