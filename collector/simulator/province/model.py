"""What the simulated province consists of."""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass

from collector.simulator.agent import Device
from collector.simulator.curves import Outages
from collector.simulator.faults import NO_FAULTS, Faults
from collector.simulator.tree import Tree
from inventory.model import Role, SiteKind, Technology

COMMUNITY = "lang-son"
"""of all its devices that answer SNMP"""
SSH_USER, SSH_PASSWORD = "collector", "lang-son"
"""of those with a command line"""


@dataclass(frozen=True, kw_only=True, slots=True)
class SimSite:
    """A place of the province."""

    id: str
    name: str
    kind: SiteKind
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
    rated_power_w: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SimCli:
    """A device that has a command line and no SNMP.

    Attributes:
        platform: whose manners it has, as `CliDevice` says.
        answer: what it prints to a command at a time.
    """

    name: str
    site: str
    role: Role
    platform: str
    answer: Callable[[str, float], str | None]
    lines: tuple[SimLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Province:
    """All of it; `hosts`, and behind them `command_lines`, get their addresses in this order."""

    sites: list[SimSite]
    hosts: list[SimHost]
    command_lines: list[SimCli]
    stations: list[SimStation]

    @property
    def all_hosts(self) -> "list[SimHost | SimCli]":
        """In the order of their addresses."""
        return [*self.hosts, *self.command_lines]

    def addresses(self, first: str) -> dict[str, str]:
        """The address of each host by its name, counted from `first`."""
        base = ipaddress.IPv4Address(first)
        return {host.name: str(base + offset) for offset, host in enumerate(self.all_hosts)}

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
