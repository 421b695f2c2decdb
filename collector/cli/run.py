"""`collector run`: poll for ever, in place of cron."""

import asyncio
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_LOCKED, App

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inventory.model import Host, Inventory


@click.command()
@click.argument("select", nargs=-1)
@click.pass_obj
def run(app: App, select: tuple[str, ...]) -> None:
    """Poll for ever, in place of cron.

    One cycle every `interval_s`, the hosts spread over the first half of it, each always at the same moment. SIGHUP
    reads the inventory again (a faulty one is reported and the old one stays); SIGTERM and SIGINT end it after the hosts
    that are being polled.

    \b
    Example:
      collector run --log-json          under systemd: see deploy/collector.service
    """
    from collector.runtime.lease import HeldError
    from collector.runtime.resident import run_resident
    from collector.runtime.state import StateError
    from collector.store.contract import StoreError
    from inventory.load import InventoryError, load
    from inventory.select import SelectionError
    from inventory.select import select as select_hosts

    def reload() -> "tuple[Inventory, Sequence[Host]]":
        fresh = load(path)
        return fresh, select_hosts(fresh, select)

    path = app.config_path()  # for good: while a file is being replaced it is none of the usual ones
    inventory = app.inventory()
    hosts = app.select(inventory, select)
    try:
        asyncio.run(run_resident(inventory, hosts, reload, (InventoryError, SelectionError)))
    except HeldError as error:
        app.fail(f"another poll is running: {error}", EXIT_LOCKED)
    except (StateError, StoreError) as error:
        app.fail(str(error))
