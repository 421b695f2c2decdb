"""Which physical ports are used, which have been idle all the time, and which work badly."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from enum import Enum

import msgspec
import numpy as np

from collector.report.context import DAY_NS, Context
from collector.report.network.ports import Port, ports_of, same_port
from inventory.model import Host

SWITCH_PORTS = 8
"""what has that many physical ports is looked at as a switch, whatever its role"""

ERRORS_NS = 7 * DAY_NS
"""errors count that long before the end: what was repaired is forgotten"""

_NEVER = frozenset({"server", "camera", "power"})


class Use(Enum):
    """What a port is used for. `USED` has a link, or a line or ring of the inventory that should give it one; `IDLE` has no
    link now, but had one within the period."""

    USED = "used"
    IDLE = "idle"
    FREE = "free"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


class Used(msgspec.Struct, frozen=True):
    """A physical port and its use.

    Attributes:
        last_used_ns: when an idle port was last seen with a link or traffic.
    """

    port: Port
    use: Use
    last_used_ns: int | None = None
    errors_per_day: float | None = None

    @property
    def is_slow(self) -> bool:
        """Whether it runs below what it is made for."""
        port = self.port
        return bool(port.oper_up) and port.speed_bps is not None and port.speed_bps < (port.class_bps or 0)

    @property
    def is_half(self) -> bool:
        return bool(self.port.oper_up) and self.port.duplex == "half"


class Switch(msgspec.Struct, frozen=True):
    """A host with its physical ports."""

    host: Host
    ports: tuple[Used, ...]


class Tally(msgspec.Struct, frozen=True):
    """How many ports of some are what. `reserve` can be taken for something new: disabled ones only need to be enabled."""

    total: int
    used: int
    idle: int
    free: int
    disabled: int
    unknown: int

    @property
    def reserve(self) -> int:
        return self.free + self.disabled

    @property
    def is_known(self) -> bool:
        return self.unknown < self.total

    @property
    def used_percent(self) -> float | None:
        """Of those whose use is known."""
        known = self.total - self.unknown
        return 100 * (self.used + self.idle) / known if known else None


def tally(ports: Collection[Used]) -> Tally:
    """The count of each use."""
    count = dict.fromkeys(Use, 0)
    for each in ports:
        count[each.use] += 1
    return Tally(len(ports), count[Use.USED], count[Use.IDLE], count[Use.FREE], count[Use.DISABLED], count[Use.UNKNOWN])


def main_class(ports: Collection[Used]) -> int | None:
    """The speed that most of them are made for: where things are plugged in. Uplinks are fewer and no reserve for these."""
    count: dict[int, int] = defaultdict(int)
    for each in ports:
        if each.port.class_bps:
            count[each.port.class_bps] += 1
    return max(count, key=lambda bps: (count[bps], -bps), default=None)


def of_class(ports: Collection[Used], class_bps: int | None) -> list[Used]:
    """Those that are made for that speed; all where none is known."""
    return [each for each in ports if class_bps is None or each.port.class_bps == class_bps]


def switches(context: Context) -> list[Switch]:
    """The selected hosts that have ports for others, with the use of each port, by name."""
    chosen: dict[str, list[Port]] = {}
    for name, ports in ports_of(context).items():
        physical = [port for port in ports.values() if port.is_physical]
        role = context.hosts[name].role
        if physical and (role == "switch" or (role not in _NEVER and len(physical) >= SWITCH_PORTS)):
            chosen[name] = physical
    without_link = {
        (port.host, port.name) for ports in chosen.values() for port in ports if port.oper_up is False and port.admin_up
    }
    last_used = _last_used(context, without_link)
    errors = _errors(context, chosen)
    meant = _meant(context)

    def used(port: Port) -> Used:
        key = (port.host, port.name)
        is_meant = (port.host, same_port(port.name)) in meant
        return _used(port, last_used.get(key), errors.get(key), is_meant=is_meant)

    return [Switch(context.hosts[name], tuple(map(used, ports))) for name, ports in sorted(chosen.items())]


def _meant(context: Context) -> set[tuple[str, str]]:
    """Ports that the inventory needs for a line or a ring, whether there is a link now or not."""
    lines = ((name, link.interface) for name, host in context.hosts.items() for link in host.links)
    spans = [span for ring in context.inventory.rings.values() for span in ring.spans]
    ends = [(span.a_host, span.a_interface) for span in spans] + [(span.b_host, span.b_interface) for span in spans]
    return {(host, same_port(interface)) for host, interface in (*lines, *ends) if interface}


def _used(port: Port, last_used_ns: int | None, errors_per_day: float | None, *, is_meant: bool) -> Used:
    if port.oper_up or is_meant:
        return Used(port, Use.USED, None, errors_per_day)
    if port.admin_up is False:
        return Used(port, Use.DISABLED)
    if port.oper_up is None:
        return Used(port, Use.UNKNOWN)
    return Used(port, Use.FREE if last_used_ns is None else Use.IDLE, last_used_ns)


def _last_used(context: Context, ports: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """When ports without a link were last seen with one, or carried anything that day."""
    if not ports:
        return {}
    hosts = {host for host, _ in ports}
    found: dict[tuple[str, str], int] = {}
    for seen in context.store.sightings(
        "interface",
        ["oper_status"],
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        where={"host": next(iter(hosts))} if len(hosts) == 1 else {},
    ):
        key = (seen.tags["host"], seen.tags.get("name", ""))
        if seen.text == "up" and key in ports:
            found[key] = max(found.get(key, 0), seen.last_ns)
    for history in context.store.histories(
        "interface",
        ["in_bps", "out_bps"],
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        every_s=DAY_NS // 10**9,
        aggregate="max",
        only=[key for key in ports if key not in found],
    ):
        carried = np.fmax(history.values["in_bps"], history.values["out_bps"]) > 0
        if carried.any():
            found[history.tags["host"], history.tags["name"]] = int(history.times_ns[carried][-1])
    return found


def _errors(context: Context, chosen: Mapping[str, Sequence[Port]]) -> dict[tuple[str, str], float]:
    """Packets with errors a day, in and out together, of ports that have any."""
    if not chosen:
        return {}
    found = {}
    fields = ["in_errors_per_s", "out_errors_per_s"]
    for history in context.store.histories(
        "interface",
        fields,
        since_ns=max(context.since_ns, context.until_ns - ERRORS_NS),
        until_ns=context.until_ns,
        every_s=DAY_NS // 10**9,
        only=context.only(chosen),
    ):
        rate = np.nansum([history.values[field] for field in fields], axis=0)
        mean = float(np.average(rate, weights=np.maximum(history.samples, 1)))
        if mean > 0:
            found[history.tags["host"], history.tags["name"]] = mean * 86_400
    return found
