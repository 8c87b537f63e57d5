"""What the audit asks of an engine. Two keep it: `duck` on one machine, `spark` on many."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from projections.national.checking import Month, MonthFound
from projections.national.columns import ColumnFolder
from projections.national.keys import Enrolled
from projections.national.questions import Dialect

Keys = Mapping[str, Enrolled]


class Engine(Protocol):
    """Reads the columns of several ledgers, by SQL and month by month.

    The tables `events` and `postings` have the number of each row's ledger in their column
    `ledger`. Only ledgers whose months were checked are opened: their files can be read.
    """

    @property
    def dialect(self) -> Dialect:
        """The engine's words."""

    def open(self, folders: Mapping[int, ColumnFolder]) -> None:
        """Read these ledgers, by their numbers, from now on."""

    def keep(self, name: str, question: str) -> None:
        """Keep what a question gives as a table of that name."""

    def rows(self, question: str) -> Iterator[tuple[Any, ...]]:
        """Yield what a question gives."""

    def check(
        self, asked: Iterable[tuple[Month, Keys]], *, signatures: bool
    ) -> Iterator[MonthFound]:
        """Yield what `check_month` finds of each month, with its ledger's keys, in any order."""

    def close(self) -> None:
        """Let go of everything."""
