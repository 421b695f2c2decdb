"""Bulk reading over InfluxQL: windows of many series as arrays, some hosts and some thousand windows at a time.

A server sends an answer whole or not at all, and each value of it as text: what is asked for at once follows the size of
the answer before. InfluxQL has no mean of flags, but it counts those that are true.
"""

# Names in statements are quoted, values too: see influx_read.
# ruff: noqa: S608

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from collector.metrics.model import Field, Kind, Measurement
from collector.store.contract import History, Sighting
from collector.store.folding import folded
from collector.store.influx_read import Ask, Table, literal, quoted, tags_of, where_clause
from collector.store.influx_rollup import has_percentile
from collector.store.reading import DAY_NS, DAY_S, Aggregate, Selection, Windows
from collector.store.segments import DAILY, HOUR_NS, HOURLY, RAW, Kept, Segment, day_segments, segments

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIRST_HOSTS = 8
_MOST_HOSTS = 16
"""hosts in a statement: what a server takes for alternatives in a condition grows with their square"""

_ROWS = 100_000
"""rows wanted in an answer: about 5 MB of JSON"""

_AHEAD = 2
"""statements under way at once: the server puts an answer together while the one before is made into arrays"""

_MOST_WINDOWS = 10_000
"""windows of a series in an answer"""

_MOST_NAMES = 16
"""names of a host written into a statement; with more of them, all of the host is asked for and the rest left out here"""

_FEW_SAMPLES = 6
"""in a window: a server takes several times as long to put so few together as to send them as they are"""

_GRAIN_NS = {HOURLY: HOUR_NS, DAILY: DAY_NS}

_Key = tuple[tuple[str, str], ...]


_Cells = tuple["NDArray[np.float64]", "NDArray[np.float64]", "NDArray[np.float64]"]
"""of one field: times in seconds, values, and how many samples each is made of"""

_Read = Callable[[str, str], dict[_Key, dict[str, _Cells]]]
"""the fields of all series of a grain that fulfil a condition"""


def histories(ask: Ask, there: Kept, windows: Windows, aggregate: Aggregate) -> Iterator[History]:
    """As `Store.histories`; what is older than the samples is put together from the rollups here."""
    if any(field.kind is Kind.COUNTER for field in windows.fields):
        there = Kept()  # no rollup has them
    numbers = [field for field in windows.fields if field.type is not bool]
    flags = [field for field in windows.fields if field.type is bool]
    kind = {"mean": "avg", "last": "avg", "max": "max", "min": "min"}[aggregate]

    def read(grain: str, where: str) -> dict[_Key, dict[str, _Cells]]:
        if grain != RAW:
            rolled = {f"{field.name}_{kind}": field.name for field in numbers}
            return _rolled(ask, windows, grain, where, rolled, flags)
        if windows.every_ns < _FEW_SAMPLES * windows.measurement.interval_s * 10**9:
            return _sampled(ask, windows, where)
        found: dict[_Key, dict[str, _Cells]] = {}
        selected = [f"{aggregate}({name}), count({name})" for name in (quoted(field.name) for field in numbers)]
        for key, times, columns in _grouped(ask, windows, ", ".join(selected), where) if numbers else ():
            for place, field in enumerate(numbers):
                found.setdefault(key, {})[field.name] = (times, columns[2 * place], columns[2 * place + 1])
        for field in flags:
            name = quoted(field.name)
            true = {
                key: (times, columns[0])
                for key, times, columns in _grouped(ask, windows, f"count({name})", f"{where} AND {name} = true")
            }
            for key, times, columns in _grouped(ask, windows, f"count({name})", where):
                found.setdefault(key, {})[field.name] = (times, _share(times, columns[0], true.get(key)), columns[0])
        return found

    parts = segments(there, max(0, windows.since_ns), windows.until_ns, windows.every_ns)
    folds: dict[str, Aggregate] = {f.name: "mean" if f.type is bool else aggregate for f in windows.fields}
    yield from _by_hosts(ask, windows, parts, read, folds)


