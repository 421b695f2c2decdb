"""Whether two readings of a counter make a rate, and of what interval: pure decisions with a verdict each.

A wrong rate is worse than none, so each decision asks what else could have happened between the two readings:

- `measure_interval`: how long they lie apart, by the device's uptime where that is sane, and whether the device went on
  counting all the while.
- `judge`: what a counter grew by, given that. A counter of 64 bits never wraps (RFC 2863, section 3.1.6), so less means
  that it was reset. A counter of 32 bits grew by `(now - before) mod 2^32`, or by that and any number of whole wraps:
  it is believed only if exactly one of these fits the speed of the line.
"""

from enum import Enum

import msgspec

from collector.normalise.samples import Held, Sample, Stamp

MIN_INTERVAL_S = 1.0
"""shorter intervals make no rate: uptime counts in 1/100 s, and agents answer from a cache"""
CACHE_MAX_S = 120.0
"""an agent that repeats uptime and counters for longer than this is idle with a broken uptime, no cache"""
TICKS_PER_S = 100
UPTIME_WRAP_TICKS = 1 << 32
NARROW_WRAP = 1 << 32
AGREED, STANDSTILL = 1.0, 0.0
"""paces of an uptime: as the clock's, and none"""


class Verdict(Enum):
    """Why a row or a counter has rates, or has none."""

    OK = "ok"
    WRAPPED = "wrapped"
    FIRST = "first"
    TOO_CLOSE = "too-close"
    STALE = "stale"
    CLOCK = "clock"
    REBOOTED = "rebooted"
    DISCONTINUITY = "discontinuity"
    WIDTH_CHANGED = "width-changed"
    RESET = "reset"
    AMBIGUOUS = "ambiguous"
    IMPOSSIBLE = "impossible-rate"

    @property
    def explanation(self) -> str:
        """One sentence for an operator."""
        return _EXPLANATIONS[self]

    @property
    def began_anew(self) -> bool:
        """Whether the counters can't be compared with those before."""
        return self in _BEGAN_ANEW


_EXPLANATIONS = {
    Verdict.OK: "Two good samples.",
    Verdict.WRAPPED: "The 32-bit counter went through zero once; the rate is right.",
    Verdict.FIRST: "There is no earlier sample to compare with.",
    Verdict.TOO_CLOSE: f"Less than {MIN_INTERVAL_S:g} s since the earlier sample, which stays the baseline.",
    Verdict.STALE: "The agent repeated its earlier answer, uptime and all; the earlier sample stays the baseline.",
    Verdict.CLOCK: "The device's uptime and the collector's clock disagree about the interval, and neither is proven.",
    Verdict.REBOOTED: "The device restarted between the samples, or may have.",
    Verdict.DISCONTINUITY: "ifCounterDiscontinuityTime moved: the device says that its counters began anew.",
    Verdict.WIDTH_CHANGED: "The counter is of another width than before (32 or 64 bits).",
    Verdict.RESET: "The counter is less than before, and not because it wrapped.",
    Verdict.AMBIGUOUS: "The 32-bit counter may have wrapped unseen: at this speed it must be polled more often.",
    Verdict.IMPOSSIBLE: "The counter grew by more than the line could carry.",
}
_BEGAN_ANEW = frozenset((Verdict.REBOOTED, Verdict.DISCONTINUITY, Verdict.WIDTH_CHANGED, Verdict.RESET))


class Interval(msgspec.Struct, frozen=True, gc=False):
    """The time between two readings.

    Attributes:
        verdict: OK, TOO_CLOSE, STALE, CLOCK or REBOOTED; FIRST where there is no earlier reading.
        seconds: its length; 0 unless the verdict is OK.
        proven: the device's uptime proves that it counted all the while, so a counter may have wrapped.
        pace: to be kept in the next `Sample`.
    """

    verdict: Verdict
    seconds: float
    proven: bool
    pace: float | None


TRAVEL_S = 2.0
"""how long a response may have waited and travelled"""
DRIFT, WRAP_DRIFT = 0.01, 0.0005
"""share by which an uptime may drift from the clock; less where the clock is the only witness that it wrapped"""


