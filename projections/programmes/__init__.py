"""Programmes: what each is to reach, what it gave to whom, and what that cost.

tables      the rows
contracts   folding tenders, contracts, their scores and their money
model       the read model: programmes, their indicators and people
queries     the questions, and the records that answer them
"""

from projections.programmes.model import PROGRAMMES
from projections.programmes.queries import (
    Delivered,
    Indicator,
    People,
    Programme,
    ProgrammeFile,
    ProgrammeLine,
    ProgrammeMonth,
    Result,
    list_programmes,
    programme,
)

__all__ = [
    "PROGRAMMES",
    "Delivered",
    "Indicator",
    "People",
    "Programme",
    "ProgrammeFile",
    "ProgrammeLine",
    "ProgrammeMonth",
    "Result",
    "list_programmes",
    "programme",
]
