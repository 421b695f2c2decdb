"""Every section as tables, for formats that have nothing else, and cells as programs read them.

Charts become long tables: one row for each value, so that their columns are always the same.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import assert_never

from collector.report.model import (
    BarChart,
    Cell,
    Column,
    Cone,
    Estimate,
    HeatMap,
    LineChart,
    Network,
    Report,
    Section,
    SiteMap,
    Table,
    Verdict,
)
from collector.report.say import Quantity, say
from collector.report.unit import Unit
from collector.report.words import LEVELS

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
_HALVES = dict.fromkeys((*range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd")
_CLEAN = {**_CONTROLS, **_HALVES}

_SUFFIXES = {
    Unit.PERCENT: "_percent",
    Unit.BPS: "_bps",
    Unit.BYTES: "_bytes",
    Unit.BPS_PER_DAY: "_bps_per_day",
    Unit.BYTES_PER_DAY: "_bytes_per_day",
    Unit.SECONDS: "_s",
    Unit.HOURS: "_h",
    Unit.DAYS: "_days",
    Unit.PER_SECOND: "_per_s",
    Unit.WATT: "_w",
    Unit.VOLT_AMPERE: "_va",
    Unit.AMPERE: "_a",
    Unit.VOLT: "_v",
    Unit.CELSIUS: "_celsius",
}

_EMPTY = say("No data.")


def clean(text: str) -> str:
    """Text that any file can hold: control characters other than tabs and newlines are written out, halves of characters
    and what XML forbids are replaced.

    >>> clean("a\\x1b[2J")
    'a\\\\x1b[2J'
    """
    return text if text.isprintable() else text.translate(_CLEAN)


def moment(time_ns: float, unit: Unit, zone: tzinfo) -> str:
    """A DATE as "2026-11-22", a TIME as "2026-11-22T14:15:00+07:00" (ISO 8601); "" for what no calendar has."""
    try:
        local = datetime.fromtimestamp(int(time_ns) // 10**9, zone)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{local:%Y-%m-%d}" if unit is Unit.DATE else local.isoformat()


def findings_table(report: Report) -> Table:
    """The findings, most urgent first."""
    rows = tuple(
        (finding.key, Verdict(finding.level, LEVELS[finding.level]), finding.urgency, finding.where, finding.sentence)
        for finding in report.by_urgency
    )
    columns = (
        Column("key", say("Kind")),
        Column("level", say("Level")),
        Column("urgency", say("Urgency"), Unit.NUMBER),
        Column("where", say("Where")),
        Column("sentence", say("Sentence")),
    )
    return Table(key="findings", title=say("What needs attention"), columns=columns, rows=rows, empty=_EMPTY)


def figures_table(report: Report) -> Table:
    """The figures, each in its unit."""
    rows = tuple(
        (figure.key, figure.label, _readable(figure.value, figure.unit), figure.before, figure.unit.value)
        for figure in report.figures
    )
    columns = (
        Column("key", say("Key")),
        Column("label", say("Figure")),
        Column("value", say("Value"), Unit.NUMBER),
        Column("before", say("Before"), Unit.NUMBER),
        Column("unit", say("Unit")),
    )
    return Table(key="figures", title=say("Figures"), columns=columns, rows=rows, empty=_EMPTY)


def _readable(value: Cell, unit: Unit) -> Cell:
    """Times in words where the column's unit does not say that they are times."""
    if unit in (Unit.DATE, Unit.TIME) and isinstance(value, int | float):
        return say("{time}", time=Quantity(value, unit))
    return value


def tables(sections: tuple[Section, ...]) -> Iterator[Table]:
    """All sections as tables, in order, whose keys differ."""
    for section in sections:
        if isinstance(section, Table):
            yield section
        elif isinstance(section, LineChart):
            yield _line_chart(section)
        elif isinstance(section, BarChart):
            yield _bar_chart(section)
        elif isinstance(section, HeatMap):
            yield _heat_map(section)
        elif isinstance(section, SiteMap):
            yield _site_map(section)
        elif isinstance(section, Network):
            yield from _network(section)
        else:
            assert_never(section)


def _line_chart(chart: LineChart) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for line in chart.lines:
        rows += [(line.label, time, value) for time, value in zip(line.times_ns, line.values, strict=True)]
    rows += [(limit.label, None, limit.value) for limit in chart.limits]
    if chart.cone:
        rows += [(say("forecast"), time, estimate) for time, estimate in _forecast(chart.cone)]
    columns = (
        Column("series", say("Series")),
        Column("time", say("Time"), Unit.TIME),
        Column("value" + _SUFFIXES.get(chart.unit, ""), say("Value"), chart.unit),
    )
    return Table(key=chart.key, title=chart.title, columns=columns, rows=tuple(rows), empty=_EMPTY, notes=chart.notes)


def _forecast(cone: Cone) -> Iterator[tuple[int, Estimate]]:
    for time, middle, low, high in zip(cone.times_ns, cone.middle, cone.low, cone.high, strict=True):
        yield time, Estimate(middle, low, high)


def _bar_chart(chart: BarChart) -> Table:
    rows = tuple(
        (category, part.label, value)
        for part in chart.parts
        for category, value in zip(chart.categories, part.values, strict=True)
    )
    columns = (
        Column("category", say("Category")),
        Column("part", say("Part")),
        Column("value" + _SUFFIXES.get(chart.unit, ""), say("Value"), chart.unit),
    )
    return Table(key=chart.key, title=chart.title, columns=columns, rows=rows, empty=_EMPTY, notes=chart.notes)


def _heat_map(chart: HeatMap) -> Table:
    rows = tuple((day, hour, value) for day, row in enumerate(chart.values, 1) for hour, value in enumerate(row))
    columns = (
        Column("weekday", say("Weekday"), help=say("1 is Monday")),
        Column("hour", say("Hour")),
        Column("value" + _SUFFIXES.get(chart.unit, ""), say("Value"), chart.unit),
    )
    return Table(key=chart.key, title=chart.title, columns=columns, rows=rows, empty=_EMPTY, notes=chart.notes)


def _site_map(chart: SiteMap) -> Table:
    rows = tuple((place.name, place.verdict, place.detail, place.lat, place.lon) for place in chart.places)
    columns = (
        Column("site", say("Site")),
        Column("state", say("State")),
        Column("detail", say("Detail")),
        Column("lat", say("Latitude"), Unit.NUMBER),
        Column("lon", say("Longitude"), Unit.NUMBER),
    )
    return Table(key=chart.key, title=chart.title, columns=columns, rows=rows, empty=_EMPTY, notes=chart.notes)


def _network(chart: Network) -> Iterator[Table]:
    cables = tuple((edge.a, edge.a_port, edge.b, edge.b_port, edge.verdict, edge.detail) for edge in chart.edges)
    columns = (
        Column("a", say("Device")),
        Column("a_port", say("Port")),
        Column("b", say("Neighbour")),
        Column("b_port", say("Neighbour's port")),
        Column("state", say("State")),
        Column("detail", say("Detail")),
    )
    yield Table(key=chart.key, title=chart.title, columns=columns, rows=cables, empty=_EMPTY, notes=chart.notes)
    devices = tuple((node.id, node.group, node.kind, node.verdict) for node in chart.nodes)
    about = (
        Column("device", say("Device")),
        Column("group", say("Group")),
        Column("kind", say("Kind")),
        Column("state", say("State")),
    )
    title = say("{title}: devices", title=chart.title)
    yield Table(key=f"{chart.key}_devices", title=title, columns=about, rows=devices, empty=_EMPTY)
