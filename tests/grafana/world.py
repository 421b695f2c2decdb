"""A simulated province in a real InfluxDB: polled, stored, and forecast as the reports do; no clock runs in it."""

# ruff: noqa: S310 - addresses are our own loopback servers

import asyncio
import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from collector.metrics.model import FieldValue, Point
from collector.runtime.engine import open_poller
from collector.runtime.lease import Leases
from collector.runtime.poll import Poller
from collector.runtime.service import Delivering, cycle, open_delivery
from collector.simulator.farm import Farm
from collector.simulator.province.files import write_province
from collector.simulator.province.make import make_province
from collector.store.influx_rollup import rollups
from collector.store.open import open_store
from collector.transport.icmp import Pinger, PingResult
from collector.transport.snmp import udp
from inventory.load import load
from inventory.model import Inventory
from tests import servers

CYCLES = 2
STEP_S = 60
"""so far apart that each has all measurements of the devices"""
DATABASE = "collector"
DAY_S = 86_400
QUIET_S = 4 * 3_600
"""before midnight, UTC: it is night in the province, on any day of the week, so that only the lines of the story are busy"""
DRAWN = {
    ("interface", "daily"): ('_bps_p95"', '_bps_max"'),
    ("storage", "daily"): ('used_percent_max"',),
}
"""ends of the rollups' columns"""


class Clock:
    """Seconds since the epoch: of the poller, of what arrives, and of the devices."""

    def __init__(self, now_s: float) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        return self.now_s

    time = __call__


class Echoes(Pinger):
    """Echoes of the simulated devices: their addresses are this machine's, which always answers."""

    def __init__(self, farm: Farm, clock: Clock) -> None:
        self._clock = clock
        self._down = {device.address: device.down for device in farm.devices}

    async def ping(self, address: str, count: int = 3, interval_s: float = 0.2, timeout_s: float = 1.0) -> PingResult:
        down = self._down[address]
        if down and down(self._clock()):
            return PingResult(count, 0, 0.0, 0.0, 0.0)
        return PingResult(count, count, 1.0, 2.0, 3.0)

    def close(self) -> None:
        pass


class Province:
    """What was polled into the database, and how to ask for it.

    Attributes:
        now_s: when the last cycle was.
    """

    def __init__(self, url: str, inventory: Inventory, now_s: float) -> None:
        self.url, self.inventory, self.now_s = url, inventory, now_s

    def ask(self, statement: str) -> list[dict[str, Any]]:
        """The series of the answer, as Grafana asks for them."""
        body = urllib.parse.urlencode({"db": DATABASE, "epoch": "ms", "q": statement}).encode()
        try:
            with urllib.request.urlopen(f"{self.url}/query", body, timeout=30) as answer:
                (result,) = json.load(answer)["results"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{statement}: {error.read().decode(errors='replace')}") from None
        assert "error" not in result, f"{statement}: {result['error']}"
        series: list[dict[str, Any]] = result.get("series", [])
        return series

    def write(self, *points: Point) -> None:
        """Store more points."""
        store = open_store(self.inventory.store)
        assert store.write(points).rejected == ()
        store.close()

    def point(self, measurement: str, host: str, tags: dict[str, str], **fields: FieldValue) -> Point:
        """A point of a host of the province, of its last cycle."""
        host_tags = self.inventory.hosts[host].point_tags()
        return Point(measurement, {**host_tags, **tags}, fields, int(self.now_s) * 10**9)


@contextmanager
def running_province(folder: Path) -> Iterator[Province]:
    """The province, polled a few times and forecast once."""
    (folder / "influx").mkdir()
    with servers.influxd(folder / "influx") as url:
        now_s = time.time() // DAY_S * DAY_S - QUIET_S
        inventory = _inventory(folder / "province", url, now_s)
        province = Province(url, inventory, now_s // STEP_S * STEP_S)
        province.ask(f'CREATE DATABASE "{DATABASE}"')
        with pytest.MonkeyPatch.context() as patch:
            clock = Clock(province.now_s - STEP_S * (CYCLES - 1))
            patch.setattr(udp, "time", clock)  # it stamps what arrives
            asyncio.run(_poll(folder / "province", inventory, clock))
        province.write(*_forecasts(province))
        _roll_up(province)
        yield province


def _inventory(folder: Path, url: str, now_s: float) -> Inventory:
    config = write_province(folder, servers.free_port(socket.SOCK_DGRAM), now_s)
    text = config.read_text(encoding="utf-8")
    store = f'kind = "influxdb"\nurl = "{url}"\ndatabase = "{DATABASE}"\nraw_days = 45'
    ours, found = text.replace('kind = "duckdb"\npath = "demo.duckdb"', store), text.count("ping = false")
    assert ours != text
    assert found == 1
    config.write_text(ours.replace("ping = false", "ping = true"), encoding="utf-8")
    return load(config)


async def _poll(folder: Path, inventory: Inventory, clock: Clock) -> None:
    scenario = json.loads((folder / "province.json").read_text(encoding="utf-8"))
    devices = make_province(scenario["now_s"]).devices(scenario["first_address"])
    farm = Farm(devices, port=scenario["port"], epoch_s=0.0, clock=clock)
    hosts = [host for host in inventory.hosts.values() if host.snmp_credentials]
    await farm.start()
    try:
        async with open_poller(inventory) as opened:
            leases = Leases(Path(inventory.settings.state_dir) / "leases")
            tools = msgspec.structs.replace(opened.tools, clock=clock)
            poller = Poller(tools, leases, Echoes(farm, clock))
            for _ in range(CYCLES):
                delivery = open_delivery(inventory, Delivering.STORE)
                assert delivery
                stats = await cycle(poller, hosts, delivery)
                delivery.close()
                assert (stats.hosts_down, stats.hosts_partial, stats.rejected, stats.spooled) == (1, 0, 0, 0)
                clock.now_s += STEP_S
            leases.close()
    finally:
        farm.stop()


def _roll_up(province: Province) -> None:
    """What the continuous queries of `collector store setup` do in a day, for the fields that dashboards draw over years."""
    province.ask(f'CREATE RETENTION POLICY "daily" ON "{DATABASE}" DURATION 3660d REPLICATION 1')
    span = f"time >= {int(province.now_s) - DAY_S}s AND time <= {int(province.now_s)}s"
    for rollup in rollups():
        drawn = DRAWN.get((rollup.measurement, rollup.grain), ())
        if columns := tuple(column for column in rollup.columns if column.endswith(drawn)):
            few = msgspec.structs.replace(rollup, columns=columns)
            province.ask(few.select(f'"{DATABASE}"."autogen"', f'"{DATABASE}"."daily"', span))


def _forecasts(province: Province) -> Iterator[Point]:
    """What `collector report capacity --store` writes."""
    growth = {"growth_per_day": 5e3, "growth_low_per_day": 4e3, "growth_high_per_day": 6e3}
    for host in province.inventory.hosts.values():
        for line in host.links:
            limit = float(line.contract_in_bps or 0)
            saturated = host.name == "wan-binh-gia"
            days = {"days_to_tight": 0.0 if saturated else 200.0, "days_to_full": 0.0 if saturated else 400.0}
            tags = {"name": line.interface, "kind": "link"}
            yield province.point("forecast", host.name, tags, value=0.5 * limit, limit=limit, **growth, **days)
    tags = {"name": "/srv/backup", "kind": "storage"}
    yield province.point("forecast", "srv-backup-1", tags, value=7.4e12, limit=7.7e12, days_to_full=4.0, **growth)
