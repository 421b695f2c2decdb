"""What `collector report` does: reads the store, makes reports, writes them where they are to go."""

import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from collector.cli.app import EXIT_FAILED, App
from collector.cli.period import SINCE, UNTIL, PeriodError, local_zone, period
from collector.cli.report_files import (
    SUFFIXES,
    Look,
    OutputError,
    csv_files,
    every_table,
    file_stem,
    format_of,
    rendered,
    write_file,
)
from collector.report.language import Language
from collector.report.registry import REPORTS, ReportKind
from collector.store.contract import StoreError
from inventory.secrets import SecretError

if TYPE_CHECKING:
    from collector.report.context import Context
    from collector.report.formats.html.geojson import GeoJSON
    from collector.report.model import Report
    from inventory.model import StoreConfig

ROWS_ON_A_TERMINAL = 50

_log = logging.getLogger(__name__)


def one(
    app: App,
    kind: ReportKind,
    *,
    terms: Sequence[str],
    since: str,
    until: str,
    format_: str | None,
    lang: str | None,
    output: str | None,
    outlines: Path | None,
    table: str,
    rows: int | None,
    keep: bool = False,
) -> None:
    """`collector report NAME`."""
    path = None if output is None or output == "-" else Path(output)
    into_folder = output is not None and path is not None and (output.endswith("/") or _is_folder(path))
    if into_folder and not format_:
        app.fail(f"{path}: is a folder; name a file in it, or have every table there by --format csv")
    format = _checked_format(app, kind, format_, path, table)
    if into_folder and format != "csv":
        app.fail(f"{output}: is a folder; only CSV takes one, other formats take a file")
    if into_folder and table:
        app.fail(f"{output}: takes every table; --table {table} goes to a file")
    to_terminal = path is None and sys.stdout.isatty()
    if rows is None and to_terminal:
        rows = ROWS_ON_A_TERMINAL
    look = Look(_language(lang), time.time_ns(), _outlines(app, outlines), table, rows or None)
    with _context(app, terms, since, until, look) as context:
        report = kind.make(context)
        if keep:
            _keep_forecasts(app, context)
    with _told(app):
        if path is not None:
            _write(report, format, path, look, into_folder=into_folder)
        elif format == "table":
            _print(report, look, to_terminal)
        else:
            data = rendered(report, format, look, for_file=False)
            if format == "csv" and not table:
                _tell_other_tables(report)
            _to_standard_output(data)


def every(
    app: App,
    *,
    terms: Sequence[str] = (),
    since: str = SINCE,
    until: str = UNTIL,
    format_: str | None = None,
    lang: str | None = None,
    output: str,
    outlines: Path | None = None,
    keep: bool = False,
    shown: str = "",
) -> None:
    """`collector report all`: a file for each report. The one named `shown` is printed, too."""
    if output == "-":
        app.fail("-: every report is a file of its own: name a folder")
    format = format_ or "html"
    look = Look(_language(lang), time.time_ns(), _outlines(app, outlines))
    folder = Path(output)
    from collector.report.formats.html.contents import Entry, contents

    entries = []
    with _context(app, terms, since, until, look) as context, _told(app):
        _make_folder(folder)
        for kind in REPORTS.values():
            report = kind.make(context)
            name = f"{file_stem(kind.name)}.{format}"
            is_csv = format == "csv"
            _write(report, format, folder if is_csv else folder / name, look, into_folder=is_csv)
            entries.append(Entry.of(name, report))
            if kind.name == shown:
                _print(report, look, sys.stdout.isatty())
        if keep:
            _keep_forecasts(app, context)
        if format == "html":
            page = contents(entries, look.language, since_ns=context.since_ns, until_ns=context.until_ns)
            write_file(folder / "index.html", page.encode())


def _checked_format(app: App, kind: ReportKind, format: str | None, path: Path | None, table: str) -> str:
    """The format that is asked for by name or by suffix, if it can go where it is to go."""
    if not format:
        format = format_of(path) if path else "table"
        if not format:
            app.fail(f"{path}: its suffix names no format; one of {' '.join(SUFFIXES)}, or --format")
        if format in ("svg", "graphml") and kind.name != "topology":
            app.fail(f"{path}: {kind.name} cannot be drawn; only topology is written as {format}")
    if format == "xlsx" and path is None and sys.stdout.isatty():
        app.fail("a workbook is nothing for a terminal: name a file with -o")
    if table and format != "csv":
        app.fail(f"--table {table}: only CSV has one table; --format csv")
    return format


