"""The province as a directory: an inventory for the collector, and what the farm needs to answer for it."""

import csv
import json
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from collector.simulator.farm import Farm
from collector.simulator.province.cabling import MBPS
from collector.simulator.province.make import make_province
from collector.simulator.province.model import COMMUNITY, SSH_PASSWORD, SSH_USER, Province
from collector.simulator.province.network import network_toml
from collector.simulator.province.places import COMMUNES, PROVINCE, TOWNS, WHITE_SPOTS

if TYPE_CHECKING:
    from collector.simulator.ssh.farm import SshFarm

_Understood = TypeVar("_Understood")

_FIRST_ADDRESS = "127.40.0.1"
_SCENARIO = "province.json"
_HOST_KEYS = "host_keys.json"
_RTT_S = 0.02

_HOSTS_TOML = """\
# A simulated province beside this machine. `collector simulate .` answers for its devices.

include = ["sites.csv", "communes.csv", "hosts.csv", "command_lines.csv", "links.csv", "stations.csv", "network.toml"]

[collector]
state_dir = "state"
known_hosts = "known_hosts"
# every 10 s in place of a minute, so that there is something to see at once
interval_s = 10
intervals = { device = 10, interface = 10, cpu = 10, memory = 10, sensor = 10, state = 10, station = 10, storage = 10, system = 10 }

[store]
kind = "duckdb"
path = "demo.duckdb"

[credentials.province]
snmp = { version = "2c", community = "file:community" }

# of devices that answer no SNMP
[credentials.command-line]
ssh = { user = "USER", password = "file:ssh_password" }

[defaults]
credentials = ["province"]
snmp_port = PORT
ssh_port = SSH
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


def write_province(directory: Path, port: int, now_s: float | None = None, *, ssh_port: int = 2222) -> Path:
    """Write the inventory of the province, its incidents placed about `now_s`, its devices on UDP `port`, its command lines
    on TCP `ssh_port`. Their host keys are made and pinned, too.

    Returns hosts.toml. What stands in `directory` under the same names is replaced.

    Raises:
        OSError: the directory cannot be made or written.
    """
    now_s = time.time() if now_s is None else now_s
    province = make_province(now_s)
    directory.mkdir(parents=True, exist_ok=True)
    _write_csv(directory / "sites.csv", _site_rows(province))
    _write_csv(directory / "communes.csv", _commune_rows())
    _write_csv(directory / "hosts.csv", _host_rows(province))
    _write_csv(directory / "command_lines.csv", _command_line_rows(province))
    _write_csv(directory / "links.csv", _link_rows(province))
    _write_csv(directory / "stations.csv", _station_rows(province))
    (directory / "network.toml").write_text(network_toml(now_s), encoding="utf-8")
    _write_secret(directory / "community", COMMUNITY)
    _write_secret(directory / "ssh_password", SSH_PASSWORD)
    _write_keys(directory, province, ssh_port)
    scenario = {"now_s": now_s, "port": port, "ssh_port": ssh_port, "first_address": _FIRST_ADDRESS}
    (directory / _SCENARIO).write_text(json.dumps(scenario) + "\n", encoding="utf-8")
    hosts_toml = directory / "hosts.toml"
    text = _HOSTS_TOML.replace("PORT", str(port)).replace("SSH", str(ssh_port)).replace("USER", SSH_USER)
    hosts_toml.write_text(text, encoding="utf-8")
    return hosts_toml


def _write_secret(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(f"{text}\n", encoding="utf-8")


def _write_keys(directory: Path, province: Province, ssh_port: int) -> None:
    """A host key for each command line, and all of them pinned."""
    import asyncssh  # takes as long to load as all else that the demo's inventory takes

    addresses = province.addresses(_FIRST_ADDRESS)
    keys = {host.name: asyncssh.generate_private_key("ssh-ed25519") for host in province.command_lines}
    private = {name: key.export_private_key().decode() for name, key in keys.items()}
    _write_secret(directory / _HOST_KEYS, json.dumps(private))
    lines = [
        f"[{addresses[name]}]:{ssh_port} {key.export_public_key('openssh').decode().strip()}\n"
        for name, key in keys.items()
    ]
    (directory / "known_hosts").write_text("".join(lines), encoding="utf-8")


def load_province(directory: Path) -> tuple[Province, float]:
    """The province in `directory`, and about which time its incidents are placed.

    Raises:
        OSError, ValueError: as `load_farm`.
    """
    now_s, *_ = _scenario(directory)
    return make_province(now_s), now_s


def load_farm(directory: Path) -> tuple[Farm, "SshFarm"]:
    """The farms that answer for the province in `directory`: by SNMP, and on the command lines.

    Raises:
        OSError: `directory` holds no province.
        ValueError: its scenario is damaged.
    """
    from collector.simulator.ssh.device import CliDevice
    from collector.simulator.ssh.farm import SshFarm

    now_s, port, ssh_port, first = _scenario(directory)
    keys = _read(directory / _HOST_KEYS, dict)
    province = make_province(now_s)
    addresses = province.addresses(first)
    command_lines = [
        CliDevice(
            address=addresses[host.name],
            name=host.name,
            platform=host.platform,
            answer=host.answer,
            user=SSH_USER,
            password=SSH_PASSWORD,
            host_key=str(keys.get(host.name, "")),
        )
        for host in province.command_lines
    ]
    return Farm(province.devices(first), port=port, epoch_s=0.0), SshFarm(command_lines, port=ssh_port, rtt_s=_RTT_S)


def _scenario(directory: Path) -> tuple[float, int, int, str]:
    """The moment of the incidents, the ports of SNMP and SSH, the first address."""
    return _read(
        directory / _SCENARIO,
        lambda it: (float(it["now_s"]), int(it["port"]), int(it["ssh_port"]), str(it["first_address"])),
    )


def _read(path: Path, understand: Callable[[Any], _Understood]) -> _Understood:
    try:
        return understand(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path}: {error!r}; `collector demo` writes it anew") from None


def _write_csv(path: Path, rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _site_rows(province: Province) -> Iterable[Sequence[object]]:
    yield "id", "name", "kind", "commune", "district", "province", "lat", "lon", "population"
    for site in province.sites:
        where = site.commune, site.district, PROVINCE, site.lat, site.lon
        yield site.id, site.name, site.kind, *where, site.population


def _commune_rows() -> Iterable[Sequence[object]]:
    yield "commune", "district", "province", "population", "lat", "lon"
    for commune in (*COMMUNES, *TOWNS, *WHITE_SPOTS):
        yield commune.name, commune.district, PROVINCE, commune.population, commune.lat, commune.lon


def _host_rows(province: Province) -> Iterable[Sequence[object]]:
    addresses = province.addresses(_FIRST_ADDRESS)
    yield "name", "address", "site", "role", "tags", "rated_power_w"
    for host in province.hosts:
        rated_w = host.rated_power_w or ""
        yield host.name, addresses[host.name], host.site, host.role, ";".join(host.tags), rated_w


def _command_line_rows(province: Province) -> Iterable[Sequence[object]]:
    addresses = province.addresses(_FIRST_ADDRESS)
    yield "name", "address", "site", "role", "credentials"
    for host in province.command_lines:
        yield host.name, addresses[host.name], host.site, host.role, "command-line"


def _link_rows(province: Province) -> Iterable[Sequence[object]]:
    yield "host", "interface", "contract_in_bps", "contract_out_bps", "provider", "kind"
    for host in province.all_hosts:
        for line in host.lines:
            bps = line.mbps * MBPS
            yield host.name, line.interface, bps, bps, line.provider, "leased line"


def _station_rows(province: Province) -> Iterable[Sequence[object]]:
    yield "id", "site", "technology", "operator", "uplink"
    for station in province.stations:
        yield station.id, station.site, station.technology, station.operator, station.uplink
