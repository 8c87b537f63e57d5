"""`sunledger simulate city`: a year of a city of any size, to rehearse with, or to test against."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.console import Console
from api.cli.options import Jobs, Json, example
from api.cli.playing import POLICY, TRUTH, CityFolder
from api.cli.session import Session
from api.text import _

if TYPE_CHECKING:
    from ledger.replay.report import Report
    from ledger.simulate.scale import Scale


def add_to(app: typer.Typer) -> None:
    """Add the group of commands to the program."""
    group = typer.Typer(
        name="simulate",
        help=_("Make a ledger in which nothing happened, and much could have."),
        no_args_is_help=True,
    )

    @group.callback()
    def simulate_group() -> None:
        """Keep `city` a command of its own beside those to come."""

    group.command(
        "city",
        help=_(
            "Play a city's year of home care through the ledger's door, every party with its own "
            "key; what was planted in it is labelled in a file beside it."
        ),
        epilog=example("sunledger simulate city --scale 0.02 --seed 7 --out rehearsal"),
    )(city)
    app.add_typer(group)


def city(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", help=_("The folder to write."))] = Path("city"),
    scale: Annotated[
        str,
        typer.Option(
            help=_("How large: demo, city (15,000 people), or a factor of it such as 0.02.")
        ),
    ] = "demo",
    seed: Annotated[str, typer.Option(help=_("Same seed, same city, to the byte."))] = "1",
    force: Annotated[
        bool, typer.Option("--force", help=_("Replace an earlier city in that folder."))
    ] = False,
    write_keys: Annotated[
        bool,
        typer.Option(
            "--write-keys", help=_("Write every party's key file too: six a second and core.")
        ),
    ] = False,
    jobs: Jobs = None,
    as_json: Json = False,
) -> None:
    """Play a city's year."""
    folder = CityFolder(out)
    session = Session(ctx, as_json, db=folder.url, jobs=jobs)
    console = session.console
    size = _scale(console, scale)
    folder.clear(force=force)
    played = folder.play(session, size, seed, keys=write_keys)
    report = _verify(session, folder)
    console.say(
        _("{events} events in {statements} statements; every book balances, {closings} closings."),
        events=console.number(report.events),
        statements=console.number(report.statements),
        closings=console.number(played.closings),
    )
    console.say(
        _("{labels} cases are labelled in {file}."),
        labels=console.number(sum(played.labels.values())),
        file=out.joinpath(TRUTH),
    )
    console.line(str(report), style="bold green")
    console.document(
        {
            "scale": size.name,
            "seed": seed,
            "verdict": report.verdict,
            "events": report.events,
            "statements": report.statements,
            "closings": played.closings,
            "labels": played.labels,
            "root": report.root.hex(),
        }
    )


def _scale(console: Console, text: str) -> "Scale":
    """Return the city that the option names."""
    from ledger.simulate.scale import scale_of

    try:
        return scale_of(text)
    except (ValueError, ZeroDivisionError):
        message = _("{text} is no size of a city: say demo, city, or a factor from 0.001 to 10")
        raise typer.BadParameter(console.tell(message, text=text), param_hint="--scale") from None


def _verify(session: Session, folder: CityFolder) -> "Report":
    """Judge all that was written, every signature, rule, balance and closing, by the policy."""
    from ledger.policy import Policy
    from ledger.replay.database import DatabaseSource
    from ledger.replay.verifying import verify

    policy = Policy.parse(folder.path.joinpath(POLICY).read_text())
    with session.open_store() as store, session.console.progress(_("Verifying")) as steps:
        judged = 0

        def advance(statements: int, _events: int) -> None:
            nonlocal judged
            steps.done(statements - judged)
            judged = statements

        return verify(DatabaseSource(store), policy, jobs=session.settings.jobs, progress=advance)
