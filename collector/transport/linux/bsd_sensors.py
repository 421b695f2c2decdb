"""Sensors of the BSDs: hw.sensors of OpenBSD (sensorsd(8)), dev.cpu and hw.acpi.thermal of FreeBSD and DragonFly."""

import re
from collections.abc import Iterator, Mapping

from collector.metrics.model import FieldValue
from collector.plugin.model import Row

_CORE = re.compile(r"dev\.cpu\.(\d+)\.temperature$")
_ZONE = re.compile(r"hw\.acpi\.thermal\.(tz\d+)\.temperature$")
_CELSIUS = re.compile(r"(-?\d+(?:\.\d+)?)C$")
_OPENBSD = re.compile(r"hw\.sensors\.(\w+)\.([a-z]+)(\d+)$")
_VALUE = re.compile(r"(-?\d+(?:\.\d+)?) ?(\S+)")
_LABEL = re.compile(r"\(([^()]+)\)")
_STATUS = re.compile(r", (OK|WARNING|CRITICAL|UNKNOWN)$")
_UNITS = {
    "degC": ("temperature", 1.0),
    "RPM": ("fan", 1.0),
    "VDC": ("voltage", 1.0),
    "VAC": ("voltage", 1.0),
    "V": ("voltage", 1.0),
    "A": ("current", 1.0),
    "W": ("power", 1.0),
    "Wh": ("energy", 1e-3),
    "Hz": ("frequency", 1.0),
    "%": ("percent", 1.0),
    "secs": ("delay", 1.0),
    "Pa": ("pressure", 1e-3),
}
"""as sysctl(8) writes them, with our class and what makes them its unit"""
_GOOD_DRIVE = frozenset(("empty", "ready", "powering up", "online", "idle", "active"))


def sensor_rows(values: Mapping[str, str]) -> list[Row]:
    """`sensor` rows, and `state` rows where the system judges them."""
    rows: list[Row] = []
    for name, text in values.items():
        if match := _CORE.match(name) or _ZONE.match(name):
            label = match[1] if match[1].startswith("tz") else f"cpu{match[1]}"
            if reading := _CELSIUS.match(text):
                rows.append(_sensor(label, "temperature", float(reading[1])))
        elif match := _OPENBSD.match(name):
            rows += _openbsd(match[1], match[2], match[3], text)
    return rows


def _openbsd(device: str, kind: str, number: str, text: str) -> Iterator[Row]:
    """ "45.00 degC (zone temperature), OK", "online (sd2), OK"."""
    status = _STATUS.search(text)
    label = _LABEL.search(text)
    name = f"{device} {label[1] if label else kind + number}"
    if kind == "drive":
        state = text.partition(" (")[0].partition(",")[0].strip()
        yield _state(name, "drive", state.replace(" ", "-"), state in _GOOD_DRIVE)
        return
    reading = _VALUE.match(text)
    if reading and (unit := reading[2].rstrip(",")) in _UNITS:
        sensor_class, scale = _UNITS[unit]
        if kind == "humidity":
            sensor_class = "humidity"
        yield _sensor(name, sensor_class, float(reading[1]) * scale)
    if status:
        yield _state(name, "status", status[1].lower(), status[1] in ("OK", "UNKNOWN"))


def _sensor(name: str, sensor_class: str, value: float) -> Row:
    return Row("sensor", {"name": name, "class": sensor_class}, {"value": round(value, 9)})


def _state(name: str, state_class: str, text: str, ok: bool) -> Row:
    fields: dict[str, FieldValue] = {"text": text, "ok": ok}
    return Row("state", {"name": name, "class": state_class}, fields)
