"""`sunledger explain payment`: why somebody was paid what, from visits to the bank entry.

Every figure is recomputed from the log, in a database or an archive; no read model is asked.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from api.cli.options import Db, Json, example
from api.cli.session import Session
from api.cli.steps import Row, Teller, shares
from api.codes import WAITS_TOLD
from api.text import _

if TYPE_CHECKING:
    from api.cli.console import Console
    from ledger.replay.explanation import Explanation
    from ledger.replay.sources import Source

EXIT_DIFFERENT = 1


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="explain",
        help=_("Explain an amount: every step it comes from, recomputed from the log."),
        no_args_is_help=True,
    )
    group.callback()(lambda: None)  # or typer would leave out the name of the only command
    group.command(
        "payment",
        help=_(
            "Explain a payment: visits, claim, cuts, disputes, advance, retention, score, "
            "interest, approval, order and the bank's word, each with its event and formula."
        ),
        epilog=example("sunledger explain payment p-2026-03"),
    )(payment)
    app.add_typer(group)


def payment(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help=_("The payment's id."))],
    archive: Annotated[
        Path | None,
        typer.Option(
            exists=True, file_okay=False, help=_("Read this archive folder, not the database.")
        ),
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Explain a payment."""
    session = Session(ctx, as_json, db=db)
    console = session.console
    explanation = _explain(session, name, archive)
    teller = Teller(console, explanation.currency)
    console.say(
        _("Payment {payment} under contract {contract} to {provider}; amounts in {currency}"),
        payment=explanation.payment,
        contract=explanation.contract,
        provider=explanation.provider,
        currency=explanation.currency,
    )
    console.line("")
    for step in explanation.steps:
        teller.step(step)
    console.say(_("What it comes to"))
    console.account(list(_whole(teller, explanation)))
    for sentence in _standing(console, teller, explanation):
        console.line(sentence)
    console.line(_verdict(console, explanation), style="bold")
    console.document(msgspec.to_builtins(explanation))
    for difference in explanation.differences:
        console.remark(
            _(
                "At position {position}, {what}: the formulas give {computed} fen, the history "
                "has {found} fen."
            ),
            position=difference.where.position,
            what=difference.what,
            computed=difference.computed_fen,
            found=difference.found_fen,
        )
    if explanation.differences:
        raise typer.Exit(EXIT_DIFFERENT)


def _explain(session: Session, name: str, archive: Path | None) -> "Explanation":
    if archive is not None:
        from ledger.replay.sources import ArchiveSource

        return _replay(session, ArchiveSource(archive), name)
    from ledger.replay.database import DatabaseSource

    with session.open_store() as store:
        return _replay(session, DatabaseSource(store), name)


def _replay(session: Session, source: "Source", name: str) -> "Explanation":
    from ledger.replay.explaining import explain

    with session.console.progress(_("Replaying the log")) as steps:
        return explain(source, name, lambda _statements: steps.done())


def _whole(tell: Teller, whole: "Explanation") -> Iterator[Row]:
    yield from shares(tell, whole.shares)
    yield tell.row(
        _("recomputed"),
        whole.principal_fen + whole.interest_fen,
        _("principal {principal_fen} + interest {interest_fen}"),
        principal_fen=whole.principal_fen,
        interest_fen=whole.interest_fen,
    )
    if whole.ordered_fen is not None:
        yield tell.row(_("ordered"), whole.ordered_fen)
        yield tell.row(_("paid"), whole.paid_fen)


def _standing(console: "Console", tell: Teller, whole: "Explanation") -> Iterator[str]:
    """Yield sentences: where the payment stands, and what it waits for."""
    standing = whole.standing
    yield console.tell(WAITS_TOLD[standing.waits_for])
    if standing.days_late:
        yield console.tell(
            _("The last day to pay in time was {due_on}; {days} days late."),
            due_on=standing.due_on,
            days=standing.days_late,
        )
    else:
        yield console.tell(_("The last day to pay in time is {due_on}."), due_on=standing.due_on)
    for event in standing.held:
        yield console.tell(
            _("It is held up by the doubted act {event}, until somebody reaffirms it."),
            event=event,
        )
    if standing.asked_again is not None:
        yield console.tell(
            _("What it was for is asked for again by payment {payment}."),
            payment=standing.asked_again,
        )
    for message, fen in (
        (_("Interest that is booked and in no order: {fen}."), standing.interest_open_fen),
        (_("Interest that can be booked by now: {fen}."), standing.interest_unbooked_fen),
        (_("Still in dispute on its claims: {fen}."), standing.disputed_fen),
    ):
        if fen:
            yield console.tell(message, fen=tell.fen(fen))


def _verdict(console: "Console", whole: "Explanation") -> str:
    if whole.differences:
        message = _("The history differs from its formulas; figures that differ: {count}")
    elif whole.ordered_fen is None:
        message = _("Recomputed from {statements} statements to {date}; nothing is ordered yet")
    else:
        message = _("Recomputed from {statements} statements to {date}: as ordered, to the fen")
    return console.tell(
        message,
        count=len(whole.differences),
        statements=console.number(whole.statements),
        date=whole.standing.as_of,
    )
