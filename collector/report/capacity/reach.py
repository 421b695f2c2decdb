"""When something will be full, and when it is busy, as cells of tables and forecasts of charts."""

from collector.report.context import DAY_NS
from collector.report.model import Cell, Cone, Estimate
from collector.report.say import Quantity, say
from collector.report.statistics.trend import HORIZON_DAYS, Trend
from collector.report.unit import Unit

_CONE_STEP_DAYS = 7


def date_cell(trend: Trend | None, limit: float | None, now_ns: int, *, reached: bool = False) -> Cell:
    """The day on which `trend` reaches `limit`, with its interval; in words where there is no such day.

    Args:
        reached: that it is reached is known otherwise than by the trend.
    """
    if limit is None:
        return None
    if reached:
        return say("reached")
    if trend is None:
        return say("not enough data")
    reach = trend.reaches(limit)
    if reach.already:
        return say("reached")
    if reach.days is not None:
        latest = None if reach.latest is None else day_ns(reach.latest, now_ns)
        return Estimate(
            day_ns(reach.days, now_ns), None if reach.earliest is None else day_ns(reach.earliest, now_ns), latest
        )
    if trend.slope.low > 0:
        return say("in more than {years} years", years=HORIZON_DAYS // 365)
    if reach.earliest is not None:
        return say("not before {date}", date=Quantity(day_ns(reach.earliest, now_ns), Unit.DATE))
    return say("not foreseen")


def day_ns(days: float, now_ns: int) -> int:
    """The time in `days`."""
    return now_ns + round(days * DAY_NS)


def growth_cell(trend: Trend | None) -> Cell:
    """Growth a day with its interval."""
    if trend is None:
        return say("not enough data")
    return Estimate(trend.slope.value, trend.slope.low, trend.slope.high)


def hour_cell(hour: int | None) -> str | None:
    """A local hour as a clock shows it, the same in every language."""
    return None if hour is None else f"{hour:02}:00–{(hour + 1) % 24:02}:00"


def cone(trend: Trend, now_ns: int, days: int = 182) -> Cone:
    """The forecast of the next half year, a value a week; nothing is below 0."""
    steps = range(0, days + 1, _CONE_STEP_DAYS)
    values = [tuple(max(0.0, value) for value in trend.at(step)) for step in steps]
    low, middle, high = zip(*values, strict=True)
    return Cone(tuple(day_ns(step, now_ns) for step in steps), middle, low, high)
