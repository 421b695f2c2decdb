"""Amounts whose sign stands in a column of its own."""

from collector.plugin.model import Row


def signed(rows: list[Row]) -> list[Row]:
    """`value` below zero where `negative` is 1: a battery that is discharged, a temperature under zero."""
    for row in rows:
        value = row.fields.get("value")
        if row.fields.get("negative") == 1 and isinstance(value, int | float):
            row.fields["value"] = -value
    return rows
