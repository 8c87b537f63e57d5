"""`sunledger show provider`, `programme` and `overview`: figures that the read models keep."""

from typing import Annotated

import msgspec
import typer

from api.cli.options import After, Db, Json, Limit, example, say_more
from api.cli.overview_tables import show_overview
from api.cli.programme_tables import show_programme, show_programmes
from api.cli.provider_tables import show_provider, show_providers
from api.cli.session import Session
from api.text import _
from ledger.errors import LedgerError


def add_to(group: typer.Typer) -> None:
    """Add the commands to the group `show`."""
    group.command(
        "provider",
        help=_("List providers; or show one with its money, scores, disputes and waiting times."),
        epilog=example("sunledger show provider yangguang-care"),
    )(provider)
    group.command(
        "programme",
        help=_("List programmes; or show one with its targets, output and money."),
        epilog=example("sunledger show programme home-care-2025"),
    )(programme)
    group.command(
        "overview",
        help=_("Show where the money of a budget year came from and how far it came."),
        epilog=example("sunledger show overview --year 2025"),
    )(overview)


def provider(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help=_("A provider's id."))] = None,
    text: Annotated[str | None, typer.Option(help=_("Only with this text in it."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show providers."""
    session = Session(ctx, as_json, db=db)
    from projections.providers import PROVIDERS, list_providers
    from projections.providers import provider as find_provider

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(PROVIDERS.name)
        if name is not None:
            found = find_provider(projections, name)
            if found is None:
                raise LedgerError(
                    f"there is no provider {name} with a contract; `sunledger show provider` "
                    "lists all"
                )
            show_provider(console, found)
            console.document(msgspec.to_builtins(found))
            return
        page = list_providers(projections, text=text, after=after, limit=limit)
    show_providers(console, page.items)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))


def programme(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help=_("A programme's id."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show programmes."""
    session = Session(ctx, as_json, db=db)
    from projections.programmes import PROGRAMMES, list_programmes
    from projections.programmes import programme as find_programme
    from projections.programmes.queries import PROGRAMME_MODELS

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        if name is not None:
            projections.follow(*(model.name for model in PROGRAMME_MODELS))
            found = find_programme(projections, name)
            if found is None:
                raise LedgerError(
                    f"there is no programme {name}; `sunledger show programme` lists all"
                )
            show_programme(console, found)
            console.document(msgspec.to_builtins(found))
            return
        projections.follow(PROGRAMMES.name)
        page = list_programmes(projections, after=after, limit=limit)
    show_programmes(console, page.items)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))


def overview(
    ctx: typer.Context,
    year: Annotated[
        int | None, typer.Option(min=1, max=9999, help=_("This budget year; else the newest one."))
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show the figures of a first page."""
    session = Session(ctx, as_json, db=db)
    from projections.overview import OVERVIEW_MODELS
    from projections.overview import overview as look

    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(*(model.name for model in OVERVIEW_MODELS))
        found = look(projections, year)
    show_overview(session.console, found)
    session.console.document(msgspec.to_builtins(found))
