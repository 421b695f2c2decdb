"""What of the inventory is really measured, host by host."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from enum import Enum

import msgspec

from collector.metrics.catalogue import MEASUREMENTS
from collector.metrics.model import FieldValue, Point
from collector.report.availability.fleet import Fleet, fleet
from collector.report.availability.last_seen import last_seen
from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.statistics.spans import length_ns, minus
from inventory.model import Host

TABLES: Mapping[str, tuple[str, ...]] = {
    "interface": ("in_bps", "index"),
    "cpu": ("usage_percent",),
    "memory": ("used_percent", "used_bytes"),
    "storage": ("used_percent", "used_bytes"),
    "sensor": ("value",),
    "ping": ("loss_percent",),
}
"""what is looked for of each host, and fields of it of which there is always one"""

_GIVEN_NS = 2 * HOUR_NS
_MISSED_SHARE = 0.05
"""of the time since it was first asked, from which on missing polls are worth a word"""


class Trouble(Enum):
    """Why a host is not, or not wholly, measured; the worst first."""

    NOTHING_TO_ASK = "nothing to ask"
    NEVER = "never asked"
    SILENT = "silent"
    NO_SNMP = "no SNMP"
    NO_SSH = "no SSH"
    PARTIAL = "partial"
    NO_CREDENTIALS = "no credentials"
    GAPPY = "gaps"
    NO_SITE = "no site"


class Watch(msgspec.Struct, frozen=True):
    """How one enabled host is measured.

    Attributes:
        is_measured: whether it was asked within the last day, whatever it said.
        up, snmp_up, ssh_up, icmp_up: what it said last; None where it was not asked that way.
        tables: the measurements of `TABLES` that it gave within the last two hours of data.
        outcome, error: of its newest poll.
        seen_ns: when it was last asked; None for never.
        poll_p95_s: the usual (median) daily 95th percentile of how long a poll takes.
        missed_ns: time since it was first asked, within the period, in which it was not, while the collector ran.
        known_ns: time within the period of which it is known whether it was up.
    """

    host: Host
    is_measured: bool
    up: bool | None
    snmp_up: bool | None
    ssh_up: bool | None
    icmp_up: bool | None
    tables: frozenset[str]
    outcome: str
    error: str
    seen_ns: int | None
    poll_p95_s: float | None
    missed_ns: int
    known_ns: int

    @property
    def is_only_pinged(self) -> bool:
        """Whether it answers, but tells nothing of itself."""
        return bool(self.icmp_up and not self.snmp_up and not self.ssh_up and not self.host.is_local)

    def troubles(self) -> Iterator[Trouble]:
        """What is wrong with it."""
        host = self.host
        can_tell = host.is_local or bool(host.snmp_credentials or host.ssh_credentials)
        if not self.is_measured:
            if not can_tell and not host.ping:
                yield Trouble.NOTHING_TO_ASK
            else:
                yield Trouble.NEVER if self.seen_ns is None else Trouble.SILENT
        elif not can_tell:
            yield Trouble.NO_CREDENTIALS
        elif self.up:
            if self.snmp_up is False:
                yield Trouble.NO_SNMP
            if self.ssh_up is False:
                yield Trouble.NO_SSH
            if self.outcome == "partial" and self.snmp_up is not False and self.ssh_up is not False:
                yield Trouble.PARTIAL
        if self.is_measured and self.missed_ns > _MISSED_SHARE * (self.missed_ns + self.known_ns):
            yield Trouble.GAPPY
        if host.site is None:
            yield Trouble.NO_SITE


def watches(context: Context) -> list[Watch]:
    """All enabled hosts of the selection, by name."""
    found = fleet(context)
    devices = _newest(context, "device", lambda fields: "up" in fields)
    polls = _newest(context, "poll", lambda fields: "outcome" in fields)
    tables = _tables(context, max((point.time_ns for point in devices.values()), default=context.until_ns))
    seen = last_seen(context, found.hosts, sorted(context.hosts.keys() - devices.keys()))
    slow = _poll_p95_s(context)
    return [
        _watch(context, found, host, devices.get(name), polls.get(name), frozenset(tables[name]), seen.get(name), slow)
        for name, host in sorted(context.hosts.items())
    ]


def _watch(
    context: Context,
    found: Fleet,
    host: Host,
    device: Point | None,
    poll: Point | None,
    tables: frozenset[str],
    seen_ns: int | None,
    slow: Mapping[str, float],
) -> Watch:
    record = found.hosts[host.name]
    said: Mapping[str, FieldValue] = device.fields if device else {}
    polled: Mapping[str, FieldValue] = poll.fields if poll else {}
    unknown = record.unknown
    if unknown and unknown[0][0] == context.since_ns:  # nobody knows whether it was there already
        unknown = unknown[1:]
    unknown = minus(unknown, found.gaps)

    def flag(name: str) -> bool | None:
        return bool(said[name]) if name in said else None

    return Watch(
        host,
        device is not None,
        flag("up"),
        flag("snmp_up"),
        flag("ssh_up"),
        flag("icmp_up"),
        tables,
        str(polled.get("outcome", "")),
        str(polled.get("error", "") or said.get("error", "")),
        device.time_ns if device else seen_ns,
        slow.get(host.name),
        length_ns(unknown),
        record.known_ns,
    )


def _newest(context: Context, measurement: str, good: Callable[[Mapping[str, FieldValue]], bool]) -> dict[str, Point]:
    """The newest good point of each host; one whose family changed has several series."""
    newest: dict[str, Point] = {}
    for point in context.latest(measurement):
        known = newest.get(point.tags["host"])
        if good(point.fields) and (known is None or known.time_ns < point.time_ns):
            newest[point.tags["host"]] = point
    return newest


def _tables(context: Context, newest_ns: int) -> Mapping[str, set[str]]:
    """What each host gave within the last hours of data: a whole day of all interfaces is millions of samples."""
    found: dict[str, set[str]] = defaultdict(set)
    configured = context.inventory.settings.intervals
    for measurement, fields in TABLES.items():
        within_ns = max(_GIVEN_NS, 3 * 10**9 * configured.get(measurement, MEASUREMENTS[measurement].interval_s))
        for history in context.store.histories(
            measurement, fields, since_ns=max(0, newest_ns - within_ns), until_ns=context.until_ns,
            every_s=DAY_NS // 10**9, only=context.only(),
        ):  # fmt: skip
            found[history.tags.get("host", "")].add(measurement)
    return found


def _poll_p95_s(context: Context) -> dict[str, float]:
    import numpy as np

    days: dict[str, list[float]] = defaultdict(list)
    for history in context.store.daily_percentiles(
        "poll", ["duration_s"], 95, since_ns=context.since_ns, until_ns=context.until_ns, only=context.only()
    ):
        values = history.values["duration_s"]
        days[history.tags.get("host", "")] += values[~np.isnan(values)].tolist()
    return {name: float(np.median(values)) for name, values in days.items() if values}


def unseen_lines(context: Context) -> list[tuple[Host, str]]:
    """The lines, by host and interface, of whose interfaces nothing came within the period."""
    wanted = {(host.name, link.interface) for host in context.hosts.values() for link in host.links}
    for history in context.store.histories(
        "interface", TABLES["interface"], since_ns=context.since_ns, until_ns=context.until_ns,
        every_s=DAY_NS // 10**9, only=wanted,
    ) if wanted else ():  # fmt: skip
        wanted.discard((history.tags.get("host", ""), history.tags.get("name", "")))
    return [(context.hosts[name], interface) for name, interface in sorted(wanted)]
