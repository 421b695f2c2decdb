"""What is left of a printer's supplies, as a share of their capacity."""

from collector.plugin.model import Row


def per_cent(rows: list[Row]) -> list[Row]:
    """Levels are in the unit of the capacity beside them, whichever that is."""
    shares: list[Row] = []
    for row in rows:
        level, capacity = row.fields.get("value"), row.fields.get("capacity")
        if isinstance(level, int | float) and isinstance(capacity, int | float) and capacity > 0:
            row.fields["value"] = 100.0 * level / capacity
            shares.append(row)
    return shares
