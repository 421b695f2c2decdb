"""A network as an `<svg>` element, which a page's style sheet or `STYLE` colours by classes.

Classes: `network` (the element), `edge`, `node`, `level-critical` ... `level-ok` (`level-none` where nothing is known),
`kind-KIND` on nodes. Colour is never the only sign: what is critical is dashed or crossed, and every shape has its title.
"""

import math
import re
from collections import Counter
from collections.abc import Callable
from html import escape

from collector.report.model import Edge, Level, Network, Node, Verdict
from collector.report.say import Text

LABELLED_NODES = 150
"""networks of more nodes name only those that are in trouble; the others have their name as a tooltip"""

LABELLED_EDGES = 80
_LABEL = 8
"""details of edges of up to so many characters are written beside them, in networks of up to so many edges"""

STYLE = """
.network { font: 12px system-ui, sans-serif; max-width: 100%; height: auto }
.network text { fill: var(--ink, #1b1f24); stroke: var(--paper, #fff); stroke-width: 3px; paint-order: stroke;
  text-anchor: middle }
.network .edge { stroke: currentColor; fill: none; stroke-width: 1.6px }
.network .node path { fill: currentColor; stroke: var(--paper, #fff); stroke-width: 1px }
.network .kind-unmanaged path { fill: var(--paper, #fff); stroke: currentColor; stroke-width: 1.6px }
.network .level-critical { color: var(--critical, #c62828) }
.network .level-warning { color: var(--warning, #b26a00) }
.network .level-unknown, .network .level-none { color: var(--unknown, #808890) }
.network .level-info { color: var(--info, #1565c0) }
.network .level-ok { color: var(--ok, #2e7d32) }
.network .edge.level-critical { stroke-dasharray: 6 4; stroke-width: 3px }
.network .edge.level-warning { stroke-width: 3px }
.network .note { font-size: 10px }
"""

_MARGIN = 60.0

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""XML 1.0, section 2.2"""

_SHAPES = {
    "server": "M-6-6h12v12h-12z",
    "firewall": "M-7-5h14v10h-14z",
    "wan-router": "M0-8 8 0 0 8-8 0z",
    "bts-uplink": "M0-8 7 6h-14z",
    "camera": "M0 8-7-6h14z",
    "power": "M-5-8h10v16h-10z",
}
_CIRCLE = "M-6 0a6 6 0 1 1 12 0a6 6 0 1 1-12 0z"
_CROSS = "M-9-9 9 9M9-9-9 9"


def svg_element(network: Network, words: Callable[[Text | str], str] = str) -> str:
    """The drawing, escaped, without any style of its own; `words` puts messages into the reader's language.

    Its size in user units grows with the root of the number of nodes, so that their density stays alike.
    """
    named = len(network.nodes) <= LABELLED_NODES
    side = max(480.0, (110.0 if named else 60.0) * math.sqrt(len(network.nodes)))
    places = {
        id: (_MARGIN + x * (side - 2 * _MARGIN), _MARGIN + y * (side - 2 * _MARGIN))
        for id, (x, y) in network.positions.items()
    }
    opening = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="network" role="img" viewBox="0 0 {side:.0f} {side:.0f}" '
        f'width="{side:.0f}" height="{side:.0f}" aria-label="{xml_text(words(network.title))}">'
    )
    parts = [opening]
    count: Counter[frozenset[str]] = Counter()
    tells = len(network.edges) <= LABELLED_EDGES
    for edge in network.edges:
        ends = frozenset((edge.a, edge.b))
        parts.append(_edge(edge, places, count[ends], words, tells))
        count[ends] += 1
    parts.extend(_node(node, places[node.id], words, named) for node in network.nodes)
    parts.append("</svg>")
    return "".join(parts)


def _edge(
    edge: Edge, places: dict[str, tuple[float, float]], nth: int, words: Callable[[Text | str], str], tells: bool
) -> str:
    """A line; the second and further cables between the same two devices are bent, to either side in turn."""
    (ax, ay), (bx, by) = places[edge.a], places[edge.b]
    if edge.b < edge.a:
        nth = -nth  # the same side of the same pair, whichever end is named first
    bend = (nth + 1) // 2 * (24 if nth % 2 else -24) if nth else 0
    length = math.hypot(bx - ax, by - ay) or 1.0
    mx, my = (ax + bx) / 2 - (by - ay) / length * bend, (ay + by) / 2 + (bx - ax) / length * bend
    path = f"M{ax:.1f} {ay:.1f}" + (f"Q{mx:.1f} {my:.1f} {bx:.1f} {by:.1f}" if bend else f"L{bx:.1f} {by:.1f}")
    ends = " – ".join(" ".join(filter(None, end)) for end in ((edge.a, edge.a_port), (edge.b, edge.b_port)))
    detail = words(edge.detail)
    title = "\n".join(filter(None, (ends, words(edge.verdict.text) if edge.verdict else "", detail)))
    drawn = f'<path class="edge {_level(edge.verdict)}" d="{path}"><title>{xml_text(title)}</title></path>'
    if tells and 0 < len(detail) <= _LABEL:
        drawn += f'<text class="note" x="{mx:.1f}" y="{my:.1f}">{xml_text(detail)}</text>'
    return drawn


def _node(node: Node, place: tuple[float, float], words: Callable[[Text | str], str], named: bool) -> str:
    critical = node.verdict is not None and node.verdict.level is Level.CRITICAL
    title = "\n".join(filter(None, (node.id, node.group, words(node.verdict.text) if node.verdict else "")))
    kind = re.sub(r"[^a-z0-9-]", "", node.kind.lower())
    drawn = (
        f'<g class="node kind-{kind} {_level(node.verdict)}" transform="translate({place[0]:.1f} {place[1]:.1f})">'
        f'<title>{xml_text(title)}</title><path d="{_SHAPES.get(node.kind, _CIRCLE)}"/>'
    )
    if critical:
        drawn += f'<path class="edge" d="{_CROSS}"/>'
    if named or critical:
        drawn += f'<text y="22">{xml_text(node.id)}</text>'
    return drawn + "</g>"


def legal_xml(text: str) -> str:
    """Characters that XML does not know at all are shown as unknown."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


def xml_text(text: str) -> str:
    """Escaped for content and attributes."""
    return escape(legal_xml(text))


def _level(verdict: Verdict | None) -> str:
    return f"level-{verdict.level.name.lower()}" if verdict else "level-none"