def measure_interval(before: Sample | Held, now: Stamp) -> Interval:
    """How long `before` and `now` lie apart.

    - Uptime that went back: it wrapped after 497 days if the clock agrees, else the device restarted.
    - Uptime no longer than the interval: the device may have restarted in between and overtaken its old uptime.
    - Uptime and clock agree: the uptime is taken, as it was read together with the counters.
    - They disagree as they did the last time: the uptime stands still or runs at a pace of its own; the clock is taken.
    - They disagree after they agreed: the collector's clock was set; the uptime is taken.
    - They disagree at the first comparison, or each time differently: neither is proven.
    - The agent has no uptime, or always 0: the clock is taken. It had one and has it no more, or the reverse: not proven.
    """
    clock_s = now.arrived_s - before.arrived_s
    pace = before.pace
    if not now.uptime_ticks and not before.uptime_ticks:
        return _by_clock(clock_s, proven=False, pace=pace)
    if not now.uptime_ticks or not before.uptime_ticks:
        return Interval(Verdict.CLOCK, 0.0, False, pace)
    ticks = now.uptime_ticks - before.uptime_ticks
    tolerance = TRAVEL_S + abs(clock_s) * DRIFT

    if ticks < 0:
        wrapped_s = (ticks + UPTIME_WRAP_TICKS) / TICKS_PER_S
        if abs(wrapped_s - clock_s) > TRAVEL_S + clock_s * WRAP_DRIFT:
            return Interval(Verdict.REBOOTED, 0.0, False, pace)
        return _by_uptime(wrapped_s, pace=AGREED)
    up_s = now.uptime_ticks / TICKS_PER_S
    interval_s = ticks / TICKS_PER_S
    if up_s <= clock_s + tolerance:
        return Interval(Verdict.REBOOTED, 0.0, False, pace)
    if ticks == 0 and clock_s >= MIN_INTERVAL_S:
        if pace == STANDSTILL:
            return _by_clock(clock_s, proven=False, pace=STANDSTILL)
        return Interval(Verdict.CLOCK, 0.0, False, STANDSTILL)
    if abs(interval_s - clock_s) <= tolerance:
        return _by_uptime(interval_s, pace=AGREED)
    if pace == AGREED and interval_s >= MIN_INTERVAL_S:
        return _by_uptime(interval_s, pace=None)
    if pace is not None and pace > 0 and abs(interval_s / pace - clock_s) <= tolerance < up_s / pace - clock_s:
        return _by_clock(clock_s, proven=True, pace=pace)
    return Interval(Verdict.CLOCK, 0.0, False, interval_s / clock_s if clock_s > 0 else None)


def _by_uptime(seconds: float, *, pace: float | None) -> Interval:
    if seconds < MIN_INTERVAL_S:
        return Interval(Verdict.TOO_CLOSE, 0.0, False, pace)
    return Interval(Verdict.OK, seconds, True, pace)


def _by_clock(clock_s: float, *, proven: bool, pace: float | None) -> Interval:
    if clock_s <= 0:
        return Interval(Verdict.CLOCK, 0.0, False, pace)
    if clock_s < MIN_INTERVAL_S:
        return Interval(Verdict.TOO_CLOSE, 0.0, False, pace)
    return Interval(Verdict.OK, clock_s, proven, pace)


class Growth(msgspec.Struct, frozen=True, gc=False):
    """What a counter grew by; 0 unless the verdict is OK or WRAPPED."""

    verdict: Verdict
    amount: int


def judge(
    before: int,
    now: int,
    *,
    narrow: bool,
    proven: bool,
    line_max: float | None,
    absurd: float,
    many_wraps: bool,
) -> Growth:
    """What a counter grew by from `before` to `now`.

    Args:
        narrow: it is of 32 bits, else of 64.
        proven: the device went on counting all the while (`Interval.proven`).
        line_max: the most that the line can have added in the interval; None where its speed is unknown.
        absurd: growth beyond this is no measurement.
        many_wraps: the line could in earnest carry `line_max`, so that whole wraps may have gone unseen (octets and
            packets; errors come by far fewer).
    """
    if not narrow:
        if now < before:
            return Growth(Verdict.RESET, 0)
        return Growth(Verdict.OK, now - before) if now - before <= absurd else Growth(Verdict.IMPOSSIBLE, 0)
    amount = (now - before) % NARROW_WRAP
    if now < before and not (proven and line_max is not None and amount <= line_max):
        return Growth(Verdict.RESET, 0)
    if amount > absurd:
        return Growth(Verdict.IMPOSSIBLE, 0)
    if many_wraps and line_max is not None and amount + NARROW_WRAP <= line_max:
        return Growth(Verdict.AMBIGUOUS, 0)
    return Growth(Verdict.WRAPPED if now < before else Verdict.OK, amount)
