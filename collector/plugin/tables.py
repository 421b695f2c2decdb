"""Reads a table of a family file: [table.NAME], or one of the short forms [[sensor]], [[state]], [[cpu]] ..."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from collector.metrics.catalogue import MEASUREMENTS, SENSOR_UNITS
from collector.metrics.model import Field, Measurement
from collector.plugin.columns import Place, read_cell, read_column, read_conditions, read_helpers, read_templates
from collector.plugin.errors import unknown
from collector.plugin.profile import Column, Hook, Source, Table
from collector.plugin.reader import Reader
from collector.plugin.template import Template, parse

_NOWHERE = Measurement(name="", help="", fields=())
"""stands for a measurement that was refused"""

_POOL_FIELDS = {"total": "total_bytes", "used": "used_bytes", "free": "free_bytes", "percent": "used_percent"}
_DISCONTINUITY = "discontinuity"


class Shared(msgspec.Struct):
    """What the tables of a family have in common.

    Attributes:
        columns: helpers of [columns], here and in the mix-ins: name -> the reader that holds it, and what stands there.
        load_hook: file that names it, "ios.py:function" -> the function; raises ValueError with the reason.
        used: the helpers that the table which is being read took from `columns`, as they stand in their files.
    """

    columns: dict[str, tuple[Reader, Any]]
    load_hook: Callable[[str, str], Hook]
    used: dict[str, Any] = {}


class _Draft(msgspec.Struct):
    """What differs between the long form and the short ones."""

    measurement: Measurement
    tags: dict[str, tuple[Template, ...]]
    columns: dict[str, Column]
    fields: frozenset[str]


def read_table(reader: Reader, name: str, shared: Shared) -> Table:
    """[table.NAME]."""
    found = reader.required("measurement", str, "")
    if found and found not in MEASUREMENTS:
        reader.problem("measurement", unknown("measurement", found, MEASUREMENTS))
    measurement = MEASUREMENTS.get(found, _NOWHERE)
    place = _place(reader)
    columns = read_helpers(reader.table("columns"), place)
    fields = reader.table("fields")
    names = set()
    for key, value in fields.items():
        names.add(key)
        if key in columns:
            reader.problem(f"columns.{key}", "is a field of this table too: give the helper another name")
        columns[key] = read_column(fields, key, value, place, _field(fields, measurement, key))
    if not names:
        reader.problem("", "'fields' is missing")
    draft = _Draft(measurement, dict(_tags(reader, measurement)), columns, frozenset(names))
    return _assemble(reader, name, draft, shared)


def read_short(form: str, reader: Reader, name: str, shared: Shared) -> Table:
    """One table of [[sensor]], [[state]], [[cpu]], [[memory]] or [[storage]]."""
    return _assemble(reader, name, SHORT_FORMS[form](reader), shared)


def _reading(measurement: str, field: str) -> Callable[[Reader], _Draft]:
    """A short form whose table is the cell itself."""

    def read(reader: Reader) -> _Draft:
        kind = MEASUREMENTS[measurement]
        place = _place(reader)
        columns = read_helpers(reader.table("columns"), place)
        columns[field] = read_cell(reader, field, place, kind.field(field))
        tags = {"name": _names(reader, columns[field])}
        if "class" in kind.tags:
            if "class" not in reader:
                reader.problem("", "'class' is missing")
            tags["class"] = read_templates(reader, "class")
        return _Draft(kind, tags, columns, frozenset((field,)))

    return read


def _pool(measurement: str, default_kind: str) -> Callable[[Reader], _Draft]:
    """A short form with any two of total, used and free, or with percent; `scale` makes bytes of them."""

    def read(reader: Reader) -> _Draft:
        kind = MEASUREMENTS[measurement]
        place = _place(reader)
        columns = read_helpers(reader.table("columns"), place)
        in_bytes = Place(entry=place.entry, scale=reader.value("scale", float) or 1.0)
        names = []
        for key, field in _POOL_FIELDS.items():
            if (value := reader.raw(key)) is not None:
                names.append(field)
                columns[field] = read_column(
                    reader, key, value, place if key == "percent" else in_bytes, kind.field(field)
                )
                columns[field] = msgspec.structs.replace(columns[field], name=field)
        if len(names) < 2 and names != ["used_percent"]:
            reader.problem("", "two of total, used and free, or percent, are wanted")
        tags = {"name": _names(reader, *(columns[name] for name in names))}
        tags["kind"] = read_templates(reader, "kind") or (parse(default_kind),)
        return _Draft(kind, tags, columns, frozenset(names))

    return read


SHORT_FORMS: dict[str, Callable[[Reader], _Draft]] = {
    "sensor": _reading("sensor", "value"),
    "state": _reading("state", "code"),
    "cpu": _reading("cpu", "usage_percent"),
    "memory": _pool("memory", "physical"),
    "storage": _pool("storage", "disk"),
}


def _place(reader: Reader) -> Place:
    entry = reader.value("entry", str) or ""
    if entry:
        reader.oid("entry", entry)
    return Place(entry=entry.removeprefix("."))


def _field(fields: Reader, measurement: Measurement, name: str) -> Field | None:
    try:
        return measurement.field(name)
    except KeyError:
        if measurement is not _NOWHERE:
            fields.problem(name, unknown("field", name, (field.name for field in measurement.fields)))
        return None


def _tags(reader: Reader, measurement: Measurement) -> Iterator[tuple[str, tuple[Template, ...]]]:
    tags = reader.table("tags")
    given = [tag for tag, _ in tags.items()]
    for tag in given:
        if measurement is not _NOWHERE and tag not in measurement.tags:
            tags.problem(tag, unknown("tag", tag, measurement.tags))
        yield tag, read_templates(tags, tag)
    for tag in measurement.tags:
        if tag not in given:
            reader.problem("", f"{measurement.name} needs tags.{tag}")


def _names(reader: Reader, *values: Column) -> tuple[Template, ...]:
    """The `name` of a short form; a column's rows are named by their index where it says nothing."""
    if "name" in reader:
        return read_templates(reader, "name")
    sources = [source for value in values for source in value.sources]
    if sources and all(source.instance for source in sources):
        reader.problem("", "'name' is missing")
    return (parse("{index}"),)


