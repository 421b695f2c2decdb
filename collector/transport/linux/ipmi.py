"""A server's management controller, from `ipmitool sdr elist` and `ipmitool chassis status`."""

import re

from collector.metrics.model import FieldValue
from collector.plugin.model import Row

MAX_RECORDS = 1024
_ANALOG = re.compile(r"(-?\d+(?:\.\d+)?)\s+(degrees C|degrees F|RPM|Volts|Amps|Watts|percent|CFM|Hz)\b", re.IGNORECASE)
_CLASSES = {
    "degrees c": "temperature",
    "degrees f": "temperature",
    "rpm": "fan",
    "volts": "voltage",
    "amps": "current",
    "watts": "power",
    "percent": "percent",
    "cfm": "airflow",
    "hz": "frequency",
}
_CUBIC_METRES_AN_HOUR = 1.699
"""one cubic foot a minute"""
_THRESHOLDS = {"nc": "non-critical", "cr": "critical", "nr": "non-recoverable"}
_DISCRETE = (
    (re.compile(r"power supply|\bPSU?\d*\b|\bAC\b", re.IGNORECASE), "power-supply"),
    (re.compile(r"fan", re.IGNORECASE), "fan"),
    (re.compile(r"drive|disk|bay", re.IGNORECASE), "disk"),
    (re.compile(r"redundan", re.IGNORECASE), "redundancy"),
    (re.compile(r"intrusion|chassis", re.IGNORECASE), "intrusion"),
    (re.compile(r"mem|dimm|ecc", re.IGNORECASE), "memory"),
    (re.compile(r"cpu|proc|therm", re.IGNORECASE), "processor"),
    (re.compile(r"batt", re.IGNORECASE), "battery"),
)
_BAD = re.compile(
    r"fail|fault|critical|lost|degraded|non-redundant|redundancy lost|out of range|error|uncorrect|intrusion|trip"
    r"|predictive|not ?ready|overload|over-?temp|overheat|rebuild|low$|corrupt|timeout|expired|bad",
    re.IGNORECASE,
)
_NOT_BAD = re.compile(r"no (failure|fault|error)|deassert|0x0+$|throttled? none|error logging enabled", re.IGNORECASE)
_SILENT = re.compile(r"(no reading|disabled|not readable|not present|absent|device absent|)$", re.IGNORECASE)
_FAULTS = {
    "Power Overload": ("Power overload", "power-supply"),
    "Main Power Fault": ("Main power", "power-supply"),
    "Power Control Fault": ("Power control", "power-supply"),
    "Drive Fault": ("Drives", "disk"),
    "Cooling/Fan Fault": ("Cooling", "fan"),
}


def sensor_rows(output: str) -> list[Row]:
    """`sensor` rows of readings, with a `state` where one is over a threshold's line or within it, and `state` rows of
    what has states alone. Lines are "Inlet Temp | 04h | ok  |  7.1 | 23 degrees C"."""
    rows: list[Row] = []
    records = [record for line in output.splitlines()[:MAX_RECORDS] if (record := _record(line))]
    names = [name for name, *_ in records]
    for name, status, entity, text in records:
        # the same name for each processor or supply: the entity tells them apart
        rows += _rows(f"{name} {entity}" if names.count(name) > 1 else name, status, text)
    return rows


def _record(line: str) -> tuple[str, str, str, str] | None:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) != 5 or not parts[0]:
        return None
    name, _, status, entity, text = parts
    return name, status.lower(), entity, text


def _rows(name: str, status: str, text: str) -> list[Row]:
    if status == "ns" or _SILENT.match(text):
        return []
    if match := _ANALOG.match(text):
        value, unit = float(match[1]), match[2].lower()
        if unit == "degrees f":
            value = (value - 32) / 1.8
        elif unit == "cfm":
            value *= _CUBIC_METRES_AN_HOUR
        sensor_class = _CLASSES[unit]
        level = next((told for short, told in _THRESHOLDS.items() if status.endswith(short)), "ok")
        return [
            Row("sensor", {"name": name, "class": sensor_class}, {"value": round(value, 6)}),
            _state(name, sensor_class, level, level == "ok"),
        ]
    state_class = next((found for pattern, found in _DISCRETE if pattern.search(name)), "status")
    ok = status == "ok" and not any(_BAD.search(one) and not _NOT_BAD.search(one) for one in text.split(", "))
    return [_state(name, state_class, text.lower(), ok)]


def chassis_rows(output: str) -> list[Row]:
    """States of the whole chassis: power, faults, whether it is open."""
    rows = []
    for line in output.splitlines()[:MAX_RECORDS]:
        key, colon, value = (part.strip() for part in line.partition(":"))
        value = value.lower()
        if not colon or not value:
            continue
        if key == "System Power":
            rows.append(_state("System power", "power", value, True))
        elif key == "Chassis Intrusion" and value in ("active", "inactive"):
            rows.append(_state("Chassis", "intrusion", "open" if value == "active" else "closed", value == "inactive"))
        elif key in _FAULTS and value in ("true", "false"):
            name, state_class = _FAULTS[key]
            rows.append(_state(name, state_class, "fault" if value == "true" else "ok", value == "false"))
    return rows


def _state(name: str, state_class: str, text: str, ok: bool) -> Row:
    fields: dict[str, FieldValue] = {"text": text, "ok": ok}
    return Row("state", {"name": name, "class": state_class}, fields)
