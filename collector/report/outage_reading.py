"""What the store knows of hosts being up and down, read in two steps.

A month of thousands of hosts is hundreds of millions of samples, and nearly all of them say "up" again. So the hours come
first, for all hosts: how many samples, how many of them up. An hour that has its samples and whose samples agree is told by
that. Only of the others (an outage began or ended, samples are missing) are the samples themselves read, as long as the
store keeps them; before that their hour's share is all there is, and an outage's ends are known to the hour.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.spans import Span, Spans, merged
from inventory.model import DuckdbStore, InfluxStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints: TypeAlias = "NDArray[np.int64]"
    Counts: TypeAlias = "NDArray[np.uint16]"
    Flags: TypeAlias = "NDArray[np.bool_]"

S_NS = 10**9

BRIDGED_INTERVALS = 2
BRIDGED_NS = 600 * S_NS
"""how long samples may be missing between two, beyond the first one's own interval, before the time between them is unknown:
the longer of two polls and ten minutes less one interval"""

_WRAP_S = 2**32 / 100
"""after so long sysUpTime begins anew by itself (497 days; RFC 3418)"""
_RESTART_S = 120
"""an uptime that falls by less may be two clocks that disagree"""
_YOUNG_HOURS = 6
"""hours with samples, below which the usual number of samples is told by the time between them"""
_CHUNK_HOSTS = 256
_CROWD = 0.25
"""share of the hosts from which on hours are read apart from the others"""
_BATCH_SAMPLES = 200_000
"""samples that are read at once, at the most, where several hours are read together"""


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


class Samples(msgspec.Struct):
    """Observations of one host, ascending: `up` holds from `times` until `held`, and for `bridged` ns more if another one
    follows by then."""

    times: "Ints"
    held: "Ints"
    bridged: "Ints"
    up: "Flags"


class _Grid(msgspec.Struct):
    """Hosts by whole UTC days of hours.

    Attributes:
        samples, ups: how many samples each hour has, and how many of them are up.
        usual: by day, how many an hour has when none is missing.
        odd: the hours that their samples do not tell as one.
        read: those of them of which the samples were read.
    """

    start_ns: int
    samples: "Counts"
    ups: "Counts"
    usual: "Counts"
    odd: "Flags"
    read: "Flags"

    def hours(self, times: "Ints") -> "Ints":
        """The columns that `times` fall in."""
        return (times - self.start_ns) // HOUR_NS

    def intervals_ns(self, row: int, times: "Ints") -> "Ints":
        """The usual time between two samples of a host at `times`."""
        import numpy as np

        usual = self.usual[row, self.hours(times) // 24].astype(np.int64)
        interval: Ints = HOUR_NS // np.maximum(1, usual)
        return interval


def read(context: Context) -> Reading:
    """What is known of the selected hosts within the period."""
    import numpy as np

    names = sorted(context.hosts)
    grid, restarts = _read_hours(context, names)
    exact_from_ns = _exact_from(context)
    raw: dict[int, list[Samples]] = {}
    _judge(grid, context.until_ns)
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
    """Since when the store keeps samples, by its configuration; before that there are hours at the most."""
    store = context.inventory.store
    days = store.raw_days if isinstance(store, DuckdbStore | InfluxStore) else None
    return context.since_ns if days is None else max(context.since_ns, context.until_ns - days * DAY_NS)


def _days_before(context: Context) -> int:
    """Before when there are days at the most, by the store's configuration."""
    store = context.inventory.store
    return context.until_ns - store.hourly_days * DAY_NS if isinstance(store, DuckdbStore | InfluxStore) else 0


