"""`sunledger serve`: the API and the portal over a ledger."""

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import Db, Json, Keys, LedgerKey, ReadModels, example
from api.cli.session import Session
from api.text import _

if TYPE_CHECKING:
    from api.http.service import Service

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
        role=role,
        keys=keys,
        ledger_key=ledger_key,
        db=db,
        projections=read_models,
    )
    host, port = session.address(session.settings.listen)
    with ExitStack() as opened:
        run(session, open_service(session, opened), host, port)


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


def run(session: Session, service: "Service", host: str, port: int) -> None:
    """Answer requests until the process is told to stop."""
    import uvicorn

    from api.application import create_app

    shown = f"http://{host}:{port}/"
    session.console.say(_("Serving {origin} at {url}"), origin=service.origin, url=shown)
    session.console.document({"origin": service.origin, "url": shown})
    uvicorn.run(create_app(service), host=host, port=port, log_config=None, access_log=False)
