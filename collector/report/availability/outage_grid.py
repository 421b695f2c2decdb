"""The hours of many hosts: which of them their samples tell as one, and of which the samples have to be read. Pure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from collector.report.context import HOUR_NS

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

YOUNG_HOURS = 6
"""hours with samples, below which the usual number of samples is told by the time between them"""

_CHUNK_HOSTS = 256
"""hosts that are judged at once: they bound memory"""
_CROWD = 0.25
"""share of the hosts from which on hours are read apart from the others"""
_BATCH_SAMPLES = 200_000
"""samples that are read at once, at the most, where several hours are read together"""


class Samples(msgspec.Struct):
    """Observations of one host, ascending: `up` holds from `times` until `held`, and for `bridged` ns more if another one
    follows by then."""

    times: "Ints"
    held: "Ints"
    bridged: "Ints"
    up: "Flags"


class Grid(msgspec.Struct):
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


def judge(grid: Grid, until_ns: int) -> None:
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
        # hours beside empty ones, whose samples are all there, are whole; of a young host nobody knows how many that are
        open_ended = _beside(empty)
        open_ended[:, [0, -1]] = True
        young = (~empty).sum(axis=1) < YOUNG_HOURS
        odd |= open_ended & (scarce | young[:, None])
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


def batches(wanted: "Flags", samples_each: int) -> Iterator[tuple[int, int, list[int]]]:
    """Hours [start, stop) and the rows that want some of them: crowded hours by themselves, of the rest as many at
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


def coarse(grid: Grid, row: int, hours: "Ints") -> Samples:
    """Odd hours, ascending, as their counts tell them: down first where the hour before ended so, last where the next hour
    is down at all, since an outage over the full hour is likelier than one on either side of it."""
    import numpy as np

    samples, ups = grid.samples[row], grid.ups[row]
    found: list[tuple[int, int, bool]] = []
    ended_down = -1
    for hour in hours.tolist():
        count, up = int(samples[hour]), int(ups[hour])
        start = grid.start_ns + hour * HOUR_NS
        known = min(HOUR_NS, HOUR_NS * count // int(grid.usual[row, hour // 24]))
        was_down = bool(hour and samples[hour - 1] and not ups[hour - 1]) or (hour > 0 and ended_down == hour - 1)
        is_down_after = bool(hour + 1 < len(samples) and ups[hour + 1] < samples[hour + 1])
        if hour and not samples[hour - 1]:
            start += HOUR_NS - known
        parts = [(known * (count - up) // count, False), (known - known * (count - up) // count, True)]
        if is_down_after and not was_down:
            parts.reverse()
            ended_down = hour if up < count else -1
        for length, is_up in parts:
            if length:
                found.append((start, start + length, is_up))
                start += length
    times = np.array([start for start, _, _ in found], np.int64)
    held = np.array([stop for _, stop, _ in found], np.int64)
    up_ = np.array([is_up for _, _, is_up in found], np.bool_)
    return Samples(times, held, bridged_ns(grid.intervals_ns(row, times)), up_)


def bridged_ns(intervals: "Ints") -> "Ints":
    """How much longer than its interval a sample speaks for if another one follows."""
    import numpy as np

    return np.maximum(BRIDGED_INTERVALS * intervals, BRIDGED_NS - intervals)
