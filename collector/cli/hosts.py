"""`collector hosts`: who is polled."""

from typing import TYPE_CHECKING, Any

import click

from collector.cli.app import App, printable

if TYPE_CHECKING:
    from inventory.model import Host


@click.command()
@click.argument("select", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a host.")
@click.pass_obj
def hosts(app: App, select: tuple[str, ...], as_json: bool) -> None:
    """List the hosts of the inventory.

    SELECT names hosts: globs, role=, site=, district=, province=, tag=, family=, credential=, and !term to leave out.
    Without it, all that are enabled.

    \b
    Examples:
      collector hosts
      collector hosts role=bts-uplink district='bac son' '!ls-001*'
      collector hosts site= --json            hosts without a site
    """
    inventory = app.inventory()
    chosen = app.select(inventory, select)
    if as_json:
        import msgspec

        for host in chosen:
            click.echo(msgspec.json.encode(as_object(host)))
        return
    from rich.table import Table

    table = Table("name", "address", "role", "site", "district", "credentials", "tags", box=None, header_style="bold")
    for host in chosen:
        cells = (
            host.name,
            where(host),
            host.role,
            host.site.id if host.site else "",
            host.site.district if host.site else "",
            ", ".join(credential.name for credential in host.credentials),
            ", ".join(host.tags),
        )
        table.add_row(*map(printable, cells), style=None if host.enabled else "dim")
    app.console.print(table)
    if not select and (disabled := len(inventory.hosts) - len(chosen)):
        app.console.print(f"{disabled:,} more disabled")


def where(host: "Host") -> str:
    """A host's address as the inventory could write it: the port where it is not 161."""
    if host.transport == "local":
        return "this machine"
    if host.snmp_port == 161:
        return host.address
    return f"[{host.address}]:{host.snmp_port}" if ":" in host.address else f"{host.address}:{host.snmp_port}"


def as_object(host: "Host") -> dict[str, Any]:
    """A host as JSON shows it: credentials by their names."""
    from msgspec.structs import asdict

    return asdict(host) | {"credentials": [credential.name for credential in host.credentials]}