def _language(code: str | None) -> Language:
    if code is None:
        # as gettext has it: the first that is set counts
        locale = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
        code = "vi" if locale.lower().startswith("vi") else "en"
    known: Literal["en", "vi"] = "vi" if code == "vi" else "en"
    return Language(known, local_zone())


def _outlines(app: App, path: Path | None) -> "GeoJSON":
    if path is None:
        return ()
    from collector.report.formats.html.geojson import GeoJsonError, read_geojson

    try:
        return read_geojson(path)
    except GeoJsonError as error:
        app.fail(str(error))


@contextmanager
def _context(app: App, terms: Sequence[str], since: str, until: str, look: Look) -> "Iterator[Context]":
    """What reports are made of, while the store is open; ends the command where the store cannot be read."""
    from collector.report.context import Context
    from collector.store.open import open_store
    from inventory.model import StdoutStore

    try:
        since_ns, until_ns = period(since, until, look.made_ns, look.language.zone)
    except PeriodError as error:
        app.fail(str(error))
    inventory = app.inventory()
    hosts = app.select(inventory, terms) if terms else None
    if isinstance(inventory.store, StdoutStore):
        app.fail('[store] kind = "stdout" keeps nothing that could be reported; others are "duckdb" and "influxdb"')
    _tell_where_nothing_is(inventory.store)
    try:
        store = open_store(inventory.store)
        try:
            yield Context(
                inventory,
                store,
                since_ns=since_ns,
                until_ns=until_ns,
                zone=look.language.zone,
                hosts=hosts,
                selection=tuple(terms),
            )
        finally:
            store.close()
    except StoreError as error:
        app.fail(f"{error}\n{error.hint}".rstrip(), EXIT_FAILED)
    except SecretError as error:
        app.fail(str(error))


def _tell_where_nothing_is(config: "StoreConfig") -> None:
    from inventory.model import DuckdbStore

    if isinstance(config, DuckdbStore) and not Path(config.path).exists():
        _log.warning("%s: nothing is stored there yet; `collector poll` begins", config.path)


@contextmanager
def _told(app: App) -> Iterator[None]:
    try:
        yield
    except OutputError as error:
        app.fail(str(error))


def _keep_forecasts(app: App, context: "Context") -> None:
    from collector.report.capacity.forecast import forecast_points

    points = forecast_points(context)
    result = context.store.write(points)
    _log.info("%d points of forecasts stored", result.written)
    if result.rejected:
        app.fail(f"{len(result.rejected)} points refused: {result.rejected[0].reason}", EXIT_FAILED)


def _write(report: "Report", format: str, path: Path, look: Look, *, into_folder: bool) -> None:
    if into_folder:
        _make_folder(path)
        for name, data in csv_files(report, look):
            write_file(path / name, data)
        return
    if format == "csv" and not look.table:
        _tell_other_tables(report)
    write_file(path, rendered(report, format, look))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        # such as a name that is too long: writing it tells
        return False


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be made: {error.strerror or error}") from None


def _print(report: "Report", look: Look, to_terminal: bool) -> None:
    from collector.cli.report_table import render

    width = shutil.get_terminal_size().columns if to_terminal else None
    # https://no-color.org
    color = False if os.environ.get("NO_COLOR") else None
    _to_standard_output(render(report, look.language, width=width, rows=look.rows), color=color)


def _to_standard_output(data: str | bytes, *, color: bool | None = None) -> None:
    try:
        click.echo(data, color=color, nl=False)
    except BrokenPipeError:
        # its reader has seen enough: click ends the command
        raise
    except OSError as error:
        # what is left in the buffer would fail again when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise OutputError(f"standard output: cannot be written: {error.strerror or error}") from None


def _tell_other_tables(report: "Report") -> None:
    first, *others = every_table(report)
    keys = ", ".join(table.key for table in others)
    click.echo(f"collector: this is the table {first.key}; --table has {keys}, -o FOLDER/ all", err=True)