def daily_percentiles(ask: Ask, there: Kept, windows: Windows, percent: float) -> Iterator[History]:
    """As `Store.daily_percentiles`. Days of which only rollups are left have their 0th, 95th and 100th percentile."""
    import numpy as np

    # A rank that rounds to nothing is null: then it is the least value.
    selected = ", ".join(
        f"percentile({name}, {percent:g}), min({name}), count({name})"
        for name in (quoted(field.name) for field in windows.fields)
    )
    kind = {0.0: "min", 95.0: "p95", 100.0: "max"}.get(percent, "")
    rolled = {f"{field.name}_{kind}": field.name for field in windows.fields if _is_rolled(field, kind)}
    if len(rolled) < len(windows.fields):
        there = Kept()

    def read(grain: str, where: str) -> dict[_Key, dict[str, _Cells]]:
        if grain != RAW:
            return _rolled(ask, windows, grain, where, rolled, ())
        found: dict[_Key, dict[str, _Cells]] = {}
        for key, times, columns in _grouped(ask, windows, selected, where):
            for place, field in enumerate(windows.fields):
                value, least, count = columns[3 * place : 3 * place + 3]
                found.setdefault(key, {})[field.name] = (times, np.where(np.isnan(value), least, value), count)
        return found

    parts = day_segments(there, max(0, windows.since_ns), windows.until_ns)
    yield from _by_hosts(ask, windows, parts, read, {field.name: "max" for field in windows.fields})


def _is_rolled(field: Field, kind: str) -> bool:
    """Whether daily rollups have this statistic of a field."""
    return field.kind is not Kind.COUNTER and (kind in ("min", "max") or (kind == "p95" and has_percentile(field)))


def sightings(
    ask: Ask,
    there: Kept,
    measurement: Measurement,
    fields: Sequence[Field],
    where: Mapping[str, str],
    since_ns: int,
    until_ns: int,
) -> list[Sighting]:
    """As `Store.sightings`: to the day, by the first and last text of each day, the last one where it is rolled up."""
    seen: dict[tuple[_Key, str, str], tuple[int, int]] = {}
    for part in segments(there, max(0, since_ns), until_ns, DAY_NS):
        conditions = where_clause(where, part.start_ns, part.stop_ns)
        # Two selectors of one field are quick, and so are all fields as they are; selectors of several fields are not.
        for asked in [(field, field) for field in fields] if part.grain == RAW else [tuple(fields)]:
            names = [quoted(field.name) for field in asked]
            columns = f"first({names[0]}), last({names[0]})" if part.grain == RAW else ", ".join(names)
            grouped = f"time({DAY_S}s), * fill(none)" if part.grain == RAW else "*"
            source = _source(measurement, part.grain)
            for table in ask(f"SELECT {columns} FROM {source}{conditions} GROUP BY {grouped}", measurement.name):
                key = _key(table)
                for start_s, *texts in table.values:
                    time_ns = max(start_s * 10**9, part.start_ns)
                    for field, text in zip(asked, texts, strict=True):
                        if text is not None:
                            first_ns, _ = seen.get((key, field.name, text), (time_ns, 0))
                            seen[key, field.name, text] = (first_ns, time_ns)
    return [
        Sighting(dict(key), field, text, first_ns, last_ns) for (key, field, text), (first_ns, last_ns) in seen.items()
    ]


def _source(measurement: Measurement, grain: str) -> str:
    return quoted(measurement.name) if grain == RAW else f"{quoted(grain)}.{quoted(measurement.name)}"


def _by_hosts(
    ask: Ask, windows: Windows, parts: Sequence[Segment], read: _Read, folds: Mapping[str, Aggregate]
) -> Iterator[History]:
    """Ask for some hosts at a time, as many as the answers before allow; the next are read while these are looked at."""
    from concurrent.futures import Future, ThreadPoolExecutor

    hosts, size = _hosts(ask, windows), _FIRST_HOSTS
    spans = [span for part in parts for span in _spans(part, windows.every_ns)]
    under_way: deque[Future[tuple[list[History], int]]] = deque()
    with ThreadPoolExecutor(_AHEAD) as pool:
        try:
            while hosts or under_way:
                while hosts and len(under_way) < _AHEAD:
                    asked, hosts = hosts[:size], hosts[size:]
                    under_way.append(pool.submit(_of_hosts, asked, windows, spans, read, folds))
                found, size = under_way.popleft().result()
                yield from found
        finally:
            for future in under_way:
                future.cancel()


