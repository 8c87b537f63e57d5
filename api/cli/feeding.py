"""`sunledger feed`: what happens in the ledger, event by event, for programs that follow it."""

import sys
from typing import Annotated

import msgspec
import typer

from api.cli.console import Column
from api.cli.options import Db, Json, example, say_more
from api.cli.session import Session
from api.text import _


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "feed",
        help=_(
            "List events by position, without gaps; with --follow go on as they come, one JSON "
            "object a line. Ask again `--after` what was reached, and nothing is missed or seen "
            "twice."
        ),
        epilog=example("sunledger feed --after 3900 --follow"),
    )(feed)


def feed(
    ctx: typer.Context,
    after: Annotated[
        int, typer.Option(min=0, help=_("How many events are known already: the first to come."))
    ] = 0,
    types: Annotated[
        list[str] | None, typer.Option("--type", help=_("Only events of this type; repeatable."))
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help=_("Events at most."))] = 100,
    follow: Annotated[
        bool, typer.Option("--follow", help=_("Stay, and print events as they are admitted."))
    ] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """List or follow the changes of a ledger."""
    session = Session(ctx, as_json, db=db)
    from projections.changes import Follower, changes

    console, asked = session.console, tuple(types or ())
    with session.open_store() as store:
        if follow:
            for change in Follower(store, after, types=asked):
                sys.stdout.write(msgspec.json.encode(change).decode() + "\n")
                sys.stdout.flush()
        found = changes(store, after, types=asked, limit=limit)
    console.table(
        _("Events"),
        [
            Column(_("position"), "right"),
            Column(_("recorded"), whole=True),
            Column(_("type")),
            Column(_("subject")),
            Column(_("event"), whole=True),
        ],
        [
            [str(each.position), each.recorded, each.type, each.subject, each.event]
            for each in found.items
        ],
    )
    say_more(console, found.reached if found.reached < found.size else None)
    console.document(msgspec.to_builtins(found))
