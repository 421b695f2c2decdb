"""A store in memory, in plain Python: what every store's read side means, slowly and obviously."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np

from collector.metrics.model import FieldValue, Point
from collector.store.contract import History, Only, Rejected, Series, Sighting, StoreInfo, WriteResult
from collector.store.reading import DAY_NS, Aggregate, Selection, measurement_of, query_of, texts_of, windows_of
from collector.store.storable import NotStorableError, storable_fields

_Key = tuple[tuple[str, str], ...]
"""the tags of a series, sorted"""


class MemoryStore:
    """The contract of `Store`; nothing is ever rolled up."""

    def __init__(self, points: Sequence[Point] = ()) -> None:
        self._series: dict[str, dict[_Key, dict[int, dict[str, FieldValue]]]] = {}
        rejected = self.write(points).rejected
        assert not rejected, rejected[0]

    def write(self, points: Sequence[Point]) -> WriteResult:
        rejected = []
        for point in points:
            try:
                fields = storable_fields(point)
            except NotStorableError as error:
                rejected.append(Rejected(point, str(error)))
                continue
            key = tuple(sorted(point.tags.items()))
            self._series.setdefault(point.measurement, {}).setdefault(key, {})[point.time_ns] = dict(fields)
        return WriteResult(len(points) - len(rejected), tuple(rejected))

    def latest(
        self,
        measurement: str,
        where: Mapping[str, str] = {},
        since_ns: int = 0,
        until_ns: int | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Point]:
        wanted = set(fields or ())
        found = []
        for tags, samples in self._matching(measurement, where):
            for time_ns in sorted(samples, reverse=True):
                if time_ns < since_ns or (until_ns is not None and time_ns >= until_ns):
                    continue
                kept = {name: value for name, value in samples[time_ns].items() if not wanted or name in wanted}
                if kept:
                    found.append(Point(measurement, tags, kept, time_ns))
                    break
        return found

    def series(
        self,
        measurement: str,
        field: str,
        where: Mapping[str, str] = {},
        *,
        since_ns: int,
        until_ns: int,
        every_s: int | None = None,
        aggregate: Aggregate = "mean",
    ) -> list[Series]:
        query_of(measurement, field, where, since_ns, until_ns, aggregate if every_s else "last")
        found = []
        for tags, samples in self._matching(measurement, where):
            values = _values(samples, field, since_ns, until_ns)
            if values and every_s is None:
                found.append(Series(tags, [time for time, _ in values], [value for _, value in values]))
            elif values and every_s is not None and aggregate == "last":
                last = {time_ns // 10**9 // every_s * every_s * 10**9: value for time_ns, value in values}
                found.append(Series(tags, list(last), list(last.values())))
            elif values and every_s is not None:
                windows = _windows(values, every_s * 10**9, aggregate)
                found.append(Series(tags, list(windows), [value for value, _ in windows.values()]))
        return found

    def histories(
        self,
        measurement: str,
        fields: Sequence[str],
        *,
        since_ns: int,
        until_ns: int,
        every_s: int,
        aggregate: Aggregate = "mean",
        only: Only | None = None,
    ) -> Iterator[History]:
        asked = windows_of(measurement, fields, since_ns, until_ns, every_s, only)
        for tags, samples in self._selected(measurement, asked.selection):
            windows = {
                field.name: _windows(
                    _values(samples, field.name, since_ns, until_ns),
                    asked.every_ns,
                    "mean" if field.type is bool else aggregate,
                )
                for field in asked.fields
            }
            yield from _history(tags, windows)

    def daily_percentiles(
        self,
        measurement: str,
        fields: Sequence[str],
        percent: float,
        *,
        since_ns: int,
        until_ns: int,
        only: Only | None = None,
    ) -> Iterator[History]:
        asked = windows_of(measurement, fields, since_ns, until_ns, DAY_NS // 10**9, only)
        for tags, samples in self._selected(measurement, asked.selection):
            days: dict[str, dict[int, tuple[float, int]]] = {}
            for name in fields:
                values = _values(samples, name, since_ns, until_ns)
                for day, group in groupby(values, lambda sample: sample[0] // DAY_NS * DAY_NS):
                    ordered = sorted(float(value) for _, value in group)
                    rank = max(1, math.ceil(percent / 100 * len(ordered)))
                    days.setdefault(name, {})[day] = (ordered[rank - 1], len(ordered))
            yield from _history(tags, {name: days.get(name, {}) for name in fields})

    def sightings(
        self,
        measurement: str,
        fields: Sequence[str],
        *,
        since_ns: int,
        until_ns: int,
        where: Mapping[str, str] = {},
    ) -> list[Sighting]:
        texts_of(measurement, fields, where)
        found = []
        for tags, samples in self._matching(measurement, where):
            for field in fields:
                times: dict[str, list[int]] = {}
                for time_ns, text in _values(samples, field, since_ns, until_ns):
                    times.setdefault(str(text), []).append(time_ns)
                found += [Sighting(tags, field, text, seen[0], seen[-1]) for text, seen in times.items()]
        return found

    def conflicts(self) -> list[str]:
        return []

    def info(self) -> StoreInfo:
        counts = {name: sum(map(len, series.values())) for name, series in self._series.items()}
        return StoreInfo("memory", "memory", counts)

    def close(self) -> None:
        pass

    def _matching(
        self, measurement: str, where: Mapping[str, str]
    ) -> Iterator[tuple[dict[str, str], dict[int, dict[str, FieldValue]]]]:
        measurement_of(measurement, where)
        for key, samples in sorted(self._series.get(measurement, {}).items()):
            tags = dict(key)
            if all(tags.get(tag, "") == value for tag, value in where.items()):
                yield tags, samples

    def _selected(
        self, measurement: str, selection: Selection
    ) -> Iterator[tuple[dict[str, str], dict[int, dict[str, FieldValue]]]]:
        return ((tags, samples) for tags, samples in self._matching(measurement, {}) if selection.takes(tags))


def _values(
    samples: dict[int, dict[str, FieldValue]], field: str, since_ns: int, until_ns: int
) -> list[tuple[int, FieldValue]]:
    times = sorted(time_ns for time_ns in samples if since_ns <= time_ns < until_ns)
    return [(time_ns, samples[time_ns][field]) for time_ns in times if field in samples[time_ns]]


def _windows(values: list[tuple[int, FieldValue]], every_ns: int, aggregate: Aggregate) -> dict[int, tuple[float, int]]:
    """Value and number of samples by the windows' starts."""
    found = {}
    for start, group in groupby(values, lambda sample: sample[0] // every_ns * every_ns):
        numbers = [float(value) for _, value in group]
        value = {
            "mean": math.fsum(numbers) / len(numbers),
            "max": max(numbers),
            "min": min(numbers),
            "last": numbers[-1],
        }[aggregate]
        found[start] = (value, len(numbers))
    return found


def _history(tags: dict[str, str], windows: dict[str, dict[int, tuple[float, int]]]) -> Iterator[History]:
    times = sorted(set().union(*windows.values()))
    if times:
        yield History(
            tags,
            np.array(times, dtype=np.int64),
            {name: np.array([values.get(time, (np.nan, 0))[0] for time in times]) for name, values in windows.items()},
            np.array([max(values.get(time, (0.0, 0))[1] for values in windows.values()) for time in times], float),
        )
