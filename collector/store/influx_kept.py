"""What an InfluxDB holds of a measurement: samples for a time, rollups for longer."""

# Names in statements are quoted: see influx_read.
# ruff: noqa: S608

from collector.store.contract import StoreRefusedError
from collector.store.influx_read import Ask, quoted
from collector.store.reading import DAY_NS, DAY_S
from collector.store.segments import DAILY, HOUR_NS, Kept
from inventory.model import InfluxStore

SETTLED_NS = 12 * HOUR_NS
"""after its end a day's rollups have been made at least once more, with the samples that were under way at midnight"""


def kept(ask: Ask, config: InfluxStore, measurement: str, now_ns: int) -> Kept:
    """Samples as long as they are kept, and rollups; samples only, for ever, where `raw_days` is not set.

    Of the days with samples those count as rolled up of which the server has rollups, and that are over for a while.
    """
    if config.raw_days is None:
        return Kept()
    today = now_ns // DAY_NS
    # The oldest day of each is half gone.
    raw_from, hourly_from = today - config.raw_days + 1, today - config.hourly_days + 1
    gone = range(today - config.daily_days, raw_from)
    rolled_up = _rolled_up(ask, measurement, raw_from, (now_ns - SETTLED_NS) // DAY_NS)
    return Kept(rolled_up.union(gone), raw_from, hourly_from)


def _rolled_up(ask: Ask, measurement: str, first: int, stop: int) -> frozenset[int]:
    """The days of `[first, stop)` that have a daily rollup: it is made after the hourly one."""
    if first >= stop:
        return frozenset()
    statement = (
        f"SELECT count({quoted('samples')}) FROM {quoted(DAILY)}.{quoted(measurement)}"
        f" WHERE time >= {first * DAY_NS} AND time < {stop * DAY_NS} GROUP BY time(1d) fill(none)"
    )
    try:
        days = {int(row[0]) // DAY_S for table in ask(statement, measurement) for row in table.values}
    except StoreRefusedError:
        return frozenset()  # rollups were not set up yet; of anything else that is wrong, what is asked next will tell
    begun = min(days, default=first)
    # They may have been set up in the middle of their first day.
    return frozenset(days if begun == first else days - {begun})
