"""The figures of a first page: where money came from, how far it came, what is open."""

from typing import Annotated

from fastapi import Query

from api.http.questions import Answer, Asked, Routes
from projections.overview import Overview
from projections.overview import overview as overview_of

routes = Routes(tags=["overview"])


@routes.get("/overview", summary="Show the ledger as a whole")
def overview(
    question: Asked,
    year: Annotated[
        int | None,
        Query(
            ge=1,
            le=9999,
            description="The budget year of lines, sources and months; the newest where none is "
            "named.",
            examples=[2025],
        ),
    ] = None,
) -> Answer[Overview]:
    """Show sources, fund lines and months of a budget year, and what is open in the ledger."""
    found = overview_of(question.projections, year)
    return question.answer(found, found.position)
