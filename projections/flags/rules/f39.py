"""F39: an advance is not recovered although nearly everything is delivered.

A case is a contract of whose value more than the threshold (`share_ppm`, 80 %) was delivered and
accepted, while some of its advance is still outstanding: neither recovered from an acceptance nor
paid back.

An advance is a loan for the start of a service. It is recovered from each acceptance at the rate
that the contract names; what is outstanding near the end is money without a service behind it,
and is lost if the provider fails or the contract is terminated. To follow every
prepayment until it is cleared is audit practice in every treasury.

Innocent where the rate of recovery is low on purpose and the rest suffices for what is
outstanding. Look at what is still to be delivered, at the contract's rate of recovery, and whether
a guarantee stands behind the advance.
"""

from collections.abc import Iterator

from ledger.money import PPM
from projections.flags.advances import ADVANCES, Advanced
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(contract: Advanced, thresholds: Thresholds) -> Iterator[Flagged]:
    near_end = contract.delivered_fen * PPM > thresholds["share_ppm"] * contract.value_fen
    if near_end and contract.outstanding_fen > 0:
        accepted = contract.accepted_position
        yield Flagged(
            f"contract/{contract.key}",
            (*contract.settled, *(() if accepted is None else (accepted,))),
            {
                "outstanding_fen": contract.outstanding_fen,
                "delivered_fen": contract.delivered_fen,
                "value_fen": contract.value_fen,
            },
            contract=contract.key,
            party=contract.provider,
        )


F39 = Rule(
    "f39",
    "advance not recovered",
    "{outstanding_fen} of the advance is outstanding, with {delivered_fen} of {value_fen} "
    "delivered.",
    "audit practice on prepayments",
    ADVANCES,
    _judge,
)
