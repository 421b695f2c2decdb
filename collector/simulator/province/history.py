"""The past weeks of the simulated province, as points: what polls would have stored.

Computed of the same devices, through the collector's own decoding and normalising, only without a network, and of what
reports look back at: who was up, what lines and the ring carried, how disks filled, what devices were.
"""

from collections.abc import Iterator, Mapping, Sequence

from collector.metrics.model import FieldValue, Point
from collector.normalise.carried import Carried, carried_by, link_points, station_points
from collector.normalise.normalise import Context, Samples, Stamp, normalise
from collector.plugin.cli.rows import parse
from collector.plugin.model import Row
from collector.plugin.registry import Registry
from collector.simulator.curves import DAY_S, HOUR_S
from collector.simulator.province.learnt import LearntDevice, Part
from collector.simulator.province.mobile import all_positions, stations
from collector.simulator.province.model import Province, SimCli, SimHost
from collector.simulator.province.places import NEW_STATION_COMMUNE, REPLACED, UPGRADED
from collector.simulator.province.ring import FIRST_PORT, SECOND_PORT
from inventory.model import Host, Inventory

DAYS = 35
RECENT_DAYS = 1
"""how long before now lines are told as finely as reports count them"""

_FINE_S = 300
_DEVICE_S = 1_200
"""how often a host says whether it is up, always: where samples grow rarer, some seem to be missing"""
_TRUNKS_S = 2 * HOUR_S
"""how often the ring and the uplinks of base stations are told of, always: means of other lengths would look like a trend"""
_SELDOM_S = 3 * HOUR_S
_NEWS_S = HOUR_S
"""how old a reading is at the most that still tells how things are: incidents of the last hour are in it"""
_STATIONS_S = 12 * HOUR_S
_GAP_DAYS_AGO, _GAP_S = 9, HOUR_S
"""when the collector itself stood still, and for how long"""
_BATCH_POINTS = 30_000
_NEW_STATION_DAYS, _REPLACED_DAYS, _UPGRADED_DAYS = 12, 9, 16
_BEFORE: Mapping[str, tuple[int, dict[str, str]]] = {
    REPLACED: (_REPLACED_DAYS, {"serial": "SIM0A11C2", "os_version": "V200R010C00SPC600"}),
    UPGRADED: (_UPGRADED_DAYS, {"os_version": "V200R019C00SPC500"}),
}
"""by host: what was otherwise until so many days ago"""
_RING_PORTS = (FIRST_PORT, SECOND_PORT)
_NEW_STATIONS = {
    station.id
    for position in all_positions()
    if position.commune.name == NEW_STATION_COMMUNE
    for station in stations(position)
    if station.technology == "5G"
}


def past_points(
    inventory: Inventory, province: Province, now_s: float, *, days: int = DAYS, recent_days: int = RECENT_DAYS
) -> Iterator[list[Point]]:
    """The points of the `days` before `now_s` in the order of time, some ten thousand at once."""
    registry = Registry.open([])
    carried = carried_by(inventory)
    past: list[_Past] = [
        _SnmpPast(inventory.hosts[host.name], host, LearntDevice(device, registry, now_s), carried, now_s)
        for host, device in zip(province.hosts, province.devices("127.0.0.1"), strict=True)
    ]
    past += [_CliPast(inventory.hosts[host.name], host, carried, now_s, registry) for host in province.command_lines]
    last_s = int(now_s - 1) // _FINE_S * _FINE_S
    fine_from_s = last_s - recent_days * DAY_S
    gap_s = (now_s - _GAP_DAYS_AGO * DAY_S) // DAY_S * DAY_S
    points: list[Point] = []
    for at_s in range(last_s - days * DAY_S + _FINE_S, last_s + _FINE_S, _FINE_S):
        if (at_s >= fine_from_s or at_s % _DEVICE_S == 0) and not gap_s <= at_s < gap_s + _GAP_S:
            for one in past:
                one.poll(at_s, points, fine=at_s >= fine_from_s)
        if len(points) >= _BATCH_POINTS:
            yield points
            points = []
    yield points


class _Past:
    """One host: `poll` is one cycle of it."""

    def __init__(self, host: Host, family: str, carried: Mapping[str, Sequence[Carried]], now_s: float) -> None:
        self.host = host
        self._device_tags = {**host.point_tags(), "family": family}
        self._carried = carried.get(host.name, [])
        self._now_s = now_s
        self._samples: Samples = {}

    def poll(self, at_s: int, points: list[Point], *, fine: bool) -> None:
        raise NotImplementedError

    def _device(self, at_s: int, **fields: FieldValue) -> list[Point]:
        """Whether it is up, now and then."""
        return [] if at_s % _DEVICE_S else [Point("device", self._device_tags, fields, at_s * 10**9)]

    def _normalised(self, rows: Sequence[Row], stamps: Sequence[Stamp], at_s: int) -> list[Point]:
        made = normalise(rows, stamps, Context.of(self.host, at_s * 10**9), self._samples)
        self._samples = made.samples
        return made.points

    def _what_it_carries(self, at_s: int, up: bool, points: list[Point]) -> list[Point]:
        """Lines and stations, a few times a day."""
        if at_s % _STATIONS_S:
            return []
        carried = self._carried
        if self._now_s - at_s > _NEW_STATION_DAYS * DAY_S:
            carried = [each for each in carried if each.station.id not in _NEW_STATIONS]
        return link_points(self.host, at_s * 10**9) + station_points(carried, self.host, up, points, at_s * 10**9)

    def _info(self, facts: Mapping[str, FieldValue], at_s: int) -> dict[str, FieldValue]:
        """What was known of the device then."""
        days, before = _BEFORE.get(self.host.name, (0, {}))
        return {**facts, **before} if self._now_s - at_s > days * DAY_S else dict(facts)


