"""`capacity servers`: processors, memory and file systems of the hosts of role server, the most urgent first."""

from collections.abc import Sequence

import numpy as np

from collector.report.capacity.reach import cone, date_cell, growth_cell, hour_cell
from collector.report.capacity.server_figures import ServerFigures, measure_servers
from collector.report.capacity.server_verdict import (
    CPU_TIGHT_PERCENT,
    DISK_VERDICTS,
    DiskState,
    disk_findings,
    disk_order,
    judge_disk,
    judge_server,
    server_findings,
)
from collector.report.capacity.storage_figures import FileSystem
from collector.report.context import DAY_NS, Context
from collector.report.model import (
    Cell,
    Column,
    Estimate,
    Figure,
    HeatMap,
    Level,
    Limit,
    Line,
    LineChart,
    Report,
    Section,
    Spark,
    Table,
)
from collector.report.say import say
from collector.report.statistics.samples import known_or_none, week_rows
from collector.report.statistics.trend import first_day_ns
from collector.report.unit import Unit

CHARTED_DISKS = 8
CHARTED_SERVERS = 4
"""with charts of their own: the most urgent ones"""

_SPARK_DAYS = 30
_CONE_DAYS = 91


def capacity_servers(context: Context) -> Report:
    """The report.

    Raises:
        collector.store.contract.StoreError: the store cannot be read.
    """
    servers = sorted(measure_servers(context), key=_server_order)
    disks = sorted((disk for server in servers for disk in server.file_systems), key=disk_order)
    charted = disks[:CHARTED_DISKS]
    busy = [each for each in servers if each.processors and (each.processors.p95 or 0) >= CPU_TIGHT_PERCENT]
    findings = [finding for disk in disks for finding in disk_findings(context, disk)]
    findings += [finding for server in servers for finding in server_findings(server)]
    sections: list[Section] = [_server_table(servers), _disk_table(context, disks)]
    sections += [_disk_chart(context, disk, rank) for rank, disk in enumerate(charted, start=1)]
    sections += [_cpu_map(server, rank) for rank, server in enumerate(busy[:CHARTED_SERVERS], start=1)]
    return context.report(
        name="capacity servers",
        title=say("Capacity of servers"),
        figures=_figures(servers, disks),
        sections=tuple(sections),
        findings=tuple(findings),
        notes=(say("Servers are the hosts with the role server; network devices have reports of their own."),),
    )


def _server_order(server: ServerFigures) -> tuple[float, ...]:
    worst = min(map(disk_order, server.file_systems), default=(9.0,))
    cpu = server.processors.p95 if server.processors else None
    return (judge_server(server).level, *worst[:1], -(cpu or 0.0))


_SERVER_COLUMNS = (
    Column("host", say("Host")),
    Column("site", say("Site"), wide_only=True),
    Column("verdict", say("Verdict"), filterable=True),
    Column("cpu_mean_percent", say("CPU mean"), Unit.PERCENT, say("of all processors together")),
    Column("cpu_p95_percent", say("CPU p95"), Unit.PERCENT, say("95th percentile of the 5-minute means")),
    Column("cpu_peak_percent", say("CPU peak"), Unit.PERCENT, say("highest 5-minute mean"), wide_only=True),
    Column("busy_hour", say("Busy hour"), help=say("local hour with the highest mean load"), wide_only=True),
    Column("hours_over_80", say("CPU over 80%"), Unit.HOURS, wide_only=True),
    Column("memory_bytes", say("Memory"), Unit.BYTES, wide_only=True),
    Column("memory_percent", say("Memory now"), Unit.PERCENT, say("in use, without what is only cached")),
    Column("memory_p95_percent", say("Memory p95"), Unit.PERCENT),
    Column("swap_percent", say("Swap now"), Unit.PERCENT, wide_only=True),
    Column("fullest_disk", say("Fullest disk"), wide_only=True),
    Column("disk_percent", say("Disk"), Unit.PERCENT, say("of the fullest one")),
)


def _server_table(servers: Sequence[ServerFigures]) -> Table:
    return Table(
        key="servers",
        title=say("Servers, the most urgent first"),
        columns=_SERVER_COLUMNS,
        rows=tuple(map(_server_row, servers)),
        empty=say("No host has the role server."),
    )


def _server_row(server: ServerFigures) -> tuple[Cell, ...]:
    site, cpu, memory, swap = server.host.site, server.processors, server.memory, server.swap
    fullest = max(server.file_systems, key=lambda disk: disk.percent, default=None)
    return (
        server.host.name,
        site.label if site else None,
        judge_server(server),
        cpu.mean if cpu else None,
        cpu.p95 if cpu else None,
        cpu.peak if cpu else None,
        hour_cell(cpu.busy_hour) if cpu else None,
        cpu.hours_busy if cpu else None,
        memory.total_bytes or None if memory else None,
        memory.now if memory else None,
        memory.p95 if memory else None,
        swap.now if swap else None,
        fullest.name if fullest else None,
        fullest.percent if fullest else None,
    )


