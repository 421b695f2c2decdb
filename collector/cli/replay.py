"""`collector replay`: recordings through matching, profiles and normaliser, without a network."""

import sys
from pathlib import Path

import click

from collector.cli.app import EXIT_FAILED, EXIT_OK, App


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of line protocol.")
@click.option("--family", help="Use this family instead of the best match.")
@click.pass_obj
def replay(app: App, files: tuple[Path, ...], as_json: bool, family: str | None) -> None:
    """Run recordings through matching, profiles and normaliser.

    FILES are .snmprec recordings or the output of snmpwalk -On (-Onx), plain or packed (.bz2, .gz). The host is the
    file's name without its endings; every table is read, whatever its interval. Rates need two readings: there are none.

    \b
    Examples:
      collector replay switch.snmprec
      snmpbulkwalk -v2c -c COMMUNITY -On r1 .1 > r1.walk; collector replay r1.walk --json
    """
    from collector.plugin.errors import FamilyError
    from collector.runtime.replay import replay_file
    from collector.store.stdout import PrintStore
    from inventory.model import StdoutStore

    registry = app.registry()
    store = PrintStore(StdoutStore(format="json" if as_json else "line"))
    failed = False
    for file in files:
        try:
            replayed = replay_file(file, registry, family)
        except (OSError, ValueError, FamilyError) as error:
            click.echo(f"collector: {file}: {error}", err=True)
            failed = True
            continue
        for problem in replayed.problems:
            click.echo(f"collector: {file}: {problem}", err=True)
        store.write(replayed.points)
    sys.exit(EXIT_FAILED if failed else EXIT_OK)
