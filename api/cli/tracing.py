"""`sunledger trace`: from an event to what it rests on and bears, from a number to its events."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.console import Console
from api.cli.options import Db, Json, example
from api.cli.session import Session
from api.cli.tracing_figures import Asked
from api.cli.tracing_subjects import body_of
from api.telling import NOTHING
from api.text import _
from ledger.errors import LedgerError
from ledger.times import format_instant

if TYPE_CHECKING:
    from ledger.store.rows import EventRow
    from ledger.store.store import Store
    from ledger.tracing.graph import Graph, Step

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_POSITION = re.compile(r"[0-9]{1,18}")
_DEPTH_DOWN, _DEPTH_UP = 5, 20
_LIMIT_TREE, _LIMIT_LIST = 10, 100
_INDENT = "  "


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "trace",
        help=_(
            "Trace an event (by its id or position): what it rests on, back to the appropriation, "
            "and what rests on it, down to the bank entry. Or trace a figure of a contract, line, "
            "tender, programme, payment, claim, party, buyer, beneficiary or approver, or of the "
            "overview: the events or figures whose sum it is, or what it is made of; without a "
            "figure, all of them with their values."
        ),
        epilog=example("sunledger trace contract/c-1 paid"),
    )(trace)


def trace(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(help=_("Event id or position, or a subject: contract/c-1, payment/p-1.")),
    ],
    figure: Annotated[
        str | None, typer.Argument(help=_("Of a subject: which of its figures."))
    ] = None,
    month: Annotated[
        str | None, typer.Option(help=_("Of a figure: only what a month, such as 2026-03, added."))
    ] = None,
    day: Annotated[
        str | None,
        typer.Option("--as-of-day", help=_("What is overdue: at the end of this day.")),
    ] = None,
    up: Annotated[bool, typer.Option("--up", help=_("Only what the event rests on."))] = False,
    down: Annotated[bool, typer.Option("--down", help=_("Only what rests on the event."))] = False,
    depth: Annotated[
        int | None, typer.Option(min=1, max=100, help=_("How many steps from the event."))
    ] = None,
    of_type: Annotated[
        str | None, typer.Option("--type", help=_("List what is right under it, of this type."))
    ] = None,
    after: Annotated[
        int, typer.Option(min=-1, max=10**18, help=_("Go on behind this position."))
    ] = -1,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, max=10_000, help=_("Events at most; in a tree, of one type in one place.")
        ),
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Trace an event or a figure."""
    session = Session(ctx, as_json, db=db)
    with session.open_store() as store:
        if not _UUID.fullmatch(what) and not _POSITION.fullmatch(what):
            asked = Asked(session, store, what, month, day)
            if figure is None:
                asked.list_figures()
            else:
                asked.show(figure, after, limit or _LIMIT_LIST)
            return
        if month is not None:
            raise LedgerError("--month is of a figure: name a subject, for instance contract/c-1")
        row = _event_of(store, what)
        from ledger.tracing.graph import Graph

        graph, tree = Graph(store), _Tree(session.console, store)
        if of_type is not None:
            rows = graph.page(row, of_type, after, limit or _LIMIT_LIST)
            tree.page(row, of_type, rows, full=len(rows) == (limit or _LIMIT_LIST))
        else:
            ways = {"up": up or not down, "down": down or not up}
            tree.whole(graph, row, ways, depth, limit or _LIMIT_TREE)


def _event_of(store: "Store", what: str) -> "EventRow":
    """Return the event of an id or at a position.

    Raises:
        LedgerError: there is none.

    """
    if _POSITION.fullmatch(what):
        row = store.event_at(int(what))
    else:
        row = store.event(bytes.fromhex(what.replace("-", "")))
    if row is None:
        raise LedgerError(
            f"there is no event {what} in this ledger; an event is named by its id or position, a "
            "subject as KIND/ID, for instance contract/c-1"
        )
    return row


