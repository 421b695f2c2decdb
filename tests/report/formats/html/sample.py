"""A report with every kind of section: a made-up province with Vietnamese names, hostile names, and all that may be missing."""

import math
import random
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from collector.report.formats.html.geojson import GeoJSON, Outline
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
    Section,
    SiteMap,
    Spark,
    Table,
    Verdict,
)
from collector.report.say import Quantity, Text, say, say_many
from collector.report.unit import Unit

ZONE = timezone(timedelta(hours=7))
UNTIL_NS = int(datetime(2026, 6, 29, tzinfo=ZONE).astimezone(UTC).timestamp()) * 10**9
DAY_NS = 86_400 * 10**9
SINCE_NS = UNTIL_NS - 30 * DAY_NS

HOSTILE = (
    "</script><script>document.title='taken'</script>",
    '"><img src=x onerror="document.title=\'taken\'">',
    "abc\u202ecba\u200b\x00\x1b[31m",
    "' onmouseover='document.title=1' x='",
    "<!--<script>",
    "N" * 10_000,
)
"""what a device may call itself"""

COMMUNES = (
    *(
        "Bắc Sơn",
        "Đà Bắc",
        "Cao Phong",
        "Lạc Thủy",
        "Mai Châu",
        "Tân Lạc",
        "Yên Thủy",
        "Kim Bôi",
        "Lương Sơn",
        "Lạc Sơn",
    ),
    *(
        "Hòa Bình",
        "Thung Nai",
        "Phú Thành",
        "Quyết Thắng",
        "Ân Nghĩa",
        "Đồng Tâm",
        "Nhân Mỹ",
        "Pà Cò",
        "Hang Kia",
        "Tú Lý",
    ),
)
DISTRICTS = COMMUNES[:10]

FULL, TIGHT, FINE, IDLE = (
    Verdict(Level.CRITICAL, say("full")),
    Verdict(Level.WARNING, say("tight")),
    Verdict(Level.OK, say("fine")),
    Verdict(Level.UNKNOWN, say("no data")),
)


def links_table(rows: int, *, hostile: bool = True, key: str = "lines") -> Table:
    """Lines with their load, as `capacity links` has them; hostile names in the last rows, the worst first."""
    chance = random.Random(5)
    columns = (
        Column("host", say("Host")),
        Column("interface", say("Interface")),
        Column("commune", say("Commune"), filterable=True),
        Column("verdict", say("Verdict"), filterable=True),
        Column("contract_bps", say("Contract"), Unit.BPS),
        Column(
            "p95_bps", say("95th percentile"), Unit.BPS, help=say("The higher of both directions, 5-minute samples.")
        ),
        Column("used_percent", say("Used"), Unit.PERCENT),
        Column("days", say("Days to full"), Unit.DAYS),
        Column("full_on", say("Full on"), Unit.DATE),
        Column("trend", say("Last 30 days")),
    )
    found: list[tuple[Cell, ...]] = []
    for number in range(rows):
        used = max(1.5, 104 - 100 * (number / rows) ** 0.5 + chance.uniform(-3, 3))
        contract = chance.choice((2e6, 10e6, 20e6, 100e6, 1e9))
        verdict = FULL if used > 95 else TIGHT if used > 80 else FINE if number % 9 else IDLE
        known = verdict is not IDLE
        days = max(3.0, (100 - used) * chance.uniform(2, 9))
        spark = tuple(None if day in (11, 12) else used * (0.8 + 0.2 * math.sin(day)) for day in range(30))
        commune = COMMUNES[number % len(COMMUNES)]
        found.append(
            (
                f"ubnd-{number:04}.hb",
                f"GigabitEthernet0/{number % 48}",
                commune,
                verdict,
                contract,
                contract * used / 100 if known else None,
                used if known else None,
                (Estimate(days, days * 0.7, days * 1.6) if used < 95 else 0.0) if known else say("not enough data"),
                UNTIL_NS + int(days * DAY_NS) if known and used < 95 else None,
                Spark(spark, 100.0) if known else None,
            )
        )
    if hostile:
        found += [(name, "Gi0/1", "Bắc Sơn", IDLE, *[None] * 6) for name in HOSTILE]
    return Table(
        key=key,
        title=say("Lines and their contracts"),
        columns=columns,
        rows=tuple(found),
        empty=say("No line has a contract."),
        notes=(say("The 95th percentile leaves out the busiest 36 hours of a month."),),
        links=tuple("load ubnd-0000.hb" if number < 3 else "" for number in range(len(found))),
    )


