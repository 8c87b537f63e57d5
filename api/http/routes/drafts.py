"""The cosigning inbox: proposing statements that others must sign too, and signing them."""

from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from msgspec import Struct

from api.http.bodies import read_body
from api.http.draft_records import Draft, DraftStanding
from api.http.drafts import Drafts, drafts_of
from api.http.parameters import After, Limit
from api.http.problems import Problem
from api.http.questions import Answer, Asked, Routes, answer_once
from ledger.note import MAX_NOTE_BYTES
from ledger.statement import MAX_STATEMENT_BYTES, MEDIA_TYPE
from projections.paging import DEFAULT_LIMIT

routes = Routes(tags=["writing"])

Kept = Annotated[Drafts, Depends(drafts_of)]
Id = Annotated[
    str,
    Path(
        pattern="^[0-9a-f]{64}$",
        description="SHA-256 of the statement's text, in hex.",
        examples=["0" * 64],
    ),
]


class DraftPage(Struct, frozen=True):
    """A part of the drafts that name a party, the newest first.

    Attributes:
        items: the drafts.
        next: what to ask the following page `after`, or None at the end.

    """

    items: tuple[Draft, ...]
    next: str | None


def _body(media_type: str, meaning: str) -> dict[str, Any]:
    content = {media_type: {"schema": {"type": "string"}}}
    return {"requestBody": {"required": True, "description": meaning, "content": content}}


@routes.post(
    "/drafts",
    summary="Propose a statement for others to sign",
    status_code=201,
    openapi_extra=_body(MEDIA_TYPE, "A statement file with at least one of its signatures."),
    responses={200: {"description": "It was proposed before: as it stands now."}},
)
async def propose(request: Request, drafts: Kept) -> Answer[DraftStanding]:
    """Keep a statement until everybody that it names has signed; then it is submitted.

    It needs a signature by a key in force of a party that it names, and no session. It ends with
    the statement, thirty days after that was made. The answer tells how it stands; what it says is
    shown to the parties that it names (`GET /v1/drafts/{draft}`).
    """
    data = await read_body(request, MAX_STATEMENT_BYTES)
    draft, new = await drafts.propose(data)
    answer = answer_once(draft, 201 if new else 200)
    answer.headers["Location"] = f"/v1/drafts/{draft.id}"
    return answer


@routes.get("/drafts", summary="List drafts to sign")
def inbox(
    question: Asked,
    drafts: Kept,
    party: Annotated[
        str | None, Query(description="The party signed in; no other's drafts are shown.")
    ] = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Answer[DraftPage]:
    """List the drafts that name the party of the session, with what became of them.

    The statement files are left out: each is shown with its draft (`GET /v1/drafts/{draft}`).
    """
    own = question.reader.party
    if own is None:
        raise Problem("not_signed_in", "drafts are shown to the parties that they name")
    if party not in {None, own}:
        return answer_once(DraftPage((), None))
    items, following = drafts.of_party(own, after, limit)
    return answer_once(DraftPage(items, following))


@routes.get("/drafts/{draft}", summary="Show a draft")
def one(question: Asked, drafts: Kept, draft: Id) -> Answer[Draft]:
    """Show a draft to a party that it names, with its statement file while it waits."""
    return answer_once(drafts.find(draft, question.reader.party))


@routes.post(
    "/drafts/{draft}/signatures",
    summary="Sign a draft",
    openapi_extra=_body(
        "text/plain",
        "Signature lines (C2SP signed-note) over the draft's text; or its file with them.",
    ),
)
async def sign(request: Request, drafts: Kept, draft: Id) -> Answer[DraftStanding]:
    """Add signatures; with the last that is needed the statement is submitted.

    `status` tells whether it was `admitted`, with its receipt, or `refused`, with the refusal's
    code. What it says, and more of the refusal, is shown to the parties that it names.
    """
    return answer_once(await drafts.sign(draft, await read_body(request, MAX_NOTE_BYTES)))
