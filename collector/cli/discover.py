"""`collector discover`: find SNMP devices, see what changed, add them to hosts.toml."""

import asyncio
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, EXIT_OK, App, printable

if TYPE_CHECKING:
    from collector.runtime.discover import Found
    from inventory.model import Credential, Host, Inventory

NETWORK = re.compile(r"[\da-fA-F.:]+/\d+")


@click.command()
@click.argument("where", nargs=-1)
@click.option(
    "--credential",
    "names",
    multiple=True,
    metavar="NAME",
    help="Try only this of the inventory's credentials (repeatable, in order).",
)
@click.option("--port", type=click.IntRange(1, 65535), default=161, show_default=True, help="SNMP port of new devices.")
@click.option("--add", is_flag=True, help="Write new devices to hosts.toml.")
@click.option("--site", metavar="ID", help="Site of the devices that are added.")
@click.option("--role", metavar="ROLE", help="Role of the devices that are added.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a device.")
@click.pass_obj
def discover(
    app: App,
    where: tuple[str, ...],
    names: tuple[str, ...],
    port: int,
    add: bool,
    site: str | None,
    role: str | None,
    as_json: bool,
) -> None:
    """Find SNMP devices and add them to hosts.toml.

    WHERE is a network (10.1.0.0/24, at most a /16) or a selection of known hosts, as for poll. Every address is tried with
    the inventory's credentials, one after the other, never more than four.

    \b
    Examples:
      collector discover 10.1.0.0/24                       what is there?
      collector discover 10.1.0.0/24 --add --site LS-01    add what is new
      collector discover role=switch                       has anything changed?
    """
    inventory = app.inventory()
    networks = [term for term in where if NETWORK.fullmatch(term)]
    terms = [term for term in where if term not in networks]
    credentials = _credentials(app, inventory, names)
    from collector.runtime.discover import candidates

    try:
        hosts = candidates(inventory, networks, credentials, port) if networks else []
    except ValueError as error:
        app.fail(str(error))
    if terms or not networks:
        hosts += [host for host in app.select(inventory, terms) if not host.is_local and host not in hosts]
    found = _run(app, inventory, hosts)
    if as_json:
        import msgspec

        for item in found:
            click.echo(msgspec.json.encode(item))
    else:
        _show(app, found, len(hosts))
    if add:
        _add(app, found, port, site, role)
    sys.exit(EXIT_FAILED if any(item.status in ("failed", "silent") for item in found) else EXIT_OK)


def _credentials(app: App, inventory: "Inventory", names: tuple[str, ...]) -> "list[Credential]":
    if unknown := [name for name in names if name not in inventory.credentials]:
        app.fail(
            f"--credential: found {', '.join(unknown)}, allowed: {', '.join(inventory.credentials) or 'none, as there are none'}"
        )
    return [inventory.credentials[name] for name in names] or [
        each for each in inventory.credentials.values() if each.snmp
    ]


def _run(app: App, inventory: "Inventory", hosts: "list[Host]") -> "list[Found]":
    from collector.runtime.discover import discover as discover_hosts
    from collector.runtime.engine import access
    from collector.runtime.state import StateDir, StateError

    settings = inventory.settings
    try:
        state = StateDir(Path(settings.state_dir))
    except StateError as error:
        app.fail(str(error))
    return asyncio.run(
        discover_hosts(
            hosts, inventory, app.registry(), state, access(settings), at_once=settings.concurrency, clock=time.time
        )
    )


def _show(app: App, found: "list[Found]", asked: int) -> None:
    from rich.table import Table

    table = Table(
        "status", "name", "address", "family", "model", "version", "serial", "interfaces", box=None, header_style="bold"
    )
    styles = {"new": "green", "changed": "yellow", "silent": "red", "failed": "red"}
    for item in found:
        facts = item.facts
        cells = (
            item.status,
            item.name,
            item.address,
            item.family,
            facts.get("model"),
            facts.get("os_version"),
            facts.get("serial"),
        )
        interfaces = str(item.rows.get("interface", "")) or item.error
        table.add_row(*(printable(cell or "") for cell in (*cells, interfaces)), style=styles.get(item.status))
    app.console.print(table)
    for item in found:
        for what, before, now in item.changes:
            app.console.print(printable(f"{item.name}: {what} was {before or 'empty'}, is {now or 'empty'}"))
    answered = sum(1 for item in found if item.status in ("new", "known", "changed"))
    app.console.print(
        f"{answered} of {asked} addresses speak SNMP, {sum(1 for item in found if item.status == 'new')} of them new"
    )


def _add(app: App, found: "list[Found]", port: int, site: str | None, role: str | None) -> None:
    from inventory.edit import EditError, add_hosts
    from inventory.load import InventoryError

    new: dict[str, dict[str, object]] = {}
    for item in found:
        if item.status == "new":
            keys: dict[str, object] = {"address": item.address, "credentials": [item.credential]}
            keys |= {"snmp_port": port} if port != 161 else {}
            keys |= {"site": site} if site else {}
            keys |= {"role": role} if role else {}
            new[item.name] = keys
    if not new:
        return
    try:
        add_hosts(app.config_path(), new)
    except (EditError, InventoryError) as error:
        app.fail(str(error))
    click.echo(f"{app.config_path()}: {len(new)} hosts added", err=True)
