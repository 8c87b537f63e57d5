"""The timeline of a contract: each event in a sentence, with who signed it and what it moved."""

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from api.cli.console import Column, Console
from api.cli.options import say_more
from api.cli.session import Session
from api.text import _
from api.words import sentence_of
from ledger.errors import LedgerError, Malformed

if TYPE_CHECKING:
    from projections.timeline import Occurrence, Timeline

_PLACE = re.compile(r"[0-9]{1,18}")


class Turn(NamedTuple):
    """Which page of a timeline is asked for; fields are those of `projections.timeline`."""

    after: str | None
    limit: int
    newest: bool
    without_visits: bool


def tell_timeline(session: Session, name: str | None, turn: Turn) -> None:
    """Print a page of the timeline of the contract called `name`: its id or number.

    Raises:
        LedgerError: no contract was named, or there is none of that name.
        Malformed: the place to go on from is no position.

    """
    from projections.contracts import CONTRACTS, find_contracts
    from projections.timeline import TIMELINE, timeline

    if name is None:
        raise LedgerError("a timeline is one contract's: name the contract before --timeline")
    after = None if turn.after is None else _position(turn.after)
    console = session.console
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow(CONTRACTS.name, TIMELINE.name)
        keys = [name]
        if store.subject(_subject(name)) is None:
            found = [each.contract for each in find_contracts(projections, name)]
            keys = [each.contract for each in found if each.origin == "native"]
        pages = [
            timeline(
                projections,
                _subject(key),
                after=after,
                limit=turn.limit,
                newest=turn.newest,
                without_visits=turn.without_visits,
            )
            for key in keys
        ]
    shown = [page for page in pages if page is not None]
    if not shown:
        raise LedgerError(
            f"there is no contract {name} of this ledger; `sunledger show contract` lists all"
        )
    for page in shown:
        _show(console, page)
    console.document([_plain(console, page) for page in shown])


def _show(console: Console, page: "Timeline") -> None:
    console.table(
        _("Timeline of {subject}"),
        [
            Column(_("position"), "right"),
            Column(_("recorded"), whole=True),
            Column(_("what happened")),
            Column(_("signed by")),
            Column(_("posted")),
        ],
        [
            [
                str(occurrence.position),
                occurrence.recorded,
                sentence_of(occurrence.event, console, page.currency),
                ", ".join(f"{signer.party}/{signer.key}" for signer in occurrence.signers),
                _posted(console, occurrence, page.currency),
            ]
            for occurrence in page.items
        ],
        subject=page.subject,
    )
    say_more(console, page.next)


def _posted(console: Console, occurrence: "Occurrence", currency: str) -> str:
    return "\n".join(
        f"{each.line}: {each.debit} → {each.credit} {console.money(each.amount_fen, currency)}"
        for each in occurrence.posted
    )


def _plain(console: Console, page: "Timeline") -> dict[str, object]:
    """Return a page as its JSON twin has it, each event with its sentence."""
    plain: dict[str, object] = msgspec.to_builtins(page)
    plain["items"] = [
        {
            **msgspec.to_builtins(occurrence),
            "sentence": sentence_of(occurrence.event, console, page.currency),
        }
        for occurrence in page.items
    ]
    return plain


def _subject(contract: str) -> str:
    return f"contract/{contract}"


def _position(mark: str) -> int:
    if _PLACE.fullmatch(mark) is None:
        raise Malformed(f"the page mark {mark[:40]!r} is no position of a timeline")
    return int(mark)
