"""Reads hosts, sites, stations, links, communes and declared indicators from CSV as spreadsheets write it."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any, get_args, get_origin

import msgspec
from msgspec.structs import fields

from inventory.convert import did_you_mean, found, tidy
from inventory.grammar import CommuneTable, DeclaredTable, HostTable, LinkTable, SiteTable, StationTable
from inventory.problem import Problems, Spot, visible
from inventory.read import LISTS, Entry, Sources

_TABLES: dict[str, tuple[set[str], type[msgspec.Struct], tuple[str, ...]]] = {
    "hosts": ({"address"}, HostTable, ("name",)),
    "stations": ({"technology"}, StationTable, ()),
    "links": ({"host", "interface"}, LinkTable, ("host", "interface")),
    "declared": ({"indicator"}, DeclaredTable, ()),
    "sites": (set(), SiteTable, ("id",)),
    "communes": (set(), CommuneTable, ()),
}
"""by table: the columns that tell it, what a row has, and the columns beside that which name the row"""

RULE = (
    "address (hosts), technology (stations), host and interface (links), indicator (declared), else id (sites), "
    "else commune and district (communes)"
)

_COLUMNS = {("communes", "name"): "commune"}
"""by table and key: the column, where it is called otherwise"""


def read_csv(text: str, spot: Spot, sources: Sources, problems: Problems) -> None:
    """Add the rows of one file to `sources`. The header says which table they feed (`RULE`).

    Cells are separated by commas, semicolons or tabs, whichever the header has; lists within a cell by semicolons.
    Empty cells count as not written; empty rows and rows that start with # are skipped.
    """
    lines = list(io.StringIO(text, newline=""))
    skipped = 1 if lines and re.fullmatch(r"sep=.\s*", lines[0]) else 0  # Excel's own hint
    header_line = lines[skipped] if len(lines) > skipped else ""
    separator = max(",;\t", key=header_line.count)
    rows = csv.reader(lines[skipped:], delimiter=separator, strict=True)
    try:
        header = [column.strip().lower() for column in next(rows, [])]
        table = _table(header, spot, problems)
        if table is None:
            return
        columns = _columns(header, table, spot, problems)
        for row in rows:
            if not any(row) or row[0].lstrip().startswith("#"):
                continue
            at = Spot(spot.file, (table,), rows.line_num + skipped)
            if len(row) != len(header):
                problems.add(at, f"found {len(row)} cells, allowed: {len(header)}, as in the header")
                continue
            _add_row(table, _raw(columns, row), at, sources, problems)
    except csv.Error as error:
        problems.add(Spot(spot.file, (), rows.line_num + skipped), f"is no CSV: {error}")


def _table(header: list[str], spot: Spot, problems: Problems) -> str | None:
    told = [table for table, (telling, _, _) in _TABLES.items() if telling and telling <= set(header)]
    if not told and "id" in header:
        return "sites"
    if not told and {"commune", "district"} <= set(header):
        return "communes"
    if len(told) == 1:
        return told[0]
    names = visible(", ".join(header)) or "nothing"
    if told:
        problems.add(Spot(spot.file, (), 1), f"the header ({names}) could be {' or '.join(told)}; columns tell: {RULE}")
    else:
        problems.add(Spot(spot.file, (), 1), f"the header ({names}) tells no table; columns tell: {RULE}")
    return None


Cell = Callable[[str], Any]


def _columns(header: list[str], table: str, spot: Spot, problems: Problems) -> list[tuple[str, str, Cell] | None]:
    """For each column: the table within the row (mostly none), the key, and how its cells are read."""
    _, kind, names = _TABLES[table]
    known: dict[str, tuple[str, str, Cell]] = {name: ("", name, str.strip) for name in names}
    for field in fields(kind):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            for inner in fields(field.type):
                known[f"{field.name}.{inner.name}"] = (field.name, inner.name, _cell(inner.type))
        elif get_origin(field.type) is not dict:
            known[_COLUMNS.get((table, field.name), field.name)] = ("", field.name, _cell(field.type))
    at = Spot(spot.file, (table,), 1)
    for column in header:
        if header.count(column) > 1:
            problems.add(at / column, "is there twice in the header")
        elif column not in known:
            hint = did_you_mean(column, known) or f", allowed: {', '.join(known)}"
            problems.add(at / column, f"unknown column{hint}")
    required = (_COLUMNS.get((table, field.name), field.name) for field in fields(kind) if field.required)
    for name in (*names, *required):
        if name not in header:
            problems.add(at / name, "the column is missing")
    return [known.get(column) for column in header]


def _cell(kind: Any) -> Cell:
    if get_origin(kind) is tuple:
        return lambda cell: [part.strip() for part in cell.split(";") if part.strip()]
    if float in (kind, *(inner for part in get_args(kind) for inner in (part, *get_args(part)))):
        return lambda cell: re.sub(r"^\s*(-?\d+),(\d+)\s*$", r"\1.\2", cell)
    return str.strip


def _raw(columns: list[tuple[str, str, Cell] | None], row: list[str]) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    for column, cell in zip(columns, row, strict=True):
        if column is None or not cell or cell.isspace():
            continue
        inside, key, parse = column
        (raw.setdefault(inside, {}) if inside else raw)[key] = parse(cell)
    return raw


def _add_row(table: str, raw: dict[str, Any], at: Spot, sources: Sources, problems: Problems) -> None:
    raw = tidy(raw, at, problems)
    if table in LISTS:
        name = raw.get("id") or raw.get("name") or raw.get("indicator") or ""
        getattr(sources, table).append(Entry(spot=at / str(name), raw=raw, text=True))
        return
    names = [raw.pop(column, "") for column in _TABLES[table][2]]
    if not all(names):
        problems.add(at, f"found {found('')}, allowed: a value for {' and '.join(_TABLES[table][2])}")
    elif table == "links":
        host, interface = names
        entry = Entry(spot=at / host / interface, raw=raw, text=True)
        if (host, interface) in sources.links:
            first = sources.links[host, interface].spot
            problems.add(entry.spot, f"is there twice, first in {first.file}:{first.line}")
        sources.links.setdefault((host, interface), entry)
    else:
        sources.add_named(table, names[0], Entry(spot=at / names[0], raw=raw, text=True), problems)
