r"""History proofs: all that touched a subject up to a closing, complete, provable offline.

**History proof** (`.historyproof`): lines of canonical JSON, each ended by a line feed. The first
is a state proof (`ledger.stateproof`); then comes every event that touches the subject, in order,
as it was signed, each followed by what it posted about the subject, a line a posting:

    {"closing":{…},"leaf":"{\"chain\":\"4da6…\",\"events\":31, …}","leaf_index":7,"path":[…]}
    {"entry":…,"event":"{… \"type\":\"ledger.opened\",\"utc_offset\":\"+08:00\" …}",…}
    {"at":"2026-01-05T01:00:00.000Z","contract":"c-1", … ,"type":"contract.signed","v":2}
    ["reserved","committed","line-1","c-1",600000]
    {"at":"2026-01-06T01:00:00.000Z", … ,"type":"visit.recorded","v":1}

A contract's second line is the event proof of the ledger's opening, which says how far local days
are ahead of UTC: the month of a visit is that of the local day on which it began. Without that line
nothing is counted by days.

A posting's line has the account debited, the one credited, the fund line, the contract or tender
lot (or nothing), and fen.

What it shows:

- The events' leaf hashes, in order, give the rolling hash in the subject's leaf, and there are as
  many: none was left out, added, changed or moved.
- Counts and stated amounts (`ledger.figures`) are added up again from those events.
- Visits and units by the days of the visits, corrections included, and what is owed of each claim,
  are added up likewise.
- Each account's balance in the leaf is the sum of the postings given. The leaf is what the closing
  commits to; postings are derived by the law from the whole state, so the split of a balance among
  events is the ledger's own word here: only their sum is proved. A replay proves each of them.

Cost: some 20 µs an event. Memory: one event, the figures, and where each visit counts.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from ledger import canonical
from ledger.errors import Malformed, Unverified
from ledger.events import MAX_EVENT_BYTES, Event, decode_event
from ledger.events.parties import LedgerOpened
from ledger.events.payment import (
    PaymentBounced,
    PaymentOrdered,
    PaymentRequested,
    PaymentSettled,
)
from ledger.figures import FIGURES, OWED, Moved, Unit, figure_of, unit_of
from ledger.merkle import leaf_hash
from ledger.owing import OWING_EVENTS, Owing
from ledger.policy import Policy
from ledger.postings import CHART
from ledger.proof import MAX_PROOF_BYTES, check_event_proof
from ledger.state.subject import begin_chain, extend_chain
from ledger.stateproof import CheckedState, check_state_proof
from ledger.sums import Sums, flows_of
from ledger.times import parse_offset

MAX_LINE_BYTES = MAX_PROOF_BYTES + 1
"""The longest line there can be: a state proof and its line feed."""

_POSTING_FIELDS = 5
_OPENING_LINE = 2
_OF_PAYMENTS = (PaymentRequested, PaymentOrdered, PaymentSettled, PaymentBounced)
Ground = Literal["events", "closing", "both"]


class ProvedFigure(NamedTuple):
    """A figure that a history proof shows.

    Attributes:
        name: what it is called (`ledger.figures`).
        unit: fen, a count, or parts per million.
        value: how much.
        ground: what it follows from: the events that state it, the closing's leaf (whose balance
            the postings given add up to), or both.

    """

    name: str
    unit: Unit
    value: int
    ground: Ground


class CheckedHistory(NamedTuple):
    """What a history proof shows.

    Attributes:
        state: the subject's leaf, and the closing that commits to it.
        events: how many events touch the subject; all of them are in the file.
        figures: its figures, in the order of their table; accounts by line after them.
        payments: the figures of each payment under a contract, by its id.
        claims: those of each claim, and of each sum owed beyond claims, by its id: what of it is
            payable, ordered and paid follows from the postings given, too.

    """

    state: CheckedState
    events: int
    figures: tuple[ProvedFigure, ...]
    payments: dict[str, dict[str, int]]
    claims: dict[str, dict[str, int]]


def make_history_proof(
    state_proof: bytes,
    history: Iterable[tuple[bytes, Sequence[Moved]]],
    opening_proof: bytes | None = None,
) -> Iterator[bytes]:
    """Yield the lines of a history proof: of events as they were signed, with their postings.

    `opening_proof` is the event proof of the ledger's opening, for a contract's days.
    """
    yield state_proof + b"\n"
    if opening_proof is not None:
        yield opening_proof + b"\n"
    for body, moved in history:
        yield body + b"\n"
        for posting in moved:
            yield canonical.encode(list(posting)) + b"\n"


def check_history_proof(
    lines: Iterable[bytes], policy: Policy | None, people: Collection[str] | None = ()
) -> CheckedHistory:
    """Check a history proof, line by line; works offline.

    Of `people`, by token, the units that they were given are told too; None is everybody.

    Raises:
        Malformed: it is not in its form; the line is named.
        Unverified: it does not show what it claims.
        Refused: the closing's signatures are not those it calls for.

    """
    numbered = enumerate(lines, 1)
    first = next(numbered, (1, b""))[1]
    state = check_state_proof(_line(first, 1), policy)
    history = _History(state, people)
    for number, line in numbered:
        try:
            if number == _OPENING_LINE and line.startswith(b'{"entry":'):
                history.open(line.removesuffix(b"\n"), policy)
                continue
            body = _line(line, number)
            if body.startswith(b"["):
                history.post(_posting(body))
            else:
                history.touch(body)
        except (Malformed, Unverified) as error:
            raise type(error)(f"line {number}: {error}") from error
    return history.whole()


# -- reading -----------------------------------------------------------------------------------


class _History:
    """A subject's history while it is read."""

    def __init__(self, state: CheckedState, people: Collection[str] | None) -> None:
        self._state = state
        self._people = people
        self._leaf: dict[str, Any] = canonical.decode(state.leaf)
        self._kind = state.key.partition("/")[0]
        self._chain = begin_chain(state.key)
        self._events = 0
        self._event: Event | None = None
        self._moved: list[Moved] = []
        self._sums = Sums(state.key) if self._kind in FIGURES else None
        self._payments: dict[str, Sums] = {}
        self._owing = Owing()

    def open(self, proof: bytes, policy: Policy | None) -> None:
        """Take the ledger's opening: the days of visits are local days."""
        opening = check_event_proof(proof, policy)
        event = decode_event(opening.bodies[0])
        if not isinstance(event, LedgerOpened) or opening.index or self._kind != "contract":
            raise Unverified("what stands before a contract's events is not the ledger's opening")
        if opening.origin != self._state.closing.origin:
            raise Unverified("the opening is of another ledger than the closing")
        offset_minutes = parse_offset(event.utc_offset)
        self._sums = Sums(self._state.key, offset_minutes=offset_minutes, people=self._people)

    def touch(self, body: bytes) -> None:
        """Take the next event."""
        self._add()
        if self._events == self._leaf["events"]:
            raise Unverified(f"the closing counts {self._events} events, and here is one more")
        self._event = decode_event(body)
        self._events += 1
        self._chain = extend_chain(self._chain, [leaf_hash(body)])

    def post(self, posting: Moved) -> None:
        """Take a posting of the event that came last."""
        if self._event is None or self._sums is None:
            raise Malformed("a posting stands where there is nothing that could have posted it")
        if not self._sums.concerns(posting):
            raise Unverified(f"the posting is not about {self._state.key}")
        self._moved.append(posting)

    def whole(self) -> CheckedHistory:
        """Return what the file shows, once it is read to its end."""
        self._add()
        if self._events != self._leaf["events"]:
            raise Unverified(
                f"the closing counts {self._leaf['events']} events of {self._state.key}, the file "
                f"has {self._events}: it was cut off, or something was left out"
            )
        if self._chain.hex() != self._leaf["chain"]:
            raise Unverified(
                f"the events are not those of {self._state.key}, or not in their order: they do "
                "not give the rolling hash of the closing"
            )
        payments = {payment: sums.values for payment, sums in self._payments.items()}
        claims = {
            claim: {name: owed.figures.get(name, 0) for name in ("visits", *OWED)}
            for claim, owed in self._owing.sums.items()
        }
        return CheckedHistory(self._state, self._events, tuple(self._figures()), payments, claims)

    def _add(self) -> None:
        """Add the event that came last, with all its postings."""
        event = self._event
        if event is None:
            return
        try:
            self._count(event)
        except KeyError as error:
            raise Unverified(
                f"an event names {error.args[0]}, of which the file has none: something was left "
                "out, or moved"
            ) from error
        self._moved = []

    def _count(self, event: Event) -> None:
        if self._sums is not None:
            self._sums.add(type(event), event, self._moved)
        if isinstance(event, _OF_PAYMENTS) and self._kind == "contract":
            sums = self._payments.setdefault(event.payment, Sums(f"payment/{event.payment}"))
            sums.add(type(event), event, ())
        if isinstance(event, OWING_EVENTS) and self._kind == "contract":
            self._owing.add(event, flows_of(self._moved))

    # -- comparing -----------------------------------------------------------------------------

    def _figures(self) -> Iterator[ProvedFigure]:
        if self._sums is None:
            return
        closed = _closed(self._kind, self._leaf)
        values = self._sums.values
        for name, value in closed.items():
            if values.get(name, 0) != value:
                raise Unverified(
                    f"{name} is {value} at the closing, and the file's events and postings come "
                    f"to {values.get(name, 0)}"
                )
        for name, value in values.items():
            unit, figure = unit_of(self._kind, name), figure_of(self._kind, name)
            is_posted = figure is not None and figure.is_family and name.rpartition("/")[2] in CHART
            if figure is not None and figure.states and not is_posted:
                yield ProvedFigure(name, unit, value, "both" if name in closed else "events")
            elif name in closed or figure is not None:
                yield ProvedFigure(name, unit, value, "closing")
            elif value:
                raise Unverified(f"the closing knows of no {name}, and the postings give {value}")


