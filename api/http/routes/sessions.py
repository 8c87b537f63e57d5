"""Sessions: a reader signs a text with a key of its party, and is known by a token for a while."""

from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from api.http.bodies import read_body
from api.http.problems import Problem
from api.http.questions import Answer, Asked, Routes, answer_once
from api.http.sessions import Known, Offer, Opened, Sessions, sessions_of, token_of
from api.session_note import MAX_BYTES

routes = Routes(tags=["sessions"])

Kept = Annotated[Sessions, Depends(sessions_of)]

NOTE = """\
sunledger/session/v1
ledger.example.gov.cn
portal.example.gov.cn
68f1c2d45b0e7c9a13fa9921d07be3c4
2026-03-01T08:00:01.000Z

— lushan-audit/office-2025 oS9o…=
"""


@routes.get("/sessions", summary="Ask for a nonce")
async def offer(sessions: Kept) -> Answer[Offer]:
    """Give a nonce for a session text, to be used once and soon."""
    return answer_once(sessions.offer())


@routes.post(
    "/sessions",
    summary="Sign in",
    status_code=201,
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The session text, signed: a C2SP note.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": NOTE}},
        }
    },
)
async def sign_in(request: Request, sessions: Kept) -> Answer[Opened]:
    """Open a session for a signed session text.

    The text has five lines: `sunledger/session/v1`, the ledger's origin, the host you reached this
    server by, the nonce, the time. One key in force of your party signs it, whatever its use.
    """
    data = await read_body(request, MAX_BYTES)
    return answer_once(await run_in_threadpool(sessions.open, data), 201)


@routes.get("/sessions/mine", summary="Tell who is signed in")
def mine(request: Request, sessions: Kept) -> Answer[Known]:
    """Tell what the session whose token is sent is good for, now."""
    token = token_of(request, sessions.access.cookie)
    known = None if token is None else sessions.known(token)
    if known is None:
        raise Problem("not_signed_in", "no session is open by what was sent")
    return answer_once(known)


@routes.delete("/sessions", summary="Sign out", status_code=204)
def sign_out(request: Request, sessions: Kept, question: Asked) -> Response:
    """End the session whose token is sent."""
    token = token_of(request, sessions.access.cookie)
    if token is None or question.reader.is_public:
        raise Problem("not_signed_in", "there is no session to end")
    sessions.end(token)
    return Response(None, 204, {"Cache-Control": "no-store"})
