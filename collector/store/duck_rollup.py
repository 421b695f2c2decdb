"""Making old samples smaller: finished days are sorted, rolled up to hours and days, and in time dropped.

A day is done in slices, each in a transaction and a turn of its own, so that pollers get in between; the day counts as
rolled up (in `rolled_up`, with its number of samples) when the last slice is in. Whatever breaks off starts again with
that day. Samples that come late, from a spool, change the number, and the day is done anew.

Sorting by series lets the rollups, and every later question about one host, skip the others' rows.
"""

# Tables and columns in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import msgspec

from collector.metrics.catalogue import CATALOGUE
from collector.metrics.model import Measurement
from collector.store.duck_schema import quoted, rollup_columns, stored_fields, tag_columns
from collector.store.reading import DAY_NS
from inventory.model import DuckdbStore

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SORT_ROWS = 400_000
ROLLUP_ROWS = 150_000
"""rows in a slice: they bound memory and how long pollers wait (a few seconds)"""

_HOUR_NS = 3_600 * 10**9

Turn = Callable[[], "AbstractContextManager[DuckDBPyConnection]"]


class Compacted(msgspec.Struct):
    """What one run did: days rolled up, and rows dropped because of their age."""

    days: int = 0
    dropped: int = 0


def compact(turn: Turn, config: DuckdbStore, now_ns: int) -> Compacted:
    """Roll up all finished days and drop what is older than the configuration keeps.

    Args:
        turn: opens the file for a moment.
        now_ns: the day that holds it is not finished.
    """
    today = now_ns // DAY_NS
    done = Compacted()
    with turn() as connection:
        unfinished = [
            (measurement, day, rows)
            for measurement in CATALOGUE
            for day, rows in _unfinished(connection, measurement, today, config.raw_days)
        ]
    for measurement, day, rows in unfinished:
        _sort(turn, measurement, day, rows)
        _roll_up(turn, measurement, day, rows)
        done.days += 1
    ages = {"": config.raw_days, "_hourly": config.hourly_days, "_daily": config.daily_days}
    with turn() as connection:
        for suffix, days in ages.items():
            for measurement in CATALOGUE:
                done.dropped += _drop(connection, measurement.name + suffix, today - days)
        connection.execute(f"DELETE FROM rolled_up WHERE day < {_date(today - config.daily_days)}")
    return done


def _unfinished(
    connection: "DuckDBPyConnection", measurement: Measurement, today: int, raw_days: int
) -> list[tuple[int, int]]:
    """(day, samples) of the days whose rollups are missing or lack late samples.

    Where raw samples were dropped already, a latecomer alone must not replace the rollup of its whole day.
    """
    return connection.execute(
        f"""
        WITH present AS (
            SELECT epoch_ns(time) // {DAY_NS} AS day, count(*) AS samples FROM {quoted(measurement.name)}
            WHERE time < make_timestamp_ns(?) GROUP BY 1
        )
        SELECT present.day, present.samples FROM present LEFT JOIN rolled_up
            ON measurement = ? AND epoch_ns(rolled_up.day::TIMESTAMP_NS) // {DAY_NS} = present.day
        WHERE rolled_up.samples IS NULL OR (rolled_up.samples <> present.samples AND present.day >= ?)
        ORDER BY present.day
        """,
        [today * DAY_NS, measurement.name, today - raw_days],
    ).fetchall()


def _sort(turn: Turn, measurement: Measurement, day: int, rows: int) -> None:
    """Rewrite the day's samples in the order of their series, an hour or more at a time."""
    table = quoted(measurement.name)
    order = ", ".join(quoted(name) for name in (*tag_columns(measurement), "time"))
    hours = max(1, min(24, SORT_ROWS * 24 // rows))
    for hour in range(0, 24, hours):
        start = day * DAY_NS + hour * _HOUR_NS
        within = _between(start, min(start + hours * _HOUR_NS, (day + 1) * DAY_NS))
        with turn() as connection:
            connection.execute("SET preserve_insertion_order = true")
            connection.execute("BEGIN")
            connection.execute(f"CREATE TEMP TABLE sorted AS FROM {table} WHERE {within} ORDER BY {order}")
            connection.execute(f"DELETE FROM {table} WHERE {within}")
            connection.execute(f"INSERT INTO {table} FROM sorted")
            connection.execute("COMMIT")


def _roll_up(turn: Turn, measurement: Measurement, day: int, rows: int) -> None:
    within = _between(day * DAY_NS, (day + 1) * DAY_NS)
    table = quoted(measurement.name)
    for hosts in _host_ranges(turn, measurement, within):
        with turn() as connection:
            connection.execute("BEGIN")
            for period, length_ns in (("hourly", _HOUR_NS), ("daily", DAY_NS)):
                rollup = quoted(f"{measurement.name}_{period}")
                connection.execute(f"DELETE FROM {rollup} WHERE {within} AND host BETWEEN ? AND ?", hosts)
                connection.execute(
                    f"INSERT INTO {rollup} BY NAME SELECT {_aggregates(measurement, period, length_ns)} "
                    f"FROM {table} samples WHERE {within} AND host BETWEEN ? AND ? GROUP BY ALL",
                    hosts,
                )
            connection.execute("COMMIT")
    with turn() as connection:
        connection.execute("BEGIN")
        date = _date(day)
        connection.execute(f"DELETE FROM rolled_up WHERE measurement = ? AND day = {date}", [measurement.name])
        connection.execute(f"INSERT INTO rolled_up VALUES (?, {date}, ?)", [measurement.name, rows])
        connection.execute("COMMIT")


def _aggregates(measurement: Measurement, period: str, length_ns: int) -> str:
    tags = tag_columns(measurement)
    columns = [
        f"make_timestamp_ns(epoch_ns(samples.time) // {length_ns} * {length_ns}) AS time",
        *(quoted(tag) for tag in tags),
        "count(*)::INTEGER AS samples",
    ]
    for field in stored_fields(measurement):
        columns += [f"{sql} AS {quoted(name)}" for name, _, sql in rollup_columns(field, period)]
    return ", ".join(columns)


def _host_ranges(turn: Turn, measurement: Measurement, within: str) -> Iterator[list[str]]:
    """First and last host of slices of about `ROLLUP_ROWS` rows."""
    with turn() as connection:
        counts = connection.execute(
            f"SELECT host, count(*) FROM {quoted(measurement.name)} WHERE {within} GROUP BY host ORDER BY host"
        ).fetchall()
    first, last, rows = "", "", 0
    for host, count in counts:
        if rows and rows + count > ROLLUP_ROWS:
            yield [first, last]
            rows = 0
        if not rows:
            first = host
        last = host
        rows += count
    if rows:
        yield [first, last]


def _drop(connection: "DuckDBPyConnection", table: str, before_day: int) -> int:
    found = connection.execute(
        f"DELETE FROM {quoted(table)} WHERE time < make_timestamp_ns(?)", [before_day * DAY_NS]
    ).fetchone()
    return int(found[0]) if found else 0


def _date(day: int) -> str:
    return f"make_timestamp_ns({day * DAY_NS})::DATE"


def _between(start_ns: int, stop_ns: int) -> str:
    return f"time >= make_timestamp_ns({start_ns}) AND time < make_timestamp_ns({stop_ns})"
