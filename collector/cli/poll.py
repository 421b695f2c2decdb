"""`collector poll`: one cycle, for cron."""

import asyncio
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, EXIT_LOCKED, EXIT_OK, EXIT_SPOOLED, App

if TYPE_CHECKING:
    from collector.runtime.cycle import Stats
    from collector.runtime.poll import Polled
    from inventory.model import Host, Inventory


@click.command()
@click.argument("select", nargs=-1)
@click.option(
    "--output",
    type=click.Choice(["store", "json", "line"]),
    default="store",
    show_default=True,
    help="Where points go: the store, or standard output as JSON lines or line protocol.",
)
@click.option("--all", "everything", is_flag=True, help="Poll every table, whether it is due or not.")
@click.option("--dry-run", is_flag=True, help="Ask the devices, but store nothing and remember nothing.")
@click.option(
    "--stats",
    "stats_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write figures of the cycle as JSON.",
)
@click.pass_obj
def poll(
    app: App, select: tuple[str, ...], output: str, everything: bool, dry_run: bool, stats_file: Path | None
) -> None:
    """Poll what is due once, for cron.

    SELECT names hosts: globs, role=, site=, district=, tag=, and !term to leave out. Quiet unless something is wrong.

    \b
    Exit codes: 0 all collected and stored, 1 some hosts failed or are partial, 2 usage or configuration,
    3 points wait in the spool for an unreachable store, 4 another poll is running.

    \b
    Examples:
      collector poll                             all hosts
      collector poll role=wan-router '!ls-*'     some of them
      collector poll r1 --output json --all      what would be stored of r1, on standard output
    """
    began = time.perf_counter()
    inventory = app.inventory()
    hosts = app.select(inventory, select)
    from collector.runtime.lease import HeldError
    from collector.runtime.state import StateError
    from collector.store.contract import StoreError

    try:
        stats = _cycle(app, inventory, hosts, output, everything, dry_run)
    except HeldError as error:
        app.fail(f"another poll is running: {error}", EXIT_LOCKED)
    except (StateError, StoreError) as error:
        app.fail(str(error))
    stats.measure_process(began)
    if stats_file:
        import msgspec

        stats_file.write_bytes(msgspec.json.format(msgspec.json.encode(stats)) + b"\n")
    sys.exit(_exit_code(stats))


def _cycle(
    app: App, inventory: "Inventory", hosts: "list[Host]", output: str, everything: bool, dry_run: bool
) -> "Stats":
    from collector.runtime.service import Delivering, poll_once

    delivering = Delivering.NOWHERE if dry_run else Delivering(output)
    show = Progress(len(hosts)) if sys.stderr.isatty() and app.verbosity >= 0 and output == "store" else None
    try:
        return asyncio.run(
            poll_once(inventory, hosts, delivering, everything=everything, on_host=show.step if show else None)
        )
    finally:
        if show:
            show.stop()


class Progress:
    """A bar on the terminal: hosts done, and how many of them are partial or down."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        self._troubled = {"partial": 0, "down": 0}
        self._bar = Bar(
            TextColumn("polling"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[trouble]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=total, trouble="")
        self._bar.start()

    def step(self, polled: "Polled") -> None:
        """One more host is done."""
        if polled.health.outcome in self._troubled:
            self._troubled[polled.health.outcome] += 1
        trouble = ", ".join(f"{count} {outcome}" for outcome, count in self._troubled.items() if count)
        self._bar.update(self._task, advance=1, trouble=trouble)

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()


def _exit_code(stats: "Stats") -> int:
    if stats.spooled:
        return EXIT_SPOOLED
    if stats.hosts_down or stats.hosts_partial or stats.rejected or stats.dropped:
        return EXIT_FAILED
    return EXIT_OK
