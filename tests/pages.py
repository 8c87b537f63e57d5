"""The pages of `docs/` that follow from the code, so that they cannot tell an old story.

`python tests/pages.py` writes them; tests/test_docs.py compares them with the code.

    docs/vocabulary.md   every event and record with its fields, from ledger/events
    docs/refusals.md     every refusal code with its cure, from ledger/refusals and the catalogue
    docs/rules.md        every shipped rule with its parameters, from ledger/rulebook
    docs/settings.md     every setting, from ledger/settings.py
    docs/commands.md     every command with its options, from api/cli
    docs/routes.md       every route of the API, from its OpenAPI document (`route_pages`)
    docs/audit-mapping.md  what auditors' standards call our columns, from api/exports/pack
    docs/ocds-in.md      how published data come in, from ledger/intake (`intake_pages`)
    docs/flags/          a page a red flag and their list, from projections/flags (`flag_pages`)
"""

import ast
import inspect
import itertools
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import typer
from flag_pages import flag_pages
from intake_pages import intake_page
from msgspec import Struct
from route_pages import routes
from typer.main import get_command

from api.cli.main import app
from api.exports.pack.standards import mapping_page
from api.text import translate
from ledger import events
from ledger.events import base
from ledger.events.rulebook import PayRule
from ledger.money import PPM, round_half_up
from ledger.refusals import REFUSALS
from ledger.rulebook import SHIPPED, deduction_fen, pay_factor_ppm, score_total_ppm
from ledger.settings import FILE, PREFIX, Settings

DOCS = Path(__file__).resolve().parent.parent / "docs"

VOCABULARY_HEAD = """\
# Vocabulary

Every fact in the ledger is one of these events. Names are dotted and past tense, and permanent.
Amounts are integer minor units (`_fen`), rates parts per million (`_ppm`), references ids of this
ledger. A field marked *optional* is left out when it has no value; null is never written.

This page is made from `ledger/events` by `python tests/pages.py`.
"""

REFUSALS_HEAD = """\
# Refusals

Why a statement was not admitted, and what to do about it, in the order in which a statement is
judged: of several reasons the first in this list is given. `{names}` stand for the facts.

This page is made from `ledger/refusals` and the Chinese catalogue by `python tests/pages.py`.

| code | what was wrong | what to do |
|---|---|---|
"""

RULES_HEAD = """\
# Rules

A rule with parameters is data; its formula is code, one a rule. Version 1 of each ships and is in
force from `ledger.opened`; `rule.published`, signed by a purchaser and by finance for the whole
ledger, brings the next version. Pay, score and incentive rules bind a contract in the version it
names, for its whole life; all others are judged by the version in force when an event is recorded,
and a limit that runs goes on as it began.

Scores, shares and factors are parts per million (`_ppm`): 850000 is 85 of 100, or a factor of 0.85.

This page is made from `ledger/rulebook` by `python tests/pages.py`.

| rule | parameters |
|---|---|
"""

RULES_TAIL = """\

## From a score to what is paid

A score's total is the sum of weight × indicator score. The pay rule's first step that the total
reaches gives the factor. With D = base × (1 − factor), a deduction takes from what is held back
the retained share of D, and the rest from what is payable. The base is what was accepted of the
claims whose last day lies in the scored period. Each product is rounded once, half up.

| step | computation | result |
|---|---|---|
"""

SETTINGS_HEAD = f"""\
# Settings

A setting is taken from the command's option, else from the variable, else from the line
`name = value` of `{FILE}` where the command runs, else it has its default. A name that is not
listed here is refused.

This page is made from `ledger/settings.py` by `python tests/pages.py`.

| setting | variable | default | meaning |
|---|---|---|---|
"""

COMMANDS_HEAD = """\
# Commands

Exit code 0 means success, 1 a refusal, a failed verification or another error, told in one
sentence, 2 misuse, 3 a verification that found nothing wrong but could not judge everything.
`--help` after any command tells what stands here, in the reader's language.

This page is made from `api/cli` by `python tests/pages.py`.
"""


def vocabulary() -> str:
    """Return `docs/vocabulary.md`: events by area in the order things happen, types at the end."""
    parts = [VOCABULARY_HEAD]
    for area in _areas():
        parts.append(f"\n## {_heading(area)}\n")
        parts += [_record(record) for record in _records(area)]
    parts.append("\n## What every event has\n")
    parts += [_record(record) for record in _records(base)]
    parts.append("\n## Field types\n\n| type | meaning |\n|---|---|\n")
    for module in (base, *_areas()):
        parts += [f"| `{name}` | {_cell(meaning)} |\n" for name, meaning in _aliases(module)]
    return "".join(parts)


def refusals() -> str:
    """Return `docs/refusals.md`: a row a code, English above Chinese."""
    rows = []
    for code, text in REFUSALS.items():
        cells = [
            _cell("<br>".join(_plain(spoken) for spoken in (said, _chinese(said))))
            for said in (text.sentence, text.cure)
        ]
        rows.append(f"| `{code}` | {' | '.join(cells)} |\n")
    return REFUSALS_HEAD + "".join(rows)


