"""From where each part of a span of time is read: samples, hourly or daily rollups.

The three overlap: a finished day is in all of them until its samples, and later its hours, are dropped. A part is read
from one of them only.
"""

from collections.abc import Mapping

import msgspec

from collector.store.reading import DAY_NS, Aggregate

HOUR_NS = 3_600 * 10**9

RAW, HOURLY, DAILY = "raw", "hourly", "daily"
"""how fine the points of a part are"""


ROLLED_STATISTIC: Mapping[Aggregate, str] = {"mean": "avg", "last": "avg", "max": "max", "min": "min"}
"""which of a number's statistics in a rollup stands for an aggregate of its samples"""

ROLLED_PERCENTILES = {0.0: "min", 95.0: "p95", 100.0: "max"}
"""the statistics in a daily rollup that are percentiles of its samples"""


class Kept(msgspec.Struct, frozen=True):
    """What a store holds of a measurement, in UTC days since the epoch.

    Attributes:
        rolled: the days that are in the rollups.
        raw_from: the first of those of which all samples are still there.
        hourly_from: the first with hours; older ones are in the daily rollup only.
    """

    rolled: frozenset[int] = frozenset()
    raw_from: int = 0
    hourly_from: int = 0


class Segment(msgspec.Struct, frozen=True):
    """A span `[start_ns, stop_ns)` and how fine it is read; rollups count by their start."""

    grain: str
    start_ns: int
    stop_ns: int


def segments(there: Kept, since_ns: int, until_ns: int, every_ns: int) -> list[Segment]:
    """The parts of `[since_ns, until_ns)`, ascending, each as coarse as windows of `every_ns` allow where there is a choice.

    Windows of whole days take the daily rollup, of whole hours the hourly one, others samples. What is only there coarser
    is taken as it is.
    """
    found: list[Segment] = []
    if since_ns >= until_ns:
        return found
    for day in range(since_ns // DAY_NS, -(-until_ns // DAY_NS)):
        start_ns, stop_ns = max(since_ns, day * DAY_NS), min(until_ns, (day + 1) * DAY_NS)
        for segment in _of_day(there, day, start_ns, stop_ns, every_ns):
            if found and found[-1].grain == segment.grain and found[-1].stop_ns == segment.start_ns:
                found[-1] = Segment(segment.grain, found[-1].start_ns, segment.stop_ns)
            else:
                found.append(segment)
    return found


def day_segments(there: Kept, since_ns: int, until_ns: int) -> list[Segment]:
    """The parts of `[since_ns, until_ns)` for statistics of whole days: hours are of no use, a part of a day has its samples."""
    parts = segments(there, since_ns, until_ns, DAY_NS)
    return [part if part.grain != HOURLY else Segment(RAW, part.start_ns, part.stop_ns) for part in parts]


def _of_day(there: Kept, day: int, start_ns: int, stop_ns: int, every_ns: int) -> list[Segment]:
    whole = stop_ns - start_ns == DAY_NS
    has_raw, has_hours = day >= there.raw_from, day >= there.hourly_from
    if day not in there.rolled or (has_raw and every_ns % HOUR_NS):
        return [Segment(RAW, start_ns, stop_ns)]
    if not has_hours or (whole and every_ns % DAY_NS == 0):
        return [Segment(DAILY, start_ns, stop_ns)]
    first_ns, last_ns = -(-start_ns // HOUR_NS) * HOUR_NS, stop_ns // HOUR_NS * HOUR_NS
    if not has_raw or (start_ns, stop_ns) == (first_ns, last_ns):
        return [Segment(HOURLY, start_ns, stop_ns)]
    if first_ns >= last_ns:
        return [Segment(RAW, start_ns, stop_ns)]
    # Hours that the span cuts are exact as long as there are samples.
    parts = [Segment(RAW, start_ns, first_ns), Segment(HOURLY, first_ns, last_ns), Segment(RAW, last_ns, stop_ns)]
    return [part for part in parts if part.start_ns < part.stop_ns]
