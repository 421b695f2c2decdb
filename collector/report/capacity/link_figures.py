"""How contracted lines were used: everything that `capacity links` says of a line, before it is judged."""

from collections import Counter
from itertools import islice

import msgspec
import numpy as np

from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.lines import Line, contracted_lines
from collector.report.statistics.samples import (
    BILLING_PERCENT,
    Floats,
    LocalHours,
    busy_hour,
    higher,
    highest,
    hours_above,
    joined,
    key_of,
    mean,
    on_days,
    percentile,
    week,
    window_lengths_s,
    window_s,
)
from collector.report.statistics.trend import TREND_DAYS, Trend, first_day_ns, fit
from collector.store.contract import History

TIGHT_SHARE = 0.8
"""of the contract, above which queues grow steeply: a packet waits for four others on average (M/M/1), for one at half load"""

_RATES = ("in_bps", "out_bps")
_LOSSES = ("errors_per_s", "discards_per_s", "pps")
_LINE = ("host", "name")
_DOWN_LOOKED_UP = 20
"""of so many lines that are down, since when is looked up; more at once have one cause, which other reports tell"""
_STATE_NS = 6 * HOUR_NS
"""how old a state may be to be told as that of the period's end; a whole day of all interfaces takes long to read"""
_DOWN = frozenset(("down", "lower-layer-down", "not-present"))


class Direction(msgspec.Struct):
    """What went one way. Rates in bit/s, None where nothing is known.

    Attributes:
        daily: 95th percentiles of the last `TREND_DAYS` UTC days, NaN where there is none or the day is not over.
        p95_bps: the billing percentile of the period.
        peak_bps: the highest 5-minute mean.
    """

    contract_bps: int | None
    daily: Floats
    trend: Trend | None = None
    mean_bps: float | None = None
    p95_bps: float | None = None
    peak_bps: float | None = None

    @property
    def share(self) -> float | None:
        """The percentile's share of the contract."""
        return self.p95_bps / self.contract_bps if self.contract_bps and self.p95_bps is not None else None

    def days_to(self, share: float) -> float | None:
        """In how many days the trend reaches this share of the contract, 0 where it or the percentile is there."""
        if not self.contract_bps:
            return None
        if self.share is not None and self.share >= share:
            return 0.0
        return self.trend.reaches(share * self.contract_bps).days if self.trend else None


class Losses(msgspec.Struct, frozen=True):
    """Packets lost of both directions together.

    Attributes:
        per_s: mean over the period.
        count: in all, as far as it was measured.
        share: of the packets; None where these were not counted.
    """

    per_s: float
    count: float
    share: float | None


class LineFigures(msgspec.Struct):
    """One line.

    Attributes:
        measured_s: how much of the period is covered by windows with a rate.
        busy_hour: local hour with the highest load.
        hours_tight: hours in which the load was above `TIGHT_SHARE`.
        week: mean load by hour of the local week, percent.
        errors, discards: None where the device does not count them.
        is_down: it is down at the period's end, though it is wanted up.
        is_off: an operator switched it off.
    """

    line: Line
    received: Direction
    sent: Direction
    measured_s: float = 0.0
    busy_hour: int | None = None
    hours_tight: float = 0.0
    week: Floats | None = None
    errors: Losses | None = None
    discards: Losses | None = None
    is_down: bool = False
    is_off: bool = False
    down_since_ns: int | None = None

    @property
    def critical(self) -> Direction:
        """The direction that is full first within a year; where none is, the one whose contract is used more."""
        judged = [direction for direction in (self.received, self.sent) if direction.contract_bps]

        def urgency(direction: Direction) -> tuple[float, float]:
            days = direction.days_to(1.0)
            return (-days if days is not None and days < 365 else -365, direction.share or 0.0)

        return max(judged, key=urgency)

    @property
    def billed_bps(self) -> float | None:
        """The higher of both directions' percentiles."""
        return max((d.p95_bps for d in (self.received, self.sent) if d.p95_bps is not None), default=None)

    @property
    def share(self) -> float | None:
        """The higher of both directions' percentiles as a share of its contract."""
        shares = [d.share for d in (self.received, self.sent) if d.share is not None]
        return max(shares, default=None)


def measure_lines(context: Context) -> list[LineFigures]:
    """All contracted lines of the selected hosts, in the inventory's order; those without data, too. Measured once a context."""
    return context.once.get("lines", lambda: _measured(context))


def _measured(context: Context) -> list[LineFigures]:
    lines = contracted_lines(context)
    if not lines:
        return []
    found = {
        line.key: LineFigures(line, _direction(line.contract_in_bps), _direction(line.contract_out_bps))
        for line in lines
    }
    parts = _trends(context, found)
    _loads(context, found, parts)
    _losses(context, found)
    _states(context, found)
    return list(found.values())


def _direction(contract_bps: int | None) -> Direction:
    return Direction(contract_bps, np.full(TREND_DAYS, np.nan))


