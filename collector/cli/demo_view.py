"""What there is to see in the simulated province, made of the latest points and the inventory. Pure, but for the reading."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from collector.cli.units import bits_per_second, duration, octets
from collector.metrics.model import FieldValue, Point
from inventory.model import Host, Inventory

Latest = Callable[[str], Sequence[Point]]
"""the newest points of a measurement"""

_SATURATED_PERCENT = 90.0
_FULL_PERCENT = 90.0
_SHOWN = 8
_MINOR_MEMORY = ("buffers", "cached", "shared")


@dataclass(frozen=True, slots=True)
class Finding:
    """A table: what it is about, its columns, its rows; `bad` are the rows to look at first."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    bad: frozenset[int] = frozenset()


def findings(inventory: Inventory, latest: Latest) -> Iterator[Finding]:
    """All there is to tell, nothing where there is nothing."""
    interfaces = {(point.tags["host"], point.tags["name"]): point for point in latest("interface")}
    devices = {point.tags["host"]: point for point in latest("device")}
    neighbours = {(point.tags["host"], point.tags["name"]): point for point in latest("neighbour")}
    for finding in (
        silent_hosts(inventory, devices),
        busy_lines(inventory, interfaces),
        power(latest("sensor"), latest("state")),
        ring(inventory, interfaces, neighbours),
        full_disks(latest("storage")),
        command_lines(inventory, interfaces, latest("device_info"), latest("cpu")),
        thin_communes(inventory, devices),
        this_machine(inventory, devices, latest),
    ):
        if finding.rows:
            yield finding


def silent_hosts(inventory: Inventory, devices: dict[str, Point]) -> Finding:
    """Hosts that are down, and why."""
    rows = []
    for name, point in sorted(devices.items()):
        if not point.fields.get("up"):
            site = inventory.hosts[name].site
            rows.append((name, site.name if site else "", str(point.fields.get("error", ""))))
    return Finding("Hosts that are down", ("host", "site", "why"), rows, frozenset(range(len(rows))))


def busy_lines(inventory: Inventory, interfaces: dict[tuple[str, str], Point]) -> Finding:
    """The busiest of the contracted lines."""
    lines: list[tuple[float, tuple[str, ...]]] = []
    for host in inventory.hosts.values():
        for link in host.links:
            fields = interfaces[host.name, link.interface].fields if (host.name, link.interface) in interfaces else {}
            used = max(_number(fields, "in_util_percent") or 0.0, _number(fields, "out_util_percent") or 0.0)
            if fields:
                rates = (bits_per_second(_number(fields, f"{way}_bps")) for way in ("in", "out"))
                contract = bits_per_second(link.contract_in_bps)
                lines.append((used, (host.name, link.interface, contract, *rates, f"{used:.0f} %")))
    lines.sort(reverse=True)
    bad = frozenset(place for place, (used, _) in enumerate(lines[:_SHOWN]) if used > _SATURATED_PERCENT)
    columns = ("host", "interface", "contract", "in", "out", "used")
    return Finding("The busiest lines", columns, [row for _, row in lines[:_SHOWN]], bad)


def power(sensors: Sequence[Point], states: Sequence[Point]) -> Finding:
    """UPSes: what feeds them, and how long they last."""
    readings: dict[str, dict[str, float]] = defaultdict(dict)
    for point in sensors:
        value = _number(point.fields, "value")
        if point.tags.get("role") == "power" and value is not None:
            readings[point.tags["host"]].setdefault(point.tags["class"], value)
    troubles: dict[str, list[str]] = defaultdict(list)
    for point in states:
        if point.tags.get("role") == "power" and point.fields.get("ok") is False:
            troubles[point.tags["host"]].append(f"{point.tags['name']}: {point.fields['text']}")
    rows: list[tuple[str, ...]] = []
    bad: set[int] = set()
    for place, (host, values) in enumerate(sorted(readings.items())):
        left = duration(values["runtime"]) if "runtime" in values else ""
        charge = f"{values['charge']:.0f} %" if "charge" in values else ""
        rows.append((host, "; ".join(troubles[host]) or "all is well", charge, left))
        if troubles[host]:
            bad.add(place)
    return Finding("Power", ("UPS", "state", "charge", "lasts"), rows, frozenset(bad))


