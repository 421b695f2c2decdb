"""What follows from the figures of servers: verdicts and findings. All thresholds of servers, each with its reason."""

from collections.abc import Iterator, Mapping
from enum import Enum

from collector.report.capacity.reach import day_ns
from collector.report.capacity.server_figures import Memory, Processors, ServerFigures
from collector.report.capacity.storage_figures import FileSystem
from collector.report.context import Context
from collector.report.model import Finding, Level, Verdict
from collector.report.say import Quantity, Text, Value, say
from collector.report.unit import Unit
from collector.report.urgency import IMPAIRED, WITHIN_MONTHS, WITHIN_WEEKS, within

DISK_FULL_PERCENT = 99.0
"""nothing sensible can be written any more"""

DISK_TIGHT_PERCENT = 90.0
"""file systems scatter what they write from here on, and the last 5 % are often the administrator's alone"""

DISK_NEARLY_FULL_PERCENT = 95.0
"""somebody should know of it although nothing says that it goes on filling"""

FILLING_DAYS = 60
"""a disk takes weeks to be bought and built in, so one that is full by then is acted upon now"""

MEMORY_FULL_PERCENT = 95.0
"""in use without what is only cached: programs are about to be ended for want of memory"""

MEMORY_TIGHT_PERCENT = 85.0

CPU_BUSY_PERCENT = 90.0
"""95th percentile: more than an hour a day there is no reserve"""

CPU_TIGHT_PERCENT = 75.0

LEAST_MEASURED_S = 86_400
"""less than a day's measurements of processors and memory have not seen every hour, and are not judged"""


class DiskState(Enum):
    """The verdict on a file system, the most urgent first."""

    FULL = "full"
    FILLING = "filling"
    TIGHT = "tight"
    FINE = "fine"


DISK_VERDICTS: Mapping[DiskState, Verdict] = {
    DiskState.FULL: Verdict(Level.CRITICAL, say("full")),
    DiskState.FILLING: Verdict(Level.CRITICAL, say("filling")),
    DiskState.TIGHT: Verdict(Level.WARNING, say("tight")),
    DiskState.FINE: Verdict(Level.OK, say("fine")),
}

_DISK_ORDER = {state: place for place, state in enumerate(DiskState)}


def judge_disk(disk: FileSystem) -> DiskState:
    """Full now, or soon by certain growth, or nearly."""
    days = disk.days_to_full
    if disk.percent >= DISK_FULL_PERCENT:
        return DiskState.FULL
    if days is not None and days <= FILLING_DAYS:
        return DiskState.FILLING
    return DiskState.TIGHT if disk.percent >= DISK_TIGHT_PERCENT else DiskState.FINE


def disk_order(disk: FileSystem) -> tuple[float, ...]:
    """The most urgent first."""
    days = disk.days_to_full
    return (_DISK_ORDER[judge_disk(disk)], days if days is not None else float("inf"), -disk.percent)


def judge_server(server: ServerFigures) -> Verdict:
    """The worst of its processors, memory and file systems."""
    if not server.is_known:
        return Verdict(Level.UNKNOWN, say("no data"))
    states = {judge_disk(disk) for disk in server.file_systems}
    cpu, memory = _judged_p95(server.processors), _judged_p95(server.memory)
    if DiskState.FULL in states:
        return Verdict(Level.CRITICAL, say("disk full"))
    if DiskState.FILLING in states:
        return Verdict(Level.CRITICAL, say("disk filling"))
    if memory is not None and memory >= MEMORY_FULL_PERCENT:
        return Verdict(Level.CRITICAL, say("memory full"))
    if cpu is not None and cpu >= CPU_BUSY_PERCENT:
        return Verdict(Level.WARNING, say("processors busy"))
    if cpu is None and memory is None and not states:
        return Verdict(Level.UNKNOWN, say("not enough data"))
    tight = (memory or 0) >= MEMORY_TIGHT_PERCENT or (cpu or 0) >= CPU_TIGHT_PERCENT or DiskState.TIGHT in states
    return Verdict(Level.WARNING, say("tight")) if tight else Verdict(Level.OK, say("fine"))


