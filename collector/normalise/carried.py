"""Points about what a host carries: its contracted lines (`link`), the radio stations behind it (`station`). Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import msgspec

from collector.metrics.battery import Said, on_battery
from collector.metrics.model import FieldValue, Point
from inventory.model import Host, Inventory, Station
from inventory.uplinks import uplinks

_LOST_PER_S = 0.1
"""packets with errors, or dropped, from which on an uplink counts as bad: a stray one is nothing"""
_LOSSES = tuple(f"{way}_{what}_per_s" for way in ("in", "out") for what in ("errors", "discards"))


class Carried(msgspec.Struct, frozen=True):
    """A station, with the tags of its points: those of the host that carries it, but where the station stands."""

    station: Station
    tags: Mapping[str, str]


def carried_by(inventory: Inventory) -> dict[str, list[Carried]]:
    """The stations by the host that carries their traffic."""
    carriers = uplinks(inventory)
    carried: dict[str, list[Carried]] = defaultdict(list)
    for station in inventory.stations:
        if name := carriers.get(station.id):
            carried[name].append(Carried(station, _tags(station, inventory.hosts[name], inventory)))
    return dict(carried)


def _tags(station: Station, host: Host, inventory: Inventory) -> dict[str, str]:
    at_site = msgspec.structs.replace(host, site=inventory.sites.get(station.site, host.site))
    tags = at_site.point_tags() | {"name": station.id, "technology": station.technology}
    return tags | {"operator": station.operator} if station.operator else tags


def link_points(host: Host, time_ns: int) -> list[Point]:
    """What was contracted for the host's lines, as far as it is written."""
    made = []
    for link in host.links:
        written: dict[str, FieldValue | None] = {
            "contract_in_bps": link.contract_in_bps,
            "contract_out_bps": link.contract_out_bps,
            "provider": link.provider or None,
            "kind": link.kind or None,
            "circuit_id": link.circuit_id or None,
        }
        if fields := {name: value for name, value in written.items() if value is not None}:
            made.append(Point("link", {**host.point_tags(), "name": link.interface}, fields, time_ns))
    return made


def station_points(
    carried: Sequence[Carried], host: Host, up: bool, points: Sequence[Point], time_ns: int
) -> list[Point]:
    """How the stations behind `host` are, whose `points` of this cycle tell of its uplinks and of its power."""
    fields: dict[str, FieldValue] = {"up": up}
    if up and (degraded := _is_degraded(host, points)) is not None:
        fields["degraded"] = degraded
    return [Point("station", dict(each.tags), fields.copy(), time_ns) for each in carried]


def _is_degraded(host: Host, points: Sequence[Point]) -> bool | None:
    """Whether a contracted line loses packets or is down, or the power comes from a battery; None where no point says."""
    lines = {link.interface for link in host.links}
    uplinks = [
        point.fields for point in points if point.measurement == "interface" and point.tags.get("name", "") in lines
    ]
    battery = on_battery(Said.of(point) for point in points if point.measurement == "state")
    if battery or any(map(_is_bad, uplinks)):
        return True
    return False if uplinks or battery is not None else None


def _is_bad(uplink: Mapping[str, FieldValue]) -> bool:
    losses = (uplink.get(name) for name in _LOSSES)
    if any(isinstance(lost, (int, float)) and lost >= _LOST_PER_S for lost in losses):
        return True
    return uplink.get("oper_status") in ("down", "lower-layer-down")
