"""One statement for windows, and what its answer holds: the cells of each series, as arrays."""

# Names in statements are quoted, values too: see influx_read.
# ruff: noqa: S608

from collections.abc import Iterator
from typing import TYPE_CHECKING

from collector.metrics.model import Field, Measurement
from collector.store.influx_read import Ask, Table, quoted, tags_of
from collector.store.reading import Aggregate, Windows
from collector.store.segments import RAW

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Key = tuple[tuple[str, str], ...]
"""the tags of a series"""

Cells = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]
"""of one field: times in seconds, values, and how many samples each is made of"""

Found = dict[Key, dict[str, Cells]]
"""by series and field"""


def source(measurement: Measurement, grain: str) -> str:
    """Where the points of a grain are, in InfluxQL."""
    return quoted(measurement.name) if grain == RAW else f"{quoted(grain)}.{quoted(measurement.name)}"


def sampled(ask: Ask, windows: Windows, where: str) -> Found:
    """The samples as they are, a flag as 1 or 0."""
    import numpy as np

    names = [field.name for field in windows.fields]
    statement = (
        f"SELECT {', '.join(map(quoted, names))} FROM {quoted(windows.measurement.name)} WHERE {where} GROUP BY *"
    )
    found: Found = {}
    for table in ask(statement, windows.measurement.name):
        times, *columns = np.array(table.values, dtype=np.float64).T
        once = np.ones(len(times))
        found[key_of(table)] = {name: (times, values, once) for name, values in zip(names, columns, strict=True)}
    return found


def aggregated(ask: Ask, windows: Windows, where: str, aggregate: Aggregate) -> Found:
    """Samples put together by the server. InfluxQL has no mean of flags, but it counts those that are true."""
    found: Found = {}
    numbers = _numbers(windows)
    selected = [f"{aggregate}({name}), count({name})" for name in (quoted(field.name) for field in numbers)]
    for key, times, columns in _grouped(ask, windows, ", ".join(selected), where) if numbers else ():
        for place, field in enumerate(numbers):
            found.setdefault(key, {})[field.name] = (times, columns[2 * place], columns[2 * place + 1])
    for field in _flags(windows):
        name = quoted(field.name)
        true = {
            key: (times, columns[0])
            for key, times, columns in _grouped(ask, windows, f"count({name})", f"{where} AND {name} = true")
        }
        for key, times, columns in _grouped(ask, windows, f"count({name})", where):
            found.setdefault(key, {})[field.name] = (times, _share(times, columns[0], true.get(key)), columns[0])
    return found


def percentiles(ask: Ask, windows: Windows, where: str, percent: float) -> Found:
    """A percentile of the samples of each window. A rank that rounds to nothing is null: then it is the least value."""
    import numpy as np

    found: Found = {}
    selected = ", ".join(
        f"percentile({name}, {percent:g}), min({name}), count({name})"
        for name in (quoted(field.name) for field in windows.fields)
    )
    for key, times, columns in _grouped(ask, windows, selected, where):
        for place, field in enumerate(windows.fields):
            value, least, count = columns[3 * place : 3 * place + 3]
            found.setdefault(key, {})[field.name] = (times, np.where(np.isnan(value), least, value), count)
    return found


def rolled(ask: Ask, windows: Windows, grain: str, where: str, kind: str) -> Found:
    """The hours or days of a rollup; of numbers the statistic `kind` (min, avg, max, p95)."""
    import numpy as np

    flags = _flags(windows)
    columns = {f"{field.name}_{kind}": field.name for field in _numbers(windows)}
    selected = ["samples", *columns, *(f"{field.name}_{kind}" for field in flags for kind in ("true", "count"))]
    statement = (
        f"SELECT {', '.join(map(quoted, selected))} FROM {source(windows.measurement, grain)} WHERE {where} GROUP BY *"
    )
    found: Found = {}
    for table in ask(statement, windows.measurement.name):
        times, samples, *cells = np.array(table.values, dtype=np.float64).T
        weights = np.where(np.isnan(samples), 1.0, samples)
        fields = found[key_of(table)] = {
            name: (times, values, weights) for name, values in zip(columns.values(), cells, strict=False)
        }
        for place, field in enumerate(flags):
            true, count = cells[len(columns) + 2 * place : len(columns) + 2 * place + 2]
            fields[field.name] = (times, np.where(count > 0, np.nan_to_num(true) / count, np.nan), np.nan_to_num(count))
    return found


def _numbers(windows: Windows) -> list[Field]:
    return [field for field in windows.fields if field.type is not bool]


def _flags(windows: Windows) -> list[Field]:
    return [field for field in windows.fields if field.type is bool]


def _grouped(
    ask: Ask, windows: Windows, columns: str, where: str
) -> Iterator[tuple[Key, "NDArray[np.float64]", "NDArray[np.float64]"]]:
    """Of every series its tags, the windows' starts in seconds, and the columns, NaN where there is nothing."""
    import numpy as np

    measurement = windows.measurement.name
    every_s = windows.every_ns // 10**9
    statement = f"SELECT {columns} FROM {quoted(measurement)} WHERE {where} GROUP BY time({every_s}s), * fill(none)"
    for table in ask(statement, measurement):
        cells = np.array(table.values, dtype=np.float64).T
        yield key_of(table), cells[0], cells[1:]


def _share(
    times: "NDArray[np.float64]",
    counts: "NDArray[np.float64]",
    true: "tuple[NDArray[np.float64], NDArray[np.float64]] | None",
) -> "NDArray[np.float64]":
    import numpy as np

    trues = np.zeros(len(times))
    shares = np.full(len(times), np.nan)
    if true is not None:
        trues[np.searchsorted(times, true[0])] = true[1]
    np.divide(trues, counts, out=shares, where=counts > 0)
    return shares


def key_of(table: Table) -> Key:
    """The series that it is of."""
    return tuple(tags_of(table).items())
