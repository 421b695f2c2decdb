"""When hosts were last heard of, also long before the period."""

from collections.abc import Collection, Mapping

from collector.report.availability.outage_record import Record
from collector.report.context import DAY_NS, Context
from collector.report.statistics.spans import minus
from inventory.model import DuckdbStore, InfluxStore

_LONGEST_DAYS = 3660


def last_known_ns(record: Record, since_ns: int, until_ns: int) -> int | None:
    """Until when within the period anything was known; None where nothing ever was."""
    known = minus(((since_ns, until_ns),), record.unknown)
    return known[-1][1] if known else None


def last_seen(context: Context, records: Mapping[str, Record], names: Collection[str]) -> dict[str, int]:
    """Of these hosts, when each was last asked, to the UTC day where that was before the period; without those that never
    were as long as the store remembers."""
    found: dict[str, int] = {}
    older = []
    for name in names:
        seen_ns = last_known_ns(records[name], context.since_ns, context.until_ns)
        if seen_ns is None:
            older.append(name)
        else:
            found[name] = seen_ns
    if older:
        store = context.inventory.store
        days = store.daily_days if isinstance(store, DuckdbStore | InfluxStore) else _LONGEST_DAYS
        for history in context.store.histories(
            "device", ["up"], since_ns=max(0, context.until_ns - days * DAY_NS), until_ns=context.since_ns,
            every_s=DAY_NS // 10**9, only={"host": older},
        ):  # fmt: skip
            name = history.tags["host"]
            found[name] = max(found.get(name, 0), min(int(history.times_ns[-1]) + DAY_NS, context.since_ns))
    return found
