"""Signing in and out: by pasting a signed text, or for staff at the issuer of OpenID Connect.

The page works without a script: it shows the command that signs, and takes what that prints. The
browser then holds the token in a cookie that no script reads (`HttpOnly`) and that goes along with
no request of another site (`SameSite=Strict`).
"""

import base64
from typing import Annotated, Any
from urllib.parse import parse_qs

import msgspec
from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.http.access import Access
from api.http.bodies import read_body
from api.http.languages import LANGUAGES, language_wanted
from api.http.openid import Flow, OpenIdClient
from api.http.problems import Problem, details_of
from api.http.questions import Asked
from api.http.sessions import Known, Offer, Opened, Sessions, sessions_of
from api.portal.site import render
from api.portal.views import Pages
from api.session_note import CONTEXT, MAX_BYTES
from ledger.errors import Malformed
from ledger.times import parse_instant

pages = Pages(include_in_schema=False)

CALLBACK = "/session/callback"
"""Where the issuer sends the browser back: the redirect URI to be registered there."""
FLOW_SECONDS = 600
"""How long somebody may take at the issuer's."""

_NO_STORE = {"Cache-Control": "no-store"}
_FORM = "application/x-www-form-urlencoded"

Kept = Annotated[Sessions, Depends(sessions_of)]


def _staff(request: Request, sessions: Kept) -> OpenIdClient:
    """Return the client of the issuer.

    Raises:
        Problem: `not_found`: none is set.

    """
    access = sessions.access
    if access.openid is None:
        raise Problem("not_found")
    state = request.app.state
    if not hasattr(state, "staff"):
        state.staff = OpenIdClient(access.openid, access.url + CALLBACK)
    client: OpenIdClient = state.staff
    return client


Staff = Annotated[OpenIdClient, Depends(_staff)]


@pages.get("/{language:language}/session")
def show(question: Asked, sessions: Kept) -> Response:
    """Show who is signed in, or how to."""
    token = question.request.cookies.get(sessions.access.cookie)
    known = None if token is None else sessions.known(token)
    return _page(question.request, sessions, known)


@pages.post("/{language:language}/session")
async def sign_in(request: Request, sessions: Kept) -> Response:
    """Open a session for a signed text that was pasted."""
    note = await _pasted(request)
    try:
        opened = await run_in_threadpool(sessions.open, note)
    except (Problem, Malformed) as error:
        return await run_in_threadpool(_page, request, sessions, None, error)
    return _let_in(RedirectResponse(f"/{language_wanted(request)}/session", 303), sessions, opened)


@pages.post("/{language:language}/session/end")
def sign_out(request: Request, sessions: Kept) -> Response:
    """End the session and forget its token."""
    token = request.cookies.get(sessions.access.cookie)
    if token is not None:
        sessions.end(token)
    response = RedirectResponse(f"/{language_wanted(request)}/session", 303, _NO_STORE)
    _set_cookie(response, sessions.access, sessions.access.cookie, "", 0, "strict")
    return response


@pages.get("/{language:language}/session/staff")
def begin(request: Request, sessions: Kept, staff: Staff) -> Response:
    """Send a person of the staff to the issuer."""
    url, flow = staff.begin(language_wanted(request))
    response = RedirectResponse(url, 303, _NO_STORE)
    kept = base64.urlsafe_b64encode(msgspec.json.encode(flow)).decode()
    # Lax: the issuer's page leads back here, which is a navigation from another site.
    _set_cookie(response, sessions.access, _flow_cookie(sessions.access), kept, FLOW_SECONDS, "lax")
    return response


@pages.get(CALLBACK)
def finish(request: Request, sessions: Kept, staff: Staff) -> Response:
    """Take a person of the staff back from the issuer, and open a session."""
    flow = _flow(request.cookies.get(_flow_cookie(sessions.access)))
    person = staff.finish(dict(request.query_params), flow)
    opened = sessions.open_for(person.party, person.subject)
    language = flow.language if flow.language in LANGUAGES else LANGUAGES[0]
    # A page, not a redirect: what another site's redirect leads to is not sent a strict cookie.
    facts = {"known": opened.session, "position": None}
    page = render("session_welcome.html", request, language, facts)
    response = _let_in(HTMLResponse(page), sessions, opened)
    _set_cookie(response, sessions.access, _flow_cookie(sessions.access), "", 0, "lax")
    return response


async def _pasted(request: Request) -> bytes:
    """Return the note of a form, its lines ended as a note's are: a form ends them by CR LF."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Problem("media_type_not_supported", f"the form is sent as {_FORM}")
    body = await read_body(request, 3 * MAX_BYTES)  # each byte may be written as three
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, errors="strict")
    except ValueError:
        raise Problem("malformed", "the form cannot be read") from None
    text = fields.get("note", [""])[0].replace("\r\n", "\n").strip("\n \t") + "\n"
    return text.encode()


def _page(
    request: Request, sessions: Sessions, known: Known | None, error: Exception | None = None
) -> Response:
    access, language = sessions.access, language_wanted(request)
    shown: Known | Offer = known or sessions.offer()
    told = None if error is None else details_of(error, request)
    facts: dict[str, Any] = {
        "known": known,
        "offer": shown,
        "until_ms": parse_instant(shown.expires),
        "access": access,
        "context": CONTEXT,
        "problem": told,
        "position": None,
    }
    page = render("session.html", request, language, facts)
    return HTMLResponse(page, 200 if told is None else told.status, _NO_STORE)


def _let_in(response: Response, sessions: Sessions, opened: Opened) -> Response:
    access = sessions.access
    seconds = access.session_minutes * 60
    _set_cookie(response, access, access.cookie, opened.token, seconds, "strict")
    response.headers.update(_NO_STORE)
    return response


def _set_cookie(
    response: Response, access: Access, name: str, value: str, seconds: int, same_site: Any
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path="/",
        secure=access.is_secure,
        httponly=True,
        samesite=same_site,
    )


def _flow_cookie(access: Access) -> str:
    return f"{access.cookie}-flow"


def _flow(kept: str | None) -> Flow:
    """Return what the browser kept.

    Raises:
        Problem: `not_signed_in`: nothing, or something else.

    """
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(kept or ""), type=Flow)
    except ValueError:
        why = "the answer does not belong to a sign-in that began in this browser"
        raise Problem("not_signed_in", why) from None
