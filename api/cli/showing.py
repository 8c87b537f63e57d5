"""`sunledger show`: contracts and funds; each area shows its own beside them.

The read models are brought up to date first, so what is shown is the ledger's head.
"""

from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
import typer

from api.cli import figures, paying, registers, showing_people
from api.cli.asking_past import AsOf, check_one, missing, point_asked
from api.cli.console import Console
from api.cli.options import After, Db, Json, Limit, ReadModels, example, say_more
from api.cli.session import Session
from api.cli.tables import (
    show_contract,
    show_contracts,
    show_fund,
    show_funds,
    show_processes,
)
from api.cli.timelines import Turn, tell_timeline
from api.text import _

if TYPE_CHECKING:
    from projections.engine import Projections

Origin = Literal["native", "reported"]
Timeline = Annotated[
    bool, typer.Option("--timeline", help=_("Show what happened, event by event."))
]
Newest = Annotated[
    bool, typer.Option("--newest", help=_("A timeline from its end, the newest first."))
]
WithoutVisits = Annotated[
    bool,
    typer.Option("--without-visits", help=_("A timeline without visits and words on them.")),
]


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
        help=_("List fund lines and published processes; or show one, every account and month."),
        epilog=example("sunledger show fund 2026-2080208-eldercare --as-of 2026-03-31"),
    )(fund)
    paying.add_to(group)
    registers.add_to_show(group)
    showing_people.add_to_show(group)
    figures.add_to(group)
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
    year: Annotated[
        int | None, typer.Option(min=1, max=9999, help=_("Only in force in this year."))
    ] = None,
    text: Annotated[str | None, typer.Option(help=_("Only with this text in it."))] = None,
    as_of: AsOf = None,
    timeline: Timeline = False,
    newest: Newest = False,
    without_visits: WithoutVisits = False,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Show contracts."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    if timeline:
        turn = Turn(after, limit, newest=newest, without_visits=without_visits)
        tell_timeline(session, name, turn)
        return
    from projections.contracts import CONTRACTS, list_contracts

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(CONTRACTS.name)
        if name is not None:
            _show_contract(console, projections, name, as_of)
            return
        check_one(as_of)
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


def _show_contract(
    console: Console, projections: "Projections", name: str, as_of: str | None
) -> None:
    """Show the contracts of a name, as they are or as they were."""
    from projections.contracts import contracts_as_of, find_contracts

    if as_of is None:
        found = find_contracts(projections, name)
    else:
        found = contracts_as_of(projections, name, point_asked(console, projections, as_of))
    if not found:
        raise missing("contract", name, as_of)
    for each in found:
        show_contract(console, each)
    console.document([msgspec.to_builtins(each) for each in found])


def fund(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help=_("A fund line's id, or a published ocid."))
    ] = None,
    year: Annotated[
        int | None,
        typer.Option(min=1, max=9999, help=_("Only lines of this budget year, or its months.")),
    ] = None,
    source: Annotated[str | None, typer.Option(help=_("Only lines of this source."))] = None,
    text: Annotated[
        str | None, typer.Option(help=_("Only published processes with this text in them."))
    ] = None,
    as_of: AsOf = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    read_models: ReadModels = None,
    as_json: Json = False,
) -> None:
    """Show funds."""
    session = Session(ctx, as_json, db=db, projections=read_models)
    from projections.funds import FUNDS, list_funds, list_processes

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(FUNDS.name)
        if name is not None:
            _show_fund(console, projections, name, year, as_of)
            return
        check_one(as_of)
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


def _show_fund(
    console: Console, projections: "Projections", name: str, year: int | None, as_of: str | None
) -> None:
    """Show one fund line by month, or a published process, as it is or as it was."""
    from projections.funds import FundFile, FundMonths, fund, fund_months, list_processes

    found: FundFile | None
    moved: FundMonths | None
    if as_of is None:
        found, moved = fund(projections, name), fund_months(projections, name, year=year)
        processes = list_processes(projections, ocid=name).items
    else:
        from projections.funds.past import fund_as_of

        point = point_asked(console, projections, as_of)
        found, moved, processes = fund_as_of(projections, name, point, year=year)
    if found is None and not processes:
        raise missing("fund line", name, as_of)
    document: dict[str, object] = {"processes": msgspec.to_builtins(processes)}
    if found is not None:
        months = () if moved is None else moved.months
        show_fund(console, found.fund, months)
        document = msgspec.to_builtins(found) | {"months": msgspec.to_builtins(months)}
    show_processes(console, processes)
    console.document(document)
