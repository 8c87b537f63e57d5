"""Contracts as releases: what was agreed, how it changed, and how it ended.

OCDS knows no suspended contract: it stays `active`, and so does one that is resumed. One that was
terminated before its term and one that was closed are both `terminated` (docs/ocds.md).
"""

from collections.abc import Mapping
from typing import Final

from msgspec import UNSET

from ledger.events.budget import BudgetCarriedOver
from ledger.events.contract import (
    ContractAmended,
    ContractClosed,
    ContractFunded,
    ContractPublished,
    ContractResumed,
    ContractSigned,
    ContractSuspended,
    ContractTerminated,
    Item,
)
from ledger.postings import CONTRACT_STAGES
from projections.ocds.process import KnownContract, Process, Told
from projections.ocds.tendering import Teller
from projections.ocds.values import Release, text


def _signed(process: Process, event: ContractSigned) -> Told:
    contract = KnownContract(
        event, event.value_fen, {item.service: item for item in event.items}, event.id
    )
    process.contracts[event.contract] = contract
    process.refer(event.buyer, "buyer")
    process.refer(event.provider, "supplier")
    terms = {
        "title": text(process.titles),
        "description": event.number,
        "status": "active",
        "period": process.days.period(event.term),
        "value": process.value(event.value_fen),
        "items": [_item(process, item) for item in event.items],
        "dateSigned": process.entry.event.at,
    }
    if event.document is not UNSET:
        terms["documents"] = [{"id": event.document, "documentType": "contractSigned"}]
    terms |= _targets(process) | finance(process)
    awards = [{"id": event.award, "status": "active"}]
    told = _told(contract, terms, "contract", "awardUpdate")
    return told._replace(sections=told.sections | {"awards": awards})


def _amended(process: Process, event: ContractAmended) -> Told:
    contract = process.contract
    contract.value_fen += event.value_delta_fen
    terms: Release = {"value": process.value(contract.value_fen)}
    if event.term_to is not UNSET:
        terms["period"] = {"endDate": process.days.end(event.term_to)}
    if event.items is not UNSET:
        contract.items |= {item.service: item for item in event.items}
        terms["items"] = [_item(process, item) for item in event.items]
    if event.document is not UNSET:
        terms["documents"] = [{"id": event.document, "documentType": "contractSigned"}]
    amendment = {
        "id": event.id,
        "date": process.entry.recorded,
        "rationale": event.reason,
        "amendsReleaseID": contract.last_release,
        "releaseID": event.id,
    }
    contract.last_release = event.id
    terms |= {"amendments": [amendment]} | finance(process)
    return _told(contract, terms, "contractAmendment")


def _funded(process: Process, _event: ContractFunded | BudgetCarriedOver) -> Told:
    contract = process.contract
    return _told(contract, finance(process), "contractUpdate")


def _published(process: Process, event: ContractPublished) -> Told:
    document = {
        "id": event.sha256,
        "documentType": "contractSigned",
        "datePublished": process.entry.recorded,
    }
    return _told(process.contract, {"documents": [document]}, "contractUpdate")


def _stopped(process: Process, _event: ContractSuspended | ContractResumed) -> Told:
    return _told(process.contract, {"status": "active"}, "contractUpdate")


def _terminated(process: Process, _event: ContractTerminated) -> Told:
    contract = process.contract
    terms = {"status": "terminated"} | finance(process)
    return _told(contract, terms, "contractTermination")


def _closed(process: Process, _event: ContractClosed) -> Told:
    contract = process.contract
    completion = {
        "endDate": process.entry.recorded,
        "finalValue": process.value(contract.paid_fen),
    }
    terms = {"status": "terminated", "implementation": completion}
    terms |= finance(process)
    return _told(contract, terms, "contractTermination")


def _told(contract: KnownContract, terms: Release, *tags: str) -> Told:
    named = {"id": contract.signed.contract, "awardID": contract.signed.award}
    return Told(tags, {"contracts": [named | terms]})


def _item(process: Process, item: Item) -> Release:
    return {
        "id": item.service,
        "description": process.service(item.service),
        "quantity": item.units_max,
        "unit": {"name": item.unit, "value": process.value(item.rate_fen)},
    }


def _targets(process: Process) -> Release:
    """Return what the programme wants to reach, as the contract's agreed metrics."""
    if process.published is None:
        return {}
    indicators = process.register.programme(process.published.programme).indicators
    if indicators is UNSET or not indicators:
        return {}
    return {
        "agreedMetrics": [
            {"id": each.id, "observations": [{"id": "target", "measure": each.target}]}
            for each in indicators
        ]
    }


def finance(process: Process) -> Release:
    """Return what each fund line now bears of the contract, where this event changed it."""
    contract = process.contract
    changed = _moved(process)
    for line, change_fen in changed.items():
        contract.committed[line] = contract.committed.get(line, 0) + change_fen
    shares = [
        _share(process, line, contract.committed[line])
        for line, change_fen in changed.items()
        if change_fen
    ]
    return {"finance": shares} if shares else {}


def _moved(process: Process) -> Mapping[str, int]:
    """Return by fund line what the event committed to the contract, less what it released."""
    moved: dict[str, int] = {}
    for each in process.entry.postings:
        enters = (each.credit in CONTRACT_STAGES) - (each.debit in CONTRACT_STAGES)
        moved[each.line] = moved.get(each.line, 0) + enters * each.amount_fen
    return moved


def _share(process: Process, line: str, amount_fen: int) -> Release:
    known = process.register.line(line)
    return {
        "id": line,
        "description": f"{known.appropriated.year} {known.appropriated.code}",
        "source": known.appropriated.source,
        "value": process.value(amount_fen),
        "financingParty": process.refer(known.owner, "funder"),
    }


TELLERS: Final[dict[str, Teller]] = {
    "contract.signed": _signed,
    "contract.amended": _amended,
    "contract.funded": _funded,
    "budget.carried_over": _funded,
    "contract.published": _published,
    "contract.suspended": _stopped,
    "contract.resumed": _stopped,
    "contract.terminated": _terminated,
    "contract.closed": _closed,
}
"""By type of event; a carry-over of a tender's lot is told by `tendering`."""
