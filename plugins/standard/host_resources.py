"""Memory as an operator sees it."""

from collector.plugin.model import Row


def without_cache(rows: list[Row]) -> list[Row]:
    """Take buffers and cache out of the physical memory in use.

    net-snmp counts them in, as the kernel can give them away at any time; it shows both in rows of their own
    (HOST-RESOURCES-MIB has no word for them). Where it does not, newer ones show how much is available.
    """
    by_kind = {row.tags.get("kind"): row.fields for row in rows}
    physical = by_kind.get("physical")
    if physical is None or "used_bytes" not in physical:
        return rows
    total, used = physical.get("total_bytes"), physical["used_bytes"]
    available = by_kind.get("available", {}).get("total_bytes")
    given_away = sum(_bytes_used(by_kind.get(kind, {})) for kind in ("buffers", "cached"))
    if isinstance(used, int) and 0 < given_away <= used:
        physical["used_bytes"] = used - given_away
    elif isinstance(total, int) and isinstance(available, int) and 0 < available <= total:
        physical["used_bytes"] = total - available
    return rows


def _bytes_used(fields: dict[str, int | float | str | bool]) -> int:
    used = fields.get("used_bytes", 0)
    return used if isinstance(used, int) else 0
