"""The pages of `docs/flags/`: one a red flag, from its rule, and the list of all of them.

The list ends with how well the flags found what was planted in a simulated city, from the run that
`python tests/flag_run.py` recorded in docs/flags/run.json.
"""

import importlib
import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from api.text import number, rate, translate
from ledger.events.rulebook import FlagRule
from ledger.rulebook import SHIPPED
from projections.flags.catalogue import RULES
from projections.flags.rule import Rule
from projections.flags.statistics import MATCHES, FlagStatistics

RUN = "run.json"
"""The recorded run, in the folder of the pages."""

README_HEAD = """\
# Red flags

A flag is a reason to look, never a verdict: honest work trips some of them, and a clever fraud
none. Each names its subject, the events that it follows from, and the version of its rule. What
makes one a matter of record is an auditor who looks and signs `flag.raised`.

    sunledger flags --rule f46                             what is flagged
    sunledger flags --set f46.days=7                       judged anew, at thresholds of your own
    sunledger flags show CASE                              with every event that it follows from
    sunledger flags adopt CASE --as ID --out draft.ndjson  drafted, for an auditor to sign

Thresholds are data: `rule.published` brings another version of `flag/f46`, and everything is
judged by it from then on. These pages are made from `projections/flags` by
`python tests/pages.py`; those listed are all there are.

| flag | title | 名称 | default thresholds | judged together |
|---|---|---|---|---|
"""

RUN_HEAD = """\

## How well they find what was planted

Recall is the share of the planted cases that a flag found; precision the share of what it found
that was planted for it. A case is a label's if the labelled event is among its evidence, or it is
about the subject that the label names (`projections/flags/statistics.py`). What looks the same and
was not planted counts against precision, though in a simulated city it is honest.
"""


class Run(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A recorded run.

    Attributes:
        commands: what was run, in order.
        scale: of the simulated city.
        seed: of the simulated city.
        position: how many events it has.
        flags: what was measured.

    """

    commands: list[str]
    scale: str
    seed: int
    position: int
    flags: list[FlagStatistics]


def flag_pages(folder: Path) -> dict[str, Callable[[], str]]:
    """Return what makes each page, by its name."""
    pages: dict[str, Callable[[], str]] = {"README.md": partial(_readme, folder / RUN)}
    return pages | {f"{rule.id}.md": partial(_page, rule) for rule in RULES}


def _page(rule: Rule[Any]) -> str:
    """Return a flag's page: its docstring, its thresholds, source and code."""
    module = importlib.import_module(f"projections.flags.rules.{rule.id}")
    title, _, text = inspect.cleandoc(module.__doc__ or "").partition("\n")
    labels = [name for name, matches in MATCHES.items() if rule.id in {m.rule for m in matches}]
    planted = f"| planted as | {', '.join(f'`{name}`' for name in labels)} |\n" if labels else ""
    return (
        f"# {title.rstrip('.')}\n\n{text.strip()}\n\n"
        "| | |\n|---|---|\n"
        f"| title | {rule.title} · {translate(rule.title, 'zh')} |\n"
        f"| default thresholds | {_thresholds(rule)} |\n"
        f"| source | {rule.source} |\n"
        f"| judged together | {rule.scope.name} |\n"
        f"{planted}"
        f"| code | [`projections/flags/rules/{rule.id}.py`]"
        f"(../../projections/flags/rules/{rule.id}.py) |\n\n"
        "This page is made from the code by `python tests/pages.py`.\n"
    )


def _readme(recorded: Path) -> str:
    rows = [
        f"| [{rule.id.upper()}]({rule.id}.md) | {rule.title} | {translate(rule.title, 'zh')} "
        f"| {_thresholds(rule)} | {rule.scope.name} |\n"
        for rule in RULES
    ]
    return README_HEAD + "".join(rows) + _recorded(recorded)


def _recorded(path: Path) -> str:
    if not path.exists():
        return ""
    run = msgspec.json.decode(path.read_bytes(), type=Run)
    commands = "".join(f"    {command}\n" for command in run.commands)
    rows = [
        f"| {each.rule.upper()} | {_count(each.labels)} | {_count(each.found)} "
        f"| {_share(each.recall_ppm)} | {_count(each.cases)} | {_count(each.true)} "
        f"| {_share(each.precision_ppm)} | {each.honest or ''} |\n"
        for each in run.flags
        if each.labels or each.cases
    ]
    return (
        f"{RUN_HEAD}\n{commands}\nScale {run.scale}, seed {run.seed}, "
        f"{_count(run.position)} events; recorded by `python tests/flag_run.py`.\n\n"
        "| flag | planted | found | recall | cases | cases planted | precision | honest cases |\n"
        "|---|---|---|---|---|---|---|---|\n" + "".join(rows)
    )


def _thresholds(rule: Rule[Any]) -> str:
    parameters = SHIPPED[rule.published]
    values = parameters.thresholds if isinstance(parameters, FlagRule) else {}
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "any case"


def _count(value: int) -> str:
    return number(value, "en")


def _share(ppm: int | None) -> str:
    return "" if ppm is None else rate(ppm, "en")
