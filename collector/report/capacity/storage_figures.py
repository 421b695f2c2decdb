"""How full the file systems of servers are and how fast they fill, before that is judged."""

from collections.abc import Collection, Iterable, Mapping

import msgspec
import numpy as np

from collector.report.context import HOUR_NS, Context
from collector.report.statistics.samples import Floats, on_days
from collector.report.statistics.trend import TREND_DAYS, Slope, Trend, first_day_ns, fit
from collector.store.contract import History
from inventory.model import Host

NOT_JUDGED = frozenset(("removable", "network", "ram"))
"""kinds of storage that fill by design (a CD), elsewhere (a share counts where it is), or with what is needed (RAM disks)"""

FAST_HOURS = 96
"""how far back is looked for a disk that began to fill lately: four days, so that what comes and goes daily shows as such"""

FAST_DAYS = 14
"""what four days show is not taken further than this"""

_READ_ONLY_PERCENT = 99.99
_READ_ONLY_DAYS = 14


class FileSystem(msgspec.Struct):
    """One file system, disk or pool, at the period's end.

    Attributes:
        daily: bytes in use, means of the last `TREND_DAYS` UTC days, NaN where there is none.
        trend: growth in bytes a day, beginning with what is in use now; None where there is too little data.
        is_fast: the trend is that of the last four days, as it fills faster than before.
    """

    host: Host
    name: str
    kind: str
    total_bytes: float
    used_bytes: float
    daily: Floats
    trend: Trend | None = None
    is_fast: bool = False

    @property
    def percent(self) -> float:
        return 100 * self.used_bytes / self.total_bytes

    @property
    def where(self) -> str:
        """What people call it: "srv-2 /var"."""
        return f"{self.host.name} {self.name}"

    @property
    def days_to_full(self) -> float | None:
        """By the trend, where it certainly grows."""
        return self.trend.reaches(self.total_bytes).days if self.trend else None


def is_server(host: Host) -> bool:
    """Whether its processors, memory and disks are judged: network devices' flash fills only when somebody copies to it."""
    return host.role == "server"


def measure_file_systems(context: Context) -> list[FileSystem]:
    """Those of the selected servers that can fill, with their trends, by host and name. Measured once a context."""
    return context.once.get("file systems", lambda: _measured(context))


def _measured(context: Context) -> list[FileSystem]:
    found = _now(context)
    if not found:
        return []
    hosts = {host for host, _, _ in found}
    first_ns = first_day_ns(context.until_ns)
    for history in _used(context, hosts, first_ns, 86_400):
        if file_system := found.get(_key(history.tags)):
            # a place that was renamed has two series
            newer = on_days(history.times_ns, history.values["used_bytes"], first_ns, TREND_DAYS)
            file_system.daily = np.where(np.isnan(newer), file_system.daily, newer)
    for file_system in found.values():
        if trend := fit(file_system.daily, season=1, least_days=10, least_span=14):
            file_system.trend = _from_now(trend, file_system.used_bytes)
    first_ns = (context.until_ns - 1) // HOUR_NS * HOUR_NS - (FAST_HOURS - 1) * HOUR_NS
    for history in _used(context, hosts, first_ns, 3600):
        if file_system := found.get(_key(history.tags)):
            _look_at_last_days(file_system, history, first_ns)
    return [each for each in found.values() if not _is_read_only(each)]


def _now(context: Context) -> dict[tuple[str, str, str], FileSystem]:
    found = {}
    for point in sorted(context.latest("storage", ("total_bytes", "used_bytes")), key=lambda point: point.time_ns):
        host, name, kind = key = _key(point.tags)
        total, used = point.fields.get("total_bytes"), point.fields.get("used_bytes")
        if not is_server(context.hosts[host]) or kind in NOT_JUDGED:
            continue
        if isinstance(total, int) and total > 0 and isinstance(used, int):
            empty = np.full(TREND_DAYS, np.nan)
            found[key] = FileSystem(context.hosts[host], name, kind, float(total), float(min(used, total)), empty)
    return dict(sorted(found.items()))


def _used(context: Context, hosts: Collection[str], since_ns: int, every_s: int) -> Iterable[History]:
    return context.store.histories(
        "storage", ["used_bytes"], since_ns=since_ns, until_ns=context.until_ns, every_s=every_s, only={"host": hosts}
    )


def _key(tags: Mapping[str, str]) -> tuple[str, str, str]:
    return (tags.get("host", ""), tags.get("name", ""), tags.get("kind", ""))


def _from_now(trend: Trend, used_bytes: float) -> Trend:
    """Beginning with what is in use: unlike a line's load, that is known exactly."""
    return msgspec.structs.replace(trend, level=used_bytes, level_low=used_bytes, level_high=used_bytes)


def _look_at_last_days(file_system: FileSystem, history: History, first_ns: int) -> None:
    """Take the trend of the last four days where by it alone the disk is full soon, and much sooner than by the long one."""
    hourly = np.full(FAST_HOURS, np.nan)
    places = (history.times_ns - first_ns) // HOUR_NS
    hourly[places[places >= 0]] = history.values["used_bytes"][places >= 0]
    found = fit(hourly, season=24, least_days=48, least_span=60)
    if found is None:
        return
    slope = Slope(*(24 * each for each in (found.slope.value, found.slope.low, found.slope.high)))
    lately = msgspec.structs.replace(found, slope=slope, since_days=FAST_HOURS // 24)
    fast = _from_now(lately, file_system.used_bytes)
    days, known = fast.reaches(file_system.total_bytes).days, file_system.days_to_full
    if days is not None and days <= FAST_DAYS and (known is None or days < known / 2):
        file_system.trend = fast
        file_system.is_fast = True


def _is_read_only(file_system: FileSystem) -> bool:
    """An image that is mounted is full, and was so every day."""
    known = file_system.daily[~np.isnan(file_system.daily)]
    return (
        file_system.percent >= _READ_ONLY_PERCENT
        and len(known) >= _READ_ONLY_DAYS
        and bool((known == file_system.used_bytes).all())
    )
