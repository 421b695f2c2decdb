"""Which hosts, sites and districts were up, and when they were not.

The rules:

- An outage begins with the first sample that is not up and ends with the next one that is: both ends are late by up to the
  interval of the samples, the length is right in the mean. It is open where no sample says that it ended.
- A host without samples, while others have some, was not asked: that time is unknown, and counts neither as up nor as down.
  A few polls missing in a row (`outage_reading.BRIDGED_NS`) are no such time. A host that is down before and after was down
  all along, as the dead are asked seldom.
- Time in which no host at all has samples is a gap of the collector's own, and unknown for all.
- Maintenance counts neither as up nor as down. An outage is one if any of it is outside of maintenance.
- Percent up is time up by time up or down.
- A site is up while any of its routers (else of its other hosts) is, and down while none is and at least one is down.
- An area's availability is the mean of its sites', weighted by the time that is known of them.
"""

import weakref
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum

import msgspec

from collector.report import outage_reading
from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.outage_reading import BRIDGED_NS, S_NS, Reading
from collector.report.spans import Spans, common, length_ns, merged, minus
from inventory.maintenance import windows
from inventory.model import Host, Role, Site

_LOOK_BACK_NS = 400 * DAY_NS

GATES: frozenset[Role] = frozenset(("wan-router", "bts-uplink"))
"""roles of the hosts that connect a site"""


class Outage(msgspec.Struct, frozen=True):
    """One time of being down.

    Attributes:
        start_ns: of the first sample that is not up. One that began before the period and has not ended begins, to the
            hour, when the host was last up; one that ended begins with the period and `is_cut`.
        end_ns: of the next sample that is up, None where there is none yet.
        down_ns: how long, without maintenance and unknown time.
    """

    start_ns: int
    end_ns: int | None
    down_ns: int
    is_cut: bool = False


class State(Enum):
    """How something is at the end of the period."""

    UP = "up"
    DOWN = "down"
    MAINTENANCE = "maintenance"
    """down, and expected to be"""
    UNKNOWN = "unknown"


class Record(msgspec.Struct, frozen=True):
    """How a host or a site fared over a period.

    Attributes:
        state: how it is at the end.
        down: all time down, in maintenance too.
        unknown: all time of which nobody knows.
        excused: maintenance.
        up_ns, down_ns: outside of maintenance.
        outages: those that count, ascending.
        restarts: how often it restarted without being seen down; for a site, 0.
        interval_ns: the time between two samples, which is how exact all this is; 0 where there is none.
    """

    state: State
    down: Spans
    unknown: Spans
    excused: Spans
    up_ns: int
    down_ns: int
    outages: tuple[Outage, ...]
    restarts: int = 0
    interval_ns: int = 0

    @property
    def known_ns(self) -> int:
        """How long it is known whether it was up, outside of maintenance."""
        return self.up_ns + self.down_ns

    @property
    def percent_up(self) -> float | None:
        """Of the known time; None where there is none."""
        return percent_up(self.up_ns, self.down_ns)

    @property
    def open_outage(self) -> Outage | None:
        """The one that has not ended."""
        return self.outages[-1] if self.outages and self.outages[-1].end_ns is None else None

    @property
    def longest(self) -> Outage | None:
        """The longest outage."""
        return max(self.outages, key=lambda outage: outage.down_ns, default=None)

    @property
    def mttr_s(self) -> float | None:
        """Mean time down of an outage."""
        return self.down_ns / len(self.outages) / 1e9 if self.outages else None

    @property
    def mtbf_s(self) -> float | None:
        """Mean time up between two failures; None where there was no outage, as it is longer than anybody looked."""
        return self.up_ns / len(self.outages) / 1e9 if self.outages else None


class Fleet(msgspec.Struct, frozen=True):
    """Everything of a context.

    Attributes:
        hosts: by name, all selected hosts.
        sites: by id, those with a selected host.
        gates: by site, the names of the hosts that it is judged by.
        gaps: when the collector itself recorded nothing.
        first_ns: the first sample of any host within the period; None where there is none.
        exact_from_ns: before this, outages are known to the hour only.
    """

    hosts: Mapping[str, Record]
    sites: Mapping[str, Record]
    gates: Mapping[str, tuple[str, ...]]
    gaps: Spans
    first_ns: int | None
    exact_from_ns: int


_kept: "weakref.WeakKeyDictionary[Context, Fleet]" = weakref.WeakKeyDictionary()


def fleet(context: Context) -> Fleet:
    """How the hosts and sites of a context fared; computed once for each context."""
    if context not in _kept:
        _kept[context] = _fleet(context)
    return _kept[context]


