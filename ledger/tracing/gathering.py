"""Figures over many subjects: sums of figures, each of which is traced further down to events.

    gathering = Gathering(store)
    gathering.parts("party/PRO", "paid")      contract/c-1 paid, contract/c-2 paid, …

    figures of            are summed over
    party/P               its contracts, and the payments under them by days
    buyer/P               what it owes that is overdue
    programme/G           its contracts and tenders; people are events of its own
    overview              programmes, the budget years, and buyers
    overview/2025         the sources of the year
    overview/2025/city    its fund lines

Who belongs to whom is what the signed events say: the provider of a `contract.signed`, the tender
whose history it is in, the programme of a `tender.published`, the year and source of a
`budget.appropriated`. No read model is asked.

Cost: the first event of each contract, tender or line; then, of each part, the events that state
the figures and its postings.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from ledger.errors import LedgerError
from ledger.events import decode_event
from ledger.figures import FIGURES, Unit, is_flow, unit_of
from ledger.postings import STAGES
from ledger.remembering import STATUSES
from ledger.store.histories import history_of, keys_of
from ledger.store.reading import Reader
from ledger.tracing.adding import EVER, figures_of
from ledger.tracing.dated import COUNTS, DAYS, OF_PAYMENTS, OVERDUE, Dated, amount_of

OVERVIEW = "overview"
Rule = tuple[str, str]

_STAGES = tuple(f"stage/{stage}" for stage in STAGES)
_LEVELS = ("overview", "year", "source")
_MONEY = ("granted", *_STAGES)
_PEOPLE = ("enrolled", "exited", "entitled")
_MOST = 1 << 30


def _same(member: str, *figures: str) -> dict[str, tuple[Rule, ...]]:
    return {figure: ((member, figure),) for figure in figures}


SUMS: Mapping[str, Mapping[str, tuple[Rule, ...]]] = {
    "party": {
        **_same("contract", *(each.name for each in FIGURES["contract"] if not each.is_family)),
        **_same("payment", *OF_PAYMENTS),
    },
    "buyer": _same("claim", *OVERDUE),
    "programme": {
        "tenders": (("tender", "published"),),
        "open_tenders": (("tender", "open"),),
        **_same("contract", *STATUSES, "value", "accrued", "paid"),
        **_same("contract", "scores", "score_sum", "factor_sum"),
        **{figure: (("tender", figure), ("contract", figure)) for figure in _STAGES},
    },
    "overview": {
        "programmes": (("programme", "established"),),
        **_same("programme", "tenders", "open_tenders", *STATUSES, *_PEOPLE),
        **_same("year", *_MONEY),
        **_same("buyer", *OVERDUE),
    },
    "year": _same("source", *_MONEY),
    "source": _same("line", *_MONEY),
}
"""Of which kind of part, and which of its figures, a figure is the sum.

What stands by line in a programme's contracts and tenders (`<line>/stage/paid`) goes up with it,
and so does what its contracts delivered by month (`delivered/…`) and what scores found of an
indicator (`indicator/…`).
"""

FAMILIES = frozenset({"delivered", "indicator"})
"""Families of figures of contracts that are those of their programme."""

_BY_DAYS = frozenset({"payment", "claim", "buyer"})
"""What is counted by days, which contracts' own histories do not tell by position."""


class Part(NamedTuple):
    """A part of a figure: a subject, which of its figures, and how much that is."""

    key: str
    figure: str
    sum: int


def kind_of(key: str) -> str:
    """Return the kind of a subject, or the level of an overview."""
    kind, _, rest = key.partition("/")
    if kind != OVERVIEW:
        return kind
    return _LEVELS[min(len(rest.split("/")) if rest else 0, len(_LEVELS) - 1)]


def is_sum(key: str, figure: str) -> bool:
    """Return whether a figure is a sum of figures, and not of events."""
    return _is_sum(kind_of(key), figure)


