"""Reads a table of a command in cli.toml: which records, whose tags, which fields."""

import importlib.util
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from collector.metrics.catalogue import MEASUREMENTS, SENSOR_UNITS
from collector.metrics.model import FieldValue, Measurement
from collector.plugin.cli.model import CliTable, Format
from collector.plugin.cli.records import template_values
from collector.plugin.cli.values import CONVERTERS, TEXT_CONVERTERS, Reading
from collector.plugin.errors import unknown
from collector.plugin.reader import Reader
from collector.plugin.template import Template
from collector.plugin.template import parse as parse_template

NTC = "ntc:"
"""before the name of a template of the package ntc-templates"""


def read_table(reader: Reader, format_: Format, folder: Path, shorten: Mapping[str, str]) -> CliTable:
    """[[command.table]] of a file in `folder`; `shorten` is [interface_names]."""
    name = reader.required("measurement", str, "")
    measurement = MEASUREMENTS.get(name)
    if measurement is None:
        if name:
            reader.problem("measurement", unknown("measurement", name, MEASUREMENTS))
        measurement = Measurement(name="", help="", fields=())
    template, known = _template(reader, folder) if format_ is Format.TEXT else (None, None)
    rows = () if format_ is Format.TEXT else tuple(filter(None, reader.required("rows", str, "").split(".")))
    tags = {key: _templates(reader, f"tags.{key}", value, known) for key, value in reader.table("tags").items()}
    for tag in measurement.tags:
        if tag not in tags:
            reader.problem(f"tags.{tag}", "is missing")
    for tag in tags:
        if tag not in measurement.tags:
            reader.problem(f"tags.{tag}", unknown("tag", tag, measurement.tags))
    if name == "sensor" and (classes := tags.get("class")):
        for each in classes:
            if not each.names and each.text not in SENSOR_UNITS:
                reader.problem("tags.class", unknown("class", each.text, SENSOR_UNITS))
    table = CliTable(
        measurement=name,
        template=template,
        rows=rows,
        tags=tags,
        fields=_fields(reader, measurement, known),
        where=_where(reader, known),
        bits=_bits(reader),
        shorten=shorten,
        ok=frozenset(text.lower() for text in reader.texts("ok")) if "ok" in reader else None,
    )
    if "ok" in reader and name != "state":
        reader.problem("ok", "belongs to the measurement state")
    reader.finish()
    return table


def _bits(reader: Reader) -> int:
    bits = reader.value("bits", int) or 64
    if bits not in (32, 64):
        reader.problem("bits", f"{bits} is neither 32 nor 64")
    return bits


def _template(reader: Reader, folder: Path) -> tuple[Path | None, list[str] | None]:
    name = reader.required("template", str, "")
    if not name:
        return None, None
    path = _ntc_folder() / name.removeprefix(NTC) if name.startswith(NTC) else folder / name
    if not path.is_file():
        reader.problem("template", f"there is no {path}")
        return None, None
    return path, template_values(path)


def _ntc_folder() -> Path:
    spec = importlib.util.find_spec("ntc_templates")
    if spec is None or not spec.submodule_search_locations:
        return Path("ntc_templates (not installed)")
    return Path(spec.submodule_search_locations[0]) / "templates"


def _check_names(reader: Reader, key: str, names: tuple[str, ...], known: list[str] | None) -> None:
    for name in names:
        if known is not None and name not in known:
            reader.problem(key, unknown("value of the template", name, known))


def _templates(reader: Reader, key: str, found: object, known: list[str] | None) -> tuple[Template, ...]:
    texts = [found] if isinstance(found, str) else found
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        reader.problem(key, f"{found!r} is neither a text nor a list of texts")
        return ()
    templates = []
    for text in texts:
        try:
            template = parse_template(text)
        except ValueError as error:
            reader.problem(key, str(error))
            continue
        _check_names(reader, key, template.names, known)
        templates.append(template)
    return tuple(templates)


def _where(reader: Reader, known: list[str] | None) -> dict[str, re.Pattern[str]]:
    conditions = {}
    inner = reader.table("where")
    for name, found in inner.items():
        _check_names(inner, name, (name,), known)
        if pattern := inner.regex(name, f"(?i:{found})" if isinstance(found, str) else found):
            conditions[name] = pattern
    return conditions


def _fields(reader: Reader, measurement: Measurement, known: list[str] | None) -> dict[str, Reading]:
    types = {field.name: field.type for field in measurement.fields}
    # a template that speaks the catalogue's language needs no translation
    fields = {name: Reading(sources=(name,), kind=types[name]) for name in known or () if name in types}
    inner = reader.table("fields")
    for name, found in inner.items():
        if name not in types:
            if measurement.name:
                inner.problem(name, unknown("field", name, types))
            continue
        fields[name] = _reading(inner, name, found, measurement, known)
    if not fields:
        reader.problem("", "'fields' is missing, and no value of the template is named as a field")
    return fields


def _reading(reader: Reader, name: str, found: object, measurement: Measurement, known: list[str] | None) -> Reading:
    kind = measurement.field(name).type
    if isinstance(found, str):
        _check_names(reader, name, (found,), known)
        return Reading(sources=(found,), kind=kind)
    inner = reader.inner(name, found)
    if inner is None:
        return Reading()
    ways = [key for key in ("from", "text", "value") if key in inner]
    if len(ways) != 1 and name not in (known or ()):
        inner.problem("", 'one of "from", "text" and "value" is needed')
    sources = inner.texts("from") or ((name,) if not ways else ())
    _check_names(inner, "from", sources, known)
    reading = Reading(
        sources=sources,
        texts=_templates(inner, "text", inner.raw("text"), known) if "text" in inner else (),
        constant=constant(inner, "value", inner.raw("value"), measurement, name) if "value" in inner else None,
        kind=kind,
        convert=inner.choice("convert", TEXT_CONVERTERS if kind is str else CONVERTERS, "number"),
        scale=inner.value("scale", float) or 1.0,
        enum=_enum(inner, measurement, name),
        others=inner.value("others", bool) or False,
        regex=inner.regex("regex"),
        sentinels=frozenset(text.lower() for text in inner.texts("sentinels")),
    )
    inner.finish()
    return reading


def _enum(reader: Reader, measurement: Measurement, field: str) -> Mapping[str, FieldValue] | None:
    if "enum" not in reader:
        return None
    inner = reader.table("enum")
    return {key.lower(): constant(inner, key, value, measurement, field) for key, value in inner.items()}


def constant(reader: Reader, key: str, found: Any, measurement: Measurement, name: str) -> FieldValue:
    """A value that stands in the file itself, at `key`, for the field `name`."""
    types = {field.name: field.type for field in measurement.fields}
    if name not in types:
        reader.problem(key, unknown("field", name, types))
    elif types[name] is float and type(found) is int:
        return float(found)
    elif type(found) is not types[name]:
        reader.problem(key, f"{found!r} is not of the field's type, {types[name].__name__}")
    return found if isinstance(found, str | int | float | bool) else ""
