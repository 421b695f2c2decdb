"""Offsets of clocks: how far they are off, in whichever direction."""

from collector.plugin.model import Row


def magnitude(rows: list[Row]) -> list[Row]:
    """`value` without its sign: a delay is never negative."""
    for row in rows:
        value = row.fields.get("value")
        if isinstance(value, int | float):
            row.fields["value"] = abs(value)
    return rows
