"""What a device is: reads [facts] of a family file, and finds the facts of a device."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from collector.metrics.catalogue import MEASUREMENTS
from collector.plugin.columns import Place, read_cell, read_conditions, read_helpers
from collector.plugin.errors import FamilyError, Problem, unknown
from collector.plugin.profile import FactSource
from collector.plugin.reader import Reader

FACTS = {field.name: field for field in MEASUREMENTS["device_info"].fields}


def read_facts(facts: Reader) -> tuple[dict[str, tuple[FactSource, ...]], tuple[re.Pattern[str], ...]]:
    """The ways of each fact, and the expressions over sysDescr whose groups are facts."""
    ways: dict[str, tuple[FactSource, ...]] = {}
    descriptions: list[re.Pattern[str]] = []
    for name, found in facts.items():
        if name == "sys_descr_regex":
            descriptions += _descriptions(facts, found)
        elif name not in FACTS:
            facts.problem(name, unknown("fact", name, [*FACTS, "sys_descr_regex"]))
        else:
            items = found if isinstance(found, list) else [found]
            ways[name] = tuple(
                way
                for number, item in enumerate(items, 1)
                if (way := _read_way(facts, name if items is not found else f"{name}[{number}]", item, name))
            )
    return ways, tuple(descriptions)


def _descriptions(facts: Reader, found: object) -> Iterable[re.Pattern[str]]:
    for item in found if isinstance(found, list) else [found]:
        expression = facts.regex("sys_descr_regex", item)
        if expression is None:
            continue
        if not expression.groupindex:
            facts.problem("sys_descr_regex", f"{item!r} names no group: (?P<model>...)")
        for group in expression.groupindex:
            if group not in FACTS:
                facts.problem("sys_descr_regex", unknown("fact", group, FACTS))
        yield expression


def _read_way(facts: Reader, key: str, item: Any, name: str) -> FactSource | None:
    if isinstance(item, str):
        return FactSource(value=item)
    way = facts.inner(key, item)
    if way is None:
        return None
    if "oid" in way or "text" in way:
        return _read_cell_way(way, name)
    value = way.value("value", str)
    sys_descr = way.regex("sys_descr")
    if isinstance(file := way.raw("sys_object_id"), str):
        return _read_file_way(way, file)
    object_ids = way.table("sys_object_id")
    models = {prefix.removeprefix("."): str(text) for prefix, text in object_ids.items()}
    for prefix in models:
        way.oid("sys_object_id", prefix)
    way.finish()
    if sys_descr is None and not models and value is None:
        way.problem("", "one of oid, text, sys_descr, sys_object_id and value is missing")
    return FactSource(value=value, sys_descr=sys_descr, object_ids=models or None)


def _read_file_way(way: Reader, name: str) -> FactSource:
    path = Path(way.file).parent / name
    if not path.is_file():
        way.problem("sys_object_id", f"there is no file {name} beside the family")
    way.finish()
    return FactSource(object_ids_file=str(path))


@lru_cache(maxsize=8)
def object_ids_in(file: str) -> Mapping[str, str]:
    """What the lines `OID,text` of a file say: a maker's thousands of products, read when a device is learnt and not before.

    Raises:
        FamilyError: the file cannot be read, or a line is something else.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise FamilyError([Problem(file, "", str(error))]) from None
    found: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, 1):
        oid, comma, text = line.partition(",")
        if comma and text.strip() and oid.replace(".", "").isdigit():
            found[oid] = text.strip()
        elif line.strip() and not line.startswith("#"):
            problems.append(Problem(file, f"line {number}", f"{line!r} is not an OID, a comma and a text"))
    if problems:
        raise FamilyError(problems)
    return found


def _read_cell_way(way: Reader, name: str) -> FactSource:
    column = read_cell(way, name, Place(), FACTS[name])
    columns = read_helpers(way.table("columns"), Place())
    where = read_conditions(way.table("where"), columns)
    for place in (name for template in column.texts for name in template.names):
        if place not in columns:
            way.problem("text", unknown("column", place, columns))
    way.finish()
    return FactSource(column=column, columns=columns, where=where)


def from_sys_descr(expression: re.Pattern[str], value: str | None, sys_descr: str) -> str | None:
    """The fact by an expression over sysDescr: its first group, or `value` with its groups in it."""
    match = expression.search(sys_descr)
    if match is None:
        return None
    if value is not None:
        return match.expand(value)
    return match.group(1) if expression.groups else match.group()


def from_object_id(object_ids: Mapping[str, str], sys_object_id: str) -> str | None:
    """The fact by the longest fitting prefix of sysObjectID."""
    prefix = sys_object_id.removeprefix(".")
    while prefix and prefix not in object_ids:
        prefix = prefix.rpartition(".")[0]
    return object_ids.get(prefix)