def unit_at(key: str, figure: str) -> Unit:
    """Return the unit of a figure, of whatever kind."""
    kind = kind_of(key)
    if kind == "approver":
        return "fen" if figure.endswith(("/value", "/refused")) else "count"
    if kind == "beneficiary" or figure in COUNTS or figure.startswith(DAYS):
        return "count"
    if figure.endswith("_ppm"):
        return "ppm"
    while figure in SUMS.get(kind, ()) and _is_sum(kind, figure):
        kind, figure = SUMS[kind][figure][0]
    if kind == "programme" and _is_passed(kind, figure):
        kind = "contract"
    return unit_of(kind, figure) if kind in FIGURES else "fen"


def _is_passed(kind: str, figure: str) -> bool:
    """Return whether a figure goes up from contracts and tenders under its own name."""
    return kind == "programme" and (is_flow(figure) or figure.partition("/")[0] in FAMILIES)


def _passed(kind: str, figure: str) -> tuple[Rule, ...]:
    """Return of which parts a figure is the sum that goes up under its own name."""
    if not _is_passed(kind, figure):
        return ()
    own = ("contract", figure)
    return (("tender", figure), own) if is_flow(figure) else (own,)


def _is_sum(kind: str, figure: str) -> bool:
    return kind in SUMS and not any(each.name == figure for each in FIGURES.get(kind, ()))


