"""Fund lines, every account of each, by month too; and the processes that others published.

tables      the rows
model       the read model: folding
queries     the questions, and the records that answer them
past        lines and processes as they were
"""

from projections.funds.model import FUNDS
from projections.funds.queries import (
    Fund,
    FundFile,
    FundMonth,
    FundMonths,
    ProcessMoney,
    PublishedProcess,
    fund,
    fund_months,
    list_funds,
    list_processes,
)

__all__ = [
    "FUNDS",
    "Fund",
    "FundFile",
    "FundMonth",
    "FundMonths",
    "ProcessMoney",
    "PublishedProcess",
    "fund",
    "fund_months",
    "list_funds",
    "list_processes",
]
