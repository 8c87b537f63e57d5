"""`sunledger serve`: the API and the portal over a ledger."""

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import Db, Json, Keys, LedgerKey, Policy, ReadModels, example
from api.cli.session import Session, now_ms
from api.cli.witnessing import trusted_logs
from api.text import _
from ledger.errors import LedgerError

if TYPE_CHECKING:
    import socket

    from api.http.access import Access
    from api.http.service import Service
    from api.http.webhooks.sending import Sender
    from ledger.settings import Settings
    from ledger.witness.witness import Witness

SWITCH_SECONDS = 0.001
"""How long a thread may hold the interpreter while another waits, a fifth of the usual.

A page that asks the database five times waits for its turn as often, and must not each time wait
for the writer and the follower to have had theirs.
"""

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
    operator_key: Annotated[
        str | None,
        typer.Option(
            "--operator-key", help=_("The operator's key, which signs refusals of statements.")
        ),
    ] = None,
    witness_key: Annotated[
        str | None,
        typer.Option(
            "--witness-key",
            help=_("A witness's key: cosign checkpoints of the ledgers in the policy file, too."),
        ),
    ] = None,
    policy: Policy = None,
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
        operator_key=operator_key,
        witness_key=witness_key,
        policy=policy,
        db=db,
        projections=read_models,
    )
    serve_until_told(session)


def serve_until_told(session: Session) -> None:
    """Serve as the settings say, until the process is told to stop."""
    host, port = session.address(session.settings.listen)
    from api.http.edge.serving import bind

    with ExitStack() as opened:
        # Bound before the ledger is opened, which may take a while to fail; heard after it.
        bound = opened.enter_context(bind(host, port))
        service = open_service(session, opened)
        if session.settings.role == "writer":
            opened.enter_context(webhook_sender(session.settings, service))
        run(session, service, bound)


def open_service(session: Session, opened: ExitStack) -> "Service":
    """Open what a server works with; `opened` closes it.

    Raises:
        StoreUnavailable, KeyUnavailable, Unverified: see `ledger.app.open_ledger`.

    """
    from api.http.following import Following
    from api.http.service import Service

    ledger, operator = None, None
    if session.settings.role == "writer":
        if session.settings.operator_key is not None:
            operator = session.signer(session.settings.operator_key)
        ledger = opened.enter_context(session.open_ledger())
    store = opened.enter_context(session.open_store()) if ledger is None else ledger.store
    projections = opened.enter_context(session.projections(store))
    with session.console.progress(_("Bringing the read models up to date")):
        service = Service(
            store,
            projections,
            ledger,
            policy=session.policy(),
            operator=operator,
            witness=open_witness(session, opened),
            accounts=session.accounts(),
            following=Following(store, projections, apart=True),
        )
        return opened.enter_context(service)


def webhook_sender(settings: "Settings", service: "Service") -> "Sender":
    """Return what posts to the webhooks, once it is entered; the writer does, so that one does."""
    from api.http.webhooks.posting import Outgoing
    from api.http.webhooks.sending import Sender

    outgoing = Outgoing.of(private=settings.webhook_private)
    return Sender(service, outgoing, give_up_days=settings.webhook_days)


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


def open_witness(session: Session, opened: ExitStack) -> "Witness | None":
    """Open what cosigns other ledgers' checkpoints, where the settings name a witness's key.

    Raises:
        KeyUnavailable: there is no such key, or it is no witness's.
        LedgerError: no policy says which ledgers are meant, or what is remembered is not whole.

    """
    if session.settings.witness_key is None:
        return None
    from ledger.witness.memory import Memory
    from ledger.witness.witness import Witness

    logs = [log.key for log in trusted_logs(session).logs]
    signer = session.witness(session.settings.witness_key)
    memory = opened.enter_context(Memory(session.settings.witness_memory, signer.verifier))
    return Witness(signer, logs, memory, now_ms)


def run(session: Session, service: "Service", bound: "socket.socket") -> None:
    """Answer requests until the process is told to stop."""
    from api.application import create_app
    from api.http.edge.serving import address_of, answer
    from api.http.edge.surrounding import Edge
    from api.http.edge.tracing import tracer_of
    from api.http.logs import log_as_json

    sys.setswitchinterval(SWITCH_SECONDS)
    log_as_json()
    with tracer_of(session.settings) as tracer:
        edge = Edge.of(session.settings, tracer)
        shown = address_of(bound)
        app = create_app(
            service,
            edge=edge,
            access=access_of(session.settings, shown),
            ocid_prefix=session.settings.ocid_prefix,
            page_makers=session.settings.page_makers,
        )
        bound.listen()  # who reads the address may come at once
        session.console.say(_("Serving {origin} at {url}"), origin=service.origin, url=shown)
        session.console.document({"origin": service.origin, "url": shown})
        sys.stdout.flush()
        answer(app, bound, service.streams, behind_proxy=bool(edge.trusted_proxies))
