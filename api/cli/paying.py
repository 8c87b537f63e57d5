"""`sunledger show payment` and `show overdue`: what is owed, what was paid, and what is late."""

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from api.cli.asking_past import AsOf, check_one, missing, point_asked
from api.cli.console import Console
from api.cli.options import After, Db, Json, Limit, ReadModels, example, say_more
from api.cli.payment_tables import show_overdue, show_payment, show_payments
from api.cli.session import Session
from api.text import _
from ledger.state.payment import PaymentStatus

if TYPE_CHECKING:
    from projections.engine import Projections


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group `show`."""
    group.command(
        "payment",
        help=_(
            "List payments: what each waits for, and when it is due; or show one whole, from what "
            "was claimed to what was paid."
        ),
        epilog=example("sunledger show payment --contract c-2026-east"),
    )(payment)
    group.command(
        "overdue",
        help=_("List every sum that is overdue at the end of a day, and what each buyer owes."),
        epilog=example("sunledger show overdue --as-of-day 2026-12-31"),
    )(overdue)


def payment(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help=_("The payment's id."))] = None,
    contract: Annotated[str | None, typer.Option(help=_("Only under this contract."))] = None,
    status: Annotated[PaymentStatus | None, typer.Option(help=_("Only of this status."))] = None,
    provider: Annotated[str | None, typer.Option(help=_("Only of this provider."))] = None,
    overdue: Annotated[
        bool, typer.Option("--overdue", help=_("Only unpaid ones whose due date is over."))
    ] = False,
    as_of: AsOf = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Show payments."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    from projections.payments import PAYMENTS, list_payments

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(PAYMENTS.name)
        if name is not None:
            _show_payment(console, projections, name, as_of)
            return
        check_one(as_of)
        page = list_payments(
            projections,
            contract=contract,
            status=status,
            provider=provider,
            overdue=overdue,
            after=after,
            limit=limit,
        )
    show_payments(console, page.items)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))


def _show_payment(
    console: Console, projections: "Projections", name: str, as_of: str | None
) -> None:
    """Show one payment, as it is or as it was."""
    from projections.payments import payment as find_payment
    from projections.payments.past import payment_as_of

    if as_of is None:
        found = find_payment(projections, name)
    else:
        found = payment_as_of(projections, name, point_asked(console, projections, as_of))
    if found is None:
        raise missing("payment", name, as_of)
    show_payment(console, found)
    console.document(msgspec.to_builtins(found))


def overdue(
    ctx: typer.Context,
    day: Annotated[
        str | None,
        typer.Option("--as-of-day", help=_("At the end of this day; else of the ledger's last.")),
    ] = None,
    buyer: Annotated[str | None, typer.Option(help=_("Only of this buyer."))] = None,
    provider: Annotated[str | None, typer.Option(help=_("Only of this provider."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Show what is overdue."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    from projections.payments import PAYMENTS, list_overdue

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(PAYMENTS.name)
        page = list_overdue(
            projections, day=day, buyer=buyer, provider=provider, after=after, limit=limit
        )
    show_overdue(console, page)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))
