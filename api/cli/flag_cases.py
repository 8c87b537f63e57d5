"""The cases that a command on red flags is about: as kept, or judged anew as the caller asks."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from api.cli.session import read_input
from ledger.errors import LedgerError, Malformed
from ledger.events.base import MAX_LIST
from ledger.times import MS_PER_DAY, MS_PER_MINUTE, parse_date, parse_instant
from projections.flags.asking import (
    OWN,
    Flag,
    find_flag,
    judge_anew,
    list_flags,
    position_since,
)
from projections.flags.extracts import read_persons
from projections.paging import Page, parse_mark

if TYPE_CHECKING:
    from projections.engine import Projections

T = TypeVar("T")

_DATE = len("2026-03-01")
_NUMBER = re.compile(r"[0-9]{1,18}")  # no database and no rule counts further


class Sought(NamedTuple):
    """Which cases a list is to hold; None where any will do."""

    rules: Sequence[str]
    contract: str | None
    party: str | None
    subject: str | None
    since: str | None
    after: str | None
    limit: int


class Asked(NamedTuple):
    """How cases are judged.

    Attributes:
        thresholds: the caller's own, by flag and by what they measure.
        persons: who tokens stand for, as the vault's keeper told the caller.

    """

    thresholds: dict[str, dict[str, int]]
    persons: dict[str, str]

    @property
    def is_anew(self) -> bool:
        """Whether all is judged anew, rather than read as it is kept."""
        return bool(self.thresholds or self.persons)

    def judged(
        self, projections: "Projections", rules: Sequence[str], since: int = 0
    ) -> list[Flag]:
        """Judge everything anew."""
        return judge_anew(
            projections,
            rules=rules,
            thresholds=self.thresholds,
            persons=self.persons,
            since=since,
        )

    def page(self, projections: "Projections", sought: Sought) -> Page[Flag]:
        """Return the cases that are sought.

        Raises:
            LedgerError: there is no such flag or threshold.
            Malformed: the mark is not what a page said.

        """
        since = _position(projections, sought.since)
        if self.is_anew:
            return self._page_anew(projections, sought, since)
        return list_flags(
            projections,
            rules=sought.rules,
            contract=sought.contract,
            party=sought.party,
            subject=sought.subject,
            since=since,
            after=sought.after,
            limit=sought.limit,
        )

    def _page_anew(self, projections: "Projections", sought: Sought, since: int) -> Page[Flag]:
        begins = (-1, "") if sought.after is None else parse_mark(sought.after)
        cases = [
            case
            for case in self.judged(projections, sought.rules, since)
            if (case.position, case.flagged) > begins
            and sought.contract in (None, case.contract)
            and sought.party in (None, case.party)
            and sought.subject in (None, case.subject)
        ]
        shown = tuple(cases[: sought.limit])
        more = f"{shown[-1].position}/{shown[-1].flagged}" if len(cases) > len(shown) else None
        return Page(projections.status("flags")[0].position, shown, more)

    def case(self, projections: "Projections", flagged: str) -> Flag:
        """Return a case by what the list names it.

        Raises:
            LedgerError: there is none.

        """
        if not self.is_anew:
            found = find_flag(projections, flagged)
        else:
            rule = flagged.partition("/")[0]
            cases = self.judged(projections, (rule,))
            found = next((each for each in cases if each.flagged == flagged), None)
        if found is None:
            raise LedgerError(f"there is no case {flagged}; `sunledger flags` lists all")
        return found


def asked_with(own: Sequence[str] | None, persons: Path | None) -> Asked:
    """Return how to judge, as the options say.

    Raises:
        LedgerError: an own threshold is not written as one.
        Malformed: the extract is none, with the number of the line.

    """
    thresholds: dict[str, dict[str, int]] = {}
    for text in own or ():
        name, equals, value = text.partition("=")
        rule, dot, measure = name.partition(".")
        if not (equals and dot and rule and measure and _NUMBER.fullmatch(value)):
            raise LedgerError(f"{text} is no threshold: write one as f02.minutes=10")
        thresholds.setdefault(rule.casefold(), {})[measure] = int(value)
    return Asked(thresholds, {} if persons is None else read_named(persons, read_persons))


def read_named(path: Path, read: Callable[[bytes], T]) -> T:
    """Return what a file holds, the file named in whatever is wrong with it.

    Raises:
        Malformed: it cannot be read as that.

    """
    try:
        return read(read_input(path))
    except Malformed as error:
        raise Malformed(f"{path}, {error}") from None


def drafted(case: Flag, name: str) -> dict[str, Any]:
    """Return the `flag.raised` by which an auditor adopts a case.

    Raises:
        LedgerError: it cannot be one, and why.

    """
    if case.version == OWN:
        raise LedgerError(
            f"the case {case.flagged} rests on thresholds of your own: a flag is raised by the "
            "version of its rule in force (`rule.published` brings another)"
        )
    if case.contract is None and case.party is None:
        raise LedgerError(
            f"the case {case.flagged} is about {case.subject}, neither a contract nor a party, and "
            "a flag is about one of them: issue a finding instead"
        )
    evidence = sorted(set(case.evidence))
    if len(evidence) > MAX_LIST:
        raise LedgerError(
            f"the case {case.flagged} follows from {len(evidence)} events, and an event names "
            f"{MAX_LIST} at most"
        )
    about = {"party": case.party} if case.contract is None else {"contract": case.contract}
    return {
        "type": "flag.raised",
        "flag": name,
        "rule": f"flag/{case.rule}@{case.version}",
        "about": about,
        "evidence": evidence,
    }


def _position(projections: "Projections", since: str | None) -> int:
    """Return the position that `--since` means: itself, or the first of a time or local date."""
    if since is None:
        return 0
    if _NUMBER.fullmatch(since):
        return int(since)
    try:
        if len(since) == _DATE:
            midnight_ms = parse_date(since) * MS_PER_DAY
            instant_ms = midnight_ms - projections.feed.offset_minutes * MS_PER_MINUTE
        else:
            instant_ms = parse_instant(since)
    except Malformed:
        raise LedgerError(
            f"{since} is no position, date or time: write 3141, 2026-03-01 or "
            "2026-03-01T08:00:00.000Z"
        ) from None
    return position_since(projections, instant_ms)
