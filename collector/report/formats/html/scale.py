"""Axes: round marks for amounts in their units, and for local times; and lines thinned to what a screen can show."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Literal, TypeAlias

import msgspec

from collector.report.unit import Unit

Point: TypeAlias = tuple[float, float]

_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)

_NEAR_ALL = 90.0
"""availabilities differ behind the point; from 0 they would all look alike"""

_MINUTES = (1, 5, 10, 15, 30, 60, 120, 180, 360, 720)
_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
_MONTH_MINUTES = 30.4 * 1440


class Axis(msgspec.Struct, frozen=True):
    """The range of amounts that is drawn, and where its marks are, in order."""

    low: float
    high: float
    marks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where `value` is between low (0) and high (1)."""
        return (value - self.low) / (self.high - self.low)


class TimeMark(msgspec.Struct, frozen=True):
    """A mark on an axis of time, and the largest thing that begins there."""

    time_ns: int
    begins: Literal["minute", "day", "month", "year"]


def step_of(span: float, unit: Unit, most: int = 5) -> float:
    """The smallest round step of which at most `most` go into `span` (> 0)."""
    least = span / most
    if unit is Unit.BYTES:
        return 2.0 ** max(0, math.ceil(math.log2(least)))
    if unit is Unit.COUNT and least <= 1:
        return 1.0
    if unit is Unit.SECONDS:
        for step in _SECONDS:
            if 0.5 < least <= step:
                return float(step)
    power = 10.0 ** math.floor(math.log10(least))
    # 1.0000000001 for what is 1: a step may be too small by rounding only
    return next((step * power for step in (1, 2, 5) if least <= step * power * (1 + 1e-9)), 10 * power)


def axis(values: Sequence[float], unit: Unit, most: int = 5) -> Axis:
    """To above the greatest of `values`; from 0, but from below the least of what is negative, a temperature, or nearly 100 %."""
    low, high = min(values, default=0.0), max(values, default=0.0)
    is_near_all = unit is Unit.PERCENT and low >= _NEAR_ALL
    high = 100.0 if is_near_all and high <= 100 else high
    if not (is_near_all or unit is Unit.CELSIUS) or low == high:
        low, high = min(low, 0.0), max(high, 0.0)
    if high - low < 1e-12:
        high = low + 1.0
    step = step_of(high - low, unit, most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = tuple(index * step for index in range(first, last + 1))
    return Axis(marks[0], marks[-1], marks)


def time_marks(since_ns: int, until_ns: int, zone: tzinfo, most: int = 9) -> list[TimeMark]:
    """Round local times within `[since, until]`, at most about `most` of them."""
    try:
        since, until = (datetime.fromtimestamp(ns / 1e9, zone) for ns in (since_ns, until_ns))
    except (ValueError, OverflowError, OSError):
        return []
    least = (until - since).total_seconds() / 60 / most
    found: list[datetime]
    if (step := next((step for step in _MINUTES if least <= step), 0)) > 0:
        found = _by_minutes(since, until, step)
    elif (days := next((days for days in _DAYS if least <= days * 1440), 0)) > 0:
        found = _by_days(since, until, days)
    else:
        months = next((months for months in _MONTHS if least <= months * _MONTH_MINUTES), _MONTHS[-1])
        found = _by_months(since, until, months)
    marks = {round(moment.timestamp()) * 10**9: moment for moment in found}
    return [TimeMark(ns, _begins(moment)) for ns, moment in sorted(marks.items()) if since_ns <= ns <= until_ns]


def thinned(points: Sequence[tuple[float, float | None]], columns: int, low: float, high: float) -> list[list[Point]]:
    """Runs of points without gaps, of each column of `[low, high]` only the first, least, greatest and last.

    A line through them looks, on a screen of so many columns, like one through all. What is None or no number is a gap.
    """
    width = (high - low) / columns or 1.0
    runs: list[list[Point]] = []
    column: list[Point] = []
    number: int | None = None
    is_open = False
    for x, y in points:
        if y is None or not math.isfinite(y):
            is_open = False
            continue
        here = int((x - low) / width)
        if not is_open or here != number:
            if runs:
                runs[-1].extend(_extremes(column))
            column, number = [], here
            if not is_open:
                runs.append([])
                is_open = True
        column.append((x, y))
    if runs:
        runs[-1].extend(_extremes(column))
    return runs


def _extremes(column: list[Point]) -> list[Point]:
    if len(column) <= 4:
        return column
    indexes = range(len(column))
    kept = {0, len(column) - 1, min(indexes, key=lambda i: column[i][1]), max(indexes, key=lambda i: column[i][1])}
    return [column[index] for index in sorted(kept)]


def _by_minutes(since: datetime, until: datetime, step: int) -> list[datetime]:
    """Multiples of `step` since local midnight; where clocks are changed, those that exist."""
    found = []
    day = since.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    while day <= until:
        found += [day + timedelta(minutes=minutes) for minutes in range(0, 1440, step)]
        day += timedelta(days=1)
    return found


def _by_days(since: datetime, until: datetime, step: int) -> list[datetime]:
    """Midnights: every day, every second of a month's, or Mondays."""
    found = []
    day = since.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    while day <= until:
        number = day.toordinal()
        if step == 1 or number % step == (1 if step >= 7 else 0):
            found.append(day)
        day += timedelta(days=1)
    return found


def _by_months(since: datetime, until: datetime, step: int) -> list[datetime]:
    first = since.year * 12 // step * step
    last = until.year * 12 + until.month
    midnight = since.replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    return [
        midnight.replace(year=months // 12, month=months % 12 + 1)
        for months in range(first, last + 1, step)
        if 1 <= months // 12 <= 9999
    ]


def _begins(moment: datetime) -> Literal["minute", "day", "month", "year"]:
    if moment.hour or moment.minute:
        return "minute"
    if moment.day != 1:
        return "day"
    return "month" if moment.month != 1 else "year"
