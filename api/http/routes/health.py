"""How the server is: for whoever watches it (docs/operation.md says what each alarm means).

GET /healthz     it runs
GET /readyz      it can serve: database, read models, and the writer where it has one
GET /metrics     counts, for Prometheus
"""

from collections.abc import Iterator

import msgspec
from fastapi import Request, Response
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from api.http.questions import Answer, Routes, service_of
from api.http.service import Service
from ledger.store.errors import StoreUnavailable

MAX_LAG_EVENTS = 20_000
"""How far read models may be behind: some seconds of the fastest that a ledger is written."""
OK, UNAVAILABLE = 200, 503
NO_STORE = {"Cache-Control": "no-store"}
TEXT = "text/plain; charset=utf-8"

routes = Routes(tags=["operation"])


class Check(Struct, frozen=True):
    """One thing that was looked at.

    Attributes:
        name: what: `database`, `read_models` or `writer`.
        ok: whether the server can serve as far as this goes.
        finding: how it is, in one sentence.

    """

    name: str
    ok: bool
    finding: str


class Readiness(Struct, frozen=True):
    """Whether the server can serve.

    Attributes:
        ready: whether all is well.
        checks: what was looked at.

    """

    ready: bool
    checks: list[Check]


@routes.get(
    "/healthz",
    summary="Ask whether the server runs",
    response_class=Response,
    responses={200: {"description": "It runs.", "content": {TEXT: {"schema": {"type": "string"}}}}},
)
async def healthz() -> Response:
    """Say that the server runs; nothing is looked at."""
    return Response("alive\n", headers=NO_STORE, media_type=TEXT)


@routes.get("/readyz", summary="Ask whether the server can serve")
def readyz(request: Request) -> Answer[Readiness]:
    """Look at the database, the read models and the writer; 503 where one keeps it from serving."""
    checks = list(_checks(service_of(request)))
    found = Readiness(all(each.ok for each in checks), checks)
    status = OK if found.ready else UNAVAILABLE
    return Answer(msgspec.json.encode(found), status, NO_STORE, "application/json")


def _checks(service: Service) -> Iterator[Check]:
    try:
        head = service.store.head()
    except StoreUnavailable:
        yield Check("database", ok=False, finding="It cannot be read.")
        return
    yield Check("database", ok=True, finding=f"It holds {head.positions} events.")
    if service.fault is not None:
        finding = "They are not followed; the log says why."
        yield Check("read_models", ok=False, finding=finding)
    else:
        lag = max(0, head.positions - service.position)
        finding = f"They are {lag} events behind."
        yield Check("read_models", ok=lag <= MAX_LAG_EVENTS, finding=finding)
    if service.ledger is not None:
        is_open = service.is_writing
        yield Check("writer", ok=is_open, finding="It is open." if is_open else "It has stopped.")


@routes.get(
    "/metrics",
    summary="Get counts for Prometheus",
    response_class=Response,
    responses={
        200: {
            "description": "Counts in the text format of Prometheus.",
            "content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}},
        }
    },
)
def metrics(request: Request) -> Response:
    """Count requests and submissions, and tell how the log and the read models stand."""
    registry = request.app.state.measures.registry
    return Response(
        generate_latest(registry), headers={**NO_STORE, "Content-Type": CONTENT_TYPE_LATEST}
    )
