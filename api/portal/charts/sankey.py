"""Flows of money through layers, each band as thick as its amount (a Sankey diagram).

    source ══╗ line ════ contract ═══ paid
    source ══╩═════════╗ contract ═╦═ paid
                       ╚ not bound ╚═ to be delivered

Bands and blocks are laid out in hundredths of a pixel by one scale, so that an amount is as thick
wherever it shows. Layers stand at equal shares of the width.
"""

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from api.portal.charts.drawing import Chart, Tell, element, fixed, picture

HEIGHT = 460
"""Height of the drawing in pixels."""
GAP = 22
"""Pixels between the blocks of a layer at least: a line of text."""
BLOCK = 12
"""Width of a block in pixels."""
TWO_LINES = 34
"""Pixels from which on a block has its amount below its name."""
WIDTH = 1_000
"""Units of the width that bands are drawn in; they are stretched to the width there is."""

_PIXEL = 100
_MARGIN = 8


class Node(NamedTuple):
    """Where money stands.

    Attributes:
        key: its own.
        layer: how far it has come, from 0.
        label: what it is called.
        hue: the colour of its block and of what flows out of it: a number, or `rest`.

    """

    key: str
    layer: int
    label: str
    hue: int | str


class Flow(NamedTuple):
    """An amount that goes from one node to one of the next layer."""

    source: str
    target: str
    amount: int


class Block(NamedTuple):
    """A node laid out: where it begins and how thick it is, in hundredths of a pixel."""

    node: Node
    amount: int
    top: int
    thickness: int


class Band(NamedTuple):
    """A flow laid out: where it leaves, where it arrives, and how thick it is."""

    flow: Flow
    leaves: int
    arrives: int
    thickness: int


def lay_out(
    nodes: Sequence[Node], flows: Sequence[Flow], height: int = HEIGHT
) -> tuple[list[Block], list[Band]]:
    """Return nodes and flows of more than nothing, laid out; nodes that nothing passes are left.

    A node is as thick as the larger of what comes in and what goes out. Within a layer nodes keep
    their order.
    """
    flows = [flow for flow in flows if flow.amount > 0]
    amounts = {
        node.key: max(
            sum(flow.amount for flow in flows if flow.source == node.key),
            sum(flow.amount for flow in flows if flow.target == node.key),
        )
        for node in nodes
    }
    layers: dict[int, list[Node]] = {}
    for node in nodes:
        if amounts[node.key]:
            layers.setdefault(node.layer, []).append(node)
    if not layers:
        return [], []
    room, whole = _scale(layers, amounts, height * _PIXEL)
    blocks = {
        block.node.key: block
        for layer in layers.values()
        for block in _stack(layer, amounts, room, whole, height * _PIXEL)
    }
    return list(blocks.values()), _bands(flows, blocks, room, whole)


def _scale(layers: dict[int, list[Node]], amounts: dict[str, int], height: int) -> tuple[int, int]:
    """Return how many hundredths of a pixel stand for which amount, where it is tightest."""
    scales = [
        (height - GAP * _PIXEL * (len(layer) - 1), sum(amounts[node.key] for node in layer))
        for layer in layers.values()
    ]
    room, whole = scales[0]
    for other_room, other_whole in scales[1:]:
        if other_room * whole < room * other_whole:
            room, whole = other_room, other_whole
    return max(room, _PIXEL), whole


