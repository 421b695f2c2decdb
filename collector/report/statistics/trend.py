"""Where daily values are heading: a robust trend with its uncertainty, and when it reaches a limit.

The slope is Theil and Sen's, the median of the slopes between all pairs of days, with the 95 % interval of Sen, "Estimates
of the regression coefficient based on Kendall's tau" (1968). Outliers and gaps hardly move it.

Offices rest at weekends, so with a `season` of 7 only days of the same weekday are paired (Hirsch, Slack and Smith, "Techniques
of trend analysis for monthly water quality data", 1982): a week that is cut in two at either end does not pass for a trend.
And only busy weekdays count, as it is they that fill a line.
Days that follow each other are alike, which makes the interval look narrower than it is; it is widened by the
correlation of each day's remainder with the day before (Yue and Wang, 2004).

A line that was upgraded, a disk that was cleaned up, jumps. A jump is no growth: where two levels explain the days clearly
better than a slope does, only the days since then count.
"""

from functools import lru_cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from collector.report.context import DAY_NS
from collector.report.statistics.samples import Floats

HORIZON_DAYS = 3 * 365
"""nothing is foretold beyond it"""

TREND_DAYS = 180
"""how far back a trend looks: half a year, so that last year's habits do not count"""

_NORMAL_95 = 1.959963984540054
_STEP_GAIN = 0.7
"""two levels have to leave less than this share of what a slope leaves unexplained"""
_STEP_LEAST_DAYS = 10
"""at each side of a jump, for it to be a level: the longest holidays last nine days"""
_FRESH_DAYS = 8
"""how old the last value may be: what has been silent for more than a week is going nowhere"""
_ROUNDING = 1e-9
"""remainders that small a share of the values are none"""
_BUSY_SHARE = 0.8
"""a weekday whose level is at least this share of the second busiest one's counts as busy, too"""


def first_day_ns(until_ns: int) -> int:
    """The start of the first of `TREND_DAYS` UTC days; the last is the last that a period until then touches."""
    return (until_ns - 1) // DAY_NS * DAY_NS - (TREND_DAYS - 1) * DAY_NS


class Slope(msgspec.Struct, frozen=True):
    """Growth a day with the ends of its 95 % interval; these are infinite where there are too few days for one."""

    value: float
    low: float
    high: float


class Reach(msgspec.Struct, frozen=True):
    """In how many days a limit is reached; 0 where it is. None: never, or beyond anything that can be said.

    Attributes:
        days: by the trend; None where it cannot be told from standing still, or falls.
        earliest, latest: by the ends of its interval.
    """

    days: float | None
    earliest: float | None
    latest: float | None

    @property
    def already(self) -> bool:
        return self.days == 0


class Trend(msgspec.Struct, frozen=True):
    """A straight line, and the two that bound it; days are counted from now.

    Attributes:
        level, level_low, level_high: now, on busy weekdays where there is a season; each goes with its slope.
        since_days: how long ago the first day is that it is made of.
        jumped: whether days before a jump were left out.
    """

    slope: Slope
    level: float
    level_low: float
    level_high: float
    since_days: int
    jumped: bool = False

    def at(self, days: float) -> tuple[float, float, float]:
        """Lowest, middle and highest value in `days`."""
        ends = (self.level_low + days * self.slope.low, self.level_high + days * self.slope.high)
        middle = self.level + days * self.slope.value
        return (min(*ends, middle), middle, max(*ends, middle))

    def reaches(self, limit: float) -> Reach:
        """When it is at `limit`, coming from below."""
        if self.level >= limit:
            return Reach(0.0, 0.0, 0.0)
        earliest = _crossing(limit - self.level_high, self.slope.high)
        if self.slope.low <= 0:
            return Reach(None, earliest, None)
        days = _crossing(limit - self.level, self.slope.value)
        latest = _crossing(limit - self.level_low, self.slope.low)
        # the three lines cross in the past, where the data are, so that their order may differ close to now
        if days is not None:
            earliest = days if earliest is None else min(earliest, days)
            latest = None if latest is None else max(latest, days)
        return Reach(days, earliest, latest)


