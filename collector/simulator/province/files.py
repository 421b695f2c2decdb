"""The province as a directory: an inventory for the collector, and what the farm needs to answer for it."""

import csv
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from collector.simulator.farm import Farm
from collector.simulator.province.cabling import MBPS
from collector.simulator.province.make import make_province
from collector.simulator.province.model import COMMUNITY, Province
from collector.simulator.province.places import PROVINCE

_FIRST_ADDRESS = "127.40.0.1"
_SCENARIO = "province.json"

_HOSTS_TOML = """\
# A simulated province beside this machine. `collector simulate .` answers for its devices.

include = ["sites.csv", "hosts.csv", "links.csv", "stations.csv"]

[collector]
state_dir = "state"
# every 10 s in place of a minute, so that there is something to see at once
interval_s = 10
intervals = { device = 10, interface = 10, cpu = 10, memory = 10, sensor = 10, state = 10, storage = 10, system = 10 }

[store]
kind = "duckdb"
path = "demo.duckdb"

[credentials.province]
snmp = { version = "2c", community = "file:community" }

[defaults]
credentials = ["province"]
snmp_port = PORT
# the addresses are this machine's own: they answer pings whether the simulated device is up or not
ping = false
limits = { timeout_s = 1, retries = 1 }

[hosts.this-machine]
address = "127.0.0.1"
transport = "local"
credentials = []
ping = true
site = "LS-DC"
role = "server"
"""


def write_province(directory: Path, port: int, now_s: float | None = None) -> Path:
    """Write the inventory of the province, its incidents placed about `now_s`, its devices on UDP `port`.

    Returns hosts.toml. What stands in `directory` under the same names is replaced.

    Raises:
        OSError: the directory cannot be made or written.
    """
    now_s = time.time() if now_s is None else now_s
    province = make_province(now_s)
    directory.mkdir(parents=True, exist_ok=True)
    _write_csv(directory / "sites.csv", _site_rows(province))
    _write_csv(directory / "hosts.csv", _host_rows(province))
    _write_csv(directory / "links.csv", _link_rows(province))
    _write_csv(directory / "stations.csv", _station_rows(province))
    secret = directory / "community"
    secret.touch(mode=0o600)
    secret.chmod(0o600)
    secret.write_text(f"{COMMUNITY}\n", encoding="utf-8")
    scenario = {"now_s": now_s, "port": port, "first_address": _FIRST_ADDRESS}
    (directory / _SCENARIO).write_text(json.dumps(scenario) + "\n", encoding="utf-8")
    hosts_toml = directory / "hosts.toml"
    hosts_toml.write_text(_HOSTS_TOML.replace("PORT", str(port)), encoding="utf-8")
    return hosts_toml


def load_farm(directory: Path) -> Farm:
    """The farm that answers for the province in `directory`.

    Raises:
        OSError: `directory` holds no province.
        ValueError: its scenario is damaged.
    """
    path = directory / _SCENARIO
    try:
        scenario = json.loads(path.read_text(encoding="utf-8"))
        now_s, port, first = float(scenario["now_s"]), int(scenario["port"]), str(scenario["first_address"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: {error!r}; `collector demo` writes it anew") from None
    return Farm(make_province(now_s).devices(first), port=port, epoch_s=0.0)


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _site_rows(province: Province) -> Iterable[Sequence[object]]:
    yield "id", "name", "commune", "district", "province", "lat", "lon", "population"
    for site in province.sites:
        yield site.id, site.name, site.commune, site.district, PROVINCE, site.lat, site.lon, site.population


def _host_rows(province: Province) -> Iterable[Sequence[object]]:
    addresses = province.addresses(_FIRST_ADDRESS)
    yield "name", "address", "site", "role", "tags"
    for host in province.hosts:
        yield host.name, addresses[host.name], host.site, host.role, ";".join(host.tags)


def _link_rows(province: Province) -> Iterable[Sequence[object]]:
    yield "host", "interface", "contract_in_bps", "contract_out_bps", "provider", "kind"
    for host in province.hosts:
        for line in host.lines:
            bps = line.mbps * MBPS
            yield host.name, line.interface, bps, bps, line.provider, "leased line"


def _station_rows(province: Province) -> Iterable[Sequence[object]]:
    yield "id", "site", "technology", "operator", "uplink"
    for station in province.stations:
        yield station.id, station.site, station.technology, station.operator, station.uplink
