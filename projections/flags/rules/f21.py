"""F21: a claim was not answered in time.

A case is a claim that was not answered by the last day of the contract's time to accept (C12),
whether it waits still or was accepted by the clock (`claim.deemed_accepted`).

Whoever does not check accepts what was not delivered; whoever puts off checking puts off paying,
for the time to pay runs from the acceptance (SME Payment Regulation 9, 10: the clock starts at
the latest when the time to accept is over). One silence may be an oversight, several of one buyer
are a habit, and several towards one provider a favour.

Innocent in a month in which the office was closed. Look at who had to answer, and check the visits
of the claim on the spot: silence bars no later finding or refund.
"""

from collections.abc import Iterator

from projections.flags.claims import CLAIMS, DEEMED, UNANSWERED, Sum
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(claim: Sum, _thresholds: Thresholds) -> Iterator[Flagged]:
    if claim.answer_by is None or claim.status not in (UNANSWERED, DEEMED):
        return
    if claim.today > claim.answer_by:
        accepted = claim.accepted_position
        yield Flagged(
            f"contract/{claim.contract}",
            (claim.owed_position, *(() if accepted is None else (accepted,))),
            {
                "claim": claim.key,
                "answer_by": claim.answer_by,
                "amount_fen": claim.claim_fen,
                "state_word": "it waits still" if accepted is None else "the clock accepted it",
            },
            contract=claim.contract,
            party=claim.buyer,
        )


F21 = Rule(
    "f21",
    "stalled acceptance",
    "Claim {claim} of {amount_fen} was not answered by {answer_by}: {state_word}.",
    "SME Payment Regulation (2025) 9 and 10",
    CLAIMS,
    _judge,
    ("it waits still", "the clock accepted it"),
)
