"""When a host is expected to be down. Pure."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta, tzinfo

from inventory.model import Maintenance

_EVERY_DAYS = {"daily": 1, "weekly": 7}
_S = 1_000_000_000


def windows(
    maintenance: Iterable[Maintenance], host: str, since_ns: int, until_ns: int, zone: tzinfo
) -> list[tuple[int, int]]:
    """The parts of [since_ns, until_ns) in which `host` is under maintenance: (start, end) in ns, apart, ascending.

    What repeats starts and ends at the same local time of `zone` each time. Where clocks are put forward or back within
    that hour, the earlier reading of the start and the later one of the end count.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted(
        (max(start, since_ns), min(end, until_ns))
        for planned in maintenance
        if host in planned.hosts
        for start, end in _times(planned, since_ns, until_ns, zone)
        if start < until_ns and end > since_ns
    ):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _times(planned: Maintenance, since_ns: int, until_ns: int, zone: tzinfo) -> Iterator[tuple[int, int]]:
    """The first time, and all repetitions that may touch [since_ns, until_ns)."""
    yield planned.start_ns, planned.end_ns
    every = _EVERY_DAYS.get(planned.repeat)
    if every is None:
        return
    start, end = _local(planned.start_ns, zone), _local(planned.end_ns, zone)
    last_ns = until_ns if planned.until_ns is None else min(until_ns, planned.until_ns)
    days_before = (since_ns - planned.end_ns) // (86_400 * _S) - 1
    number = max(1, days_before // every)
    while (begin := _ns(start + timedelta(days=every * number), zone, min)) < last_ns:
        yield begin, _ns(end + timedelta(days=every * number), zone, max)
        number += 1


def _local(at_ns: int, zone: tzinfo) -> datetime:
    """The wall clock, to the microsecond, without its zone."""
    seconds, rest_ns = divmod(at_ns, _S)
    return datetime.fromtimestamp(seconds, zone).replace(tzinfo=None, microsecond=rest_ns // 1_000, fold=0)


def _ns(wall: datetime, zone: tzinfo, choose: Callable[[Iterable[int]], int]) -> int:
    readings = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return choose(round(reading.timestamp() * 1e6) for reading in readings) * 1_000
