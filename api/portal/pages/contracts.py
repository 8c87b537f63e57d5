"""Contracts: the list with filters, and one with all that is known."""

from typing import Annotated

from fastapi import Query

from api.http.parameters import After
from api.http.problems import Problem
from api.http.questions import Asked
from api.portal.views import Pages, View
from projections.contracts import contract, list_contracts
from projections.contracts.queries import Origin
from projections.programmes import list_programmes

pages = Pages()

ROWS = 50
"""Contracts a page: what a screen or two hold."""

Year = Annotated[int | None, Query(ge=1, le=9999)]


@pages.page("/contracts")
def contracts(
    question: Asked,
    origin: Origin | None = None,
    status: str | None = None,
    buyer: str | None = None,
    provider: str | None = None,
    programme: str | None = None,
    line: str | None = None,
    year: Year = None,
    text: str | None = None,
    after: After = None,
) -> View:
    """List contracts."""
    page = list_contracts(
        question.projections,
        origin=origin,
        status=status or None,
        buyer=buyer or None,
        provider=provider or None,
        programme=programme or None,
        line=line or None,
        year=year,
        text=text or None,
        after=after,
        limit=ROWS,
    )
    asked = {
        "origin": origin,
        "status": status,
        "buyer": buyer,
        "provider": provider,
        "programme": programme,
        "line": line,
        "year": year,
        "text": text,
    }
    facts = {"asked": asked, "programmes": list_programmes(question.projections).items}
    return View("contracts.html", page, page.position, facts)


@pages.page("/contracts/{name:path}")
def contract_file(question: Asked, name: str) -> View:
    """Show one contract."""
    found = contract(question.projections, name)
    if found is None:
        raise Problem("not_found", f"there is no contract {name}")
    return View("contract.html", found, found.position)