def _of_hosts(
    hosts: Sequence[str], windows: Windows, spans: Sequence[Segment], read: _Read, folds: Mapping[str, Aggregate]
) -> tuple[list[History], int]:
    """The histories of these hosts, and how many hosts to ask for at once after that."""
    where = _selected(windows.selection, hosts)
    found: dict[_Key, list[dict[str, _Cells]]] = {}
    largest = 1
    for span in spans:
        rows = 0
        for key, cells in read(span.grain, f"{where} AND time >= {span.start_ns} AND time < {span.stop_ns}").items():
            rows += max(len(times) for times, _, _ in cells.values())
            if windows.selection.takes(dict(key)):
                # A window that began before is told by its start: what is of this part is not older than it.
                found.setdefault(key, []).append(_not_before(cells, span.start_ns // 10**9))
        largest = max(largest, rows)
    histories = (_history(key, found[key], windows, folds) for key in sorted(found))
    size = max(1, min(_MOST_HOSTS, len(hosts) * _ROWS // largest))
    return [history for history in histories if history is not None], size


def _not_before(cells: Mapping[str, _Cells], since_s: int) -> dict[str, _Cells]:
    import numpy as np

    return {name: (np.maximum(times, since_s), values, counts) for name, (times, values, counts) in cells.items()}


def _hosts(ask: Ask, windows: Windows) -> list[str]:
    measurement = windows.measurement.name
    shown = ask(f"SHOW TAG VALUES FROM {quoted(measurement)} WITH KEY = {quoted('host')}", measurement)
    known = {row[1] for table in shown for row in table.values}
    wanted = windows.selection.hosts
    return sorted(known if wanted is None else known & wanted)


def _spans(part: Segment, every_ns: int) -> Iterator[Segment]:
    """The part in pieces that a server can answer, cut between windows."""
    step_ns = every_ns if part.grain == RAW else _GRAIN_NS[part.grain]
    start_ns = part.start_ns
    while start_ns < part.stop_ns:
        stop_ns = min(part.stop_ns, (start_ns // step_ns + _MOST_WINDOWS) * step_ns)
        yield Segment(part.grain, start_ns, stop_ns)
        start_ns = stop_ns


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


def _sampled(ask: Ask, windows: Windows, where: str) -> dict[_Key, dict[str, _Cells]]:
    """The samples as they are, a flag as 1 or 0."""
    import numpy as np

    names = [field.name for field in windows.fields]
    statement = (
        f"SELECT {', '.join(map(quoted, names))} FROM {quoted(windows.measurement.name)} WHERE {where} GROUP BY *"
    )
    found: dict[_Key, dict[str, _Cells]] = {}
    for table in ask(statement, windows.measurement.name):
        times, *columns = np.array(table.values, dtype=np.float64).T
        once = np.ones(len(times))
        found[_key(table)] = {name: (times, values, once) for name, values in zip(names, columns, strict=True)}
    return found


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


def _rolled(
    ask: Ask, windows: Windows, grain: str, where: str, columns: Mapping[str, str], flags: Sequence[Field]
) -> dict[_Key, dict[str, _Cells]]:
    """The hours or days of a rollup: `columns` of it by the field that each stands for, and flags."""
    import numpy as np

    selected = ["samples", *columns, *(f"{field.name}_{kind}" for field in flags for kind in ("true", "count"))]
    statement = (
        f"SELECT {', '.join(map(quoted, selected))} FROM {_source(windows.measurement, grain)} WHERE {where} GROUP BY *"
    )
    found: dict[_Key, dict[str, _Cells]] = {}
    for table in ask(statement, windows.measurement.name):
        times, samples, *cells = np.array(table.values, dtype=np.float64).T
        weights = np.where(np.isnan(samples), 1.0, samples)
        fields = found[_key(table)] = {
            name: (times, values, weights) for name, values in zip(columns.values(), cells, strict=False)
        }
        for place, field in enumerate(flags):
            true, count = cells[len(columns) + 2 * place : len(columns) + 2 * place + 2]
            fields[field.name] = (times, np.where(count > 0, np.nan_to_num(true) / count, np.nan), np.nan_to_num(count))
    return found


def _history(
    key: _Key, parts: Sequence[Mapping[str, _Cells]], windows: Windows, folds: Mapping[str, Aggregate]
) -> History | None:
    """The fields of all parts on one axis; None where there is no value."""
    import numpy as np

    every_s = windows.every_ns // 10**9
    columns = {}
    for name in folds:
        there = [cells[name] for cells in parts if name in cells]
        times, values, counts = (
            np.concatenate([cells[place] for cells in there]) if there else np.zeros(0) for place in range(3)
        )
        present = ~np.isnan(values) & (counts > 0)
        columns[name] = (times[present].astype(np.int64), values[present], counts[present])
    axis = np.unique(np.concatenate([times // every_s for times, _, _ in columns.values()]))
    if not len(axis):
        return None
    samples, grids = np.zeros(len(axis)), {}
    for name, (times, values, counts) in columns.items():
        cells = np.searchsorted(axis, times // every_s)
        grids[name], weights = folded(cells, len(axis), values, counts, times, folds[name])
        np.maximum(samples, weights, out=samples)
    return History(dict(key), axis * windows.every_ns, grids, samples)


def _key(table: Table) -> _Key:
    return tuple(tags_of(table).items())
