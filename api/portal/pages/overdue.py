"""What was overdue at the end of a day: the list, and totals by buyer."""

from api.http.parameters import After
from api.http.problems import Problem
from api.http.questions import Asked
from api.portal.asking import Word
from api.portal.views import Pages, View
from ledger.errors import Malformed
from ledger.times import parse_date
from projections.payments import list_overdue

pages = Pages()

ROWS = 50
"""Sums a page."""


@pages.page("/overdue")
def overdue(
    question: Asked,
    day: Word = None,
    buyer: Word = None,
    provider: Word = None,
    after: After = None,
) -> View:
    """List what was overdue."""
    if day is not None:
        try:
            parse_date(day)
        except Malformed as error:
            raise Problem("invalid_request", f"query.day: {error}") from None
    found = list_overdue(
        question.projections, day=day, buyer=buyer, provider=provider, after=after, limit=ROWS
    )
    asked = {"day": day, "buyer": buyer, "provider": provider}
    return View("overdue.html", found, found.position, {"asked": asked})
