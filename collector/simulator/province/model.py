"""What the simulated province consists of."""

import ipaddress
from dataclasses import dataclass

from collector.simulator.agent import Device
from collector.simulator.curves import Outages
from collector.simulator.faults import NO_FAULTS, Faults
from collector.simulator.tree import Tree
from inventory.model import Role, Technology

COMMUNITY = "lang-son"
"""of all its devices"""


@dataclass(frozen=True, kw_only=True, slots=True)
class SimSite:
    """A place of the province."""

    id: str
    name: str
    commune: str
    district: str
    lat: float
    lon: float
    population: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SimLine:
    """A contracted line behind an interface."""

    interface: str
    mbps: int
    provider: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SimStation:
    """A radio station."""

    id: str
    site: str
    technology: Technology
    operator: str
    uplink: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SimHost:
    """A device: where it stands, and how it answers."""

    name: str
    site: str
    role: Role
    tree: Tree
    tags: tuple[str, ...] = ()
    lines: tuple[SimLine, ...] = ()
    faults: Faults = NO_FAULTS
    outages: Outages


@dataclass(frozen=True, slots=True)
class Province:
    """All of it; `hosts` get their addresses in this order."""

    sites: list[SimSite]
    hosts: list[SimHost]
    stations: list[SimStation]

    def addresses(self, first: str) -> dict[str, str]:
        """The address of each host by its name, counted from `first`."""
        base = ipaddress.IPv4Address(first)
        return {host.name: str(base + offset) for offset, host in enumerate(self.hosts)}

    def devices(self, first: str) -> list[Device]:
        """What a farm serves."""
        addresses = self.addresses(first)
        return [
            Device(
                addresses[host.name],
                host.tree,
                index,
                COMMUNITY.encode(),
                faults=host.faults,
                booted=host.outages.booted,
                down=host.outages.down,
            )
            for index, host in enumerate(self.hosts)
        ]
