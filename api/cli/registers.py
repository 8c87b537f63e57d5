"""`sunledger show tender`, `party` and `approver`, and `sunledger search`: the registers.

The read models are brought up to date first, so what is shown is the ledger's head.
"""

from typing import Annotated, Literal

import msgspec
import typer

from api.cli.options import After, Db, Json, Limit, example, say_more
from api.cli.register_tables import (
    show_approvers,
    show_found,
    show_parties,
    show_party,
)
from api.cli.session import Session
from api.cli.tender_tables import show_tender, show_tenders
from api.text import _
from ledger.errors import LedgerError

Origin = Literal["native", "reported"]
PartyKind = Literal["government", "social_organisation", "company", "institution", "person_agent"]
ActKind = Literal["confirmation", "denial", "answer", "approval", "return", "order"]
FoundKind = Literal[
    "contract", "tender", "party", "line", "programme", "claim", "payment", "process"
]


def add_to_show(group: typer.Typer) -> None:
    """Add the commands to the group `show`."""
    group.command(
        "tender",
        help=_("List tenders, native and reported; or show one with its lots, bids and awards."),
        epilog=example("sunledger show tender --status closed --method open"),
    )(tender)
    group.command(
        "party",
        help=_("List parties; or show one with its keys, roles, accounts and standing."),
        epilog=example("sunledger show party --role provider"),
    )(party)
    group.command(
        "approver",
        help=_("Show how often and how fast keys confirm, answer, approve and order."),
        epilog=example("sunledger show approver --kind answer"),
    )(approver)


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "search",
        help=_("Find contracts, tenders, parties, claims and whatever has a name, by its text."),
        epilog=example("sunledger search 养老 --kind tender"),
    )(search)


def tender(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(help=_("A tender's id, or a published ocid."))
    ] = None,
    origin: Annotated[Origin | None, typer.Option(help=_("Whose: ours, or published."))] = None,
    status: Annotated[str | None, typer.Option(help=_("Only of this status."))] = None,
    buyer: Annotated[str | None, typer.Option(help=_("Only of this buyer."))] = None,
    provider: Annotated[
        str | None, typer.Option(help=_("Only those that this provider bid for or won."))
    ] = None,
    method: Annotated[
        str | None, typer.Option(help=_("Only by this method: open, invited, single_source, …"))
    ] = None,
    programme: Annotated[str | None, typer.Option(help=_("Only of this programme."))] = None,
    year: Annotated[
        int | None, typer.Option(min=1, max=9999, help=_("Only opening in this year."))
    ] = None,
    text: Annotated[str | None, typer.Option(help=_("Only with this text in it."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show tenders."""
    session = Session(ctx, as_json, db=db)
    from projections.tenders import TENDERS, find_tenders, list_tenders

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(TENDERS.name)
        if name is not None:
            found = find_tenders(projections, name)
            if not found:
                raise LedgerError(f"there is no tender {name}; `sunledger show tender` lists all")
            for each in found:
                show_tender(console, each)
            console.document([msgspec.to_builtins(each) for each in found])
            return
        page = list_tenders(
            projections,
            origin=origin,
            status=status,
            buyer=buyer,
            provider=provider,
            method=method,
            programme=programme,
            year=year,
            text=text,
            after=after,
            limit=limit,
        )
    show_tenders(console, page.items)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))


def party(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(help=_("A party's id."))] = None,
    kind: Annotated[PartyKind | None, typer.Option(help=_("Only of this kind."))] = None,
    role: Annotated[str | None, typer.Option(help=_("Only those that hold this role."))] = None,
    text: Annotated[str | None, typer.Option(help=_("Only with this text in it."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show parties."""
    session = Session(ctx, as_json, db=db)
    from projections.parties import PARTIES, list_parties, party_file

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(PARTIES.name)
        if name is not None:
            found = party_file(projections, name)
            if found is None:
                raise LedgerError(f"there is no party {name}; `sunledger show party` lists all")
            show_party(console, found)
            console.document(msgspec.to_builtins(found))
            return
        page = list_parties(projections, kind=kind, role=role, text=text, after=after, limit=limit)
    show_parties(console, page.items)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))


def approver(
    ctx: typer.Context,
    key: Annotated[str | None, typer.Argument(help=_("A key's name: PARTY/LABEL."))] = None,
    party: Annotated[str | None, typer.Option(help=_("Only keys of this party."))] = None,
    kind: Annotated[ActKind | None, typer.Option(help=_("Only acts of this kind."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show what keys did."""
    session = Session(ctx, as_json, db=db)
    from projections.approvers import APPROVERS, list_approvers

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(APPROVERS.name)
        page = list_approvers(
            projections, key=key, party=party, kind=kind, after=after, limit=limit
        )
    if key is not None and not page.items:
        raise LedgerError(
            f"the key {key} did nothing that is counted here; `sunledger show approver` lists all"
        )
    show_approvers(console, page.items, with_gaps=key is not None)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))


def search(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help=_("What to look for: a part of a name or number."))],
    kind: Annotated[FoundKind | None, typer.Option(help=_("Only of this kind."))] = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Find by text."""
    session = Session(ctx, as_json, db=db)
    from projections.search import SEARCH, find_text

    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(SEARCH.name)
        page = find_text(projections, text, kind=kind, after=after, limit=limit)
    show_found(console, page.items)
    say_more(console, page.next)
    console.document(msgspec.to_builtins(page))
