"""`coverage offices`: which offices are connected, by what, how reliably; which are not, and since when."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from collector.report.availability.fleet import fleet, mean_percent_up
from collector.report.availability.words import availability_class, day_edges, spark
from collector.report.context import Context
from collector.report.coverage.office_facts import VERDICTS, Life, Office, offices_of
from collector.report.coverage.office_findings import findings
from collector.report.model import (
    BarChart,
    BarPart,
    Cell,
    Column,
    Figure,
    Level,
    Place,
    Report,
    Section,
    SiteMap,
    Table,
)
from collector.report.say import Quantity, Text, say
from collector.report.speed_class import CLASSES, speed_class
from collector.report.unit import Unit


def coverage_offices(context: Context) -> Report:
    """The report.

    Raises:
        collector.store.contract.StoreError: the store cannot be read.
    """
    found = fleet(context)
    offices = offices_of(context, found)
    sections: list[Section] = [_districts(offices)]
    if len({office.site.district for office in offices}) > 1:
        sections.append(_chart(offices))
    if places := tuple(_places(offices)):
        sections.append(SiteMap(key="offices_map", title=say("Offices"), places=places))
    sections += [_lines(offices), _table(context, offices)]
    return context.report(
        name="coverage offices",
        title=say("Coverage of offices"),
        figures=_figures(offices),
        sections=tuple(sections),
        findings=tuple(findings(context, found, offices)),
        notes=(
            say(
                "An office is connected while one of its routers answers, or any of its devices where the inventory has no "
                "router there. Availability leaves out maintenance and time that is unknown."
            ),
        ),
    )


def _figures(offices: Sequence[Office]) -> tuple[Figure, ...]:
    lives = Counter(office.life for office in offices)
    unknown = lives[Life.NO_DATA] + lives[Life.NO_HOST]
    without_line = sum(not office.lines for office in offices)
    return (
        Figure("offices", say("Offices"), len(offices), Unit.COUNT),
        Figure("connected", say("Connected"), lives[Life.CONNECTED], Unit.COUNT, Level.OK),
        Figure("down", say("Down"), lives[Life.DOWN], Unit.COUNT, Level.CRITICAL if lives[Life.DOWN] else Level.OK),
        Figure("unknown", say("No data"), unknown, Unit.COUNT, Level.UNKNOWN if unknown else Level.OK),
        Figure("availability", say("Availability"), _percent_up(offices), Unit.PERCENT),
        Figure(
            "without_line", say("Without a line in the inventory"), without_line, Unit.COUNT,
            Level.WARNING if without_line else Level.OK,
        ),
    )  # fmt: skip


def _percent_up(offices: Iterable[Office]) -> float | None:
    return mean_percent_up(office.record for office in offices if office.record)


def _districts(offices: Sequence[Office]) -> Table:
    """A row a district, and one for all where there are several."""
    names = sorted({(office.site.province, office.site.district) for office in offices})
    groups: list[tuple[Cell, Cell, list[Office]]] = [
        (province or None, district or None, [
            office for office in offices if (office.site.province, office.site.district) == (province, district)
        ])
        for province, district in names
    ]  # fmt: skip
    groups.sort(key=lambda group: -sum(office.life is Life.DOWN for office in group[2]) / len(group[2]))
    for province in sorted({province for province, _ in names}) if len(names) > 1 else ():
        inside = [office for office in offices if office.site.province == province]
        groups.append((province or None, say("all districts"), inside))
    rows = []
    for province_cell, district_cell, inside in groups:
        lives = Counter(office.life for office in inside)
        rows.append(
            (
                province_cell,
                district_cell,
                len(inside),
                lives[Life.CONNECTED],
                100 * lives[Life.CONNECTED] / len(inside),
                lives[Life.DOWN],
                lives[Life.MAINTENANCE],
                lives[Life.NO_DATA],
                lives[Life.NO_HOST],
                _percent_up(inside),
                sum(not office.lines for office in inside),
                sum(office.has_lan for office in inside),
            )
        )
    return Table(
        key="districts",
        title=say("Offices by district"),
        columns=(
            Column("province", say("Province"), wide_only=True, filterable=True),
            Column("district", say("District")),
            Column("offices", say("Offices"), Unit.COUNT),
            Column("connected", say("Connected"), Unit.COUNT, say("up now")),
            Column("connected_percent", say("Connected, share"), Unit.PERCENT),
            Column("down", say("Down"), Unit.COUNT),
            Column("in_maintenance", say("In maintenance"), Unit.COUNT, wide_only=True),
            Column("no_data", say("No data"), Unit.COUNT),
            Column("not_monitored", say("Not monitored"), Unit.COUNT, say("no host in the inventory")),
            Column("availability_percent", say("Availability"), Unit.PERCENT, say("over the period")),
            Column("without_line", say("No line"), Unit.COUNT, say("none in the inventory"), wide_only=True),
            Column("with_lan_switch", say("With a LAN switch"), Unit.COUNT, wide_only=True),
        ),
        rows=tuple(rows),
        empty=say('The inventory has no site of kind "office".'),
    )


def _chart(offices: Sequence[Office]) -> BarChart:
    counts = Counter((office.site.district, office.life) for office in offices)
    districts = sorted({district for district, _ in counts})
    return BarChart(
        key="offices_by_district",
        title=say("Offices by district"),
        unit=Unit.COUNT,
        categories=tuple(district or say("no district") for district in districts),
        parts=tuple(
            BarPart(
                VERDICTS[life].text,
                VERDICTS[life].level,
                tuple(float(counts[district, life]) for district in districts),
            )
            for life in Life
            if any(counts[district, life] for district in districts)
        ),
    )


def _places(offices: Sequence[Office]) -> Iterator[Place]:
    for office in offices:
        site = office.site
        if site.lat is not None and site.lon is not None:
            yield Place(site.lat, site.lon, office.name, VERDICTS[office.life], _detail(office))


def _detail(office: Office) -> Text | str:
    if office.life in (Life.DOWN, Life.NO_DATA) and office.since_ns is not None:
        return say("since {since}", since=Quantity(office.since_ns, Unit.TIME))
    if office.record and office.record.percent_up is not None:
        return say("{percent} up over the period", percent=Quantity(office.record.percent_up, Unit.PERCENT))
    return ""


def _lines(offices: Sequence[Office]) -> Table:
    """Kinds of lines by speed class."""
    kinds = sorted({link.kind for office in offices for link in office.lines})
    rows: list[tuple[Cell, ...]] = []
    for kind in kinds:
        having = [office for office in offices if any(link.kind == kind for link in office.lines)]
        lines = [link for office in having for link in office.lines if link.kind == kind]
        classes = Counter(found.key if (found := speed_class(link)) else "" for link in lines)
        rows.append(
            (
                kind or say("not said"),
                len(having),
                sum(office.life is Life.CONNECTED for office in having),
                _percent_up(having),
                len(lines),
                *(classes[each.key] for each in CLASSES),
                classes[""],
            )
        )
    rows.sort(key=lambda row: -row[4] if isinstance(row[4], int) else 0)
    return Table(
        key="lines",
        title=say("Lines of offices by kind and contracted speed"),
        columns=(
            Column("kind", say("Kind of line")),
            Column("offices", say("Offices"), Unit.COUNT),
            Column("connected", say("Connected"), Unit.COUNT),
            Column("availability_percent", say("Availability"), Unit.PERCENT, say("of the offices with such a line")),
            Column("lines", say("Lines"), Unit.COUNT),
            *(Column(f"lines_{each.key}", each.title, Unit.COUNT) for each in CLASSES),
            Column("lines_without_speed", say("no contract named"), Unit.COUNT),
        ),
        rows=tuple(rows),
        empty=say("No office has a line in the inventory."),
    )


_ORDER = (Life.DOWN, Life.NO_DATA, Life.NO_HOST, Life.MAINTENANCE, Life.CONNECTED)


def _table(context: Context, offices: Sequence[Office]) -> Table:
    edges = day_edges(context)

    def order(office: Office) -> tuple[int, float, str]:
        percent = office.record.percent_up if office.record else None
        return (_ORDER.index(office.life), 100.0 if percent is None else percent, office.name)

    rows: list[tuple[Cell, ...]] = []
    for office in sorted(offices, key=order):
        record, lines = office.record, office.lines
        fastest = max(lines, key=lambda link: max(link.contract_in_bps or 0, link.contract_out_bps or 0), default=None)
        named = speed_class(fastest) if fastest else None
        rows.append(
            (
                office.name,
                office.site.commune or None,
                office.site.district or None,
                VERDICTS[office.life],
                office.since_ns,
                ", ".join(sorted({link.kind for link in lines if link.kind})) or None,
                ", ".join(sorted({link.provider for link in lines if link.provider})) or None,
                named.title if named else None,
                len(lines),
                record.percent_up if record else None,
                availability_class(record.up_ns, record.down_ns, record.interval_ns) if record else None,
                len(record.outages) if record and record.known_ns else None,
                say("yes") if office.has_lan else say("no"),
                len(office.hosts),
                office.site.population,
                spark(record, edges) if record and record.known_ns else None,
            )
        )
    return Table(
        key="offices",
        title=say("Offices"),
        columns=(
            Column("office", say("Office")),
            Column("commune", say("Commune"), wide_only=True),
            Column("district", say("District"), filterable=True),
            Column("state", say("State"), filterable=True),
            Column("since", say("Since"), Unit.TIME, say("when it went down, or was last heard of")),
            Column("kind", say("Kind of line"), filterable=True),
            Column("provider", say("Provider"), wide_only=True, filterable=True),
            Column("speed_class", say("Contract"), help=say("of the fastest line"), filterable=True),
            Column("lines", say("Lines"), Unit.COUNT, say("in the inventory"), wide_only=True),
            Column("availability_percent", say("Availability"), Unit.PERCENT, say("over the period")),
            Column("class", say("Class"), filterable=True, wide_only=True),
            Column("outages", say("Outages"), Unit.COUNT),
            Column("lan_switch", say("LAN switch"), help=say("in the inventory"), wide_only=True, filterable=True),
            Column("hosts", say("Hosts"), Unit.COUNT, wide_only=True),
            Column("people", say("People"), Unit.COUNT, say("served, as the inventory says"), wide_only=True),
            Column("daily", say("By day"), Unit.PERCENT, say("percent up, day by day"), wide_only=True),
        ),
        rows=tuple(rows),
        empty=say('The inventory has no site of kind "office".'),
    )
