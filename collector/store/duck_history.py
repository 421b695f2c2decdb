"""Bulk reading from the DuckDB file: windows of many series as arrays, slice of series after slice.

Each slice is a turn of its own, so that pollers get in between and memory is bounded by the slice. DuckDB gives the rows
as they come; they are put into a grid of series and windows by numpy, which costs a third of sorting and grouping them.
"""

# Tables and columns in statements are the catalogue's.

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import msgspec

from collector.metrics.model import Field, Kind
from collector.store.contract import History
from collector.store.duck_kept import kept
from collector.store.duck_keys import Keys, keys
from collector.store.duck_memory import Memory
from collector.store.duck_schema import quoted, rollup_columns
from collector.store.folding import folded
from collector.store.reading import Aggregate, Windows
from collector.store.segments import (
    DAILY,
    RAW,
    ROLLED_PERCENTILES,
    ROLLED_STATISTIC,
    Kept,
    Segment,
    day_segments,
    segments,
)

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection
    from numpy.typing import NDArray

Turn = Callable[[], "AbstractContextManager[DuckDBPyConnection]"]

_CELLS = 500_000
"""windows of all series of a slice: they bound memory, and arrays of some MB are quicker than larger ones"""


class _Axis(msgspec.Struct, frozen=True):
    """The windows of a question: `count` of `every_ns`, from `start_ns`."""

    start_ns: int
    every_ns: int
    count: int


def histories(turn: Turn, memory: Memory, windows: Windows, aggregate: Aggregate) -> Iterator[History]:
    """As `Store.histories`."""
    with turn() as connection:
        there = kept(connection, memory, windows.measurement)
        found = keys(connection, memory, there, windows)
    if any(field.kind is Kind.COUNTER for field in windows.fields):
        there = Kept()  # no rollup has them
    parts = segments(there, windows.since_ns, windows.until_ns, windows.every_ns)
    is_weighed = any(part.grain != RAW for part in parts)

    def statement(keys: Keys, axis: _Axis) -> str:
        return " UNION ALL ".join(_samples(windows, keys, axis, part, aggregate, is_weighed) for part in parts)

    folds = [_fold(field, aggregate) for field in windows.fields]
    yield from _slices(turn, found, windows, statement, folds)


def daily_percentiles(turn: Turn, memory: Memory, windows: Windows, percent: float) -> Iterator[History]:
    """As `Store.daily_percentiles`. Days of which only rollups are left have their 0th, 95th and 100th percentile."""
    with turn() as connection:
        there = kept(connection, memory, windows.measurement)
        found = keys(connection, memory, there, windows)
    kind = ROLLED_PERCENTILES.get(percent, "")
    columns = {field.name: f"{field.name}_{kind}" for field in windows.fields}
    if not all(columns[f.name] in {name for name, _, _ in rollup_columns(f, "daily")} for f in windows.fields):
        there = Kept()
    parts = day_segments(there, windows.since_ns, windows.until_ns)

    def statement(keys: Keys, axis: _Axis) -> str:
        return " UNION ALL ".join(_percentiles(windows, keys, axis, part, percent / 100, columns) for part in parts)

    yield from _slices(turn, found, windows, statement, ["max"] * len(windows.fields))


