"""The transparency log as files: checkpoint, tiles, entry bundles (C2SP tlog-tiles).

    GET /checkpoint
    GET /tile/0/x001/x234/067        tile 1,234,067 of level 0
    GET /tile/1/001.p/17             the first 17 hashes of tile 1 of level 1
    GET /tile/entries/000            the first 256 entries, each after its length in two bytes

They stand at the root, where clients of such logs look for them. An entry is when a statement was
recorded and its note (`ledger.statement`); of events it holds only what commits to them.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api.http.cache import IMMUTABLE
from api.http.problems import Problem
from api.http.questions import service_of
from ledger.errors import Malformed
from ledger.tlog import ENTRIES, parse_tile_path

TEXT, BYTES = "text/plain; charset=utf-8", "application/octet-stream"

routes = APIRouter(tags=["log"])


def _answered_with(kind: str, meaning: str) -> dict[int | str, dict[str, Any]]:
    schema = {"type": "string", **({} if kind == TEXT else {"format": "binary"})}
    return {200: {"description": meaning, "content": {kind: {"schema": schema}}}}


@routes.get(
    "/checkpoint",
    summary="Get the newest checkpoint",
    responses=_answered_with(TEXT, "A signed note: origin, size and root of the log."),
    response_class=Response,
)
def checkpoint(request: Request) -> Response:
    """Commit to every statement so far: the signed root of the log, cosigned by its witnesses."""
    found = service_of(request).published.checkpoint()
    if found is None:
        raise Problem("not_found", "the log has no checkpoint yet")
    return Response(found, headers={"Cache-Control": "no-cache"}, media_type=TEXT)


@routes.get(
    "/tile/{path:path}",
    summary="Get a tile or an entry bundle",
    responses=_answered_with(BYTES, "Hashes of 32 bytes; or entries, each after its length."),
    response_class=Response,
)
def tile(
    request: Request,
    path: Annotated[
        str,
        Path(
            description="Level (0 to 7, or `entries`), number in groups of three digits, and "
            "`.p/W` where only the first W are meant.",
            examples=["0/000.p/1", "entries/000.p/1"],
        ),
    ],
) -> Response:
    """Get a part of the tree over all statements, which never changes."""
    published = service_of(request).published
    try:
        level, n, width = parse_tile_path(f"tile/{path}")
    except Malformed as error:
        raise Problem("not_found", str(error)) from error
    found = published.bundle(n, width) if level == ENTRIES else published.tile(level, n, width)
    if found is None:
        raise Problem("not_found", "the log is not that wide")
    return Response(found, headers={"Cache-Control": IMMUTABLE}, media_type=BYTES)