def percent_up(up_ns: int, down_ns: int) -> float | None:
    """The share of the known time; None where there is none."""
    return 100.0 * up_ns / (up_ns + down_ns) if up_ns + down_ns else None


def mean_percent_up(records: Iterable[Record]) -> float | None:
    """Of several hosts or sites, weighted by the time that is known of each."""
    chosen = list(records)
    return percent_up(sum(record.up_ns for record in chosen), sum(record.down_ns for record in chosen))


def record_of(
    down: Spans,
    unknown: Spans,
    excused: Spans,
    since_ns: int,
    until_ns: int,
    *,
    restarts: int = 0,
    interval_ns: int = 0,
) -> Record:
    """The record of what is down, unknown and excused within `[since_ns, until_ns)`; `down` and `unknown` are apart."""
    counted = minus(down, excused)
    down_ns = length_ns(counted)
    known_ns = until_ns - since_ns - length_ns(merged((*unknown, *excused)))
    outages = outages_of(down, unknown, counted, since_ns, until_ns)
    return Record(
        _state(down, unknown, excused, until_ns),
        down,
        unknown,
        excused,
        known_ns - down_ns,
        down_ns,
        outages,
        restarts,
        interval_ns,
    )


def _state(down: Spans, unknown: Spans, excused: Spans, until_ns: int) -> State:
    # what was down when it was last asked is down
    end_ns = unknown[-1][0] if unknown and unknown[-1][1] == until_ns else until_ns
    if down and down[-1][1] == end_ns:
        return State.MAINTENANCE if excused and excused[-1][1] == until_ns else State.DOWN
    return State.UP if end_ns == until_ns else State.UNKNOWN


def outages_of(down: Spans, unknown: Spans, counted: Spans, since_ns: int, until_ns: int) -> tuple[Outage, ...]:
    """The outages that `counted`, a part of `down`, touches. Unknown time alone does not end one."""
    known_after = minus(((since_ns, until_ns),), merged((*down, *unknown)))
    ends = iter((*(start for start, _ in known_after), None))
    runs: list[tuple[int, int | None, list[int]]] = []
    end: int | None = since_ns
    for number, (start, _) in enumerate(down):
        while end is not None and end <= start:
            end = next(ends)
        if runs and runs[-1][1] == end:
            runs[-1][2].append(number)
        else:
            runs.append((start, end, [number]))
    found = []
    for start, end, numbers in runs:
        down_ns = length_ns(common(tuple(down[number] for number in numbers), counted))
        if down_ns:
            found.append(Outage(start, end, down_ns, start == since_ns))
    return tuple(found)


def gates_of(hosts: Sequence[Host]) -> tuple[str, ...]:
    """Of the hosts of one site, those by which it is up: its routers, else all but none."""
    routers = tuple(host.name for host in hosts if host.role in GATES)
    return routers or tuple(host.name for host in hosts)


def site_record(gates: Sequence[Record], since_ns: int, until_ns: int) -> Record:
    """A site as the hosts that connect it show it. One of which nothing at all is known tells nothing."""
    period: Spans = ((since_ns, until_ns),)
    told = [gate for gate in gates if gate.unknown != period] or list(gates)
    not_up = unknown = excused = period
    for gate in told:
        not_up = common(not_up, merged((*gate.down, *gate.unknown)))
        unknown = common(unknown, gate.unknown)
        excused = common(excused, gate.excused)
    interval_ns = max((gate.interval_ns for gate in told), default=0)
    record = record_of(minus(not_up, unknown), unknown, excused, since_ns, until_ns, interval_ns=interval_ns)
    firsts = [gate.outages[0] if gate.outages else None for gate in told]
    starts = [first.start_ns for first in firsts if first and first.start_ns < since_ns]
    # it went down with the last of its gates
    return _beginning(record, max(starts)) if starts and len(starts) == len(told) else record


def _beginning(record: Record, start_ns: int) -> Record:
    """The record, its first outage beginning before the period."""
    if not record.outages or not record.outages[0].is_cut:
        return record
    first = msgspec.structs.replace(record.outages[0], start_ns=start_ns, is_cut=False)
    return msgspec.structs.replace(record, outages=(first, *record.outages[1:]))