def fit(daily: Floats, *, season: int = 7, least_days: int = 14, least_span: int = 21) -> Trend | None:
    """The trend of values of successive days, the last of which ends now; NaN where there is none.

    Args:
        season: days after which the values' pattern comes again; 1 for none.
        least_days: days with a value that it takes.
        least_span: days from the first to the last of them. Three weeks are the least that show a week's pattern and a
            change beside it.

    Returns:
        None where there is less, or too little since a jump, or nothing lately.
    """
    recent = daily[-TREND_DAYS:]
    start = _jump(recent, season)
    used = recent[start:]
    known = np.flatnonzero(~np.isnan(used))
    if len(known) < least_days or known[-1] - known[0] + 1 < least_span or len(used) - known[-1] > _FRESH_DAYS:
        return None
    used = _busy(used[known[0] :], season)
    slopes = _slopes(used, season)
    slope = _interval(slopes, used, season, _widening(used, _median(slopes), season))
    if not np.isfinite(slope.low):
        return None
    ages = np.arange(len(used), dtype=float) - len(used) + 0.5  # the middle of each day
    level, low, high = (
        _median(np.sort((used - each * ages)[~np.isnan(used)])) for each in (slope.value, slope.low, slope.high)
    )
    return Trend(slope, level, low, high, len(used), start > 0)


def theil_sen(values: Floats, season: int = 1, widening: float = 1.0) -> Slope:
    """Slope per place of values at equal distances, NaN where there is none; at least two must be known of a season.

    Args:
        season: only places that are a multiple of it apart are paired.
        widening: factor on the standard deviation of Kendall's score.
    """
    return _interval(_slopes(values, season), values, season, widening)


def _slopes(values: Floats, season: int) -> Floats:
    """Between all pairs of a season, sorted."""
    first, second = _pairs(len(values), season)
    slopes = (values[second] - values[first]) / (second - first)
    return np.sort(slopes[~np.isnan(slopes)])


def _interval(slopes: Floats, values: Floats, season: int, widening: float) -> Slope:
    pairs = len(slopes)
    spread = _NORMAL_95 * widening * np.sqrt(_score_variance(values, season))
    if pairs - spread < 1:
        return Slope(_median(slopes), -np.inf, np.inf)
    high = min(round((pairs + spread) / 2), pairs - 1)
    low = max(round((pairs - spread) / 2) - 1, 0)
    return Slope(_median(slopes), float(slopes[low]), float(slopes[high]))


