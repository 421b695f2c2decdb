"""`collector demo`: a simulated province beside this machine, polled and shown."""

import asyncio
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, App

if TYPE_CHECKING:
    from inventory.model import Inventory

_END_WITHIN_S = 5.0


@click.command()
@click.argument("directory", default="demo", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--cycles", type=click.IntRange(1, 1000), default=3, show_default=True, help="How often to poll; rates need two."
)
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=1161,
    show_default=True,
    help="UDP port of the devices, and TCP port of their command lines, if free.",
)
@click.option(
    "--history/--no-history",
    default=True,
    show_default=True,
    help="Whether a new store first gets what polls of the five weeks before would have left.",
)
@click.option("--keep-running", is_flag=True, help="Go on answering for the province, until interrupted.")
@click.pass_obj
def demo(app: App, directory: Path, cycles: int, port: int, history: bool, keep_running: bool) -> None:
    """Poll this machine and a simulated province.

    Writes an inventory to DIRECTORY (./demo), answers for its 60 devices on addresses of 127.0.0.0/8, polls them and this
    machine into DIRECTORY/demo.duckdb, and reports what there is to see: a saturated line, a UPS on battery, an open ring,
    a host that is down, a disk that fills. So that reports have a past to tell of, five weeks of the province are computed and
    stored first. All reports are written as pages to DIRECTORY/reports. Three of the devices answer no SNMP and are asked by SSH. Nothing leaves this machine.

    \b
    Examples:
      collector demo
      collector demo --keep-running        then, in another terminal: collector --config demo/hosts.toml probe wan-binh-gia
    """
    if (directory / "hosts.toml").exists() and not (directory / "province.json").exists():
        app.fail(f"{directory}: holds an inventory that is not the demo's; name another directory")
    from collector.cli.report_run import every
    from collector.simulator.province.files import write_province

    try:
        app.config = write_province(directory, _free_port(port), ssh_port=_free_port(port, socket.SOCK_STREAM))
    except OSError as error:
        app.fail(f"{directory}: {error.strerror}")
    inventory = app.inventory()
    app.console.print(f"{len(inventory.hosts)} hosts in {app.config}", style="bold")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the province is ended, too
    if history:
        _write_history(app, inventory, directory)
    with _province(app, directory) as farm:
        _poll(app, inventory, cycles)
        app.console.print()
        every(app, output=str(directory / "reports"), shown="summary")
        app.console.print(_what_next(app.config, directory))
        if keep_running:
            app.console.print("\nThe province goes on answering. Ctrl-C ends it.", style="bold")
            try:
                farm.wait()
            except KeyboardInterrupt:
                app.console.print()


def _write_history(app: App, inventory: "Inventory", directory: Path) -> None:
    """The weeks before, unless the store holds some already: their incidents were placed about another time."""
    from collector.simulator.province.files import load_province
    from collector.simulator.province.history import DAYS, past_points
    from collector.store.contract import StoreError
    from collector.store.open import open_store

    store = open_store(inventory.store)
    began_s, stored = time.time(), 0
    try:
        if any(store.info().measurements.values()):
            app.console.print("the store has a past already: no history is added")
            return
        with app.console.status(f"the {DAYS} days before"):
            for points in past_points(inventory, *load_province(directory)):
                stored += store.write(points).written
    except StoreError as error:
        app.fail(str(error), EXIT_FAILED)
    finally:
        store.close()
    app.console.print(f"the {DAYS} days before: {stored:,} points, {time.time() - began_s:.1f} s")


def _free_port(wanted: int, kind: socket.SocketKind = socket.SOCK_DGRAM) -> int:
    """`wanted`, or a free port if somebody has it."""
    with socket.socket(socket.AF_INET, kind) as probe:
        try:
            probe.bind(("0.0.0.0", wanted))  # noqa: S104 - as the farm will, see there
        except OSError:
            probe.bind(("0.0.0.0", 0))  # noqa: S104
        return int(probe.getsockname()[1])


@contextmanager
def _province(app: App, directory: Path) -> "Iterator[subprocess.Popen[str]]":
    """The farm in a process of its own, so that it costs the poller no time."""
    command = [sys.executable, "-m", "collector.cli.main", "simulate", str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as farm:  # noqa: S603 - our own program
        try:
            if not farm.stdout or not farm.stdout.readline().startswith("ready"):
                app.fail("the simulated devices did not start", EXIT_FAILED)
            yield farm
        finally:
            farm.terminate()
            try:
                farm.communicate(timeout=_END_WITHIN_S)
            except subprocess.TimeoutExpired:
                farm.kill()


def _poll(app: App, inventory: "Inventory", cycles: int) -> None:
    """Poll all hosts `cycles` times, each in an interval of its own."""
    from collector.runtime.schedule import aligned
    from collector.runtime.service import Delivering, poll_once
    from collector.runtime.state import StateError
    from collector.store.contract import StoreError

    interval_s = inventory.settings.interval_s
    hosts = list(inventory.hosts.values())
    for number in range(1, cycles + 1):
        began_s = time.time()
        with app.console.status(f"cycle {number} of {cycles}"):
            try:
                stats = asyncio.run(poll_once(inventory, hosts, Delivering.STORE))
            except (StateError, StoreError) as error:
                app.fail(str(error), EXIT_FAILED)
            took_s = time.time() - began_s
            app.console.print(
                f"cycle {number} of {cycles}: {stats.hosts_ok} hosts ok, {stats.hosts_partial} partial, {stats.hosts_down} down;"
                f" {stats.points:,} points of {stats.varbinds:,} values, {took_s:.1f} s"
            )
            if number < cycles:
                time.sleep(max(0.0, aligned(began_s, interval_s) + interval_s - time.time()))


def _what_next(config: Path, directory: Path) -> str:
    command = f"collector --config {config}"
    return f"""
All reports: {(directory / "reports" / "index.html").resolve()}
Look around:
  {command} report capacity links
  {command} show wan-binh-gia
  {command} hosts role=bts-uplink
and while `collector simulate {directory}` answers for the province again:
  {command} probe ups-dc-1"""
