"""Contracts: the list with filters, one contract with all that is known, what happened to it."""

from typing import Annotated

from fastapi import Path, Query

from api.http.parameters import After, Limit
from api.http.problems import Problem
from api.http.questions import Answer, Asked, Routes
from projections.contracts import Contract, ContractFile, contract, list_contracts
from projections.contracts.queries import Origin
from projections.paging import DEFAULT_LIMIT, Page

routes = Routes(tags=["contracts"])

Name = Annotated[str, Path(description="The contract's key, as the list gives it.")]


@routes.get("/contracts", summary="List contracts")
def contracts(
    question: Asked,
    origin: Annotated[Origin | None, Query(description="Ours, or published by others.")] = None,
    status: Annotated[str | None, Query(description="Only of this status.")] = None,
    buyer: Annotated[str | None, Query(description="Only of this buyer.")] = None,
    provider: Annotated[str | None, Query(description="Only of this provider.")] = None,
    programme: Annotated[str | None, Query(description="Only of this programme.")] = None,
    line: Annotated[str | None, Query(description="Only paid from this fund line.")] = None,
    year: Annotated[
        int | None, Query(ge=1, le=9999, description="Only in force in this year.")
    ] = None,
    text: Annotated[str | None, Query(description="Only with this text in it.")] = None,
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


@routes.get("/contracts/{name:path}", summary="Show a contract")
def contract_file(question: Asked, name: Name) -> Answer[ContractFile]:
    """Show one contract: parties, terms, money by line, account and month."""
    found = contract(question.projections, name)
    if found is None:
        raise Problem("not_found", f"there is no contract {name}")
    return question.answer(found, found.position)
