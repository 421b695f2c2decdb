"""A network as a file of its own: SVG to look at, GraphML for programs (yEd, Gephi, Cytoscape, networkx)."""

from collections.abc import Callable
from xml.etree import ElementTree

from collector.report.model import Edge, Network, Node, Verdict
from collector.report.network.graph_svg import STYLE, legal_xml, svg_element
from collector.report.say import Text

Words = Callable[[Text | str], str]
"""puts messages into the reader's language: `Language.text`, or `str` for English"""

_COLOURS = """
svg { background: var(--paper) }
:root { --paper: #fff; --ink: #1b1f24 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181d; --ink: #e6e9ec; --critical: #ff6b6b; --warning: #f0b429; --unknown: #98a2ad;
    --info: #64b5f6; --ok: #66bb6a }
}
"""

_GRAPHML = "http://graphml.graphdrawing.org/xmlns"
_SPAN = 1000.0
"""side of the square of positions in GraphML, whose readers think in pixels"""

_NODE_KEYS = (("name", "string"), ("group", "string"), ("kind", "string"), ("level", "string"), ("state", "string"), ("x", "double"), ("y", "double"))  # fmt: skip
_EDGE_KEYS = (("a_port", "string"), ("b_port", "string"), ("level", "string"), ("state", "string"), ("detail", "string"))  # fmt: skip


def to_svg(network: Network, words: Words = str) -> str:
    """A whole SVG file, light or dark as its reader prefers; no request leaves it."""
    opening, rest = svg_element(network, words).split(">", 1)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{opening}><style>{_COLOURS}{STYLE}</style>{rest}\n'


def to_graphml(network: Network, words: Words = str) -> bytes:
    """GraphML 1.0 in UTF-8: an undirected graph, edges with the ports at their ends.

    Nodes have numbers for ids, as names of devices may hold anything; `name` has the name.
    """
    ElementTree.register_namespace("", _GRAPHML)
    root = ElementTree.Element(f"{{{_GRAPHML}}}graphml")
    for kind, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for name, type_ in keys:
            attributes = {"id": f"{kind}-{name}", "for": kind, "attr.name": name, "attr.type": type_}
            ElementTree.SubElement(root, f"{{{_GRAPHML}}}key", attributes)
    graph = ElementTree.SubElement(root, f"{{{_GRAPHML}}}graph", {"id": network.key, "edgedefault": "undirected"})
    ids = {node.id: f"n{place}" for place, node in enumerate(network.nodes)}
    for node in network.nodes:
        element = ElementTree.SubElement(graph, f"{{{_GRAPHML}}}node", {"id": ids[node.id]})
        _add(element, "node", _node_values(node, network.positions[node.id], words))
    for place, edge in enumerate(network.edges):
        ends = {"id": f"e{place}", "source": ids[edge.a], "target": ids[edge.b]}
        _add(ElementTree.SubElement(graph, f"{{{_GRAPHML}}}edge", ends), "edge", _edge_values(edge, words))
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _node_values(node: Node, place: tuple[float, float], words: Words) -> dict[str, str]:
    level, state = _judged(node.verdict, words)
    x, y = (f"{_SPAN * each:.1f}" for each in place)
    return {"name": node.id, "group": node.group, "kind": node.kind, "level": level, "state": state, "x": x, "y": y}


def _edge_values(edge: Edge, words: Words) -> dict[str, str]:
    level, state = _judged(edge.verdict, words)
    return {
        "a_port": edge.a_port, "b_port": edge.b_port, "level": level, "state": state, "detail": words(edge.detail),
    }  # fmt: skip


def _judged(verdict: Verdict | None, words: Words) -> tuple[str, str]:
    return (verdict.level.name.lower(), words(verdict.text)) if verdict else ("", "")


def _add(element: ElementTree.Element, kind: str, values: dict[str, str]) -> None:
    """What is empty is left out."""
    for name, value in values.items():
        if value:
            ElementTree.SubElement(element, f"{{{_GRAPHML}}}data", {"key": f"{kind}-{name}"}).text = legal_xml(value)
