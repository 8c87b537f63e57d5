"""Contracts, native and reported, in one list: status, parties, value, accrued, paid, dates.

tables      the rows
native      folding the ledger's own contracts
reported    folding those that others published
model       the read model
queries     the questions, and the records that answer them
past        contracts as they were
"""

from projections.contracts.model import CONTRACTS
from projections.contracts.past import contract_as_of, contracts_as_of
from projections.contracts.queries import (
    Contract,
    ContractFile,
    ContractLine,
    ContractMonth,
    ReportSeen,
    contract,
    find_contracts,
    list_contracts,
)

__all__ = [
    "CONTRACTS",
    "Contract",
    "ContractFile",
    "ContractLine",
    "ContractMonth",
    "ReportSeen",
    "contract",
    "contract_as_of",
    "contracts_as_of",
    "find_contracts",
    "list_contracts",
]
