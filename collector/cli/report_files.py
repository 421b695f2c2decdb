"""Where a report goes: which format, written how, into which file. Files appear whole or not at all."""

import os
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collector.report.formats.html.geojson import GeoJSON
    from collector.report.language import Language
    from collector.report.model import Report, Table

SUFFIXES = {
    ".txt": "table",
    ".json": "json",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".html": "html",
    ".htm": "html",
    ".svg": "svg",
    ".graphml": "graphml",
}

_NOT_FOR_A_NAME = re.compile(r"[^\w.-]+", re.ASCII)
_LONGEST_NAME = 80


class OutputError(Exception):
    """A file that cannot be written, or is no file; says which and why."""


class Look(msgspec.Struct, frozen=True):
    """What a report's rendering depends on beside the report.

    Attributes:
        made_ns: when it was made, which pages tell.
        outlines: of districts, behind the maps of pages.
        table: the key of the one table that CSV is to have; "" for the first.
        rows: how many rows of a table are shown as text; None for all.
    """

    language: "Language"
    made_ns: int
    outlines: "GeoJSON" = ()
    table: str = ""
    rows: int | None = None


def format_of(path: Path) -> str:
    """The format that a file's suffix names; "" where it names none."""
    return SUFFIXES.get(path.suffix.lower(), "")


def rendered(report: "Report", format: str, look: Look, *, for_file: bool = True) -> bytes:
    """The report in a format; as CSV the one table that is asked for, with a byte order mark where it is for a file.

    Raises:
        OutputError: it has no such table, or nothing to be drawn in this format.
    """
    match format:
        case "json":
            from collector.report.formats import json_format

            return json_format.encode(report, look.language)
        case "csv":
            from collector.report.formats import csv_format

            return csv_format.encode(chosen_table(report, look.table), look.language, mark=for_file)
        case "xlsx":
            from collector.report.formats import xlsx_format

            try:
                return xlsx_format.encode(report, look.language)
            except ValueError as error:
                raise OutputError(str(error)) from None
        case "html":
            from collector.report.formats.html.page import render as page

            return page(report, look.language, made_ns=look.made_ns, outlines=look.outlines).encode()
        case "svg" | "graphml":
            return _drawn(report, format, look)
        case _:
            from click import unstyle

            from collector.cli.report_table import render as text

            return unstyle(text(report, look.language, width=None, rows=look.rows)).encode()


def every_table(report: "Report") -> "list[Table]":
    """What CSV can have of a report: its sections, its findings and its figures."""
    from collector.report.formats.flat import figures_table, findings_table, tables

    return [*tables(report.sections), findings_table(report), figures_table(report)]


def chosen_table(report: "Report", key: str) -> "Table":
    """The table of that name; without one the first.

    Raises:
        OutputError: there is none of that name.
    """
    found = every_table(report)
    for table in found:
        if table.key == key or not key:
            return table
    raise OutputError(f"--table {key}: {report.name} has {', '.join(table.key for table in found)}")


def csv_files(report: "Report", look: Look) -> Iterator[tuple[str, bytes]]:
    """A file for every table: its name, and what is in it."""
    from collector.report.formats import csv_format

    taken = set()
    for table in every_table(report):
        name = stem = f"{file_stem(report.name)}-{file_stem(table.key)}"
        number = 2
        while name in taken:
            name, number = f"{stem}-{number}", number + 1
        taken.add(name)
        yield f"{name}.csv", csv_format.encode(table, look.language, mark=True)


def file_stem(text: str) -> str:
    """`text`, in which names of devices may be, as the beginning of a file's name."""
    return _NOT_FOR_A_NAME.sub("-", text).strip("-.")[:_LONGEST_NAME] or "report"


def write_file(path: Path, data: bytes) -> None:
    """Put `data` into a file, which has all of it or is as it was.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        # what a link leads to is replaced, not the link; only one that leads to itself is
        path = Path(os.path.realpath(path))
        if path.exists() and not path.is_file():
            # a pipe, /dev/null: what stands there must not be replaced
            path.write_bytes(data)
            return
        neighbour = path.with_name(f".{path.name[:_LONGEST_NAME]}.{secrets.token_hex(4)}.new")
        try:
            with neighbour.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            neighbour.replace(path)
        finally:
            neighbour.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from None


def _drawn(report: "Report", format: str, look: Look) -> bytes:
    from collector.report.model import Network
    from collector.report.network.graph import to_graphml, to_svg

    network = next((section for section in report.sections if isinstance(section, Network)), None)
    if network is None:
        raise OutputError(f"{report.name}: no neighbours are known, so there is nothing to draw")
    if format == "graphml":
        return to_graphml(network, look.language.text)
    return to_svg(network, look.language.text).encode()
