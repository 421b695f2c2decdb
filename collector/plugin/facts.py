"""What a device is: reads [facts] of a family file, and finds the facts of a device."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from collector.metrics.catalogue import MEASUREMENTS
from collector.plugin.columns import Place, read_cell, read_column, read_conditions
from collector.plugin.errors import unknown
from collector.plugin.match import begins
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
    object_ids = way.table("sys_object_id")
    models = {prefix.removeprefix("."): str(text) for prefix, text in object_ids.items()}
    for prefix in models:
        way.oid("sys_object_id", prefix)
    way.finish()
    if sys_descr is None and not models and value is None:
        way.problem("", "one of oid, text, sys_descr, sys_object_id and value is missing")
    return FactSource(value=value, sys_descr=sys_descr, object_ids=models or None)


def _read_cell_way(way: Reader, name: str) -> FactSource:
    column = read_cell(way, name, Place(), FACTS[name])
    helpers = way.table("columns")
    columns = {key: read_column(helpers, key, found, Place(), None) for key, found in helpers.items()}
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
    fitting = [prefix for prefix in object_ids if begins(sys_object_id, prefix)]
    return object_ids[max(fitting, key=len)] if fitting else None
