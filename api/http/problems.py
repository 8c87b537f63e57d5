"""What goes wrong, as RFC 9457 problem details: one stable type for each code.

    HTTP/1.1 422
    Content-Type: application/problem+json

    {"type":"/problems/key_revoked","title":"The key P1/office is revoked.",…}

`type` is a page of this server that explains the code (RFC 9457, 3.1.1 allows a relative one);
`code` is its last part. `title` speaks the reader's language (Accept-Language), `titles` both.
Refusals keep the codes of `ledger.refusals`; what else can happen is listed in `KINDS`. No answer
ever holds the text of an exception that was not raised on purpose.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import msgspec
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from msgspec import UNSET, Struct, UnsetType
from starlette.exceptions import HTTPException

from api.http.languages import language_wanted
from api.text import _, refusal, translate
from ledger.errors import Conflict, InvariantBroken, LedgerError, Malformed, Refused, Unverified
from ledger.refusals import REFUSALS
from ledger.store.errors import OutcomeUnknown, StoreUnavailable
from projections.folding import ProjectionStopped

MEDIA_TYPE = "application/problem+json"
SECONDS_TO_RETRY = 2
"""What `Retry-After` says where a server is behind or busy: a follower's step takes less."""

FOR_PROGRAMS = (
    "/v1/",
    "/checkpoint",
    "/tile/",
    "/add-checkpoint",
    "/healthz",
    "/readyz",
    "/metrics",
    "/openapi.json",
)
"""Where nobody reads pages: problems are told as details there."""

_log = structlog.get_logger()


class Kind(NamedTuple):
    """A kind of problem: its HTTP status, and what is said of it."""

    status: int
    title: str
    cure: str


KINDS = {
    "malformed": Kind(
        400,
        _("What was sent is not in its form."),
        _("Send it as the documentation of this route says."),
    ),
    "invalid_request": Kind(
        400,
        _("A part of the request has no possible value."),
        _("`detail` names the part; correct it and ask again."),
    ),
    "not_signed_in": Kind(
        401,
        _("Whoever asks is not known, or no longer."),
        _("Sign in again: a session needs a signature by a key in force."),
    ),
    "not_allowed": Kind(
        403,
        _("Whoever asks may not do this."),
        _("Ask with the key of a party that has the role for it."),
    ),
    "cross_site": Kind(
        403,
        _("A page of another site asked for this, or nobody said which page did."),
        _("Ask from a page of this server; a program sends its token, and no cookie."),
    ),
    "not_found": Kind(
        404,
        _("There is nothing here by this name, or it is not for whoever asks."),
        _("Look in the lists for its name; sign in if it concerns you."),
    ),
    "method_not_allowed": Kind(
        405,
        _("This address does not take this method."),
        _("The header `Allow` names those that it takes."),
    ),
    "not_acceptable": Kind(
        406,
        _("Nothing here has the form that was asked for."),
        _("Ask for one of the media types that the documentation of this route names."),
    ),
    "timed_out": Kind(
        408,
        _("The request took too long to arrive."),
        _("Send it again over a faster connection."),
    ),
    "conflict": Kind(
        409,
        _("Somebody was first, or this was done already."),
        _("Look at what stands there now, then decide anew."),
    ),
    "draft_settled": Kind(
        409,
        _("This draft was admitted or refused already; nobody can sign it any more."),
        _("Look at what became of it; propose a new statement if something is to change."),
    ),
    "too_many_drafts": Kind(
        409,
        _("Too many drafts of this party are kept already."),
        _("Have those that wait signed first, and let those of the last thirty days expire."),
    ),
    "too_large": Kind(
        413,
        _("What was sent is larger than is taken here."),
        _("Send less at once: `detail` names the limit."),
    ),
    "media_type_not_supported": Kind(
        415,
        _("What was sent is of a kind that is not taken here."),
        _("Send one of the media types that the documentation of this route names."),
    ),
    "misdirected": Kind(
        421,
        _("The request is meant for a server of another name."),
        _("Ask this server by a name that it serves."),
    ),
    "unverified": Kind(
        422,
        _("A signature, a hash or a proof does not hold."),
        _("Sign again what is to be sent, with the right key."),
    ),
    "too_many_requests": Kind(
        429,
        _("There were too many requests from this address."),
        _("Wait as long as the header `Retry-After` says."),
    ),
    "head_too_large": Kind(
        431,
        _("The head of the request is larger than is taken here."),
        _("Send shorter headers and a shorter address."),
    ),
    "internal_error": Kind(
        500,
        _("Something went wrong in this server; it is not your fault."),
        _("Tell the operator the request id; what was asked can be asked again."),
    ),
    "not_written_here": Kind(
        503,
        _("This server only reads; it takes no statements."),
        _("Submit at the server that writes."),
    ),
    "behind": Kind(
        503,
        _("The answer does not yet reflect the position that was asked for."),
        _("Ask again after the time that the header `Retry-After` says."),
    ),
    "working": Kind(
        503,
        _("This takes longer than a request may last."),
        _("Ask again after the time that the header `Retry-After` says: the outcome is kept."),
    ),
    "too_long_to_replay": Kind(
        501,
        _("The history is too long to be replayed for a request."),
        _("The command line does it, beside the database or from an archive."),
    ),
    "unavailable": Kind(
        503,
        _("The ledger's database cannot serve at the moment; nothing was written."),
        _("Try again after the time that the header `Retry-After` says."),
    ),
    "busy": Kind(
        503,
        _("This server has too much to do at the moment."),
        _("Try again after the time that the header `Retry-After` says."),
    ),
    "outcome_unknown": Kind(
        503,
        _("No answer came in time or at all: it may have been written or not."),
        _("Submit the same text again: whoever does hears which."),
    ),
}
"""Every code that is no refusal of the ledger's law."""


