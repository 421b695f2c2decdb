"""Memory as an operator sees it."""

from collector.plugin.model import Row


def physical_memory(rows: list[Row]) -> list[Row]:
    """Count buffers and cache as free, and show them in rows of their own.

    memSysAvail is the kernel's own estimate of what programs can still get; where the agent is too old for it, it is
    what is free, in buffers and in cache.
    """
    return [found for row in rows for found in _rows_of(row)]


def _rows_of(row: Row) -> list[Row]:
    total, free = row.fields.get("total_bytes"), row.fields.get("free_bytes")
    if not isinstance(total, int) or not isinstance(free, int):
        return [row]
    buffers, cached = _kb(row, "buffers_kb"), _kb(row, "cached_kb")
    available = _kb(row, "available_kb") or free + buffers + cached
    if 0 < available <= total:
        row.fields["free_bytes"] = available
        row.fields["used_bytes"] = total - available
    return [
        row,
        *(
            Row("memory", {"name": name, "kind": kind}, {"total_bytes": total, "used_bytes": used}, cell=row.cell)
            for name, kind, used in (("Buffers", "buffers", buffers), ("Cache", "cached", cached))
            if used
        ),
    ]


def _kb(row: Row, name: str) -> int:
    value = row.fields.get(name)
    return value * 1024 if isinstance(value, int) and value > 0 else 0
