"""Contracts as they were: found by what they are called today, or by their key."""

from sqlalchemy import or_, select

from ledger.intake.reading import storable
from projections.contracts.model import CONTRACTS
from projections.contracts.queries import ContractFile, find_contracts
from projections.contracts.tables import CONTRACT
from projections.engine import Projections
from projections.past import as_of
from projections.points import Point
from projections.reading import Reading
from projections.reports import REPORTED_KIND


def contracts_as_of(projections: Projections, name: str, point: Point) -> tuple[ContractFile, ...]:
    """Return the contracts that `name` meant at a point, as they were: a key, number or ocid.

    A published contract that later reports took back is found by its key, `<process>/<key>`.

    Raises:
        LedgerError: the read model does not reflect as much yet.

    """
    found: list[ContractFile] = []
    for subject in projections.read(CONTRACTS, lambda reading: _subjects(reading, name)):
        with as_of(projections, CONTRACTS, subject, point) as past:
            found += find_contracts(past, name)
    by_key = [file for file in found if file.contract.contract == name]
    found.sort(key=lambda file: (file.contract.first_position, file.contract.contract))
    return tuple(by_key or found)


def contract_as_of(projections: Projections, key: str, point: Point) -> ContractFile | None:
    """Return one contract by its key as it was at a point, or None where it was not there.

    Raises:
        LedgerError: the read model does not reflect as much yet.

    """
    found = contracts_as_of(projections, key, point)
    return found[0] if found and found[0].contract.contract == key else None


def _subjects(reading: Reading, name: str) -> list[str]:
    column, asked = reading.tables[CONTRACT].c, storable(name)
    query = select(column.contract, column.process).where(
        or_(column.contract == asked, column.number == asked, column.ocid == asked)
    )
    process, slash, _ = name.partition("/")
    found = {REPORTED_KIND + process} if slash else set()
    for key, of_process in reading.connection.execute(query):
        found.add(f"contract/{key}" if of_process is None else REPORTED_KIND + of_process)
    return sorted(found)
