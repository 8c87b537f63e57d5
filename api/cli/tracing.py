"""`sunledger trace`: from an event to what it rests on and bears, from a number to its events."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.console import NOTHING, Column, Console
from api.cli.options import Db, Json, example
from api.cli.session import Session
from api.text import _
from ledger.errors import LedgerError
from ledger.times import format_instant

if TYPE_CHECKING:
    from ledger.store.rows import EventRow
    from ledger.store.store import Store
    from ledger.tracing.graph import Graph, Step

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DEPTH_DOWN, _DEPTH_UP = 5, 20
_LIMIT_TREE, _LIMIT_LIST = 10, 100
_INDENT = "  "


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(
        "trace",
        help=_(
            "Trace an event (by its id): what it rests on, back to the appropriation, and what "
            "rests on it, down to the bank entry. Or trace a figure of a contract, line or "
            "payment: the events whose sum it is; without a figure, all of them with their values."
        ),
        epilog=example("sunledger trace contract/c-1 paid"),
    )(trace)


def trace(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(help=_("An event's id, or a subject: contract/c-1, payment/p-1."))
    ],
    figure: Annotated[
        str | None, typer.Argument(help=_("Of a subject: which of its figures."))
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
        if not _UUID.fullmatch(what):
            home = _home_of(session, store, what)
            if figure is None:
                _list_figures(session.console, store, what, home)
            else:
                place = (after, limit or _LIMIT_LIST)
                _show_figure(session.console, store, (what, home, figure), place)
            return
        row = store.event(bytes.fromhex(what.replace("-", "")))
        if row is None:
            raise LedgerError(
                f"there is no event {what} in this ledger; a subject is named KIND/ID, for "
                "instance contract/c-1"
            )
        from ledger.tracing.graph import Graph

        graph, tree = Graph(store), _Tree(session.console, store)
        if of_type is not None:
            rows = graph.page(row, of_type, after, limit or _LIMIT_LIST)
            tree.page(row, of_type, rows, full=len(rows) == (limit or _LIMIT_LIST))
        else:
            asked = {"up": up or not down, "down": down or not up}
            tree.whole(graph, row, asked, depth, limit or _LIMIT_TREE)


# -- figures -----------------------------------------------------------------------------------


def _home_of(session: Session, store: "Store", key: str) -> str:
    """Return the subject in whose history the events of `key` are."""
    kind, _slash, name = key.partition("/")
    home: str | None = key
    if kind == "payment":
        from projections.payments import PAYMENTS
        from projections.places import contract_of_payment

        with session.projections(store) as projections:
            projections.follow(PAYMENTS.name)
            contract = contract_of_payment(projections, name)
        home = None if contract is None else f"contract/{contract}"
    if home is None or store.subject(home) is None:
        raise LedgerError(
            f"there is no {key} in this ledger; name an event's id, or a subject as KIND/ID, for "
            "instance contract/c-1, line/2026-x or payment/p-1"
        )
    return home


def _list_figures(console: Console, store: "Store", key: str, home: str) -> None:
    from ledger.store.histories import opening_of
    from ledger.tracing.adding import figures_of

    figures = figures_of(store, key, home)
    currency = opening_of(store).currency
    console.table(
        _("Figures of {subject}"),
        [Column(_("figure"), style="bold", whole=True), Column(_("value"), "right")],
        [[name, _amount(console, key, name, fen, currency)] for name, fen in figures.items()],
        subject=key,
    )
    console.document({"subject": key, "figures": figures})


def _show_figure(
    console: Console, store: "Store", asked: tuple[str, str, str], place: tuple[int, int]
) -> None:
    from ledger.figures import unit_of
    from ledger.store.histories import opening_of, uuid_of
    from ledger.tracing.adding import add_up
    from ledger.tracing.particulars import particulars_of

    key, home, figure = asked
    after, limit = place
    found = add_up(store, key, home, figure, after=after, limit=limit)
    currency = opening_of(store).currency

    def amount(value: int) -> str:
        return _amount(console, key, figure, value, currency)

    page = []
    for each in found.page:
        told = particulars_of(store, each.row)
        page.append(
            {
                "position": each.row.position,
                "event": uuid_of(each.row),
                "type": each.row.type,
                "recorded": format_instant(told.recorded_ms),
                "signers": list(told.signers),
                "adds": each.adds,
                "running": each.running,
            }
        )
    _show_page(console, page, (figure, key), amount)
    total = console.tell(
        _("Sum of {events} events: {amount}"),
        events=console.number(found.events),
        amount=amount(found.sum),
    )
    console.line(total, style="bold")
    following = found.page[-1].row.position if found.more else None
    if following is not None:
        console.say(_("There is more: go on with --after {position}"), position=following)
    console.document(
        {
            "subject": key,
            "figure": figure,
            "unit": unit_of(key.partition("/")[0], figure),
            "sum": found.sum,
            "events": found.events,
            "page": page,
            "after": following,
        }
    )


def _show_page(
    console: Console,
    page: Sequence[dict[str, Any]],
    title: tuple[str, str],
    amount: Callable[[int], str],
) -> None:
    """Print the events of a figure, with what each adds."""
    figure, key = title
    console.table(
        _("{figure} of {subject}"),
        [
            Column(_("position"), "right"),
            Column(_("event"), whole=True),
            Column(_("type")),
            Column(_("recorded"), whole=True),
            Column(_("signed by")),
            Column(_("adds"), "right"),
            Column(_("so far"), "right"),
        ],
        [
            [
                str(each["position"]),
                each["event"],
                each["type"],
                each["recorded"],
                ", ".join(each["signers"]),
                amount(each["adds"]),
                amount(each["running"]),
            ]
            for each in page
        ],
        figure=figure,
        subject=key,
    )


def _amount(console: Console, key: str, figure: str, value: int, currency: str) -> str:
    from ledger.figures import unit_of

    if unit_of(key.partition("/")[0], figure) == "count":
        return console.number(value)
    return console.money(value, currency)


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
        document: dict[str, Any] = {"event": self._facts(row)}
        console.line(self._line(row), style="bold")
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
