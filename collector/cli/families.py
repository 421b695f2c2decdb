"""`collector families`: what device families there are, and whether a family file is right."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, EXIT_OK, App
from collector.cli.scaffold import scaffold

if TYPE_CHECKING:
    from collector.plugin.profile import Family


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
@click.option("--all", "with_mixins", is_flag=True, help="Also the mix-ins, which no device matches by itself.")
@click.pass_context
def families(context: click.Context, as_json: bool, with_mixins: bool) -> None:
    """List device families, check a family file, or draft one.

    The list shows what each family yields where a device has it all. A file with mistakes is told on standard error.

    \b
    Examples:
      collector families
      collector families check plugins/acme/turbo.toml
      collector families scaffold r1 --mib ACME-MIB
    """
    if context.invoked_subcommand:
        return
    from collector.plugin.errors import FamilyError
    from collector.plugin.match import GENERIC
    from collector.plugin.registry import no_garbage

    app = context.ensure_object(App)
    registry = app.registry()
    found: list[Family] = []
    failed = False
    with no_garbage():
        for name in registry.names():
            try:
                family = registry.family(name)
            except FamilyError as error:
                click.echo(f"collector: {error}", err=True)
                failed = True
                continue
            if with_mixins or family.matches or family.name == GENERIC:
                found.append(family)
    if as_json:
        _print_json(found)
    else:
        _print_table(app, found)
    sys.exit(EXIT_FAILED if failed else EXIT_OK)


@families.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def check(app: App, files: tuple[Path, ...]) -> None:
    """Check family files: every mistake with its key, the reason, and what is allowed.

    \b
    Example:
      collector families check plugins/acme/*.toml
    """
    registry = app.registry()
    problems = [problem for file in files for problem in registry.check_file(file)]
    for problem in problems:
        click.echo(str(problem))
    if not problems:
        click.echo(f"{len(files)} file{'s are' if len(files) > 1 else ' is'} right")
    sys.exit(EXIT_FAILED if problems else EXIT_OK)


families.add_command(scaffold)


def _print_table(app: App, found: "list[Family]") -> None:
    from rich.table import Table

    from collector.plugin.coverage import coverage

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("family", "what it is", "what it yields", "sensors"):
        table.add_column(heading, overflow="fold")
    for family in found:
        yields = coverage(family)
        table.add_row(family.name, family.description, ", ".join(yields.measurements), ", ".join(yields.sensors))
    app.console.print(table)


def _print_json(found: "list[Family]") -> None:
    import msgspec

    from collector.plugin.coverage import coverage

    for family in found:
        entry = {"family": family.name, "description": family.description, **msgspec.structs.asdict(coverage(family))}
        click.echo(msgspec.json.encode(entry).decode())
