"""Fake devices with command lines, for commands that talk SSH."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import Served, serve_cli
from collector.transport.ssh.known_hosts import HostKey, KnownHosts
from tests.cli.place import Place

LOGIN = '[credentials.cli]\nssh = { user = "admin", password = "admin" }'


class Gear:
    """Fake devices by the names that hosts.toml has them under, and what is pinned of them."""

    def __init__(self, place: Place, served: Served, devices: Mapping[str, CliDevice]) -> None:
        self.place = place
        self.served = served
        self.devices = devices

    @property
    def file(self) -> Path:
        return self.place.state / "known_hosts"

    def pin(self) -> None:
        """Pin all keys."""
        self.file.parent.mkdir(exist_ok=True)
        self.file.write_text(self.served.known_hosts())

    def table(self, name: str, more: str = "") -> str:
        device = self.devices[name]
        port = self.served.port_of(device)
        return f'{{ address = "{device.address}", ssh_port = {port}, transport = "ssh", credentials = ["cli"]{more} }}'

    def key(self, name: str) -> HostKey:
        key = self.served.key_of(self.devices[name])
        return HostKey(key.get_algorithm(), key.public_data)

    def pinned(self, name: str) -> set[HostKey]:
        device = self.devices[name]
        return KnownHosts(self.file).of(device.address, self.served.port_of(device))

    def trust(self, *arguments: str, code: int = 0, **more: Any) -> str:
        """All that the command printed."""
        result = self.place.run("trust", *arguments, **more)
        assert result.exit_code == code, result.output
        return result.output

    def states(self, *arguments: str, code: int = 0) -> dict[str, dict]:  # type: ignore[type-arg]
        result = self.place.run("trust", *arguments, "--json")
        assert result.exit_code == code, result.output
        return {entry["host"]: entry for entry in map(json.loads, result.stdout.splitlines())}


@contextmanager
def gear(
    place: Place, devices: Mapping[str, CliDevice], jumps: Mapping[str, str] = {}, collector: str = ""
) -> Iterator[Gear]:
    """hosts.toml with these devices; `jumps` names the jump host of some."""
    with serve_cli(devices.values()) as served:
        it = Gear(place, served, devices)
        ways = {name: f', jump = "{jump}"' for name, jump in jumps.items()}
        place.write({name: it.table(name, ways.get(name, "")) for name in devices}, more=LOGIN, collector=collector)
        yield it


def router(number: int, **more: Any) -> CliDevice:
    return CliDevice(address=f"127.44.0.{number}", name=f"r{number}", **more)
