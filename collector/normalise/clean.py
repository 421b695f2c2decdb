"""Values as stores take them: of exactly the catalogue's type, finite, in range, printable, bounded."""

from math import isfinite

from collector.metrics.model import FieldValue

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
