"""What a red flag is: a rule over a group of facts, and what it says of them.

A flag is a reason to look, never a verdict. Its rule is a pure function: a group of facts and the
thresholds in, what is conspicuous out. The facts come from read models, in groups of a *scope* (a
day's visits, a tender with its bids, a claim), and a rule sees one group at a time; so what one
group gives never depends on another, and only the groups in which something changed are judged
again.

    F02 = Rule("f02", …, scope=DAYS, judge=_judge)

    def _judge(day: Day, thresholds: Thresholds) -> Iterator[Flagged]:
        for earlier, later in overlaps(day.of_workers):
            …
            yield Flagged(f"worker/{later.worker}", (earlier.position, later.position), …)
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from projections.model import ReadModel
from projections.sources import Sources

T = TypeVar("T")

Thresholds = Mapping[str, int]
"""From where on something is a reason to look, by what it measures (`ledger.events.rulebook`)."""


class Facts(NamedTuple):
    """What rules may know.

    Attributes:
        sources: the read models, at one place of the ledger.
        offset_minutes: the ledger's local time, minutes ahead of UTC.
        persons: who a token stands for, as the keeper of the vault gave it to an auditor; empty
            for everybody else, and then nothing is said that needs it.
        loaded: what was asked for by `once`.

    """

    sources: Sources
    offset_minutes: int
    persons: Mapping[str, str]
    loaded: dict[Callable[["Facts"], Any], Any]

    def once(self, load: Callable[["Facts"], T]) -> T:
        """Return what `load` finds, which is asked for by several scopes, and loaded once."""
        if load not in self.loaded:
            self.loaded[load] = load(self)
        found: T = self.loaded[load]
        return found


class Group(Protocol):
    """Facts that are judged together."""

    @property
    def key(self) -> str:
        """What tells the group apart within its scope."""


class Flagged(NamedTuple):
    """Something conspicuous.

    Attributes:
        subject: who or what, `worker/w-17`.
        evidence: positions of the events it follows from; never empty.
        facts: what was measured, for the sentence of the rule; amounts in fen end in `_fen`,
            shares in `_ppm`, words that the catalogue translates in `_word`.
        contract: the contract concerned, if it is one.
        party: the party concerned, if it is one.

    """

    subject: str
    evidence: tuple[int, ...]
    facts: dict[str, int | str]
    contract: str | None = None
    party: str | None = None


G = TypeVar("G", bound=Group)


class Scope(NamedTuple, Generic[G]):
    """How facts are grouped.

    Attributes:
        name: its name.
        sources: the read models it reads.
        changed: keys of the groups in which something may have changed from a position on; None
            where that is any.
        groups: the groups with these keys, or all for None; memory for one at a time.

    """

    name: str
    sources: tuple[ReadModel, ...]
    changed: Callable[[Facts, int], Sequence[str] | None]
    groups: Callable[[Facts, Sequence[str] | None], Iterator[G]]


class Rule(NamedTuple, Generic[G]):
    """A red flag.

    Attributes:
        id: its id, `f02`; the published rule of its thresholds is `flag/f02`.
        title: what is conspicuous, in a few words.
        sentence: what is said of a case; `{names}` are its facts.
        source: where the rule comes from: a statute, a standard, audit practice.
        scope: which facts it judges together.
        judge: the rule itself.
        words: what its facts ending in `_word` may say.

    """

    id: str
    title: str
    sentence: str
    source: str
    scope: Scope[G]
    judge: Callable[[G, Thresholds], Iterable[Flagged]]
    words: tuple[str, ...] = ()

    @property
    def published(self) -> str:
        """Name of the published rule that holds its thresholds, `flag/f02`."""
        return f"flag/{self.id}"
