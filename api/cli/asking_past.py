"""`--as-of`: which point of a ledger's history is shown, and what is said of it."""

from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import Console
from api.text import _
from ledger.errors import LedgerError
from ledger.times import format_instant

if TYPE_CHECKING:
    from projections.engine import Projections
    from projections.points import Point

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        help=_("As it was: a position, a date (its end), or an instant with its offset."),
    ),
]


def point_asked(console: Console, projections: "Projections", asked: str) -> "Point":
    """Return the point that was asked for, and say which statement it is after."""
    from projections.points import point_of

    point = point_of(projections.feed, asked)
    if asked.isdecimal() and int(asked) != point.place.position:
        console.remark(
            _("Position {asked} is inside a statement; shown is what was before it."), asked=asked
        )
    if point.place.size:
        console.say(
            _("As of position {position}, recorded {recorded}."),
            position=console.number(point.place.position),
            recorded=format_instant(point.recorded_ms),
        )
    return point


def check_one(as_of: str | None) -> None:
    """Check that no list is asked for as it was.

    Raises:
        LedgerError: one is.

    """
    if as_of is not None:
        raise LedgerError("the past is told of one at a time: name it before --as-of")


def missing(kind: str, name: str, as_of: str | None) -> LedgerError:
    """Return the error that there is, or was, nothing of this name."""
    if as_of is not None:
        return LedgerError(f"there was no {kind} {name} as of {as_of}; leave out --as-of to see it")
    command = {"contract": "contract", "fund line": "fund", "payment": "payment"}[kind]
    return LedgerError(f"there is no {kind} {name}; `sunledger show {command}` lists all")
