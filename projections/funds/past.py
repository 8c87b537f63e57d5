"""Fund lines and published processes as they were."""

from projections.engine import Projections
from projections.funds.model import FUNDS
from projections.funds.queries import (
    FundFile,
    FundMonths,
    PublishedProcess,
    fund,
    fund_months,
    list_processes,
)
from projections.past import as_of
from projections.points import Point
from projections.reports import REPORTED_KIND


def fund_as_of(
    projections: Projections, name: str, point: Point, *, year: int | None = None
) -> tuple[FundFile | None, FundMonths | None, tuple[PublishedProcess, ...]]:
    """Return the line of this id, its months, and the published processes of this ocid or id.

    Raises:
        LedgerError: the read model does not reflect as much yet.

    """
    with as_of(projections, FUNDS, f"line/{name}", point) as past:
        found, months = fund(past, name), fund_months(past, name, year=year)
    processes: list[PublishedProcess] = []
    for process in list_processes(projections, ocid=name).items:
        with as_of(projections, FUNDS, REPORTED_KIND + process.process, point) as past:
            processes += list_processes(past).items
    return found, months, tuple(processes)