def _stack(
    layer: Sequence[Node], amounts: dict[str, int], room: int, whole: int, height: int
) -> list[Block]:
    """Put the nodes of a layer below one another, in the middle of the height."""
    thick = [amounts[node.key] * room // whole for node in layer]
    between = len(layer) - 1
    free = height - sum(thick)
    gap = min(free // between, 3 * GAP * _PIXEL) if between else 0
    top = (free - gap * between) // 2
    blocks = []
    for node, thickness in zip(layer, thick, strict=True):
        blocks.append(Block(node, amounts[node.key], top, thickness))
        top += thickness + gap
    return blocks


def _bands(flows: Sequence[Flow], blocks: dict[str, Block], room: int, whole: int) -> list[Band]:
    """Lay flows side by side where they leave and where they arrive, so that few cross there."""
    leaves: dict[Flow, int] = {}
    arrives: dict[Flow, int] = {}
    for block in blocks.values():
        out = [flow for flow in flows if flow.source == block.node.key]
        out.sort(key=lambda flow: blocks[flow.target].top)
        into = [flow for flow in flows if flow.target == block.node.key]
        into.sort(key=lambda flow: blocks[flow.source].top)
        for side, found in ((leaves, out), (arrives, into)):
            sofar = 0
            for flow in found:
                side[flow] = block.top + sofar * room // whole
                sofar += flow.amount
    return [Band(flow, leaves[flow], arrives[flow], flow.amount * room // whole) for flow in flows]


def sankey(
    name: str,
    title: str,
    told: str,
    nodes: Sequence[Node],
    flows: Sequence[Flow],
    *,
    short: Tell,
    tell: Tell,
    columns: tuple[str, str, str],
) -> Chart:
    """Return flows as a chart; labels have amounts in `short`, titles and the table in full."""
    blocks, bands = lay_out(nodes, flows)
    placed = {block.node.key: block.node for block in blocks}
    last = max((node.layer for node in placed.values()), default=1) or 1
    words = {node.key: node.label for node in nodes}
    rows = tuple(
        (words[band.flow.source], words[band.flow.target], tell(band.flow.amount)) for band in bands
    )
    stretched = element(
        "svg",
        *(_band(band, placed, last, row) for band, row in zip(bands, rows, strict=True)),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        preserveAspectRatio="none",
        width="100%",
        height=HEIGHT,
        y=_MARGIN,
    )
    drawn = [stretched]
    drawn += [_block(block, last) for block in blocks]
    drawn += [_label(block, last, short) for block in blocks]
    svg = picture(name, title, told, *drawn, height=HEIGHT + 2 * _MARGIN)
    return Chart(title, svg, columns, 2, rows)


def _band(band: Band, nodes: dict[str, Node], last: int, row: tuple[str, str, str]) -> Markup:
    source, target = nodes[band.flow.source], nodes[band.flow.target]
    left, right = (WIDTH * node.layer // last for node in (source, target))
    middle = (left + right) // 2
    top, bottom = band.leaves, band.leaves + band.thickness
    end, back = band.arrives, band.arrives + band.thickness
    path = (
        f"M{left} {fixed(top)}C{middle} {fixed(top)} {middle} {fixed(end)} {right} {fixed(end)}"
        f"V{fixed(back)}C{middle} {fixed(back)} {middle} {fixed(bottom)} {left} {fixed(bottom)}Z"
    )
    told = element("title", f"{row[0]} → {row[1]}: {row[2]}")
    return element("path", told, d=path, class_=f"band fill-{source.hue}")


def _block(block: Block, last: int) -> Markup:
    """Return the block of a node; those of the last layer end where the drawing ends."""
    shift = -BLOCK * block.node.layer // last
    return element(
        "rect",
        x=f"{fixed(10_000 * block.node.layer // last)}%",
        y=fixed(block.top + _MARGIN * _PIXEL),
        width=BLOCK,
        height=fixed(max(block.thickness, _PIXEL)),
        transform=f"translate({shift} 0)",
        class_=f"fill-{block.node.hue}",
    )


def _label(block: Block, last: int, short: Tell) -> Markup:
    """Return a node's name and amount beside it, with a halo, since it lies on flows."""
    at_end = block.node.layer == last
    x = f"{fixed(10_000 * block.node.layer // last)}%"
    shift = -BLOCK - 6 if at_end else BLOCK + 4
    anchor = "end" if at_end else "start"
    middle = block.top + block.thickness // 2 + _MARGIN * _PIXEL
    two = block.thickness >= TWO_LINES * _PIXEL
    amount = short(block.amount)
    place = {"text_anchor": anchor, "transform": f"translate({shift} 0)"}
    if two:
        name = element("text", block.node.label, x=x, y=fixed(middle - 200), class_="halo", **place)
        below = element("text", amount, x=x, y=fixed(middle + 1_400), class_="halo quiet", **place)
        return name + below
    beside = element("tspan", f" {amount}", class_="quiet")
    label = block.node.label
    return element("text", label, beside, x=x, y=fixed(middle + 450), class_="halo", **place)
