"""`collector dashboards`: Grafana's dashboards and alert rules as files."""

from pathlib import Path

import click

from collector.cli.app import EXIT_FAILED, App


@click.group()
def dashboards() -> None:
    """Write Grafana's dashboards and alert rules.

    \b
    Examples:
      collector dashboards export /etc/collector/grafana
    """


@dashboards.command()
@click.argument("directory", type=click.Path(file_okay=False))
@click.option(
    "--seen-at",
    metavar="PATH",
    help="Where Grafana sees DIRECTORY, if not under its own name (in a container).",
)
@click.option("--force", is_flag=True, help="Replace files of ours that somebody changed.")
@click.pass_obj
def export(app: App, directory: str, seen_at: str | None, force: bool) -> None:
    """Write a folder that Grafana can be provisioned from.

    The data source is the [store] of the inventory, which has to be InfluxDB; its password or token is not written, but read
    by Grafana from the environment: COLLECTOR_INFLUX_PASSWORD or COLLECTOR_INFLUX_TOKEN. Files that were not written by this command are
    never replaced. The same inventory makes the same files.

    \b
      provisioning/datasources/   InfluxDB, asked in InfluxQL
      provisioning/dashboards/    where the dashboards are
      provisioning/alerting/      alert rules
      dashboards/                 the dashboards

    \b
    Examples:
      collector dashboards export /etc/collector/grafana
      collector dashboards export grafana --seen-at /etc/grafana
    """
    from inventory.model import InfluxStore

    if not directory:
        app.fail("DIRECTORY is empty: name the folder to write to")
    folder = Path(directory)
    inventory = app.inventory()
    store = inventory.store
    if not isinstance(store, InfluxStore):
        app.fail(
            f'{app.config_path()}: [store]: kind is "{store.__class__.__name__.removesuffix("Store").lower()}"; '
            'Grafana can be given dashboards of "influxdb" only'
        )
    from collector.grafana.folder import NotOursError, write
    from collector.grafana.provisioning import files

    seen = Path(seen_at) if seen_at else folder.resolve()
    try:
        sites = inventory.sites.values()
        made = files(store, inventory.settings, str(seen / "dashboards"), sites)
        written, removed = write(folder, made, force=force)
    except NotOursError as error:
        app.fail(str(error))
    except OSError as error:
        app.fail(f"{error.filename or folder}: {error.strerror}", EXIT_FAILED)
    app.console.print(f"{folder}: {written} files written, {removed} removed")