def _read_hours(context: Context, names: Sequence[str]) -> tuple[_Grid, dict[str, list[int]]]:
    """The hours of all hosts, and the hours in which one restarted."""
    import numpy as np

    first_day, end_day = context.since_ns // DAY_NS, -(-context.until_ns // DAY_NS)
    days = end_day - first_day
    shape, by_day = (len(names), days * 24), (len(names), days)
    grid = _Grid(
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


def _judge(grid: _Grid, until_ns: int) -> None:
    """Fill in `usual` and `odd`."""
    import numpy as np

    hours = grid.samples.shape[1]
    last = (until_ns - 1 - grid.start_ns) // HOUR_NS
    for start in range(0, len(grid.samples), _CHUNK_HOSTS):
        rows = slice(start, start + _CHUNK_HOSTS)
        samples, ups = grid.samples[rows], grid.ups[rows]
        by_day = np.sort(samples.reshape(len(samples), hours // 24, 24), axis=2)
        there = (by_day > 0).sum(axis=2)
        middle = np.take_along_axis(by_day, np.minimum(23, 24 - there + there // 2)[:, :, None], axis=2)[:, :, 0]
        # of a day on which the interval changed, or few hours are there, its neighbours know better
        usual = middle.copy()
        usual[:, 1:] = np.maximum(usual[:, 1:], middle[:, :-1])
        usual[:, :-1] = np.maximum(usual[:, :-1], middle[:, 1:])
        grid.usual[rows] = usual
        usual = np.repeat(usual, 24, axis=1)
        empty = samples == 0
        # two hours in a row may each lack so many, and no more are missing in a row than are bridged
        spared = (np.maximum(BRIDGED_INTERVALS + 1, usual // 6) - 1) // 2
        scarce = ~empty & (samples < usual)
        down = ups == 0
        odd = samples + spared < usual
        odd |= (ups > 0) & (ups < samples)
        odd |= _beside(empty)
        odd[:, [0, -1]] = True
        odd |= scarce & (_beside(down) & ~down | _beside(~down & ~empty) & down)
        if until_ns % HOUR_NS:
            odd[:, last] = True
        odd |= scarce & _beside(odd & ~empty)
        grid.odd[rows] = odd & ~empty


def _beside(flags: "Flags") -> "Flags":
    """Whether the hour before or after has the flag."""
    import numpy as np

    found = np.zeros_like(flags)
    found[:, 1:] |= flags[:, :-1]
    found[:, :-1] |= flags[:, 1:]
    return found


def _read_samples(
    context: Context, names: Sequence[str], grid: _Grid, exact_from_ns: int
) -> Iterator[tuple[int, Samples]]:
    """The samples of odd hours, by the host's row."""
    import numpy as np

    rows = {name: row for row, name in enumerate(names)}
    wanted = grid.odd.copy()
    wanted[:, : max(0, -(-(exact_from_ns - grid.start_ns) // HOUR_NS))] = False
    most = int(grid.usual.max(initial=1))
    every_s = next(step for step in (60, 10, 1) if step * most <= 3600 or step == 1)
    for start, stop, chosen in _batches(wanted, most):
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
            if times.size > 2 and np.count_nonzero(grid.samples[row]) < _YOUNG_HOURS:
                spacing = int(
                    np.median(np.diff(times))
                )  # hours that have only begun do not tell how many they will have
                grid.usual[row] = np.maximum(grid.usual[row], HOUR_NS // spacing)
            interval = grid.intervals_ns(row, times)
            yield row, Samples(times, times + interval, _bridged(interval), history.values["up"][taken] > 0)


def _batches(wanted: "Flags", samples_each: int) -> Iterator[tuple[int, int, list[int]]]:
    """Hours [start, stop) and the rows that want some of them: crowded hours by themselves, of the rest as many days at
    once as keep what is read for nothing small, as every question costs something too."""
    import numpy as np

    crowded = wanted.sum(axis=0) > _CROWD * len(wanted)
    edges = np.flatnonzero(np.diff(crowded, prepend=False, append=False))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield start, stop, np.flatnonzero(wanted[:, start:stop].any(axis=1)).tolist()
    rest = wanted & ~crowded
    hours = np.flatnonzero(rest.any(axis=0)).tolist()
    rows: set[int] = set()
    first = last = 0
    for hour in hours:
        here = set(np.flatnonzero(rest[:, hour]).tolist())
        if rows and len(rows | here) * (hour + 1 - first) * samples_each > _BATCH_SAMPLES:
            yield first, last, sorted(rows)
            rows = set()
        if not rows:
            first = hour
        rows |= here
        last = hour + 1
    if rows:
        yield first, last, sorted(rows)


def _coarse(grid: _Grid, row: int, hours: "Ints") -> Samples:
    """Odd hours as their counts tell them: down first where the hour before ended so, else where that fits."""
    import numpy as np

    samples, ups = grid.samples[row], grid.ups[row]
    found: list[tuple[int, int, bool]] = []
    for hour in hours.tolist():
        count, up = int(samples[hour]), int(ups[hour])
        start = grid.start_ns + hour * HOUR_NS
        known = min(HOUR_NS, HOUR_NS * count // int(grid.usual[row, hour // 24]))
        was_down = bool(hour and samples[hour - 1] and not ups[hour - 1])
        is_down_after = bool(hour + 1 < len(samples) and samples[hour + 1] and not ups[hour + 1])
        if hour and not samples[hour - 1]:
            start += HOUR_NS - known
        parts = [(known * (count - up) // count, False), (known - known * (count - up) // count, True)]
        if is_down_after and not was_down:
            parts.reverse()
        for length, is_up in parts:
            if length:
                found.append((start, start + length, is_up))
                start += length
    times = np.array([start for start, _, _ in found], np.int64)
    held = np.array([stop for _, stop, _ in found], np.int64)
    up_ = np.array([is_up for _, _, is_up in found], np.bool_)
    return Samples(times, held, _bridged(grid.intervals_ns(row, times)), up_)


def _assembled(grid: _Grid, row: int, raw: "list[Samples]") -> Samples:
    """All that is known of one host, in the order of time."""
    import numpy as np

    whole = np.flatnonzero((grid.samples[row] > 0) & ~grid.odd[row])
    starts = grid.start_ns + whole * HOUR_NS
    bridged = _bridged(grid.intervals_ns(row, starts))
    parts = [Samples(starts, starts + HOUR_NS, bridged, grid.ups[row, whole] > 0), *raw]
    coarse = np.flatnonzero(grid.odd[row] & ~grid.read[row])
    if coarse.size:
        parts.append(_coarse(grid, row, coarse))
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


def _bridged(intervals: "Ints") -> "Ints":
    """How much longer than its interval a sample speaks for if another one follows."""
    import numpy as np

    return np.maximum(BRIDGED_INTERVALS * intervals, BRIDGED_NS - intervals)