def rules() -> str:
    """Return `docs/rules.md`: a row a shipped rule, and a payment computed by them."""
    rows = [
        f"| `{rule}@1` | {_cell(_parameters(msgspec.to_builtins(parameters)))} |\n"
        for rule, parameters in SHIPPED.items()
    ]
    steps = [f"| {' | '.join(step)} |\n" for step in worked_example()]
    return RULES_HEAD + "".join(rows) + RULES_TAIL + "".join(steps)


def worked_example() -> Iterator[tuple[str, str, str]]:
    """Yield the steps from two indicators to a payment: what it is, how it comes about, figure."""
    pay = SHIPPED["pay/standard"]
    if not isinstance(pay, PayRule):
        raise TypeError("pay/standard is no pay rule")
    weights = {"quality": 600_000, "reach": 400_000}
    scores = {"quality": 900_000, "reach": 775_000}
    accepted_fen, retention_ppm = 9_700_000, 50_000
    total_ppm = score_total_ppm(weights, scores)
    terms = " + ".join(f"{weights[each]} × {scores[each]}" for each in weights)
    yield "total", f"({terms}) ÷ 1000000", str(total_ppm)
    factor_ppm = pay_factor_ppm(pay.bands, total_ppm)
    yield "factor", f"`pay/standard@1` at {total_ppm}", str(factor_ppm)
    retained_fen = round_half_up(retention_ppm * accepted_fen, PPM)
    yield "held back", f"{retention_ppm} × {_yuan(accepted_fen)} ÷ 1000000", _yuan(retained_fen)
    less_fen = deduction_fen(accepted_fen, factor_ppm)
    computation = f"{_yuan(accepted_fen)} × (1000000 − {factor_ppm}) ÷ 1000000"
    yield "deduction D", computation, _yuan(less_fen)
    part_fen = round_half_up(retention_ppm * less_fen, PPM)
    computation = f"{retention_ppm} × {_yuan(less_fen)} ÷ 1000000"
    yield "of it from what is held back", computation, _yuan(part_fen)
    rest_fen = less_fen - part_fen
    computation = f"{_yuan(less_fen)} − {_yuan(part_fen)}"
    yield "of it from what is payable", computation, _yuan(rest_fen)
    computation = f"{_yuan(accepted_fen)} − {_yuan(retained_fen)} − {_yuan(rest_fen)}"
    yield "paid at once", computation, _yuan(accepted_fen - retained_fen - rest_fen)
    computation = f"{_yuan(retained_fen)} − {_yuan(part_fen)}"
    yield "paid on its date", computation, _yuan(retained_fen - part_fen)


def _yuan(amount_fen: int) -> str:
    return f"{amount_fen // 100:,}.{amount_fen % 100:02}"


def _parameters(value: Any) -> str:
    """Return a rule's parameters in words, its kind left out: the rule's name tells it."""
    if isinstance(value, dict):
        pairs = (f"{name} {_parameters(each)}" for name, each in value.items() if name != "kind")
        return ", ".join(pairs) or "any"
    if isinstance(value, list):
        return "; ".join(_parameters(each) for each in value)
    return str(value)


def settings() -> str:
    """Return `docs/settings.md`: a row a setting."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        meaning = _cell(field.description or "")
        rows.append(f"| `{name}` | `{PREFIX}{name.upper()}` | {default} | {meaning} |\n")
    return SETTINGS_HEAD + "".join(rows)


def commands() -> str:
    """Return `docs/commands.md`: a section a command, with a row an argument or option."""
    return COMMANDS_HEAD + "".join(_command(path, each) for path, each in commands_of(app))


def commands_of(application: typer.Typer) -> Iterator[tuple[str, Any]]:
    """Yield every command under the words that call it, groups before what is in them."""
    waiting: list[tuple[str, Any]] = [("sunledger", get_command(application))]
    while waiting:
        path, command = waiting.pop(0)
        yield path, command
        below = getattr(command, "commands", {}).items()
        waiting[:0] = [(f"{path} {name}", child) for name, child in below]


def parameters_of(command: Any) -> Iterator[tuple[str, str]]:
    """Yield how each argument and option is written, and what it means; `--help` is left out."""
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            yield parameter.metavar or parameter.name.upper(), parameter.help or ""
        elif parameter.name != "help":
            yield ", ".join((*parameter.opts, *parameter.secondary_opts)), parameter.help or ""


PAGES: dict[str, Callable[[], str]] = {
    "audit-mapping.md": mapping_page,
    "ocds-in.md": intake_page,
    "vocabulary.md": vocabulary,
    "refusals.md": refusals,
    "rules.md": rules,
    "settings.md": settings,
    "commands.md": commands,
    "routes.md": routes,
    **{f"flags/{page}": render for page, render in flag_pages(DOCS / "flags").items()},
}


def _command(path: str, command: Any) -> str:
    """Return a command's section: what it does, an example, its arguments and options."""
    usage = (command.epilog or "").removeprefix("Example:").strip()
    example = f"\n    {usage}\n" if usage else ""
    rows = [f"| `{_cell(name)}` | {_cell(meaning)} |\n" for name, meaning in parameters_of(command)]
    table = "\n| argument or option | meaning |\n|---|---|\n" + "".join(rows) if rows else ""
    return f"\n## {path}\n\n{(command.help or '').strip()}\n{example}{table}"


