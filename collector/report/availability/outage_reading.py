"""What the store knows of hosts being up and down, read in two steps.

A month of thousands of hosts is hundreds of millions of samples, and nearly all of them say "up" again. So the hours come
first, for all hosts: how many samples, how many of them up. An hour that has its samples and whose samples agree is told by
that. Only of the others (an outage began or ended, samples are missing) are the samples themselves read, as long as the
store keeps them; before that their hour's share is all there is, and an outage's ends are known to the hour.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from collector.report.availability.outage_grid import (
    S_NS,
    YOUNG_HOURS,
    Grid,
    Samples,
    batches,
    bridged_ns,
    coarse,
    judge,
)
from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.statistics.spans import Span, Spans, merged
from inventory.model import DuckdbStore, InfluxStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from collector.report.availability.outage_grid import Ints

_WRAP_S = 2**32 / 100
"""after so long sysUpTime begins anew by itself (497 days; RFC 3418)"""
_RESTART_S = 120
"""an uptime that falls by less may be two clocks that disagree"""


class Seen(msgspec.Struct, frozen=True):
    """What samples say of one host over a period.

    Attributes:
        down: from each first sample that is not up to the next that is.
        assumed: between two samples that are both down, so far apart that nobody knows; a host that is down is asked seldom.
        silent: all time about which samples say nothing; holds `assumed`.
        restarts_ns: hours in which it restarted although it was never seen down.
        interval_ns: the usual time between two samples, 0 where there is none.
    """

    down: Spans = ()
    assumed: Spans = ()
    silent: Spans = ()
    restarts_ns: tuple[int, ...] = ()
    interval_ns: int = 0


class Reading(msgspec.Struct, frozen=True):
    """All hosts. What is before `exact_from_ns` is known to the hour (the oldest part to the day) only."""

    hosts: Mapping[str, Seen]
    exact_from_ns: int


def read(context: Context) -> Reading:
    """What is known of the selected hosts within the period."""
    import numpy as np

    names = sorted(context.hosts)
    grid, restarts = _read_hours(context, names)
    exact_from_ns = _exact_from(context)
    raw: dict[int, list[Samples]] = {}
    judge(grid, context.until_ns)
    for row, samples in _read_samples(context, names, grid, exact_from_ns):
        raw.setdefault(row, []).append(samples)
    found: dict[str, Seen] = {}
    for row, name in enumerate(names):
        down, assumed, silent = spans_of(_assembled(grid, row, raw.pop(row, [])), context.since_ns, context.until_ns)
        usual = grid.usual[row][grid.usual[row] > 0]
        interval_ns = HOUR_NS // int(np.median(usual)) if usual.size else 0
        found[name] = Seen(down, assumed, silent, tuple(restarts.get(name, ())), interval_ns)
    return Reading(found, exact_from_ns)


def spans_of(samples: Samples, since_ns: int, until_ns: int) -> tuple[Spans, Spans, Spans]:
    """The time down, assumed to be down, and silent, within `[since_ns, until_ns)`; see `Seen`.

    The state of a sample holds until the next one if that follows soon enough, else for the sample's own interval.
    """
    import numpy as np

    times, up = samples.times, samples.up
    if not times.size:
        return (), (), merged([(since_ns, until_ns)])
    following = np.append(times[1:], until_ns)
    ends = np.where(following <= samples.held + samples.bridged, following, np.minimum(samples.held, following))
    lost = np.flatnonzero(ends < following)
    stays_down = ~up & ~np.append(up[1:], True)
    silent = [(since_ns, int(times[0])), *_pairs(ends[lost], following[lost])]
    assumed = lost[stays_down[lost]]
    # neighbours of one state are one span: most hosts have thousands of samples and one state
    starts = np.flatnonzero(~up & ~(np.append(False, ~up[:-1] & (ends[:-1] == times[1:]))))
    stops = np.flatnonzero(~up & ~(np.append(~up[1:] & (ends[:-1] == times[1:]), False)))
    return (
        _clipped(_pairs(times[starts], ends[stops]), since_ns, until_ns),
        _clipped(_pairs(ends[assumed], following[assumed]), since_ns, until_ns),
        _clipped(silent, since_ns, until_ns),
    )


def _pairs(starts: "Ints", stops: "Ints") -> list[Span]:
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _clipped(spans: Sequence[Span], since_ns: int, until_ns: int) -> Spans:
    return merged((max(start, since_ns), min(stop, until_ns)) for start, stop in spans)


def _exact_from(context: Context) -> int:
    """Since when the store keeps samples, by its configuration, from the whole hour in which the period begins; before
    that there are hours at the most."""
    store = context.inventory.store
    days = store.raw_days if isinstance(store, DuckdbStore | InfluxStore) else None
    first_ns = context.since_ns // HOUR_NS * HOUR_NS
    return first_ns if days is None else max(first_ns, context.until_ns - days * DAY_NS)


def _days_before(context: Context) -> int:
    """Before when there are days at the most, by the store's configuration."""
    store = context.inventory.store
    return context.until_ns - store.hourly_days * DAY_NS if isinstance(store, DuckdbStore | InfluxStore) else 0