_DISK_COLUMNS = (
    Column("host", say("Host")),
    Column("name", say("File system")),
    Column("kind", say("Kind"), wide_only=True, filterable=True),
    Column("total_bytes", say("Size"), Unit.BYTES),
    Column("used_bytes", say("Used"), Unit.BYTES, wide_only=True),
    Column("used_percent", say("Used, share"), Unit.PERCENT),
    Column("growth_bytes_per_day", say("Growth"), Unit.BYTES_PER_DAY, say("median of all slopes (Theil-Sen)")),
    Column("days_to_full", say("Days to full"), Unit.DAYS, say("with the 95% interval of the growth")),
    Column("date_full", say("Full on"), Unit.DATE, wide_only=True),
    Column("verdict", say("Verdict"), filterable=True),
    Column("daily", say("Last 30 days"), Unit.PERCENT, wide_only=True),
)


def _disk_table(context: Context, disks: Sequence[FileSystem]) -> Table:
    charted = len(disks[:CHARTED_DISKS])
    return Table(
        key="storage",
        title=say("File systems, the most urgent first"),
        columns=_DISK_COLUMNS,
        rows=tuple(_disk_row(context, disk) for disk in disks),
        empty=say("No server tells of a file system."),
        links=tuple(f"disk_{rank}" if rank <= charted else "" for rank in range(1, len(disks) + 1)),
        notes=(
            say("Removable media, network shares, RAM disks and read-only images are left out."),
            say(
                "Growth is that of the last 180 days since the last clean-up or enlargement; where the last four days alone "
                "would fill the disk within two weeks, it is theirs."
            ),
        ),
    )


def _disk_row(context: Context, disk: FileSystem) -> tuple[Cell, ...]:
    full = date_cell(disk.trend, disk.total_bytes, context.until_ns, reached=judge_disk(disk) is DiskState.FULL)
    return (
        disk.host.name,
        disk.name,
        disk.kind or None,
        disk.total_bytes,
        disk.used_bytes,
        disk.percent,
        growth_cell(disk.trend),
        _in_days(full, context.until_ns),
        full,
        DISK_VERDICTS[judge_disk(disk)],
        Spark(tuple(known_or_none(100 * disk.daily[-_SPARK_DAYS:] / disk.total_bytes)), 100.0),
    )


def _in_days(date: Cell, now_ns: int) -> Cell:
    """The date as days from now; what is said in words stays."""
    if not isinstance(date, Estimate):
        return date
    low, high = (None if end is None else (end - now_ns) / DAY_NS for end in (date.low, date.high))
    return Estimate((date.value - now_ns) / DAY_NS, low, high)


def _disk_chart(context: Context, disk: FileSystem, rank: int) -> LineChart:
    known = np.flatnonzero(~np.isnan(disk.daily))
    start = int(known[0]) if len(known) else 0
    first_ns = first_day_ns(context.until_ns)
    times = tuple(range(first_ns + start * DAY_NS, first_ns + len(disk.daily) * DAY_NS, DAY_NS))
    return LineChart(
        key=f"disk_{rank}",
        title=say("{disk} on {host}: bytes in use and forecast", disk=disk.name, host=disk.host.name),
        unit=Unit.BYTES,
        lines=(Line(say("used"), times, tuple(known_or_none(disk.daily[start:]))),),
        limits=(Limit(say("size"), disk.total_bytes),),
        cone=cone(disk.trend, context.until_ns, _CONE_DAYS) if disk.trend else None,
    )


def _cpu_map(server: ServerFigures, rank: int) -> HeatMap:
    return HeatMap(
        key=f"cpu_{rank}",
        title=say("Processors of {host}: hours of the week", host=server.host.name),
        unit=Unit.PERCENT,
        values=week_rows(server.processors.week) if server.processors else ((None,) * 24,) * 7,
        limit=100.0,
    )


def _figures(servers: Sequence[ServerFigures], disks: Sequence[FileSystem]) -> tuple[Figure, ...]:
    states = [judge_disk(disk) for disk in disks]
    full, filling = states.count(DiskState.FULL), states.count(DiskState.FILLING)
    silent = sum(not server.is_known for server in servers)
    used, size = sum(disk.used_bytes for disk in disks), sum(disk.total_bytes for disk in disks)
    return (
        Figure("servers", say("Servers"), len(servers), Unit.COUNT),
        Figure("unknown", say("Without data"), silent, Unit.COUNT, Level.UNKNOWN if silent else Level.OK),
        Figure("disks_full", say("Disks full"), full, Unit.COUNT, Level.CRITICAL if full else Level.OK),
        Figure("disks_filling", say("Disks filling"), filling, Unit.COUNT, Level.CRITICAL if filling else Level.OK),
        Figure("storage", say("Storage used"), 100 * used / size if size else None, Unit.PERCENT),
    )
