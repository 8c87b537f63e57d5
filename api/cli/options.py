"""The options that several commands share, each described once."""

from pathlib import Path
from typing import Annotated

import typer

from api.cli.console import Console
from api.text import _

Db = Annotated[
    str | None,
    typer.Option("--db", help=_("The database: sqlite:///PATH or postgresql+psycopg://…")),
]
ReadModels = Annotated[
    str | None,
    typer.Option(
        "--projections", help=_("The database of the read models, if not the ledger's own.")
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help=_("Print one JSON document; amounts are integer fen."))
]
Keys = Annotated[Path | None, typer.Option("--keys", help=_("The folder of key files."))]
Key = Annotated[
    str | None, typer.Option("--key", help=_("The key that signs: its name, or its file."))
]
LedgerKey = Annotated[
    str | None,
    typer.Option("--ledger-key", help=_("The ledger's own key, if it is kept elsewhere.")),
]
Policy = Annotated[
    Path | None,
    typer.Option("--policy", help=_("The policy file: the ledger's key and the genesis hash.")),
]
Origin = Annotated[
    str | None,
    typer.Option("--origin", help=_("The ledger's name; else that of the database is taken.")),
]
Accounts = Annotated[
    Path | None,
    typer.Option(
        "--accounts",
        help=_("Account numbers as the keeper of the vault gave them: JSON lines (docs/banks.md)."),
    ),
]
Jobs = Annotated[int | None, typer.Option("--jobs", help=_("How many processes verify."))]
Statement = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help=_("A statement file (.stmt)."))
]

After = Annotated[str | None, typer.Option(help=_("Go on behind this page mark."))]
Limit = Annotated[int, typer.Option(min=1, max=1000, help=_("Rows at most."))]


def say_more(console: Console, mark: str | int | None) -> None:
    """Tell how a list goes on, where it does."""
    if mark is not None:
        console.say(_("There is more: go on with --after '{mark}'"), mark=mark)


def example(command: str) -> str:
    """Return the last line of a command's help: how it is used."""
    return f"{EXAMPLE} {command}"


EXAMPLE = "Example:"
EXAMPLE_MESSAGE = _("Example: {command}")
