"""`availability`: how long hosts, sites and districts were up, every outage, and when the collector itself was away."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from collector.report.availability.findings import findings_of, worst_first
from collector.report.availability.fleet import Fleet, by_area, fleet, mean_percent_up
from collector.report.availability.outage_record import Record, State
from collector.report.availability.outage_table import outage_table
from collector.report.availability.words import STATES, availability_class, day_edges, percents, spark
from collector.report.context import HOUR_NS, Context
from collector.report.model import (
    BarChart,
    BarPart,
    Cell,
    Column,
    Figure,
    Level,
    Line,
    LineChart,
    Report,
    Section,
    Table,
)
from collector.report.say import Quantity, Text, say
from collector.report.statistics.spans import length_ns
from collector.report.unit import Unit
from collector.report.words import ROLES, SITE_KINDS


def availability(context: Context) -> Report:
    """The report.

    Raises:
        collector.store.contract.StoreError: the store cannot be read.
    """
    found = fleet(context)
    edges = day_edges(context)
    return context.report(
        name="availability",
        title=say("Availability"),
        figures=_figures(found),
        sections=(
            *_districts(context, found),
            *_daily(found, edges),
            outage_table(context, found),
            _sites(context, found, edges),
            _hosts(context, found, edges),
            _gaps(found),
        ),
        findings=tuple(findings_of(context, found)),
        notes=tuple(_notes(context, found)),
    )


def _figures(found: Fleet) -> tuple[Figure, ...]:
    records = list((found.sites or found.hosts).values())
    hosts_down = sum(record.state is State.DOWN for record in found.hosts.values())
    sites_down = sum(record.state is State.DOWN for record in found.sites.values())
    outages = [outage for record in records for outage in record.outages]
    down_s = sum(record.down_ns for record in records) / 1e9
    longest_s = max((outage.down_ns for outage in outages), default=0) / 1e9
    gaps_s = length_ns(found.gaps) / 1e9
    label = say("Availability of sites") if found.sites else say("Availability of hosts")
    return (
        Figure("availability", label, mean_percent_up(records), Unit.PERCENT),
        Figure("sites_down", say("Sites down"), sites_down, Unit.COUNT, Level.CRITICAL if sites_down else Level.OK),
        Figure("hosts_down", say("Hosts down"), hosts_down, Unit.COUNT, Level.CRITICAL if hosts_down else Level.OK),
        Figure("outages", say("Outages of sites") if found.sites else say("Outages"), len(outages), Unit.COUNT),
        Figure("longest", say("Longest outage"), longest_s if outages else None, Unit.SECONDS),
        Figure("mttr", say("Mean time to repair"), down_s / len(outages) if outages else None, Unit.SECONDS),
        Figure("gaps", say("Collector away"), gaps_s, Unit.SECONDS, Level.WARNING if found.gaps else Level.OK),
    )


_CLASS_HELP = say("what is certain: an outage shorter than the time between two polls can stay unseen")
_FARED = (
    Column("availability_percent", say("Up"), Unit.PERCENT, say("of the time that is known, without maintenance")),
    Column("class", say("Class"), help=_CLASS_HELP, filterable=True),
    Column("outages", say("Outages"), Unit.COUNT),
    Column("down_s", say("Time down"), Unit.SECONDS),
    Column("longest_s", say("Longest"), Unit.SECONDS, wide_only=True),
    Column("mttr_s", say("MTTR"), Unit.SECONDS, say("mean time to repair: time down of an outage"), wide_only=True),
    Column("mtbf_s", say("MTBF"), Unit.SECONDS, say("mean time up between two failures"), wide_only=True),
)
_WATCHED = (
    Column(
        "unknown_s", say("Unknown"), Unit.SECONDS, say("not asked, or the collector itself was away"), wide_only=True
    ),
    Column("maintenance_s", say("Maintenance"), Unit.SECONDS, wide_only=True),
    Column("daily", say("By day"), Unit.PERCENT, say("percent up, day by day"), wide_only=True),
)


def _fared(record: Record) -> tuple[Cell, ...]:
    longest = record.longest
    known = record.known_ns > 0
    return (
        record.percent_up,
        availability_class(record.up_ns, record.down_ns, record.interval_ns),
        len(record.outages) if known else None,
        record.down_ns / 1e9 if known else None,
        longest.down_ns / 1e9 if longest else None,
        record.mttr_s,
        record.mtbf_s,
    )


def _watched(record: Record, edges: Sequence[int]) -> tuple[Cell, ...]:
    return (
        length_ns(record.unknown) / 1e9,
        length_ns(record.excused) / 1e9 if record.excused else None,
        spark(record, edges) if record.known_ns else None,
    )


def _districts(context: Context, found: Fleet) -> list[Section]:
    hosts = Counter(host.site.id for host in context.hosts.values() if host.site)
    rows: list[tuple[Cell, ...]] = []
    names: list[str] = []
    down_h: list[float] = []
    for (province, district), sites in by_area(context).items():
        records = [found.sites[site.id] for site in sites]
        outages = [outage for record in records for outage in record.outages]
        up_ns, down_ns = sum(record.up_ns for record in records), sum(record.down_ns for record in records)
        known = up_ns + down_ns > 0
        rows.append(
            (
                province or None,
                district or None,
                len(sites),
                sum(hosts[site.id] for site in sites),
                mean_percent_up(records),
                sum(record.state is State.DOWN for record in records),
                sum(record.state is State.UNKNOWN for record in records),
                len(outages) if known else None,
                down_ns / len(records) / 1e9 if known else None,
                max((outage.down_ns for outage in outages), default=0) / 1e9 if outages else None,
                down_ns / len(outages) / 1e9 if outages else None,
            )
        )
        if known and district:
            names.append(district)
            down_h.append(down_ns / len(records) / HOUR_NS)
    table = Table(
        key="districts",
        title=say("Districts"),
        columns=(
            Column("province", say("Province"), wide_only=True, filterable=True),
            Column("district", say("District")),
            Column("sites", say("Sites"), Unit.COUNT),
            Column("hosts", say("Hosts"), Unit.COUNT, wide_only=True),
            Column(
                "availability_percent", say("Up"), Unit.PERCENT, say("mean of the sites, by the time known of each")
            ),
            Column("sites_down", say("Down now"), Unit.COUNT),
            Column("sites_unknown", say("No data"), Unit.COUNT),
            Column("outages", say("Outages"), Unit.COUNT, say("of sites")),
            Column("down_per_site_s", say("Time down per site"), Unit.SECONDS),
            Column("longest_s", say("Longest"), Unit.SECONDS, wide_only=True),
            Column(
                "mttr_s", say("MTTR"), Unit.SECONDS, say("mean time to repair: time down of an outage"), wide_only=True
            ),
        ),
        rows=tuple(sorted(rows, key=lambda row: (row[4] is None, row[4], row[1] or ""))),
        empty=say("No host has a site."),
    )
    if len(names) < 2:
        return [table]
    worst = sorted(range(len(names)), key=lambda place: -down_h[place])
    chart = BarChart(
        key="down_by_district",
        title=say("Time down per site"),
        unit=Unit.HOURS,
        categories=tuple(names[place] for place in worst),
        parts=(BarPart(say("down"), Level.CRITICAL, tuple(down_h[place] for place in worst)),),
    )
    return [table, chart]


def _daily(found: Fleet, edges: Sequence[int]) -> list[Section]:
    """The mean over all sites, day by day."""
    records = [record for record in (found.sites or found.hosts).values() if record.known_ns]
    if not records or len(edges) < 3:
        return []
    by_day = list(zip(*(percents(record, edges) for record in records), strict=True))
    means = tuple(
        sum(known) / len(known) if (known := [value for value in day if value is not None]) else None for day in by_day
    )
    label = say("all sites") if found.sites else say("all hosts")
    return [
        LineChart(
            key="daily",
            title=say("Availability by day"),
            unit=Unit.PERCENT,
            lines=(Line(label, tuple(edges[:-1]), means),),
        )
    ]


def _sites(context: Context, found: Fleet, edges: Sequence[int]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, record in worst_first(found.sites.items()):
        site = context.inventory.sites[name]
        rows.append(
            (
                site.label,
                SITE_KINDS[site.kind],
                site.district or None,
                STATES[record.state],
                *_fared(record),
                ", ".join(found.gates[name][:3]) + (", …" if len(found.gates[name]) > 3 else ""),
                *_watched(record, edges),
            )
        )
    return Table(
        key="sites",
        title=say("Sites"),
        columns=(
            Column("site", say("Site")),
            Column("kind", say("Kind"), filterable=True),
            Column("district", say("District"), wide_only=True, filterable=True),
            Column("state", say("State"), filterable=True),
            *_FARED,
            Column("judged_by", say("Judged by"), help=say("the site is up while one of these is"), wide_only=True),
            *_WATCHED,
        ),
        rows=tuple(rows),
        empty=say("No host has a site."),
        notes=(
            say("A site is up while one of its routers or BTS uplinks is; without any, while any of its hosts is."),
        ),
    )


def _hosts(context: Context, found: Fleet, edges: Sequence[int]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, record in worst_first(found.hosts.items()):
        host = context.hosts[name]
        rows.append(
            (
                name,
                ROLES[host.role],
                host.site.label if host.site else None,
                (host.site.district or None) if host.site else None,
                STATES[record.state],
                *_fared(record),
                record.restarts if record.known_ns else None,
                *_watched(record, edges),
            )
        )
    return Table(
        key="hosts",
        title=say("Hosts"),
        columns=(
            Column("host", say("Host")),
            Column("role", say("Role"), filterable=True),
            Column("site", say("Site"), wide_only=True),
            Column("district", say("District"), wide_only=True, filterable=True),
            Column("state", say("State"), filterable=True),
            *_FARED,
            Column(
                "restarts", say("Restarts"), Unit.COUNT,
                say("hours in which it restarted between two polls, so that no poll found it down"), wide_only=True,
            ),
            *_WATCHED,
        ),
        rows=tuple(rows),
        empty=say("No host is selected."),
    )  # fmt: skip


def _gaps(found: Fleet) -> Table:
    return Table(
        key="collector_gaps",
        title=say("Gaps of the collector"),
        columns=(
            Column("start", say("From"), Unit.TIME),
            Column("end", say("Until"), Unit.TIME),
            Column("length_s", say("Length"), Unit.SECONDS),
        ),
        rows=tuple((start, stop, (stop - start) / 1e9) for start, stop in reversed(found.gaps)),
        empty=say("The collector was never away."),
        notes=(
            say("In these times no host at all has samples: what was up then is unknown, and left out everywhere."),
        ),
    )


def _notes(context: Context, found: Fleet) -> list[Text]:
    notes = []
    if intervals := [record.interval_ns for record in found.hosts.values() if record.interval_ns]:
        notes.append(
            say(
                "Hosts are asked every {interval}: an outage begins with the first poll without an answer and ends with the "
                "next answer, so both are late by up to that, and shorter outages can stay unseen.",
                interval=Quantity(median(intervals) / 1e9, Unit.SECONDS),
            )
        )
    if found.first_ns is not None and found.first_ns > context.since_ns + HOUR_NS:
        notes.append(
            say(
                "The first samples are of {time}; before that nothing is known.",
                time=Quantity(found.first_ns, Unit.TIME),
            )
        )
    if found.exact_from_ns > context.since_ns and (found.first_ns or context.until_ns) < found.exact_from_ns:
        notes.append(
            say(
                "Before {time} outages are known to the hour only, as older samples are not kept.",
                time=Quantity(found.exact_from_ns, Unit.TIME),
            )
        )
    return notes
