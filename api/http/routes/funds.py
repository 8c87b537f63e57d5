"""Fund lines: what every account of them holds, month by month, and as it was."""

from typing import Annotated

from fastapi import Path, Query

from api.http.parameters import After, AsOf, Limit, Year, missing, point_asked
from api.http.questions import Answer, Asked, Routes
from projections.funds import Fund, FundFile, FundMonths, fund, fund_months, list_funds
from projections.funds.past import fund_as_of
from projections.paging import DEFAULT_LIMIT, Page

routes = Routes(tags=["funds"])

Line = Annotated[str, Path(description="The fund line's id.", examples=["2025-2081006-city"])]


@routes.get("/funds", summary="List fund lines")
def funds(
    question: Asked,
    year: Annotated[
        int | None, Query(ge=1, le=9999, description="Only of this budget year.", examples=[2025])
    ] = None,
    source: Annotated[
        str | None,
        Query(
            description="Only of this source of money: central, province, city, lottery.",
            examples=["city"],
        ),
    ] = None,
    owner: Annotated[
        str | None,
        Query(description="Only appropriated by this party.", examples=["lushan-finance"]),
    ] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Fund]]:
    """List fund lines with the balance of each account, in the order of their appropriation."""
    page = list_funds(
        question.projections, year=year, source=source, owner=owner, after=after, limit=limit
    )
    return question.answer(page, page.position)


@routes.get("/funds/{line}", summary="Show a fund line")
def fund_file(question: Asked, line: Line, as_of: AsOf = None) -> Answer[FundFile]:
    """Show what each account of a fund line holds, or held."""
    if as_of is None:
        found = fund(question.projections, line)
    else:
        point = point_asked(question, as_of)
        found = fund_as_of(question.projections, line, point)[0]
    if found is None:
        raise missing("fund line", line, as_of)
    return question.answer(found, found.position)


@routes.get("/funds/{line}/months", summary="Show a fund line month by month")
def months(
    question: Asked, line: Line, year: Year = None, as_of: AsOf = None
) -> Answer[FundMonths]:
    """Show what was debited and credited to a fund line's accounts, and how far money came."""
    if as_of is None:
        found = fund_months(question.projections, line, year=year)
    else:
        point = point_asked(question, as_of)
        found = fund_as_of(question.projections, line, point, year=year)[1]
    if found is None:
        raise missing("fund line", line, as_of)
    return question.answer(found, found.position)
