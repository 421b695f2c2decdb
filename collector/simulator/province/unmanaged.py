"""Devices that answer no SNMP, so that only their command lines tell of them: at the border gates, at a base station."""

from collections.abc import Iterator

from collector.simulator.curves import CAMERAS, MOBILE, OFFICE, Outages
from collector.simulator.devices.models import Identity
from collector.simulator.province.cabling import MBPS, Panel, both, turned
from collector.simulator.province.command_lines import cisco, huawei
from collector.simulator.province.mobile import positions
from collector.simulator.province.model import SimCli, SimLine

_GATES = (("tan-thanh", "Cửa khẩu Tân Thanh", "LS-VL", 20, 0.93), ("chi-ma", "Cửa khẩu Chi Ma", "LS-LB", 10, 0.35))
"""border gates: host, name, site, Mbit/s of the line, and how much of it the cameras use at the busiest"""
_COMMUNE = "Na Dương"


def command_lines(now_s: float) -> Iterator[SimCli]:
    """Two WAN routers and a switch."""
    for place, name, site, mbps, used in _GATES:
        host = f"wan-{place}"
        panel = Panel(host)
        wan = both(host, CAMERAS, 0.3 * mbps * MBPS, used * mbps * MBPS)
        panel.add("Gi0/0/0", wan, descr="GigabitEthernet0/0/0", alias=f"VNPT {mbps} Mbps")
        panel.add("Gi0/0/1", turned(wan), descr="GigabitEthernet0/0/1", alias=name)
        panel.add("Gi0/0/2", descr="GigabitEthernet0/0/2")
        outages = Outages(host)
        yield SimCli(
            name=host,
            site=site,
            role="wan-router",
            platform="cisco_ios",
            answer=cisco(Identity(name=host, location=name), panel.ports, outages),
            lines=(SimLine(interface="Gi0/0/0", mbps=mbps, provider="VNPT"),),
        )
    position = next(each for each in positions() if each.commune.name == _COMMUNE)
    host = f"{position.host}-sw"
    panel = Panel(host)
    uplink = position.traffic(now_s)
    panel.add("GigabitEthernet0/0/1", uplink, alias=f"to {position.host}")
    panel.add("GigabitEthernet0/0/2", both(f"{host} cameras", OFFICE, 3 * MBPS, 0.2 * MBPS), alias="camera")
    for number, technology in enumerate(position.technologies, 3):
        cell = both(f"{host} {technology}", MOBILE, 4 * MBPS, 11 * MBPS)
        panel.add(f"GigabitEthernet0/0/{number}", cell, alias=f"BBU {technology}")
    panel.add("GigabitEthernet0/0/8")
    yield SimCli(
        name=host,
        site=position.site,
        role="bts-uplink",
        platform="huawei",
        answer=huawei(Identity(name=host, location=_COMMUNE), panel.ports, Outages(host)),
    )
