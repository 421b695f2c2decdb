"""`collector discover`: find SNMP devices, see what changed, add them to hosts.toml."""

import asyncio
import re
import sys
import time
from collections import Counter
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
    help="Try only this of the inventory's SNMP credentials on a network (repeatable, in order).",
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

    WHERE is a network (10.1.0.0/24, at most a /16) or a selection of known hosts, as for poll. Every address of a network is
    tried with the inventory's SNMP credentials, one after the other, never more than four; by SSH nobody logs in there.
    Known hosts are asked with their own credentials: by SNMP, and where that does not get through or is not to be used by
    SSH, if their keys are pinned (collector trust).

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
    if networks and not credentials:
        app.fail("no credential of the inventory has an SNMP side to try on a network")
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
    with_snmp = [name for name, each in inventory.credentials.items() if each.snmp]
    if unknown := [name for name in names if name not in with_snmp]:
        app.fail(
            f"--credential: found {', '.join(unknown)}, allowed: {', '.join(with_snmp) or 'none, as none has an SNMP side'}"
        )
    return [inventory.credentials[name] for name in names or with_snmp]


def _run(app: App, inventory: "Inventory", hosts: "list[Host]") -> "list[Found]":
    from collector.runtime import discover as discovery
    from collector.runtime.engine import SshPools, access
    from collector.runtime.state import StateDir, StateError

    try:
        state = StateDir(Path(inventory.settings.state_dir))
    except StateError as error:
        app.fail(str(error))

    async def run() -> "list[Found]":
        pools = SshPools(inventory, state)
        try:
            return await discovery.discover(
                hosts,
                discovery.Discovery(
                    inventory=inventory,
                    registry=app.registry(),
                    state=state,
                    access=access(inventory.settings),
                    ssh=pools.pool,
                    clock=time.time,
                ),
            )
        finally:
            await pools.close()

    return asyncio.run(run())


def _show(app: App, found: "list[Found]", asked: int) -> None:
    from rich.table import Table

    table = Table(
        "status", "name", "address", "by", "family", "model", "version", "serial", "interfaces",
        box=None, header_style="bold",
    )  # fmt: skip
    styles = {"new": "green", "changed": "yellow", "silent": "red", "failed": "red"}
    for item in found:
        facts = item.facts
        cells = (
            item.status,
            item.name,
            item.address,
            item.by,
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
    answered = Counter(item.by for item in found if item.status in ("new", "known", "changed"))
    new = sum(1 for item in found if item.status == "new")
    by_ssh = f"; {answered['SSH']} answer by SSH" if answered["SSH"] else ""
    app.console.print(f"{answered['SNMP']} of {asked} addresses speak SNMP, {new} of them new{by_ssh}")


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