def _judged_p95(part: Processors | Memory | None) -> float | None:
    return part.p95 if part and part.measured_s >= LEAST_MEASURED_S else None


def disk_findings(context: Context, disk: FileSystem) -> Iterator[Finding]:
    """At most one: "disk-full", "disk-filling" or "disk-nearly-full"."""
    state = judge_disk(disk)
    same: dict[str, Value] = {
        "disk": disk.name,
        "host": disk.host.name,
        "percent": Quantity(disk.percent, Unit.PERCENT),
        "free": Quantity(disk.total_bytes - disk.used_bytes, Unit.BYTES),
    }
    if state is DiskState.FULL:
        sentence = say("{disk} on {host} is full ({percent}, {free} left): make room or enlarge it now.", **same)
        yield Finding(key="disk-full", level=Level.CRITICAL, urgency=IMPAIRED + 5, sentence=sentence, where=disk.where)
    elif state is DiskState.FILLING:
        days = disk.days_to_full or 0.0
        yield Finding(
            key="disk-filling",
            level=Level.CRITICAL,
            urgency=within(days),
            sentence=_filling(context, disk, days, same),
            where=disk.where,
        )
    elif disk.percent >= DISK_NEARLY_FULL_PERCENT:
        if disk.trend:
            sentence = say("{disk} on {host} is nearly full ({percent}, {free} left), without certain growth.", **same)
        else:
            sentence = say(
                "{disk} on {host} is nearly full ({percent}, {free} left); how fast it fills is not known yet.", **same
            )
        urgency = WITHIN_MONTHS if disk.trend else WITHIN_WEEKS
        yield Finding(key="disk-nearly-full", level=Level.WARNING, urgency=urgency, sentence=sentence, where=disk.where)


def _filling(context: Context, disk: FileSystem, days: float, same: dict[str, Value]) -> Text:
    growth = disk.trend.slope.value if disk.trend else 0.0
    more: dict[str, Value] = {
        **same,
        "days": Quantity(days, Unit.DAYS),
        "date": Quantity(day_ns(days, context.until_ns), Unit.DATE),
        "growth": Quantity(growth, Unit.BYTES_PER_DAY),
    }
    if disk.is_fast:
        return say(
            "{disk} on {host} fills unusually fast since a few days ({growth}) and will be full in {days}, on {date}: "
            "find out what writes; {percent} are in use, {free} left.",
            **more,
        )
    return say(
        "{disk} on {host} will be full in {days}, on {date}: {percent} are in use, {free} left, growth {growth}. "
        "Make room or enlarge it.",
        **more,
    )


def server_findings(server: ServerFigures) -> Iterator[Finding]:
    """ "memory-full" and "cpu-busy"."""
    host, memory, cpu = server.host.name, _judged_p95(server.memory), _judged_p95(server.processors)
    if memory is not None and memory >= MEMORY_FULL_PERCENT:
        sentence = say(
            "The memory of {host} is full: {percent} in use (95th percentile). Add memory, or see what takes it.",
            host=host,
            percent=Quantity(memory, Unit.PERCENT),
        )
        yield Finding(key="memory-full", level=Level.CRITICAL, urgency=WITHIN_WEEKS, sentence=sentence, where=host)
    if server.processors and cpu is not None and cpu >= CPU_BUSY_PERCENT:
        sentence = say(
            "The processors of {host} are busy: {percent} (95th percentile), more than 80% in {hours}. "
            "See what runs, or add some.",
            host=host,
            percent=Quantity(cpu, Unit.PERCENT),
            hours=Quantity(server.processors.hours_busy, Unit.HOURS),
        )
        yield Finding(key="cpu-busy", level=Level.WARNING, urgency=WITHIN_MONTHS, sentence=sentence, where=host)
