"""A world whose devices speak SSH too: fake command lines, their keys pinned, and a family of their own."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from collector.plugin.registry import Registry, _folder_of
from collector.runtime.logins import RefusedLogins
from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import Served, serve_cli
from collector.transport.ssh.pool import SshPool
from inventory.model import Credential, Host, Secret, SshLogin
from tests.runtime.world import Clock, World

FAMILY = "acme/box"
VERSION, SERIAL, INTERFACES, PEERS, RARE = (
    "show version",
    "show serial",
    "show interfaces",
    "show bgp summary",
    "show platform",
)
_CLI = """
description = "Boxes of the tests"
platform = "cisco_ios"
setup = ["terminal width 511", "terminal length 0"]
errors = ['^% Invalid']
{more}

[[match]]
command = "show version"
output = 'AcmeOS'

[facts]
vendor = "Acme"

[[command]]
run = "show version"
every = "1h"
[[command.table]]
measurement = "device_info"
template = "version.textfsm"

[[command]]
run = "show serial"
every = "1h"
[[command.table]]
measurement = "device_info"
template = "serial.textfsm"

[[command]]
run = "show interfaces"
[[command.table]]
measurement = "interface"
template = "interfaces.textfsm"
tags.name = "{{name}}"

[[command]]
run = "show bgp summary"
[[command.table]]
measurement = "routing_peer"
template = "peers.textfsm"
tags.name = "{{peer}}"
tags.protocol = "bgp"

[[command]]
run = ["show platform", "show hardware"]
[[command.table]]
measurement = "component"
template = "platform.textfsm"
tags.name = "chassis"
"""
_TEMPLATES = {
    "version": "Value os_version (\\S+)\n\nStart\n  ^AcmeOS ${os_version} -> Record\n",
    "interfaces": "Value name (\\S+)\nValue oper_status (\\w+)\nValue in_octets (\\d+)\nValue out_octets (\\d+)\n\n"
    "Start\n  ^${name} is ${oper_status}, in ${in_octets}, out ${out_octets} -> Record\n",
    "peers": "Value peer (\\S+)\nValue state (\\w+)\n\nStart\n  ^${peer} ${state} -> Record\n",
    "serial": "Value serial (\\S+)\n\nStart\n  ^serial ${serial} -> Record\n",
    "platform": "Value serial (\\S+)\n\nStart\n  ^serial ${serial} -> Record\n",
}


def write_family(folder: Path, more: str = "") -> Registry:
    """The families that there are, and `acme/box`."""
    place = folder / "plugins" / FAMILY
    place.mkdir(parents=True, exist_ok=True)
    (place / "cli.toml").write_text(_CLI.format(more=more))
    for name, text in _TEMPLATES.items():
        (place / f"{name}.textfsm").write_text(text)
    return Registry([folder / "plugins", _folder_of("plugins")])


def login(name: str = "admin", *, wrong: bool = False) -> Credential:
    return Credential(name=name, ssh=SshLogin(user="admin", password=Secret("wrong" if wrong else "admin")))


def answers(clock: Clock, ports: Mapping[str, int]) -> dict[str, str]:
    """What a box prints; `ports` by their octets, both ways."""
    lines = [f"{name} is up, in {octets}, out {octets}" for name, octets in ports.items()]
    return {
        VERSION: "AcmeOS 1.2\n",
        SERIAL: "serial S1\n",
        INTERFACES: "\n".join(lines) + "\n",
        PEERS: "192.0.2.1 established\n192.0.2.2 idle\n",
    }


class SshWorld(World):
    """Add command lines by `add_cli` before the first poll."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder, clock)
        self.lines: list[CliDevice] = []
        self.keep_sessions = False
        self._folder_of_all = folder
        self._serving: Any = None
        self._served: Served | None = None
        self._pool: SshPool | None = None
        self.hosts: dict[str, Host] = {}
        self.configure(registry=write_family(folder))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._serving:
            self.restart()
            self._serving.__exit__(None, None, None)
        super().__exit__(kind, error, trace)

    def restart(self) -> None:
        super().restart()
        if self._pool:
            self._pool.close()
        self._pool = None

    def add_cli(self, **more: Any) -> CliDevice:
        """One more command line."""
        settings: dict[str, Any] = {
            "address": f"127.4.0.{len(self.lines) + 1}",
            "answers": answers(self.clock, {"Gi0/1": 1000}),
        }
        device = CliDevice(**(settings | more))
        self.lines.append(device)
        return device

    @property
    def served(self) -> Served:
        """The farm of command lines; runs from the first use on, and its keys are pinned."""
        if self._served is None:
            self._serving = serve_cli(self.lines, share_keys=True)
            self._served = self._serving.__enter__()
            self.known_hosts.parent.mkdir(parents=True, exist_ok=True)
            self.known_hosts.write_text(self._served.known_hosts())
        return self._served

    @property
    def known_hosts(self) -> Path:
        return self._folder_of_all / "known_hosts"

    def cli_host(self, device: CliDevice, **more: Any) -> Host:
        """The device as the inventory has it."""
        settings: dict[str, Any] = {
            "credentials": (login(),),
            "ping": False,
            "name": device.address,
            "address": device.address,
        }
        host = Host(**(settings | {"ssh_port": self.served.port_of(device)} | more))
        self.hosts[host.name] = host
        return host

    def ssh_pool(self) -> SshPool:
        if self._pool is None:
            logins = RefusedLogins(self.state, self.clock)
            self._pool = SshPool(self.hosts, self.known_hosts, logins, threads=4, keep_sessions=self.keep_sessions)
        return self._pool
