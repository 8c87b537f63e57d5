"""F18: rubber stamp.

A key confirms visits, or answers claims, a hundred times or more, with a median of less than three
seconds between one act and the next, by the times its signer states.

Why look: nobody asks a person, or reads a claim, in three seconds. What is stamped unread is worth
nothing to those who rely on it.

What explains it: answers that were gathered on paper and entered in one go: then they should bear
the time at which they were given.
"""

from collections.abc import Iterator

from projections.flags.approvals import APPROVALS, Approvals
from projections.flags.rule import Flagged, Rule, Thresholds

_KINDS = frozenset(["confirmation", "answer"])


def _judge(approvals: Approvals, thresholds: Thresholds) -> Iterator[Flagged]:
    median_s = approvals.median_gap_s()
    if approvals.kind not in _KINDS or median_s is None:
        return
    if approvals.acts >= thresholds["count"] and median_s < thresholds["seconds"]:
        yield Flagged(
            subject=f"party/{approvals.party}",
            evidence=(approvals.first_position, approvals.last_position),
            facts={
                "key": approvals.name,
                "kind": approvals.kind,
                "acts": approvals.acts,
                "seconds": median_s,
            },
            party=approvals.party,
        )


F18 = Rule(
    id="f18",
    title="rubber stamp",
    sentence="Key {key} gave {acts} acts ({kind}), half of them within {seconds} s of the last.",
    source="audit practice: approvals faster than anybody reads",
    scope=APPROVALS,
    judge=_judge,
)
