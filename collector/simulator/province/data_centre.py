"""The data centre: two core switches, the servers, the power."""

from collections.abc import Iterator

from collector.simulator.curves import BACKUP, DAY_S, HOUR_S, OFFICE, Outages, rising
from collector.simulator.devices.build import SOFTWARE_LOOPBACK
from collector.simulator.devices.models import Identity, apc_ups, huawei_switch, linux_server, standard_ups
from collector.simulator.devices.power import Battery
from collector.simulator.devices.server import Disk
from collector.simulator.province.cabling import GBPS, MBPS, Panel, both, slug, turned
from collector.simulator.province.model import SimHost, SimSite
from collector.simulator.province.places import CENTRE, DISTRICTS, RESTARTED_WEEKLY, RING
from collector.simulator.province.ring import FIRST_PORT, SECOND_PORT, ring_traffic
from collector.simulator.tree import Level

DATA_CENTRE = "LS-DC"
CORE_LINK_PORT, CORE_RING_PORT = "XGigabitEthernet0/0/1", "XGigabitEthernet0/0/2"
"""a core switch's port towards the other one, and towards the ring"""
_TIB = 1 << 40
SUNDAY_RESTART = (6 * DAY_S + 1.25 * HOUR_S, 1_500.0)
"""when in the week, and for how long"""


def data_centre_site() -> SimSite:
    """In the province's city."""
    city = DISTRICTS[0]
    return SimSite(
        id=DATA_CENTRE,
        name="Trung tâm dữ liệu tỉnh",
        kind="data-centre",
        commune=CENTRE.name,
        district=CENTRE.district,
        lat=CENTRE.lat,
        lon=CENTRE.lon,
        population=city.population,
    )


def core_switches(now_s: float) -> Iterator[SimHost]:
    """Two switches, each with an end of the ring, the cable between them, and the servers."""
    ring_nodes = (f"ring-{slug(RING[0])}", f"ring-{slug(RING[-1])}")
    between = both("core", OFFICE, 2.4 * GBPS, 1.7 * GBPS, growth_per_year=0.25, as_of_s=now_s)
    for number, (ring_node, its_port) in enumerate(zip(ring_nodes, (FIRST_PORT, SECOND_PORT), strict=True), 1):
        name, other = f"dc-core-{number}", f"dc-core-{3 - number}"
        panel = Panel(name)
        panel.add(
            CORE_LINK_PORT,
            between if number == 1 else turned(between),
            alias=f"to {other}",
            speed_bps=10 * GBPS,
            to=(other, CORE_LINK_PORT),
        )
        span = (
            ring_traffic("dc-core-1", ring_node, now_s)
            if number == 1
            else turned(ring_traffic(ring_node, "dc-core-2", now_s))
        )
        panel.add(CORE_RING_PORT, span, alias=f"ring to {ring_node}", speed_bps=10 * GBPS, to=(ring_node, its_port))
        for place, (server, peak_bps, shape, _) in enumerate(_SERVERS, 1):
            octets = both(f"{server} {number}", shape, 0.5 * peak_bps, 0.5 * peak_bps)
            panel.add(f"GigabitEthernet0/0/{place}", octets, alias=server)
        for place in range(len(_SERVERS) + 1, 25):
            panel.add(f"GigabitEthernet0/0/{place}")
        who = Identity(name=name, location="Trung tâm dữ liệu tỉnh, tủ 1")
        yield SimHost(
            name=name,
            site=DATA_CENTRE,
            role="switch",
            tree=huawei_switch(who, panel.ports, panel.neighbours),
            tags=("core", "ring"),
            outages=Outages(name),
        )


_SERVERS = (
    ("srv-web-1", 300 * MBPS, OFFICE, (("/", 0.2, 0.45),)),
    ("srv-db-1", 420 * MBPS, OFFICE, (("/", 0.2, 0.31), ("/var/lib/postgresql", 2.0, 0.58))),
    ("srv-mail-1", 150 * MBPS, OFFICE, (("/", 0.2, 0.40), ("/srv/mail", 1.5, 0.71))),
    ("srv-gis-1", 220 * MBPS, OFFICE, (("/", 0.2, 0.52), ("/srv/tiles", 3.0, 0.66))),
    ("srv-file-1", 500 * MBPS, OFFICE, (("/", 0.2, 0.28), ("/srv/share", 6.0, 0.62))),
    ("srv-backup-1", 800 * MBPS, BACKUP, (("/", 0.2, 0.33), ("/srv/backup", 7.0, 0.97))),
)
"""name, traffic, when it is busy, and its file systems: path, size in TiB, share in use"""


def servers(now_s: float) -> Iterator[SimHost]:
    """Servers; the last disk of the backup server has been filling for weeks."""
    for place, (name, peak_bps, shape, mounts) in enumerate(_SERVERS):
        panel = Panel(name)
        panel.add("lo", kind=SOFTWARE_LOOPBACK, speed_bps=10 * MBPS)
        panel.add("eno1", both(f"{name} eno1", shape, 0.5 * peak_bps, 0.5 * peak_bps))
        panel.add("eno2", both(f"{name} eno2", shape, 0.5 * peak_bps, 0.5 * peak_bps))
        disks = [_disk(f"sd{'abcd'[row]}", *mount, now_s) for row, mount in enumerate(mounts)]
        who = Identity(name=name, location="Trung tâm dữ liệu tỉnh, tủ 2")
        yield SimHost(
            name=name,
            site=DATA_CENTRE,
            role="server",
            tree=linux_server(who, panel.ports, disks, cpus=4 + 4 * (place % 2), memory_bytes=32 << 30, shape=shape),
            tags=("dc",),
            outages=Outages(name, weekly=SUNDAY_RESTART if name == RESTARTED_WEEKLY else None),
        )


def _disk(device: str, path: str, size_tib: float, used: float, now_s: float) -> Disk:
    """A file system that has used that share at `now_s`; one that is nearly full has grown by half within 60 days."""
    size_bytes = int(size_tib * _TIB)
    used_bytes: int | Level = int(used * size_bytes)
    if used > 0.9:
        grown_bytes = 0.45 * size_bytes
        began_s = now_s - 60 * DAY_S
        used_bytes = rising(began_s, grown_bytes / (60 * DAY_S), size_bytes, int(used * size_bytes - grown_bytes))
    return Disk(path=path, device=device, size_bytes=size_bytes, used_bytes=used_bytes)


def power(now_s: float) -> Iterator[SimHost]:
    """Two UPSes of the data centre, 20 and 3 kVA; the first lost its mains a quarter of an hour ago."""
    batteries = {"ups-dc-1": Battery(mains_lost_s=now_s - 900), "ups-dc-2": Battery(runtime_s=2_700)}
    makes = (standard_ups, 43, 16_000), (apc_ups, 27, 2_700)
    for (name, battery), (make, load_percent, rated_w) in zip(batteries.items(), makes, strict=True):
        panel = Panel(name)
        panel.add("eth0", both(name, OFFICE, 9_000, 14_000), speed_bps=100 * MBPS)
        who = Identity(name=name, location="Trung tâm dữ liệu tỉnh, phòng nguồn")
        yield SimHost(
            name=name,
            site=DATA_CENTRE,
            role="power",
            tree=make(who, panel.ports, battery, load_percent),
            tags=("dc",),
            outages=Outages(name),
            rated_power_w=rated_w,
        )
