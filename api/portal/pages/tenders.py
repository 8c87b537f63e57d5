"""Tenders: the list with filters, and one from its lots to its award."""

from typing import Annotated

from api.http.parameters import After, missing
from api.http.questions import Asked
from api.portal.asking import EMPTY_IS_NONE, Word, Year
from api.portal.views import Pages, View
from ledger.events.tender import Method
from projections.contracts.queries import Origin
from projections.programmes import list_programmes
from projections.tenders import list_tenders, tender

pages = Pages()

ROWS = 50
"""Tenders a page."""

Whose = Annotated[Origin | None, EMPTY_IS_NONE]
How = Annotated[Method | None, EMPTY_IS_NONE]


@pages.page("/tenders")
def tenders(
    question: Asked,
    origin: Whose = None,
    status: Word = None,
    method: How = None,
    buyer: Word = None,
    provider: Word = None,
    programme: Word = None,
    year: Year = None,
    text: Word = None,
    after: After = None,
) -> View:
    """List tenders."""
    asked = {
        "origin": origin,
        "status": status,
        "method": method,
        "buyer": buyer,
        "provider": provider,
        "programme": programme,
        "year": year,
        "text": text,
    }
    page = list_tenders(
        question.projections,
        origin=origin,
        status=status,
        method=method,
        buyer=buyer,
        provider=provider,
        programme=programme,
        year=year,
        text=text,
        after=after,
        limit=ROWS,
    )
    facts = {"asked": asked, "programmes": list_programmes(question.projections).items}
    return View("tenders.html", page, page.position, facts)


@pages.page("/tenders/{name:path}")
def tender_file(question: Asked, name: str) -> View:
    """Show one tender."""
    found = tender(question.projections, name)
    if found is None:
        raise missing("tender", name)
    return View("tender.html", found, found.position)
