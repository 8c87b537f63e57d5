"""The first page: where the year's money comes from, how far it came, and what is open."""

from api.http.questions import Asked
from api.portal.asking import Year
from api.portal.views import Pages, View
from projections.overview import overview as figures

pages = Pages()


@pages.page("/overview")
def overview(question: Asked, year: Year = None) -> View:
    """Show a budget year, or the newest."""
    found = figures(question.projections, year)
    return View("overview.html", found, found.position)
