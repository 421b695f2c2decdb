"""`collector spool`: points that wait for an unreachable store."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, EXIT_SPOOLED, App
from collector.cli.units import duration, octets

if TYPE_CHECKING:
    from collector.store.spool import SpoolStatus
    from inventory.model import Settings


@click.group()
def spool() -> None:
    """Look after points that wait for an unreachable store.

    Every poll brings them to the store as soon as it is back; nobody has to.

    \b
    Examples:
      collector spool status
      collector spool flush --wait 60
    """


@spool.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def status(app: App, as_json: bool) -> None:
    """Show what waits, and what was lost.

    \b
    Exit codes: 0 nothing waits, 3 points wait.

    \b
    Examples:
      collector spool status
      collector spool status --json
    """
    from collector.runtime.service import open_spool
    from collector.store.contract import StoreError

    settings = app.inventory().settings
    waiting = open_spool(settings)
    try:
        found = waiting.status()
    except StoreError as error:
        app.fail(f"{error}\n{error.hint}".rstrip(), EXIT_FAILED)
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(found))
    else:
        _show(app, found, settings, waiting.path)
    if found.points:
        raise SystemExit(EXIT_SPOOLED)


def _show(app: App, found: "SpoolStatus", settings: "Settings", path: Path) -> None:
    now_s = time.time()
    rows = [("folder", str(path)), ("waiting", f"{found.points:,} points")]
    if found.points:
        share = 100 * found.bytes / settings.spool_max_bytes
        rows.append(("size", f"{octets(found.bytes)} of {octets(settings.spool_max_bytes)} ({share:.0f}%)"))
        if found.oldest_s is not None and found.newest_s is not None:
            rows.append(("oldest", f"{duration(max(0.0, now_s - found.oldest_s))} ago"))
            rows.append(("newest", f"{duration(max(0.0, now_s - found.newest_s))} ago"))
    rows.append(("dropped", f"{found.dropped:,} points, by the caps on size and age"))
    rows.append(("damaged", f"{octets(found.damaged)} that could not be read back"))
    rows.append(("rejected", f"{found.dead_letters:,} points, in {path / 'dead-letter'}"))
    for label, text in rows:
        app.console.print(f"{label:<10}{text}", soft_wrap=True)


@spool.command()
@click.option(
    "--wait",
    "patience_s",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="Ask an unreachable store again for so long.",
)
@click.pass_obj
def flush(app: App, patience_s: float) -> None:
    """Bring what waits to the store, oldest first.

    \b
    Exit codes: 0 nothing waits any more, 1 the store rejected points, 3 points still wait.

    \b
    Examples:
      collector spool flush
      collector spool flush --wait 600        while the store is being repaired
    """
    from collector.runtime.service import open_spool
    from collector.store.contract import StoreError
    from collector.store.delivery import Delivery
    from collector.store.open import open_store

    inventory = app.inventory()
    try:
        delivery = Delivery(open_store(inventory.store), open_spool(inventory.settings))
        try:
            finished = delivery.flush(patience_s)
        finally:
            delivery.close()
    except StoreError as error:
        app.fail(f"{error}\n{error.hint}".rstrip(), EXIT_SPOOLED)
    counts = delivery.counts
    click.echo(f"{counts.replayed:,} points stored, {counts.rejected:,} rejected")
    if not finished:
        app.fail("another process is bringing them to the store right now", EXIT_SPOOLED)
    if counts.rejected:
        raise SystemExit(EXIT_FAILED)
