"""An inventory of simulated devices, and `collector poll` on it as cron would run it: a process a cycle."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.farm import Farm

INTERVAL_S = 10
"""of the cycles; shorter than a minute only to save time, the next cycle begins when the last one has ended"""


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one process did: the statistics that it wrote, and what the kernel says it used."""

    stats: dict[str, Any]
    wall_s: float
    cpu_s: float
    exit_code: int

    @property
    def us_per_varbind(self) -> float:
        """Microseconds of CPU for each value that arrived."""
        return self.cpu_s / max(1, int(self.stats["varbinds"])) * 1e6

    @property
    def pdus_per_host(self) -> float:
        """Requests for each device."""
        return int(self.stats["pdus"]) / max(1, int(self.stats["hosts"]))


def write_inventory(folder: Path, farm: Farm, port: int, *, engine: str = "native", deadline_s: float = 50.0) -> Path:
    """hosts.toml and hosts.csv for all devices of the farm, stored in DuckDB."""
    intervals = ", ".join(
        f"{name} = {INTERVAL_S}" for name in ("device", "interface", "cpu", "memory", "sensor", "state")
    )
    (folder / "hosts.toml").write_text(
        f"""
include = ["hosts.csv"]

[collector]
state_dir = "state"
interval_s = {INTERVAL_S}
intervals = {{ {intervals} }}
engine = "{engine}"
deadline_s = {deadline_s}

[store]
kind = "duckdb"
path = "bench.duckdb"

[credentials.bench]
snmp = {{ version = "2c", community = "public" }}

[sites.bench]
name = "Bench"
province = "Bench"

[defaults]
site = "bench"
role = "switch"
credentials = ["bench"]
snmp_port = {port}
ping = false
""",
        encoding="utf-8",
    )
    rows = "".join(f"{host_name(index)},{farm.address(index)}\n" for index in range(farm.count))
    (folder / "hosts.csv").write_text(f"name,address\n{rows}", encoding="utf-8")
    return folder / "hosts.toml"


def host_name(index: int) -> str:
    """The name of a device in the inventory."""
    return f"sw{index:05}"


def last_outcomes(config: Path) -> dict[str, str]:
    """What the store says of each host's last poll: ok, partial or down."""
    from collector.store.open import open_store
    from inventory.load import load

    store = open_store(load(config).store)
    try:
        since_ns = time.time_ns() - 3_600 * 10**9
        points = store.latest("poll", {}, since_ns)
    finally:
        store.close()
    newest_ns = max((point.time_ns for point in points), default=0)
    return {point.tags["host"]: str(point.fields["outcome"]) for point in points if point.time_ns == newest_ns}


def collector(*arguments: str) -> list[str]:
    """The command line of the collector."""
    return [sys.executable, "-m", "collector.cli.main", *arguments]


def poll(config: Path, *select: str) -> Cycle:
    """One cycle, begun in an interval that has not been polled yet.

    Raises:
        RuntimeError: it did not even try (usage, configuration, another poll).
    """
    if (config.parent / "polled").exists():
        _await_next_interval()
    (config.parent / "polled").touch()
    stats_file = config.parent / "stats.json"
    stats_file.unlink(missing_ok=True)
    process, wall_s, cpu_s = timed(
        collector("poll", "--config", str(config), "--stats", str(stats_file), "-q", *select)
    )
    if not stats_file.exists():
        raise RuntimeError(f"collector poll exited with {process.returncode}:\n{process.stderr[-2_000:]}")
    cycle = Cycle(json.loads(stats_file.read_text()), wall_s, cpu_s, process.returncode)
    print(  # the whole takes its time: this says that it goes on
        f"{config.parent.name}: {cycle.stats['hosts_ok']} of {cycle.stats['hosts']} ok,"
        f" {cycle.stats['varbinds']} values, {wall_s:.1f} s, {cpu_s:.1f} s of CPU",
        file=sys.stderr,
    )
    return cycle


def steady(config: Path, healthy: int, *, cycles: int = 3, learning: int = 8) -> tuple[Cycle, Cycle]:
    """Poll until `healthy` devices are known and answer or no more become so, at most `learning` times; then some more.

    Returns the first one of all, and of the later ones the one with the median CPU time.
    """
    first = latest = poll(config)
    for _ in range(learning - 1):
        if latest.stats["hosts_ok"] >= healthy:
            break
        before, latest = latest, poll(config)
        if latest.stats["hosts_ok"] == before.stats["hosts_ok"]:
            break
    later = sorted((poll(config) for _ in range(cycles)), key=lambda cycle: cycle.cpu_s)
    return first, later[len(later) // 2]


def timed(command: Sequence[str]) -> tuple[subprocess.CompletedProcess[str], float, float]:
    """Run `command`: what it said, its wall time and its CPU time with its children's, seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ | {"NO_COLOR": "1"})
    wall_s = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process, wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _await_next_interval() -> None:
    time.sleep(INTERVAL_S - time.time() % INTERVAL_S + 0.05)
