"""`collector replay`: recordings through matching, profiles and normaliser, without a network."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from collector.cli.app import EXIT_FAILED, EXIT_OK, App

if TYPE_CHECKING:
    from collector.metrics.model import Point
    from collector.plugin.registry import Registry


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="JSON lines instead of line protocol.")
@click.option("--family", help="Use this family instead of the best match.")
@click.option("--jobs", type=click.IntRange(1), help="Processes that share the files (default: one a core).")
@click.pass_obj
def replay(app: App, files: tuple[Path, ...], as_json: bool, family: str | None, jobs: int | None) -> None:
    """Run recordings through matching, profiles and normaliser.

    FILES are .snmprec recordings or the output of snmpwalk -On (-Onx), plain or packed (.bz2, .gz). The host is the
    file's name without its endings; every table is read, whatever its interval. Rates need two readings: there are none.

    \b
    Examples:
      collector replay switch.snmprec
      snmpbulkwalk -v2c -c COMMUNITY -On r1 .1 > r1.walk; collector replay r1.walk --json
    """
    from collector.store.stdout import PrintStore
    from inventory.model import StdoutStore

    store = PrintStore(StdoutStore(format="json" if as_json else "line"))
    replayer = _Replayer(app.registry(), family)
    failed = False
    for file, (points, problems, error) in zip(files, _all(replayer, files, jobs), strict=True):
        for problem in problems:
            click.echo(f"collector: {file}: {problem}", err=True)
        if error:
            click.echo(f"collector: {file}: {error}", err=True)
            failed = True
        store.write(points)
    sys.exit(EXIT_FAILED if failed else EXIT_OK)


class _Replayer:
    """Replays one file: its points, what was odd in it, and why it could not be replayed. Goes to other processes as it is."""

    def __init__(self, registry: "Registry", family: str | None) -> None:
        self._registry = registry
        self._family = family

    def __call__(self, file: Path) -> "tuple[list[Point], list[str], str]":
        from collector.plugin.errors import FamilyError
        from collector.runtime.replay import replay_file

        try:
            replayed = replay_file(file, self._registry, self._family)
        except (OSError, ValueError, FamilyError) as error:
            return [], [], str(error).removeprefix(f"{file}: ")
        return replayed.points, replayed.problems, ""


def _all(
    replayer: _Replayer, files: tuple[Path, ...], jobs: int | None
) -> "Iterator[tuple[list[Point], list[str], str]]":
    """What `replayer` makes of each file, in their order."""
    processes = min(jobs or os.cpu_count() or 1, len(files))
    if processes == 1:
        yield from map(replayer, files)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(processes, initializer=_start, initargs=(replayer,)) as pool:
        yield from pool.map(_replay_one, files)


_process: list[_Replayer] = []
"""of a process that replays for others: what it was started with"""


def _start(replayer: _Replayer) -> None:
    _process.append(replayer)


def _replay_one(file: Path) -> "tuple[list[Point], list[str], str]":
    return _process[0](file)
