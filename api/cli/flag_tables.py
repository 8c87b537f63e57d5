"""Red flags for people: cases, rules, and how well they find what was planted."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from api.cli.console import Column, Console
from api.codes import FLAG_STATUS
from api.flagged import case_in_words
from api.telling import NOTHING
from api.text import _

if TYPE_CHECKING:
    from projections.acts import Raised
    from projections.flags.asking import Flag
    from projections.flags.rule import Rule
    from projections.flags.statistics import FlagStatistics
    from projections.rulebook import FlagThresholds


def show_case(
    console: Console, case: "Flag", raised: "Raised | None", currency: str, evidence: int
) -> None:
    """Print a case: what it is about, what is said of it, and so many ids of its evidence."""
    about = [case.subject]
    for kind, name in (("contract", case.contract), ("party", case.party)):
        if name is not None and f"{kind}/{name}" != case.subject:
            about.append(f"{kind}/{name}")
    version = f"{case.rule}@{case.version}" if case.version else case.rule
    console.line(f"{case.flagged}  {version}  {'  '.join(about)}", style="bold")
    console.line(f"  {case_in_words(console, case, currency)}")
    if raised is not None:
        told = console.tell(
            FLAG_STATUS[raised.status],
            flag=raised.flag,
            auditor=raised.auditor,
            verdict=raised.verdict,
        )
        console.line(f"  {told}", style="green")
    shown = ", ".join(case.evidence[:evidence])
    left = len(case.evidence) - evidence
    if left > 0:
        console.say(
            _("  Evidence: {events} and {count} more."), events=shown, count=console.number(left)
        )
    else:
        console.say(_("  Evidence: {events}"), events=shown)


def case_document(case: "Flag", raised: "Raised | None", currency: str) -> dict[str, Any]:
    """Return a case as a JSON document has it, with its sentence in English."""
    return {
        **msgspec.to_builtins(case),
        "sentence": case_in_words(Console("en"), case, currency),
        "raised": msgspec.to_builtins(raised),
    }


def show_rules(
    console: Console, rules: "Sequence[Rule[Any]]", in_force: "Mapping[str, FlagThresholds]"
) -> None:
    """Print the list of flags with their thresholds in force."""
    console.table(
        _("Red flags"),
        [
            Column(_("flag"), style="bold", whole=True),
            Column(_("what is conspicuous")),
            Column(_("thresholds in force")),
            Column(_("source")),
        ],
        [
            [
                f"{each.id}@{in_force[each.id].version}",
                console.tell(each.title),
                ", ".join(f"{name}={value}" for name, value in in_force[each.id].values.items())
                or console.tell(_("any case")),
                each.source,
            ]
            for each in rules
        ],
    )


def show_statistics(console: Console, measured: "Sequence[FlagStatistics]") -> None:
    """Print how well flags find what was planted."""

    def share(ppm: int | None) -> str:
        return NOTHING if ppm is None else console.rate(ppm)

    console.table(
        _("Red flags against what was planted"),
        [
            Column(_("flag"), style="bold", whole=True),
            Column(_("what is conspicuous")),
            Column(_("planted"), "right"),
            Column(_("found"), "right"),
            Column(_("recall"), "right"),
            Column(_("cases"), "right"),
            Column(_("cases planted"), "right"),
            Column(_("precision"), "right"),
        ],
        [
            [
                each.rule,
                console.tell(each.title),
                console.number(each.labels),
                console.number(each.found),
                share(each.recall_ppm),
                console.number(each.cases),
                console.number(each.true),
                share(each.precision_ppm),
            ]
            for each in measured
        ],
    )
