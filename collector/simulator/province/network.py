"""What the province's inventory says beside its devices: the ring, a maintenance window, what only people know."""

from datetime import UTC, datetime, timedelta, timezone

from collector.simulator.curves import DAY_S, HOUR_S, ORIGIN_S, WEEK_S
from collector.simulator.province.cabling import slug
from collector.simulator.province.data_centre import CORE_LINK_PORT, CORE_RING_PORT, SUNDAY_RESTART
from collector.simulator.province.places import DISTRICTS, RESTARTED_WEEKLY, RING
from collector.simulator.province.ring import FIRST_PORT, SECOND_PORT

RING_NAME = "lang-son"

_HANOI = timezone(timedelta(hours=7))
_OFFICES, _DISTRICT_OFFICES = 180, 15
_SOURCE = "Sở Thông tin và Truyền thông, báo cáo chuyển đổi số"

_DECLARED: tuple[tuple[str, float], ...] = (
    ("offices", _OFFICES),
    ("offices_with_lan", 174),
    ("offices_on_wan", 158),
    ("offices_with_ipv6", 12),
    ("servers", 42),
    ("servers_in_data_centre", 36),
    ("bts_positions", 612),
    ("bts_stations", 1_874),
    ("population", sum(district.population for district in DISTRICTS)),
    ("population_covered_2g", 781_000),
    ("population_covered_3g", 776_000),
    ("population_covered_4g", 765_000),
    ("population_covered_5g", 118_000),
)
"""of the whole province"""


def network_toml(now_s: float) -> str:
    """`[rings]`, `[[maintenance]]` and `[[declared]]` as of `now_s`."""
    return "\n".join((*_ring(), *_maintenance(now_s), *_declared(now_s)))


def _ring() -> list[str]:
    nodes = ["dc-core-1", *(f"ring-{slug(each)}" for each in RING), "dc-core-2"]
    lines = ["# the fibre ring: by the districts from one core switch to the other, which are cabled to each other"]
    ends = [(node, CORE_RING_PORT if node.startswith("dc-core") else SECOND_PORT) for node in nodes[:-1]]
    begins = [(node, CORE_RING_PORT if node.startswith("dc-core") else FIRST_PORT) for node in nodes[1:]]
    ends.append((nodes[-1], CORE_LINK_PORT))
    begins.append((nodes[0], CORE_LINK_PORT))
    for (a, a_port), (b, b_port) in zip(ends, begins, strict=True):
        lines.append(f"[[rings.{RING_NAME}.spans]]")
        lines.append(f'a = "{a}"\na_interface = "{a_port}"\nb = "{b}"\nb_interface = "{b_port}"\n')
    return lines


def _maintenance(now_s: float) -> list[str]:
    """Sundays from one to three, since months ago."""
    begin_s, _ = SUNDAY_RESTART
    week = (now_s - ORIGIN_S) // WEEK_S - 20
    start_s = ORIGIN_S + week * WEEK_S + begin_s - 0.25 * HOUR_S
    start, end = (datetime.fromtimestamp(at, _HANOI).isoformat() for at in (start_s, start_s + 2 * HOUR_S))
    return [
        "[[maintenance]]",
        f'hosts = ["{RESTARTED_WEEKLY}"]',
        f"start = {start}",
        f"end = {end}",
        'repeat = "weekly"',
        'reason = "cập nhật hệ điều hành"\n',
    ]


def _declared(now_s: float) -> list[str]:
    """As reported in the quarter before."""
    as_of = datetime.fromtimestamp(now_s - 60 * DAY_S, UTC).date().replace(day=1)
    lines = []
    rows = [(indicator, value, "") for indicator, value in _DECLARED]
    rows += [("offices", _DISTRICT_OFFICES + len(district.name) % 4, district.name) for district in DISTRICTS]
    for indicator, value, district in rows:
        lines += ["[[declared]]", f'indicator = "{indicator}"', f"value = {value}"]
        lines += [f'district = "{district}"'] if district else []
        lines += [f'source = "{_SOURCE}"', f"as_of = {as_of}\n"]
    return lines
