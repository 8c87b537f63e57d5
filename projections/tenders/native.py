"""Folding the ledger's own tenders: how a tender and its lots come, change and end.

What bidders do is folded by `projections.tenders.bids`, what follows an award by
`projections.tenders.awards`; all three change the same `Files`. Sums reserved are what the
journal says.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import UNSET, UnsetType

from ledger.events.base import Texts
from ledger.events.tender import (
    Criterion,
    Lot,
    QuestionAnswered,
    QuestionAsked,
    TenderAmended,
    TenderCancelled,
    TenderDocument,
    TenderFailed,
    TenderPublished,
)
from ledger.times import parse_instant
from projections.context import Context, decode_names, encode_names, searchable
from projections.feed import Batch, Fact, Feed
from projections.rows import listed
from projections.sheet import Sheet
from projections.tenders.file import RESERVED, Files
from projections.tenders.register import Register
from projections.tenders.tables import (
    AMENDMENT,
    NATIVE,
    AmendmentRow,
    LotLineRow,
    LotRow,
    QuestionRow,
    TenderRow,
)

ENDED = ("failed", "cancelled")
"""Statuses of a lot under which nothing more can come of it."""

_CHANGEABLE = ("titles", "closes", "questions_until", "criteria", "documents", "lots")


class TenderFold:
    """The fold of one batch over tenders and lots."""

    def __init__(self, files: Files, feed: Feed, context: Context, register: Register) -> None:
        """Change `files`; names of keys come from `feed`, buyers from `register`."""
        self._files = files
        self._feed = feed
        self._context = context
        self._register = register
        self._amendments: list[AmendmentRow] = []

    def published(self, fact: Fact, event: TenderPublished) -> None:
        """Begin the file of a tender."""
        files = self._files
        keys = self._feed.signatures(fact.statement_index)
        row = TenderRow(
            tender=event.tender,
            origin=NATIVE,
            first_position=fact.position,
            last_position=fact.position,
            process=None,
            ocid=None,
            publishers="[]",
            titles=encode_names(event.titles),
            status="published",
            method=event.method,
            ground=None,
            reasons=None,
            programme=event.programme,
            buyer=self._register.purchaser_of(event.programme),
            buyer_name="",
            keys=listed(keys),
            opens_ms=parse_instant(event.opens),
            closes_ms=parse_instant(event.closes),
            first_closes_ms=parse_instant(event.closes),
            questions_until_ms=_instant(event.questions_until),
            opens_on=self._context.day(parse_instant(event.opens)),
            published_ms=fact.recorded_ms,
            published_on=self._context.day(fact.recorded_ms),
            value_minor=0,
            currency=self._context.currency,
            criteria=_criteria(event.criteria),
            documents=documents_of(event.documents),
            justification=_texts(event.justification),
            bid_bond_ppm=_ppm(event.bid_bond_ppm),
            performance_bond_ppm=_ppm(event.performance_bond_ppm),
            lots=len(event.lots),
            amendments=0,
            questions=0,
            answered=0,
            bids=0,
            awards=0,
            challenges=0,
            ended_position=None,
            search="",
        )
        files.tenders.put(row)
        for ordinal, lot in enumerate(event.lots):
            self._lot(event.tender, ordinal, lot)
        self._settle(event.tender)

    def amended(self, fact: Fact, event: TenderAmended) -> None:
        """Change what an amendment names."""
        tenders = self._files.tenders
        changed = [name for name in _CHANGEABLE if getattr(event, name) is not UNSET]
        closes_ms = _instant(event.closes)
        keys = self._feed.signatures(fact.statement_index)
        self._amendments.append(
            AmendmentRow(
                fact.position,
                event.tender,
                fact.recorded_ms,
                encode_names(event.reason),
                listed(changed),
                closes_ms,
                listed(keys),
            )
        )
        row = tenders[event.tender]
        values: dict[str, object] = {"amendments": row.amendments + 1}
        if event.titles is not UNSET:
            values["titles"] = encode_names(event.titles)
        if closes_ms is not None:
            values["closes_ms"] = closes_ms
        if event.questions_until is not UNSET:
            values["questions_until_ms"] = _instant(event.questions_until)
        if event.criteria is not UNSET:
            values["criteria"] = _criteria(event.criteria)
        if event.documents is not UNSET:
            values["documents"] = documents_of(event.documents)
        tenders.change(event.tender, **values)
        for lot in event.lots or ():
            self._lot(event.tender, self._files.lots[event.tender, lot.lot].ordinal, lot)
        self._settle(event.tender)

    def cancelled(self, fact: Fact, event: TenderCancelled) -> None:
        """End a tender and every lot that is still open."""
        self._end(fact, event.tender, None, ENDED[1], None)
        self._files.tenders.change(
            event.tender,
            status="cancelled",
            reasons=encode_names(event.reason),
            ended_position=fact.position,
        )

    def failed(self, fact: Fact, event: TenderFailed) -> None:
        """End the lots that failed; the tender has failed when all have."""
        lots = None if event.lots is UNSET else event.lots
        self._end(fact, event.tender, lots, ENDED[0], event.ground)
        self._files.tenders.change(event.tender, reasons=encode_names(event.reason))
        left = self._files.lots.where(lambda lot: lot.tender == event.tender)
        if all(lot.status == "failed" for lot in left):
            self._files.tenders.change(
                event.tender, ground=event.ground, ended_position=fact.position
            )

    def asked(self, fact: Fact, event: QuestionAsked) -> None:
        """Note a question and who asks it."""
        (asker, *_) = self._feed.signers(fact.statement_index)
        self._files.questions.put(
            QuestionRow(
                event.question,
                fact.position,
                event.tender,
                asker,
                fact.recorded_ms,
                answered_position=None,
                answered_ms=None,
            )
        )
        row = self._files.tenders[event.tender]
        self._files.tenders.change(event.tender, questions=row.questions + 1)

    def answered(self, fact: Fact, event: QuestionAnswered) -> None:
        """Note an answer."""
        question = self._files.questions.change(
            event.question, answered_position=fact.position, answered_ms=fact.recorded_ms
        )
        row = self._files.tenders[question.tender]
        self._files.tenders.change(question.tender, answered=row.answered + 1)

    def post(self, batch: Batch) -> None:
        """Add to each lot's reservations what the journal moved."""
        changes: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        last: dict[str, int] = {}
        contracts = self._files.contracts.rows
        for flow in batch.flows:
            if flow.contract is None or RESERVED not in (flow.debit, flow.credit):
                continue
            # What is committed is posted under the contract that was signed for the lot.
            if flow.contract in contracts:
                signed = contracts[flow.contract]
                tender, lot = signed.tender, signed.lot
            else:
                tender, _, lot = flow.contract.partition("/")
            amount_fen = flow.amount_fen if flow.credit == RESERVED else -flow.amount_fen
            changes[tender, lot, flow.line] += amount_fen
            last[tender] = max(last.get(tender, 0), flow.last_position)
        lines = self._files.lines
        for (tender, lot, line), change_fen in changes.items():
            before = lines.rows.get((tender, lot, line)) or LotLineRow(tender, lot, line, 0, 0)
            lines.put(before._replace(reserved_fen=before.reserved_fen + change_fen))
        for tender, position in last.items():
            reached = max(self._files.tenders[tender].last_position, position)
            self._files.tenders.change(tender, last_position=reached)

    def put(self, sheet: Sheet) -> None:
        """Put down the amendments; the files are written by whoever holds them."""
        sheet.put(AMENDMENT, self._amendments)

    def _lot(self, tender: str, ordinal: int, lot: Lot) -> None:
        lots, lines = self._files.lots, self._files.lines
        values = {
            "service": lot.service,
            "area": None if lot.area is UNSET else lot.area,
            "units_max": lot.units_max,
            "rate_cap_fen": lot.rate_cap_fen,
            "value_fen": lot.value_fen,
        }
        if (tender, lot.lot) in lots.rows:
            lots.change((tender, lot.lot), **values)
        else:
            lots.put(_new_lot(tender, lot, ordinal))
        wanted = {line.line: line.amount_fen for line in lot.lines}
        for row in lines.where(lambda row: (row.tender, row.lot) == (tender, lot.lot)):
            lines.put(row._replace(amount_fen=wanted.pop(row.line, 0)))
        for line, amount_fen in wanted.items():
            lines.put(LotLineRow(tender, lot.lot, line, amount_fen, reserved_fen=0))

    def _settle(self, tender: str) -> None:
        """Work out again what hangs on titles and lots."""
        row = self._files.tenders[tender]
        lots = self._files.lots.where(lambda lot: lot.tender == tender)
        services = [text for lot in lots for text in (lot.service, lot.area)]
        self._files.tenders.change(
            tender,
            value_minor=sum(lot.value_fen for lot in lots),
            search=searchable(
                tender, *decode_names(row.titles).values(), row.programme, row.buyer, *services
            ),
        )

    def _end(
        self, fact: Fact, tender: str, lots: Iterable[str] | None, status: str, ground: int | None
    ) -> None:
        ending = self._files.lots.where(
            lambda lot: (
                lot.tender == tender
                and lot.status not in ENDED
                and (lots is None or lot.lot in lots)
            )
        )
        for lot in ending:
            self._files.lots.put(
                lot._replace(status=status, ground=ground, failed_position=fact.position)
            )


def _new_lot(tender: str, lot: Lot, ordinal: int) -> LotRow:
    return LotRow(
        tender=tender,
        lot=lot.lot,
        ordinal=ordinal,
        service=lot.service,
        area=None if lot.area is UNSET else lot.area,
        units_max=lot.units_max,
        rate_cap_fen=lot.rate_cap_fen,
        value_fen=lot.value_fen,
        status="open",
        ground=None,
        award=None,
        contract=None,
        failed_position=None,
        sealed=0,
        valid=0,
        withdrawn=0,
        forfeited=0,
        disqualified=0,
    )


def documents_of(documents: Sequence[TenderDocument] | UnsetType) -> str:
    """Return documents as a column keeps them: a JSON list of hash and title."""
    return listed(() if documents is UNSET else documents)


def _criteria(criteria: Sequence[Criterion] | UnsetType) -> str:
    return listed(() if criteria is UNSET else criteria)


def _instant(text: str | UnsetType) -> int | None:
    return None if text is UNSET else parse_instant(text)


def _texts(texts: Texts | UnsetType) -> str | None:
    return None if texts is UNSET else encode_names(texts)


def _ppm(ppm: int | UnsetType) -> int | None:
    return None if ppm is UNSET else ppm
