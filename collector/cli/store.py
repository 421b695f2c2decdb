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
      17 3 * * *  collector store compact     in a crontab
    """
    began = time.monotonic()
    with _told(app):
        done = _duckdb(app).compact(time.time_ns())
    click.echo(
        f"{done.days} days of measurements rolled up, {done.dropped:,} old rows dropped, {time.monotonic() - began:.1f} s"
    )


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
