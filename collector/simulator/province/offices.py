"""The districts' offices: a WAN router on a contracted line, and a switch behind it."""

from collections.abc import Iterator

from collector.simulator.curves import CAMERAS, OFFICE, Outages, bursts, chance, lost, traffic
from collector.simulator.devices.models import (
    Identity,
    cisco_router,
    cisco_switch,
    huawei_switch,
    mikrotik_router,
)
from collector.simulator.faults import Faults
from collector.simulator.province.cabling import MBPS, QUIET, Panel, both, slug, turned
from collector.simulator.province.model import SimHost, SimLine, SimSite
from collector.simulator.province.places import SATURATED_DISTRICT, District


def office_site(district: District) -> SimSite:
    return SimSite(
        id=district.code,
        name=f"UBND {district.name}",
        kind="office",
        commune=district.seat,
        district=district.name,
        lat=district.lat,
        lon=district.lon,
        population=district.population,
    )


def office(district: District, now_s: float) -> Iterator[SimHost]:
    """A district's office: a WAN router on a contracted line, and a switch of 24 ports behind it."""
    place = slug(district.name)
    router, switch = f"wan-{place}", f"sw-{place}"
    saturated = district.name == SATURATED_DISTRICT
    line_bps = district.line_mbps * MBPS
    if saturated:  # by what its cameras send
        wanted_bps = 1.7 * line_bps
        wan = (
            traffic(f"{place} in", CAMERAS, 0.4 * line_bps),
            traffic(f"{place} out", CAMERAS, wanted_bps, line_bps=0.985 * line_bps),
        )
        dropped = lost(CAMERAS, wanted_bps, 0.985 * line_bps)
    else:
        wanted_bps = (0.45 + 0.3 * chance("use", place)) * line_bps
        wan = both(place, OFFICE, wanted_bps, 0.4 * wanted_bps, growth_per_year=0.2, as_of_s=now_s)
        dropped = None
    cisco = chance("make", place) < 0.5
    # a switch of one make behind a router of the other, so that both are seen
    wan_port, lan_port, uplink = (
        ("Gi0/0/0", "Gi0/0/1", "GigabitEthernet0/0/24") if cisco else ("ether1", "ether2", "Gi1/0/24")
    )
    router_panel, switch_panel = Panel(router), Panel(switch)
    router_panel.add(
        wan_port,
        wan,
        descr=wan_port.replace("Gi", "GigabitEthernet"),
        alias=f"{district.provider} {district.line_mbps} Mbps",
        errors_in=bursts(place, 40) if district.line_mbps < 5 else None,
        discards_out=dropped,
    )
    router_panel.add(
        lan_port, turned(wan), descr=lan_port.replace("Gi", "GigabitEthernet"), alias="LAN", to=(switch, uplink)
    )
    for number in range(1, 24):
        name = uplink.replace("24", str(number))
        desk = both(f"{switch} {number}", OFFICE, 0.05 * line_bps, 0.02 * line_bps) if number <= 15 else (QUIET, QUIET)
        switch_panel.add(name, desk, descr=name.replace("Gi1", "GigabitEthernet1"), alias=f"phòng {number}")
    switch_panel.add(uplink, wan, descr=uplink.replace("Gi1", "GigabitEthernet1"), alias=router, to=(router, lan_port))
    faults = Faults(delay_s=0.18, drop=0.01) if saturated else Faults(delay_s=0.005 + 0.03 * chance("far", place))
    outages = Outages(f"{place} office", per_day=0.01)
    location = f"UBND {district.name}, {district.seat}"
    yield SimHost(
        name=router,
        site=district.code,
        role="wan-router",
        tree=(cisco_router if cisco else mikrotik_router)(
            Identity(name=router, location=location), router_panel.ports, router_panel.neighbours
        ),
        lines=(SimLine(interface=wan_port, mbps=district.line_mbps, provider=district.provider),),
        faults=faults,
        outages=outages,
    )
    yield SimHost(
        name=switch,
        site=district.code,
        role="switch",
        tree=(huawei_switch if cisco else cisco_switch)(
            Identity(name=switch, location=location), switch_panel.ports, switch_panel.neighbours
        ),
        faults=faults,
        outages=outages,
    )
