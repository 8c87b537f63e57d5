"""Search: everything with a name or a number, by a part of it."""

from typing import Annotated

from api.http.parameters import After
from api.http.questions import Asked
from api.portal.asking import EMPTY_IS_NONE, Word
from api.portal.views import Pages, View
from projections.paging import Page
from projections.search import Kind, find_text

pages = Pages()

ROWS = 50
"""Things a page."""

OfKind = Annotated[Kind | None, EMPTY_IS_NONE]


@pages.page("/search")
def search(question: Asked, text: Word = None, kind: OfKind = None, after: After = None) -> View:
    """Find by text; without one ask for it."""
    asked = {"text": text, "kind": kind}
    if text is None:
        position = question.service.position
        return View("search.html", Page(position, (), None), position, {"asked": asked})
    page = find_text(question.projections, text, kind=kind, after=after, limit=ROWS)
    return View("search.html", page, page.position, {"asked": asked})
