"""`collector families scaffold`: the first draft of a family, from what a device answers and its maker's MIB files."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, App

if TYPE_CHECKING:
    from collector.smi.mib import Mibs
    from collector.smi.value import VarBind


@click.command()
@click.argument("target", metavar="HOST|RECORDING")
@click.option(
    "--mib",
    "mib_files",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of the maker's MIB; may be given several times. Modules that it imports are looked for beside it.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write it there; never over a file.",
)
@click.pass_obj
def scaffold(app: App, target: str, mib_files: tuple[Path, ...], output: Path | None) -> None:
    """Draft a family file for a device that has none.

    HOST is a name of the inventory, which is walked; RECORDING is a file that `collector probe --capture` or snmpwalk -On
    wrote. With MIB files the draft has names, units and enumerations; what could not be placed is listed as comments.

    \b
    Examples:
      collector families scaffold r1 --mib ACME-ROOT-MIB --mib ACME-POWER-MIB -o plugins/acme/power.toml
      collector families scaffold capture.snmprec --mib ACME-POWER-MIB.txt
    """
    from collector.plugin.scaffold import draft
    from collector.runtime.learn import SYS_DESCR, SYS_OBJECT_ID, text
    from collector.smi.value import Missing

    mibs = _read_mibs(app, mib_files)
    varbinds = _recorded(app, Path(target)) if Path(target).is_file() else _walked(app, target)
    held = {oid: value for oid, _, value in varbinds}
    object_id, descr = (text(held.get(oid, Missing.NO_SUCH_OBJECT)) for oid in (SYS_OBJECT_ID, SYS_DESCR))
    if not object_id and not descr:
        app.fail(f"{target}: neither sysObjectID nor sysDescr in it: nothing would tell such a device", EXIT_FAILED)
    drafted = draft(varbinds, mibs.objects, object_id, descr)
    if output is None:
        click.echo(drafted, nl=False)
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("x", encoding="utf-8") as file:
            file.write(drafted)
    except OSError as error:
        app.fail(f"{output}: {error.strerror}", EXIT_FAILED)
    click.echo(f"{output}: read it, then: collector families check {output}")


def _read_mibs(app: App, files: tuple[Path, ...]) -> "Mibs":
    from collector.smi import mib

    try:
        mibs = mib.read(files)
    except OSError as error:
        app.fail(f"{error.filename}: {error.strerror}")
    for problem in mibs.problems:
        click.echo(f"collector: {problem}", err=True)
    if files and not mibs.objects:
        app.fail("no object is defined in the MIB files")
    return mibs


def _recorded(app: App, file: Path) -> "list[VarBind]":
    from collector.smi import recording

    try:
        found = recording.read(file)
    except (OSError, ValueError) as error:
        app.fail(str(error))
    for problem in found.problems:
        click.echo(f"collector: {file}: {problem}", err=True)
    return found.varbinds


def _walked(app: App, name: str) -> "list[VarBind]":
    from collector.runtime.survey import survey
    from collector.transport.contract import TransportError
    from inventory.secrets import SecretError

    inventory = app.inventory()
    host = inventory.hosts.get(name)
    if host is None:
        app.fail(
            f"{name}: neither a recording nor a host of the inventory; for another address: collector probe ADDRESS --capture FILE, then scaffold FILE"
        )
    try:
        varbinds, stopped = asyncio.run(survey(host, inventory.settings))
    except (TransportError, SecretError) as error:
        app.fail(f"{name}: {error}", EXIT_FAILED)
    for reason in stopped:
        click.echo(f"collector: {name}: the walk broke off: {reason}", err=True)
    return varbinds
