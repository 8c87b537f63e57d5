"""The registers: providers, parties, programmes, tenders, what others published, rules, search."""

from typing import Annotated, Literal

from fastapi import Path, Query

from api.http.parameters import After, Limit, Text, missing
from api.http.questions import Answer, Asked, Routes
from ledger.events.tender import Method
from projections.contracts.queries import Origin
from projections.funds import PublishedProcess, list_processes
from projections.paging import DEFAULT_LIMIT, Page
from projections.parties import PartyFile, PartyListed, list_parties, party_file
from projections.programmes import Programme, ProgrammeFile, list_programmes, programme
from projections.providers import Provider, ProviderFile, list_providers, provider
from projections.rulebook import RuleList, list_rules
from projections.search import Found, Kind, find_text
from projections.tenders import Tender, TenderFile, list_tenders, tender

routes = Routes(tags=["registers"])

PartyId = Annotated[str, Path(description="The party's id.", examples=["yangguang-care"])]


@routes.get("/providers", summary="List providers")
def providers(
    question: Asked, text: Text = None, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Answer[Page[Provider]]:
    """List parties with contracts and their figures, in the order of their first contracts."""
    page = list_providers(question.projections, text=text, after=after, limit=limit)
    return question.answer(page, page.position)


@routes.get("/providers/{party}", summary="Show a provider")
def provider_file(question: Asked, party: PartyId) -> Answer[ProviderFile]:
    """Show a provider: money by month, scores, sanctions, how long it waited to be paid."""
    found = provider(question.projections, party)
    if found is None:
        raise missing("provider", party)
    return question.answer(found, found.position)


@routes.get("/parties", summary="List parties")
def parties(
    question: Asked,
    kind: Annotated[
        Literal["government", "social_organisation", "company", "institution", "person_agent"]
        | None,
        Query(description="Only of this kind.", examples=["company"]),
    ] = None,
    role: Annotated[
        str | None, Query(description="Only those that hold this role now.", examples=["finance"])
    ] = None,
    text: Text = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[PartyListed]]:
    """List all who may sign, in the order in which they were registered."""
    page = list_parties(
        question.projections, kind=kind, role=role, text=text, after=after, limit=limit
    )
    return question.answer(page, page.position)


@routes.get("/parties/{party}", summary="Show a party")
def party_file_of(question: Asked, party: PartyId) -> Answer[PartyFile]:
    """Show a party: its roles, keys, accounts, sanctions, qualifications, declared interests."""
    found = party_file(question.projections, party)
    if found is None:
        raise missing("party", party)
    return question.answer(found, found.position)


@routes.get("/programmes", summary="List programmes")
def programmes(
    question: Asked, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> Answer[Page[Programme]]:
    """List programmes with their figures, in the order in which they were established."""
    page = list_programmes(question.projections, after=after, limit=limit)
    return question.answer(page, page.position)


@routes.get("/programmes/{programme_id}", summary="Show a programme")
def programme_file(
    question: Asked,
    programme_id: Annotated[
        str, Path(description="The programme's id.", examples=["home-care-2025"])
    ],
) -> Answer[ProgrammeFile]:
    """Show a programme's output against its money."""
    found = programme(question.projections, programme_id)
    if found is None:
        raise missing("programme", programme_id)
    return question.answer(found, found.position)


@routes.get("/tenders", summary="List tenders")
def tenders(
    question: Asked,
    origin: Annotated[
        Origin | None, Query(description="Ours, or published by others.", examples=["native"])
    ] = None,
    status: Annotated[
        str | None, Query(description="Only of this status.", examples=["awarded"])
    ] = None,
    buyer: Annotated[
        str | None,
        Query(description="Only of this buyer, its id or published name.", examples=["民政局"]),
    ] = None,
    provider: Annotated[
        str | None,
        Query(
            description="Only those that this provider bid for or won.", examples=["songbai-home"]
        ),
    ] = None,
    method: Annotated[
        Method | None, Query(description="Only by this method.", examples=["open"])
    ] = None,
    programme: Annotated[
        str | None, Query(description="Only of this programme.", examples=["home-care-2025"])
    ] = None,
    year: Annotated[
        int | None, Query(ge=1, le=9999, description="Only opening in this year.", examples=[2025])
    ] = None,
    text: Text = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Tender]]:
    """List tenders, native and reported, in the order in which they entered the ledger."""
    page = list_tenders(
        question.projections,
        origin=origin,
        status=status,
        buyer=buyer,
        provider=provider,
        method=method,
        programme=programme,
        year=year,
        text=text,
        after=after,
        limit=limit,
    )
    return question.answer(page, page.position)


@routes.get("/tenders/{name:path}", summary="Show a tender")
def tender_file(
    question: Asked,
    name: Annotated[
        str, Path(description="The tender's key, as the list gives it.", examples=["t-2025-01"])
    ],
) -> Answer[TenderFile]:
    """Show a tender: lots, amendments, questions, bids with their scores, awards, challenges."""
    found = tender(question.projections, name)
    if found is None:
        raise missing("tender", name)
    return question.answer(found, found.position)


@routes.get("/processes", summary="List published processes")
def processes(
    question: Asked,
    ocid: Annotated[
        str | None,
        Query(
            description="Only of this ocid, or with this id of ours.", examples=["ocds-213czf-1"]
        ),
    ] = None,
    text: Text = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[PublishedProcess]]:
    """List contracting processes that others published, in the order of their first reports."""
    page = list_processes(question.projections, ocid=ocid, text=text, after=after, limit=limit)
    return question.answer(page, page.position)


@routes.get("/rules", summary="List the rules")
def rules(question: Asked) -> Answer[RuleList]:
    """List every version of every rule: clocks, rates, calendars, pay, scores, flags, the law."""
    found = list_rules(question.projections)
    return question.answer(found, found.position)


@routes.get("/search", summary="Find by text")
def search(
    question: Asked,
    text: Annotated[
        str,
        Query(
            min_length=1,
            description="A part of a name, a title or a number, in any case.",
            examples=["居家"],
        ),
    ],
    kind: Annotated[
        Kind | None, Query(description="Only of this kind.", examples=["tender"])
    ] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Found]]:
    """Find contracts, tenders, parties, lines, programmes, claims and payments by their words."""
    page = find_text(question.projections, text, kind=kind, after=after, limit=limit)
    return question.answer(page, page.position)
