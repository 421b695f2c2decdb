"""Layouts, and networks as SVG and GraphML: placed alike each time, well-formed whatever devices call themselves."""

import random
import time
from xml.etree import ElementTree

import numpy as np
import pytest

from collector.report.model import Edge, Level, Network, Node, Verdict
from collector.report.network.graph import to_graphml, to_svg
from collector.report.network.layout import circle, layout
from collector.report.say import say

SVG = "{http://www.w3.org/2000/svg}"
GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
NASTY = "sw<1>&\"'\x00\x1b]]>\ud800 Đà Lạt"
UP, DOWN = Verdict(Level.OK, say("up")), Verdict(Level.CRITICAL, say("down"))


def province(districts: int, switches: int, leaves: int) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """Two core switches, a ring a district, offices on its switches, something behind a third of them."""
    chance = random.Random(7)
    nodes, edges = {"core-1": "dc", "core-2": "dc"}, [("core-1", "core-2")]
    for district in range(districts):
        before = "core-1"
        for number in range(switches):
            switch = f"d{district}-{number}"
            nodes[switch] = f"district {district}"
            edges.append((before, switch))
            before = switch
            for leaf in range(chance.randint(0, leaves)):
                office = f"{switch}-{leaf}"
                nodes[office] = f"district {district}"
                edges.append((switch, office))
                if chance.random() < 0.3:
                    nodes[f"{office}-x"] = f"district {district}"
                    edges.append((office, f"{office}-x"))
        edges.append((before, "core-2"))
    return nodes, edges


def parsed(text: str | bytes) -> ElementTree.Element:
    return ElementTree.fromstring(text)  # noqa: S314 -- our own


def network(nodes: dict[str, str], edges: list[tuple[str, str]]) -> Network:
    return Network(
        key="n",
        title=say("Network"),
        nodes=tuple(Node(name, group, "switch", UP) for name, group in nodes.items()),
        edges=tuple(Edge(a, b, "1", "2", DOWN, say("{load} used", load="3 %")) for a, b in edges),
        positions=layout(nodes, edges),
    )


@pytest.mark.parametrize(("districts", "switches", "leaves"), [(1, 6, 0), (3, 5, 4), (11, 20, 30)])
def test_layouts_are_the_same_each_time_within_the_square_and_apart(districts: int, switches: int, leaves: int) -> None:
    nodes, edges = province(districts, switches, leaves)
    started = time.process_time()
    places = layout(nodes, edges)
    assert time.process_time() - started < 10
    assert places == layout(nodes, list(reversed(edges)))
    assert places.keys() == nodes.keys()
    points = np.array(list(places.values()))
    assert points.min() >= 0
    assert points.max() <= 1
    assert np.ptp(points, axis=0).max() == pytest.approx(1)
    chosen = points[:: max(1, len(points) // 400)]
    apart = np.hypot(*(chosen[:, None] - chosen[None]).transpose(2, 0, 1))
    np.fill_diagonal(apart, 1)
    assert apart.min() > 0.15 / len(points)


def test_cables_are_shorter_than_the_way_between_any_two() -> None:
    nodes, edges = province(6, 8, 5)
    places = {id: np.array(place) for id, place in layout(nodes, edges).items()}
    cables = np.mean([np.linalg.norm(places[a] - places[b]) for a, b in edges])
    points = np.array(list(places.values()))
    assert cables < np.mean(np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))) / 4


def test_districts_stay_together() -> None:
    nodes, edges = province(6, 8, 5)
    places = {id: np.array(place) for id, place in layout(nodes, edges).items()}
    middles = {group: np.mean([places[id] for id in nodes if nodes[id] == group], axis=0) for group in nodes.values()}
    near = [
        min(middles, key=lambda group: float(np.linalg.norm(places[id] - middles[group]))) == nodes[id] for id in nodes
    ]
    assert np.mean(near) > 0.7