def _chinese(message: str) -> str:
    """Return the catalogue's text with its placeholders still in it."""
    names = {field.partition("}")[0] for field in message.split("{")[1:]}
    return translate(message, "zh", **{name: f"{{{name}}}" for name in names})


def _areas() -> Iterator[ModuleType]:
    """Yield the modules of the vocabulary, in the order of `EVENTS`."""
    for name in dict.fromkeys(event.__module__ for event in events.EVENTS):
        yield getattr(events, name.rpartition(".")[2])


def _heading(module: ModuleType) -> str:
    """Return the first sentence of the module's docstring, without its full stop."""
    return (module.__doc__ or "").partition("\n")[0].rstrip(".")


def _records(module: ModuleType) -> Iterator[type[Struct]]:
    """Yield the module's own records that have fields, in the order they are written."""
    for value in vars(module).values():
        own = isinstance(value, type) and value.__module__ == module.__name__
        if own and issubclass(value, Struct) and value.__struct_fields__:
            yield value


def _record(record: type[Struct]) -> str:
    """Return a section: the name, what it means, and a row a field."""
    tag = record.__struct_config__.tag
    name = str(tag) if issubclass(record, base.Event) and tag else record.__name__
    meaning, _, fields = inspect.cleandoc(record.__doc__ or "").partition("\nAttributes:\n")
    meanings = dict(_described(fields))
    declared = _annotations(record)
    rows = [
        f"| `{wire}` | {declared[field]} | {_cell(meanings[field])} |\n"
        for field, wire in zip(
            record.__struct_fields__, record.__struct_encode_fields__, strict=True
        )
        if field in declared
    ]
    table = "\n| field | type | meaning |\n|---|---|---|\n" + "".join(rows) if rows else ""
    return f"\n### {name}\n\n{meaning.strip()}\n{table}"


def _described(attributes: str) -> Iterator[tuple[str, str]]:
    """Yield name and meaning of each line `name: meaning`, with its continuation lines."""
    name, meaning = "", ""
    for line in textwrap.dedent(attributes).splitlines():
        if line.startswith(" "):
            meaning += " " + line.strip()
            continue
        if name:
            yield name, meaning
        name, _, meaning = (part.strip() for part in line.partition(":"))
    if name:
        yield name, meaning


def _annotations(record: type[Struct]) -> dict[str, str]:
    """Return the record's own fields with their types in words."""
    (definition,) = ast.parse(inspect.getsource(record)).body
    if not isinstance(definition, ast.ClassDef):
        raise TypeError(f"{record} is not written as a class")
    return {
        statement.target.id: _in_words(statement.annotation)
        for statement in definition.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    }


def _in_words(annotation: ast.expr) -> str:
    """Return a field's type as a reader of the documentation wants it."""
    match annotation:
        case ast.BinOp(left=left, right=ast.Name(id="UnsetType")):
            words = f"{_in_words(left)}, *optional*"
        case ast.Subscript(value=ast.Name(id="Annotated"), slice=ast.Tuple(elts=[inner, *_])):
            words = _in_words(inner)
        case ast.Subscript(value=ast.Name(id="list"), slice=inner):
            words = f"list of {_in_words(inner)}"
        case ast.Subscript(value=ast.Name(id="dict"), slice=ast.Tuple(elts=[key, value])):
            words = f"{_in_words(value)} by {_in_words(key)}"
        case ast.Subscript(value=ast.Name(id="Literal"), slice=values):
            listed = values.elts if isinstance(values, ast.Tuple) else [values]
            words = ", ".join(f"`{ast.literal_eval(value)}`" for value in listed)
        case _:
            words = ast.unparse(annotation)
    return words


def _aliases(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield each type alias of `module` with its explanation, its listed values or its bounds."""
    for assigned, next_one in itertools.pairwise(ast.parse(inspect.getsource(module)).body):
        match assigned:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Subscript() as alias):
                yield name, " ".join((*_explained(next_one), *_bounded(alias, next_one)))


def _explained(statement: ast.stmt) -> Iterator[str]:
    """Yield the string that explains the assignment before it, if there is one."""
    match statement:
        case ast.Expr(value=ast.Constant(value=str(meaning))):
            yield meaning


def _bounded(alias: ast.Subscript, next_one: ast.stmt) -> Iterator[str]:
    """Yield the values a `Literal` lists; for an alias that nothing explains, its definition."""
    if ast.unparse(alias.value) == "Literal":
        yield f"One of {_in_words(alias)}."
    elif not any(_explained(next_one)):
        yield f"`{ast.unparse(alias)}`"


def _plain(text: str) -> str:
    """Return `text` so that Markdown takes no angle bracket for a tag."""
    return text.replace("<", "&lt;")


def _cell(text: str) -> str:
    """Return `text` as one cell of a Markdown table."""
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    for page, render in PAGES.items():
        (DOCS / page).parent.mkdir(exist_ok=True)
        (DOCS / page).write_text(render(), encoding="utf-8")
