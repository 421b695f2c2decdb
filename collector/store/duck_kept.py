"""What a DuckDB file holds of a measurement, and in which tables."""

# Tables in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

from typing import TYPE_CHECKING

from collector.metrics.model import Measurement
from collector.store.duck_schema import quoted
from collector.store.reading import DAY_NS
from collector.store.segments import HOURLY, RAW, Kept

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def table(measurement: Measurement, grain: str) -> str:
    """The name of a measurement's table of samples or rollups."""
    return measurement.name if grain == RAW else f"{measurement.name}_{grain}"


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
    raw, end = table(measurement, RAW), max(rolled) + 1
    raw_from = _first_day(connection, raw, 0)
    while raw_from < end and 2 * _rows(connection, raw, raw_from) < rolled.get(raw_from, 0):
        raw_from = _first_day(connection, raw, raw_from + 1)
    return Kept(frozenset(rolled), raw_from, _first_day(connection, table(measurement, HOURLY), 0))


def _first_day(connection: "DuckDBPyConnection", name: str, least: int) -> int:
    """The first day from `least` on with anything in it; far away where there is none."""
    found = connection.execute(
        f"SELECT epoch_ns(min(time)) // {DAY_NS} FROM {quoted(name)} WHERE time >= make_timestamp_ns(?)",
        [least * DAY_NS],
    ).fetchall()[0][0]
    return 2**31 if found is None else int(found)


def _rows(connection: "DuckDBPyConnection", name: str, day: int) -> int:
    found = connection.execute(
        f"SELECT count(*) FROM {quoted(name)} WHERE time >= make_timestamp_ns(?) AND time < make_timestamp_ns(?)",
        [day * DAY_NS, (day + 1) * DAY_NS],
    ).fetchall()
    return int(found[0][0])
