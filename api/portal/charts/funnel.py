"""How far money came: stages below one another, each a part of the first."""

from collections.abc import Sequence

from markupsafe import Markup

from api.portal.charts.drawing import Chart, Tell, element, picture, share

ROW = 46
"""Pixels a stage: a line of text, and its bar."""
BAR = 16


def funnel(
    name: str,
    title: str,
    told: str,
    stages: Sequence[tuple[str, int]],
    *,
    tell: Tell,
    percent: Tell,
    columns: tuple[str, str, str],
) -> Chart:
    """Return stages, the first of which is the whole; `percent` tells a part of it."""
    whole = stages[0][1] if stages else 0
    rows = tuple((label, tell(amount), percent(amount)) for label, amount in stages)
    drawn: list[Markup] = []
    for number, ((_, amount), row) in enumerate(zip(stages, rows, strict=True)):
        top = number * ROW
        label, told_amount, part = row
        drawn += [
            element("text", label, x=0, y=top + 14),
            element(
                "text",
                f"{told_amount} · {part}",
                x="100%",
                y=top + 14,
                text_anchor="end",
                class_="quiet",
            ),
            element("rect", x=0, y=top + 20, width="100%", height=BAR, class_="fill-track"),
            element(
                "rect",
                element("title", f"{label}: {told_amount}"),
                x=0,
                y=top + 20,
                width=share(amount, whole),
                height=BAR,
                class_="fill-part",
            ),
        ]
    return Chart(
        title, picture(name, title, told, *drawn, height=ROW * len(stages)), columns, 1, rows
    )