@pytest.mark.parametrize(
    ("nodes", "edges"),
    [
        ({}, []),
        ({"a": ""}, []),
        ({"a": "", "b": ""}, [("a", "b")]),
        ({"a": "", "b": ""}, [("a", "b"), ("b", "a"), ("a", "a")]),
        ({str(number): "" for number in range(100)}, []),
        ({str(number): "" for number in range(100)}, [("0", str(number)) for number in range(1, 100)]),
        ({str(number): "" for number in range(100)}, [(str(number), str(number + 1)) for number in range(99)]),
        ({str(number): "" for number in range(100)}, [(str(number), str(number ^ 1)) for number in range(100)]),
    ],
)
def test_any_graph_has_a_layout(nodes: dict[str, str], edges: list[tuple[str, str]]) -> None:
    places = layout(nodes, edges)
    assert places.keys() == nodes.keys()
    assert np.isfinite(np.array(list(places.values()))).all()
    assert len(set(places.values())) == len(nodes)


def test_a_ring_begins_on_top_and_goes_round() -> None:
    places = circle(["a", "b", "c", "d"])
    assert places["a"] == pytest.approx((0.5, 0.08))
    assert places["b"] == pytest.approx((0.92, 0.5))


def test_svg_is_well_formed_and_names_every_cable() -> None:
    nodes, edges = province(1, 4, 2)
    nodes[NASTY] = "district 0"
    edges += [("core-1", NASTY), ("core-1", NASTY), (NASTY, "core-1")]
    root = parsed(to_svg(network(nodes, edges)))
    assert root.tag == f"{SVG}svg"
    drawn = root.findall(f"{SVG}path")
    assert len(drawn) == len(edges)
    assert len({each.get("d") for each in drawn}) == len(edges)  # parallel cables are bent apart
    assert all("level-critical" in (each.get("class") or "") for each in drawn)
    assert "down" in (drawn[0].findtext(f"{SVG}title") or "")
    names = {each.text for each in root.iter(f"{SVG}text")}
    assert "core-1" in names
    assert any("sw<1>&\"'" in (name or "") and "Đà Lạt" in (name or "") for name in names)


def test_svg_of_many_nodes_names_only_those_in_trouble() -> None:
    nodes = {str(number): "" for number in range(200)}
    drawn = network(nodes, [("0", str(number)) for number in range(1, 200)])
    troubled = Network(
        key="n",
        title=drawn.title,
        nodes=(*drawn.nodes[:-1], Node("199", "", "switch", DOWN)),
        edges=drawn.edges,
        positions=drawn.positions,
    )
    assert [each.text for each in parsed(to_svg(troubled)).iter(f"{SVG}text")] == ["199"]


def test_graphml_holds_the_graph_with_declared_keys() -> None:
    nodes, edges = province(1, 4, 2)
    nodes[NASTY] = "district <0>"
    edges.append(("core-1", NASTY))
    drawn = network(nodes, edges)
    root = parsed(to_graphml(drawn))
    keys = {key.get("id"): (key.get("for"), key.get("attr.name")) for key in root.iter(f"{GRAPHML}key")}
    (graph,) = root.findall(f"{GRAPHML}graph")
    assert graph.get("edgedefault") == "undirected"
    names: dict[str | None, str | None] = {}
    for node in graph.iter(f"{GRAPHML}node"):
        values = {keys[data.get("key")]: data.text for data in node.iter(f"{GRAPHML}data")}
        names[node.get("id")] = values["node", "name"]
        assert 0 <= float(values["node", "x"] or "-1") <= 1000
    assert len(names) == len(nodes)
    ends = [(names[edge.get("source")], names[edge.get("target")]) for edge in graph.iter(f"{GRAPHML}edge")]
    assert ends[:-1] == edges[:-1]
    assert ends[-1][0] == "core-1"
    assert str(ends[-1][1]).startswith("sw<1>&")
    assert all(keys[data.get("key")][0] in ("node", "edge") for data in root.iter(f"{GRAPHML}data"))
