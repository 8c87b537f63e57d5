"""F44: more authority than the published budget.

The fund lines of a programme, those of one budget year together, were granted more than their
published budget within the year: supplements and transfers brought them more than transfers and
cuts took. Any fen counts. Published is what was voted (`budget.appropriated`, OCDS
`planning.budget.amount`); a transfer between two lines of the programme changes nothing. What a
line carried in is no case: it stood in the budget of the year before. A programme's own budget is
in no event, so a line that pays for several programmes is a case of each.

Why look: what is added within the year passes fewer eyes than the budget that was voted, and is
where plans that were set too low, or favours, become money. Each addition needs its approval
(Budget Law 67 to 69, 72), and reasons for large ones are published (Open Budget Survey, in-year
and mid-year reports).

Innocent: a duty that grew, such as more people entitled, or a grant from above that came late.
Look at the documents behind the additions, and at what they were set aside for.
"""

from collections import defaultdict
from collections.abc import Iterator

from projections.flags.programmes import PROGRAMME_MONEY, Line, Programme
from projections.flags.rule import Flagged, Rule, Thresholds


def _judge(programme: Programme, _thresholds: Thresholds) -> Iterator[Flagged]:
    years: defaultdict[int, list[Line]] = defaultdict(list)
    for line in programme.lines:
        years[line.year].append(line)
    for year, lines in sorted(years.items()):
        added_fen = sum(line.adjusted_fen for line in lines)
        if added_fen <= 0:
            continue
        own = {line.line for line in lines}
        came = [
            (addition.position, line)
            for line in lines
            for addition in line.additions
            if addition.giver not in own
        ]
        grown = {line.line: line.position for _, line in came}
        _, last = max(came, key=lambda each: each[0])
        yield Flagged(
            subject=f"programme/{programme.key}",
            evidence=tuple(sorted([*grown.values(), *(position for position, _ in came)])),
            facts={
                "year": str(year),
                "added_fen": added_fen,
                "budget_fen": sum(line.original_fen for line in lines),
            },
            party=last.owner,
        )


F44 = Rule(
    id="f44",
    title="authority above budget",
    sentence="Its lines of {year} were granted {added_fen} more than their published budget of "
    "{budget_fen}.",
    source="Budget Law 67 to 69, 72; Open Budget Survey",
    scope=PROGRAMME_MONEY,
    judge=_judge,
)
