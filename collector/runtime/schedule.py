"""Who is due when. Pure: times are arguments, seconds since the epoch."""

import zlib
from collections.abc import Mapping


def aligned(now_s: float, interval_s: int) -> int:
    """The start of the interval that `now_s` falls in: the timestamp of all points of that cycle."""
    return int(now_s) // interval_s * interval_s


def phase_s(key: str, interval_s: int) -> int:
    """A fixed share of `interval_s`, different for each key: spreads hourly tables of many hosts over the hour."""
    return zlib.crc32(key.encode()) % interval_s


def is_due(interval_s: int, last_s: int | None, now_s: int, phase: int = 0) -> bool:
    """Whether something done at `last_s` is to be done in the cycle of `now_s`.

    Counted in whole intervals from the epoch, not from the last time, so that a late cycle does not delay the later ones.
    """
    if last_s is None or last_s > now_s:  # never, or the clock was set back
        return True
    return (now_s + phase) // interval_s > (last_s + phase) // interval_s


def interval_of(measurement: str, declared_s: int, configured: Mapping[str, int], cycle_s: int) -> int:
    """How often a table of `measurement` is polled: what the configuration says, else its family; never under a cycle."""
    return max(configured.get(measurement, declared_s), cycle_s)
