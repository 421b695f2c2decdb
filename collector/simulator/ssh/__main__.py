"""`python -m collector.simulator.ssh FILE`: a farm in a process of its own.

FILE is TOML or JSON: `devices`, a list of tables with the keys of `CliDevice`, and `count` and `{n}` for many of a kind:

    [[devices]]
    address = "127.9.0.1"      # and the addresses behind it
    count = 500
    name = "R{n}"
    platform = "cisco_ios"
    answers = { "show version" = "..." }
    faults = { command_s = 0.2 }

When all listen, `{"port": N}` is printed. Every line on standard input is answered with the farm's totals and the CPU time of the
process, as JSON; the end of the input ends the farm.
"""

import argparse
import asyncio
import ipaddress
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.farm import SshFarm


def load_devices(data: bytes, name: str) -> list[CliDevice]:
    """The devices of a file's text, TOML unless `name` ends in `.json`.

    Raises:
        ValueError: it is none, or has keys or values that no device has.
    """
    content: Any = msgspec.json.decode(data) if name.endswith(".json") else msgspec.toml.decode(data)
    if not isinstance(content, dict) or content.keys() != {"devices"} or not isinstance(content["devices"], list):
        raise ValueError(f"{name}: a list of devices is wanted and nothing else")
    return [
        device
        for number, entry in enumerate(content["devices"], 1)
        for device in _expanded(entry, f"{name}: device {number}")
    ]


def _expanded(entry: Any, where: str) -> Iterator[CliDevice]:
    """The `count` devices that a table describes."""
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: a table is wanted")
    count = entry.get("count", 1)
    if not isinstance(count, int):
        raise ValueError(f"{where}: count = {count!r} is no whole number")
    unknown = entry.keys() - set(CliDevice.__dataclass_fields__) - {"count"}
    if unknown:
        raise ValueError(f"{where}: unknown keys {', '.join(sorted(unknown))}")
    first = ipaddress.ip_address(entry.get("address", "127.0.0.1"))
    for at in range(count):
        fields = {key: value for key, value in entry.items() if key != "count"}
        name = str(entry.get("name", "R{n}")).replace("{n}", str(at + 1))
        try:
            yield msgspec.convert(fields | {"address": str(first + at), "name": name}, CliDevice)
        except msgspec.ValidationError as error:
            raise ValueError(f"{where}: {error}") from None


async def _serve(farm: SshFarm) -> None:
    async with farm:
        _say({"port": farm.port})
        while await asyncio.to_thread(sys.stdin.readline):
            used = resource.getrusage(resource.RUSAGE_SELF)
            cpu_s = used.ru_utime + used.ru_stime
            _say(asdict(farm.stats) | {"cpu_s": round(cpu_s, 3), "peak_kib": used.ru_maxrss})


def _say(what: object) -> None:
    sys.stdout.write(msgspec.json.encode(what).decode() + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run the farm that the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="python -m collector.simulator.ssh", description="Serve CLI devices over SSH."
    )
    parser.add_argument("file", type=Path, help="TOML or JSON with the devices")
    parser.add_argument("--port", type=int, default=0, help="TCP port of all devices [a free one]")
    parser.add_argument("--rtt-s", type=float, default=0.0, help="round trip in seconds [0]")
    parser.add_argument("--own-keys", action="store_true", help="a host key a device, not one for all")
    wanted = parser.parse_args()
    devices = load_devices(wanted.file.read_bytes(), wanted.file.name)
    asyncio.run(_serve(SshFarm(devices, port=wanted.port, rtt_s=wanted.rtt_s, share_keys=not wanted.own_keys)))


if __name__ == "__main__":
    main()
