"""The fibre ring: a switch in some districts, between the two core switches of the data centre."""

from collector.simulator.curves import HOUR_S, MOBILE, Outages
from collector.simulator.devices.models import Identity, huawei_switch
from collector.simulator.province.cabling import GBPS, Octets, Panel, both, slug, turned
from collector.simulator.province.mobile import UPLINK_PORT, positions
from collector.simulator.province.model import SimHost
from collector.simulator.province.places import DISTRICTS, OPEN_SPAN, RING

FIRST_PORT, SECOND_PORT = "XGigabitEthernet0/0/1", "XGigabitEthernet0/0/2"
"""a node's port towards the first core switch, and towards the second"""


def ring_ends(district: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """The devices and ports at the other ends of a ring node's two ring ports."""
    nodes = ["dc-core-1", *(f"ring-{slug(each)}" for each in RING), "dc-core-2"]
    place = RING.index(district) + 1
    following = nodes[place + 1]
    return (nodes[place - 1], SECOND_PORT), (following, SECOND_PORT if following == nodes[-1] else FIRST_PORT)


def ring_traffic(first: str, second: str, now_s: float) -> Octets:
    """What a span of the ring carries, as seen from its first end."""
    return both(f"{first} {second}", MOBILE, 1.9 * GBPS, 1.4 * GBPS, growth_per_year=0.3, as_of_s=now_s)


def ring_node(district: str, now_s: float) -> SimHost:
    """A switch of the fibre ring at a district's office; the open span was cut a day ago."""
    name = f"ring-{slug(district)}"
    before, after = ring_ends(district)
    cut_s = now_s - 26 * HOUR_S
    panel = Panel(name)
    panel.add(
        FIRST_PORT,
        turned(ring_traffic(before[0], name, now_s)),
        alias=f"ring to {before[0]}",
        speed_bps=10 * GBPS,
        to=before,
        cut_s=cut_s if district == OPEN_SPAN[1] else None,
    )
    panel.add(
        SECOND_PORT,
        ring_traffic(name, after[0], now_s),
        alias=f"ring to {after[0]}",
        speed_bps=10 * GBPS,
        to=after,
        cut_s=cut_s if district == OPEN_SPAN[0] else None,
    )
    for place, position in enumerate(positions(district), 1):
        panel.add(
            f"GigabitEthernet0/0/{place}",
            turned(position.traffic(now_s)),
            alias=position.host,
            to=(position.host, UPLINK_PORT),
        )
    return SimHost(
        name=name,
        site=next(each.code for each in DISTRICTS if each.name == district),
        role="switch",
        tree=huawei_switch(Identity(name=name, location=f"UBND {district}"), panel.ports, panel.neighbours),
        tags=("ring",),
        outages=Outages(name),
    )
