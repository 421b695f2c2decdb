"""How availability is told: states, classes, how a period is cut into days. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from collector.report.availability.outage_record import Record, State
from collector.report.context import DAY_NS, Context
from collector.report.model import Level, Spark, Verdict
from collector.report.say import Quantity, say
from collector.report.statistics.spans import lengths_ns, merged, minus
from collector.report.unit import Unit

STATES: Mapping[State, Verdict] = {
    State.UP: Verdict(Level.OK, say("up")),
    State.DOWN: Verdict(Level.CRITICAL, say("down")),
    State.MAINTENANCE: Verdict(Level.INFO, say("in maintenance")),
    State.UNKNOWN: Verdict(Level.UNKNOWN, say("no data")),
}

GOOD, FAIR = 99.5, 98.0
"""percent up from which on something is well, or not yet bad"""
_CLASSES = (99.999, 99.99, 99.95, 99.9, 99.5, 99.0, 98.0, 95.0, 90.0)
_MOST_BINS = 62


def availability_class(up_ns: int, down_ns: int, interval_ns: int) -> Verdict:
    """The class that is certain: between two samples an outage can hide that is nearly as long as their interval."""
    if not up_ns + down_ns:
        return Verdict(Level.UNKNOWN, say("no data"))
    percent = 100 * up_ns / (up_ns + down_ns)
    certain = 100 * max(0, up_ns - interval_ns) / (up_ns + down_ns)
    level = Level.OK if percent >= GOOD else Level.WARNING if percent >= FAIR else Level.CRITICAL
    reached = next((each for each in _CLASSES if certain >= each), None)
    if reached is None:
        return Verdict(level, say("below {percent}", percent=Quantity(_CLASSES[-1], Unit.PERCENT)))
    return Verdict(level, say("at least {percent}", percent=Quantity(reached, Unit.PERCENT)))


def day_edges(context: Context) -> list[int]:
    """Local midnights that cut the period into days, or weeks where those were too many, its two ends included."""
    since = context.local(context.since_ns)
    step = 1 if context.until_ns - context.since_ns <= _MOST_BINS * DAY_NS else 7
    edges = [context.since_ns]
    day = since.date()
    while True:
        day += timedelta(days=step)
        at_ns = round(datetime.combine(day, time(), context.zone).timestamp()) * 10**9
        if at_ns >= context.until_ns:
            return [*edges, context.until_ns]
        if at_ns > edges[-1]:
            edges.append(at_ns)


def percents(record: Record, edges: Sequence[int]) -> tuple[float | None, ...]:
    """Percent up between each two of the edges; None where nothing is known."""
    if not record.known_ns:
        return (None,) * (len(edges) - 1)
    left_out = lengths_ns(merged((*record.unknown, *record.excused)), edges)
    down = lengths_ns(minus(record.down, record.excused), edges)
    return tuple(
        100.0 * (1 - lost / known) if (known := stop - start - out) > 0 else None
        for start, stop, out, lost in zip(edges, edges[1:], left_out, down, strict=False)
    )


def spark(record: Record, edges: Sequence[int]) -> Spark:
    """Percent up day by day."""
    return Spark(percents(record, edges))
