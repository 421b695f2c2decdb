"""Bulk reading over InfluxQL: windows of many series as arrays, some hosts and some thousand windows at a time.

A server sends an answer whole or not at all, and each value of it as text: what is asked for at once follows the size of
the answer before. InfluxQL has no mean of flags, but it counts those that are true.
"""

# Names in statements are quoted, values too: see influx_read.
# ruff: noqa: S608

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from collector.metrics.model import Field, Measurement
from collector.store.contract import History, Sighting
from collector.store.influx_read import Table, literal, quoted, tags_of, where_clause
from collector.store.reading import DAY_S, Aggregate, Selection, Windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Ask = Callable[[str, str], list[Table]]
"""the series of the answer to a statement about a measurement; times are seconds since the epoch"""

_FIRST_HOSTS = 8
_MOST_HOSTS = 64
_ROWS = 200_000
"""rows wanted in an answer: about 10 MB of JSON"""

_MOST_WINDOWS = 10_000
"""windows of a series in an answer"""

_MOST_NAMES = 16
"""names of a host written into a statement; with more of them, all of the host is asked for and the rest left out here"""

_Key = tuple[tuple[str, str], ...]


class _Column(msgspec.Struct, frozen=True):
    """One statement's part: what it selects beside the time, for which field, and under which condition."""

    select: str
    condition: str = ""


def histories(ask: Ask, windows: Windows, aggregate: Aggregate) -> Iterator[History]:
    """As `Store.histories`."""
    numbers = [field for field in windows.fields if field.type is not bool]
    flags = [field for field in windows.fields if field.type is bool]
    statements = [
        ", ".join(f"{aggregate}({quoted(field.name)}), count({quoted(field.name)})" for field in numbers)
    ] * bool(numbers)

    def read(where: str) -> dict[_Key, dict[str, "_Cells"]]:
        found: dict[_Key, dict[str, _Cells]] = {}
        for statement in statements:
            for key, times, columns in _grouped(ask, windows, statement, where):
                for place, field in enumerate(numbers):
                    found.setdefault(key, {})[field.name] = (times, columns[2 * place], columns[2 * place + 1])
        for field in flags:
            counted = f"count({quoted(field.name)})"
            true = {
                key: (times, columns[0])
                for key, times, columns in _grouped(ask, windows, counted, f"{where} AND {quoted(field.name)} = true")
            }
            for key, times, columns in _grouped(ask, windows, counted, where):
                found.setdefault(key, {})[field.name] = (times, _share(times, columns[0], true.get(key)), columns[0])
        return found

    yield from _by_hosts(ask, windows, read)


def daily_percentiles(ask: Ask, windows: Windows, percent: float) -> Iterator[History]:
    """As `Store.daily_percentiles`."""
    import numpy as np

    # A rank that rounds to nothing is null: then it is the least value.
    statement = ", ".join(
        f"percentile({field}, {percent:g}), min({field}), count({field})"
        for field in (quoted(field.name) for field in windows.fields)
    )

    def read(where: str) -> dict[_Key, dict[str, "_Cells"]]:
        found: dict[_Key, dict[str, _Cells]] = {}
        for key, times, columns in _grouped(ask, windows, statement, where):
            for place, field in enumerate(windows.fields):
                value, least, count = columns[3 * place : 3 * place + 3]
                found.setdefault(key, {})[field.name] = (times, np.where(np.isnan(value), least, value), count)
        return found

    yield from _by_hosts(ask, windows, read)


def sightings(
    ask: Ask, measurement: Measurement, fields: Sequence[Field], where: Mapping[str, str], since_ns: int, until_ns: int
) -> list[Sighting]:
    """As `Store.sightings`: to the day, by the first and last text of each day."""
    seen: dict[tuple[_Key, str, str], tuple[int, int]] = {}
    for field in fields:
        name = quoted(field.name)
        statement = (
            f"SELECT first({name}), last({name}) FROM {quoted(measurement.name)}{where_clause(where, since_ns, until_ns)} "
            f"GROUP BY time({DAY_S}s), * fill(none)"
        )
        for table in ask(statement, measurement.name):
            key = _key(table)
            for day_s, *texts in table.values:
                time_ns = max(day_s * 10**9, since_ns)
                for text in texts:
                    if text is not None:
                        first_ns, _ = seen.get((key, field.name, text), (time_ns, 0))
                        seen[key, field.name, text] = (first_ns, time_ns)
    return [
        Sighting(dict(key), field, text, first_ns, last_ns) for (key, field, text), (first_ns, last_ns) in seen.items()
    ]


_Cells = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]
"""of one field: times in seconds, values, samples"""


