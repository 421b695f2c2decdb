"""Values as stores take them: of exactly the catalogue's type, finite, in range, printable, bounded."""

from math import isfinite

from collector.metrics.model import FieldValue
from collector.normalise.tables import Shape, Table

INT64_MAX = (1 << 63) - 1
"""the largest integer of InfluxDB and DuckDB"""
UINT64_MAX = (1 << 64) - 1
MAX_TEXT = 1024
"""characters of a field"""
MAX_TAG = 200
"""characters of a tag: it becomes part of a series' key"""


def text(raw: str, longest: int = MAX_TEXT) -> str:
    """`raw` on one line: control characters and runs of white space become one space, the ends are trimmed, and what
    is longer than `longest` is cut."""
    if not raw.isprintable():
        raw = "".join(char if char.isprintable() else " " for char in raw)
    return " ".join(raw.split())[:longest].rstrip()


def coerce(value: object, wanted: type[FieldValue]) -> FieldValue | None:
    """`value` as `wanted`, or None where it is nothing of the kind.

    Numbers and text that reads as a number convert into each other; 0 and 1 into a flag; NaN and infinities, integers
    beyond 64 bits and empty text are nothing.
    """
    if wanted is str:
        return (text(value) if isinstance(value, str) else str(value)) or None
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, (int, float)) or not isfinite(value):
        return None
    if wanted is bool:
        return bool(value) if value in (0, 1) else None
    if isinstance(value, bool):
        return None
    if wanted is float:
        return float(value)
    value = round(value)
    return value if -INT64_MAX <= value <= UINT64_MAX else None


def is_clean(shape: Shape, fields: dict[str, FieldValue]) -> bool:
    """Whether all of `fields` are as stores take them: most rows are, and are told so in a few strokes."""
    if tuple(map(type, fields.values())) != shape.types:
        return False
    if shape.integers and (min(numbers := shape.integers(fields)) < 0 or max(numbers) > INT64_MAX):
        return False
    for name in shape.texts:
        words: str = fields[name]  # type: ignore[assignment] # the shape's types say so
        if not words.isprintable() or not 0 < len(words) <= MAX_TEXT:
            return False
    return all(isfinite(fields[name]) for name in shape.floats)  # type: ignore[arg-type] # here too


def in_order(table: Table, fields: dict[str, FieldValue]) -> list[int | None]:
    """The counters of clean `fields` in the order of `Sample.counters`."""
    return list(map(fields.get, table.counter_names))  # type: ignore[arg-type] # clean counters are int


def clean(
    table: Table, raw: dict[str, FieldValue], unknown: set[tuple[str, str]]
) -> tuple[dict[str, FieldValue], list[int | None]]:
    """A row's fields as stores take them, and its counters in the order of `Sample.counters`.

    A counter beyond 63 bits fits no store, yet has a rate. Fields that the catalogue does not know are added to
    `unknown` with their measurement.
    """
    fields: dict[str, FieldValue] = {}
    counters: list[int | None] = [None] * len(table.counters)
    for name, value in raw.items():
        column = table.columns.get(name)
        if column is None:
            unknown.add((table.name, name))
            continue
        coerced = coerce(value, column.type)
        if coerced is None:
            continue
        if column.type is int and isinstance(coerced, int):
            if column.counter >= 0:
                if coerced < 0:
                    continue
                counters[column.counter] = coerced
            if coerced > INT64_MAX:
                continue
        fields[name] = coerced
    return fields, counters