def wide_table() -> Table:
    """20 columns, of which a narrow terminal leaves out the second half, and a spark at the end."""
    columns = tuple(Column(f"c{number}", say("C{n}", n=number), wide_only=number >= 10) for number in range(20))
    cells = tuple(f"v{number}" for number in range(20))
    return Table(
        key="wide",
        title=say("Wide"),
        columns=(*columns, Column("daily", say("Daily"), wide_only=True)),
        rows=((*cells, Spark((1.0, 2.0))),),
        empty=say("nothing"),
    )


def load_chart() -> LineChart:
    """30 days in steps of 5 minutes, with a gap, a contract, and a forecast."""
    chance = random.Random(7)
    times = tuple(range(SINCE_NS, UNTIL_NS, 300 * 10**9))

    def amount(time_ns: int, base: float) -> float | None:
        day = (time_ns - SINCE_NS) / DAY_NS
        if 11.2 < day < 12.7:
            return None
        hour = datetime.fromtimestamp(time_ns / 1e9, ZONE).hour
        busy = max(0.0, math.sin((hour - 6) / 14 * math.pi)) if 6 <= hour <= 20 else 0.0
        return base * (0.15 + busy * (0.55 + day / 80)) * chance.uniform(0.8, 1.15)

    after = tuple(UNTIL_NS + day * DAY_NS for day in range(21))
    return LineChart(
        key="load ubnd-0000.hb",
        title=say("Load of {host}", host="ubnd-0000.hb"),
        unit=Unit.BPS,
        lines=(
            Line(say("received"), times, tuple(amount(time, 18e6) for time in times)),
            Line(say("sent"), times, tuple(amount(time, 7e6) for time in times)),
        ),
        limits=(Limit(say("contract"), 20e6), Limit(say("80% of the contract"), 16e6)),
        cone=Cone(
            after,
            tuple(17e6 + day * 0.12e6 for day in range(21)),
            tuple(16e6 + day * 0.02e6 for day in range(21)),
            tuple(18e6 + day * 0.24e6 for day in range(21)),
        ),
        notes=(say("5-minute samples; where there is none, nothing is drawn."),),
    )


def districts_chart() -> BarChart:
    """Stations by state, a bar a district."""
    chance = random.Random(3)
    counts = [(chance.randint(20, 160), chance.randint(0, 12), chance.choice((0, 0, 1, 4))) for _ in DISTRICTS]
    return BarChart(
        key="stations",
        title=say("Stations by district"),
        unit=Unit.COUNT,
        categories=DISTRICTS,
        parts=(
            BarPart(say("down"), Level.CRITICAL, tuple(float(down) for *_, down in counts)),
            BarPart(say("degraded"), Level.WARNING, tuple(float(weak) for _, weak, _ in counts)),
            BarPart(say("up"), Level.OK, tuple(float(up) for up, *_ in counts)),
        ),
    )


def technologies_chart() -> BarChart:
    """Parts that are neither good nor bad."""
    return BarChart(
        key="technologies",
        title=say("Stations by technology"),
        unit=Unit.COUNT,
        categories=("VNPT", "Viettel", "MobiFone"),
        parts=tuple(
            BarPart(name, Level.INFO, values)
            for name, values in (
                (say("2G"), (120.0, 180.0, 60.0)),
                (say("3G"), (140.0, 210.0, 80.0)),
                (say("4G"), (260.0, 410.0, 190.0)),
                (say("5G"), (12.0, 38.0, 0.0)),
            )
        ),
    )


