"""A small report with one of everything, and hostile names in it."""

from collector.report.model import (
    BarChart,
    BarPart,
    Cell,
    Column,
    Cone,
    Edge,
    Estimate,
    Figure,
    Finding,
    HeatMap,
    Level,
    Limit,
    Line,
    LineChart,
    Network,
    Node,
    Place,
    Report,
    SiteMap,
    Spark,
    Table,
    Verdict,
)
from collector.report.say import Quantity, say
from collector.report.unit import Unit

DAY_NS = 86_400 * 10**9
UNTIL_NS = 1_795_331_700 * 10**9
"""2026-11-22 14:15 in Ha Noi"""
SINCE_NS = UNTIL_NS - 30 * DAY_NS
HOSTILE = "=HYPERLINK(\"http://x\")\x1b[2J\u202e<b>{0}</b>, 'quoted'\r\nWARNING forged"

FULL = Verdict(Level.CRITICAL, say("full"))
FINE = Verdict(Level.OK, say("fine"))

COLUMNS = (
    Column("host", say("Host")),
    Column("verdict", say("Verdict"), filterable=True),
    Column("p95_bps", say("95th percentile"), Unit.BPS, help=say("the billing kind")),
    Column("util_percent", say("Of the contract"), Unit.PERCENT),
    Column("full_date", say("Full on"), Unit.DATE),
    Column("trend_bps_per_day", say("Trend"), Unit.BPS_PER_DAY, wide_only=True),
    Column("over_s", say("Over 80%"), Unit.SECONDS),
    Column("last_time", say("Last seen"), Unit.TIME, wide_only=True),
    Column("year", say("Year"), wide_only=True),
    Column("history", say("History"), Unit.BPS, wide_only=True),
)

ROWS: tuple[tuple[Cell, ...], ...] = (
    (
        "r1",
        FULL,
        1.9e6,
        95.0,
        Estimate(float(UNTIL_NS + 10 * DAY_NS), float(UNTIL_NS + 5 * DAY_NS), None),
        -1500.0,
        5400,
        UNTIL_NS,
        2026,
        Spark((1.0, None, 2.0, 1.5), 2.0),
    ),
    (HOSTILE, FINE, None, None, say("not enough data"), None, None, None, None, None),
    ("-2+3", FINE, 0.0, 0.0, None, 12.5, 0, SINCE_NS, "@SUM(A1)", Spark(())),
    ("Phòng Nội vụ", FINE, float("nan"), 100.0, None, 0.0, 1, UNTIL_NS, "\tx", Spark((None, None))),
)

TABLE = Table(key="lines", title=say("Lines"), columns=COLUMNS, rows=ROWS, empty=say("no line"), notes=(say("a note"),))
EMPTY = Table(key="none", title=say("Lines [of] none: a/b?"), columns=COLUMNS, rows=(), empty=say("no line"))

TIMES = tuple(SINCE_NS + day * DAY_NS for day in range(5))
CHART = LineChart(
    key="load",
    title=say("Load of {host}", host=HOSTILE),
    unit=Unit.BPS,
    lines=(
        Line("in", TIMES, (1e6, 1.5e6, None, 2e6, 1.2e6)),
        Line(HOSTILE, TIMES, (1e5, 2e5, 3e5, None, 5e5)),
        Line("later", TIMES[2:], (1e5, 2e5, 3e5)),
        Line("nothing", (), ()),
    ),
    limits=(Limit(say("contract"), 2e6),),
    cone=Cone((UNTIL_NS, UNTIL_NS + DAY_NS), (1e6, 2e6), (5e5, 1e6), (2e6, 4e6)),
    notes=(say("a note"),),
)

BARS = BarChart(
    key="states",
    title=say("States"),
    unit=Unit.COUNT,
    categories=(HOSTILE, say("no district")),
    parts=(BarPart(say("up"), Level.OK, (3, 4)), BarPart(say("down"), Level.CRITICAL, (1, 0))),
)

HEAT = HeatMap(
    key="hours",
    title=say("By hour"),
    unit=Unit.PERCENT,
    values=tuple(tuple(None if hour == 3 else day + hour * 1.0 for hour in range(24)) for day in range(7)),
)

MAP = SiteMap(key="map", title=say("Sites"), places=(Place(21.02, 105.84, HOSTILE, FULL, say("a note")),))

NETWORK = Network(
    key="graph",
    title=say("Neighbours"),
    nodes=(Node("r1", "north", "wan-router", FINE), Node(HOSTILE, "", "switch")),
    edges=(Edge("r1", HOSTILE, "Gi0/1", "", FULL, HOSTILE),),
    positions={"r1": (0.1, 0.1), HOSTILE: (0.9, 0.9)},
)

REPORT = Report(
    name="sample",
    title=say("A sample"),
    since_ns=SINCE_NS,
    until_ns=UNTIL_NS,
    selection=("role=wan-router", HOSTILE),
    figures=(
        Figure("lines", say("Lines"), 1234, Unit.COUNT),
        Figure("load", say("Load"), 81.26, Unit.PERCENT, Level.WARNING, 70.0, say("a note")),
        Figure("none", say("Unknown"), None, Unit.BPS),
        Figure("state", say("State"), FULL, Unit.TEXT, Level.CRITICAL),
    ),
    findings=(
        Finding(
            key="line-full",
            level=Level.CRITICAL,
            urgency=80.0,
            sentence=say("{host} is full: order {speed}.", host=HOSTILE, speed=Quantity(4e6, Unit.BPS)),
            where=HOSTILE,
        ),
    ),
    sections=(TABLE, EMPTY, CHART, BARS, HEAT, MAP, NETWORK),
    notes=(say("Of all lines."),),
)

NOTHING = Report(name="nothing", title=say("Nothing"), since_ns=SINCE_NS, until_ns=UNTIL_NS)
