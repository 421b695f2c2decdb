"""Figures made of windows: percentiles, means, busy hours, heat maps. Equal for all stores, as they are computed here.

Windows are those of `Store.histories`: `values` are means over them, NaN where there is none. A window counts as long as the
time is that it stands for, so that an hour's mean, which is all that is left of old samples, weighs as much as the twelve
5-minute means it was made of.

The billing percentile is what providers charge burstable lines by: of the 5-minute means of a period and of one direction,
the highest 5 % are dropped, and the highest that is left is the figure; the higher of both directions counts
(Dimitropoulos et al., "On the 95-Percentile Billing Method", PAM 2009). That is the nearest-rank percentile; windows
without data are left out, neither counted as 0 nor filled.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, tzinfo
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from collector.report.context import DAY_NS, HOUR_NS
from collector.store.contract import History

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]

BILLING_PERCENT = 95.0
WINDOW_S = 300
"""of the billing percentile"""

LONG_WINDOW_S = 3600
LONG_DAYS = 62
"""periods of more than two months are read in windows of an hour: more of them would take minutes to read, and of the time
before that stores have mostly hours left anyway"""

BUSY_HOUR_DAYS = 7
"""local days with data that a busy hour needs: fewer do not show every weekday"""

WEEK_HOURS = 168


def percentile(values: Floats, percent: float, weights: Floats | None = None) -> float | None:
    """The nearest-rank percentile: the least value that at least `percent` of the weight does not exceed.

    None where no value is known.
    """
    known = ~np.isnan(values)
    if not known.any():
        return None
    found = values[known]
    if weights is None or (weights == weights[0]).all():
        rank = max(0, int(np.ceil(percent / 100 * len(found) - 1e-9)) - 1)
        return float(np.partition(found, rank)[rank])
    order = np.argsort(found)
    reached = np.cumsum(weights[known][order])
    # rounding must not push the rank to the next value
    place = int(np.searchsorted(reached, reached[-1] * (percent / 100 - 1e-12)))
    return float(found[order][min(place, len(found) - 1)])


def mean(values: Floats, weights: Floats) -> float | None:
    """The mean of the values that are known, None where none is or they weigh nothing."""
    known = ~np.isnan(values)
    weight = float(weights[known].sum())
    return float((values[known] * weights[known]).sum()) / weight if weight > 0 else None


def highest(values: Floats) -> float | None:
    """The highest value that is known."""
    known = values[~np.isnan(values)]
    return float(known.max()) if len(known) else None


def higher(first: Floats, second: Floats) -> Floats:
    """The higher of two values window by window, the known one where only one is."""
    return np.fmax(first, second)


def window_s(since_ns: int, until_ns: int) -> int:
    """How long the windows are in which a period is read."""
    return WINDOW_S if until_ns - since_ns <= LONG_DAYS * DAY_NS else LONG_WINDOW_S


def window_lengths_s(times_ns: Integers, every_s: int) -> Floats:
    """How much time each window stands for: `every_s`, or more where windows are farther apart.

    They are where only an hour's or a day's mean is left of finer samples (stores roll up whole UTC days), and where samples
    are seldom: a rate is the mean since the sample before. So the shortest distance on a UTC day is the length of that
    day's windows. A day's only window is a rollup of the day if it starts with it.
    """
    if not len(times_ns):
        return np.empty(0)
    days = times_ns // DAY_NS
    firsts = np.flatnonzero(np.diff(days, prepend=days[0] - 1))
    distances = np.diff(times_ns, append=times_ns[-1])
    distances[np.append(firsts[1:], len(times_ns)) - 1] = DAY_NS  # the last window of a day has none behind it
    shortest_s = np.minimum.reduceat(distances, firsts) / 1e9
    alone = np.diff(firsts, append=len(times_ns)) == 1
    shortest_s[alone & (times_ns[firsts] % DAY_NS > 0)] = every_s
    return np.repeat(np.maximum(shortest_s, every_s), np.diff(firsts, append=len(times_ns)))


class LocalHours:
    """The hour of the local week of any time within a period, 0 (Monday, midnight to one) to 167, fast for arrays."""

    def __init__(self, zone: tzinfo, since_ns: int, until_ns: int) -> None:
        self._first = since_ns // HOUR_NS
        hours = range(self._first, until_ns // HOUR_NS + 2)
        offsets = [datetime.fromtimestamp(hour * 3600, zone).utcoffset() for hour in hours]
        self._offsets_ns = np.array([round(offset.total_seconds()) * 10**9 if offset else 0 for offset in offsets])

    def local_ns(self, times_ns: Integers) -> Integers:
        """Times shifted so that they read as local ones when taken for UTC."""
        shifted: Integers = times_ns + self._offsets_ns[times_ns // HOUR_NS - self._first]
        return shifted

    def of_week(self, times_ns: Integers) -> Integers:
        """The hour of the local week; day 0 of the epoch was a Thursday."""
        hours: Integers = (self.local_ns(times_ns) // HOUR_NS + 3 * 24) % WEEK_HOURS
        return hours

    def days(self, times_ns: Integers) -> int:
        """How many local days the times, which ascend, touch."""
        return int(np.count_nonzero(np.diff(self.local_ns(times_ns) // DAY_NS))) + 1 if len(times_ns) else 0


def week(values: Floats, hours: Integers, weights: Floats) -> Floats:
    """Mean value of each hour of the local week (168), NaN where nothing is known."""
    known = ~np.isnan(values)
    weight = np.bincount(hours[known], weights[known], WEEK_HOURS)
    total = np.bincount(hours[known], values[known] * weights[known], WEEK_HOURS)
    means: Floats = np.divide(total, weight, out=np.full(WEEK_HOURS, np.nan), where=weight > 0)
    return means


def week_rows(of_week: Floats) -> tuple[tuple[float | None, ...], ...]:
    """The 7 rows of a heat map."""
    return tuple(tuple(known_or_none(row)) for row in of_week.reshape(7, 24))


def busy_hour(values: Floats, hours: Integers, weights: Floats, days: int) -> int | None:
    """The hour of the day (0 to 23, local) with the highest mean over all days (ITU-T E.600: time-consistent busy hour).

    None where there are fewer than `BUSY_HOUR_DAYS` days with data, or it is the same all day.
    """
    known = ~np.isnan(values)
    if days < BUSY_HOUR_DAYS or not known.any():
        return None
    hour = hours[known] % 24
    weight = np.bincount(hour, weights[known], 24)
    total = np.bincount(hour, values[known] * weights[known], 24)
    means = np.divide(total, weight, out=np.full(24, -np.inf), where=weight > 0)
    best = int(means.argmax())
    return best if means[best] > means[weight > 0].min() else None


def hours_above(values: Floats, limit: float, lengths_s: Floats) -> float:
    """How many hours the windows with a value above `limit` are long."""
    with np.errstate(invalid="ignore"):
        return float(lengths_s[values > limit].sum()) / 3600


def known_or_none(values: Floats) -> list[float | None]:
    """As cells and charts have them: None for NaN."""
    return [None if value != value else value for value in values.tolist()]


def on_days(times_ns: Integers, values: Floats, first_ns: int, count: int) -> Floats:
    """Daily values at their places in `count` days from `first_ns`, NaN where there is none."""
    grid = np.full(count, np.nan)
    places = (times_ns - first_ns) // DAY_NS
    inside = (places >= 0) & (places < count)
    grid[places[inside]] = values[inside]
    return grid


def joined(histories: Iterable[History], tags: tuple[str, ...], parts: dict[tuple[str, ...], int]) -> Iterator[History]:
    """Series of one thing as one, though the tags of its place changed in between (a district renamed, a router moved).

    Args:
        tags: those that tell things apart, such as ("host", "name").
        parts: how many series there are of a thing, where it is more than one. Only these are held back.
    """
    held: dict[tuple[str, ...], list[History]] = {}
    for history in histories:
        key = key_of(history, tags)
        if parts.get(key, 1) <= 1:
            yield history
            continue
        held.setdefault(key, []).append(history)
        if len(held[key]) == parts[key]:
            yield join(held.pop(key))
    for rest in held.values():
        yield join(rest)


def key_of(history: History, tags: tuple[str, ...]) -> tuple[str, ...]:
    """What it is a history of."""
    return tuple(history.tags.get(tag, "") for tag in tags)


def join(histories: list[History]) -> History:
    """One history of several, by time; of windows that several have, the one made of the most samples."""
    if len(histories) == 1:
        return histories[0]
    times = np.concatenate([history.times_ns for history in histories])
    samples = np.concatenate([history.samples for history in histories])
    order = np.lexsort((-samples, times))
    first = np.concatenate(([True], np.diff(times[order]) > 0))
    kept = order[first]
    newest = max(histories, key=lambda history: int(history.times_ns[-1]))
    return History(
        newest.tags,
        times[kept],
        {name: np.concatenate([history.values[name] for history in histories])[kept] for name in newest.values},
        samples[kept],
    )
