"""Side by side, in one run on the same devices: the collector with both engines, net-snmp's walk, Prometheus' exporter."""

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.farm import Farm
from benchmarks.report import table
from benchmarks.runs import steady, timed, write_inventory

_COUNT = 500
_PYSNMP_COUNT = 50
"""more would not be done before a cycle's deadline"""
_TABLES = ("1.3.6.1.2.1.2.2", "1.3.6.1.2.1.31.1.1")
_REPETITIONS = 25
_COLUMNS = (
    "how",
    "devices",
    "values",
    "CPU us a value",
    "CPU ms a device",
    "times the collector's",
    "wall s",
    "what it does",
)

_EXPORTER_CONFIG = """
if_mib:
  walk: [{walk}]
  version: 2
  max_repetitions: {repetitions}
  auth: {{ community: public }}
  metrics:
{metrics}
"""
_METRIC = """\
  - name: column_{number}
    oid: {oid}
    type: {kind}
    help: column {number}
    indexes: [{{ labelname: ifIndex, type: gauge }}]
"""
_COUNTERS = {10, 11, 13, 14, 15, 16, 17, 19, 20}
_COUNTERS_64 = {2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}


@dataclass(frozen=True, slots=True)
class Measured:
    """What one of them needed for how much."""

    how: str
    devices: int
    values: int
    cpu_s: float
    wall_s: float
    what: str


def run(folder: Path, recording: Path, command: str) -> str:
    """The tables of IF-MIB of the same devices, by each of them."""
    farm = Farm(_COUNT, recording, command)
    with farm.serving(folder) as port:
        measured = [
            _collector(folder, farm, port, "native"),
            _collector(folder, Farm(_PYSNMP_COUNT, recording, command), port, "pysnmp"),
            *_optional("snmpbulkwalk", lambda: _bulkwalk(farm, port)),
            *_optional("prometheus-snmp-exporter", lambda: _exporter(folder, farm, port)),
        ]
    ours_s = measured[0].cpu_s / measured[0].devices
    rows = [
        (
            one.how,
            one.devices,
            one.values,
            one.cpu_s / one.values * 1e6,
            one.cpu_s / one.devices * 1e3,
            one.cpu_s / one.devices / ours_s,
            one.wall_s,
            one.what,
        )
        for one in measured
    ]
    note = (
        "Switches of 24 ports, the same ones for all. CPU is that of the whole process on its side, not the devices'."
        " Walks fetch every column of the tables, the collector those that it stores."
    )
    return table("Side by side", note, _COLUMNS, rows)


def _optional(program: str, measure: Callable[[], Measured]) -> Iterator[Measured]:
    """What a program comes to that need not be installed."""
    if shutil.which(program):
        yield measure()
    else:
        print(f"{program} is not installed: left out")


def _collector(folder: Path, farm: Farm, port: int, engine: str) -> Measured:
    place = folder / engine
    place.mkdir()
    _, cycle = steady(write_inventory(place, farm, port, engine=engine), farm.healthy)
    what = "packed GETs of learnt rows, normalised, stored in DuckDB"
    return Measured(f"collector, {engine}", farm.count, cycle.stats["varbinds"], cycle.cpu_s, cycle.wall_s, what)


def _bulkwalk(farm: Farm, port: int) -> Measured:
    """A process a device and table, one after the other, as scripts do."""
    values, cpu_s, began = 0, 0.0, time.perf_counter()
    for index in range(farm.count):
        for root in _TABLES:
            target = f"{farm.address(index)}:{port}"
            command = ["snmpbulkwalk", "-v2c", "-cpublic", "-Onq", f"-Cr{_REPETITIONS}", target, root]
            process, _, cpu = timed(command)
            values += process.stdout.count("\n")
            cpu_s += cpu
    wall_s = time.perf_counter() - began
    return Measured("snmpbulkwalk", farm.count, values, cpu_s, wall_s, "walks ifTable and ifXTable, prints them")


def _exporter(folder: Path, farm: Farm, port: int) -> Measured:
    config = folder / "snmp.yml"
    config.write_text(_exporter_config(), encoding="utf-8")
    with _serving_exporter(config) as (process, url):
        before_s, began, values = _cpu_s(process.pid), time.perf_counter(), 0
        for index in range(farm.count):
            target = f"{farm.address(index)}:{port}"
            body = _get(f"{url}/snmp?module=if_mib&target={target}")
            values += int(float(body.partition("\nsnmp_scrape_pdus_returned ")[2].partition("\n")[0]))
        wall_s = time.perf_counter() - began
        cpu_s = _cpu_s(process.pid) - before_s
    what = "walks both tables, serves them as text"
    return Measured("prometheus-snmp-exporter", farm.count, values, cpu_s, wall_s, what)


def _exporter_config() -> str:
    metrics = "".join(
        _METRIC.format(
            number=f"{place}_{column}", oid=f"{entry}.{column}", kind="counter" if column in counters else "gauge"
        )
        for place, (entry, columns, counters) in enumerate(
            (
                ("1.3.6.1.2.1.2.2.1", (1, 3, 4, 5, 7, 8, 9, *_COUNTERS), _COUNTERS),
                ("1.3.6.1.2.1.31.1.1.1", (*_COUNTERS_64, 15, 19), _COUNTERS_64),
            )
        )
        for column in columns
    )
    return _EXPORTER_CONFIG.format(walk=", ".join(_TABLES), repetitions=_REPETITIONS, metrics=metrics)


@contextmanager
def _serving_exporter(config: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [
        "prometheus-snmp-exporter",
        f"--config.file={config}",
        f"--web.listen-address={listen}",
        "--log.level=error",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                _get(f"http://{listen}/")
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield process, f"http://{listen}"
    finally:
        process.terminate()
        process.wait()


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as response:  # noqa: S310 - our own server
        return str(response.read().decode())


def _cpu_s(pid: int) -> float:
    """CPU time that a running process has used, seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
