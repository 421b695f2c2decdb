"""JSON that tools print, perhaps behind a warning or two, and of no shape that can be relied on."""

import json
from collections.abc import Iterator
from typing import TypeAlias

from collector.metrics.model import FieldValue

Object: TypeAlias = dict[str, object]
MAX_STARTS = 16
"""lines that look like a document's first which are tried"""


def document(text: str) -> object:
    """The first JSON document that begins a line of the text; None where there is none."""
    decoder = json.JSONDecoder()
    at = starts = 0
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith(("{", "[")):
            starts += 1
            try:
                return decoder.raw_decode(text, at + len(line) - len(line.lstrip()))[0]
            except (ValueError, RecursionError):
                if starts == MAX_STARTS:
                    break
        at += len(line)
    return None


def objects(value: object) -> Iterator[Object]:
    """What is to be a list of objects: many tools write a single one without the list."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def entry(value: object, *path: str) -> object:
    """What stands at a path of keys, None where it leads nowhere."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: object, *path: str) -> str:
    """A string or number at a path, "" where there is none."""
    found = entry(value, *path)
    return str(found).strip() if isinstance(found, (str, int, float)) and not isinstance(found, bool) else ""


def number(value: object, *path: str) -> float | None:
    """A finite number at a path."""
    found = entry(value, *path)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        return None
    return found if abs(found) < 2**63 else None


def without_empty(fields: dict[str, str]) -> dict[str, FieldValue]:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value}
