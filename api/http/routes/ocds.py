"""Contracting processes in the Open Contracting Data Standard, version 1.1.

GET /v1/ocds/releases                 a page of releases as a package, by position
GET /v1/ocds/releases/{event}         the release that tells an event
GET /v1/ocds/records/{ocid}           a process: its releases, compiled, and versioned
GET /v1/ocds/extension/…              the extension of ours that every release uses
GET /v1/exports/ocds-….json           all of it in one file
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.http.parameters import missing
from api.http.questions import POSITION, Asked, Question, Routes
from api.http.streams import saved_as
from ledger.events import decode_event
from ledger.events.reported import ReleaseReported
from ledger.store.rows import EventRow
from projections.ocds import packages
from projections.ocds.packages import PublishedProcess
from projections.ocds.queries import release_of_event, releases_after
from projections.ocds.releases import Publication
from projections.ocds.reported import reported_process

routes = Routes(tags=["ocds"])

MAX_RELEASES = 100
"""Events a page: each may be of another process, which is told from its beginning."""

JSON = "application/json"
LINES = "application/jsonl"

Document = Literal["extension.json", "release-schema.json"]


def _described(what: str, media_type: str = JSON) -> dict[int | str, dict[str, Any]]:
    content = {media_type: {"schema": {"type": "object" if media_type == JSON else "string"}}}
    return {200: {"description": what, "content": content}}


PACKAGE = _described("An OCDS 1.1 release package.")
RECORDS = _described("An OCDS 1.1 record package.")


@routes.get(
    "/ocds/releases",
    summary="Follow releases",
    responses={**PACKAGE, 204: {"description": "There is nothing behind `after` yet."}},
)
def releases(
    request: Request,
    question: Asked,
    after: Annotated[
        int, Query(ge=0, le=2**53 - 1, description="Events known already; see the `next` link.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_RELEASES, description="Releases a page, at most.")] = (
        MAX_RELEASES
    ),
) -> Response:
    """Give the releases of the ledger's own processes in the order of their events.

    The header `Link` names the next page (RFC 8288, `rel="next"`); it stays the same address, and
    gives 204 until there is something. Nothing is missed or given twice.
    """
    publication = publication_of(request)
    page = releases_after(question.projections, publication, after, limit)
    address = f"{publication.base}{packages.RELEASES_PATH}?after={page.reached}&limit={limit}"
    headers = {
        POSITION: str(page.position),
        "Link": f'<{address}>; rel="next"',
        "Cache-Control": "no-cache",
    }
    if not page.releases:
        return Response(status_code=204, headers=headers)
    found = packages.native(publication, "", page.releases)
    uri = f"{publication.base}{packages.RELEASES_PATH}?after={after}&limit={limit}"
    return Response(_package(question, uri, found), 200, headers, JSON)


@routes.get("/ocds/releases/{event}", summary="One release", responses=PACKAGE)
def release(
    request: Request,
    question: Asked,
    event: Annotated[
        str,
        Path(
            description="The id of an event, which is that of its release.",
            examples=["019400b1-3100-734a-b148-feb8a789859b"],
        ),
    ],
) -> Response:
    """Give the release that tells an event, or the one that an event reports."""
    publication = publication_of(request)
    row = _event(question, event)
    found = None if row is None else _told(question, publication, row)
    if found is None:
        raise missing("release", event)
    uri = f"{publication.base}{packages.RELEASES_PATH}/{event}"
    position = question.service.position
    return question.answer_bytes(_package(question, uri, found), position, JSON)


@routes.get("/ocds/records/{ocid:path}", summary="One record", responses=RECORDS)
def record(
    request: Request,
    question: Asked,
    ocid: Annotated[
        str, Path(description="An ocid, or the id of a tender.", examples=["t-2025-01"])
    ],
    linked: Annotated[
        bool, Query(description="With the addresses of the releases, not with them.")
    ] = False,
) -> Response:
    """Give a process: its releases, what they come to, and how it came about."""
    publication = publication_of(request)
    found = packages.process_of(question.projections, publication, ocid)
    if found is None:
        raise missing("contracting process", ocid)
    uri = f"{publication.base}{packages.RECORDS_PATH}/{found.ocid}"
    head = packages.heading(question.projections, uri)
    body = b"".join(packages.record_package(head, [found], linked=linked))
    return question.answer_bytes(body, question.service.position, JSON)


@routes.get(
    "/ocds/extension/{name}",
    summary="Our OCDS extension",
    responses=_described("A file of the extension that every release of ours declares."),
)
def extension(
    name: Annotated[Document, Path(description="Which of its files.", examples=["extension.json"])],
) -> Response:
    """Give a file of the extension by which a release says which event it tells."""
    body = files("projections.ocds").joinpath("extension", name).read_bytes()
    return Response(body, 200, {"Cache-Control": "public, max-age=86400"}, JSON)


@routes.get(
    "/exports/ocds-releases.json",
    summary="Download all OCDS releases",
    response_class=StreamingResponse,
    responses=PACKAGE,
)
def all_releases(request: Request, question: Asked) -> Response:
    """Give one release package of every process, those that others published too."""
    publication = publication_of(request)
    head = packages.heading(
        question.projections, f"{publication.base}/v1/exports/ocds-releases.json"
    )
    parts = packages.release_package(head, _all(question, publication))
    return _download(question, parts, "ocds-releases.json")


@routes.get(
    "/exports/ocds-records.json",
    summary="Download all OCDS records",
    response_class=StreamingResponse,
    responses=RECORDS,
)
def all_records(
    request: Request,
    question: Asked,
    linked: Annotated[
        bool, Query(description="With the addresses of the releases, not with them.")
    ] = False,
) -> Response:
    """Give one record package of every process: releases, compiled and versioned."""
    publication = publication_of(request)
    head = packages.heading(
        question.projections, f"{publication.base}/v1/exports/ocds-records.json"
    )
    parts = packages.record_package(head, _all(question, publication), linked=linked)
    return _download(question, parts, "ocds-records.json")


@routes.get(
    "/exports/ocds-compiled.jsonl",
    summary="Download all compiled OCDS releases",
    response_class=StreamingResponse,
    responses=_described("Compiled releases, one a line.", LINES),
)
def all_compiled(request: Request, question: Asked) -> Response:
    """Give what every process has come to, one compiled release a line."""
    parts = packages.compiled_lines(_all(question, publication_of(request)))
    return _download(question, parts, "ocds-compiled.jsonl", LINES)


def publication_of(request: Request) -> Publication:
    """Return how this server publishes."""
    publication: Publication = request.app.state.publication
    return publication


def _all(question: Question, publication: Publication) -> Iterator[PublishedProcess]:
    return packages.all_processes(question.projections, publication)


def _package(question: Question, uri: str, found: PublishedProcess) -> bytes:
    head = packages.heading(question.projections, uri)
    return b"".join(packages.release_package(head, [found]))


def _event(question: Question, event: str) -> EventRow | None:
    try:
        return question.service.store.event(UUID(event).bytes)
    except ValueError:
        return None


def _told(question: Question, publication: Publication, row: EventRow) -> PublishedProcess | None:
    """Return the one release that an event gives, or reports."""
    event = decode_event(row.body)
    if isinstance(event, ReleaseReported):
        every = reported_process(question.projections, event.ocid)
        found = [each for each in every if each.event == event.id]
        return packages.reported(publication, event.ocid, found) if found else None
    told = release_of_event(question.projections, publication, row)
    return None if told is None else packages.native(publication, told["ocid"], [told])


def _download(
    question: Question, parts: Iterator[bytes], name: str, media_type: str = JSON
) -> Response:
    return question.download(parts, media_type, saved_as(name))
