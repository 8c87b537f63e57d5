"""The first page: where the year's money comes from, how far it came, and what is open."""

from typing import Annotated

from fastapi import Query

from api.http.questions import Asked
from api.portal.views import Pages, View
from projections.overview import overview as figures

pages = Pages()

Year = Annotated[int | None, Query(ge=1, le=9999)]


@pages.page("/overview")
def overview(question: Asked, year: Year = None) -> View:
    """Show a budget year, or the newest."""
    found = figures(question.projections, year)
    return View("overview.html", found, found.position)
