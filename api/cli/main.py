"""`sunledger`: the commands put together, and how they end.

Exit code 0 on success, 1 on a refusal, a failed verification or any error, told in one sentence
on stderr; 2 on misuse; 3 on a verification that found nothing wrong but could not judge all.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.main import get_command

from api.cli import (
    auditing,
    checking,
    closing,
    copying,
    demo,
    explaining,
    exporting,
    feeding,
    flagging,
    importing,
    initialising,
    keyring,
    proving,
    registers,
    serving,
    showing,
    signing,
    signing_in,
    simulating,
    submitting,
    tracing,
    upkeep,
    verifying,
    webhooks,
    witnessing,
)
from api.cli.console import Console
from api.cli.options import EXAMPLE, EXAMPLE_MESSAGE
from api.text import Language, _, language_of, translate
from ledger.errors import LedgerError

EXIT_FAILED, EXIT_MISUSE = 1, 2

app = typer.Typer(
    name="sunledger",
    help=_("A signed, verifiable ledger of public-service contracts and of their money."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for module in (
    demo,
    simulating,
    initialising,
    keyring,
    signing,
    signing_in,
    submitting,
    importing,
    showing,
    registers,
    flagging,
    explaining,
    feeding,
    tracing,
    exporting,
    verifying,
    auditing,
    proving,
    checking,
    closing,
    witnessing,
    serving,
    webhooks,
    upkeep,
    copying,
):
    module.add_to(app)


@app.callback()
def root(
    ctx: typer.Context,
    lang: Annotated[
        str | None, typer.Option("--lang", help=_("The language to speak: en or zh."))
    ] = None,
) -> None:
    """Take what stands before the command."""
    if lang is not None:
        try:
            ctx.obj = language_of({}, lang)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--lang") from None


def main() -> None:
    """Run the program."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run a command; return its exit code."""
    language = _language(arguments)
    command = get_command(app)
    if language != "en":
        _translate_help(command, language)
    try:
        command.main(list(arguments), prog_name="sunledger", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_FAILED
    except BrokenPipeError:
        # Whoever read our output has seen enough; leave nothing to be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAILED
    except (LedgerError, OSError) as error:
        Console(language).error(error)
        return EXIT_FAILED
    return 0


def _language(arguments: Sequence[str]) -> Language:
    """Return the language to speak before the options are read; a wrong one is told later."""
    option = None
    for name, value in zip(arguments, [*arguments[1:], None], strict=True):
        if name == "--lang" or name.startswith("--lang="):
            option = name.partition("=")[2] or value
            break
        if not name.startswith("-"):
            break
    try:
        return language_of(os.environ, option)
    except ValueError:
        return "en"


def _translate_help(command: Any, language: Language) -> None:
    """Put the help of a command, its options and its sub-commands into `language`."""
    if command.help:
        command.help = translate(command.help, language)
    if command.epilog:
        usage = command.epilog.removeprefix(EXAMPLE).strip()
        command.epilog = translate(EXAMPLE_MESSAGE, language, command=usage)
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = translate(parameter.help, language)
    for child in getattr(command, "commands", {}).values():
        _translate_help(child, language)
