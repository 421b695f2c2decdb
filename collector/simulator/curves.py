"""How the simulated world behaves, as functions of absolute time: traffic by the hour of the week, outages, wear.

No state and no chance but what follows from names: the same moment gives the same value in every process, so that a
cycle can be simulated for any time, also long ago.
"""

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate

from collector.simulator.tree import Level, Total

HOUR_S, DAY_S, WEEK_S = 3_600, 86_400, 604_800
ORIGIN_S = 1_704_042_000
"""Monday, 1 January 2024, midnight in Vietnam (UTC+7): hour 0 of week 0"""

_WORKDAY = (3, 2, 2, 2, 2, 4, 10, 45, 85, 100, 95, 70, 40, 65, 95, 92, 80, 45, 20, 14, 12, 9, 6, 4)
_MOBILE_DAY = (22, 14, 10, 8, 8, 12, 25, 40, 48, 52, 55, 62, 66, 58, 52, 50, 54, 62, 76, 92, 100, 98, 78, 45)
_BACKUP_DAY = (5, 90, 100, 95, 60, 5, 3, 6, 14, 18, 17, 12, 8, 12, 17, 16, 14, 9, 5, 4, 4, 4, 4, 4)

OFFICE = tuple(percent / 100 for day in range(7) for percent in (_WORKDAY if day < 5 else [p * 0.12 for p in _WORKDAY]))
"""an office's traffic in the hours of a week from Monday on, 1 at its busiest"""
MOBILE = tuple(p / 100 * (1.1 if day > 4 else 1) for day in range(7) for p in _MOBILE_DAY)
"""that of a base station: busy in the evening, busier at weekends"""
BACKUP = tuple(percent / 100 for _ in range(7) for percent in _BACKUP_DAY)
"""that of a server which is backed up at night"""

CAMERAS = tuple(0.7 + 0.3 * weight for weight in OFFICE)
"""that of an office with cameras, which never sleep"""