def _read_hours(context: Context, names: Sequence[str]) -> tuple[Grid, dict[str, list[int]]]:
    """The hours of all hosts, and the hours in which one restarted."""
    import numpy as np

    first_day, end_day = context.since_ns // DAY_NS, -(-context.until_ns // DAY_NS)
    days = end_day - first_day
    shape, by_day = (len(names), days * 24), (len(names), days)
    grid = Grid(
        first_day * DAY_NS,
        samples=np.zeros(shape, np.uint16),
        ups=np.zeros(shape, np.uint16),
        usual=np.zeros(by_day, np.uint16),
        odd=np.zeros(shape, np.bool_),
        read=np.zeros(shape, np.bool_),
    )
    rows = {name: row for row, name in enumerate(names)}
    restarts: dict[str, list[int]] = {}
    if not names:
        return grid, restarts
    since_ns = context.since_ns // HOUR_NS * HOUR_NS
    for history in context.store.histories(
        "device", ["up", "uptime_s"], since_ns=since_ns, until_ns=context.until_ns, every_s=3600, aggregate="min",
        only=context.only(),
    ):  # fmt: skip
        name = history.tags.get("host", "")
        shares = history.values["up"]
        known = ~np.isnan(shares)
        if name not in rows or not known.any():
            continue
        times, shares = history.times_ns[known], shares[known]
        counts = np.maximum(1, np.rint(history.samples[known])).astype(np.int64)
        ups = np.rint(shares * counts).astype(np.int64)
        times, counts, ups = _hours_of_days(times, counts, ups, _days_before(context))
        at = grid.hours(times)
        # a host whose family or site changed has several series
        grid.samples[rows[name], at] += counts.astype(np.uint16)
        grid.ups[rows[name], at] += ups.astype(np.uint16)
        if found := _restarts(history.times_ns[known], shares, history.values["uptime_s"][known], context.since_ns):
            restarts.setdefault(name, []).extend(found)
    return grid, restarts