def _slices(
    turn: Turn,
    found: Keys,
    windows: Windows,
    statement: Callable[[Keys, _Axis], str],
    folds: Sequence[Aggregate],
) -> Iterator[History]:
    """Ask `statement`, SQL for (cell, weight, time_ns, a column for each field), of some series at a time. There is no weight
    where all rows are samples.

    A cell is a window of a series, counted through all windows of the first one, the second one and so on.
    """
    import numpy as np

    begin, end = windows.since_ns // windows.every_ns, -(-windows.until_ns // windows.every_ns)
    axis = _Axis(begin * windows.every_ns, windows.every_ns, end - begin)
    size = max(1, _CELLS // max(1, axis.count))
    for place in range(0, len(found.tags), size):
        part = found.part(place, place + size)
        with turn() as connection:
            part.register(connection)
            rows = connection.execute(statement(part, axis)).fetchnumpy()
        columns, samples = _columns(len(part.tags) * axis.count, rows, windows.fields, folds)
        del rows  # as large as all that is made of it
        # series after series, the windows in which there is anything
        there = np.flatnonzero(samples)
        bounds = np.searchsorted(there, np.arange(len(part.tags) + 1) * axis.count).tolist()
        times = axis.start_ns + there % axis.count * axis.every_ns
        samples = samples[there]
        for name in columns:
            columns[name] = columns[name][there]
        for tags, first, stop in zip(part.tags, bounds, bounds[1:], strict=False):
            if first < stop:
                values = {name: column[first:stop] for name, column in columns.items()}
                yield History(tags, times[first:stop], values, samples[first:stop])


def _columns(
    size: int, rows: "dict[str, NDArray[Any]]", fields: Sequence[Field], folds: Sequence[Aggregate]
) -> "tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]":
    """The fields in all cells, NaN where there is none, and how many samples the best of them is made of."""
    import numpy as np

    samples, columns = np.zeros(size), {}
    for field, fold in zip(fields, folds, strict=True):
        values = rows[f"value_{field.name}"]
        columns[field.name], counts = folded(rows["cell"], size, values, rows.get("weight"), rows.get("time_ns"), fold)
        np.maximum(samples, counts, out=samples)
    return columns, samples


def _fold(field: Field, aggregate: Aggregate) -> Aggregate:
    return "mean" if field.type is bool else aggregate


def _samples(windows: Windows, keys: Keys, axis: _Axis, part: Segment, aggregate: Aggregate, is_weighed: bool) -> str:
    """SQL for the rows of a part that have any of the fields."""
    kind = ROLLED_STATISTIC[aggregate]
    columns = {}
    for field in windows.fields:
        suffix = "" if part.grain == RAW else "_avg" if field.type is bool else f"_{kind}"
        cast = "::INT::DOUBLE" if field.type is bool and part.grain == RAW else "::DOUBLE"
        columns[field.name] = f"samples.{quoted(field.name + suffix)}{cast}"
    weight = None
    if is_weighed:
        weight = "1" if part.grain == RAW else "samples.samples"
    present = " OR ".join(f"{sql} IS NOT NULL" for sql in columns.values())
    return f"SELECT {_cells(axis, columns, weight, aggregate)} {keys.joined(windows.measurement, part)} AND ({present})"


def _percentiles(windows: Windows, keys: Keys, axis: _Axis, part: Segment, share: float, rolled: dict[str, str]) -> str:
    """SQL for the percentiles of the days of a part."""
    joined = keys.joined(windows.measurement, part)
    if part.grain == DAILY:
        columns = {field.name: f"samples.{quoted(rolled[field.name])}::DOUBLE" for field in windows.fields}
        return f"SELECT {_cells(axis, columns, 'samples.samples', 'max')} {joined}"
    columns = {
        field.name: f"quantile_disc(samples.{quoted(field.name)}::DOUBLE, {share!r})" for field in windows.fields
    }
    counts = "greatest(" + ", ".join(f"count(samples.{quoted(name)})" for name in columns) + ")"
    return f"SELECT {_cells(axis, columns, counts, 'max')} {joined} GROUP BY cell"


def _cells(axis: _Axis, columns: dict[str, str], weight: str | None, aggregate: Aggregate) -> str:
    """SQL for the columns that `_slices` wants."""
    selected = [
        f"(id::BIGINT * {axis.count} + (epoch_ns(time) - {axis.start_ns}) // {axis.every_ns})::INTEGER AS cell",
        *([f"{weight}::DOUBLE AS weight"] if weight else []),
        *(f"coalesce({sql}, 'NaN') AS {quoted(f'value_{name}')}" for name, sql in columns.items()),
    ]
    if aggregate == "last":
        selected.append("epoch_ns(time) AS time_ns")
    return ", ".join(selected)
