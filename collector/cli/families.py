"""`collector families`: what device families there are, and whether a family file is right."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from collector.cli.app import EXIT_FAILED, EXIT_OK, App
from collector.cli.scaffold import scaffold

if TYPE_CHECKING:
    from collector.plugin.coverage import CliCoverage, Coverage
    from collector.plugin.registry import Registry

T = TypeVar("T")


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of a table.")
@click.option("--all", "with_mixins", is_flag=True, help="Also the mix-ins, which no device matches by itself.")
@click.pass_context
def families(context: click.Context, as_json: bool, with_mixins: bool) -> None:
    """List device families, check a family file, or draft one.

    The list shows what each family yields where a device has it all, by SNMP and by SSH. A file with mistakes is told on
    standard error.

    \b
    Examples:
      collector families
      collector families check plugins/acme/turbo.toml plugins/acme/turbo/cli.toml
      collector families scaffold r1 --mib ACME-MIB
    """
    if context.invoked_subcommand:
        return
    from collector.plugin.registry import no_garbage

    app = context.ensure_object(App)
    problems: list[str] = []
    with no_garbage():
        found = list(listed(app.registry(), problems, with_mixins=with_mixins))
    for problem in problems:
        click.echo(f"collector: {problem}", err=True)
    if as_json:
        _print_json(found)
    else:
        _print_table(app, found)
    sys.exit(EXIT_FAILED if problems else EXIT_OK)


@dataclass(frozen=True)
class Listed:
    """A family, and what it yields by SNMP and by SSH, as far as it has the one and the other."""

    name: str
    description: str
    snmp: "Coverage | None"
    ssh: "CliCoverage | None"


def listed(registry: "Registry", problems: list[str], *, with_mixins: bool = False) -> "Iterator[Listed]":
    """All families by name; mix-ins, which no device matches by itself, only if wanted. What is wrong with files goes into
    `problems`, and what they describe is left out."""
    from collector.plugin.coverage import cli_coverage, coverage
    from collector.plugin.match import GENERIC

    by_snmp, by_ssh = set(registry.names()), set(registry.cli_names())
    for name in sorted(by_snmp | by_ssh):
        family = _sound(registry.family, name, problems) if name in by_snmp else None
        side = _sound(registry.cli, name, problems) if name in by_ssh else None
        if side or (family and (with_mixins or family.matches or name == GENERIC)):
            yield Listed(
                name,
                family.description if family else side.description if side else "",
                coverage(family) if family else None,
                cli_coverage(side) if side else None,
            )


def _sound(compiled: "Callable[[str], T]", name: str, problems: list[str]) -> "T | None":
    from collector.plugin.errors import FamilyError

    try:
        return compiled(name)
    except FamilyError as error:
        problems.append(str(error))
        return None


@families.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_obj
def check(app: App, files: tuple[Path, ...]) -> None:
    """Check family files: every mistake with its key, the reason, and what is allowed.

    A file called cli.toml is the command-line side of the family that its folder is named as.

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


def _print_table(app: App, found: list[Listed]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("family", "what it is", "what it yields", "sensors", "by SSH"):
        table.add_column(heading, overflow="fold")
    for family in found:
        yields = (family.snmp.measurements, family.snmp.sensors) if family.snmp else ((), ())
        by_ssh = family.ssh.measurements if family.ssh else ()
        table.add_row(family.name, family.description, *map(", ".join, (*yields, by_ssh)))
    app.console.print(table)


def _print_json(found: list[Listed]) -> None:
    import msgspec

    for family in found:
        entry = {"family": family.name, "description": family.description}
        entry |= msgspec.structs.asdict(family.snmp) if family.snmp else {}
        click.echo(msgspec.json.encode({**entry, "ssh": family.ssh}).decode())
