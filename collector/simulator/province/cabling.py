"""How devices of the province are cabled: ports, their traffic, and who is heard on them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from collector.simulator.curves import ORIGIN_S, stopped, traffic
from collector.simulator.devices.build import ETHERNET, Neighbour, Port
from collector.simulator.tree import Total

MBPS, GBPS = 1_000_000, 1_000_000_000
QUIET = Total(lambda _: 0.0)
"""a port without a cable"""

Octets: TypeAlias = tuple[Total, Total]
"""received and sent"""


@dataclass(frozen=True, slots=True)
class _Intact:
    """Whether a cable is whole."""

    cut_s: float

    def __call__(self, now_s: float) -> bool:
        return now_s < self.cut_s


class Panel:
    """The ports of one device as they are cabled, and who is heard on them."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.ports: list[Port] = []
        self.neighbours: list[Neighbour] = []

    def add(
        self,
        name: str,
        octets: Octets = (QUIET, QUIET),
        *,
        descr: str = "",
        alias: str = "",
        speed_bps: int = GBPS,
        to: tuple[str, str] | None = None,
        cut_s: float | None = None,
        errors_in: Total | None = None,
        discards_out: Total | None = None,
        kind: int = ETHERNET,
    ) -> None:
        """One port; `to` is the device and port at the other end of the cable, which is cut at `cut_s`."""
        index = len(self.ports) + 1
        up: bool | _Intact = octets[0] is not QUIET
        if cut_s is not None:
            octets, up = (stopped(octets[0], cut_s), stopped(octets[1], cut_s)), _Intact(cut_s)
        elif to:
            self.neighbours.append(Neighbour(port=index, device=to[0], device_port=to[1]))
        self.ports.append(
            Port(
                index=index,
                name=name,
                descr=descr or name,
                alias=alias,
                speed_bps=speed_bps,
                type=kind,
                up=up,
                octets=octets,
                errors_in=errors_in,
                discards_out=discards_out,
            )
        )


def both(
    name: str,
    shape: Sequence[float],
    in_bps: float,
    out_bps: float,
    *,
    growth_per_year: float = 0.0,
    as_of_s: float = ORIGIN_S,
) -> Octets:
    """Traffic in both directions."""
    return (
        traffic(f"{name} in", shape, in_bps, growth_per_year=growth_per_year, as_of_s=as_of_s),
        traffic(f"{name} out", shape, out_bps, growth_per_year=growth_per_year, as_of_s=as_of_s),
    )


def turned(octets: Octets) -> Octets:
    """The same traffic as the other end sees it."""
    return octets[1], octets[0]


def slug(name: str) -> str:
    """`"Hữu Kiên"` as `"huu-kien"`: letters that every tool takes in a host's name."""
    plain = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return "".join(c if c.isalnum() else "-" for c in plain if not unicodedata.combining(c))
