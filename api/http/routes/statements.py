"""Submitting statements: the one way in for what parties sign."""

from typing import Annotated, Any

import msgspec
from fastapi import Query, Request

from api.http.bodies import read_body
from api.http.questions import MIN_POSITION_SECONDS, POSITION, Answer, Routes, service_of
from api.http.submitting import StatementReceipt, answer_refused, signed_refusal, submit
from ledger.errors import Refused
from ledger.statement import MAX_STATEMENT_BYTES, MEDIA_TYPE

routes = Routes(tags=["writing"])

_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A statement file (.stmt): a signed note, an empty line, and its events, "
        "one a line.",
        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}
_RECEIPT = msgspec.json.Encoder()


@routes.post(
    "/statements",
    summary="Submit a statement",
    status_code=201,
    openapi_extra=_FILE,
    responses={200: {"description": "The same text was admitted before: its first receipt."}},
)
async def submit_statement(
    request: Request,
    wait: Annotated[
        bool,
        Query(
            description="Answer when the read models reflect the statement as well; waits up to "
            "five seconds for them. `Sunledger-Position` tells how far they are."
        ),
    ] = False,
) -> Answer[StatementReceipt]:
    """Admit a statement; answered when it is durable.

    Its events are judged in order, each seeing those before it; all or none are admitted. Whoever
    sends the same text again gets the first receipt, so it may be sent until an answer comes. A
    refusal names the event and the rule, and is signed by the operator where the server holds its
    key.
    """
    service = service_of(request)
    data = await read_body(request, MAX_STATEMENT_BYTES)
    try:
        receipt, again = await submit(service, data)
    except Refused as refused:
        return answer_refused(request, refused, signed_refusal(service, data, refused))
    if wait:
        await service.reached(receipt.end_position, MIN_POSITION_SECONDS)
    headers = {
        "Location": f"/v1/statements/{receipt.index}",
        "Cache-Control": "no-store",
        POSITION: str(service.position),
    }
    return Answer(_RECEIPT.encode(receipt), 200 if again else 201, headers, "application/json")
