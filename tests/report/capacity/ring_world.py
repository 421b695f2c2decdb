"""A ring of four switches for tests: core at the data centre, n1, n2, n3; Te0/2 leads onwards, Te0/1 back."""

from collections.abc import Mapping, Sequence

from collector.metrics.model import Point
from inventory.model import Host, Ring, Span
from tests.report.world import ago, host, over_time, point, site

TE = 10_000_000_000
CORE = host("core", site("dc", kind="data-centre"), "switch")
NODES = [CORE, *(host(name, site(f"s-{name}"), "switch") for name in ("n1", "n2", "n3"))]
NAMES = [each.name for each in NODES]
ONWARDS, BACK = "TenGigabitEthernet0/2", "TenGigabitEthernet0/1"


def ring(*, interfaces: bool = True) -> Ring:
    following = [*NAMES[1:], NAMES[0]]
    return Ring(
        name="east",
        spans=tuple(
            Span(
                a_host=a, b_host=b, a_interface="Te0/2" if interfaces else "", b_interface="Te0/1" if interfaces else ""
            )
            for a, b in zip(NAMES, following, strict=True)
        ),
    )


def ups(silent: Sequence[str] = ()) -> list[Point]:
    return [point(each, "device", {"family": "x"}, up=each.name not in silent) for each in NODES]


def traffic(
    forward: Mapping[str, float],
    backward: Mapping[str, float],
    *,
    down: Sequence[str] = (),
    down_days: float = 0.5,
    days: float = 2,
) -> list[Point]:
    """Ports with load by the span's first host in each direction; the spans of `down` lost their link `down_days` ago."""
    points = []
    for place, node in enumerate(NODES):
        for name, span, ways in (
            (ONWARDS, NAMES[place], (backward, forward)),
            (BACK, NAMES[place - 1], (forward, backward)),
        ):
            times = {"since_ns": ago(days=days), "every_s": 300}
            status = ["up"] * round(days * 288)
            if span in down:
                status[-round(down_days * 288) :] = ["down"] * round(down_days * 288)
            points += over_time(
                node,
                "interface",
                {"name": name},
                **times,
                oper_status=status,
                admin_status="up",
                speed_bps=TE,
                in_bps=[ways[0][span] if text == "up" else 0.0 for text in status],
                out_bps=[ways[1][span] if text == "up" else 0.0 for text in status],
            )
    return points


def neighbours(nodes: Sequence[Host] = NODES, *, without: Sequence[str] = (), days: float = 0) -> list[Point]:
    """What each node hears, the spans that begin at `without` left out; `days` ago."""
    points = []
    for place, node in enumerate(NODES):
        after, before = NODES[(place + 1) % 4], NODES[place - 1]
        if node not in nodes:
            continue
        for name, span, other, port in ((ONWARDS, node, after, "Te0/1"), (BACK, before, before, "Te0/2")):
            if span.name not in without:
                points.append(
                    point(
                        node,
                        "neighbour",
                        {"name": name, "protocol": "lldp"},
                        ago(days=days, minutes=5),
                        remote_host=f"{other.name.upper()}.example.vn",
                        remote_port=port,
                    )
                )
    return points