def _trends(context: Context, found: dict[tuple[str, str], LineFigures]) -> Counter[tuple[str, ...]]:
    """Fill in daily percentiles and trends; tells how many series each line has in the period."""
    first_ns = first_day_ns(context.until_ns)
    parts: Counter[tuple[str, ...]] = Counter()
    daily = context.store.daily_percentiles(
        "interface",
        _RATES,
        BILLING_PERCENT,
        since_ns=min(first_ns, context.since_ns),
        until_ns=context.until_ns,
        only=found.keys(),
    )
    for history in daily:
        key = (history.tags["host"], history.tags["name"])
        parts[key] += int(history.times_ns[-1]) > context.since_ns - DAY_NS
        for direction, field in zip((found[key].received, found[key].sent), _RATES, strict=True):
            newer = on_days(history.times_ns, history.values[field], first_ns, TREND_DAYS)
            direction.daily = np.where(np.isnan(newer), direction.daily, newer)
    for figures in found.values():
        for direction in (figures.received, figures.sent):
            if context.until_ns % DAY_NS:
                direction.daily[-1] = np.nan  # a day that is not over has not seen its busy hour
            if direction.contract_bps:
                direction.trend = fit(direction.daily)
    return parts


def _loads(context: Context, found: dict[tuple[str, str], LineFigures], parts: Counter[tuple[str, ...]]) -> None:
    hours = LocalHours(context.zone, context.since_ns - DAY_NS, context.until_ns)
    every_s = window_s(context.since_ns, context.until_ns)
    windows = context.store.histories(
        "interface",
        _RATES,
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        every_s=every_s,
        only=found.keys(),
    )
    for history in joined(windows, _LINE, parts):
        _load(found[history.tags["host"], history.tags["name"]], history, hours, every_s)


def _load(figures: LineFigures, history: History, hours: LocalHours, every_s: int) -> None:
    lengths_s = window_lengths_s(history.times_ns, every_s)
    loads = []
    for direction, field in zip((figures.received, figures.sent), _RATES, strict=True):
        rates = history.values[field]
        direction.mean_bps = mean(rates, lengths_s)
        direction.p95_bps = percentile(rates, BILLING_PERCENT, lengths_s)
        direction.peak_bps = highest(rates)
        if direction.contract_bps:
            loads.append(100 * rates / direction.contract_bps)
    load = loads[0] if len(loads) == 1 else higher(*loads)
    of_week = hours.of_week(history.times_ns)
    figures.measured_s = float(lengths_s[~np.isnan(load)].sum())
    figures.busy_hour = busy_hour(load, of_week, lengths_s, hours.days(history.times_ns))
    figures.hours_tight = hours_above(load, 100 * TIGHT_SHARE, lengths_s)
    figures.week = week(load, of_week, lengths_s)


def _losses(context: Context, found: dict[tuple[str, str], LineFigures]) -> None:
    fields = [f"{way}_{what}" for what in _LOSSES for way in ("in", "out")]
    windows = context.store.histories(
        "interface",
        [*fields, "interval_s"],
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        every_s=86_400,
        only=found.keys(),
    )
    sums: dict[tuple[str, ...], dict[str, tuple[float, float]]] = {}
    for history in windows:
        of_line = sums.setdefault(key_of(history, _LINE), {})
        lengths_s = _lengths_s(history)
        for field in fields:
            rates = history.values[field]
            known = ~np.isnan(rates)
            total, weight = of_line.get(field, (0.0, 0.0))
            weights = lengths_s[known]
            of_line[field] = (total + float(rates[known] @ weights), weight + float(weights.sum()))
    for key, figures in found.items():
        means = {field: total / weight for field, (total, weight) in sums.get(key, {}).items() if weight}
        packets = _both(means, "pps")
        figures.errors = _lost(_both(means, "errors_per_s"), packets, figures.measured_s)
        figures.discards = _lost(_both(means, "discards_per_s"), packets, figures.measured_s)


def _lengths_s(history: History) -> Floats:
    """How much time each window's samples stand for: a line that was asked more often later on was not used more."""
    interval_s = history.values["interval_s"]
    known = ~np.isnan(interval_s)
    usual_s = float(np.median(interval_s[known])) if known.any() else 1.0
    lengths_s: Floats = history.samples * np.where(known, interval_s, usual_s)
    return lengths_s


def _both(rates: dict[str, float], what: str) -> float | None:
    """The sum of both directions, of those that are counted."""
    counted = [rates[name] for name in (f"in_{what}", f"out_{what}") if name in rates]
    return sum(counted) if counted else None


def _lost(per_s: float | None, packets_per_s: float | None, measured_s: float) -> Losses | None:
    if per_s is None:
        return None
    share = None if packets_per_s is None else per_s / (packets_per_s + per_s) if per_s else 0.0
    return Losses(per_s, per_s * measured_s, share)


def _states(context: Context, found: dict[tuple[str, str], LineFigures]) -> None:
    for point in context.latest("interface", ("oper_status", "admin_status"), within_ns=_STATE_NS):
        figures = found.get((point.tags["host"], point.tags.get("name", "")))
        if figures is None or context.states()[point.tags["host"]].up is False:
            continue  # a host that is silent says nothing of its lines
        figures.is_off = point.fields.get("admin_status") == "down"
        figures.is_down = point.fields.get("oper_status") in _DOWN and not figures.is_off
    down = (figures for figures in found.values() if figures.is_down)
    for figures in islice(down, _DOWN_LOOKED_UP):
        figures.down_since_ns = _last_up(context, figures.line)


def _last_up(context: Context, line: Line) -> int | None:
    """When the line was last up within the period; None where it was not."""
    host, name = line.key
    seen = context.store.sightings(
        "interface",
        ["oper_status"],
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        where={"host": host, "name": name},
    )
    return max((sighting.last_ns for sighting in seen if sighting.text == "up"), default=None)
