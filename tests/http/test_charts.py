"""Charts: what they draw is what their figures say, and no text in them is markup."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import hypothesis
import hypothesis.strategies as st
import pytest

from api.portal import charts
from api.portal.charts.decline import Left
from api.portal.charts.drawing import Chart, fixed, share, ticks
from api.portal.charts.months import Month
from api.portal.charts.sankey import GAP, HEIGHT, Flow, Node, lay_out

HOSTILE = "<script>alert(\"1\")</script> & 'more'"
PIXEL = 100

amounts = st.integers(0, 10**13)


@st.composite
def _money(draw: st.DrawFn) -> tuple[list[Node], list[Flow]]:
    """Draw three layers of nodes and flows between each and the next."""
    sizes = [draw(st.integers(1, 6)) for _ in range(3)]
    nodes = [
        Node(f"{layer}.{n}", layer, "", n) for layer, size in enumerate(sizes) for n in range(size)
    ]
    flows = [
        Flow(a.key, b.key, draw(amounts))
        for a in nodes
        for b in nodes
        if b.layer == a.layer + 1 and draw(st.booleans())
    ]
    return nodes, flows


@hypothesis.given(_money())
def test_every_flow_is_as_thick_as_its_amount(money: tuple[list[Node], list[Flow]]) -> None:
    """One scale holds for all bands and blocks, cut off to a hundredth of a pixel."""
    blocks, bands = lay_out(*money)
    if not bands:
        return
    largest = max(bands, key=lambda band: band.flow.amount)
    for band in bands:
        expected = band.flow.amount * largest.thickness // largest.flow.amount
        assert abs(band.thickness - expected) <= 1
    assert {band.flow for band in bands} == {flow for flow in money[1] if flow.amount}
    for block in blocks:
        expected = block.amount * largest.thickness // largest.flow.amount
        assert abs(block.thickness - expected) <= 1 + block.amount // largest.flow.amount


@hypothesis.given(_money())
def test_bands_lie_within_their_blocks_and_blocks_apart(
    money: tuple[list[Node], list[Flow]],
) -> None:
    """Nothing overlaps, leaves its node, or leaves the drawing."""
    blocks, bands = lay_out(*money)
    placed = {block.node.key: block for block in blocks}
    for band in bands:
        for key, top in ((band.flow.source, band.leaves), (band.flow.target, band.arrives)):
            block = placed[key]
            assert block.top <= top
            assert top + band.thickness <= block.top + block.thickness + 1
    for layer in range(3):
        stack = sorted((each for each in blocks if each.node.layer == layer), key=lambda b: b.top)
        for above, below in pairwise(stack):
            assert below.top - above.top - above.thickness >= GAP * PIXEL
        if stack:
            assert stack[0].top >= 0
            assert stack[-1].top + stack[-1].thickness <= HEIGHT * PIXEL


def _drawn() -> list[Chart]:
    """Return a chart of each kind, its texts hostile."""
    flows = [Flow("a", "b", 3), Flow("a", "c", 1)]
    nodes = [Node("a", 0, HOSTILE, 0), Node("b", 1, HOSTILE, 1), Node("c", 1, HOSTILE, "rest")]
    return [
        charts.sankey(
            "one", HOSTILE, HOSTILE, nodes, flows, short=str, tell=str, columns=("a", "b", "c")
        ),
        charts.funnel(
            "two",
            HOSTILE,
            HOSTILE,
            [(HOSTILE, 4), (HOSTILE, 1)],
            tell=str,
            percent=str,
            columns=("a", "b", "c"),
        ),
        charts.decline(
            "three",
            HOSTILE,
            HOSTILE,
            100,
            [Left(HOSTILE, HOSTILE, 40), Left("x", "y", None)],
            short=str,
            tell=str,
            columns=("a", "b", "c"),
            legend=(HOSTILE, HOSTILE),
        ),
        charts.months(
            "four",
            HOSTILE,
            HOSTILE,
            [Month(HOSTILE, HOSTILE, (5, -2))],
            (HOSTILE, "y"),
            short=str,
            tell=str,
            month="m",
        ),
    ]


@pytest.mark.parametrize("chart", _drawn(), ids=lambda chart: chart.svg[10:30])
def test_a_chart_is_well_formed_and_its_texts_are_text(chart: Chart) -> None:
    """Whatever a label says, it stays a label; what the chart is, is told to who cannot see it."""
    svg = ET.fromstring(chart.svg)
    assert svg.get("role") == "img"
    told = (svg.get("aria-labelledby") or "").split()
    texts = {each.get("id"): each.text for each in svg.iter() if each.get("id")}
    assert [texts[name] for name in told] == [HOSTILE, HOSTILE]
    assert {each.tag for each in svg.iter()} <= {
        *("svg", "title", "desc", "text", "tspan", "rect", "path", "line", "circle")
    }
    assert all("style" not in each.keys() for each in svg.iter())  # noqa: SIM118 (no mapping)
    assert len(chart.columns) == len(chart.rows[0])


def test_bars_and_columns_are_as_long_as_their_amounts() -> None:
    """Shares of the width, and heights above and below zero, are proportional."""
    funnel = charts.funnel(
        "f",
        "t",
        "d",
        [("all", 400), ("half", 200), ("none", 0)],
        tell=str,
        percent=str,
        columns=("a", "b", "c"),
    )
    parts = re.findall(r'width="([\d.]+)%" height="16" class="fill-part"', funnel.svg)
    assert parts == ["100", "50", "0"]
    found = [Month("1", "1", (30, 10)), Month("2", "2", (-10, 20))]
    columns = charts.months("m", "t", "d", found, ("a", "b"), short=str, tell=str, month="m")
    heights = [
        float(each) for each in re.findall(r'height="([\d.]+)" class="fill-\d"', columns.svg)
    ]
    assert heights == pytest.approx(
        [3 * heights[1], heights[1], heights[1], 2 * heights[1]], abs=0.05
    )


def test_what_is_left_ends_where_the_months_do() -> None:
    """The line goes through what is known; the even pace leads from all to nothing."""
    months = [Left(str(n), str(n), left) for n, left in enumerate((75, 60, None, None))]
    chart = charts.decline(
        "d",
        "t",
        "d",
        100,
        months,
        short=str,
        tell=str,
        columns=("a", "b", "c"),
        legend=("left", "pace"),
    )
    assert len(re.findall('class="line"', chart.svg)) == 2
    assert chart.rows == (("0", "75", "75"), ("1", "60", "50"), ("2", "", "25"), ("3", "", "0"))


@hypothesis.given(st.integers(-5, 10**16))
def test_an_axis_has_few_round_values_up_to_the_highest(highest: int) -> None:
    """Steps are 1, 2 or 5 of a power of ten, and the last value covers the highest."""
    values = ticks(highest)
    step = values[1] - values[0]
    assert re.fullmatch("[125]0*", str(step))
    assert values == [step * number for number in range(len(values))]
    assert values[-1] >= highest
    assert 2 <= len(values) <= 5


@hypothesis.given(st.integers(-(10**9), 10**9))
def test_hundredths_are_written_exactly(hundredths: int) -> None:
    """A length is the decimal that its integer means."""
    assert round(float(fixed(hundredths)) * 100) == hundredths


def test_a_share_stays_between_none_and_all() -> None:
    """More than the whole fills it, less than nothing is nothing."""
    assert [share(n, 200) for n in (-1, 0, 1, 200, 300)] == ["0%", "0%", "0.50%", "100%", "100%"]
    assert share(1, 0) == "0%"
