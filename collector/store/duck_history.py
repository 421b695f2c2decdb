"""Bulk reading from the DuckDB file: windows of many series as arrays, slice of series after slice.

Each slice is a turn of its own, so that pollers get in between and memory is bounded by the slice. Series are numbered
within it: joining their few rows of tags to the samples is cheaper than carrying texts along with millions of them.
"""

# Tables and columns in statements are the catalogue's; values are parameters.
# ruff: noqa: S608

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import msgspec

from collector.metrics.model import Field, Kind, Measurement
from collector.store.contract import History, Sighting
from collector.store.duck_schema import quoted, rollup_columns, tag_columns
from collector.store.duck_segments import DAILY, HOURLY, RAW, Kept, Segment, segments
from collector.store.reading import DAY_NS, Aggregate, Windows

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection

Turn = Callable[[], "AbstractContextManager[DuckDBPyConnection]"]

_SLICE_WINDOWS = 2_000_000
"""windows in a slice, at the most: they bound memory"""

_ROLLED_PERCENTILES = {0.0: "min", 95.0: "p95", 100.0: "max"}


class _Keys(msgspec.Struct, frozen=True):
    """The series that a question is about, in the order of their tags."""

    tags: list[dict[str, str]]
    columns: tuple[str, ...]
    """the tags that tell them apart"""