def _median(ordered: Floats) -> float:
    """Of sorted values; 0 where there are none."""
    count = len(ordered)
    return float(ordered[(count - 1) // 2] + ordered[count // 2]) / 2 if count else 0.0


@lru_cache(maxsize=256)
def _pairs(count: int, season: int) -> "tuple[NDArray[np.intp], NDArray[np.intp]]":
    first, second = np.triu_indices(count, 1)
    alike = (second - first) % season == 0
    return first[alike], second[alike]


def _score_variance(values: Floats, season: int) -> float:
    """Of Kendall's score, with ties (Sen 1968, equation 2.6; Kendall, Rank Correlation Methods), of all places of the season."""
    places = np.flatnonzero(~np.isnan(values))
    counts = np.bincount(places % season)
    variance = float((counts * (counts - 1) * (2 * counts + 5)).sum())
    ordered = np.sort(values[places])
    if (ordered[1:] == ordered[:-1]).any():
        for place in range(season):
            times = np.unique(values[place::season], return_counts=True, equal_nan=False)[1]  # NaN are not tied
            variance -= float((times * (times - 1) * (2 * times + 5)).sum())
    return variance / 18


def _crossing(way: float, slope: float) -> float | None:
    """Days to go `way` at `slope`, within the horizon."""
    if way <= 0:
        return 0.0
    days = way / slope if slope > 0 else np.inf
    return float(days) if days <= HORIZON_DAYS else None


def _weekday_medians(values: Floats, season: int) -> Floats:
    """The median of each place of the season, NaN where nothing is known of it."""
    padded = np.full(-(-len(values) // season) * season, np.nan)
    padded[: len(values)] = values
    table = np.sort(padded.reshape(-1, season), axis=0)  # NaN last
    known = (~np.isnan(table)).sum(axis=0)
    columns = np.arange(season)
    medians: Floats = (table[np.maximum(known - 1, 0) // 2, columns] + table[known // 2 * (known > 0), columns]) / 2
    return medians


def _busy(values: Floats, season: int) -> Floats:
    """The days of busy weekdays; NaN for the others, which fill no line and grow at another pace."""
    if season == 1:
        return values
    medians = _weekday_medians(values - _median(_slopes(values, season)) * np.arange(-len(values), 0), season)
    most = np.sort(medians[~np.isnan(medians)])[-2:][0]  # the last but one: a few odd days must not make a weekday busy
    busy = medians >= _BUSY_SHARE * most if most > 0 else ~np.isnan(medians)
    return np.where(busy[np.arange(len(values)) % season], values, np.nan)


def _widening(values: Floats, slope: float, season: int) -> float:
    """Factor for the interval: of a first-order process whose successive remainders correlate."""
    rest = values - slope * np.arange(len(values))
    rest = rest - _weekday_medians(rest, season)[np.arange(len(rest)) % season]
    both = ~np.isnan(rest[1:]) & ~np.isnan(rest[:-1])
    spread = float((rest[~np.isnan(rest)] ** 2).mean())
    if both.sum() < 3 or spread <= (_ROUNDING * float(np.nanmax(np.abs(values)))) ** 2:
        return 1.0
    # remainders of outliers would hide it
    bound = 3 * float(np.sqrt(spread))
    rest = np.clip(rest, -bound, bound)
    correlation = float((rest[1:][both] * rest[:-1][both]).mean()) / spread
    correlation = min(max(correlation, 0.0), 0.9)
    return float(np.sqrt((1 + correlation) / (1 - correlation)))


def _jump(values: Floats, season: int) -> int:
    """The place of the first day after the last jump; 0 where there is none."""
    start = 0
    while (found := _last_jump(values[start:], season)) > 0:
        start += found
    return start


def _last_jump(values: Floats, season: int) -> int:
    known = np.flatnonzero(~np.isnan(values))
    if len(known) < 2 * _STEP_LEAST_DAYS:
        return 0
    flat = values - _weekday_pattern(values, season)
    found = flat[known]
    count = len(found)
    ordered = np.sort(found)
    clipped = np.clip(found, ordered[count // 50], ordered[-1 - count // 50])  # outliers make no levels
    left = np.arange(1, count)
    sums = np.cumsum(clipped)
    between = (sums[:-1] - sums[-1] * left / count) ** 2 / (left * (count - left))
    inner = slice(_STEP_LEAST_DAYS - 1, count - _STEP_LEAST_DAYS)
    cut = int(between[inner].argmax()) + _STEP_LEAST_DAYS
    by_step = _unexplained(clipped[:cut]) + _unexplained(clipped[cut:])
    if by_step >= _STEP_GAIN * _unexplained(clipped):
        return 0  # not even better than no slope at all, which is quicker to know
    by_line = _unexplained(clipped - _median(_slopes(values, season)) * known)
    return int(known[cut]) if by_step < _STEP_GAIN * by_line else 0


def _unexplained(values: Floats) -> float:
    """The sum of distances from their median."""
    return float(np.abs(values - _median(np.sort(values))).sum())


def _weekday_pattern(values: Floats, season: int) -> Floats:
    """What each day lies above or below the middle by its weekday, so that it can be taken out."""
    if season == 1:
        return np.zeros(len(values))
    medians = _weekday_medians(values, season)
    return (medians - _median(np.sort(medians[~np.isnan(medians)])))[np.arange(len(values)) % season]