def _hours_of_days(times: "Ints", counts: "Ints", ups: "Ints", before_ns: int) -> "tuple[Ints, Ints, Ints]":
    """Windows of a whole day, which old times are read in, as hours: the samples that are not up come first."""
    import numpy as np

    if not times.size or times[0] >= before_ns:
        return times, counts, ups
    apart = np.append(np.diff(times), DAY_NS) >= DAY_NS
    daily = (times % DAY_NS == 0) & apart & (times < before_ns)
    if (~daily).any():
        daily &= counts > 2 * np.median(counts[~daily])
    if not daily.any():
        return times, counts, ups
    hours = np.arange(24)
    each = np.maximum(1, counts[daily] // 24)[:, None]
    downs = (counts - ups)[daily][:, None]
    spread_ups = each - np.clip(downs - hours * each, 0, each)
    return (
        np.concatenate([(times[daily][:, None] + hours * HOUR_NS).ravel(), times[~daily]]),
        np.concatenate([np.broadcast_to(each, spread_ups.shape).ravel(), counts[~daily]]),
        np.concatenate([spread_ups.ravel(), ups[~daily]]),
    )


def _restarts(times: "Ints", shares: "NDArray[np.float64]", uptimes: "NDArray[np.float64]", since_ns: int) -> list[int]:
    """Hours whose least uptime is below that of the hour before, although no sample of the two was down."""
    import numpy as np

    known = ~np.isnan(uptimes)
    times, shares, uptimes = times[known], shares[known], uptimes[known]
    fell = np.diff(uptimes) < -_RESTART_S
    wrapped = uptimes[:-1] + np.diff(times) / S_NS + 3600 >= _WRAP_S
    unseen = (shares[1:] == 1) & (shares[:-1] == 1)
    found: list[int] = times[1:][fell & ~wrapped & unseen].tolist()
    return [time for time in found if time >= since_ns]


def _read_samples(
    context: Context, names: Sequence[str], grid: Grid, exact_from_ns: int
) -> Iterator[tuple[int, Samples]]:
    """The samples of odd hours, by the host's row."""
    import numpy as np

    rows = {name: row for row, name in enumerate(names)}
    wanted = grid.odd.copy()
    wanted[:, : max(0, -(-(exact_from_ns - grid.start_ns) // HOUR_NS))] = False
    most = int(grid.usual.max(initial=1))
    every_s = next(step for step in (60, 10, 1) if step * most <= 3600 or step == 1)
    for start, stop, chosen in batches(wanted, most):
        since_ns, until_ns = grid.start_ns + start * HOUR_NS, min(context.until_ns, grid.start_ns + stop * HOUR_NS)
        for history in context.store.histories(
            "device", ["up"], since_ns=since_ns, until_ns=until_ns, every_s=every_s,
            only={"host": [names[row] for row in chosen]},
        ):  # fmt: skip
            row = rows.get(history.tags.get("host", ""))
            if row is None:
                continue
            # what is left of old samples is their hour's share, and that is known already
            are_samples = (history.times_ns % HOUR_NS != 0) | (history.samples == 1)
            hours = grid.hours(history.times_ns)
            taken = are_samples & ~np.isnan(history.values["up"]) & wanted[row, hours]
            grid.read[row, hours[taken]] = True
            times = history.times_ns[taken]
            if times.size > 2 and np.count_nonzero(grid.samples[row]) < YOUNG_HOURS:
                # hours that have only begun do not tell how many samples they will have
                spacing = int(np.median(np.diff(times)))
                grid.usual[row] = np.maximum(grid.usual[row], HOUR_NS // spacing)
            interval = grid.intervals_ns(row, times)
            yield row, Samples(times, times + interval, bridged_ns(interval), history.values["up"][taken] > 0)


def _assembled(grid: Grid, row: int, raw: "list[Samples]") -> Samples:
    """All that is known of one host, in the order of time."""
    import numpy as np

    whole = np.flatnonzero((grid.samples[row] > 0) & ~grid.odd[row])
    starts = grid.start_ns + whole * HOUR_NS
    bridged = bridged_ns(grid.intervals_ns(row, starts))
    parts = [Samples(starts, starts + HOUR_NS, bridged, grid.ups[row, whole] > 0), *raw]
    unread = np.flatnonzero(grid.odd[row] & ~grid.read[row])
    if unread.size:
        parts.append(coarse(grid, row, unread))
    if len(parts) == 1:
        return parts[0]
    times = np.concatenate([part.times for part in parts])
    up = np.concatenate([part.up for part in parts])
    order = np.lexsort((~up, times))  # of two series at one time, any that is up tells that the host is
    order = order[np.diff(times[order], prepend=-1) > 0]
    return Samples(
        times[order],
        np.concatenate([part.held for part in parts])[order],
        np.concatenate([part.bridged for part in parts])[order],
        up[order],
    )
