"""The whole province.

Everything in it is a function of absolute time, so that its history can be simulated too. Only the incidents are placed
relative to one moment: a UPS has been on battery for a quarter of an hour, a span of the ring is cut since
yesterday, a base station is down for hours, a disk has filled for weeks.
"""

from collector.simulator.province.data_centre import core_switches, data_centre_site, power, servers
from collector.simulator.province.mobile import all_positions, bts_site, bts_uplink, positions, stations
from collector.simulator.province.model import Province
from collector.simulator.province.offices import office, office_site
from collector.simulator.province.places import DISTRICTS, RING
from collector.simulator.province.ring import ring_node
from collector.simulator.province.unmanaged import command_lines


def make_province(now_s: float) -> Province:
    """The province with its incidents placed about `now_s`, seconds since the Unix epoch."""
    return Province(
        sites=[
            data_centre_site(),
            *map(office_site, DISTRICTS),
            *map(bts_site, all_positions()),
        ],
        hosts=[
            *core_switches(now_s),
            *servers(now_s),
            *power(now_s),
            *(host for district in DISTRICTS for host in office(district, now_s)),
            *(ring_node(district, now_s) for district in RING),
            *(bts_uplink(position, now_s) for position in positions()),
        ],
        command_lines=[*command_lines(now_s)],
        stations=[station for position in all_positions() for station in stations(position)],
    )
