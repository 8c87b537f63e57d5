"""How events become the rows of the read model `acts`."""

from collections.abc import Iterator

from msgspec import UNSET

from ledger.errors import Malformed
from ledger.events import TYPES, type_of
from ledger.events.advance import AdvanceOrdered, AdvanceSettled
from ledger.events.delivery import VisitConfirmed, VisitDenied, VisitRecorded
from ledger.events.interest import InterestAccrued, InterestWaived
from ledger.events.payment import PaymentDiverted, PaymentOrdered, PaymentRequested, PaymentSettled
from ledger.events.score import ScoreFinalised, ScoreProposed
from ledger.events.supervision import FlagRaised, FlagReleased, FlagResolved
from ledger.times import MS_PER_DAY, parse_instant
from projections.acts.keys import KeyBook
from projections.acts.tables import (
    ACCEPTED,
    ADVANCE,
    CREDIT,
    EVIDENCE,
    INTEREST,
    ORDER,
    RAISED,
    REQUEST,
    SCORE,
    SHAPES,
    TIME,
    AcceptedRow,
    AdvanceRow,
    CreditRow,
    EvidenceRow,
    InterestRow,
    OrderRow,
    RaisedRow,
    RequestRow,
    ScoreRow,
    TimeRow,
)
from projections.context import Context
from projections.feed import Batch, Fact, Feed
from projections.model import ReadModel, types
from projections.sheet import Sheet

_OFTEN = types(VisitRecorded, VisitConfirmed, VisitDenied)
"""Nearly all events of a ledger: the read model `delivery` reads them, and once is enough."""


class _Book:
    """The rows that a batch adds or changes."""

    def __init__(self, batch: Batch, sheet: Sheet, feed: Feed) -> None:
        """Load what the batch may change."""
        self.feed = feed
        self.keys = KeyBook(batch, sheet, feed)
        self.context = Context(sheet)
        events = [fact.event for fact in batch.facts]
        scored = [event.score for event in events if isinstance(event, ScoreFinalised)]
        looked = [event.flag for event in events if isinstance(event, FlagResolved | FlagReleased)]
        self.scores = {row.score: row for row in sheet.load(SCORE, "score", scored)}
        self.raised = {row.flag: row for row in sheet.load(RAISED, "flag", looked)}
        self.requests: list[RequestRow] = []
        self.orders: list[OrderRow] = []
        self.advances: list[AdvanceRow] = []
        self.credits: list[CreditRow] = []
        self.interest: list[InterestRow] = []
        self.times: list[TimeRow] = []
        self.evidence: list[EvidenceRow] = []

    def put(self, sheet: Sheet) -> None:
        """Put the rows down."""
        self.context.put(sheet)
        self.keys.put(sheet)
        sheet.put(REQUEST, self.requests)
        sheet.put(ORDER, self.orders)
        sheet.put(ADVANCE, self.advances)
        sheet.put(CREDIT, self.credits)
        sheet.put(INTEREST, self.interest)
        sheet.put(SCORE, self.scores.values())
        sheet.put(TIME, self.times)
        sheet.put(RAISED, self.raised.values())
        sheet.put(EVIDENCE, self.evidence)


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    book = _Book(batch, sheet, feed)
    for fact in batch.events:
        book.context.see(fact.event)
        book.keys.see(fact)
        _time(book, fact)
        event = fact.event
        if isinstance(event, ScoreProposed | ScoreFinalised):
            _score(book, fact.position, event)
        elif isinstance(event, FlagRaised | FlagResolved | FlagReleased):
            _flag(book, fact, event)
        else:
            _payment(book, fact)
    book.put(sheet)
    sheet.put(ACCEPTED, _accepted(batch))


def _accepted(batch: Batch) -> Iterator[AcceptedRow]:
    """Yield where contracts last accrued anything within the batch."""
    last: dict[str, int] = {}
    for flow in batch.flows:
        accrues = flow.credit == "accrued" and flow.debit in ("committed", "prepaid")
        if accrues and flow.contract is not None:
            last[flow.contract] = max(flow.last_position, last.get(flow.contract, 0))
    yield from (AcceptedRow(contract, position) for contract, position in last.items())


def _time(book: _Book, fact: Fact) -> None:
    """Note a time that is later than the record, or a day or more earlier."""
    try:
        at_ms = parse_instant(fact.event.at)
    except Malformed:
        at_ms = None
    if at_ms is None or not 0 <= fact.recorded_ms - at_ms < MS_PER_DAY:
        row = TimeRow(fact.position, fact.subject, type_of(fact.event), at_ms, fact.recorded_ms)
        book.times.append(row)


def _score(book: _Book, position: int, event: ScoreProposed | ScoreFinalised) -> None:
    if isinstance(event, ScoreProposed):
        row = ScoreRow(event.score, event.contract, position, event.total_ppm, None, None)
    else:
        row = book.scores[event.score]._replace(final_position=position, final_ppm=event.total_ppm)
    book.scores[event.score] = row


def _payment(book: _Book, fact: Fact) -> None:
    event, position = fact.event, fact.position
    contract = fact.subject.partition("/")[2]  # the home of each of these
    if isinstance(event, PaymentRequested):
        book.requests.append(
            RequestRow(position, event.payment, contract, event.payee, fact.recorded_ms)
        )
    elif isinstance(event, PaymentOrdered):
        interest_fen = 0 if event.interest_fen is UNSET else event.interest_fen
        day = book.context.day(fact.recorded_ms)
        ordered_fen = event.principal_fen + interest_fen
        book.orders.append(OrderRow(position, event.payment, contract, ordered_fen, day))
    elif isinstance(event, AdvanceOrdered):
        day = book.context.day(fact.recorded_ms)
        book.orders.append(OrderRow(position, event.advance, contract, event.amount_fen, day))
    elif isinstance(event, AdvanceSettled):
        book.advances.append(AdvanceRow(position, event.advance, contract))
    elif isinstance(event, PaymentSettled | PaymentDiverted):
        kind = "settled" if isinstance(event, PaymentSettled) else "diverted"
        book.credits.append(CreditRow(position, event.payment, contract, kind))
    elif isinstance(event, InterestAccrued | InterestWaived):
        kind = "accrued" if isinstance(event, InterestAccrued) else "waived"
        row = InterestRow(position, event.claim, contract, kind, event.amount_fen)
        book.interest.append(row)


def _flag(book: _Book, fact: Fact, event: FlagRaised | FlagResolved | FlagReleased) -> None:
    if isinstance(event, FlagRaised):
        rule, _, version = event.rule.removeprefix("flag/").partition("@")
        book.raised[event.flag] = RaisedRow(
            flag=event.flag,
            first_position=fact.position,
            last_position=fact.position,
            rule=rule,
            version=int(version),
            auditor=book.feed.signers(fact.statement_index)[0],
            contract=None if event.about.contract is UNSET else event.about.contract,
            party=None if event.about.party is UNSET else event.about.party,
            status="raised",
            verdict=None,
            evidence=len(event.evidence),
        )
        book.evidence += [EvidenceRow(each, event.flag) for each in event.evidence]
        return
    row = book.raised[event.flag]._replace(last_position=fact.position)
    if isinstance(event, FlagResolved):
        row = row._replace(status="resolved", verdict=event.verdict)
    else:
        row = row._replace(status="released")
    book.raised[event.flag] = row


ACTS = ReadModel(
    name="acts",
    version=2,
    shapes=SHAPES,
    decoded=frozenset(TYPES) - _OFTEN,
    counted=frozenset(),
    fold=_fold,
)
