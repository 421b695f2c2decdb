"""`collector simulate`: SNMP agents to try things on."""

import asyncio
import ipaddress
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collector.simulator.agent import Device
    from collector.simulator.farm import Farm
    from collector.simulator.faults import Faults
    from collector.simulator.ssh.farm import SshFarm
    from collector.simulator.tree import Tree


@click.command()
@click.argument("directory", required=False, type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--count", type=click.IntRange(1, 1 << 20), default=1, show_default=True, help="Number of devices.")
@click.option("--base", default="127.1.0.1", show_default=True, help="Address of the first; the next ones follow.")
@click.option(
    "--recording",
    "recordings",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="What the devices replay, in turn (.snmprec or snmpwalk -On, .bz2 or .gz too); else switches of 24 ports.",
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=1161, show_default=True, help="UDP port; 0: a free one."
)
@click.option("--community", default="public", show_default=True)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="[FIRST-LAST:]FAULTS",
    help="What is wrong with devices FIRST to LAST (from 0), e.g. 0-9:delay_s=0.2,duplicate or dead.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides which packets `drop` loses.")
def simulate(
    directory: Path | None,
    count: int,
    base: str,
    recordings: tuple[Path, ...],
    port: int,
    community: str,
    faults: tuple[str, ...],
    seed: int,
) -> None:
    """Serve simulated SNMP devices (v1, v2c) until interrupted.

    DIRECTORY is one that `collector demo` made: its province is served, on the ports that its hosts.toml names.
    Prints `ready PORT` once it answers, and totals as JSON at its end.

    \b
    Examples:
      collector simulate --count 100
      collector simulate --recording switch.snmprec --count 20 --fault 0-4:drop=0.3
      collector simulate demo
    """
    from collector.simulator.farm import Farm

    try:
        if directory:
            from collector.simulator.province.files import load_farm

            farm, command_lines = load_farm(directory)
        else:
            devices = _devices(base, count, recordings, community, faults)
            farm, command_lines = Farm(devices, port=port, seed=seed), None
    except (OSError, ValueError) as error:
        raise click.UsageError(str(error)) from None
    asyncio.run(_serve(farm, command_lines))


def _devices(
    base: str, count: int, recordings: tuple[Path, ...], community: str, faults: tuple[str, ...]
) -> "list[Device]":
    from dataclasses import replace

    from collector.simulator.agent import Device
    from collector.simulator.devices.models import plain_switch

    trees = [_tree_of(path) for path in recordings] or [plain_switch()]
    first = ipaddress.IPv4Address(base)
    devices = [
        Device(str(first + index), trees[index % len(trees)], index, community.encode()) for index in range(count)
    ]
    for text in faults:
        start, stop, fault = _parse_fault(text, count)
        for index in range(start, stop):
            devices[index] = replace(devices[index], faults=fault)
    return devices


def _tree_of(path: Path) -> "Tree":
    from collector.simulator.tree import make_tree
    from collector.smi.recording import read

    recording = read(path)
    for problem in recording.problems:
        click.echo(f"{path}: {problem}", err=True)
    return make_tree(recording.varbinds)


def _parse_fault(text: str, count: int) -> "tuple[int, int, Faults]":
    """Of `0-9:drop=0.1`: first device, the one behind the last, faults. Without a range all `count` devices.

    Raises:
        ValueError: not that form, or no such devices.
    """
    from collector.simulator.faults import parse_faults

    where, colon, what = text.rpartition(":")
    if not colon:
        return 0, count, parse_faults(what)
    first, dash, last = where.partition("-")
    try:
        start = int(first)
        stop = int(last if dash else first) + 1
    except ValueError:
        raise ValueError(f"--fault {text!r}: {where!r} is no range of devices such as 0-9") from None
    if not 0 <= start < stop <= count:
        raise ValueError(f"--fault {text!r}: the devices are 0 to {count - 1}")
    return start, stop, parse_faults(what)


async def _serve(farm: "Farm", command_lines: "SshFarm | None") -> None:
    import json
    from dataclasses import asdict

    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    try:
        await farm.start()
    except OSError as error:
        raise click.ClickException(f"UDP port {farm.port}: {error.strerror}") from None
    if command_lines:
        try:
            await command_lines.start()
        except OSError as error:
            raise click.ClickException(f"TCP port {command_lines.port}: {error.strerror}") from None
    click.echo(f"ready {farm.port}")
    await ended.wait()
    farm.stop()
    if command_lines:
        await command_lines.stop()
    click.echo(json.dumps(asdict(farm.stats)))
