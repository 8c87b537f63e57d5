"""`POST /add-checkpoint`: a server that is a witness of other ledgers, too (C2SP tlog-witness).

Only where the settings name a witness's key. It judges as `sunledger witness serve` does, by the
same code; a witness that replays what it cosigns is a process of its own.
"""

from typing import Annotated, Any

import structlog
from fastapi import Depends, Request, Response

from api.http.problems import Problem
from api.http.questions import Routes, service_of
from ledger.cosigning import PATH, SIZE_TYPE, NotCosigned

TEXT = "text/plain; charset=utf-8"

_DOCUMENT: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The line `old` with the size cosigned last, a consistency proof from "
        "there, an empty line, and the checkpoint.",
        "content": {TEXT: {"schema": {"type": "string"}}},
    }
}
_log = structlog.get_logger()

routes = Routes(tags=["log"])


async def read_request(request: Request) -> bytes:
    """Return the body, which the layers have read within their limits."""
    return await request.body()


@routes.post(
    PATH,
    summary="Ask for a cosignature",
    response_class=Response,
    openapi_extra=_DOCUMENT,
    responses={
        200: {
            "description": "The witness's signature line.",
            "content": {TEXT: {"schema": {"type": "string"}}},
        },
        409: {
            "description": "Another size was cosigned last: this one.",
            "content": {SIZE_TYPE: {"schema": {"type": "string"}}},
        },
    },
)
def add_checkpoint(request: Request, body: Annotated[bytes, Depends(read_request)]) -> Response:
    """Cosign a checkpoint of a ledger that is known here, if it continues the one before."""
    witness = service_of(request).witness
    if witness is None:
        raise Problem("not_found", "this server is no witness")
    try:
        checkpoint, line = witness.add_checkpoint(body)
    except NotCosigned as declined:
        _log.info("not cosigned", why=str(declined), status=declined.status)
        if declined.size is not None:
            return Response(f"{declined.size}\n", declined.status, media_type=SIZE_TYPE)
        return Response(f"{declined}\n", declined.status, media_type=TEXT)
    _log.info("cosigned", origin=checkpoint.origin, size=checkpoint.size)
    return Response(line, media_type=TEXT)