def _closed(kind: str, leaf: dict[str, Any]) -> dict[str, int]:
    """Return the figures that a leaf states itself, by their names in `ledger.figures`."""
    if kind == "contract":
        accounts = {
            f"{line['line']}/{account}": line[account]
            for line in leaf["lines"]
            for account in CHART
            if account in line
        }
        return {"value": leaf["value_fen"], **accounts}
    if kind == "line":
        return {account: leaf[account] for account in CHART}
    return {"reserved": leaf["reserved_fen"]} if kind == "tender" else {}


def _line(line: bytes, number: int) -> bytes:
    if not line.endswith(b"\n"):
        raise Malformed(f"line {number} has no end: the file was cut off, or is no history proof")
    if number > 1 and len(line) > MAX_EVENT_BYTES + 1:
        raise Malformed(f"line {number} is longer than an event can be")
    return line[:-1]


def _posting(line: bytes) -> Moved:
    value = canonical.decode(line)
    if len(value) != _POSTING_FIELDS:
        raise Malformed(f"a posting has {_POSTING_FIELDS} values, not {len(value)}")
    debit, credit, line_id, about, amount_fen = value
    names = (debit, credit, line_id, about)
    if not all(isinstance(name, str) for name in names) or type(amount_fen) is not int:
        raise Malformed("a posting has four names, and fen")
    posting = Moved(debit, credit, line_id, about, amount_fen)
    if amount_fen <= 0 or posting.debit not in CHART or posting.credit not in CHART:
        raise Malformed("a posting moves more than nothing between two accounts of the chart")
    return posting
