"""Programmes: the list, and one with what it reached against what it cost."""

from api.http.parameters import After
from api.http.problems import Problem
from api.http.questions import Asked
from api.portal.views import Pages, View
from projections.programmes import list_programmes, programme

pages = Pages()

ROWS = 50
"""Programmes a page."""


@pages.page("/programmes")
def programmes(question: Asked, after: After = None) -> View:
    """List programmes."""
    page = list_programmes(question.projections, after=after, limit=ROWS)
    return View("programmes.html", page, page.position)


@pages.page("/programmes/{name}")
def programme_file(question: Asked, name: str) -> View:
    """Show one programme."""
    found = programme(question.projections, name)
    if found is None:
        raise Problem("not_found", f"there is no programme {name}")
    return View("programme.html", found, found.position)
