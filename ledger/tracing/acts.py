"""What a key did: its acts of a kind, in order, each as it was signed.

There is no index from a key to what it signed, so every event of the kind is passed over, and the
key lines below its statement's text are looked at. Each act is one event, whose event proof shows
the signature; how far apart two acts are is said by them (`at`) and by when they were recorded.

    figure               each act adds
    acts                 1
    refusing             1 where it refuses something: an answer with cuts or disputes, a return
    value                what it accepts, approves or orders, in fen
    refused              what it cuts, disputes or returns, in fen
    gaps/15              1 where the act before it lies 15 seconds from it, as the signer says
    recorded_gaps/15     the same by the record

Gaps beyond a minute are counted by the least of their bucket (`bucket_of`).

Cost: some 10 µs for each event of the kind in the ledger.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple, get_args

from msgspec import UNSET

from ledger.errors import LedgerError, Malformed
from ledger.events import Event, decode_event, name_of_type
from ledger.events.claim import ClaimAnswered
from ledger.events.delivery import VisitConfirmed, VisitDenied
from ledger.events.payment import (
    PaymentApproved,
    PaymentOrdered,
    PaymentRequested,
    PaymentReturned,
)
from ledger.store.histories import events_with_notes, history_of, home_of
from ledger.store.reading import Reader
from ledger.store.rows import EventRow
from ledger.times import MS_PER_SECOND, parse_instant
from ledger.tracing.adding import AddedUp, Addend
from ledger.tracing.made import Ground, Made

ActKind = Literal["confirmation", "denial", "answer", "approval", "return", "order"]
"""Kinds of acts: of visits, of claims, and of payments."""

ACTS: dict[ActKind, type[Event]] = {
    "confirmation": VisitConfirmed,
    "denial": VisitDenied,
    "answer": ClaimAnswered,
    "approval": PaymentApproved,
    "return": PaymentReturned,
    "order": PaymentOrdered,
}

EXACT_S = 60
"""Gaps up to so many seconds are counted each by itself."""

WIDER_S = (61, 300, 3_600, 86_400)
"""Where the buckets of longer gaps begin: a minute, five, an hour, a day."""

FIGURES = ("acts", "refusing", "value", "refused")
"""Figures of acts that are no gaps."""

_GAPS = ("gaps", "recorded_gaps")
_MOST = 1 << 30


class Judged(NamedTuple):
    """Whether an act refuses something, and how much it grants and refuses, in fen."""

    refusing: int
    value_fen: int
    refused_fen: int


class Act(NamedTuple):
    """An act: its event, what it says, and the gaps to the one before, in seconds by bucket."""

    row: EventRow
    judged: Judged
    gap_s: int | None
    recorded_gap_s: int | None


def judge(event: Any, principal_fen: int) -> Judged:
    """Return what an act grants and refuses; `principal_fen` is that of the payment it is about."""
    if isinstance(event, ClaimAnswered):
        refused_fen = sum(cut.amount_fen for cut in event.cuts)
        refused_fen += sum(each.amount_fen for each in event.disputed)
        return Judged(int(refused_fen > 0), event.accepted_fen, refused_fen)
    if isinstance(event, PaymentApproved):
        return Judged(0, principal_fen, 0)
    if isinstance(event, PaymentReturned):
        return Judged(1, 0, principal_fen)
    if isinstance(event, PaymentOrdered):
        interest_fen = 0 if event.interest_fen is UNSET else event.interest_fen
        return Judged(0, event.principal_fen + interest_fen, 0)
    return Judged(0, 0, 0)


def bucket_of(gap_ms: int) -> int:
    """Return the seconds by which a gap is counted, whichever way it goes."""
    seconds = abs(gap_ms) // MS_PER_SECOND
    return seconds if seconds <= EXACT_S else WIDER_S[bisect_right(WIDER_S, seconds) - 1]


def figures_of_acts(reader: Reader, key: str) -> dict[str, int]:
    """Return all that is counted of a key's acts, by `<kind>/<figure>`; without acts nothing."""
    totals: dict[str, int] = {}
    for kind in get_args(ActKind):
        for act in _acts(reader, key, kind):
            for figure, amount in _adds(act).items():
                name = f"{kind}/{figure}"
                totals[name] = totals.get(name, 0) + amount
    return totals