class Gathering:
    """Adds up figures over subjects."""

    def __init__(self, reader: Reader, day: str | None = None) -> None:
        """Read nothing yet; what is overdue is that at the end of `day`, else of the newest.

        Raises:
            LedgerError: `day` is no date.

        """
        self._reader = reader
        self.dated = Dated(reader, day)

    def totals(
        self,
        key: str,
        wanted: Collection[str] | None = None,
        within: range = EVER,
        *,
        flows: bool = False,
    ) -> dict[str, int]:
        """Return figures of a subject, those `wanted` or all; `flows`: what single postings moved.

        Raises:
            LedgerError: there are no figures of this kind.

        """
        kind = kind_of(key)
        if kind not in SUMS:
            return figures_of(self._reader, key, key, wanted, within, flows=flows)
        names = set(wanted) if wanted is not None else set(SUMS[kind])
        if within != EVER:
            names -= {name for name in names if self._is_dated(kind, name)}
        totals = dict.fromkeys((name for name in SUMS[kind] if name in names), 0)
        if kind in FIGURES:
            totals |= figures_of(self._reader, key, key, wanted, within)
        for name, part in self._parts(key, names, within, flows=flows and kind == "programme"):
            totals[name] = totals.get(name, 0) + part.sum
        if kind == "party" and wanted is None and within == EVER:
            totals |= self.dated.histogram(self._members(key, "contract"))
        return totals

    def parts(self, key: str, figure: str, within: range = EVER) -> list[Part]:
        """Return the parts that a figure is the sum of, but for those that are nothing.

        Raises:
            LedgerError: the subject has no such figure.

        """
        kind = kind_of(key)
        if self._is_dated(kind, figure):
            if within != EVER:
                raise LedgerError(f"{figure} counts days, whenever recorded: omit --month")
            return list(self._dated_parts(key, figure))
        if figure not in SUMS[kind] and not _is_passed(kind, figure):
            names = ", ".join((*SUMS[kind], *(each.name for each in FIGURES.get(kind, ()))))
            raise LedgerError(f"{key} has no figure {figure}; it has {names}")
        return [part for _, part in self._parts(key, {figure}, within)]

    def check(self, key: str) -> None:
        """Check that a subject has parts at all.

        Raises:
            LedgerError: it has none.

        """
        kind = kind_of(key)
        members = {member for rules in SUMS[kind].values() for member, _ in rules} - _BY_DAYS
        members |= {"contract"} if kind == "buyer" else set()
        if kind not in FIGURES and not any(self._members(key, each) for each in members):
            raise LedgerError(
                f"{key} has no figures: those of a party are sums over its contracts, those of "
                "overview/YEAR and overview/YEAR/SOURCE over fund lines"
            )

    def _parts(
        self, key: str, names: Collection[str], within: range, *, flows: bool = False
    ) -> Iterable[tuple[str, Part]]:
        kind = kind_of(key)
        needs: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for name in names:
            if self._is_dated(kind, name):
                yield from ((name, part) for part in self._dated_parts(key, name))
                continue
            for member, figure in SUMS[kind].get(name, _passed(kind, name)):
                needs[member][figure] = name
        for member, wanted in needs.items():
            for each in self._members(key, member):
                for figure, fen in self.totals(each, wanted, within, flows=flows).items():
                    name = wanted.get(figure, figure)
                    if fen:
                        yield name, Part(each, figure, fen)

    def dated_values(self, key: str, figure: str) -> list[Part]:
        """Return a figure by days of each payment of a party, also where it is nothing."""
        contracts = self._members(key, "contract")
        return [
            Part(f"payment/{payment}", figure, amount_of(wait, figure))
            for contract in contracts
            for payment, wait in self.dated.book(contract).waits.items()
        ]

    @staticmethod
    def _is_dated(kind: str, figure: str) -> bool:
        """Return whether a figure is added up of what counts days by the law."""
        if kind == "party" and figure.startswith(DAYS):
            return True
        return any(member in _BY_DAYS for member, _ in SUMS[kind].get(figure, ()))

    def _dated_parts(self, key: str, figure: str) -> Iterable[Part]:
        if key == OVERVIEW:
            for buyer in self._contracts_by_buyer:
                total = sum(part.sum for part in self._dated_parts(buyer, figure))
                if total:
                    yield Part(buyer, figure, total)
            return
        contracts = self._members(key, "contract")
        found = self.dated.sums if key.startswith("buyer/") else self.dated.payments
        yield from (Part(part, figure, amount) for part, amount in found(figure, contracts))

    # -- who belongs to whom ---------------------------------------------------------------------

    def _members(self, key: str, kind: str) -> list[str]:
        """Return the subjects of a kind that belong to another."""
        if kind == "programme":
            return list(keys_of(self._reader, kind))
        if kind == "contract" and key.startswith("party/"):
            return self._contracts_by_party[key]
        if kind == "contract" and key.startswith("buyer/"):
            return self._contracts_by_buyer[key]
        if kind in {"contract", "tender"}:
            tenders = self._tenders_by_programme[key]
            return tenders if kind == "tender" else self._signed_under(tenders)
        return self._lines_by_level[key]

    @cached_property
    def _contracts_by_party(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key in keys_of(self._reader, "contract"):
            found[f"party/{self._first(key).provider}"].append(key)
        return found

    @cached_property
    def _contracts_by_buyer(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key in keys_of(self._reader, "contract"):
            found[f"buyer/{self._first(key).buyer}"].append(key)
        return found

    @cached_property
    def _tenders_by_programme(self) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key in keys_of(self._reader, "tender"):
            found[f"programme/{self._first(key).programme}"].append(key)
        return found

    @cached_property
    def _lines_by_level(self) -> dict[str, list[str]]:
        """Return the years of the overview, the sources of each year, and the lines of each."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for key in keys_of(self._reader, "line"):
            first = self._first(key)
            year = f"{OVERVIEW}/{first.year}"
            source = f"{year}/{first.source}"
            for above, below in ((OVERVIEW, year), (year, source), (source, key)):
                if below not in found[above]:
                    found[above].append(below)
        return found

    def _signed_under(self, tenders: Iterable[str]) -> list[str]:
        """Return the contracts that were signed under tenders, whose histories tell of them."""
        return [
            f"contract/{decode_event(row.body).contract}"  # type: ignore[attr-defined]
            for tender in tenders
            for row in history_of(self._reader, tender, "contract.signed", -1, _MOST)
        ]

    def _first(self, key: str) -> Any:
        """Return the first event of a subject: what signed, published or appropriated it."""
        return decode_event(next(iter(self._reader.history(key, 1, 2))).body)
