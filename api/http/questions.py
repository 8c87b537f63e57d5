"""One request: who asks, in which language, from which position on, and how it is answered.

    routes = Routes(tags=["contracts"])

    @routes.get("/contracts")
    def contracts(question: Asked, status: str | None = None) -> Answer[Page[Contract]]:
        page = list_contracts(question.projections, status=status)
        return question.answer(page, page.position)

Every answer from the read models carries `Sunledger-Position`, how many events it reflects, and
an ETag made of it; who asks with `If-None-Match` and is up to date gets 304. `?min_position=N`
waits for the read models, at most `MIN_POSITION_SECONDS`.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.routing import Match
from starlette.types import Scope

from api.http.documents import RECORD, Records
from api.http.languages import language_of, language_wanted
from api.http.problems import SECONDS_TO_RETRY, Problem
from api.http.release import RELEASE
from api.http.service import Service
from api.http.sessions import sessions_of
from api.http.streams import Download
from api.rights import PUBLIC, Reader
from api.text import Language
from projections.engine import Projections

T = TypeVar("T")

POSITION = "Sunledger-Position"
"""The header that tells how many events an answer reflects."""

MIN_POSITION_SECONDS = 5.0
"""How long a request waits for the position it asks for."""

PUBLIC_CACHE = "public, no-cache"
"""Anybody may keep it, and asks each time whether it still holds (RFC 9111, 5.2.2.4)."""
PRIVATE_CACHE = "private, no-cache"
"""Only who asked may keep it."""

_JSON = "application/json"


class Answer(Response, Generic[T]):
    """An answer whose document is a `T`, as JSON."""


class Question:
    """A request and what it is answered with.

    Attributes:
        request: the request.
        service: the ledger behind the server.
        reader: who asks.

    """

    def __init__(self, request: Request, service: Service, reader: Reader = PUBLIC) -> None:
        """Put a request to a service."""
        self.request = request
        self.service = service
        self.reader = reader
        if reader.party is not None:
            request.state.party = reader.party  # for the log

    @property
    def projections(self) -> Projections:
        """The read models."""
        return self.service.projections

    @functools.cached_property
    def language(self) -> Language:
        """The language to answer in."""
        return language_wanted(self.request)

    def check_reads_all(self) -> None:
        """Check that whoever asks supervises: the finance bureau, an auditor.

        Raises:
            Problem: `not_found`: for anybody else this is not here.

        """
        if not self.reader.reads_all:
            raise Problem("not_found")

    def answer(self, document: object, position: int, *, status: int = 200) -> Answer[Any]:
        """Answer with a record that reflects `position` events."""
        return self.answer_bytes(msgspec.json.encode(document), position, _JSON, status=status)

    def answer_bytes(
        self, body: bytes, position: int, media_type: str, *, status: int = 200
    ) -> Answer[Any]:
        """Answer with bytes that reflect `position` events; with 304 where they are known."""
        tag = self._tag(position)
        headers = {
            "ETag": tag,
            POSITION: str(position),
            "Cache-Control": PUBLIC_CACHE if self.reader.is_public else PRIVATE_CACHE,
            "Vary": "Accept-Language, Authorization, Cookie",
        }
        if matches(self.request.headers.get("if-none-match"), tag):
            return Answer(None, 304, headers)
        return Answer(body, status, headers, media_type)

    def download(
        self, parts: Iterable[bytes], media_type: str, headers: dict[str, str]
    ) -> Download:
        """Answer with a file that is made while it is sent.

        Raises:
            Problem: `busy`: so many are made already.

        """
        return Download(self.service.downloads, self.request, parts, media_type, headers)

    def _tag(self, position: int) -> str:
        whose = "" if self.reader.is_public else f"-{self.reader.party}"
        # A rebuild may mend what a read model told at the same position.
        return f'"{position:x}-{self.service.rebuilt:x}-{self.language}-{RELEASE}{whose}"'


def answer_once(document: object, status: int = 200) -> Answer[Any]:
    """Answer with a record that is for whoever asked, now, and is never to be kept."""
    return Answer(msgspec.json.encode(document), status, {"Cache-Control": "no-store"}, _JSON)


def matches(if_none_match: str | None, tag: str) -> bool:
    """Tell whether `If-None-Match` (RFC 9110, 13.1.2) names `tag`."""
    if if_none_match is None:
        return False
    known = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return tag in known or "*" in known


def service_of(request: Request) -> Service:
    """Return the ledger behind the server."""
    service: Service = request.app.state.service
    return service


async def ask(
    request: Request,
    min_position: Annotated[
        int | None,
        Query(
            ge=0,
            le=2**53 - 1,
            description="Answer only from read models that reflect so many events; waits up to "
            "five seconds for them.",
        ),
    ] = None,
) -> Question:
    """Return the question that a request puts, and who puts it.

    Raises:
        Problem: `behind`: the position is not reached; `not_signed_in`: the token is none.

    """
    service = service_of(request)
    if min_position is not None and not await service.reached(min_position, MIN_POSITION_SECONDS):
        raise Problem(
            "behind",
            f"the read models reflect {service.position} events, not {min_position}",
            {"Retry-After": str(SECONDS_TO_RETRY)},
        )
    reader = await sessions_of(request).reader(request)
    request.state.reader = reader  # for what every page shows, also that of a problem
    return Question(request, service, reader)


Asked = Annotated[Question, Depends(ask)]
"""A parameter of a route: the question it answers."""


class Routes(APIRouter):
    """Routes whose answers are documented by the record that their function says it returns."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Tell whether one of them takes a request; a page's is not held against each."""
        if language_of(scope["path"]) is not None:
            return Match.NONE, {}
        return super().matches(scope)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a route; `Answer[T]` becomes the schema of its success."""
        record = Records.of(endpoint)
        options["response_model"] = None
        if record is not None:
            responses = dict(options.get("responses") or {})
            content = {_JSON: {"schema": {"$ref": f"{RECORD}{record}"}}}
            responses.setdefault(options.get("status_code") or 200, {"description": "The answer."})
            for status, response in responses.items():
                if 200 <= int(status) < 300:  # noqa: PLR2004 (RFC 9110, 15.3)
                    responses[status] = {"content": content, **response}
            options["responses"] = responses
        super().add_api_route(path, endpoint, **options)
