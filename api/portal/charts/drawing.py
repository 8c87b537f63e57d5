"""Elements of SVG, with every text escaped; lengths and shares from integers; a bar."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

Tell = Callable[[int], str]
"""Writes an amount."""

HUES = 8
"""How many colours the style has; see `fill-0` and the following there."""


class Chart(NamedTuple):
    """A chart and the table that says the same.

    Attributes:
        title: its heading.
        svg: the drawing.
        columns: the table's headings.
        names: how many of its columns are names; the others are figures.
        rows: the table's cells, as shown.
        legend: marks of colours, each with its words.

    """

    title: str
    svg: Markup
    columns: tuple[str, ...]
    names: int
    rows: tuple[tuple[str, ...], ...]
    legend: tuple[tuple[Markup, str], ...] = ()


def element(tag: str, *content: str, **attributes: object) -> Markup:
    """Return an element; in names of attributes `_` stands for `-`, and `class_` for `class`."""
    told = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for name, value in attributes.items()
    )
    inside = "".join(escape(each) for each in content)
    return Markup(f"<{tag}{told}>{inside}</{tag}>")  # noqa: S704 (each part is escaped above)


def picture(
    name: str, title: str, told: str, *content: Markup, height: int, kind: str = ""
) -> Markup:
    """Return a drawing as wide as what it stands in, `height` pixels high.

    `name` is its own on the page; `title` and the sentence `told` are what it is for who does not
    see it. `kind` is a class of its own: an `axed` one has room for values left of it.
    """
    return element(
        "svg",
        element("title", title, id=f"{name}-title"),
        element("desc", told, id=f"{name}-desc"),
        *content,
        class_=f"chart {kind}".strip(),
        role="img",
        height=height,
        width="100%",
        aria_labelledby=f"{name}-title {name}-desc",
    )


def fixed(hundredths: int) -> str:
    """Return hundredths as a decimal: `1234` is `12.34`."""
    sign = "-" if hundredths < 0 else ""
    whole, part = divmod(abs(hundredths), 100)
    return f"{sign}{whole}.{part:02}" if part else f"{sign}{whole}"


def share(part: int, whole: int) -> str:
    """Return `part` of `whole` as a length in percent, between none and all of it."""
    if whole <= 0:
        return "0%"
    return f"{fixed(min(max(part, 0), whole) * 10_000 // whole)}%"


def mark(hue: int | str) -> Markup:
    """Return a small field of a colour, for a legend."""
    field = element("rect", width="100%", height="100%", rx=2, class_=f"fill-{hue}")
    return element("svg", field, aria_hidden="true")


def bar(part: int, whole: int) -> Markup:
    """Return a small bar that shows how much of `whole` `part` is; figures stand beside it."""
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="fill-track"),
        element("rect", width=share(part, whole), height="100%", class_="fill-part"),
        class_="bar",
        aria_hidden="true",
    )


def ticks(highest: int, count: int = 4) -> list[int]:
    """Return round values from 0 to the first that is not below `highest`, about `count` steps."""
    magnitude = 1
    while True:
        for lead in (1, 2, 5):
            step = lead * magnitude
            if step * count >= highest:
                last = -(-max(highest, 1) // step)
                return [step * number for number in range(last + 1)]
        magnitude *= 10


def axis(names: Sequence[str], below: int) -> list[Markup]:
    """Return the names of the parts of the width, each in the middle of its own.

    Of more than a year's months only some are named: the text would not fit.
    """
    count = max(len(names), 1)
    every = -(-count // 12)
    return [
        element(
            "text",
            name,
            x=f"{fixed((20_000 * number + 10_000) // (2 * count))}%",
            y=below + 18,
            text_anchor="middle",
            class_="quiet",
        )
        for number, name in enumerate(names)
        if number % every == 0
    ]
