"""Contracts: the list with filters, and one with all that is known."""

from typing import Annotated

from msgspec import Struct

from api.http.parameters import After
from api.http.problems import Problem
from api.http.questions import Asked, Question
from api.http.readable import Readable
from api.portal.asking import EMPTY_IS_NONE, Position, Word, Year
from api.portal.views import Pages, View
from projections.contracts import ContractFile, contract, list_contracts
from projections.contracts.queries import Origin
from projections.payments import (
    ClaimFile,
    Payment,
    list_claim_files,
    list_payments,
)
from projections.programmes import list_programmes
from projections.providers import ProviderScore, scores_of
from projections.terms import Terms, contract_terms
from projections.timeline import Timeline, timeline

pages = Pages()

ROWS = 50
"""Contracts, claims or payments a page: what a screen or two hold."""
EVENTS = 20
"""Events of a timeline a page."""

Whose = Annotated[Origin | None, EMPTY_IS_NONE]


class ContractPage(Struct, frozen=True):
    """A contract with all that is known of it.

    Attributes:
        position: how many events of the ledger all of this reflects.
        file: the contract, its lines and months; what was published, of one that others reported.
        terms: what both sides agreed on, or None of a reported one.
        claims: claims and other sums owed, each with what changed it, in order.
        claims_next: what to ask for more of them by `claims_after`, or None.
        payments: its payments, in order.
        payments_next: what to ask for more of them by `payments_after`, or None.
        scores: how its service was scored.
        timeline: what happened to it, of what is for the reader, the newest first; None of a
            reported one. Its `next` is what to ask for what was before it by `before`.

    """

    position: int
    file: ContractFile
    terms: Terms | None
    claims: tuple[ClaimFile, ...]
    claims_next: str | None
    payments: tuple[Payment, ...]
    payments_next: str | None
    scores: tuple[ProviderScore, ...]
    timeline: Timeline | None


@pages.page("/contracts")
def contracts(
    question: Asked,
    origin: Whose = None,
    status: Word = None,
    buyer: Word = None,
    provider: Word = None,
    programme: Word = None,
    line: Word = None,
    year: Year = None,
    text: Word = None,
    after: After = None,
) -> View:
    """List contracts."""
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
    page = list_contracts(
        question.projections,
        origin=origin,
        status=status,
        buyer=buyer,
        provider=provider,
        programme=programme,
        line=line,
        year=year,
        text=text,
        after=after,
        limit=ROWS,
    )
    facts = {"asked": asked, "programmes": list_programmes(question.projections).items}
    return View("contracts.html", page, page.position, facts)


@pages.page("/contracts/{name:path}")
def contract_file(
    question: Asked,
    name: str,
    claims_after: str | None = None,
    payments_after: str | None = None,
    before: Position = None,
) -> View:
    """Show one contract."""
    projections = question.projections
    found = contract(projections, name)
    if found is None:
        raise Problem("not_found", f"there is no contract {name}")
    claims = list_claim_files(projections, name, after=claims_after, limit=ROWS)
    payments = list_payments(projections, contract=name, after=payments_after, limit=ROWS)
    native = found.contract.origin == "native"
    happened = _timeline(question, name, before) if native else None
    document = ContractPage(
        position=min(found.position, claims.position, payments.position),
        file=found,
        terms=contract_terms(projections, name) if native else None,
        claims=claims.items,
        claims_next=claims.next,
        payments=payments.items,
        payments_next=payments.next,
        scores=scores_of(projections, name),
        timeline=happened,
    )
    return View("contract.html", document, document.position)


def _timeline(question: Question, name: str, before: int | None) -> Timeline | None:
    """Return what happened to a contract, of what is for the reader."""
    readable = Readable(question.service, question.reader)
    return timeline(
        question.projections,
        f"contract/{name}",
        after=before,
        limit=EVENTS,
        newest=True,
        # Who may read none of them shall not step over all of them either.
        without_visits=question.reader.is_public or not readable.is_side_of(name),
        readable=readable,
    )
