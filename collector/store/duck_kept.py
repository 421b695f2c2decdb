"""What a DuckDB file holds of a measurement, and in which tables."""

# Tables in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from collector.metrics.model import Measurement
from collector.store.duck_memory import Memory
from collector.store.duck_schema import quoted
from collector.store.reading import DAY_NS
from collector.store.segments import HOURLY, RAW, Kept

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def table(measurement: Measurement, grain: str) -> str:
    """The name of a measurement's table of samples or rollups."""
    return measurement.name if grain == RAW else f"{measurement.name}_{grain}"


def kept(connection: "DuckDBPyConnection", memory: Memory, measurement: Measurement) -> Kept:
    """What the file holds; a day that only has latecomers counts as gone."""
    return memory.get(("kept", measurement.name), lambda: _kept(connection, measurement))


def _kept(connection: "DuckDBPyConnection", measurement: Measurement) -> Kept:
    rolled = dict(
        connection.execute(
            f"SELECT epoch_ns(day::TIMESTAMP_NS) // {DAY_NS}, samples FROM rolled_up WHERE measurement = ?",
            [measurement.name],
        ).fetchall()
    )
    if not rolled:
        return Kept()
    raw, days = table(measurement, RAW), sorted(rolled)
    raw_from = _first_day(connection, raw, days)
    while raw_from in rolled and 2 * _rows(connection, raw, raw_from) < rolled[raw_from]:
        raw_from = _first_day(connection, raw, days[bisect_right(days, raw_from) :])
    return Kept(frozenset(rolled), raw_from, _first_day(connection, table(measurement, HOURLY), days))


def _first_day(connection: "DuckDBPyConnection", name: str, days: Sequence[int]) -> int:
    """The first of `days` with anything in it, far away where there is none. Days are dropped in their order, so there is
    no need to look at all: after the first drop, the least time of a table can only be had by reading it."""
    at = bisect_left(days, True, key=lambda day: _has(connection, name, day))
    return days[at] if at < len(days) else 2**31


def _has(connection: "DuckDBPyConnection", name: str, day: int) -> bool:
    found = connection.execute(
        f"SELECT 1 FROM {quoted(name)} WHERE time >= make_timestamp_ns(?) AND time < make_timestamp_ns(?) LIMIT 1",
        [day * DAY_NS, (day + 1) * DAY_NS],
    ).fetchall()
    return bool(found)


def _rows(connection: "DuckDBPyConnection", name: str, day: int) -> int:
    found = connection.execute(
        f"SELECT count(*) FROM {quoted(name)} WHERE time >= make_timestamp_ns(?) AND time < make_timestamp_ns(?)",
        [day * DAY_NS, (day + 1) * DAY_NS],
    ).fetchall()
    return int(found[0][0])
