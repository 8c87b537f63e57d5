"""The read model `approvers`: how often each key confirms, answers, approves, orders; how fast.

A key that approves in a rhythm no person reads in may be a rubber stamp (F18). So for each key and
kind of act there is a histogram of the gaps between one act and the next, by the time that the
signer says (`at`) and by the time the ledger recorded: in whole seconds up to a minute, which
gives an exact median there, and in wider buckets beyond. The next act is that at the next
position; where its `at` lies before, the gap is how far.

Confirmations are two fifths of a city's events, and only their time is read
(`projections.moments`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.events import Event
from ledger.events.claim import ClaimAnswered
from ledger.events.delivery import VisitConfirmed, VisitDenied
from ledger.events.payment import (
    PaymentApproved,
    PaymentOrdered,
    PaymentRequested,
    PaymentReturned,
)
from ledger.tracing.acts import ACTS, ActKind, bucket_of, judge
from projections.context import CONTEXT_EVENTS, CONTEXT_SHAPES, Context
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.moments import instant_ms, moments_of
from projections.shape import Shape
from projections.sheet import Sheet

# -- the tables --------------------------------------------------------------------------------


class ActRow(NamedTuple):
    """The acts of one kind by one key; columns are those of `queries.Approver`."""

    key: str
    kind: str
    first_position: int
    last_position: int
    party: str
    acts: int
    refusing: int
    value_fen: int
    refused_fen: int
    first_at_ms: int
    last_at_ms: int
    first_recorded_ms: int
    last_recorded_ms: int


class GapRow(NamedTuple):
    """How many gaps of a key and kind fall into the bucket that begins at `seconds`."""

    key: str
    kind: str
    seconds: int
    claimed: int
    recorded: int


class PaymentRow(NamedTuple):
    """The principal that was asked for, in fen: what an approval approves."""

    payment: str
    principal_fen: int


ACT = Shape("act", ActRow, key=2, indexes=[("first_position", "key"), ("last_position",)])
GAP = Shape("gap", GapRow, key=3)
PAYMENT = Shape("payment", PaymentRow)

# -- the fold ----------------------------------------------------------------------------------

_TIMED: dict[str, ActKind] = {
    **dict.fromkeys(types(VisitConfirmed), "confirmation"),
    **dict.fromkeys(types(VisitDenied), "denial"),
}
_OF_A_PAYMENT = (PaymentApproved, PaymentReturned)
_ACTS = (ClaimAnswered, *_OF_A_PAYMENT, PaymentOrdered)
_KINDS: dict[type[Event], ActKind] = {event_type: kind for kind, event_type in ACTS.items()}


class _Tally:
    """The acts of one kind by one key while a batch is folded."""

    __slots__ = ("acts", "at_ms", "claimed", "position", "recorded", "recorded_ms", "row")

    def __init__(self, row: ActRow) -> None:
        """Go on from what was before; a row without acts begins."""
        self.row = row
        self.acts = row.acts
        self.at_ms = row.last_at_ms
        self.recorded_ms = row.last_recorded_ms
        self.position = row.last_position
        self.claimed: dict[int, int] = {}
        self.recorded: dict[int, int] = {}

    def add(self, position: int, at_ms: int, recorded_ms: int) -> None:
        """Count an act."""
        if self.acts:
            self._count(self.claimed, at_ms - self.at_ms)
            self._count(self.recorded, recorded_ms - self.recorded_ms)
        else:
            self.row = self.row._replace(
                first_position=position, first_at_ms=at_ms, first_recorded_ms=recorded_ms
            )
        self.acts += 1
        self.at_ms, self.recorded_ms, self.position = at_ms, recorded_ms, position

    def judge(self, refusing: int, value_fen: int, refused_fen: int) -> None:
        """Add what an act grants and refuses."""
        row = self.row
        self.row = row._replace(
            refusing=row.refusing + refusing,
            value_fen=row.value_fen + value_fen,
            refused_fen=row.refused_fen + refused_fen,
        )

    def now(self) -> ActRow:
        """Return the row as it is after what was counted."""
        return self.row._replace(
            acts=self.acts,
            last_at_ms=self.at_ms,
            last_recorded_ms=self.recorded_ms,
            last_position=self.position,
        )

    @staticmethod
    def _count(gaps: dict[int, int], gap_ms: int) -> None:
        seconds = bucket_of(gap_ms)
        gaps[seconds] = gaps.get(seconds, 0) + 1


class _Tallies:
    """All tallies of a batch."""

    def __init__(self, sheet: Sheet, feed: Feed, statements: Sequence[int]) -> None:
        self._signatures = {index: feed.signatures(index) for index in sorted(set(statements))}
        keys = {key for signed in self._signatures.values() for key in signed}
        self.by_key = {(row.key, row.kind): _Tally(row) for row in sheet.load(ACT, "key", keys)}
        self._of: dict[tuple[int, ActKind], list[_Tally]] = {}

    def of(self, statement_index: int, kind: ActKind) -> list[_Tally]:
        """Return the tallies of the keys that signed a statement."""
        found = self._of.get((statement_index, kind))
        if found is None:
            found = [self._tally(key, kind) for key in self._signatures[statement_index]]
            self._of[statement_index, kind] = found
        return found

    def _tally(self, key: str, kind: ActKind) -> _Tally:
        tally = self.by_key.get((key, kind))
        if tally is None:
            party = key.partition("/")[0]
            tally = _Tally(ActRow(key, kind, 0, 0, party, 0, 0, 0, 0, 0, 0, 0, 0))
            self.by_key[key, kind] = tally
        return tally

    def put(self, sheet: Sheet) -> None:
        """Put down what this batch changed, and add the gaps it brought."""
        changed = {id(tally) for tallies in self._of.values() for tally in tallies}
        written = [tally for tally in self.by_key.values() if id(tally) in changed]
        sheet.put(ACT, [tally.now() for tally in written])
        gaps = [
            GapRow(
                tally.row.key,
                tally.row.kind,
                seconds,
                tally.claimed.get(seconds, 0),
                tally.recorded.get(seconds, 0),
            )
            for tally in written
            for seconds in tally.claimed.keys() | tally.recorded.keys()
        ]
        sheet.add(GAP, gaps, ("claimed", "recorded"))


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    context = Context(sheet)
    moments = moments_of(batch, feed, _TIMED)
    asked = {
        fact.event.payment: PaymentRow(fact.event.payment, fact.event.principal_fen)
        for fact in batch.facts
        if isinstance(fact.event, PaymentRequested)
    }
    sheet.put(PAYMENT, asked.values())
    judged = [fact.event.payment for fact in batch.facts if isinstance(fact.event, _OF_A_PAYMENT)]
    principal = {row.payment: row.principal_fen for row in sheet.load(PAYMENT, "payment", judged)}
    principal |= {payment: row.principal_fen for payment, row in asked.items()}
    acts = [fact for fact in batch.facts if isinstance(fact.event, _ACTS)]
    indexes = [moment.statement_index for moment in moments]
    tallies = _Tallies(sheet, feed, indexes + [fact.statement_index for fact in acts])
    for moment in moments:
        batch.at = moment.position
        position, index, recorded_ms, name, at = moment
        at_ms = instant_ms(at, recorded_ms)
        for tally in tallies.of(index, _TIMED[name]):
            tally.add(position, at_ms, recorded_ms)
    for fact in batch.events:
        context.see(fact.event)
        if not isinstance(fact.event, _ACTS):
            continue
        about_fen = principal[fact.event.payment] if isinstance(fact.event, _OF_A_PAYMENT) else 0
        at_ms = instant_ms(fact.event.at, fact.recorded_ms)
        for tally in tallies.of(fact.statement_index, _KINDS[type(fact.event)]):
            tally.add(fact.position, at_ms, fact.recorded_ms)
            tally.judge(*judge(fact.event, about_fen))
    context.put(sheet)
    tallies.put(sheet)


APPROVERS = ReadModel(
    name="approvers",
    version=1,
    shapes=(*CONTEXT_SHAPES, ACT, GAP, PAYMENT),
    decoded=CONTEXT_EVENTS | types(PaymentRequested, *_ACTS),
    counted=frozenset(),
    fold=_fold,
)
