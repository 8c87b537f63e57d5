"""Contracts: the list with filters, one contract with all that is known, its payments."""

from typing import Annotated

from fastapi import Path, Query

from api.http.parameters import After, AsOf, Limit, Text, missing, point_asked
from api.http.questions import Answer, Asked, Question, Routes
from ledger.state.payment import PaymentStatus
from projections.contracts import Contract, ContractFile, contract, list_contracts
from projections.contracts.past import contract_as_of
from projections.contracts.queries import Origin
from projections.paging import DEFAULT_LIMIT, Page
from projections.payments import Payment, list_payments

routes = Routes(tags=["contracts"])

Name = Annotated[
    str, Path(description="The contract's key, as the list gives it.", examples=["c-2025-01"])
]


@routes.get("/contracts", summary="List contracts")
def contracts(
    question: Asked,
    origin: Annotated[Origin | None, Query(description="Ours, or published by others.")] = None,
    status: Annotated[
        str | None, Query(description="Only of this status.", examples=["active"])
    ] = None,
    buyer: Annotated[
        str | None, Query(description="Only of this buyer.", examples=["lushan-civil-affairs"])
    ] = None,
    provider: Annotated[
        str | None, Query(description="Only of this provider.", examples=["yangguang-care"])
    ] = None,
    programme: Annotated[
        str | None, Query(description="Only of this programme.", examples=["home-care-2025"])
    ] = None,
    line: Annotated[
        str | None,
        Query(description="Only paid from this fund line.", examples=["2025-2081006-city"]),
    ] = None,
    year: Annotated[
        int | None, Query(ge=1, le=9999, description="Only in force in this year.", examples=[2025])
    ] = None,
    text: Text = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Contract]]:
    """List contracts, native and reported, in the order in which they entered the ledger."""
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
        limit=limit,
    )
    return question.answer(page, page.position)


@routes.get("/contracts/{name:path}/payments", summary="List the payments of a contract")
def payments(
    question: Asked,
    name: Name,
    status: Annotated[
        PaymentStatus | None, Query(description="Only those that got so far.", examples=["settled"])
    ] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Payment]]:
    """List what was asked for under a contract, in that order; none under a published one."""
    _of_name(question, name, None)
    page = list_payments(
        question.projections, contract=name, status=status, after=after, limit=limit
    )
    return question.answer(page, page.position)


@routes.get("/contracts/{name:path}", summary="Show a contract")
def contract_file(question: Asked, name: Name, as_of: AsOf = None) -> Answer[ContractFile]:
    """Show one contract: parties, terms, money by line, account and month."""
    found = _of_name(question, name, as_of)
    return question.answer(found, found.position)


def _of_name(question: Question, name: str, as_of: str | None) -> ContractFile:
    if as_of is None:
        found = contract(question.projections, name)
    else:
        found = contract_as_of(question.projections, name, point_asked(question, as_of))
    if found is None:
        raise missing("contract", name, as_of)
    return found
