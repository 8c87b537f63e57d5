"""Folding the contracts that others published: each process whole, whenever it is reported on.

What is stored of them is what `projections.reported_facts` makes of all reports of the process.
Reports that no longer count stay, with their standing.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from msgspec import json

from ledger.intake.amounts import NO_CURRENCY
from projections.context import encode_names, published, searchable
from projections.contracts.tables import (
    CONTRACT,
    DEFECT,
    PAID,
    REPORT,
    REPORTED,
    SUPPLIER,
    ContractRow,
    DefectRow,
    PaidRow,
    ReportRow,
    SupplierRow,
)
from projections.reported_facts import ContractFacts
from projections.reports import Process
from projections.sheet import Sheet

_KEY_CHARS = 200
"""A published contract id longer than this is known by its hash: a key goes into an index."""


def put_processes(sheet: Sheet, processes: Sequence[Process]) -> None:
    """Put down the contracts and reports of processes in place of what was there of them."""
    ids = [process.process for process in processes]
    before = [row.contract for row in sheet.load(CONTRACT, "process", ids)]
    for shape in (CONTRACT, SUPPLIER, PAID, DEFECT):
        sheet.delete(shape, "contract", before)
    for process in processes:
        pairs = [(_key(process, facts), facts) for facts in process.facts.contracts]
        sheet.put(CONTRACT, [_contract(process, key, facts) for key, facts in pairs])
        sheet.put(SUPPLIER, [row for key, facts in pairs for row in _suppliers(key, facts)])
        sheet.put(PAID, [row for key, facts in pairs for row in _paid(key, facts)])
        sheet.put(DEFECT, [row for key, facts in pairs for row in _defects(key, facts)])
        sheet.put(REPORT, _reports(process))


def _key(process: Process, facts: ContractFacts) -> str:
    key = facts.key
    if len(key) > _KEY_CHARS:
        key = sha256(key.encode()).hexdigest()
    return f"{process.process}/{key}"


def _contract(process: Process, key: str, facts: ContractFacts) -> ContractRow:
    currency = facts.value.currency if facts.value else NO_CURRENCY
    if facts.value is None and facts.paid:
        currency = facts.paid[0].currency
    paid = {money.currency: money.amount_minor for money in facts.paid}
    return ContractRow(
        contract=key,
        origin=REPORTED,
        first_position=process.first_position,
        last_position=process.facts.position,
        process=process.process,
        ocid=process.ocid,
        publishers=_json(facts.publishers),
        number=facts.contract_id or "",
        titles=encode_names(published(facts.title)),
        status=facts.status,
        programme=None,
        tender=None,
        award=facts.award_id,
        buyer=None,
        buyer_name=facts.buyer,
        currency=currency,
        value_minor=facts.value.amount_minor if facts.value else None,
        accrued_minor=None,
        paid_minor=paid.get(currency),
        signed_on=facts.signed_on,
        starts_on=facts.starts_on,
        ends_on=facts.ends_on,
        published_on=None,
        closed_on=None,
        visits=0,
        claims=0,
        claimed_minor=0,
        cut_minor=0,
        disputed_minor=0,
        defects=len(facts.defects),
        search=searchable(
            key,
            process.ocid,
            facts.contract_id,
            facts.title,
            facts.buyer,
            *facts.suppliers,
            *facts.publishers,
        ),
    )


def _suppliers(key: str, facts: ContractFacts) -> list[SupplierRow]:
    return [SupplierRow(key, n, None, name) for n, name in enumerate(facts.suppliers)]


def _paid(key: str, facts: ContractFacts) -> list[PaidRow]:
    return [PaidRow(key, money.currency, money.amount_minor) for money in facts.paid]


def _defects(key: str, facts: ContractFacts) -> list[DefectRow]:
    return [
        DefectRow(key, ordinal, defect.code, defect.path, _json(defect.facts))
        for ordinal, defect in enumerate(facts.defects)
    ]


def _reports(process: Process) -> list[ReportRow]:
    return [
        ReportRow(
            position=report.position,
            process=process.process,
            publisher=report.publisher,
            release_id=report.release_id,
            date=report.date,
            tags=_json(report.tags),
            standing=report.standing,
            defects=len(report.defects),
            release_sha256=process.hashes[report.position][0],
            file_sha256=process.hashes[report.position][1],
        )
        for report in process.facts.reports
    ]


def _json(items: Iterable[Any]) -> str:
    return json.encode(list(items)).decode()
