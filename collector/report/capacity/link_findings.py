"""What somebody has to do about lines: order, look for a fault, call the provider."""

from collections.abc import Iterator

import numpy as np

from collector.report import words
from collector.report.capacity.link_figures import Direction, LineFigures
from collector.report.capacity.link_verdict import (
    ERROR_SHARE,
    FULL_SHARE,
    State,
    loses_packets,
    speed_to_order_bps,
)
from collector.report.capacity.reach import day_ns
from collector.report.context import DAY_NS, HOUR_NS, Context
from collector.report.model import Finding, Level
from collector.report.say import Quantity, Text, Value, say
from collector.report.statistics.trend import first_day_ns
from collector.report.unit import Unit
from collector.report.urgency import (
    IMPAIRED,
    WITHIN_MONTHS,
    WITHIN_WEEKS,
    by_people,
    within,
)

_REST_DAYS = 5
"""days below the limit that do not end a time above it: a weekend and holidays beside it, or the workdays between two weekends"""

_BAD_SHARE = 0.01
"""of packets lost, above which people notice"""


def findings_of(context: Context, figures: LineFigures, state: State) -> Iterator[Finding]:
    """At most one about the load of a line, or its being down, and one about the packets it loses."""
    if state is State.DOWN:
        yield _finding(figures, "line-down", Level.CRITICAL, IMPAIRED, _down(figures))
    elif state is State.FULL:
        yield _finding(
            figures, "line-full", Level.CRITICAL, _impaired(context, figures), _full(context, figures, state)
        )
    elif state is State.TIGHT:
        days = figures.critical.days_to(1.0)
        urgency = WITHIN_MONTHS if days is None else within(days)
        yield _finding(figures, "line-tight", Level.WARNING, urgency, _tight(context, figures, state))
    if state not in (State.DOWN, State.OFF, State.NO_DATA) and loses_packets(figures):
        share = max(losses.share or 0.0 for losses in (figures.errors, figures.discards) if losses)
        urgency = WITHIN_WEEKS if share > _BAD_SHARE else WITHIN_MONTHS
        # a full line drops packets because it is full
        if state is not State.FULL or _has_errors(figures):
            yield _finding(figures, "line-errors", Level.WARNING, urgency, _lossy(figures))


def place_of(figures: LineFigures) -> str:
    """Where the line ends, as people say it: names of the inventory."""
    host = figures.line.host
    return words.place_of(host.site) if host.site else host.name


def _finding(figures: LineFigures, key: str, level: Level, urgency: float, sentence: Text) -> Finding:
    site = figures.line.host.site
    people = site.population if site else None
    return Finding(
        key=key, level=level, urgency=by_people(urgency, people), sentence=sentence, where=figures.line.where
    )


def _impaired(context: Context, figures: LineFigures) -> float:
    """A little more urgent where a line is full not for an hour, but all working day."""
    period_h = (context.until_ns - context.since_ns) / HOUR_NS
    return IMPAIRED + 5.0 * min(1.0, figures.hours_tight / (period_h / 3))


def _down(figures: LineFigures) -> Text:
    line, place = figures.line.where, place_of(figures)
    if figures.down_since_ns is None:
        return say(
            "The line {line} ({place}) was down all the time, though its device answers: have the provider look.",
            line=line,
            place=place,
        )
    return say(
        "The line {line} ({place}) is down since {since}, though its device answers: have the provider look.",
        line=line,
        place=place,
        since=Quantity(figures.down_since_ns, Unit.TIME),
    )


def _full(context: Context, figures: LineFigures, state: State) -> Text:
    """`critical` is full, as it is used more."""
    direction = figures.critical
    since_ns, is_known = _full_since_ns(context, direction)
    said: dict[str, Value] = {
        "line": figures.line.where,
        "place": place_of(figures),
        "since": Quantity(since_ns, Unit.DATE),
        "load": Quantity(direction.p95_bps or 0.0, Unit.BPS),
        "contract": Quantity(direction.contract_bps or 0, Unit.BPS),
        "hours": Quantity(figures.hours_tight, Unit.HOURS),
        "order": Quantity(speed_to_order_bps(figures, state) or 0, Unit.BPS),
    }
    if is_known:
        return say(
            "The line {line} ({place}) is full since {since}: {load} of {contract} (95th percentile), "
            "more than 80% in {hours}. Order {order}.",
            **said,
        )
    return say(
        "The line {line} ({place}) is full since {since} or longer: {load} of {contract} (95th percentile), "
        "more than 80% in {hours}. Order {order}.",
        **said,
    )


def _tight(context: Context, figures: LineFigures, state: State) -> Text:
    direction = figures.critical
    order = speed_to_order_bps(figures, state)
    days = direction.days_to(1.0)
    same: dict[str, Value] = {
        "line": figures.line.where,
        "place": place_of(figures),
        "load": Quantity(direction.p95_bps or 0.0, Unit.BPS),
        "contract": Quantity(direction.contract_bps or 0, Unit.BPS),
        "order": Quantity(order or 0, Unit.BPS),
    }
    if days is None:
        return say(
            "The line {line} ({place}) is tight: {load} of {contract} (95th percentile), without certain growth. "
            "Next speed: {order}.",
            **same,
        )
    return say(
        "The line {line} ({place}) will be full about {date}: {load} of {contract} now (95th percentile). "
        "Order {order}.",
        **same,
        date=Quantity(day_ns(days, context.until_ns), Unit.DATE),
    )


def _lossy(figures: LineFigures) -> Text:
    errors, discards = figures.errors, figures.discards
    line, place = figures.line.where, place_of(figures)
    if errors and _has_errors(figures):
        return say(
            "The line {line} ({place}) has {percent} of its packets in error: check cable, connectors, optics and duplex.",
            line=line,
            place=place,
            percent=Quantity(100 * (errors.share or 0.0), Unit.PERCENT),
        )
    return say(
        "The line {line} ({place}) drops {percent} of its packets: bursts are larger than its speed or queues allow.",
        line=line,
        place=place,
        percent=Quantity(100 * (discards.share or 0.0) if discards else 0.0, Unit.PERCENT),
    )


def _has_errors(figures: LineFigures) -> bool:
    return figures.errors is not None and (figures.errors.share or 0.0) > ERROR_SHARE


def _full_since_ns(context: Context, direction: Direction) -> tuple[int, bool]:
    """The day since which the daily percentile is at `FULL_SHARE`, but for short rests; whether it was lower before."""
    with np.errstate(invalid="ignore"):
        above = np.flatnonzero(direction.daily >= FULL_SHARE * (direction.contract_bps or 0))
    if not len(above):
        return context.since_ns, False
    breaks = np.flatnonzero(np.diff(above) > _REST_DAYS + 1)
    first = int(above[breaks[-1] + 1] if len(breaks) else above[0])
    before = direction.daily[max(0, first - _REST_DAYS - 1) : first]
    return first_day_ns(context.until_ns) + first * DAY_NS, not bool(np.isnan(before).all())