def chance(*names: object) -> float:
    """A number from 0 to 1 (exclusive) that follows from `names`."""
    digest = blake2b("/".join(map(str, names)).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / (1 << 48)


def traffic(
    name: str,
    shape: Sequence[float],
    peak_bps: float,
    *,
    line_bps: float = math.inf,
    growth_per_year: float = 0.0,
    as_of_s: float = ORIGIN_S,
    wobble: float = 0.15,
) -> Total:
    """Octets of a line that wants `peak_bps` where `shape` (168 hours, linear in between) is 1.

    It never carries more than `line_bps`. Without that limit it may grow, week by week; the peak is then that of
    `as_of_s`. `wobble` is by which share the rate varies within half an hour, in its own way for each `name`.
    """
    hours = [min(weight * peak_bps, line_bps) / 8 for weight in shape]
    if max(hours) * 8 >= line_bps:
        return Total(_integral(hours))
    until = _integral(hours, growth_per_year / 52, (as_of_s - ORIGIN_S) // WEEK_S)
    period_s = 1_500 + 900 * chance("period", name)
    phase = chance("phase", name)
    swing_s = wobble * period_s / math.tau
    return Total(lambda now_s: until(now_s + swing_s * math.sin((now_s / period_s + phase) * math.tau)))


def amount(shape: Sequence[float], per_s: float) -> Total:
    """What grows by `per_s` where `shape` is 1."""
    return Total(_integral([weight * per_s for weight in shape]))


def lost(shape: Sequence[float], peak_bps: float, line_bps: float, packet_bytes: int = 700) -> Total:
    """Packets that a line drops because `shape` wants more than `line_bps`."""
    excess = [max(0.0, weight * peak_bps - line_bps) / 8 / packet_bytes for weight in shape]
    return Total(_integral(excess))


def _integral(hours: Sequence[float], growth: float = 0.0, as_of_week: float = 0.0) -> Callable[[float], float]:
    """The antiderivative of a rate that is hours[h] at the beginning of hour h of a week, and linear in between.

    In week `as_of_week` that is; each later week has `growth` times as much more, each earlier one less.
    """
    following = [*hours[1:], hours[0]]
    areas = [(a + b) / 2 * HOUR_S for a, b in zip(hours, following, strict=True)]
    before = [0.0, *accumulate(areas)]
    week_area = before[-1]

    def until(now_s: float) -> float:
        week, second = divmod(now_s - ORIGIN_S, WEEK_S)
        week -= as_of_week
        hour, rest_s = divmod(second, HOUR_S)
        place = int(hour)
        slope = (following[place] - hours[place]) / HOUR_S
        within = before[place] + hours[place] * rest_s + slope * rest_s * rest_s / 2
        return week_area * (week + growth * week * (week - 1) / 2) + within * (1 + growth * week)

    return until


def stopped(total: Total, end_s: float) -> Total:
    """A counter that stands still from `end_s` on."""
    grown = total.until
    return Total(lambda now_s: grown(min(now_s, end_s)))


def bursts(name: str, per_burst: int, *, every_s: int = 5_400) -> Total:
    """Errors in bursts: `per_burst` within a minute, once in every `every_s`."""
    offset_s = chance("burst", name) * every_s

    def until(now_s: float) -> float:
        count, second = divmod(now_s - ORIGIN_S - offset_s, every_s)
        return per_burst * (count + min(second / 60, 1.0))

    return Total(until)


def around(name: str, middle: float, swing: float, shape: Sequence[float] = OFFICE) -> Level:
    """A whole number about `middle` that follows `shape` by `swing`, and trembles by a tenth of that."""

    def at(now_s: float) -> int:
        second = (now_s - ORIGIN_S) % WEEK_S
        hour, rest = divmod(second / HOUR_S, 1)
        here, there = shape[int(hour)], shape[(int(hour) + 1) % len(shape)]
        tremble = (chance(name, now_s // 60) - 0.5) * 0.2
        return round(middle + swing * (here + (there - here) * rest + tremble))

    return Level(at)


def rising(since_s: float, per_s: float, full: int, start: int) -> Level:
    """What fills: `start` until `since_s`, then more by `per_s`, never more than `full`."""
    return Level(lambda now_s: min(full, start + int(max(0.0, now_s - since_s) * per_s)))


class Outages:
    """When a device is without power: on some days, for a while; at the same time of each week (`weekly`: seconds from
    Monday, midnight, and for how long); and from `since_s` on where it is down for good."""

    def __init__(
        self,
        name: str,
        *,
        per_day: float = 0.0,
        longest_s: float = 4 * HOUR_S,
        since_s: float | None = None,
        weekly: tuple[float, float] | None = None,
    ) -> None:
        self._name = name
        self._per_day = per_day
        self._longest_s = min(longest_s, DAY_S)
        self._weekly = weekly
        self._since_s = math.inf if since_s is None else since_s
        self._span_of = lru_cache(maxsize=512)(self._find_span)
        self._last_stop = lru_cache(maxsize=4)(self._find_last_stop)

    def down(self, now_s: float) -> bool:
        """Whether it is down at `now_s`."""
        if now_s >= self._since_s:
            return True
        if self._weekly and 0 <= (now_s - ORIGIN_S - self._weekly[0]) % WEEK_S < self._weekly[1]:
            return True
        day = (now_s - ORIGIN_S) // DAY_S
        return any(start <= now_s < stop for start, stop in map(self._span_of, (day, day - 1)))

    def booted(self, now_s: float) -> float:
        """When it last came up before `now_s`; at least every 400 days."""
        if self._weekly:
            return now_s - (now_s - ORIGIN_S - sum(self._weekly)) % WEEK_S
        day = (now_s - ORIGIN_S) // DAY_S
        if self._per_day:
            stops = (self._span_of(day)[1], self._span_of(day - 1)[1], self._last_stop(day - 2))
            if stop := next((stop for stop in stops if 0 < stop <= now_s), 0.0):
                return stop
        period_s = DAY_S * (60 + 340 * chance("maintained", self._name))
        return now_s - (now_s - ORIGIN_S) % period_s

    def _find_last_stop(self, day: float) -> float:
        """When the last outage ended that began on `day` or within the 400 days before; 0 where there was none."""
        spans = (self._span_of(day - earlier) for earlier in range(400))
        return next((stop for _, stop in spans if stop), 0.0)

    def _find_span(self, day: float) -> tuple[float, float]:
        """The outage that begins on `day`: from, until; (0, 0) where there is none."""
        if chance("outage", self._name, day) >= self._per_day:
            return 0.0, 0.0
        start = ORIGIN_S + (day + chance("start", self._name, day)) * DAY_S
        return start, start + 300 + chance("length", self._name, day) ** 2 * (self._longest_s - 300)