def histories(turn: Turn, windows: Windows, aggregate: Aggregate) -> Iterator[History]:
    """As `Store.histories`."""
    with turn() as connection:
        kept = _kept(connection, windows.measurement)
        keys = _keys(connection, kept, windows)
    if any(field.kind is Kind.COUNTER for field in windows.fields):
        kept = Kept()  # no rollup has them
    parts = segments(kept, windows.since_ns, windows.until_ns, windows.every_ns)
    statement = _windows_statement(windows, keys, parts, aggregate)
    expected = -(-(windows.until_ns - windows.since_ns) // windows.every_ns)
    yield from _slices(turn, keys, expected, statement, windows)


def daily_percentiles(turn: Turn, windows: Windows, percent: float) -> Iterator[History]:
    """As `Store.daily_percentiles`. Days of which only rollups are left have their 0th, 95th and 100th percentile."""
    with turn() as connection:
        kept = _kept(connection, windows.measurement)
        keys = _keys(connection, kept, windows)
    kind = _ROLLED_PERCENTILES.get(percent, "")
    columns = {field.name: f"{field.name}_{kind}" for field in windows.fields}
    if not all(columns[f.name] in {name for name, _, _ in rollup_columns(f, "daily")} for f in windows.fields):
        kept = Kept()
    # The percentile of a part of a day is made of that part's samples.
    parts = [
        part if part.table != HOURLY else Segment(RAW, part.start_ns, part.stop_ns)
        for part in segments(kept, windows.since_ns, windows.until_ns, DAY_NS)
    ]
    statement = _percentiles_statement(windows, keys, parts, percent / 100, columns)
    yield from _slices(turn, keys, len(range(windows.since_ns, windows.until_ns, DAY_NS)) + 1, statement, windows)


def sightings(
    turn: Turn, measurement: Measurement, fields: Sequence[Field], where: dict[str, str], since_ns: int, until_ns: int
) -> list[Sighting]:
    """As `Store.sightings`; of a day that is rolled up, the last text counts for the whole day."""
    tags = tag_columns(measurement)
    found: list[Sighting] = []
    with turn() as connection:
        parts = segments(_kept(connection, measurement), since_ns, until_ns, DAY_NS)
        conditions = " AND ".join(["true", *(f"{quoted(tag)} = ?" for tag in where)])
        for field in fields:
            source = " UNION ALL ".join(
                f"SELECT {_listed(tags)}, {quoted(field.name)} AS text, time FROM {quoted(measurement.name + part.table)} "
                f"WHERE {_within(part)} AND {conditions} AND {quoted(field.name)} IS NOT NULL"
                for part in parts
            )
            rows = connection.execute(
                f"SELECT {_listed(tags)}, text, epoch_ns(min(time)), epoch_ns(max(time)) FROM ({source}) GROUP BY ALL "
                f"ORDER BY {_listed(tags)}, min(time)",
                list(where.values()) * len(parts),
            ).fetchall() if parts else []  # fmt: skip
            found += [Sighting(_tags(tags, row), field.name, *row[len(tags) :]) for row in rows]
    return found


def _kept(connection: "DuckDBPyConnection", measurement: Measurement) -> Kept:
    """What there is; a day that only has latecomers counts as gone."""
    rolled = dict(
        connection.execute(
            f"SELECT epoch_ns(day::TIMESTAMP_NS) // {DAY_NS}, samples FROM rolled_up WHERE measurement = ?",
            [measurement.name],
        ).fetchall()
    )
    if not rolled:
        return Kept()
    end = max(rolled) + 1
    raw_from = _first_day(connection, measurement.name, 0)
    while raw_from < end:
        there = connection.execute(
            f"SELECT count(*) FROM {quoted(measurement.name)} WHERE {_within(_day(raw_from))}"
        ).fetchall()[0][0]
        if 2 * there >= rolled.get(raw_from, 0):
            break
        raw_from = _first_day(connection, measurement.name, raw_from + 1)
    return Kept(frozenset(rolled), raw_from, _first_day(connection, measurement.name + HOURLY, 0))


def _first_day(connection: "DuckDBPyConnection", table: str, least: int) -> int:
    found = connection.execute(
        f"SELECT epoch_ns(min(time)) // {DAY_NS} FROM {quoted(table)} WHERE time >= make_timestamp_ns({least * DAY_NS})"
    ).fetchall()[0][0]
    return 2**31 if found is None else int(found)


def _day(day: int) -> Segment:
    return Segment(RAW, day * DAY_NS, (day + 1) * DAY_NS)


def _keys(connection: "DuckDBPyConnection", kept: Kept, windows: Windows) -> _Keys:
    """All series that have anything in these days, those that are asked for."""
    measurement, hosts = windows.measurement, windows.selection.hosts
    tags = tag_columns(measurement)
    days = (windows.since_ns // DAY_NS * DAY_NS, -(-windows.until_ns // DAY_NS) * DAY_NS)
    parts = segments(kept, *days, DAY_NS)
    if not parts or hosts == frozenset():
        return _Keys([], ("host",))
    bounds = [] if hosts is None else [min(hosts), max(hosts)]
    source = " UNION ALL ".join(
        f"SELECT {_listed(tags)} FROM {quoted(measurement.name + part.table)} "
        f"WHERE {_within(part)}{' AND host BETWEEN ? AND ?' if bounds else ''}"
        for part in parts
    )
    rows = connection.execute(f"SELECT DISTINCT * FROM ({source}) ORDER BY ALL", bounds * len(parts)).fetchall()
    # A host that moved has series that differ in its site alone; most have not.
    columns = ("host", *measurement.tags)
    places = [tags.index(column) for column in columns]
    if len({tuple(row[place] for place in places) for row in rows}) < len(rows):
        columns = tags
    found = [_tags(tags, row) for row in rows]
    return _Keys([series for series in found if windows.selection.takes(series)], columns)


def _slices(turn: Turn, keys: _Keys, windows_each: int, statement: str, windows: Windows) -> Iterator[History]:
    size = max(1, _SLICE_WINDOWS // max(1, windows_each))
    names = [field.name for field in windows.fields]
    for start in range(0, len(keys.tags), size):
        tags = keys.tags[start : start + size]
        with turn() as connection:
            connection.register("keys", _table(keys.columns, tags))
            found = connection.execute(statement, [tags[0]["host"], tags[-1]["host"]]).fetchnumpy()
        yield from _histories(tags, found, names)


def _table(columns: Sequence[str], tags: list[dict[str, str]]) -> "dict[str, np.ndarray[Any, Any]]":
    import numpy as np

    table: dict[str, np.ndarray[Any, Any]] = {"id": np.arange(len(tags), dtype=np.int32)}
    for column in columns:
        table[column] = np.array([series.get(column, "") for series in tags], dtype=object)
    return table


def _histories(
    tags: list[dict[str, str]], found: "dict[str, np.ndarray[Any, Any]]", names: Sequence[str]
) -> Iterator[History]:
    """The series of a slice, of rows sorted by id and time."""
    import numpy as np

    ids = found["id"]
    starts = np.flatnonzero(np.diff(ids, prepend=-1))
    for start, stop in zip(starts.tolist(), [*starts[1:].tolist(), len(ids)], strict=True) if len(ids) else ():
        yield History(
            tags[int(ids[start])],
            found["time"][start:stop],
            {name: found[f"value_{name}"][start:stop] for name in names},
            found["samples"][start:stop],
        )


def _windows_statement(windows: Windows, keys: _Keys, parts: Sequence[Segment], aggregate: Aggregate) -> str:
    """SQL for (id, time, value_F for each field F, samples), sorted."""
    columns = []
    for field in windows.fields:
        name, value = quoted(f"value_{field.name}"), quoted(field.name)
        wanted = {
            "mean": f"sum({value} * weight) / sum(weight) FILTER ({value} IS NOT NULL)",
            "max": f"max({value})",
            "min": f"min({value})",
            "last": f"arg_max({value}, time)",
        }["mean" if field.type is bool else aggregate]
        columns.append(f"coalesce({wanted}, 'NaN') AS {name}")
    counts = ", ".join(f"sum(weight) FILTER ({quoted(field.name)} IS NOT NULL)" for field in windows.fields)
    every = windows.every_ns
    return (
        f"SELECT id, epoch_ns(time) // {every} * {every} AS time, {', '.join(columns)}, "
        f"greatest({counts})::DOUBLE AS samples "
        f"FROM ({_samples(windows, keys, parts, aggregate)}) GROUP BY id, epoch_ns(time) // {every} ORDER BY id, 2"
    )


def _samples(windows: Windows, keys: _Keys, parts: Sequence[Segment], aggregate: Aggregate) -> str:
    """SQL for (id, time, weight, a column for each field) of all parts, without the rows that have none of the fields."""
    kind = {"mean": "avg", "last": "avg", "max": "max", "min": "min"}[aggregate]
    selects = []
    for part in parts:
        columns = {}
        for field in windows.fields:
            suffix = "" if part.table == RAW else "_avg" if field.type is bool else f"_{kind}"
            cast = "::INT::DOUBLE" if field.type is bool and part.table == RAW else "::DOUBLE"
            columns[field.name] = f"samples.{quoted(field.name + suffix)}{cast}"
        selects.append(
            f"SELECT id, time, {'1' if part.table == RAW else 'samples.samples'}::DOUBLE AS weight, "
            + ", ".join(f"{sql} AS {quoted(name)}" for name, sql in columns.items())
            + _joined(windows.measurement, part, keys)
            + f" AND ({' OR '.join(f'{sql} IS NOT NULL' for sql in columns.values())})"
        )
    return " UNION ALL ".join(selects)


def _percentiles_statement(
    windows: Windows, keys: _Keys, parts: Sequence[Segment], share: float, rolled: dict[str, str]
) -> str:
    """SQL for (id, time, value_F for each field F, samples), sorted."""
    selects = []
    for part in parts:
        if part.table == DAILY:
            columns = {field.name: f"samples.{quoted(rolled[field.name])}::DOUBLE" for field in windows.fields}
            counts, grouped = "samples.samples", ""
        else:
            columns = {
                field.name: f"quantile_disc(samples.{quoted(field.name)}::DOUBLE, {share!r})"
                for field in windows.fields
            }
            counts = "greatest(" + ", ".join(f"count(samples.{quoted(name)})" for name in columns) + ")"
            grouped = " GROUP BY ALL"
        selects.append(
            f"SELECT id, epoch_ns(time) // {DAY_NS} * {DAY_NS} AS time, "
            + ", ".join(f"coalesce({sql}, 'NaN') AS {quoted(f'value_{name}')}" for name, sql in columns.items())
            + f", {counts}::DOUBLE AS samples"
            + _joined(windows.measurement, part, keys)
            + grouped
        )
    present = " OR ".join(f"NOT isnan({quoted(f'value_{field.name}')})" for field in windows.fields)
    return f"SELECT * FROM ({' UNION ALL '.join(selects)}) WHERE {present} ORDER BY id, time"


def _joined(measurement: Measurement, part: Segment, keys: _Keys) -> str:
    """SQL for the rows of a part that belong to a slice; the first and last host of it are parameters 1 and 2."""
    table = quoted(measurement.name + part.table)
    same = " AND ".join(f"samples.{quoted(column)} = keys.{quoted(column)}" for column in keys.columns)
    return f" FROM {table} samples JOIN keys ON {same} WHERE {_within(part)} AND samples.host BETWEEN $1 AND $2"


def _within(part: Segment) -> str:
    return f"time >= make_timestamp_ns({part.start_ns}) AND time < make_timestamp_ns({part.stop_ns})"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _tags(names: Sequence[str], values: Sequence[Any]) -> dict[str, str]:
    """The tags of a row, without the empty ones."""
    return {name: value for name, value in zip(names, values, strict=False) if value}
