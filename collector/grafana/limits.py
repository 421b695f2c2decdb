"""Which readings are bad, and from where on: the one place that panels and alert rules take it from; and Grafana's units."""

from typing import Literal

import msgspec

from collector.metrics.catalogue import MEASUREMENTS, SENSOR_UNITS

UNITS = {
    "": "string",
    "1": "short",
    "1/d": "short",
    "1/s": "ops",
    "%": "percent",
    "A": "amp",
    "By": "bytes",
    "By/s": "Bps",
    "bit": "short",
    "bit/s": "bps",
    "d": "d",
    "ms": "ms",
    "s": "s",
    "{frame}/s": "pps",
    "{packet}": "short",
    "{packet}/s": "pps",
}
"""Grafana's unit for each unit of the catalogue"""

SENSOR_GRAFANA_UNITS = {
    "%": "percent",
    "1": "short",
    "A": "amp",
    "C": "celsius",
    "Hz": "hertz",
    "V": "volt",
    "VA": "voltamp",
    "W": "watt",
    "bps": "bps",
    "dB": "dB",
    "dBm": "dBm",
    "dBmV": "short",
    "deg": "degree",
    "kPa": "pressurekpa",
    "kWh": "kwatth",
    "l/min": "flowlpm",
    "m": "lengthm",
    "m3/h": "short",
    "ps/nm": "short",
    "rpm": "rotrpm",
    "s": "s",
    "var": "voltampreact",
}
"""Grafana's unit for each unit of a class of sensors"""


class Limits(msgspec.Struct, frozen=True):
    """From where on a reading needs care, and from where on somebody has to act; `worse` says in which direction."""

    warning: float
    critical: float
    worse: Literal["above", "below"] = "above"


LIMITS: dict[tuple[str, str], Limits] = {
    ("interface", "in_util_percent"): Limits(80, 95),
    ("interface", "out_util_percent"): Limits(80, 95),
    ("interface", "in_errors_per_s"): Limits(0.1, 10),
    ("interface", "out_errors_per_s"): Limits(0.1, 10),
    ("interface", "in_discards_per_s"): Limits(1, 100),
    ("interface", "out_discards_per_s"): Limits(1, 100),
    ("cpu", "usage_percent"): Limits(80, 95),
    ("memory", "used_percent"): Limits(85, 95),
    ("storage", "used_percent"): Limits(80, 95),
    ("ping", "loss_percent"): Limits(1, 20),
    ("ping", "rtt_avg_ms"): Limits(100, 300),
    ("forecast", "days_to_full"): Limits(60, 14, "below"),
    ("forecast", "days_to_tight"): Limits(60, 14, "below"),
    ("poll", "duration_s"): Limits(10, 25),
    ("poll", "timeouts"): Limits(1, 10),
    ("poll", "retries"): Limits(1, 20),
}
"""by measurement and field"""

SENSOR_LIMITS: dict[str, Limits] = {
    "temperature": Limits(60, 75),
    "humidity": Limits(70, 85),
    "charge": Limits(80, 30, "below"),
    "load": Limits(70, 90),
    "runtime": Limits(1800, 600, "below"),
}
"""by class of sensor"""


OTHER_TIMES = ("Time on battery", "Time to full charge", "Mobile connection")
"""names of sensors of the class runtime that tell of other times than how long a battery lasts yet"""


def limits_of(measurement: str, field: str, sensor_class: str = "") -> Limits | None:
    """The limits of a field, or of a class of sensors; None where there are none."""
    return SENSOR_LIMITS.get(sensor_class) if sensor_class else LIMITS.get((measurement, field))


def unit_of(measurement: str, field: str, sensor_class: str = "") -> str:
    """Grafana's id of the unit that the catalogue states."""
    if sensor_class:
        return SENSOR_GRAFANA_UNITS[SENSOR_UNITS[sensor_class]]
    return UNITS[MEASUREMENTS[measurement].field(field).unit]
