"""`sunledger webhook`: have the feed posted to systems that cannot ask for it."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import Column
from api.cli.options import Db, Json, ReadModels, example
from api.cli.session import Session, now_ms
from api.telling import NOTHING
from api.text import _
from ledger.errors import LedgerError
from ledger.times import format_instant

if TYPE_CHECKING:
    from api.http.webhooks.store import Webhook, WebhookStore

ID_BYTES = 6
SECRET_BYTES = 32
"""As long as what it makes: HMAC-SHA256."""

Id = Annotated[str, typer.Argument(help=_("The webhook's id, as `sunledger webhook list` has it."))]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="webhook",
        help=_("Have the feed posted to other systems, signed; the writer's server posts."),
        no_args_is_help=True,
    )
    for command, name, meaning, usage in (
        (
            add,
            "add",
            _("Add an address to which the feed is posted; its secret is shown this once."),
            "https://bureau.example.gov.cn/ledger --type payment.settled",
        ),
        (list_all, "list", _("List the webhooks, how far each has come, and what fails."), ""),
        (
            try_out,
            "test",
            _("Post a signed batch without events to a webhook, and say what came of it."),
            "5f0c2a9b7d31",
        ),
        (resume, "resume", _("Go on with a webhook that was stopped or waits."), "5f0c2a9b7d31"),
        (remove, "remove", _("Forget a webhook and its secret."), "5f0c2a9b7d31"),
    ):
        shown = example(f"sunledger webhook {name} {usage}".strip())
        group.command(name, help=meaning, epilog=shown)(command)
    app.add_typer(group)


def add(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help=_("The address, https://HOST/PATH."))],
    types: Annotated[
        list[str] | None, typer.Option("--type", help=_("Only events of this type; repeatable."))
    ] = None,
    after: Annotated[
        int | None,
        typer.Option(
            min=0, help=_("How many events the receiver knows already; else all there are.")
        ),
    ] = None,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Add a webhook."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    from api.http.webhooks.addresses import check_url
    from api.http.webhooks.store import Webhook

    address = check_url(url, private=session.settings.webhook_private)
    asked = sorted(set(types or ()))
    _check_told(asked)
    with _opened(session) as (store, events):
        start = events if after is None else after
        if start > events:
            raise LedgerError(f"the ledger holds {events} events, and not yet {start}")
        webhook = Webhook(
            secrets.token_hex(ID_BYTES),
            address,
            " ".join(asked),
            secrets.token_hex(SECRET_BYTES),
            start,
            start,
            now_ms(),
        )
        store.add(webhook)
    console = session.console
    console.say(
        _("The webhook {id} tells {url} what comes after {events} events."),
        id=webhook.id,
        url=webhook.url,
        events=console.number(start),
    )
    console.say(_("Its secret, which is not shown again: {secret}"), secret=webhook.secret)
    console.document({**_described(webhook), "secret": webhook.secret})


def list_all(
    ctx: typer.Context, db: Db = None, read_models: ReadModels = None, as_json: Json = False
) -> None:
    """List webhooks."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    console = session.console
    with _opened(session) as (store, _events):
        found = store.all()
    states = {"well": _("in order"), "failing": _("failing"), "stopped": _("stopped")}
    console.table(
        _("Webhooks"),
        [
            Column(_("id"), whole=True),
            Column(_("address")),
            Column(_("types")),
            Column(_("told of"), "right"),
            Column(_("last success"), whole=True),
            Column(_("state")),
            Column(_("failures"), "right"),
            Column(_("finding")),
        ],
        [
            [
                each.id,
                each.url,
                each.types or NOTHING,
                console.number(each.position),
                NOTHING if each.succeeded_ms is None else format_instant(each.succeeded_ms),
                console.tell(states[_state(each)]),
                console.number(each.failures),
                each.error or NOTHING,
            ]
            for each in found
        ],
    )
    console.document([_described(each) for each in found])


def try_out(
    ctx: typer.Context,
    webhook: Id,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Try a webhook."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    from api.http.webhooks.posting import Batch, Outgoing, post

    with session.open_store() as ledger:
        origin = ledger.head().origin
    with _opened(session) as (store, _events):
        found = store.find(webhook) or _missing(webhook)
    trial = Batch(found.id, origin, found.position, found.position, ())
    why = post(Outgoing.of(private=session.settings.webhook_private), found, trial, now_ms())
    if why is not None:
        raise LedgerError(f"{found.url} did not take it: {why}")
    session.console.say(_("{url} took it."), url=found.url)
    session.console.document({"id": found.id, "taken": True})


def resume(
    ctx: typer.Context,
    webhook: Id,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Go on with a webhook."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    with _opened(session) as (store, _events):
        if not store.resume(webhook):
            _missing(webhook)
        found = store.find(webhook) or _missing(webhook)
    events = session.console.number(found.position)
    session.console.say(
        _("The webhook {id} goes on after {events} events."), id=webhook, events=events
    )
    session.console.document(_described(found))


def remove(
    ctx: typer.Context,
    webhook: Id,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Forget a webhook."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    with _opened(session) as (store, _events):
        found = store.find(webhook) or _missing(webhook)
        store.remove(webhook)
    session.console.say(_("The webhook {id} to {url} was removed."), id=found.id, url=found.url)
    session.console.document(_described(found))


@contextmanager
def _opened(session: Session) -> Iterator[tuple["WebhookStore", int]]:
    """Give the webhooks of the ledger at hand, and how many events it holds."""
    from api.http.webhooks.store import WebhookStore

    with session.open_store() as store, session.projections(store) as projections:
        yield WebhookStore(projections.database), store.head().positions


def _check_told(types: list[str]) -> None:
    """Check that anybody may read events of some types, once at least.

    Raises:
        LedgerError: there is no such type, or it is for the parties of a contract.

    """
    from api.rights import AUDIENCES, Audience
    from projections.changes import check_types

    check_types(types)
    for each in types:
        if AUDIENCES[each] in {Audience.PARTIES, Audience.CASE}:
            raise LedgerError(
                f"{each} is not for everybody, and a webhook is told what anybody may read: let "
                "its receiver follow GET /v1/feed with a session"
            )


def _missing(webhook: str) -> "Webhook":
    raise LedgerError(f"there is no webhook {webhook}; `sunledger webhook list` has all of them")


def _state(webhook: "Webhook") -> str:
    if webhook.stopped_ms is not None:
        return "stopped"
    return "failing" if webhook.failures else "well"


def _described(webhook: "Webhook") -> dict[str, object]:
    """Return a webhook as a JSON document shows it: never with its secret."""
    return {
        "id": webhook.id,
        "url": webhook.url,
        "types": list(webhook.type_names),
        "position": webhook.position,
        "state": _state(webhook),
        "failures": webhook.failures,
        "added": format_instant(webhook.added_ms),
        "succeeded": _instant(webhook.succeeded_ms),
        "failing_since": _instant(webhook.failing_since_ms),
        "stopped": _instant(webhook.stopped_ms),
        "error": webhook.error,
    }


def _instant(instant_ms: int | None) -> str | None:
    return None if instant_ms is None else format_instant(instant_ms)
