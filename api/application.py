"""The application put together: `create_app`.

    GET /v1/contracts        routes of the API (api/http/routes)
    GET /tile/0/000          the log (api/http/routes/log.py)
    GET /metrics             how the server is (api/http/routes/health.py)
    GET /zh/contracts        pages of the portal (api/portal)
    GET /openapi.json        what is offered to programs, OpenAPI 3.1; /docs shows it

What surrounds every request is pure ASGI: kept answers (api/http/cache.py), and around them the
layers of api/http/edge.
"""

from functools import cache, partial
from importlib.metadata import version

from fastapi import FastAPI
from starlette.types import ASGIApp

from api.http import problems
from api.http.access import LOCAL, Access
from api.http.arrivals import Arrivals
from api.http.cache import Cache
from api.http.direct import Direct
from api.http.documents import openapi_of
from api.http.drafts import Drafts
from api.http.edge.measures import Measures, Standing
from api.http.edge.surrounding import PLAIN, Edge, surround
from api.http.guard import Guard
from api.http.routes import (
    admitted,
    bank_orders,
    contracts,
    docs,
    drafts,
    exports,
    feed,
    flags,
    funds,
    health,
    log,
    ocds,
    overview,
    payments,
    people,
    proofs,
    registers,
    sessions,
    statements,
    witness,
)
from api.http.service import Service
from api.http.sessions import Sessions
from api.http.webhooks.store import WebhookStore
from api.portal import portal
from api.portal.makers import Makers
from projections.ocds.releases import DEFAULT_PREFIX, Publication

DESCRIPTION = """\
A signed, verifiable ledger of public-service contracts and of the money that flows through them.

Reading needs no login; what concerns people and deliveries is for the parties of a contract, the
finance bureau and auditors, by a session. Writing needs none either: a statement is signed.
Amounts are integers of the currency's minor unit (fen). Lists are pages by key: ask for the next
with `after` set to `next`. Every answer says by `Sunledger-Position` how many events it reflects.
"""


def create_app(
    service: Service,
    *,
    edge: Edge = PLAIN,
    access: Access = LOCAL,
    ocid_prefix: str = DEFAULT_PREFIX,
    page_makers: int = 0,
) -> ASGIApp:
    """Return the application that serves `service`, which the caller has entered.

    `edge` says what surrounds requests, `access` how readers come in, `ocid_prefix` what the
    ocids of published processes begin with, `page_makers` how many processes make pages besides.
    """
    app = routed(service, access, ocid_prefix)
    direct = Direct(app, statements.submit_statement)
    made = Makers(direct, service, access.url, page_makers)
    guarded = Guard(Cache(made, service), access, problems.teller(app))
    app.state.measures = measures = Measures()
    webhooks = WebhookStore(service.projections.database)
    measures.registry.register(Standing(service, webhooks))
    return surround(guarded, app.router, edge, measures, service.streams)


def routed(service: Service, access: Access = LOCAL, ocid_prefix: str = DEFAULT_PREFIX) -> FastAPI:
    """Return the routes alone, with nothing around them."""
    app = described()
    app.state.publication = Publication(ocid_prefix, access.url)
    app.state.arrivals = Arrivals(service)
    _serve(app, service, access)
    return app


def pages_alone(service: Service, access: Access) -> FastAPI:
    """Return the portal without the API, for a process that makes nothing but pages."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    problems.install(app)
    portal.install(app)
    _serve(app, service, access)
    return app


def _serve(app: FastAPI, service: Service, access: Access) -> None:
    app.state.service = service
    app.state.sessions = Sessions(service, access)
    app.state.drafts = Drafts(service)


def described() -> FastAPI:
    """Return the routes and what is documented of them; they answer once they have a service."""
    app = FastAPI(
        title="Sunledger",
        version=version("sunledger"),
        summary="Contracts and fund flows of public services, signed and verifiable.",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    problems.install(app)
    for area in (
        statements,  # first to be found: what is asked most under load
        drafts,
        sessions,
        overview,
        proofs,
        exports,
        ocds,
        bank_orders,
        admitted,
        people,
        funds,
        payments,
        registers,
        flags,
        feed,
        contracts,  # after all that has paths below a contract's: a contract's key may hold a /
    ):
        app.include_router(area.routes, prefix="/v1")
    app.include_router(log.routes)
    app.include_router(health.routes)
    app.include_router(docs.routes)
    app.include_router(witness.routes)
    portal.install(app)
    app.openapi = cache(partial(openapi_of, app))  # type: ignore[method-assign]  # made once
    return app
