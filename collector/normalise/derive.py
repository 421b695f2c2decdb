"""What follows from a row's fields without a second sample, and what is impossible in them."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from collector.metrics.model import FieldValue
from collector.normalise.clean import INT64_MAX

Fields: TypeAlias = dict[str, FieldValue]

PERCENT_SLACK = 10.0
"""a percentage over 100 by no more than this is rounding (100); beyond, it is no percentage"""
ABSOLUTE_ZERO_C = -273.15

NEVER_NEGATIVE = frozenset(
    (
        "airflow",
        "bitrate",
        "charge",
        "count",
        "delay",
        "distance",
        "energy",
        "fan",
        "frequency",
        "humidity",
        "load",
        "loss",
        "percent",
        "power_apparent",
        "runtime",
        "waterflow",
    )
)
"""classes of sensors whose negative readings are a device's way to say that it has none"""


def _number(fields: Fields, name: str) -> int | float | None:
    value = fields.get(name)
    return value if isinstance(value, (int, float)) else None


def _bound_percent(fields: Fields, name: str) -> None:
    percent = _number(fields, name)
    if percent is None:
        return
    if not 0 <= percent <= 100 + PERCENT_SLACK:
        del fields[name]
    elif percent > 100:
        fields[name] = 100.0


def space(fields: Fields) -> bool:
    """Memory and storage: of total, used, free and percent, what is missing follows from any two that tell it.

    A pool of no size (no swap, an empty slot) is no pool, and of one with more in use than there is (a size that went
    beyond 32 bits) nobody knows which figure is wrong.
    """
    _bound_percent(fields, "used_percent")
    for name in ("total_bytes", "used_bytes", "free_bytes"):
        value = _number(fields, name)
        if value is not None and value < 0:
            del fields[name]
    total, used, free = (_number(fields, name) for name in ("total_bytes", "used_bytes", "free_bytes"))
    percent = _number(fields, "used_percent")
    if total == 0 and not used:
        return False
    if total and used is not None and used > total * (1 + PERCENT_SLACK / 100):
        return False
    if total and free is not None and free > total:
        del fields["free_bytes"]
        free = None
    if used is None:
        if total is not None and free is not None:
            used = total - free
        elif total and percent is not None:
            used = round(total * percent / 100)
        elif free is not None and percent is not None and percent < 100:
            used = round(free * percent / (100 - percent))
    if not total:
        if used is not None and free is not None:
            total = used + free
        elif used and percent:
            total = round(used * 100 / percent)
    if free is None and total and used is not None and used <= total:
        free = total - used
    if percent is None and total and used is not None:
        percent = min(100.0 * used / total, 100.0)
    for name, value in (("total_bytes", total), ("used_bytes", used), ("free_bytes", free), ("used_percent", percent)):
        if value is not None and value <= INT64_MAX:
            fields[name] = value
    return True


def cpu(fields: Fields) -> bool:
    """A share of time."""
    _bound_percent(fields, "usage_percent")
    return True


def ping(fields: Fields) -> bool:
    """A share of echoes."""
    _bound_percent(fields, "loss_percent")
    return True


def device(fields: Fields) -> bool:
    """Nothing is up since the future."""
    uptime_s = _number(fields, "uptime_s")
    if uptime_s is not None and uptime_s < 0:
        del fields["uptime_s"]
    return True


def sensor(sensor_class: str, value: FieldValue | None) -> bool:
    """Whether a sensor of that class can read `value`."""
    if not isinstance(value, (int, float)):
        return False
    if sensor_class == "temperature":
        return value >= ABSOLUTE_ZERO_C
    return value >= 0 or sensor_class not in NEVER_NEGATIVE


DERIVE: Mapping[str, Callable[[Fields], bool]] = {
    "memory": space,
    "storage": space,
    "cpu": cpu,
    "ping": ping,
    "device": device,
}
"""by measurement: completes the fields in place; False where there is nothing to tell"""
