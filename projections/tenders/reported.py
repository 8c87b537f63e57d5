"""Folding the tenders that others published: each process whole, whenever it is reported on."""

from collections.abc import Sequence

from ledger.intake.amounts import NO_CURRENCY
from projections.context import encode_names, published, searchable
from projections.reported_tender import TenderFacts
from projections.reports import REPORTED_KIND, Process
from projections.rows import listed
from projections.sheet import Sheet
from projections.tenders.tables import REPORTED, TENDER, TenderRow


def put_processes(sheet: Sheet, processes: Sequence[Process]) -> None:
    """Put down the tenders of processes in place of what was there of them."""
    sheet.delete(TENDER, "process", [process.process for process in processes])
    sheet.put(
        TENDER,
        [
            _row(process, process.facts.tender)
            for process in processes
            if process.facts.tender is not None
        ],
    )


def _row(process: Process, facts: TenderFacts) -> TenderRow:
    title = facts.title or process.facts.title
    return TenderRow(
        tender=REPORTED_KIND + process.process,
        origin=REPORTED,
        first_position=process.first_position,
        last_position=process.facts.position,
        process=process.process,
        ocid=process.ocid,
        publishers=listed(process.publishers),
        titles=encode_names(published(title)),
        status=facts.status,
        method=facts.method,
        ground=None,
        reasons=None,
        programme=None,
        buyer=None,
        buyer_name=process.facts.buyer,
        keys="[]",
        opens_ms=facts.opens_ms,
        closes_ms=facts.closes_ms,
        first_closes_ms=None,
        questions_until_ms=None,
        opens_on=facts.opens_on,
        published_ms=None,
        published_on=None,
        value_minor=None,
        currency=NO_CURRENCY,
        criteria="[]",
        documents="[]",
        justification=None,
        bid_bond_ppm=None,
        performance_bond_ppm=None,
        lots=0,
        amendments=0,
        questions=0,
        answered=0,
        bids=0,
        awards=0,
        challenges=0,
        ended_position=None,
        search=searchable(
            process.ocid,
            title,
            facts.method,
            process.facts.buyer,
            *process.publishers,
        ),
    )
