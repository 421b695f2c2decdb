"""Which hosts, sites and districts were up, and when they were not.

The rules:

- An outage begins with the first sample that is not up and ends with the next one that is: both ends are late by up to the
  interval of the samples, the length is right in the mean. It is open where no sample says that it ended.
- A host without samples, while others have some, was not asked: that time is unknown, and counts neither as up nor as down.
  A few polls missing in a row (`outage_grid.BRIDGED_NS`) are no such time. A host that is down before and after was down
  all along, as the dead are asked seldom.
- Time in which no host at all has samples is a gap of the collector's own, and unknown for all.
- Maintenance counts neither as up nor as down. An outage is one if any of it is outside of maintenance.
- Percent up is time up by time up or down.
- A site is up while any of its routers (else of its other hosts) is, and down while none is and at least one is down.
- An area's availability is the mean of its sites', weighted by the time that is known of them.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from collector.report.availability import outage_reading
from collector.report.availability.outage_grid import BRIDGED_NS, S_NS
from collector.report.availability.outage_reading import Reading
from collector.report.availability.outage_record import Record, beginning, percent_up, record_of, site_record
from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.statistics.spans import Spans, common, merged, minus
from inventory.maintenance import windows
from inventory.model import Host, Role, Site

_LOOK_BACK_NS = 400 * DAY_NS

GATES: frozenset[Role] = frozenset(("wan-router", "bts-uplink"))
"""roles of the hosts that connect a site"""


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


def fleet(context: Context) -> Fleet:
    """How the hosts and sites of a context fared; computed once for each context."""
    return context.once.get("fleet", lambda: _fleet(context))


def mean_percent_up(records: Iterable[Record]) -> float | None:
    """Of several hosts or sites, weighted by the time that is known of each."""
    chosen = list(records)
    return percent_up(sum(record.up_ns for record in chosen), sum(record.down_ns for record in chosen))


def gates_of(hosts: Sequence[Host]) -> tuple[str, ...]:
    """Of the hosts of one site, those by which it is up: its routers, else all but none."""
    routers = tuple(host.name for host in hosts if host.role in GATES)
    return routers or tuple(host.name for host in hosts)


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
    return found | {name: beginning(found[name], min(ended[name], context.since_ns - 1)) for name in ended}


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
    # hosts are under maintenance in groups, and days of local time take long to compute
    excuses: dict[tuple[int, ...], Spans] = {(): ()}
    hosts = {}
    for name, seen in reading.hosts.items():
        assumed = minus(seen.assumed, gaps)
        group = tuple(planned.get(name, ()))
        if group not in excuses:
            chosen = [context.inventory.maintenance[number] for number in group]
            excuses[group] = tuple(windows(chosen, name, since_ns, until_ns, context.zone))
        excused = excuses[group]
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