def busy_hours() -> HeatMap:
    """The mean load by hour and weekday; Sunday night is not known."""
    return HeatMap(
        key="busy",
        title=say("When it is busy"),
        unit=Unit.PERCENT,
        values=tuple(
            tuple(
                None
                if day == 6 and hour > 20
                else 4 + (88 if day < 5 else 30) * max(0.0, math.sin((hour - 6) / 13 * math.pi)) * (7 <= hour <= 18)
                for hour in range(24)
            )
            for day in range(7)
        ),
        limit=80.0,
    )


def sites_map(count: int = 1400) -> SiteMap:
    """Sites in towns and around them, one at 0 0."""
    chance = random.Random(11)
    towns = [(20.5 + chance.random() * 0.55, 104.9 + chance.random() * 0.8) for _ in DISTRICTS]
    states = (
        (Verdict(Level.CRITICAL, say("down")), 0.012),
        (Verdict(Level.WARNING, say("degraded")), 0.03),
        (Verdict(Level.UNKNOWN, say("no data")), 0.015),
        (Verdict(Level.OK, say("up")), 1.0),
    )
    places = [
        Place(
            towns[number % 10][0] + chance.gauss(0, 0.07),
            towns[number % 10][1] + chance.gauss(0, 0.08),
            f"BTS {COMMUNES[number % 20]} {number}",
            next(verdict for verdict, share in states if chance.random() < share),
            say("{count} stations", count=number % 5 + 1),
        )
        for number in range(count)
    ]
    wrong = Place(0.0, 0.0, "Null island", states[0][0])
    hostile = Place(20.7, 105.3, HOSTILE[0], states[0][0], HOSTILE[1])
    return SiteMap(key="sites", title=say("Sites"), places=(*places, hostile, wrong))


def outlines() -> GeoJSON:
    """Ten areas with crooked borders, like districts."""
    found = []
    for number, name in enumerate(DISTRICTS):
        west, south = 104.75 + number % 4 * 0.28, 20.35 + number // 4 * 0.27
        corners = [
            (west, south),
            (west + 0.28, south),
            (west + 0.28, south + 0.27),
            (west, south + 0.27),
            (west, south),
        ]
        ring = []
        for (ax, ay), (bx, by) in pairwise(corners):
            for step in range(12):
                x, y = ax + (bx - ax) * step / 12, ay + (by - ay) * step / 12
                ring.append((x + 0.02 * math.sin(31 * y + 5 * x), y + 0.02 * math.sin(29 * x)))
        found.append(Outline(name, ((*ring, ring[0]),)))
    return tuple(found)


def ring_network() -> Network:
    """A ring that is open at one place."""
    names = [f"core-{name}" for name in ("hb", "kb", "ls", "mc", "tl", "yt")]
    turns = [index / len(names) * 2 * math.pi for index in range(len(names))]
    down = Verdict(Level.CRITICAL, say("down"))
    up = Verdict(Level.OK, say("up"))
    return Network(
        key="ring",
        title=say("The northern ring"),
        nodes=tuple(Node(name, "north", "wan-router", up) for name in names),
        edges=tuple(
            Edge(a, b, "Te0/1", "Te0/2", down if a == "core-ls" else up)
            for a, b in zip(names, names[1:] + names[:1], strict=True)
        ),
        positions={
            name: (0.5 + 0.45 * math.cos(turn), 0.5 + 0.45 * math.sin(turn))
            for name, turn in zip(names, turns, strict=True)
        },
    )


