"""`sunledger serve`: the API and the portal over a ledger."""

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import Db, Json, Keys, LedgerKey, ReadModels, example
from api.cli.session import Session
from api.text import _
from ledger.errors import LedgerError

if TYPE_CHECKING:
    import socket

    from api.http.access import Access
    from api.http.service import Service
    from ledger.settings import Settings

Role = Literal["writer", "reader"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "serve",
        help=_("Serve the API and the portal over a ledger."),
        epilog=example("sunledger serve --listen 127.0.0.1:8600"),
    )(serve)


def serve(
    ctx: typer.Context,
    listen: Annotated[str | None, typer.Option(help=_("Address and port to listen at."))] = None,
    public_url: Annotated[
        str | None, typer.Option(help=_("The server's address as its users know it."))
    ] = None,
    role: Annotated[
        Role | None,
        typer.Option(help=_("Admit statements as well, or only answer (needs no key).")),
    ] = None,
    keys: Keys = None,
    ledger_key: LedgerKey = None,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Serve until stopped."""
    session = Session(
        ctx,
        as_json,
        listen=listen,
        public_url=public_url,
        role=role,
        keys=keys,
        ledger_key=ledger_key,
        db=db,
        projections=read_models,
    )
    host, port = session.address(session.settings.listen)
    from api.http.edge.serving import bind
    from api.http.logs import log_as_json

    log_as_json()
    with ExitStack() as opened:
        # Bound before the ledger is opened, which may take a while to fail; heard after it.
        bound = opened.enter_context(bind(host, port))
        run(session, open_service(session, opened), bound)


def open_service(session: Session, opened: ExitStack) -> "Service":
    """Open what a server works with; `opened` closes it.

    Raises:
        StoreUnavailable, KeyUnavailable, Unverified: see `ledger.app.open_ledger`.

    """
    from api.http.service import Service

    ledger = None
    if session.settings.role == "writer":
        ledger = opened.enter_context(session.open_ledger())
    store = opened.enter_context(session.open_store()) if ledger is None else ledger.store
    projections = opened.enter_context(session.projections(store))
    with session.console.progress(_("Bringing the read models up to date")):
        service = Service(store, projections, ledger, policy=session.policy())
        return opened.enter_context(service)


def access_of(settings: "Settings", listens_at: str) -> "Access":
    """Return how readers come in, as it is set; where no address is, the one it listens at counts.

    Raises:
        LedgerError: the address is none, or an issuer was named and its client not.

    """
    from api.http.access import Access, OpenId, access_url

    url = access_url(settings.public_url or listens_at)
    if settings.oidc_issuer is None:
        return Access(url, settings.session_minutes)
    if settings.oidc_client_id is None or settings.oidc_client_secret is None:
        raise LedgerError(
            "`oidc_issuer` is set; set `oidc_client_id` and `oidc_client_secret` as well"
        )
    openid = OpenId(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret.get_secret_value(),
        settings.oidc_party_claim,
    )
    return Access(url, settings.session_minutes, openid)


def run(session: Session, service: "Service", bound: "socket.socket") -> None:
    """Answer requests until the process is told to stop."""
    from api.application import create_app
    from api.http.edge.serving import address_of, answer
    from api.http.edge.surrounding import Edge

    edge = Edge.of(session.settings)
    shown = address_of(bound)
    app = create_app(service, edge=edge, access=access_of(session.settings, shown))
    bound.listen()  # who reads the address may come at once
    session.console.say(_("Serving {origin} at {url}"), origin=service.origin, url=shown)
    session.console.document({"origin": service.origin, "url": shown})
    sys.stdout.flush()
    answer(app, bound, service.streams, behind_proxy=bool(edge.trusted_proxies))