def ring(
    inventory: Inventory, interfaces: dict[tuple[str, str], Point], neighbours: dict[tuple[str, str], Point]
) -> Finding:
    """The two ring ports of each node of the fibre ring."""
    rows: list[tuple[str, ...]] = []
    bad: set[int] = set()
    for (name, port), point in sorted(interfaces.items()):
        host = inventory.hosts.get(name)
        if host is None or "ring" not in host.tags or not port.startswith("X"):
            continue
        heard = neighbours.get((name, port))
        state = str(point.fields.get("oper_status", ""))
        if state != "up":
            bad.add(len(rows))
        carried = max(_number(point.fields, f"{way}_bps") or 0.0 for way in ("in", "out"))
        hears = str(heard.fields.get("remote_host", "")) if heard else "nobody"
        rows.append((name, port, state, hears, bits_per_second(carried)))
    return Finding("Fibre ring", ("node", "port", "state", "hears", "carries"), rows, frozenset(bad))


def full_disks(storages: Sequence[Point]) -> Finding:
    """File systems that are nearly full."""
    rows = []
    for point in sorted(storages, key=lambda point: -(_number(point.fields, "used_percent") or 0.0)):
        used = _number(point.fields, "used_percent") or 0.0
        if used > _FULL_PERCENT:
            size = octets(_number(point.fields, "total_bytes") or 0.0)
            rows.append((point.tags["host"], point.tags["name"], size, f"{used:.1f} %"))
    return Finding("Disks nearly full", ("host", "disk", "size", "used"), rows, frozenset(range(len(rows))))


def command_lines(
    inventory: Inventory,
    interfaces: dict[tuple[str, str], Point],
    infos: Sequence[Point],
    processors: Sequence[Point],
) -> Finding:
    """Devices without SNMP: what their command lines tell."""
    known = {point.tags["host"]: point.fields for point in infos}
    rows = []
    for host in inventory.hosts.values():
        ports = [point for (name, _), point in interfaces.items() if name == host.name]
        if host.snmp_credentials or not host.ssh_credentials or not ports:
            continue
        info = known.get(host.name, {})
        what = " ".join(str(info[name]) for name in ("vendor", "model", "os", "os_version") if name in info)
        up = sum(point.fields.get("oper_status") == "up" for point in ports)
        busiest = max(_number(point.fields, f"{way}_bps") or 0.0 for point in ports for way in ("in", "out"))
        usage = next((_number(point.fields, "usage_percent") for point in _of(processors, host.name)), None)
        cpu = "" if usage is None else f"{usage:.0f} %"
        rows.append((host.name, what, cpu, f"{up} of {len(ports)}", bits_per_second(busiest)))
    return Finding("Asked by SSH, without SNMP", ("host", "what it is", "cpu", "ports up", "busiest port"), rows)


def thin_communes(inventory: Inventory, devices: dict[str, Point]) -> Finding:
    """Communes of several BTS positions of which only one lives."""
    positions: dict[tuple[str, str], set[Host]] = defaultdict(set)
    for station in inventory.stations:
        site, uplink = inventory.sites[station.site], inventory.hosts.get(station.uplink or "")
        if uplink and uplink.name in devices:
            positions[site.district, site.commune].add(uplink)
    rows = []
    for (district, commune), hosts in sorted(positions.items()):
        living = [host for host in hosts if devices[host.name].fields.get("up")]
        if len(living) <= 1 < len(hosts):
            left = living[0].name if living else "none"
            rows.append((commune, district, f"{len(living)} of {len(hosts)}", left))
    return Finding(
        "Communes with a single live BTS", ("commune", "district", "live", "left"), rows, frozenset(range(len(rows)))
    )


def this_machine(inventory: Inventory, devices: dict[str, Point], latest: Latest) -> Finding:
    """The machine that the collector runs on."""
    name = next((host.name for host in inventory.hosts.values() if host.transport == "local"), "")
    rows: list[tuple[str, ...]] = []
    uptime = _number(devices[name].fields, "uptime_s") if name in devices else None
    if uptime is not None:
        rows.append(("up", duration(uptime)))
    rows += [
        (f"cpu {point.tags['name']}", f"{_number(point.fields, 'usage_percent') or 0.0:.0f} %")
        for point in _of(latest("cpu"), name)[:4]
    ]
    for measurement in ("memory", "storage"):
        points = [point for point in _of(latest(measurement), name) if point.tags["kind"] not in _MINOR_MEMORY]
        for point in points[:4]:
            used, total = _number(point.fields, "used_percent"), _number(point.fields, "total_bytes")
            if used is not None and total is not None:
                rows.append((f"{measurement} {point.tags['name']}", f"{used:.0f} % of {octets(total)}"))
    return Finding("This machine", ("what", "how much"), rows)


def _of(points: Sequence[Point], host: str) -> list[Point]:
    return [point for point in points if point.tags["host"] == host]


def _number(fields: dict[str, FieldValue], name: str) -> float | None:
    value = fields.get(name)
    return float(value) if isinstance(value, int | float) else None
