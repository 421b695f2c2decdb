"""From which table of the DuckDB file each part of a span of time is read: samples, hourly or daily rollups.

The three overlap: a finished day is in all of them until its samples, and later its hours, are dropped. A part is read
from one of them only.
"""

# Tables in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

from typing import TYPE_CHECKING

import msgspec

from collector.metrics.model import Measurement
from collector.store.duck_schema import quoted
from collector.store.reading import DAY_NS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOUR_NS = 3_600 * 10**9

RAW, HOURLY, DAILY = "", "_hourly", "_daily"
"""suffixes of the tables"""


class Kept(msgspec.Struct, frozen=True):
    """What the file holds of a measurement, in UTC days since the epoch.

    Attributes:
        rolled: the days that are in the rollups.
        raw_from: the first of those of which all samples are still there.
        hourly_from: the first with hours; older ones are in the daily rollup only.
    """

    rolled: frozenset[int] = frozenset()
    raw_from: int = 0
    hourly_from: int = 0


class Segment(msgspec.Struct, frozen=True):
    """A span `[start_ns, stop_ns)` and the suffix of the table that it is read from; rollups count by their start."""

    table: str
    start_ns: int
    stop_ns: int


def kept(connection: "DuckDBPyConnection", measurement: Measurement) -> Kept:
    """What the file holds; a day that only has latecomers counts as gone."""
    rolled = dict(
        connection.execute(
            f"SELECT epoch_ns(day::TIMESTAMP_NS) // {DAY_NS}, samples FROM rolled_up WHERE measurement = ?",
            [measurement.name],
        ).fetchall()
    )
    if not rolled:
        return Kept()
    raw, end = measurement.name + RAW, max(rolled) + 1
    raw_from = _first_day(connection, raw, 0)
    while raw_from < end and 2 * _rows(connection, raw, raw_from) < rolled.get(raw_from, 0):
        raw_from = _first_day(connection, raw, raw_from + 1)
    return Kept(frozenset(rolled), raw_from, _first_day(connection, measurement.name + HOURLY, 0))


def _first_day(connection: "DuckDBPyConnection", table: str, least: int) -> int:
    """The first day from `least` on with anything in it; far away where there is none."""
    found = connection.execute(
        f"SELECT epoch_ns(min(time)) // {DAY_NS} FROM {quoted(table)} WHERE time >= make_timestamp_ns(?)",
        [least * DAY_NS],
    ).fetchall()[0][0]
    return 2**31 if found is None else int(found)


def _rows(connection: "DuckDBPyConnection", table: str, day: int) -> int:
    found = connection.execute(
        f"SELECT count(*) FROM {quoted(table)} WHERE time >= make_timestamp_ns(?) AND time < make_timestamp_ns(?)",
        [day * DAY_NS, (day + 1) * DAY_NS],
    ).fetchall()
    return int(found[0][0])


def segments(there: Kept, since_ns: int, until_ns: int, every_ns: int) -> list[Segment]:
    """The parts of `[since_ns, until_ns)`, ascending, each as coarse as windows of `every_ns` allow where there is a choice.

    Windows of whole days take the daily rollup, of whole hours the hourly one, others samples. What is only there coarser
    is taken as it is.
    """
    found: list[Segment] = []
    for day in range(since_ns // DAY_NS, -(-until_ns // DAY_NS)):
        start_ns, stop_ns = max(since_ns, day * DAY_NS), min(until_ns, (day + 1) * DAY_NS)
        for segment in _of_day(there, day, start_ns, stop_ns, every_ns):
            if found and found[-1].table == segment.table and found[-1].stop_ns == segment.start_ns:
                found[-1] = Segment(segment.table, found[-1].start_ns, segment.stop_ns)
            else:
                found.append(segment)
    return found


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