def _by_hosts(ask: Ask, windows: Windows, read: Callable[[str], dict[_Key, dict[str, _Cells]]]) -> Iterator[History]:
    """Ask for some hosts at a time, as many as the answers before allow."""
    hosts, size = _hosts(ask, windows), _FIRST_HOSTS
    spans = list(_spans(windows))
    while hosts:
        asked, hosts = hosts[:size], hosts[size:]
        where = _selected(windows.selection, asked)
        found: dict[_Key, list[dict[str, _Cells]]] = {}
        largest = 1
        for since_ns, until_ns in spans:
            rows = 0
            for key, cells in read(f"{where} AND time >= {since_ns} AND time < {until_ns}").items():
                if windows.selection.takes(dict(key)):
                    found.setdefault(key, []).append(cells)
                rows += max(len(times) for times, _, _ in cells.values())
            largest = max(largest, rows)
        size = max(1, min(_MOST_HOSTS, len(asked) * _ROWS // largest))
        for key in sorted(found):
            history = _history(key, found[key], windows)
            if history is not None:
                yield history


def _hosts(ask: Ask, windows: Windows) -> list[str]:
    measurement = windows.measurement.name
    shown = ask(f"SHOW TAG VALUES FROM {quoted(measurement)} WITH KEY = {quoted('host')}", measurement)
    known = {row[1] for table in shown for row in table.values}
    wanted = windows.selection.hosts
    return sorted(known if wanted is None else known & wanted)


def _spans(windows: Windows) -> Iterator[tuple[int, int]]:
    length = _MOST_WINDOWS * windows.every_ns
    since_ns = max(0, windows.since_ns)
    until_ns = min(windows.until_ns, 2**63 - 1)
    while since_ns < until_ns:
        next_ns = min(until_ns, (since_ns // windows.every_ns) * windows.every_ns + length)
        yield since_ns, next_ns
        since_ns = next_ns


def _selected(selection: Selection, hosts: Sequence[str]) -> str:
    """The condition for these hosts' series; it may let more of them through than are asked for."""
    names: dict[str, list[str]] = {}
    for host, name in selection.pairs or ():
        names.setdefault(host, []).append(name)
    parts = []
    for host in hosts:
        part = f"{quoted('host')} = {literal(host)}"
        if 0 < len(names.get(host, ())) <= _MOST_NAMES:
            part = f"({part} AND {_one_of('name', names[host])})"
        parts.append(part)
    return " AND ".join(
        [
            f"({' OR '.join(parts)})",
            *(
                _one_of(tag, list(values))
                for tag, values in selection.tags.items()
                if tag != "host" and 0 < len(values) <= _MOST_NAMES
            ),
        ]
    )


def _one_of(tag: str, values: Sequence[str]) -> str:
    return f"({' OR '.join(f'{quoted(tag)} = {literal(value)}' for value in sorted(values))})"


def _grouped(
    ask: Ask, windows: Windows, columns: str, where: str
) -> Iterator[tuple[_Key, "NDArray[np.float64]", "NDArray[np.float64]"]]:
    """Of every series its tags, the windows' starts in seconds, and the columns, NaN where there is nothing."""
    import numpy as np

    measurement = windows.measurement.name
    every_s = windows.every_ns // 10**9
    statement = f"SELECT {columns} FROM {quoted(measurement)} WHERE {where} GROUP BY time({every_s}s), * fill(none)"
    for table in ask(statement, measurement):
        cells = np.array(table.values, dtype=np.float64).T
        yield _key(table), cells[0], cells[1:]


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


def _history(key: _Key, parts: Sequence[Mapping[str, _Cells]], windows: Windows) -> History | None:
    """The fields of all spans on one axis; None where there is no value."""
    import numpy as np

    axes, values, samples = [], {field.name: [] for field in windows.fields}, []  # type: ignore[var-annotated]
    for cells in parts:
        axis = np.unique(np.concatenate([times for times, _, _ in cells.values()]))
        most = np.zeros(len(axis))
        for field in windows.fields:
            column = np.full(len(axis), np.nan)
            if field.name in cells:
                times, found, counts = cells[field.name]
                places = np.searchsorted(axis, times)
                column[places] = found
                most[places] = np.fmax(most[places], counts)
            values[field.name].append(column)
        axes.append(axis)
        samples.append(most)
    joined = {name: np.concatenate(columns) for name, columns in values.items()}
    counted = np.concatenate(samples)
    present = counted > 0
    if not present.any():
        return None
    times_ns = np.concatenate(axes).astype(np.int64) * 10**9
    return History(
        dict(key), times_ns[present], {name: found[present] for name, found in joined.items()}, counted[present]
    )


def _key(table: Table) -> _Key:
    return tuple(tags_of(table).items())
