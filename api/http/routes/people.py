"""People and those that decide about them: for those concerned, finance and auditors.

Whoever they are no matter of gets the answer of a thing that does not exist.
"""

from typing import Annotated

from fastapi import Path, Query

from api.http.parameters import After, Limit
from api.http.problems import Problem
from api.http.questions import Answer, Asked, Question, Routes
from api.rights import READS_APPROVERS
from projections.approvers import Approver, list_approvers
from projections.delivery import Person, PersonFile, list_people, person_file
from projections.paging import DEFAULT_LIMIT, Page

routes = Routes(tags=["people"])

Token = Annotated[str, Path(description="The person's token.", examples=["beneficiary-1"])]


@routes.get("/beneficiaries", summary="List people entitled to services")
def beneficiaries(
    question: Asked,
    programme: Annotated[str | None, Query(description="Only of this programme.")] = None,
    contract: Annotated[
        str | None, Query(description="Only with a care plan under this contract.")
    ] = None,
    text: Annotated[str | None, Query(description="Only with this text in the token.")] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Person]]:
    """List people by token: all to finance and auditors, to a party those that it cares for."""
    page = list_people(
        question.projections,
        programme=programme,
        contract=contract,
        text=text,
        of_concern_to=_concerned(question),
        after=after,
        limit=limit,
    )
    return question.answer(page, page.position)


@routes.get("/beneficiaries/{token}", summary="Show what a person was promised and given")
def beneficiary(
    question: Asked,
    token: Token,
    month: Annotated[
        str | None,
        Query(
            pattern=r"^[1-9][0-9]{3}-(?:0[1-9]|1[0-2])$",
            description="The local month looked at, 2026-03; else the ledger's latest.",
        ),
    ] = None,
) -> Answer[PersonFile]:
    """Show a person by token; to a party, what is done under its own contracts."""
    party = _concerned(question)
    found = person_file(question.projections, token, month, of_concern_to=party)
    if found is None:
        raise Problem("not_found", f"there is no person {token}")
    return question.answer(found, found.position)


@routes.get("/approvers", summary="List what keys approved, and how fast")
def approvers(
    question: Asked,
    key: Annotated[str | None, Query(description="Only of this key.")] = None,
    party: Annotated[str | None, Query(description="Only of this party's keys.")] = None,
    kind: Annotated[
        str | None,
        Query(description="Only confirmation, denial, answer, approval, return or order."),
    ] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[Page[Approver]]:
    """List what keys did: all to finance and auditors, to a purchaser what its own keys did."""
    reader = question.reader
    if READS_APPROVERS.isdisjoint(reader.roles):
        raise Problem("not_found")
    own = None if reader.reads_all else reader.party
    if own is not None and party not in {None, own}:
        raise Problem("not_found")
    page = list_approvers(
        question.projections, key=key, party=own or party, kind=kind, after=after, limit=limit
    )
    return question.answer(page, page.position)


def _concerned(question: Question) -> str | None:
    """Return the party that the people asked for must concern; None for a reader of all.

    Raises:
        Problem: `not_found`: people are no matter of whoever asks.

    """
    reader = question.reader
    if not reader.reads_people:
        raise Problem("not_found")
    return None if reader.reads_all else reader.party
