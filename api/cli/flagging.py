"""`sunledger flags`: what is conspicuous, why, and what auditors made of it.

The read models are brought up to date first. With `--set` or `--persons` everything is judged
anew, and nothing is kept of it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
import typer

from api.cli.options import After, Db, Json, Limit, example, say_more
from api.cli.session import Session, write_file
from api.text import _
from ledger.errors import LedgerError

if TYPE_CHECKING:
    from api.cli.console import Console
    from api.cli.flag_cases import Asked

Rules = Annotated[
    list[str] | None, typer.Option("--rule", help=_("Only of this flag, f02; repeatable."))
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help=_("Judge anew with a threshold of your own, f02.minutes=10; repeatable."),
    ),
]
Persons = Annotated[
    Path | None,
    typer.Option(
        help=_("Judge anew with the vault keeper's extract: JSON lines of token and person.")
    ),
]
Flagged = Annotated[str, typer.Argument(metavar="CASE", help=_("The case, as the list names it."))]

EVIDENCE_SHOWN = 5
"""Events named for a case in the list; `flags show` names all."""


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="flags",
        help=_(
            "List red flags: reasons to look, never verdicts, each with the events it follows from."
        ),
        epilog=example("sunledger flags --rule f02 --rule f04 --since 2026-03-01"),
    )
    group.callback(invoke_without_command=True)(flags)
    group.command(
        "show",
        help=_("Show a case with every event that it follows from."),
        epilog=example("sunledger flags show f46/time/2025-06/3141"),
    )(show)
    group.command(
        "rules",
        help=_("List the flags with the thresholds in force and where each comes from."),
        epilog=example("sunledger flags rules"),
    )(rules)
    group.command(
        "adopt",
        help=_("Draft the event by which an auditor makes a case a matter of record."),
        epilog=example("sunledger flags adopt f46/time/2025-06/3141 --as flag-7 --out f.ndjson"),
    )(adopt)
    group.command(
        "stats",
        help=_("Tell how well the flags find what was planted in a simulated city."),
        epilog=example("sunledger flags stats --truth city/truth.ndjson"),
    )(stats)
    app.add_typer(group)


def flags(
    ctx: typer.Context,
    rule: Rules = None,
    contract: Annotated[str | None, typer.Option(help=_("Only about this contract."))] = None,
    party: Annotated[str | None, typer.Option(help=_("Only about this party."))] = None,
    subject: Annotated[
        str | None, typer.Option(help=_("Only about this subject, worker/w-17."))
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help=_("Only what follows from an event at this position or later, or since this time.")
        ),
    ] = None,
    own: Set = None,
    persons: Persons = None,
    after: After = None,
    limit: Limit = 100,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """List red flags."""
    if ctx.invoked_subcommand is not None:
        return
    session = Session(ctx, as_json, db=db)
    from api.cli.flag_cases import Sought, asked_with
    from api.cli.flag_tables import case_document, show_case
    from projections.acts import raised_for
    from projections.flags.asking import ledger_currency

    console, asked = session.console, asked_with(own, persons)
    sought = Sought(rule or (), contract, party, subject, since, after, limit)
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow("flags", "acts")
        page = asked.page(projections, sought)
        raised = raised_for(projections, {c.flagged: (c.rule, c.evidence) for c in page.items})
        currency = ledger_currency(projections)
    _say_whose(console, asked)
    for case in page.items:
        show_case(console, case, raised.get(case.flagged), currency, EVIDENCE_SHOWN)
    if not page.items:
        console.say(_("Nothing is flagged."))
    say_more(console, page.next)
    items = [case_document(case, raised.get(case.flagged), currency) for case in page.items]
    console.document(
        {**_whose(asked), "position": page.position, "items": items, "next": page.next}
    )


def show(
    ctx: typer.Context,
    flagged: Flagged,
    own: Set = None,
    persons: Persons = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show a case."""
    session = Session(ctx, as_json, db=db)
    from api.cli.flag_cases import asked_with
    from api.cli.flag_tables import case_document, show_case
    from api.words import describe
    from ledger.events import decode_event
    from projections.acts import raised_for
    from projections.flags.asking import ledger_currency

    console, asked = session.console, asked_with(own, persons)
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow("flags", "acts")
        case = asked.case(projections, flagged)
        raised = raised_for(projections, {0: (case.rule, case.evidence)}).get(0)
        currency = ledger_currency(projections)
        rows = [store.event(UUID(event).bytes) for event in case.evidence]
    _say_whose(console, asked)
    show_case(console, case, raised, currency, len(case.evidence))
    for row in rows:
        if row is not None:
            event = decode_event(row.body)
            said = next(describe(event, console, currency))
            console.line(f"  {row.position}  {event.at}  {said}")
    console.document({**_whose(asked), **case_document(case, raised, currency)})


