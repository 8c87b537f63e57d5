"""What a purchaser will doubt of the visits that are billed, decided when they are recorded.

Only what looks wrong is kept, and only until its claim is answered.
"""

from collections import defaultdict

from ledger.events.base import ReasonCode
from ledger.identity import Stream

NOTICED: dict[str, tuple[ReasonCode, int]] = {
    "ghost": ("NO_CONFIRMATION", 30),
    "overlap": ("WORKER_OVERLAP", 30),
    "borrowed_name": ("OTHER", 15),
    "overlong_day": ("OVERTIME", 25),
    "double_funding": ("OTHER_FUND", 10),
    "two_workers": ("ELDER_OVERLAP", 30),
    "impossible_travel": ("PLACE_UNVERIFIED", 25),
    "after_death": ("EXITED", 60),
    "billed_twice": ("DUPLICATE", 50),
    "far": ("PLACE_UNVERIFIED", 32),
    "missing": ("MISSING_ELEMENT", 32),
    "manual": ("MANUAL_NO_REASON", 5),
}
"""Why a visit is cut for what is wrong with it, and how often of 100 the purchaser notices."""


class Doubts:
    """Visits to be cut or disputed, by contract.

    Attributes:
        cuts: reason by visit.
        disputed: visits whose payment is to wait.
        ghosts: visits that never took place: a check on the spot finds nobody who knows of them.

    """

    def __init__(self, chance: Stream, disputed_of_1000: int) -> None:
        """Begin without a doubt."""
        self.cuts: defaultdict[str, dict[str, ReasonCode]] = defaultdict(dict)
        self.disputed: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.ghosts: defaultdict[str, set[str]] = defaultdict(set)
        self._chance = chance
        self._disputed_of_1000 = disputed_of_1000

    def consider(self, contract: str, visit: str, wrong: str) -> None:
        """Decide whether a visit will be doubted; `wrong` is what is wrong with it, or nothing."""
        if wrong == "ghost":
            self.ghosts[contract].add(visit)
        if wrong:
            reason, of_100 = NOTICED[wrong]
            if self._chance.below(100) < of_100:
                self.cuts[contract][visit] = reason
        elif self._chance.below(1_000) < self._disputed_of_1000:
            self.disputed[contract][visit] = None
