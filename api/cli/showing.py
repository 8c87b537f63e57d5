"""`sunledger show`: contracts and funds; `paying`, `registers`, `showing_people` show the rest.

The read models are brought up to date first, so what is shown is the ledger's head.
"""

from typing import Annotated, Literal

import msgspec
import typer

from api.cli import paying, registers, showing_people
from api.cli.options import After, Db, Json, Limit, example, say_more
from api.cli.session import Session
from api.cli.tables import (
    show_contract,
    show_contracts,
    show_fund,
    show_funds,
    show_processes,
)
from api.text import _
from ledger.errors import LedgerError

Origin = Literal["native", "reported"]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="show",
        help=_("Show contracts, money, procurement, parties and people, as the ledger has them."),
        no_args_is_help=True,
    )
    group.command(
        "contract",
        help=_("List contracts, native and reported; or show one with all that is known."),
        epilog=example("sunledger show contract --status active --year 2026"),
    )(contract)
    group.command(
        "fund",
        help=_("List fund lines and published processes; or show one with every account."),
        epilog=example("sunledger show fund 2026-2080208-eldercare"),
    )(fund)
    paying.add_to(group)
    registers.add_to_show(group)
    showing_people.add_to_show(group)
    app.add_typer(group)


def contract(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help=_("A contract's id or number, or a published ocid."))
    ] = None,
    origin: Annotated[Origin | None, typer.Option(help=_("Whose: ours, or published."))] = None,
    status: Annotated[str | None, typer.Option(help=_("Only of this status."))] = None,
    buyer: Annotated[str | None, typer.Option(help=_("Only of this buyer."))] = None,
    provider: Annotated[str | None, typer.Option(help=_("Only of this provider."))] = None,
    programme: Annotated[str | None, typer.Option(help=_("Only of this programme."))] = None,
    line: Annotated[str | None, typer.Option(help=_("Only paid from this fund line."))] = None,
    year: Annotated[int | None, typer.Option(help=_("Only in force in this year."))] = None,
    text: Annotated[str | None, typer.Option(help=_("Only with this text in it."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show contracts."""
    session = Session(ctx, as_json, db=db)
    from projections.contracts import CONTRACTS, find_contracts, list_contracts

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(CONTRACTS.name)
        if name is not None:
            found = find_contracts(projections, name)
            if not found:
                raise LedgerError(
                    f"there is no contract {name}; `sunledger show contract` lists all"
                )
            for each in found:
                show_contract(console, each)
            console.document([msgspec.to_builtins(each) for each in found])
            return
        page = list_contracts(
            projections,
            origin=origin,
            status=status,
            buyer=buyer,
            provider=provider,
            programme=programme,
            line=line,
            year=year,
            text=text,
            after=after,
            limit=limit,
        )
    show_contracts(console, page.items)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))


def fund(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help=_("A fund line's id, or a published ocid."))
    ] = None,
    year: Annotated[int | None, typer.Option(help=_("Only lines of this budget year."))] = None,
    source: Annotated[str | None, typer.Option(help=_("Only lines of this source."))] = None,
    text: Annotated[
        str | None, typer.Option(help=_("Only published processes with this text in them."))
    ] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show funds."""
    session = Session(ctx, as_json, db=db)
    from projections.funds import FUNDS, list_funds, list_processes
    from projections.funds import fund as find_fund

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(FUNDS.name)
        if name is not None:
            found = find_fund(projections, name)
            processes = list_processes(projections, ocid=name).items
            if found is None and not processes:
                raise LedgerError(f"there is no fund line {name}; `sunledger show fund` lists all")
            if found is not None:
                show_fund(console, found.fund)
            show_processes(console, processes)
            console.document(
                msgspec.to_builtins(found if found is not None else {"processes": processes})
            )
            return
        # A page mark is a place in the ledger, so one serves both lists.
        funds = list_funds(projections, year=year, source=source, after=after, limit=limit)
        reported = list_processes(projections, text=text, after=after, limit=limit)
    if funds.items or not reported.items:
        show_funds(console, funds.items)
    show_processes(console, reported.items)
    say_more(console, funds.next or reported.next)
    console.document(
        {"funds": msgspec.to_builtins(funds), "processes": msgspec.to_builtins(reported)}
    )
