"""`collector store`: look after the store."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, App, printable
from collector.cli.units import octets

if TYPE_CHECKING:
    from collector.store.contract import StoreInfo
    from collector.store.duck import DuckStore
    from collector.store.influx_setup import Step
    from inventory.model import InfluxStore

WAIT_S = 600.0
"""how long these commands wait for others: a person started them, and pollers hold the file for a second at a time"""


@click.group()
def store() -> None:
    """Look after the store: what is in it, backups, old samples.

    \b
    Examples:
      collector store info
      collector store backup /backup/collector-$(date +%F).duckdb
      collector store compact                 nightly, from cron
    """


@store.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def info(app: App, as_json: bool) -> None:
    """Show what the store holds.

    \b
    Examples:
      collector store info
      collector store info --json
    """
    from collector.store.open import open_store

    with _told(app):
        opened = open_store(app.inventory().store, wait_s=WAIT_S)
        try:
            found = opened.info()
        finally:
            opened.close()
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(found))
        return
    _show(app, found)


def _show(app: App, info: "StoreInfo") -> None:
    from rich.table import Table

    app.console.print(f"{info.kind}  {printable(info.target)}", style="bold")
    for label, text in info.details:
        app.console.print(f"{label:<16}{printable(text)}")
    if not info.measurements:
        return
    table = Table("measurement", box=None, pad_edge=False)
    table.add_column("points", justify="right")
    for name, points in info.measurements.items():
        table.add_row(name, f"{points:,}")
    app.console.print()
    app.console.print(table)


@store.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def backup(app: App, file: Path) -> None:
    """Copy the DuckDB file to FILE, which must not exist yet.

    Pollers may go on: the copy is of one moment, and they wait, or spool, while it is taken.

    \b
    Examples:
      collector store backup /backup/collector-$(date +%F).duckdb
    """
    with _told(app):
        size = _duckdb(app).backup(file)
    click.echo(f"{octets(size)} to {file}")


@store.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_obj
def restore(app: App, file: Path, yes: bool) -> None:
    """Put FILE, a backup, in the place of the DuckDB file.

    What is there now stays beside it, with .before-restore behind its name.

    \b
    Examples:
      collector store restore /backup/collector-2026-01-31.duckdb
    """
    opened = _duckdb(app)
    if not yes:
        click.confirm(f"Replace {opened.path} by {file}?", abort=True)
    with _told(app):
        opened.restore(file)
    click.echo(f"{opened.path} is now {file}")


@store.command()
@click.pass_obj
def compact(app: App) -> None:
    """Roll finished days up to hours and days, and drop what is older than [store] keeps.

    Done again it finds nothing to do; broken off, it goes on where it was. Pollers get in between.

    \b
    Examples:
      collector store compact
      17 3 * * *  collector store compact --quiet     in a crontab
    """
    began = time.monotonic()
    with _told(app):
        done = _duckdb(app).compact(time.time_ns())
    if app.verbosity >= 0:
        took_s = time.monotonic() - began
        click.echo(f"{done.days} days of measurements rolled up, {done.dropped:,} old rows dropped, {took_s:.1f} s")


@store.command()
@click.option("--print", "only_print", is_flag=True, help="Show every statement, contact nobody.")
@click.option("--backfill", is_flag=True, help="Make the rollups of the samples that are there already, too.")
@click.option("--yes", is_flag=True, help="Don't ask before old samples are dropped.")
@click.pass_obj
def setup(app: App, only_print: bool, backfill: bool, yes: bool) -> None:
    """Make the store's server keep samples for raw_days of [store], rollups for hourly_days and daily_days.

    InfluxDB 1.x gets a database, retention policies and continuous queries; 2.x buckets and tasks. Done again, it leaves
    things as they are. A DuckDB file needs none of it: `store compact` does that.

    \b
    Examples:
      collector store setup --print       what would be done
      collector store setup --backfill    on a server that has samples already
    """
    from inventory.model import DuckdbStore, InfluxStore

    config = app.inventory().store
    if isinstance(config, DuckdbStore):
        click.echo(f"{config.path}: nothing to set up; `collector store compact` rolls up and drops, nightly from cron")
        return
    if not isinstance(config, InfluxStore):
        app.fail("a store that only prints keeps nothing, so there is nothing to set up")
    if config.raw_days is None:
        app.fail("raw_days is not set in [store]: samples are kept for ever, so there is nothing to set up")
    _set_up_influxdb(app, config, only_print, backfill, yes)


def _set_up_influxdb(app: App, config: "InfluxStore", only_print: bool, backfill: bool, yes: bool) -> None:
    from collector.store.influx import InfluxdbStore

    def say(step: "Step") -> None:
        click.echo(f"-- {step.purpose}\n{step.statement}\n")

    opened = InfluxdbStore(config)
    if only_print:
        for step in (*opened.setup_steps(), opened.retention_step()):
            say(step)
        return
    with _told(app):
        try:
            version = opened.version()
            if version.startswith("3"):
                app.fail(
                    f"InfluxDB {version} makes no rollups of its own. Set the retention when the database is made "
                    f"(influxdb3 create database --retention-period {config.daily_days}d NAME), and leave raw_days out of [store]"
                )
            opened.set_up(say)
            if backfill:
                opened.roll_up(say)
            say(opened.retention_step())
            if not yes:
                click.confirm(f"Drop samples older than {config.raw_days} days from now on?", abort=True)
            opened.forget(lambda _: None)
        finally:
            opened.close()


def _duckdb(app: App) -> "DuckStore":
    from collector.store.duck import DuckStore
    from inventory.model import DuckdbStore

    config = app.inventory().store
    if not isinstance(config, DuckdbStore):
        app.fail("only a DuckDB store is looked after here; InfluxDB has backups and retention of its own")
    return DuckStore(config, wait_s=WAIT_S)


@contextmanager
def _told(app: App) -> Iterator[None]:
    from collector.store.contract import StoreError

    try:
        yield
    except StoreError as error:
        app.fail(f"{error}\n{error.hint}".rstrip(), EXIT_FAILED)
