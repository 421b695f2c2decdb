"""How processors, memory and file systems of servers were used, before that is judged."""

import msgspec
import numpy as np

from collector.report.capacity.storage_figures import FileSystem, is_server, measure_file_systems
from collector.report.context import DAY_NS, Context
from collector.report.statistics.samples import (
    Floats,
    Integers,
    LocalHours,
    busy_hour,
    highest,
    hours_above,
    mean,
    percentile,
    week,
    window_lengths_s,
    window_s,
)
from inventory.model import Host

BUSY_PERCENT = 80.0
"""of processors, above which what arrives waits for what was there before (as of lines: `link_figures.TIGHT_SHARE`)"""

_POOLS = ("physical", "swap")


class Processors(msgspec.Struct, frozen=True):
    """All processors of a host as one, in percent: of each window the mean of all. `measured_s` is the time with windows."""

    mean: float | None
    p95: float | None
    peak: float | None
    busy_hour: int | None
    hours_busy: float
    week: Floats
    measured_s: float


class Memory(msgspec.Struct):
    """A pool of memory, in percent; `now` is at the period's end."""

    name: str
    total_bytes: int
    now: float | None
    p95: float | None = None
    measured_s: float = 0.0


class ServerFigures(msgspec.Struct):
    """One server; None where nothing is known.

    Attributes:
        pools: memory by kind, "physical" and "swap"; the largest where there are several of a kind.
    """

    host: Host
    processors: Processors | None = None
    pools: dict[str, Memory] = {}
    file_systems: list[FileSystem] = []

    @property
    def memory(self) -> Memory | None:
        return self.pools.get("physical")

    @property
    def swap(self) -> Memory | None:
        return self.pools.get("swap")

    @property
    def is_known(self) -> bool:
        return bool(self.processors or self.pools or self.file_systems)


def measure_servers(context: Context) -> list[ServerFigures]:
    """All selected servers, by name; those without data, too."""
    found = {name: ServerFigures(host) for name, host in sorted(context.hosts.items()) if is_server(host)}
    if found:
        _processors(context, found)
        _memory(context, found)
        for file_system in measure_file_systems(context):
            found[file_system.host.name].file_systems.append(file_system)
    return list(found.values())


def _processors(context: Context, found: dict[str, ServerFigures]) -> None:
    """The windows of all processors are added up as they come, so that memory does not grow with their number."""
    # windows of a rollup may start up to a day before the period
    every_s = window_s(context.since_ns, context.until_ns)
    every_ns = every_s * 10**9
    first = (context.since_ns - DAY_NS) // every_ns
    count = -(-context.until_ns // every_ns) - first
    sums: dict[str, tuple[Floats, Floats]] = {}
    windows = context.store.histories(
        "cpu",
        ["usage_percent"],
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        every_s=every_s,
        only={"host": found.keys()},
    )
    for history in windows:
        values = history.values["usage_percent"]
        known = ~np.isnan(values)
        places = history.times_ns[known] // every_ns - first
        total, number = sums.setdefault(history.tags["host"], (np.zeros(count), np.zeros(count)))
        total[places] += values[known]
        number[places] += 1
    hours = LocalHours(context.zone, context.since_ns - DAY_NS, context.until_ns)
    for name, (total, number) in sums.items():
        places = np.flatnonzero(number)
        load = total[places] / number[places]
        found[name].processors = _as_one((places + first) * every_ns, load, hours, every_s)


def _as_one(times_ns: Integers, load: Floats, hours: LocalHours, every_s: int) -> Processors:
    lengths_s = window_lengths_s(times_ns, every_s)
    of_week = hours.of_week(times_ns)
    return Processors(
        mean(load, lengths_s),
        percentile(load, 95, lengths_s),
        highest(load),
        busy_hour(load, of_week, lengths_s, hours.days(times_ns)),
        hours_above(load, BUSY_PERCENT, lengths_s),
        week(load, of_week, lengths_s),
        float(lengths_s.sum()),
    )


def _memory(context: Context, found: dict[str, ServerFigures]) -> None:
    for point in context.latest("memory", ("total_bytes", "used_percent")):
        server, kind = found.get(point.tags["host"]), point.tags.get("kind", "")
        total, percent = point.fields.get("total_bytes", 0), point.fields.get("used_percent")
        if server is None or kind not in _POOLS or not isinstance(total, int) or not isinstance(percent, float):
            continue
        if kind not in server.pools or total > server.pools[kind].total_bytes:
            server.pools[kind] = Memory(point.tags.get("name", ""), total, percent)
    every_s = window_s(context.since_ns, context.until_ns)
    windows = context.store.histories(
        "memory",
        ["used_percent"],
        since_ns=context.since_ns,
        until_ns=context.until_ns,
        every_s=every_s,
        only={"host": found.keys(), "kind": _POOLS},
    )
    for history in windows:
        pool = found[history.tags["host"]].pools.get(history.tags["kind"])
        if pool and pool.name == history.tags.get("name", ""):
            lengths_s = window_lengths_s(history.times_ns, every_s)
            p95 = percentile(history.values["used_percent"], 95, lengths_s)
            # a place that was renamed has two series; the worse one counts
            pool.measured_s += float(lengths_s.sum())
            pool.p95 = max((each for each in (p95, pool.p95) if each is not None), default=None)