class _SnmpPast(_Past):
    def __init__(
        self,
        host: Host,
        simulated: SimHost,
        learnt: LearntDevice,
        carried: Mapping[str, Sequence[Carried]],
        now_s: float,
    ) -> None:
        super().__init__(host, learnt.plan.family, carried, now_s)
        self._down = simulated.outages.down
        self._learnt = learnt
        lines = [line.interface for line in simulated.lines]
        self._lines = learnt.part(("interface",), lines) if lines else None
        self._lines_s = HOUR_S if host.role == "wan-router" else _TRUNKS_S
        self._ring_ports = learnt.part(("interface",), _RING_PORTS) if "ring" in simulated.tags else None
        self._rest = self._part_of_role()

    def _part_of_role(self) -> Part | None:
        match self.host.role:
            case "server":
                return self._learnt.part(("cpu", "memory", "storage"))
            case "power":
                return self._learnt.part(("sensor", "state"))
            case _:
                return None

    def poll(self, at_s: int, points: list[Point], *, fine: bool) -> None:
        if self._down(at_s):
            error = f"no answer within {self.host.limits.timeout_s:.3g} s"
            points += self._device(at_s, up=False, snmp_up=False, error=error)
            points += self._what_it_carries(at_s, False, [])
            return
        points += self._device(at_s, up=True, snmp_up=True, uptime_s=self._learnt.uptime_ticks(at_s) / 100)
        rows: list[Row] = []
        stamps: list[Stamp] = []
        for part, is_due in (
            (self._lines, fine or at_s % self._lines_s == 0),
            (self._ring_ports, at_s % _TRUNKS_S == 0),
            (self._rest, at_s % _SELDOM_S == 0 or self._now_s - at_s < _NEWS_S),
        ):
            if part and is_due:
                more, their_stamps = part.read(at_s)
                rows += more
                stamps += their_stamps
        made = self._normalised(rows, stamps, at_s) if rows else []
        if at_s % DAY_S == 0:
            facts = self._info(self._learnt.plan.facts, at_s)
            points.append(Point("device_info", self.host.point_tags(), facts, at_s * 10**9))
        points += made
        points += self._what_it_carries(at_s, True, made)


_CLI_FAMILIES = {"cisco_ios": "cisco/ios", "huawei": "huawei/vrp"}
"""by the platform whose manners it has"""


class _CliPast(_Past):
    """A device without SNMP. Its outputs take long to be read, so it tells of less."""

    def __init__(
        self,
        host: Host,
        simulated: SimCli,
        carried: Mapping[str, Sequence[Carried]],
        now_s: float,
        registry: Registry,
    ) -> None:
        family = _CLI_FAMILIES[simulated.platform]
        super().__init__(host, family, carried, now_s)
        self._family = registry.cli(family)
        self._answer = simulated.answer
        self._booted_s: float | None = None

    def poll(self, at_s: int, points: list[Point], *, fine: bool) -> None:
        wanted = set()
        if self.host.links and at_s % HOUR_S == 0:
            wanted.add("interface")
        if at_s % DAY_S == 0:
            wanted |= {"device", "device_info"}
        if self._booted_s is None:
            wanted.add("device")
        rows = self._rows(at_s, wanted) if wanted else []
        lines = {link.interface for link in self.host.links}
        kept = [row for row in rows if row.measurement == "device_info" or row.tags.get("name") in lines]
        made = self._normalised(kept, [Stamp(float(at_s))] * len(kept), at_s)
        for row in rows:
            if row.measurement == "device" and isinstance(uptime_s := row.fields.get("uptime_s"), (int, float)):
                self._booted_s = at_s - uptime_s
        points += self._device(at_s, up=True, ssh_up=True, uptime_s=float(at_s - (self._booted_s or at_s)))
        points += made
        points += self._what_it_carries(at_s, True, made)

    def _rows(self, at_s: int, wanted: set[str]) -> list[Row]:
        rows: list[Row] = []
        for command in self._family.commands if self._family else ():
            if command.measurements & wanted:
                output = next(filter(None, (self._answer(text, at_s) for text in command.texts)), None)
                rows += parse(command, output, wanted).rows if output else []
        return rows