def add_up_acts(
    reader: Reader, key: str, figure: str, *, after: int = -1, limit: int = 100
) -> AddedUp:
    """Return a figure of a key's acts, `<kind>/<figure>`, and a page of them.

    Raises:
        LedgerError: there is no such figure.

    """
    kind, _, name = figure.partition("/")
    if kind not in ACTS or name.partition("/")[0] not in (*FIGURES, *_GAPS):
        kinds, names = ", ".join(ACTS), ", ".join((*FIGURES, *(f"{each}/15" for each in _GAPS)))
        raise LedgerError(
            f"a key has no figure {figure}; one is named KIND/FIGURE, with {kinds} as kind, and "
            f"{names} as figure"
        )
    page: list[Addend] = []
    running = acts = behind = 0
    for act in _acts(reader, key, kind):
        amount = _adds(act).get(name, 0)
        if not amount:
            continue
        running += amount
        acts += 1
        if act.row.position > after:
            behind += 1
            if len(page) < limit:
                page.append(Addend(act.row, amount, running))
    return AddedUp(running, acts, tuple(page), behind > len(page))


def _adds(act: Act) -> dict[str, int]:
    refusing, value_fen, refused_fen = act.judged
    adds = {"acts": 1, "refusing": refusing, "value": value_fen, "refused": refused_fen}
    if act.gap_s is not None:
        adds[f"gaps/{act.gap_s}"] = 1
    if act.recorded_gap_s is not None:
        adds[f"recorded_gaps/{act.recorded_gap_s}"] = 1
    return adds


def _acts(reader: Reader, key: str, kind: str) -> Iterator[Act]:
    event_type = ACTS[kind]  # type: ignore[index]  # whoever asks has looked it up
    principals = _Principals(reader)
    before: tuple[int, int] | None = None
    for row, recorded_ms in _signed(reader, key, name_of_type(event_type)):
        event: Any = decode_event(row.body)
        at_ms = instant_of(event.at, recorded_ms)
        principal_fen = 0
        if isinstance(event, PaymentApproved | PaymentReturned):
            principal_fen = principals.of(event.payment, row)
        gaps: tuple[int | None, int | None] = (None, None)
        if before is not None:
            gaps = bucket_of(at_ms - before[0]), bucket_of(recorded_ms - before[1])
        before = at_ms, recorded_ms
        yield Act(row, judge(event, principal_fen), *gaps)


def instant_of(at: str, recorded_ms: int) -> int:
    """Return the instant that a signer names; one in no calendar is that of the record."""
    try:
        return parse_instant(at)
    except (Malformed, ValueError):
        return recorded_ms


def _signed(reader: Reader, key: str, type_name: str) -> Iterator[tuple[EventRow, int]]:
    """Yield the events of a type whose statement a key signed, and when each was recorded."""
    line = f"\n\N{EM DASH} {key} ".encode()
    for row, note, recorded_ms in events_with_notes(reader, type_name):
        if line in b"\n" + note.rpartition(b"\n\n")[2]:
            yield row, recorded_ms


class _Principals:
    """What payments ask for, each contract's requests read once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[str, int] = {}

    def of(self, payment: str, row: EventRow) -> int:
        """Return the principal of the payment that an event is about."""
        if payment not in self._known:
            home = home_of(self._reader, row)
            for asked in history_of(self._reader, home, _REQUESTED, -1, _MOST):
                event: Any = decode_event(asked.body)
                self._known[event.payment] = event.principal_fen
        return self._known[payment]


_REQUESTED = name_of_type(PaymentRequested)


def median_of_gaps(key: str, figures: Mapping[str, int], figure: str) -> Made | None:
    """Return the median of a key's gaps, `<kind>/median_gap` or `<kind>/median_recorded_gap`.

    Of two in the middle it is the shorter; None of a key without two acts.
    """
    kind, _, median = figure.partition("/")
    prefix = f"{kind}/{'gaps' if median == 'median_gap' else 'recorded_gaps'}/"
    gaps = sorted(
        (int(name.removeprefix(prefix)), number)
        for name, number in figures.items()
        if name.startswith(prefix)
    )
    middle = (sum(number for _, number in gaps) + 1) // 2
    of = tuple(Ground(key, f"{prefix}{gap}", number) for gap, number in gaps)
    for gap, number in gaps:
        middle -= number
        if middle <= 0:
            return Made(gap, "median", of)
    return None