class ProblemDetails(Struct, frozen=True, omit_defaults=True):
    """A problem, RFC 9457.

    Attributes:
        type: what kind of problem it is; a page that explains it.
        title: what was wrong, in the reader's language.
        status: the HTTP status.
        code: the kind's name: a refusal code of the ledger, or one of this server's.
        titles: the title in each language, by `en` and `zh`.
        detail: what exactly, where that is more than the title.
        request_id: by what the operator finds the request in the log.
        event: number of the event in its statement that was refused.
        refusal: the operator's signed refusal, a C2SP note.

    """

    type: str
    title: str
    status: int
    code: str
    titles: dict[str, str]
    detail: str | UnsetType = UNSET
    request_id: str | UnsetType = UNSET
    event: int | UnsetType = UNSET
    refusal: str | UnsetType = UNSET


class Problem(Exception):
    """A request cannot be answered as was asked.

    Attributes:
        code: a name from `KINDS`.
        detail: what exactly, one sentence in English, or None.
        headers: what the answer's head says besides.

    """

    def __init__(
        self, code: str, detail: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        """End a request with the problem `code`."""
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


def problem_of(error: Exception) -> Problem:
    """Return what a client is told of an error of ours that is no refusal."""
    if isinstance(error, Problem):
        return error
    for kinds, code, tells in _OURS:
        if isinstance(error, kinds):
            return Problem(code, str(error) if tells else None, _AGAIN.get(code))
    return Problem("internal_error")


_OURS: tuple[tuple[tuple[type[Exception], ...], str, bool], ...] = (
    ((Malformed,), "malformed", True),
    ((Unverified,), "unverified", True),
    ((Conflict,), "conflict", True),
    ((OutcomeUnknown,), "outcome_unknown", False),
    ((StoreUnavailable, ProjectionStopped, TimeoutError), "unavailable", False),
    ((InvariantBroken,), "internal_error", False),
    ((LedgerError,), "invalid_request", True),
)
"""Our errors, the narrower first: the code, and whether a client is told the sentence."""

_RETRY = {"Retry-After": str(SECONDS_TO_RETRY)}
_AGAIN = {"outcome_unknown": _RETRY, "unavailable": _RETRY}


def details_of(error: Exception, request: Request) -> ProblemDetails:
    """Return a problem's details, as `request` reads them."""
    language = language_wanted(request)
    event: int | UnsetType = UNSET
    detail: str | None = None
    if isinstance(error, Refused):
        code, status = error.code, 422
        titles = {"en": refusal(error, "en"), "zh": refusal(error, "zh")}
        if error.event_index is not None:
            event = error.event_index
    else:
        problem = problem_of(error)
        code, detail = problem.code, problem.detail
        kind = KINDS[code]
        status = kind.status
        titles = {"en": translate(kind.title, "en"), "zh": translate(kind.title, "zh")}
    return ProblemDetails(
        type=f"/problems/{code}",
        title=titles[language],
        status=status,
        code=code,
        titles=titles,
        detail=UNSET if detail is None else detail,
        request_id=getattr(request.state, "request_id", UNSET),
        event=event,
    )


def is_known(code: str) -> bool:
    """Tell whether there is such a code."""
    return code in KINDS or code in REFUSALS


def respond(details: ProblemDetails, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that tells a program of a problem."""
    return Response(
        msgspec.json.encode(details),
        details.status,
        {"Cache-Control": "no-store", **(headers or {})},
        MEDIA_TYPE,
    )


def translate_library_error(error: Exception) -> Exception:
    """Return an error of the libraries' in our words, any other as it is."""
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        part = ".".join(str(each) for each in first["loc"])
        return Problem("invalid_request", f"{part}: {first['msg']}")
    if isinstance(error, HTTPException):
        code = _CODES.get(error.status_code, "invalid_request")
        return Problem(code, headers=error.headers)
    return error


_CODES = {
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "too_large",
    415: "media_type_not_supported",
}


def teller(app: FastAPI) -> Callable[[Request, Exception], Response]:
    """Return what tells of an error: to people as a page, to programs as details."""

    def tell(request: Request, error: Exception) -> Response:
        request.scope.setdefault("app", app)  # a layer around the application may tell, too
        error = translate_library_error(error)
        details = details_of(error, request)
        headers = {} if isinstance(error, Refused) else problem_of(error).headers
        show = getattr(app.state, "show_problem", None)
        if show is not None and not request.scope["path"].startswith(FOR_PROGRAMS):
            page: Response = show(request, details)
            page.headers.update(headers)
            return page
        return respond(details, headers)

    return tell


_FORESEEN = (Problem, LedgerError, TimeoutError, HTTPException, RequestValidationError)


def answering(app: FastAPI) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what answers an error; it tells the log of one that nobody foresaw."""
    tell = teller(app)

    async def answer(request: Request, error: Exception) -> Response:
        if isinstance(error, InvariantBroken) or not isinstance(error, _FORESEEN):
            _log.error("a request failed", exc_info=error)
            request.state.fault_told = True
        return tell(request, error)

    return answer


def install(app: FastAPI) -> None:
    """Answer every error of `app` as a problem."""
    answer = answering(app)
    for each in (*_FORESEEN, Exception):
        app.add_exception_handler(each, answer)