def _assemble(reader: Reader, name: str, draft: _Draft, shared: Shared) -> Table:
    """What all forms have in common; finishes `reader`."""
    columns = draft.columns
    check = reader.texts("check")
    where = reader.table("where")
    rows_by = reader.value("rows", str)
    discontinuity = reader.raw("discontinuity")
    if discontinuity is not None:
        columns[_DISCONTINUITY] = read_column(reader, "discontinuity", discontinuity, _place(reader), None)
    wanted = [(key, "check") for key in check]
    wanted += [(key, f"where.{key}") for key, _ in where.items()]
    wanted += [(rows_by, "rows")] if rows_by else []
    wanted += [
        (key, tag if f"tags.{tag}" not in reader and tag in reader else f"tags.{tag}")
        for tag, templates in draft.tags.items()
        for template in templates
        for key in template.names
    ]
    for column in columns.values():
        where_needed = "" if column.name in draft.fields else f"columns.{column.name}"
        wanted += ((key, where_needed) for key in column.needs())
    _add_shared(reader, columns, wanted, shared)
    conditions = read_conditions(where, columns)
    interval_s = reader.value("interval_s", int)
    if interval_s is not None and interval_s < 1:
        reader.problem("interval_s", f"{interval_s} is less than a second")
    replaces, unless = reader.texts("replaces"), reader.texts("unless")
    hook = _hook(reader, shared)
    reader.finish()
    if draft.measurement.name == "sensor":
        _check_class(reader, draft)
    rows = _row_sources(columns, draft.fields, rows_by)
    if not rows and any(not source.instance for column in columns.values() for source in column.sources):
        reader.problem("", "no field has the rows' index: name a column that has it with `rows`")
    return Table(
        name=name,
        measurement=draft.measurement.name,
        tags=draft.tags,
        columns=columns,
        fields=draft.fields,
        polled=tuple(column for column in columns.values() if column.polled),
        rows=rows,
        where=conditions,
        interval_s=interval_s or draft.measurement.interval_s,
        check=tuple(key for key in check if key in columns),
        discontinuity=_DISCONTINUITY if discontinuity is not None else None,
        replaces=replaces,
        unless=unless,
        hook=hook,
    )


def _add_shared(reader: Reader, columns: dict[str, Column], wanted: Iterable[tuple[str, str]], shared: Shared) -> None:
    """Bring in the helpers of [columns] that the table leans on, and those that these lean on."""
    open_ends = [*wanted]
    missing: set[str] = set()
    while open_ends:
        name, where = open_ends.pop()
        if name in columns or name in missing:
            continue
        if name not in shared.columns:
            missing.add(name)
            reader.problem(where, unknown("column", name, {*columns, *shared.columns}))
            continue
        holder, found = shared.columns[name]
        shared.used[name] = found
        columns[name] = read_column(holder, name, found, Place(), None)
        open_ends += ((key, where) for key in columns[name].needs())


def _row_sources(columns: Mapping[str, Column], fields: Iterable[str], rows_by: str | None) -> tuple[Source, ...]:
    """The columns whose indexes are the table's rows."""
    names = [rows_by] if rows_by in columns else fields
    own = (columns[name] for name in names if name is not None and columns[name].join is None)
    return tuple(source for column in own for source in column.sources if not source.instance)


def _hook(reader: Reader, shared: Shared) -> Hook | None:
    name = reader.value("python", str)
    if name is None:
        return None
    try:
        return shared.load_hook(reader.file, name)
    except ValueError as error:
        reader.problem("python", str(error))
        return None


def _check_class(reader: Reader, draft: _Draft) -> None:
    """Every class that the tag can become has to have a unit."""
    for template in draft.tags.get("class", ()):
        possible: list[object] = [template.text]
        if template.names:
            column = draft.columns.get(template.names[0])
            if column is None:
                continue
            if len(template.names) > 1 or template.text != f"{{{template.names[0]}}}":
                reader.problem("class", f"{template.text!r} is neither a class nor one column's place")
                continue
            enums = [source.spec.enum for source in column.sources]
            if not column.meanings and (not enums or not all(enums)):
                reader.problem("class", f"the column {column.name!r} has no enum, so its classes are unknown")
                continue
            possible = [*column.meanings, *(meaning for enum in enums if enum for meaning in enum.values())]
        for meaning in possible:
            if meaning not in SENSOR_UNITS:
                reader.problem("class", unknown("sensor class", meaning, SENSOR_UNITS))
