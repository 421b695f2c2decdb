"""Forecasts as points, for dashboards to draw: where lines and file systems are heading."""

from collections.abc import Iterable, Iterator

from collector.metrics.model import FieldValue, Point
from collector.report.capacity.link_figures import TIGHT_SHARE, LineFigures, measure_lines
from collector.report.capacity.storage_figures import FileSystem, measure_file_systems
from collector.report.context import Context
from collector.report.statistics.trend import Trend
from inventory.model import Host


def forecast_points(context: Context) -> list[Point]:
    """Points of `forecast`, at the period's end, of everything whose trend is known; see the catalogue."""
    return [*line_points(context, measure_lines(context)), *storage_points(context, measure_file_systems(context))]


def line_points(context: Context, lines: Iterable[LineFigures]) -> Iterator[Point]:
    """Of lines: the 95th percentile of the direction that is full first, against its contract."""
    for figures in lines:
        direction = figures.critical
        if direction.trend and direction.contract_bps:
            days = (direction.days_to(TIGHT_SHARE), direction.days_to(1.0))
            name = figures.line.link.interface
            yield _point(context, figures.line.host, name, "link", direction.trend, direction.contract_bps, days)


def storage_points(context: Context, file_systems: Iterable[FileSystem]) -> Iterator[Point]:
    """Of file systems: bytes in use against the size."""
    for disk in file_systems:
        if disk.trend:
            days = (disk.trend.reaches(TIGHT_SHARE * disk.total_bytes).days, disk.days_to_full)
            yield _point(context, disk.host, disk.name, "storage", disk.trend, disk.total_bytes, days)


def _point(
    context: Context,
    host: Host,
    name: str,
    kind: str,
    trend: Trend,
    limit: float,
    days: tuple[float | None, float | None],
) -> Point:
    values = {
        "value": trend.level,
        "limit": float(limit),
        "growth_per_day": trend.slope.value,
        "growth_low_per_day": trend.slope.low,
        "growth_high_per_day": trend.slope.high,
        "days_to_tight": days[0],
        "days_to_full": days[1],
    }
    fields: dict[str, FieldValue] = {name: value for name, value in values.items() if value is not None}
    return Point("forecast", {**host.point_tags(), "name": name, "kind": kind}, fields, context.until_ns)
