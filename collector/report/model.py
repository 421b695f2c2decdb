"""What a report is made of. Pure data: renderers (terminal, JSON, CSV, XLSX, HTML) know how it looks, reports do not.

Report
├── figures    a few numbers that say it all
├── findings   what somebody has to do something about; the summary collects them
└── sections   Table | LineChart | BarChart | HeatMap | SiteMap | Network, in the order they are read
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import TypeAlias

import msgspec

from collector.report.say import Text
from collector.report.unit import Unit


class Level(IntEnum):
    """How good or bad something is; sorts from worst to best."""

    CRITICAL = 0
    WARNING = 1
    UNKNOWN = 2
    """nobody can tell: no data, or not enough"""
    INFO = 3
    """neither good nor bad"""
    OK = 4


class Verdict(msgspec.Struct, frozen=True):
    """A judgement: a word, and a level that renderers may colour. The word says it without the colour."""

    level: Level
    text: Text


class Spark(msgspec.Struct, frozen=True):
    """A small line of values at equal distances, None where there is none; `limit` is drawn as a line."""

    values: tuple[float | None, ...]
    limit: float | None = None


class Estimate(msgspec.Struct, frozen=True):
    """A value with the ends of its 95 % interval; an end is None where the interval is open."""

    value: float
    low: float | None
    high: float | None


Cell: TypeAlias = str | int | float | Text | Verdict | Spark | Estimate | None
"""A number is in its column's unit. None is "there is none"; a Text says why there is no number. `str` is a name or a text
of a device or the inventory: untrusted, and never translated."""


class Column(msgspec.Struct, frozen=True):
    """One column. `key` is its name in CSV headings and JSON: snake_case, English, the unit last where it has one.

    Attributes:
        help: what it means, where the title does not say it.
        wide_only: left out on terminals that are too narrow.
        filterable: whether a page offers its few distinct values as a filter.
    """

    key: str
    title: Text
    unit: Unit = Unit.TEXT
    help: Text | None = None
    wide_only: bool = False
    filterable: bool = False


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Rows in the order of their urgency, each as long as `columns`.

    Attributes:
        key: its name in file names, sheets and JSON: snake_case.
        empty: what is said where there is no row.
        notes: what a reader has to know of it: what is left out, how it was computed.
        links: by row, the key of another section of the same report that tells more of it ("" for none).
    """

    key: str
    title: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: Text
    notes: tuple[Text, ...] = ()
    links: tuple[str, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """One line of a chart: values at times (ns), None where there is a gap, which is not drawn over."""

    label: Text | str
    times_ns: tuple[int, ...]
    values: tuple[float | None, ...]


class Limit(msgspec.Struct, frozen=True):
    """A horizontal line, such as a contract."""

    label: Text
    value: float


class Cone(msgspec.Struct, frozen=True):
    """A forecast: its middle, and the ends of its 95 % interval, at times (ns)."""

    times_ns: tuple[int, ...]
    middle: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class LineChart(msgspec.Struct, frozen=True, kw_only=True):
    """Values over time."""

    key: str
    title: Text
    unit: Unit
    lines: tuple[Line, ...]
    limits: tuple[Limit, ...] = ()
    cone: Cone | None = None
    notes: tuple[Text, ...] = ()


class BarPart(msgspec.Struct, frozen=True):
    """One kind of thing in a bar chart: a value for each category."""

    label: Text
    level: Level
    values: tuple[float, ...]


class BarChart(msgspec.Struct, frozen=True, kw_only=True):
    """Stacked bars, one for each category."""

    key: str
    title: Text
    unit: Unit
    categories: tuple[Text | str, ...]
    parts: tuple[BarPart, ...]
    notes: tuple[Text, ...] = ()


class HeatMap(msgspec.Struct, frozen=True, kw_only=True):
    """Mean values by local weekday (7 rows, Monday first) and hour (24 columns); None where nothing is known."""

    key: str
    title: Text
    unit: Unit
    values: tuple[tuple[float | None, ...], ...]
    limit: float | None = None
    notes: tuple[Text, ...] = ()


class Place(msgspec.Struct, frozen=True):
    """A site on the map: degrees (WGS 84), a name, its state, and a line of detail."""

    lat: float
    lon: float
    name: str
    verdict: Verdict
    detail: Text | str = ""


class SiteMap(msgspec.Struct, frozen=True, kw_only=True):
    """Sites by latitude and longitude. The outlines behind them are the user's and come with the rendering."""

    key: str
    title: Text
    places: tuple[Place, ...]
    notes: tuple[Text, ...] = ()


class Node(msgspec.Struct, frozen=True):
    """A device of a network. `group` keeps what belongs together near each other (a district, a site)."""

    id: str
    group: str
    kind: str
    verdict: Verdict | None = None


class Edge(msgspec.Struct, frozen=True):
    """A cable between two devices (ids of nodes), with the ports at its ends where they are known."""

    a: str
    b: str
    a_port: str = ""
    b_port: str = ""
    verdict: Verdict | None = None
    detail: Text | str = ""


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """Devices and cables. `positions`, in a square of side 1 with y downwards, are there for every node."""

    key: str
    title: Text
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    positions: Mapping[str, tuple[float, float]]
    notes: tuple[Text, ...] = ()


Section: TypeAlias = Table | LineChart | BarChart | HeatMap | SiteMap | Network


class Figure(msgspec.Struct, frozen=True):
    """A number that stands large on top. `before` is the same number a period earlier, where it is known."""

    key: str
    label: Text
    value: Cell
    unit: Unit
    level: Level = Level.INFO
    before: float | None = None
    note: Text | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that somebody has to know or to do.

    Attributes:
        key: which kind of finding it is, for the summary to group and for tests: "line-full", "ups-on-battery".
        urgency: 0 to 100; see `collector.report.urgency`.
        sentence: what it is, where, since when, and what to do.
        where: the host, line, ring, commune or site it is about.
    """

    key: str
    level: Level
    urgency: float
    sentence: Text
    where: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of it.

    Attributes:
        name: as on the command line: "capacity links".
        since_ns, until_ns: the period, `[since, until)`.
        selection: terms that chose the hosts; empty where it is about all.
    """

    name: str
    title: Text
    since_ns: int
    until_ns: int
    selection: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    sections: tuple[Section, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Text, ...] = ()

    @property
    def by_urgency(self) -> list[Finding]:
        """The findings, the most urgent first: in this order they are shown."""
        return sorted(self.findings, key=lambda finding: -finding.urgency)