def _with_true_starts(context: Context, hosts: Mapping[str, Record]) -> dict[str, Record]:
    """The records; of what was down when the period began, and still is, with the hour before the period in which it was
    last up, as far as the store goes back."""
    found = dict(hosts)
    cut = [name for name, record in hosts.items() if record.outages and record.outages[0].is_cut]
    still = [name for name in cut if hosts[name].outages[0].end_ns is None]
    if not still:
        return found
    ended: dict[str, int] = {}
    for history in context.store.histories(
        "device", ["up"], since_ns=max(0, context.since_ns - _LOOK_BACK_NS), until_ns=context.since_ns, every_s=3600,
        only={"host": still},
    ):  # fmt: skip
        name, shares = history.tags["host"], history.values["up"]
        times, shares = history.times_ns[shares >= 0], shares[shares >= 0]
        ups = (shares > 0).nonzero()[0]
        if ups.size:
            last = int(ups[-1])
            window_ns = int(times[last + 1] - times[last]) if last + 1 < len(times) else HOUR_NS
            length_ns = DAY_NS if window_ns >= DAY_NS else HOUR_NS
            ended[name] = max(ended.get(name, 0), int(times[last] + shares[last] * length_ns))
    return found | {name: _beginning(found[name], min(ended[name], context.since_ns - 1)) for name in ended}


def by_area(context: Context) -> dict[tuple[str, str], list[Site]]:
    """The sites with hosts by (province, district), sorted."""
    areas: dict[tuple[str, str], dict[str, Site]] = {}
    for host in context.hosts.values():
        if host.site:
            areas.setdefault((host.site.province, host.site.district), {})[host.site.id] = host.site
    return {area: list(areas[area].values()) for area in sorted(areas)}


def _fleet(context: Context) -> Fleet:
    since_ns, until_ns = context.since_ns, context.until_ns
    reading = outage_reading.read(context)
    first_ns = _first_ns(context, reading)
    gaps = _gaps(context, reading, first_ns)
    planned: dict[str, list[int]] = {}
    for number, maintenance in enumerate(context.inventory.maintenance):
        for name in maintenance.hosts:
            planned.setdefault(name, []).append(number)
    hosts = {}
    for name, seen in reading.hosts.items():
        assumed = minus(seen.assumed, gaps)
        excused: Spans = ()
        if name in planned:
            chosen = [context.inventory.maintenance[number] for number in planned[name]]
            excused = tuple(windows(chosen, name, since_ns, until_ns, context.zone))
        hosts[name] = record_of(
            merged((*seen.down, *assumed)), minus(seen.silent, assumed), excused, since_ns, until_ns,
            restarts=sum(
                not common(excused, ((hour - HOUR_NS, hour + HOUR_NS),)) for hour in seen.restarts_ns
            ),
            interval_ns=seen.interval_ns,
        )  # fmt: skip
    hosts = _with_true_starts(context, hosts)
    at_site: dict[str, list[Host]] = {}
    for host in context.hosts.values():
        if host.site:
            at_site.setdefault(host.site.id, []).append(host)
    gates = {site: gates_of(there) for site, there in sorted(at_site.items())}
    sites = {site: site_record([hosts[name] for name in names], since_ns, until_ns) for site, names in gates.items()}
    return Fleet(hosts, sites, gates, gaps, first_ns, reading.exact_from_ns)


def _first_ns(context: Context, reading: Reading) -> int | None:
    """Since when within the period any host is known."""
    since_ns, until_ns = context.since_ns, context.until_ns
    firsts = (
        seen.silent[0][1] if seen.silent and seen.silent[0][0] == since_ns else since_ns
        for seen in reading.hosts.values()
    )
    return min((first for first in firsts if first < until_ns), default=None)


def _gaps(context: Context, reading: Reading, first_ns: int | None) -> Spans:
    """When no host at all has samples, after the first one within the period."""
    if first_ns is None:
        return ()
    gaps: Spans = ((first_ns, context.until_ns),)
    for seen in reading.hosts.values():
        gaps = common(gaps, seen.silent)
    return gaps if context.is_whole else minus(gaps, _others_asked(context, gaps))


def _others_asked(context: Context, spans: Spans) -> Spans:
    """The part of `spans` in which any host of the store was asked, selected or not."""
    import numpy as np

    asked: list[tuple[int, int]] = []
    for since_ns, until_ns in spans:
        every_s = 60 if until_ns - since_ns < 6 * HOUR_NS else 3600
        times = [
            history.times_ns
            for history in context.store.histories(
                "device", ["up"], since_ns=since_ns, until_ns=until_ns, every_s=every_s
            )
        ]
        if times:
            held_ns = max(3 * context.inventory.settings.interval_s * S_NS, BRIDGED_NS, every_s * S_NS)
            asked += [(time, time + held_ns) for time in np.unique(np.concatenate(times)).tolist()]
    return merged(asked)