def rules(ctx: typer.Context, rule: Rules = None, db: Db = None, as_json: Json = False) -> None:
    """List the flags."""
    session = Session(ctx, as_json, db=db)
    from api.cli.flag_tables import show_rules
    from projections.flags.asking import rules_named, thresholds_in_force

    listed = rules_named(rule or ())
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow("flags")
        in_force = thresholds_in_force(projections)
    show_rules(session.console, listed, in_force)
    session.console.document(
        [
            {
                "rule": each.id,
                "version": in_force[each.id].version,
                "title": each.title,
                "sentence": each.sentence,
                "thresholds": in_force[each.id].values,
                "source": each.source,
            }
            for each in listed
        ]
    )


def adopt(
    ctx: typer.Context,
    flagged: Flagged,
    name: Annotated[str, typer.Option("--as", help=_("The id that the flag gets."))],
    out: Annotated[Path, typer.Option("--out", help=_("Where the drafted event goes."))],
    own: Set = None,
    persons: Persons = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Draft `flag.raised` for a case."""
    session = Session(ctx, as_json, db=db)
    from api.cli.flag_cases import asked_with, drafted
    from projections.acts import raised_for

    console, asked = session.console, asked_with(own, persons)
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow("flags", "acts")
        case = asked.case(projections, flagged)
        raised = raised_for(projections, {0: (case.rule, case.evidence)}).get(0)
    if raised is not None:
        raise LedgerError(f"the case {flagged} was raised as {raised.flag} already")
    event = drafted(case, name)
    write_file(out, msgspec.json.encode(event) + b"\n")
    console.say(
        _("The flag {flag} is drafted: an auditor signs it by `sunledger sign {file}`."),
        flag=name,
        file=out,
    )
    console.document({"file": str(out), "event": event})


def stats(
    ctx: typer.Context,
    truth: Annotated[Path, typer.Option("--truth", help=_("The labels of the simulated city."))],
    rule: Rules = None,
    persons: Persons = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Tell precision and recall of the flags."""
    session = Session(ctx, as_json, db=db)
    from api.cli.flag_cases import asked_with, read_named
    from api.cli.flag_tables import show_statistics
    from projections.flags.asking import all_flags, rules_named
    from projections.flags.extracts import read_labels
    from projections.flags.statistics import measure

    asked, names = asked_with(None, persons), rule or ()
    listed, labels = rules_named(names), read_named(truth, read_labels)
    with session.open_store() as store, session.projections(store) as projections:
        projections.follow("flags")
        cases = (
            iter(asked.judged(projections, names))
            if asked.is_anew
            else all_flags(projections, rules=names)
        )
        measured = measure(listed, cases, labels)
        position = projections.status("flags")[0].position
    show_statistics(session.console, measured)
    session.console.document({"position": position, "flags": msgspec.to_builtins(measured)})


def _say_whose(console: "Console", asked: "Asked") -> None:
    """Say where what follows is not what the published thresholds give."""
    if asked.thresholds:
        own = ", ".join(
            f"{rule}.{measure}={value}"
            for rule, values in asked.thresholds.items()
            for measure, value in values.items()
        )
        console.say(_("Judged anew, with thresholds of your own: {own}."), own=own)
    if asked.persons:
        console.say(
            _("Judged anew, with the persons behind {count} tokens."),
            count=console.number(len(asked.persons)),
        )


def _whose(asked: "Asked") -> dict[str, object]:
    return {"own_thresholds": asked.thresholds, "tokens_resolved": len(asked.persons)}
