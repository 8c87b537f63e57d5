"""Columns by month, one beside the other for each series; what was taken back goes below zero."""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from api.portal.charts.drawing import Chart, Tell, axis, element, fixed, mark, picture, ticks

HEIGHT = 180
"""Height of the field in pixels, below which the months stand."""
_TOP = 18
_BELOW = 26


class Month(NamedTuple):
    """A month: its name on the axis, in full, and an amount of each series."""

    name: str
    told: str
    amounts: tuple[int, ...]


def months(
    name: str,
    title: str,
    told: str,
    found: Sequence[Month],
    series: Sequence[str],
    *,
    short: Tell,
    tell: Tell,
    month: str,
) -> Chart:
    """Return months as a chart; `series` names the amounts, `month` heads their column."""
    amounts = [amount for each in found for amount in each.amounts]
    scale = ticks(max([0, *amounts]))
    below = -min([0, *amounts])
    span = scale[-1] + below
    drawn = _grid(scale, span)
    parts = max(len(found), 1) * (len(series) + 1)
    for number, each in enumerate(found):
        for place, amount in enumerate(each.amounts):
            drawn.append(
                element(
                    "rect",
                    element("title", f"{each.told}, {series[place]}: {tell(amount)}"),
                    x=f"{fixed((10_000 * (number * (len(series) + 1) + place) + 5_000) // parts)}%",
                    width=f"{fixed(9_000 // parts)}%",
                    y=fixed(_y(max(amount, 0), scale[-1], span)),
                    height=fixed(HEIGHT * 100 * abs(amount) // span),
                    class_=f"fill-{place}",
                )
            )
    drawn += axis([each.name for each in found], _TOP + HEIGHT)
    drawn += _values(scale, span, short)
    svg = picture(name, title, told, *drawn, height=_TOP + HEIGHT + _BELOW, kind="axed")
    rows = tuple((each.told, *(tell(amount) for amount in each.amounts)) for each in found)
    legend = tuple((mark(place), words) for place, words in enumerate(series))
    return Chart(title, svg, (month, *series), 1, rows, legend)


def _y(amount: int, top: int, span: int) -> int:
    """Return the height of an amount from above, in hundredths of a pixel."""
    return _TOP * 100 + HEIGHT * 100 * (top - amount) // span


def _grid(scale: Sequence[int], span: int) -> list[Markup]:
    return [
        element("line", x1=0, y1=y, x2="100%", y2=y, class_="grid" if value else "zero")
        for value in scale
        for y in (fixed(_y(value, scale[-1], span)),)
    ]


def _values(scale: Sequence[int], span: int, short: Tell) -> list[Markup]:
    """Write what the lines of the grid stand for, left of the field."""
    return [
        element(
            "text",
            short(value),
            x=0,
            y=fixed(_y(value, scale[-1], span)),
            transform="translate(-8 4)",
            text_anchor="end",
            class_="quiet",
        )
        for value in scale[1:]
    ]
