"""`collector check`: is the configuration right, and wise?"""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import App, printable

if TYPE_CHECKING:
    from inventory.model import Inventory


@click.command()
@click.option(
    "--files-only",
    is_flag=True,
    help="Don't look whether this user can open the secrets and write the folders, nor for pinned host keys.",
)
@click.pass_obj
def check(app: App, files_only: bool) -> None:
    """Validate hosts.toml and the files it includes.

    Tells every mistake with file, line and key, then what is allowed but unwise. No device and no store is asked.

    \b
    Exit codes: 0 it can be used, perhaps with warnings; 2 it cannot.

    \b
    Examples:
      collector check
      collector --config /etc/collector/hosts.toml check
      collector check --files-only          before the files go to the machine that polls
    """
    from collector.cli import checks
    from collector.transport.contract import TransportError

    inventory = app.inventory()
    mistakes = checks.unknown_measurements(inventory) + checks.family_problems(inventory, app.registry())
    warnings = list(inventory.warnings)
    if not files_only:
        mistakes += checks.unwritable_folders(inventory) + checks.unreadable_secrets(inventory)
        warnings += checks.unseen_links(inventory, checks.learnt_interfaces(Path(inventory.settings.state_dir)))
        try:
            warnings += checks.host_keys(inventory)
        except TransportError as error:
            mistakes.append(f"collector.known_hosts: {error}")
    for warning in warnings:
        click.echo(printable(f"warning: {warning}"), err=True)
    if mistakes:
        app.fail("\n".join(mistakes))
    click.echo("\n".join(summary(inventory)))


def summary(inventory: "Inventory") -> list[str]:
    """What is configured, a line each."""
    from inventory.model import DuckdbStore, InfluxStore

    hosts = inventory.hosts.values()
    roles = Counter(host.role for host in hosts)
    disabled = sum(1 for host in hosts if not host.enabled)
    match inventory.store:
        case DuckdbStore(path=path):
            store = f"DuckDB, {path}"
        case InfluxStore(url=url, bucket=bucket, database=database):
            store = f"InfluxDB, {url}, {f'bucket {bucket}' if bucket else f'database {database}'}"
        case _:
            store = "standard output"
    return [
        f"files        {len(inventory.files):,}: {inventory.files[0]}{' and what it includes' if inventory.files[1:] else ''}",
        f"hosts        {len(hosts):,}"
        + (f": {', '.join(f'{count:,} {role}' for role, count in roles.most_common())}" if hosts else "")
        + (f"; {disabled:,} disabled" if disabled else ""),
        f"sites        {len(inventory.sites):,}",
        f"stations     {len(inventory.stations):,}",
        f"credentials  {', '.join(inventory.credentials) or 'none'}",
        f"store        {store}",
        f"state        {inventory.settings.state_dir}",
    ]
