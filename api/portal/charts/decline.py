"""What is left of a year's money, month by month, beside an even pace to nothing (a burn-down)."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from api.portal.charts.drawing import Chart, Tell, axis, element, fixed, picture, ticks

HEIGHT = 240
"""Height of the field in pixels, below which the months stand."""
_TOP = 18
_BELOW = 26


class Left(NamedTuple):
    """What is left at the end of a month, or None where it is not over yet.

    Attributes:
        name: the month on the axis.
        told: the month in full.
        amount: what is left.

    """

    name: str
    told: str
    amount: int | None


def decline(
    name: str,
    title: str,
    told: str,
    opening: int,
    months: Sequence[Left],
    *,
    short: Tell,
    tell: Tell,
    columns: tuple[str, str, str],
    legend: tuple[str, str],
) -> Chart:
    """Return what is left of `opening`; `legend` says what the line and the dashed one are."""
    scale = ticks(max([opening, *(each.amount or 0 for each in months)]))
    count = max(len(months), 1)
    drawn = [*_grid(scale), *axis([each.name for each in months], _TOP + HEIGHT)]
    drawn.append(_line((0, opening), (10_000, 0), scale, "plan"))
    before = 0, opening
    dots = []
    for number, each in enumerate(months):
        if each.amount is None:
            break
        right = 10_000 * (number + 1) // count
        here = right, each.amount
        drawn.append(_line(before, here, scale, "line"))
        dots.append(
            element(
                "circle",
                element("title", f"{each.told}: {tell(each.amount)}"),
                cx=f"{fixed(right)}%",
                cy=_y(each.amount, scale),
                r=4,
                class_="dot",
            )
        )
        before = here
    drawn += [*_values(scale, short), *dots]
    svg = picture(name, title, told, *drawn, height=_TOP + HEIGHT + _BELOW, kind="axed")
    rows = tuple(
        (
            each.told,
            "" if each.amount is None else tell(each.amount),
            tell(opening - opening * n // count),
        )
        for n, each in enumerate(months, 1)
    )
    marks = (_mark("line"), _mark("plan"))
    return Chart(title, svg, columns, 1, rows, tuple(zip(marks, legend, strict=True)))


def _y(amount: int, scale: Sequence[int]) -> str:
    return fixed(_TOP * 100 + HEIGHT * 100 - HEIGHT * 100 * max(amount, 0) // scale[-1])


def _line(start: tuple[int, int], end: tuple[int, int], scale: Sequence[int], kind: str) -> Markup:
    """Return a line between two points: hundredths of a percent of the width, and an amount."""
    return element(
        "line",
        x1=f"{fixed(start[0])}%",
        y1=_y(start[1], scale),
        x2=f"{fixed(end[0])}%",
        y2=_y(end[1], scale),
        class_=kind,
    )


def _grid(scale: Sequence[int]) -> list[Markup]:
    return [
        element("line", x1=0, y1=y, x2="100%", y2=y, class_="grid" if value else "zero")
        for value in scale
        for y in (_y(value, scale),)
    ]


def _values(scale: Sequence[int], short: Tell) -> list[Markup]:
    """Write what the lines of the grid stand for, left of the field."""
    return [
        element(
            "text",
            short(value),
            x=0,
            y=_y(value, scale),
            transform="translate(-8 4)",
            text_anchor="end",
            class_="quiet",
        )
        for value in scale[1:]
    ]


def _mark(kind: str) -> Markup:
    line = element("line", x1=0, y1="50%", x2="100%", y2="50%", class_=kind)
    return element("svg", line, class_="mark", aria_hidden="true")
