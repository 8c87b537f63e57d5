"""How well the flags find what was planted: precision and recall against a city's labels.

A label stands on one event of a case (docs/simulation.md). `MATCHES` says for each label which
flag it is a case of, and by what a found case is that label's: the labelled event is among the
case's evidence; or, where a pattern is made of many events and the label stands on one that need
not be shown, the case is about the very subject that the label names.

    recall      of the labels of a flag, the share that a case of it matches
    precision   of the cases of a flag, the share that matches a label of it

Whatever looks the same and was not planted counts against precision: it is honest in a simulated
city, and `HONEST` says for each flag how it comes about.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from ledger.money import PPM
from projections.flags.asking import Flag
from projections.flags.extracts import Label
from projections.flags.rule import Rule


class Match(NamedTuple):
    """When a case is a label's: its evidence has the event, or its subject is the label's.

    Attributes:
        rule: id of the flag.
        subject: kind of subject, and the field of the label that names it, where the subject
            counts as well; None where the event must be there.

    """

    rule: str
    subject: tuple[str, str] | None = None


MATCHES: Mapping[str, tuple[Match, ...]] = {
    "ghost": (Match("f07"), Match("f08")),
    "overlap": (Match("f02"),),
    "two_workers": (Match("f03"),),
    "impossible_travel": (Match("f04"),),
    "overlong_day": (Match("f05"),),
    "borrowed_name": (Match("f06"),),
    "after_death": (Match("f01"),),
    "double_funding": (Match("f16"),),
    "billed_twice": (Match("f17"),),
    "proxy": (Match("f14"),),
    "rubber_stamp": (Match("f18", ("party", "office")),),
    "above_cap": (Match("f11", ("contract", "contract")),),
    "split_purchase": (Match("f24", ("tender", "tender")),),
    "bid_ring": (Match("f27", ("tender", "tender")), Match("f28", ("tender", "tender"))),
}
"""Which flags a label is a case of. What came about by itself (`cut`, …) is a case of none."""

HONEST: Mapping[str, str] = {
    "f02": "a planted journey, long day or second visit may overlap the worker's next one",
    "f03": "who is served by a worker in two places at once may be served at once as well",
    "f04": "a worker in two places at once has travelled impossibly, too",
    "f05": "planted visits fill up days that were long already",
    "f07": "8 % of all visits are entered by hand, without a place, and honest",
    "f08": "8 % of all visits are entered by hand, and honest",
}
"""How cases come about that nobody planted, by flag."""


class FlagStatistics(Struct, frozen=True):
    """How well a flag finds what was planted.

    Attributes:
        rule: its id.
        title: what is conspicuous.
        labels: cases planted for it.
        found: of them, those that a case of the flag matches.
        cases: what the flag found.
        true: of them, those that match a label.
        recall_ppm: found ÷ labels; None where nothing was planted.
        precision_ppm: true ÷ cases; None where nothing was planted, or found.
        honest: how other cases come about, or None.

    """

    rule: str
    title: str
    labels: int
    found: int
    cases: int
    true: int
    recall_ppm: int | None
    precision_ppm: int | None
    honest: str | None


def measure(
    rules: Sequence[Rule[Any]], cases: Iterable[Flag], labels: Iterable[Label]
) -> list[FlagStatistics]:
    """Return the statistics of each rule, in the rules' order.

    Cost: memory for the evidence of all cases.
    """
    targets: dict[str, _Targets] = {rule.id: _Targets() for rule in rules}
    for label in labels:
        for match in MATCHES.get(label.label, ()):
            if match.rule in targets:
                targets[match.rule].add(label, match)
    for case in cases:
        if case.rule in targets:
            targets[case.rule].see(case)
    return [_statistics(rule, targets[rule.id]) for rule in rules]


class _Targets:
    """The labels of one flag, and how its cases met them."""

    def __init__(self) -> None:
        """Begin without any."""
        self.labels = 0
        self.cases = 0
        self.true = 0
        self.hit: set[int] = set()
        self._by_event: dict[str, list[int]] = {}
        self._by_subject: dict[str, list[int]] = {}

    def add(self, label: Label, match: Match) -> None:
        """Add a label."""
        number = self.labels
        self.labels += 1
        self._by_event.setdefault(label.event, []).append(number)
        if match.subject is not None:
            kind, field = match.subject
            named = label.facts.get(field)
            if named is not None:
                self._by_subject.setdefault(f"{kind}/{named}", []).append(number)

    def see(self, case: Flag) -> None:
        """Match a case with the labels."""
        self.cases += 1
        about = {case.subject}
        about |= {f"contract/{case.contract}", f"party/{case.party}"}
        met = [n for event in case.evidence for n in self._by_event.get(event, ())]
        met += [n for subject in about for n in self._by_subject.get(subject, ())]
        self.true += bool(met)
        self.hit.update(met)


def _statistics(rule: Rule[Any], met: _Targets) -> FlagStatistics:
    found = len(met.hit)
    return FlagStatistics(
        rule=rule.id,
        title=rule.title,
        labels=met.labels,
        found=found,
        cases=met.cases,
        true=met.true,
        recall_ppm=found * PPM // met.labels if met.labels else None,
        precision_ppm=met.true * PPM // met.cases if met.labels and met.cases else None,
        honest=HONEST.get(rule.id),
    )
