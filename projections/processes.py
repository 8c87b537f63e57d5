"""The read model `processes`: what others published of a purchase, for whoever judges it.

One row a process, folded whole whenever it is reported on: its purchase (window, bids, awards),
its contracts (value, paid, dates), and the releases that were changed under one id.
"""

from typing import NamedTuple

from msgspec import Struct, json

from ledger.events.reported import ReleaseReported
from projections.feed import Batch, Feed
from projections.model import ReadModel, types
from projections.reported_course import Course
from projections.reported_facts import Money, ProcessFacts
from projections.reported_purchase import PurchaseFacts
from projections.reported_rewriting import Rewritten
from projections.reports import Process, processes_of
from projections.shape import Shape
from projections.sheet import Sheet

# -- the table ---------------------------------------------------------------------------------


class ProcessRow(NamedTuple):
    """A published process."""

    process: str
    first_position: int
    last_position: int
    ocid: str
    publishers: str
    """JSON list."""
    positions: str
    """JSON list: of the reports that count, or of all where none does."""
    file: str
    """JSON, a `ProcessFile`."""


PROCESS = Shape("process", ProcessRow, indexes=[("last_position",)])


class ReportedContract(Struct, frozen=True):
    """A contract as published, with what is compared of it.

    Attributes:
        key: what tells it apart within the process.
        award_id: the award it rests on, or None.
        status: as published (OCDS `contracts.status`); may be empty.
        value: what it is worth, or None.
        paid: what was paid on it, by currency.
        signed_on: the day it was signed (YYYY-MM-DD), or None.
        starts_on: first day of its period, or None.
        ends_on: last day of its period, or None.
        first_paid_on: first day on which something was paid on it, or None.
        course: what its releases say one after the other.

    """

    key: str
    award_id: str | None
    status: str
    value: Money | None
    paid: tuple[Money, ...]
    signed_on: str | None
    starts_on: str | None
    ends_on: str | None
    first_paid_on: str | None
    course: Course


class ProcessFile(Struct, frozen=True):
    """What is kept of a process.

    Attributes:
        purchase: its window, bids and awards.
        contracts: its contracts.
        rewritten: releases changed under one id.

    """

    purchase: PurchaseFacts
    contracts: tuple[ReportedContract, ...]
    rewritten: tuple[Rewritten, ...]


decode_file = json.Decoder(ProcessFile).decode
"""From the column `file`."""

# -- the fold ----------------------------------------------------------------------------------


def _fold(batch: Batch, sheet: Sheet, feed: Feed) -> None:
    sheet.put(PROCESS, [_row(process) for process in processes_of(batch, feed)])


def _row(process: Process) -> ProcessRow:
    facts = process.facts
    counted = [one.position for one in facts.reports if one.standing == "counted"]
    return ProcessRow(
        process=process.process,
        first_position=process.first_position,
        last_position=facts.position,
        ocid=process.ocid,
        publishers=json.encode(process.publishers).decode(),
        positions=json.encode(counted or [one.position for one in facts.reports]).decode(),
        file=json.encode(file_of(facts)).decode(),
    )


def file_of(facts: ProcessFacts) -> ProcessFile:
    """Return what is kept of a process."""
    contracts = tuple(
        ReportedContract(
            key=one.key,
            award_id=one.award_id,
            status=one.status,
            value=one.value,
            paid=one.paid,
            signed_on=one.signed_on,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            first_paid_on=one.first_paid_on,
            course=one.course,
        )
        for one in facts.contracts
    )
    return ProcessFile(facts.purchase, contracts, facts.rewritten)


PROCESSES = ReadModel(
    name="processes",
    version=2,
    shapes=(PROCESS,),
    decoded=types(ReleaseReported),
    counted=frozenset(),
    fold=_fold,
)
