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
    rows = [HEADER, *(cells(host) for host in chosen)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:  # plain lines: never cropped, so that grep and awk see whole names
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if not select and (disabled := len(inventory.hosts) - len(chosen)):
        click.echo(f"{disabled:,} more disabled", err=True)


HEADER = ("name", "address", "role", "site", "district", "credentials", "tags")


def cells(host: "Host") -> tuple[str, ...]:
    """A host's line, under `HEADER`; what is empty is "-", so that columns can be counted."""
    texts = (
        host.name,
        where(host),
        host.role,
        host.site.id if host.site else "",
        host.site.district if host.site else "",
        ",".join(credential.name for credential in host.credentials),
        ",".join(host.tags),
    )
    return tuple(printable(text) or "-" for text in texts)


def where(host: "Host") -> str:
    """A host's address as the inventory could write it: the port where it is not 161."""
    if host.transport == "local":
        return "local"
    if host.snmp_port == 161:
        return host.address
    return f"[{host.address}]:{host.snmp_port}" if ":" in host.address else f"{host.address}:{host.snmp_port}"


def as_object(host: "Host") -> dict[str, Any]:
    """A host as JSON shows it: credentials by their names."""
    from msgspec.structs import asdict

    return asdict(host) | {"credentials": [credential.name for credential in host.credentials]}
