"""Devices by SSH: what a cycle costs that logs in everywhere, one that finds its sessions open, and servers by script."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile
from typing import Any

from benchmarks.report import table
from benchmarks.runs import INTERVAL_S, poll
from benchmarks.ssh_farm import COMMANDS, PASSWORD, USER, Fleet, Servers, Serving, servers, switches

_FAMILY = "cisco/ios"
_FAMILIES = Path(__file__).parent.parent / "plugins"
_SERVERS = 64
_CYCLES = ("second", "third", "fourth")
_COLUMNS = ("cycle", "hosts", "ok", "logins", "wall s", "the living s", "CPU s", "CPU ms a host", "MB")


def run(folder: Path, fleet: Fleet, threads: int) -> str:
    """The switches from cron and from a resident process, then the servers."""
    _write_family(folder)
    return "\n".join([_switches(folder, fleet, threads), _servers(folder, threads)])


def _switches(folder: Path, fleet: Fleet, threads: int) -> str:
    rows = []
    with switches(fleet, folder) as serving:
        config = _inventory_of(folder / "unknown", fleet, serving, threads, family="")
        rows.append(_row("first, families unknown", poll(config).stats, *_served(serving)))
        config = _inventory_of(folder / "cron", fleet, serving, threads)
        rows += [_row(name, poll(config).stats, *_served(serving)) for name in ("first, families known", *_CYCLES)]
        config = _inventory_of(folder / "resident", fleet, serving, threads)
        cycles = zip(("first", *_CYCLES), _resident(config, 1 + len(_CYCLES)), strict=True)
        rows += [_row(f"sessions kept, {name}", stats, *_served(serving)) for name, stats in cycles]
    note = (
        f"{fleet.count:,} fake switches of 24 ports, {fleet.rtt_s * 1e3:.0f} ms round trip, {len(COMMANDS)} commands each;"
        f" {fleet.count - fleet.healthy} are dead: in equal parts silent, mute behind the identification string, closed, and"
        f" hanging in the midst of an output. {threads} threads, stored in DuckDB. A process a cycle; then one process that"
        " keeps its sessions, of which is said besides when the last device that answers was done. The switches' own CPU time is that of the same processors."
    )
    return table("SSH: command lines", note, (*_COLUMNS, "switches' CPU s"), rows)


def _servers(folder: Path, threads: int) -> str:
    place = folder / "servers"
    place.mkdir()
    rows = []
    with servers(_SERVERS, place) as found:
        if found is None:
            return "No sshd is installed: servers were not measured.\n"
        config = _write_inventory(place, threads, found.known_hosts, _key_of(found), found.port, "linux/server")
        _write_hosts(place, found.addresses)
        rows += [_row(name, poll(config).stats, len(found.addresses)) for name in ("first", "second", "third")]
    note = f"{_SERVERS} times this machine by OpenSSH's sshd, whose own work and the scripts' is the same processors' and is not counted as CPU."
    return table("SSH: servers", note, _COLUMNS, rows)


def _key_of(found: Servers) -> str:
    return f'user = "{found.user}", key = "file:{found.key}"'


def _served(serving: Serving) -> tuple[int, float]:
    """Logins and seconds of CPU since the last call."""
    now = serving.stats()
    before, serving.last = serving.last, now
    return int(now["logins"] - before.get("logins", 0)), float(now["cpu_s"] - before.get("cpu_s", 0.0))


def _row(name: str, stats: dict[str, Any], logins: int, *more: object) -> tuple[object, ...]:
    cpu_s = float(stats["cpu_s"])
    done = max(1, int(stats["hosts_ok"]))
    return (
        name,
        stats["hosts"],
        stats["hosts_ok"],
        logins,
        stats["wall_s"],
        stats.get("ok_s", ""),
        cpu_s,
        cpu_s / done * 1e3,
        stats["max_rss_mb"],
        *more,
    )


def _resident(config: Path, cycles: int) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.ssh_resident", str(config), str(cycles)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            stats = json.loads(line)
            print(f"resident: {stats['hosts_ok']} of {stats['hosts']} ok, {stats['wall_s']:.1f} s", file=sys.stderr)
            yield dict(stats)


def _write_family(folder: Path) -> None:
    """Cisco's family, cut down to the commands that the switches know; it hides the one that comes with the collector."""
    source, place = _FAMILIES / _FAMILY, folder / "plugins" / _FAMILY
    place.mkdir(parents=True)
    head, *commands = (source / "cli.toml").read_text(encoding="utf-8").split("\n[[command]]\n")
    kept = [text for text in commands if tomllib.loads(text)["run"] in COMMANDS]
    if len(kept) != len(COMMANDS):
        raise RuntimeError(f"{source / 'cli.toml'} has not all of {', '.join(COMMANDS)}")
    often = [f'\n[[command]]\nevery = "{INTERVAL_S}s"\n{text.replace(_SELDOM, "")}' for text in kept]
    (place / "cli.toml").write_text("".join([head, *often]), encoding="utf-8")
    for template in source.glob("*.textfsm"):
        copyfile(template, place / template.name)


_SELDOM = 'every = "5m"\n'


def _inventory_of(folder: Path, fleet: Fleet, serving: Serving, threads: int, *, family: str = _FAMILY) -> Path:
    folder.mkdir()
    login = f'user = "{USER}", password = "file:password"'
    password = folder / "password"
    password.touch(mode=0o600)
    password.write_text(PASSWORD, encoding="utf-8")
    _write_hosts(folder, [fleet.address(index) for index in range(fleet.count)])
    return _write_inventory(folder, threads, serving.known_hosts, login, serving.port, family)


def _write_hosts(folder: Path, addresses: list[str]) -> None:
    rows = "".join(f"host{index:05},{address}\n" for index, address in enumerate(addresses))
    (folder / "hosts.csv").write_text(f"name,address\n{rows}", encoding="utf-8")


def _write_inventory(folder: Path, threads: int, known_hosts: str, login: str, port: int, family: str) -> Path:
    intervals = ", ".join(f"{name} = {INTERVAL_S}" for name in ("device", "device_info", "interface", "cpu"))
    (folder / "known_hosts").write_text(known_hosts, encoding="utf-8")
    (folder / "hosts.toml").write_text(
        f"""
include = ["hosts.csv"]

[collector]
state_dir = "state"
known_hosts = "known_hosts"
interval_s = {INTERVAL_S}
intervals = {{ {intervals} }}
ssh_sessions = {threads}
ssh_keep = true
plugin_folders = ["../plugins"]

[store]
kind = "duckdb"
path = "bench.duckdb"

[credentials.bench]
ssh = {{ {login} }}

[sites.bench]
name = "Bench"
province = "Bench"

[defaults]
site = "bench"
role = "switch"
credentials = ["bench"]
ssh_port = {port}
ping = false
{f'family = "{family}"' if family else ""}
""",
        encoding="utf-8",
    )
    return folder / "hosts.toml"
