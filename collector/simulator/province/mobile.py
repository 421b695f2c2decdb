"""Base stations, and the uplink routers at their positions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

from collector.simulator.curves import HOUR_S, MOBILE, Outages, chance, lost
from collector.simulator.devices.models import Identity, huawei_switch
from collector.simulator.faults import Faults
from collector.simulator.province.cabling import MBPS, Octets, Panel, both, slug
from collector.simulator.province.model import SimHost, SimLine, SimSite, SimStation
from collector.simulator.province.places import (
    CENTRE,
    COMMUNES,
    NOISY_COMMUNE,
    OPERATORS,
    RING,
    TOWNS,
    WEAK_COMMUNE,
    Commune,
)
from inventory.model import Technology

UPLINK_PORT = "GigabitEthernet0/2/0"
_LINE_MBPS = {"2G": 4, "3G": 10, "4G": 50, "5G": 300}


@dataclass(frozen=True, slots=True)
class Position:
    """One of a commune's BTS positions, numbered from 1."""

    commune: Commune
    number: int

    @property
    def site(self) -> str:
        """Id of its site."""
        return f"BTS-{slug(self.commune.name).upper()}-{self.number}"

    @property
    def host(self) -> str:
        """Name of its uplink router."""
        return f"bts-{slug(self.commune.name)}-{self.number}"

    @property
    def uplink(self) -> str:
        """The host that carries its traffic: its own router, that of the commune's first position, a switch in town."""
        if self.number <= self.commune.sites:
            return self.host
        if self.commune.sites:
            return Position(self.commune, 1).host
        if self.commune is CENTRE:
            return "dc-core-1"
        return f"{'ring' if self.commune.district in RING else 'sw'}-{slug(self.commune.district)}"

    @property
    def technologies(self) -> list[Technology]:
        """What stands there, the oldest first."""
        return [technology for technology in get_args(Technology) if technology in self.commune.technologies]

    @property
    def line_mbps(self) -> int:
        """The contract of its line follows from the newest technology."""
        return _LINE_MBPS[self.technologies[-1]]

    def traffic(self, now_s: float) -> Octets:
        """What its uplink carries, as the router sees it."""
        use = (0.4 + 0.4 * chance("use", self.host)) * self.line_mbps * MBPS
        return both(self.host, MOBILE, use, 0.25 * use, growth_per_year=0.35, as_of_s=now_s)

    def operator(self, technology: Technology) -> str:
        """Whose station that is."""
        return OPERATORS[int(chance("operator", self.site, technology) * len(OPERATORS))]


def positions(district: str | None = None) -> list[Position]:
    """Those with an uplink router: of a district, else all."""
    return [
        Position(commune, number)
        for commune in COMMUNES
        if district in (None, commune.district)
        for number in range(1, commune.sites + 1)
    ]


def all_positions() -> list[Position]:
    """Those behind another one's router, too."""
    return [
        Position(commune, number)
        for commune in (*COMMUNES, *TOWNS)
        for number in range(1, commune.sites + commune.relays + 1)
    ]


def bts_site(position: Position) -> SimSite:
    """Each position of a commune is a mile from the one before; those of a town are about its office."""
    commune = position.commune
    step = position.number - 1 if commune.sites else 0.9 * position.number - 1.4
    return SimSite(
        id=position.site,
        name=f"BTS {commune.name} {position.number}",
        kind="bts",
        commune=commune.name,
        district=commune.district,
        lat=round(commune.lat + 0.011 * step, 4),
        lon=round(commune.lon + 0.014 * step, 4),
        population=commune.population,
    )


def bts_uplink(position: Position, now_s: float) -> SimHost:
    """The uplink router of a position. The first one of the weak commune has been down for hours."""
    commune, host = position.commune, position.host
    panel = Panel(host)
    ring_port = positions(commune.district).index(position) + 1
    ring_end = (f"ring-{slug(commune.district)}", f"GigabitEthernet0/0/{ring_port}")
    panel.add(
        UPLINK_PORT,
        position.traffic(now_s),
        alias="uplink",
        to=ring_end if commune.district in RING else None,
        errors_in=lost(MOBILE, 0.1 * MBPS, 0) if commune.name == NOISY_COMMUNE else None,
    )
    for place, technology in enumerate(position.technologies, 1):
        peak_bps = 0.4 * position.line_mbps * MBPS / (len(position.technologies) - place + 1)
        panel.add(
            f"GigabitEthernet0/2/{place}",
            both(f"{host} {technology}", MOBILE, 0.25 * peak_bps, peak_bps),
            alias=f"{technology} {position.operator(technology)}",
        )
    fails = commune.name == WEAK_COMMUNE and position.number == 1
    who = Identity(name=host, location=f"{commune.name}, {commune.district}")
    return SimHost(
        name=host,
        site=position.site,
        role="bts-uplink",
        tree=huawei_switch(who, panel.ports, panel.neighbours, mobile=True),
        lines=(SimLine(interface=UPLINK_PORT, mbps=position.line_mbps, provider="Viettel"),),
        faults=Faults(delay_s=0.01 + 0.05 * chance("far", host)),
        outages=Outages(host, per_day=0.03, since_s=now_s - 5 * HOUR_S if fails else None),
    )


def stations(position: Position) -> Iterator[SimStation]:
    """The stations of a position, one a technology."""
    for technology in position.technologies:
        yield SimStation(
            id=f"{position.site}-{technology}",
            site=position.site,
            technology=technology,
            operator=position.operator(technology),
            uplink=position.uplink,
        )