# -- the graph ---------------------------------------------------------------------------------


class _Tree:
    """Prints events as a tree, or as a list."""

    def __init__(self, console: Console, store: "Store") -> None:
        from ledger.store.histories import opening_of

        self._console = console
        self._store = store
        self._currency = opening_of(store).currency

    def whole(
        self, graph: "Graph", row: "EventRow", asked: dict[str, bool], depth: int | None, limit: int
    ) -> None:
        """Print what an event rests on, itself, and what rests on it, as far as asked."""
        console = self._console
        document: dict[str, Any] = {"event": {**self._facts(row), "body": body_of(row)}}
        console.line(self._line(row), style="bold")
        console.line(row.body.decode())
        if asked["up"]:
            console.say(_("It rests on:"))
            steps = graph.up(row, depth or _DEPTH_UP, limit)
            document["up"] = list(self._steps(steps))
        if asked["down"]:
            console.say(_("On it rests:"))
            steps = graph.down(row, depth or _DEPTH_DOWN, limit)
            document["down"] = list(self._steps(steps))
        console.document(document)

    def page(
        self, row: "EventRow", type_name: str, rows: Sequence["EventRow"], *, full: bool
    ) -> None:
        """Print a page of what is right under an event."""
        console = self._console
        console.line(self._line(row), style="bold")
        for each in rows:
            console.line(_INDENT + self._line(each))
        if not rows:
            console.say(_("Nothing of type {type} is right under it."), type=type_name)
        following = rows[-1].position if full else None
        if following is not None:
            console.say(_("There is more: go on with --after {position}"), position=following)
        facts = [self._facts(each) for each in rows]
        console.document({"event": self._facts(row), "page": facts, "after": following})

    def _steps(self, steps: "Iterator[Step]") -> Iterator[dict[str, Any]]:
        console = self._console
        some = False
        for step in steps:
            some = True
            indent = _INDENT * step.depth
            if step.row is None:
                console.line(indent + self._alike(step))
                yield {
                    "depth": step.depth,
                    "type": step.type,
                    "count": step.count,
                    "first": step.first,
                    "last": step.last,
                }
                continue
            notes = {_("(above)"): step.seen, _("(leads on: --depth)"): step.cut}
            told = [self._line(step.row), *(console.tell(n) for n, is_so in notes.items() if is_so)]
            console.line(indent + " ".join(told))
            yield {"depth": step.depth, **self._facts(step.row), "seen": step.seen, "cut": step.cut}
        if not some:
            console.line(_INDENT + console.tell(_("nothing")))

    def _alike(self, step: "Step") -> str:
        if step.first is None:
            message = _("{type} × {count}; list: --type {type}")
        else:
            message = _("{type} × {count}, positions {first} to {last}; list: --type {type}")
        return self._console.tell(
            message,
            type=step.type,
            count=self._console.number(step.count),
            first=step.first,
            last=step.last,
        )

    def _line(self, row: "EventRow") -> str:
        from ledger.store.histories import uuid_of
        from ledger.tracing.particulars import particulars_of

        told = particulars_of(self._store, row)
        amount = NOTHING
        if told.moved_fen is not None:
            amount = self._console.money(told.moved_fen, self._currency)
        return self._console.tell(
            _("{position} {event} {type}, signed by {signers}: {amount}"),
            position=row.position,
            event=uuid_of(row),
            type=row.type,
            signers=", ".join(told.signers),
            amount=amount,
        )

    def _facts(self, row: "EventRow") -> dict[str, Any]:
        from ledger.store.histories import uuid_of
        from ledger.tracing.particulars import particulars_of

        told = particulars_of(self._store, row)
        return {
            "position": row.position,
            "event": uuid_of(row),
            "type": row.type,
            "recorded": format_instant(told.recorded_ms),
            "signers": list(told.signers),
            "moved_fen": told.moved_fen,
        }
