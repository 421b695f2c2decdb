"""Two samples of a row made into rates, with a verdict on the row and on each counter that has one of its own."""

from collections.abc import Mapping
from itertools import repeat
from operator import sub, truediv

import msgspec

from collector.normalise import counters
from collector.normalise.counters import CACHE_MAX_S, Growth, Interval, Verdict, measure_interval
from collector.normalise.limits import NO_LIMITS, Limits, limit, line_limits, octets_max
from collector.normalise.samples import Held, Sample, Stamp
from collector.normalise.tables import Column, Counted, Shape, Table

_NOTHING: Mapping[str, Verdict] = {}
_OK, _TOO_CLOSE, _CLOCK = Verdict.OK, Verdict.TOO_CLOSE, Verdict.CLOCK  # members of an Enum are slow to look up


class Comparison(msgspec.Struct, gc=False):
    """What two samples of a row say.

    Attributes:
        verdict: on the row as a whole; where it is not OK there are no rates.
        rates: by the field that holds the rate, per second and scaled.
        interval_s: between the samples; 0 where there are no rates.
        exceptions: verdicts other than OK on single counters.
        baseline: the sample to compare the next one with.
    """

    verdict: Verdict
    rates: dict[str, float]
    interval_s: float
    exceptions: Mapping[str, Verdict]
    baseline: Sample


class Intervals:
    """Intervals, and limits on them, of the rows of one reading: many share their stamps and speeds."""

    def __init__(self) -> None:
        self._known: dict[tuple[Stamp, float, int | None, float | None], Interval] = {}
        self._limits: dict[tuple[int | None, float], Limits] = {}

    def between(self, before: Sample, stamp: Stamp) -> Interval:
        """`measure_interval`, computed once for each pair of moments."""
        key = (stamp, before.arrived_s, before.uptime_ticks, before.pace)
        interval = self._known.get(key)
        if interval is None:
            interval = self._known[key] = measure_interval(before, stamp)
        return interval

    def limits(self, table: Table, speed_bps: int | None, seconds: float) -> Limits:
        """`line_limits` of what has a speed."""
        if "speed_bps" not in table.has:
            return NO_LIMITS
        limits = self._limits.get((speed_bps, seconds))
        if limits is None:
            limits = self._limits[speed_bps, seconds] = line_limits(speed_bps, seconds)
        return limits


def compare(
    table: Table,
    shape: Shape,
    before: Sample | None,
    now: Sample,
    stamp: Stamp,
    speed_bps: int | None,
    intervals: Intervals,
) -> Comparison:
    """The rates between `before` and `now`, the sample taken at `stamp`.

    A reset of one counter is one of its whole row: what the other counters were in between is unknown too.
    """
    if before is None or before.layout != now.layout:
        return Comparison(Verdict.FIRST, {}, 0.0, _NOTHING, now)
    interval = intervals.between(before, stamp)
    verdict = interval.verdict
    if verdict is _TOO_CLOSE:
        return Comparison(verdict, {}, 0.0, _NOTHING, before)
    if _is_cached(interval, before, now):
        return Comparison(Verdict.STALE, {}, 0.0, _NOTHING, before)
    now.pace = interval.pace
    if verdict is _OK and _discontinued(before, now):
        verdict = Verdict.DISCONTINUITY
    if verdict is not _OK:
        return Comparison(verdict, {}, 0.0, _NOTHING, now)

    seconds = interval.seconds
    limits = intervals.limits(table, speed_bps, seconds)
    if rates := _plain_rates(table, shape, before, now, seconds, limits):
        return Comparison(_OK, rates, seconds, _NOTHING, now)
    absurd = limits.absurd
    changed = now.narrow ^ before.narrow
    suspects = changed | (now.narrow & table.wrapping)
    exceptions: dict[str, Verdict] = {}
    for column, old, new in zip(table.counters, before.counters, now.counters, strict=True):
        if new is None or old is None:
            if old is not None or before.held:
                _bridge_gap(column, before, now, stamp, speed_bps, rates, exceptions)
            elif new is not None:
                exceptions[column.name] = Verdict.FIRST
            continue
        name, _, _, bit, counted, rate, per_second = column
        growth = new - old
        if bit & suspects or not 0 <= growth <= absurd[counted]:
            if bit & changed:
                exceptions[name] = Verdict.WIDTH_CHANGED
                continue
            judged = _judge(table, column, before, now, interval, limits)
            if judged.verdict is not Verdict.OK:
                exceptions[name] = judged.verdict
                if judged.verdict is not Verdict.WRAPPED:
                    continue
            growth = judged.amount
        if rate:
            rates[rate] = growth * per_second / seconds
    if Verdict.RESET in exceptions.values():
        now.held = {}
        return Comparison(Verdict.RESET, {}, 0.0, exceptions, now)
    return Comparison(Verdict.OK, rates, seconds, exceptions or _NOTHING, now)