def endless() -> Report:
    """The longest of the hostile names in every place where a name may stand."""
    name = HOSTILE[-1]
    down = Verdict(Level.CRITICAL, say("{host} is down", host=name))
    title = say("Load of {host}", host=name)
    lines = (Line(name, (SINCE_NS, UNTIL_NS), (1.0, 2.0)),)
    return Report(
        name="x",
        title=title,
        since_ns=SINCE_NS,
        until_ns=UNTIL_NS,
        selection=(name,),
        figures=(Figure("f", title, name, Unit.TEXT, note=title),),
        findings=(Finding(key="k", level=Level.CRITICAL, urgency=1, sentence=title, where=name),),
        sections=(
            LineChart(key=name, title=title, unit=Unit.BPS, lines=lines, limits=(Limit(title, 3.0),), notes=(title,)),
            BarChart(
                key="b", title=title, unit=Unit.COUNT, categories=(name,), parts=(BarPart(title, Level.OK, (1.0,)),)
            ),
            SiteMap(key="m", title=title, places=(Place(20.0, 105.0, name, down),)),
            Network(
                key="n", title=title, nodes=(Node(name, name, name, down),), edges=(), positions={name: (0.5, 0.5)}
            ),
            Table(
                key="t",
                title=title,
                columns=(Column("a", title), Column("b", title, filterable=True), Column("c", title)),
                rows=((name, title, down),) * 10,
                empty=title,
            ),
        ),
        notes=(title,),
    )


def findings() -> tuple[Finding, ...]:
    """What the demo's story tells, not in the order of urgency."""
    told: tuple[tuple[str, Level, float, Text, str], ...] = (
        (
            "line-full",
            Level.CRITICAL,
            82,
            say(
                "The line of {host} is full: {used} of {contract} at the 95th percentile. Order {next}.",
                host="UBND xã Bắc Sơn",
                used=Quantity(2.02e6, Unit.BPS),
                contract=Quantity(2e6, Unit.BPS),
                next=Quantity(10e6, Unit.BPS),
            ),
            "ubnd-0000.hb",
        ),
        ("ups-on-battery", Level.CRITICAL, 95, say("The UPS of {site} runs on its battery.", site="Đà Bắc"), "ups-3"),
        (
            "ring-open",
            Level.WARNING,
            80,
            say("The northern ring is open between {a} and {b}.", a="core-ls", b="core-mc"),
            "r",
        ),
        (
            "disk-filling",
            Level.WARNING,
            60,
            say("The disk of {host} is full in {days}.", host=HOSTILE[0], days=9),
            "db-1",
        ),
        *(
            ("white-spot", Level.INFO, 20 + number, say("{commune} has a single live site.", commune=commune), commune)
            for number, commune in enumerate(COMMUNES[:14])
        ),
    )
    return tuple(
        Finding(key=key, level=level, urgency=urgency, sentence=sentence, where=where)
        for key, level, urgency, sentence, where in told
    )


def figures() -> tuple[Figure, ...]:
    """One of each level, with and without what was before."""
    return (
        Figure("full", say("Lines that are full"), 7, Unit.COUNT, Level.CRITICAL, before=4),
        Figure("tight", say("Lines above 80%"), 31, Unit.COUNT, Level.WARNING, before=35),
        Figure("availability", say("Availability"), 99.3701, Unit.PERCENT, Level.OK, before=99.3699),
        Figure("contracts", say("Contracted in all"), 18.4e9, Unit.BPS, note=say("{count} lines", count=1204)),
        Figure("silent", say("Not measured"), 12, Unit.COUNT, Level.UNKNOWN),
        Figure("next", say("Next to be full"), "UBND xã Đồng Tâm", Unit.TEXT),
    )


def report(rows: int = 120, sites: int = 1400) -> Report:
    """All of it."""
    return Report(
        name="capacity links",
        title=say("Lines against their contracts"),
        since_ns=SINCE_NS,
        until_ns=UNTIL_NS,
        selection=("province=hoa-binh", "role=wan-router"),
        figures=figures(),
        findings=findings(),
        sections=(
            links_table(rows),
            load_chart(),
            busy_hours(),
            districts_chart(),
            technologies_chart(),
            sites_map(sites),
            ring_network(),
            Table(
                key="nothing",
                title=say("Contracts that end"),
                columns=(Column("host", say("Host")),),
                rows=(),
                empty=say("No contract ends."),
            ),
        ),
        notes=(say_many("{count} line has no contract.", "{count} lines have no contract.", 14),),
    )


def report_of(*sections: Section) -> Report:
    """Nothing but these sections."""
    return Report(name="x", title=say("Lines"), since_ns=SINCE_NS, until_ns=UNTIL_NS, sections=sections)
