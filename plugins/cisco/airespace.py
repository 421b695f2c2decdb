"""Counts of a wireless controller whose software is too old to have them."""

from collector.plugin.model import Row

_ASSOCIATED = 1


def all_clients(rows: list[Row]) -> list[Row]:
    """One row of all clients, of those of each WLAN."""
    return _one(rows, "Clients", sum(_number(row) for row in rows))


def access_points(rows: list[Row]) -> list[Row]:
    """One row that counts the access points which are associated, of the state of each."""
    return _one(rows, "Access points", sum(_number(row) == _ASSOCIATED for row in rows))


def _one(rows: list[Row], name: str, value: float) -> list[Row]:
    for row in rows[:1]:
        row.tags["name"] = name
        row.fields["value"] = float(value)
    return rows[:1]


def _number(row: Row) -> float:
    value = row.fields.get("value")
    return value if isinstance(value, int | float) else 0.0