def _plain_rates(
    table: Table, shape: Shape, before: Sample, now: Sample, seconds: float, limits: Limits
) -> dict[str, float]:
    """The rates of a row whose counters are the same as before and grew by what no limit forbids; else none.

    Nearly all rows are like that, so they are computed without a look at every counter.
    """
    if shape.counters is None or before.held or before.counters.count(None) != shape.absent:
        return {}
    if now.narrow != before.narrow or (now.narrow & table.wrapping and limits.hides_wraps):
        return {}
    try:
        growths: list[int] = list(map(sub, shape.counters(now.counters), shape.counters(before.counters)))
    except TypeError:  # a counter is None: it was missing, or is
        return {}
    if min(growths) < 0 or max(growths) > limits.never_absurd:
        return {}
    rates = dict(zip(shape.rates, map(truediv, growths, repeat(seconds)), strict=False))
    for rate, per_second in shape.scaled:
        rates[rate] *= per_second
    return rates


def _is_cached(interval: Interval, before: Sample, now: Sample) -> bool:
    """Whether the agent repeated an answer: same uptime, same counters, and not for longer than agents cache."""
    return (
        interval.verdict is _CLOCK
        and now.uptime_ticks == before.uptime_ticks
        and now.uptime_ticks is not None
        and now.arrived_s - before.arrived_s <= CACHE_MAX_S
        and now.counters == before.counters
    )


def _discontinued(before: Sample | Held, now: Sample) -> bool:
    return (
        before.discontinuity is not None and now.discontinuity is not None and before.discontinuity != now.discontinuity
    )


def _judge(table: Table, column: Column, before: Sample, now: Sample, interval: Interval, limits: Limits) -> Growth:
    """The careful way, for what grew suspiciously little or much and for octets and packets of 32 bits."""
    old, new = before.counters[column.counter], now.counters[column.counter]
    assert old is not None and new is not None  # noqa: S101, PT018 - the caller's condition, told to the type checker
    narrow = bool(now.narrow & column.bit)
    line_max = limit(limits, column.counted)
    if narrow and column.counted is Counted.OCTETS:
        amount = (new - old) % counters.NARROW_WRAP
        line_max = octets_max(amount, _packets(table, column, before, now), line_max)
    growth = counters.judge(
        old,
        new,
        narrow=narrow,
        proven=interval.proven,
        line_max=line_max,
        absurd=limits.absurd[column.counted],
        many_wraps=column.counted is not Counted.FAULTS,
    )
    if growth.verdict is Verdict.WRAPPED and _others_fell(table, column, before, now):
        return Growth(Verdict.RESET, 0)
    return growth


def _packets(table: Table, octets: Column, before: Sample, now: Sample) -> int | None:
    """Packets that passed in the direction of `octets`; None where any counter of them is gone, reset or unknown."""
    way = octets.name.partition("_")[0]
    total: int | None = None
    for column in table.counters:
        if column.counted is not Counted.PACKETS or not column.name.startswith(way):
            continue
        old, new = before.counters[column.counter], now.counters[column.counter]
        if old is None and new is None:
            continue
        if old is None or new is None or new < old:
            return None
        total = (total or 0) + new - old
    return total


def _others_fell(table: Table, wrapped: Column, before: Sample, now: Sample) -> bool:
    """Whether counters of another kind are less too: they do not all wrap at once, but they are all cleared at once."""
    for column in table.counters:
        old, new = before.counters[column.counter], now.counters[column.counter]
        if old is not None and new is not None and new < old and column.counted is not wrapped.counted:
            return True
    return False


def _bridge_gap(
    column: Column,
    before: Sample,
    now: Sample,
    stamp: Stamp,
    speed_bps: int | None,
    rates: dict[str, float],
    exceptions: dict[str, Verdict],
) -> None:
    """A counter that is missing now is held as it was; one that is back is compared with what was held of it."""
    at = column.counter
    old, new = before.counters[at], now.counters[at]
    held = before.held.get(at)
    if old is not None:
        held = Held(
            old,
            bool(before.narrow & column.bit),
            before.arrived_s,
            before.uptime_ticks,
            before.discontinuity,
            before.pace,
        )
    if new is None:
        if held:
            now.held = now.held | {at: held}
        return
    if held is None:
        exceptions[column.name] = Verdict.FIRST
        return
    interval = measure_interval(held, stamp)
    narrow = bool(now.narrow & column.bit)
    verdict = interval.verdict
    if verdict is Verdict.OK and _discontinued(held, now):
        verdict = Verdict.DISCONTINUITY
    if verdict is Verdict.OK and narrow != held.narrow:
        verdict = Verdict.WIDTH_CHANGED
    if verdict is Verdict.OK:
        limits = line_limits(speed_bps, interval.seconds)
        growth = counters.judge(
            held.value,
            new,
            narrow=narrow,
            proven=interval.proven,
            line_max=limit(limits, column.counted),
            absurd=limits.absurd[column.counted],
            many_wraps=column.counted is not Counted.FAULTS,
        )
        verdict = growth.verdict
        if verdict in (Verdict.OK, Verdict.WRAPPED) and column.rate:
            rates[column.rate] = growth.amount * column.per_second / interval.seconds
    if verdict is not Verdict.OK:
        exceptions[column.name] = verdict
