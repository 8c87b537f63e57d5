"""F43: a registrar gave a new key to a party that still had keys.

A case is a recovery (`key.recovered`) of a party of which another key, not called lost, could
sign; or one that a key of the party contested.

A recovery is for those who lost every key. A party with a live `admin` key enrols the next one by
itself, so a registrar that steps in either did not ask, or is not the one who asked: the way in
that most accounts are stolen by is their recovery (NIST SP 800-63B 6.1.2). A contested one is the
party's own word that it did not ask.

Innocent where the live key is of a kind or holder that cannot enrol. Look at the application and
at who brought it, and ask the holders of the live keys.
"""

from collections.abc import Iterator

from projections.flags.keys import RECOVERIES, Recovery
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(recovery: Recovery, _thresholds: Thresholds) -> Iterator[Flagged]:
    contested = recovery.contested_position
    if recovery.live or contested is not None:
        ended = () if contested is None else (contested,)
        yield Flagged(
            f"party/{recovery.party}",
            (*recovery.live, recovery.position, *ended),
            {
                "party": recovery.party,
                "live": len(recovery.live),
                "outcome_word": "contested by the party" if ended else "not contested",
            },
            party=recovery.party,
        )


F43 = Rule(
    "f43",
    "key recovered for a party with live keys",
    "{party} got a new key from a registrar with {live} others live and not called lost: "
    "{outcome_word}.",
    "NIST SP 800-63B 6.1.2",
    RECOVERIES,
    _judge,
    ("contested by the party", "not contested"),
)
