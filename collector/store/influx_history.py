"""Bulk reading over InfluxQL: windows of many series as arrays, some hosts and some thousand windows at a time.

A server sends an answer whole or not at all, and each value of it as text: what is asked for at once follows the size of
the answer before.
"""

# Names in statements are quoted, values too: see influx_read.

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence

from collector.metrics.model import Field, Kind
from collector.store.contract import History
from collector.store.folding import folded
from collector.store.influx_cells import Cells, Found, Key, aggregated, percentiles, rolled, sampled
from collector.store.influx_read import Ask, literal, quoted
from collector.store.influx_rollup import has_percentile
from collector.store.reading import DAY_NS, Aggregate, Selection, Windows
from collector.store.segments import (
    DAILY,
    HOUR_NS,
    HOURLY,
    RAW,
    ROLLED_PERCENTILES,
    ROLLED_STATISTIC,
    Kept,
    Segment,
    day_segments,
    segments,
)

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

_Read = Callable[[str, str], Found]
"""what there is of a grain that fulfils a condition"""


def histories(ask: Ask, there: Kept, windows: Windows, aggregate: Aggregate) -> Iterator[History]:
    """As `Store.histories`; what is older than the samples is put together from the rollups here."""
    if any(field.kind is Kind.COUNTER for field in windows.fields):
        there = Kept()  # no rollup has them
    kind = ROLLED_STATISTIC[aggregate]
    has_few = windows.every_ns < _FEW_SAMPLES * windows.measurement.interval_s * 10**9

    def read(grain: str, where: str) -> Found:
        if grain != RAW:
            return rolled(ask, windows, grain, where, kind)
        return sampled(ask, windows, where) if has_few else aggregated(ask, windows, where, aggregate)

    parts = segments(there, max(0, windows.since_ns), windows.until_ns, windows.every_ns)
    folds: dict[str, Aggregate] = {f.name: "mean" if f.type is bool else aggregate for f in windows.fields}
    yield from _by_hosts(ask, windows, parts, read, folds)


def daily_percentiles(ask: Ask, there: Kept, windows: Windows, percent: float) -> Iterator[History]:
    """As `Store.daily_percentiles`. Days of which only rollups are left have their 0th, 95th and 100th percentile."""
    kind = ROLLED_PERCENTILES.get(percent, "")
    if not all(_is_rolled(field, kind) for field in windows.fields):
        there = Kept()

    def read(grain: str, where: str) -> Found:
        if grain != RAW:
            return rolled(ask, windows, grain, where, kind)
        return percentiles(ask, windows, where, percent)

    parts = day_segments(there, max(0, windows.since_ns), windows.until_ns)
    yield from _by_hosts(ask, windows, parts, read, {field.name: "max" for field in windows.fields})


def _is_rolled(field: Field, kind: str) -> bool:
    """Whether daily rollups have this statistic of a field."""
    return field.kind is not Kind.COUNTER and (kind in ("min", "max") or (kind == "p95" and has_percentile(field)))


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
    found: dict[Key, list[dict[str, Cells]]] = {}
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


def _not_before(cells: Mapping[str, Cells], since_s: int) -> dict[str, Cells]:
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


def _history(
    key: Key, parts: Sequence[Mapping[str, Cells]], windows: Windows, folds: Mapping[str, Aggregate]
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
