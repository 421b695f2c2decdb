"""Parsers of /sys and of the files that name the machine. Files come as a mapping from path to content."""

import re
from collections.abc import Mapping

from collector.metrics.model import FieldValue
from collector.plugin.model import Row

DMI_FILES = ("sys_vendor", "product_name", "product_serial")
"""of /sys/class/dmi/id; the serial number is for root alone"""

_IFF_UP = 0x1
_OPER_STATUS = {"lowerlayerdown": "lower-layer-down", "notpresent": "not-present"}
_STATES = frozenset(("up", "down", "testing", "unknown", "dormant", "lower-layer-down", "not-present"))
_HARDWARE = {"1": "ethernetCsmacd", "512": "ppp", "772": "softwareLoopback", "768": "tunnel", "776": "tunnel"}
"""ARPHRD_ of linux/if_arp.h as IANAifType"""
_NO_NAME = re.compile(
    r"(to be filled.*|default string|not (specified|applicable|available)|system (product name|manufacturer|serial number)"
    r"|none|n/?a|unknown|o\.?e\.?m\.?|0+|0?123456789|x+|\.+|-+)$",
    re.IGNORECASE,
)

_CLASSES = {
    "temp": ("temperature", 1e-3),
    "fan": ("fan", 1.0),
    "in": ("voltage", 1e-3),
    "curr": ("current", 1e-3),
    "power": ("power", 1e-6),
    "energy": ("energy", 1e-6 / 3.6e6),
    "humidity": ("humidity", 1e-3),
    "freq": ("frequency", 1.0),
}
"""hwmon's classes and the unit of their files in ours (Documentation/hwmon/sysfs-interface.rst)"""
_INPUT = re.compile(r"(.*)/((temp|fan|in|curr|power|energy|humidity|freq)\d+)_(input|average)$")


def interface_rows(
    counters: Mapping[str, Mapping[str, int]],
    attributes: Mapping[str, Mapping[str, str]],
    types: Mapping[str, str] = {},
    *,
    with_info: bool = True,
) -> list[Row]:
    """`interface` and, if wanted, `interface_info` rows from counters (`proc.interface_counters`) and the files of
    /sys/class/net/NAME (the kernel's Documentation/ABI/testing/sysfs-class-net); `types` says what is known better than by the type of the hardware (`links.link_types`)."""
    rows = []
    for name, counted in counters.items():
        files = attributes.get(name, {})
        fields: dict[str, FieldValue] = {**_state(files), **counted}
        rows.append(Row("interface", {"name": name}, fields))
        if with_info:
            rows.append(Row("interface_info", {"name": name}, _info(name, files, types.get(name, ""))))
    return rows


def _number(text: str, base: int = 10) -> int | None:
    try:
        number = int(text.strip(), base)
    except ValueError:
        return None
    return number if abs(number) < 1 << 63 else None


def _state(files: Mapping[str, str]) -> dict[str, FieldValue]:
    fields: dict[str, FieldValue] = {}
    index, flags, speed = (
        _number(files.get("ifindex", "")),
        _number(files.get("flags", ""), 16),
        _number(files.get("speed", "")),
    )
    if index is not None:
        fields["index"] = index
    if flags is not None:
        fields["admin_status"] = "up" if flags & _IFF_UP else "down"
    status = files.get("operstate", "").strip()
    status = _OPER_STATUS.get(status, status)
    if status == "unknown" and files.get("carrier", "").strip() == "1":
        status = "up"  # drivers without a notion of links (lo, tun, ppp) never leave "unknown"
    if status in _STATES:
        fields["oper_status"] = status
    if speed is not None and speed > 0:
        fields["speed_bps"] = speed * 1_000_000
    duplex = files.get("duplex", "").strip()
    if duplex in ("full", "half"):
        fields["duplex"] = duplex
    return fields


def _info(name: str, files: Mapping[str, str], known_type: str) -> dict[str, FieldValue]:
    fields: dict[str, FieldValue] = {"if_name": name}
    for field, file in (("index", "ifindex"), ("mtu", "mtu")):
        number = _number(files.get(file, ""))
        if number is not None:
            fields[field] = number
    mac = files.get("address", "").strip()
    if mac.strip("0:"):
        fields["mac"] = mac
    if alias := files.get("ifalias", "").strip():
        fields["alias"] = alias
    hardware = files.get("type", "").strip()
    if hardware or known_type:
        fields["type"] = known_type or _HARDWARE.get(hardware, "other")
    return fields


def device_info_row(
    os_release: str, dmi: Mapping[str, str], kernel: Mapping[str, str], device_tree_model: str = ""
) -> Row:
    """What the machine is: from /etc/os-release, `DMI_FILES`, /proc/sys/kernel/* and, where there is no DMI (ARM),
    /proc/device-tree/model."""
    release = _assignments(os_release)
    vendor, model, serial = (named(dmi.get(name, "")) for name in DMI_FILES)
    host, system, version = (kernel.get(name, "").strip() for name in ("hostname", "ostype", "osrelease"))
    fields = {
        "vendor": vendor,
        "model": model or named(device_tree_model.rstrip("\0")),
        "serial": serial,
        "os": release.get("NAME") or system,
        "os_version": release.get("VERSION_ID") or version,
        "sys_name": host,
        "sys_descr": " ".join(filter(None, (system, host, version, kernel.get("version", "").strip()))),
    }
    return Row("device_info", {}, {name: text for name, text in fields.items() if text})


def named(text: str) -> str:
    """A name that is no placeholder of a maker who left it to the next one; "" for those."""
    text = text.strip()
    return "" if _NO_NAME.match(text) else text


def _assignments(text: str) -> dict[str, str]:
    """os-release(5): shell assignments, quoted or not."""
    found = {}
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and not name.startswith("#"):
            found[name] = re.sub(r'\\([$"\'\\`])', r"\1", value.strip().strip("\"'"))
    return found


def sensor_rows(hwmon: Mapping[str, str], thermal: Mapping[str, str]) -> list[Row]:
    """Sensors: files below /sys/class/hwmon ("hwmon0/temp1_input") and below /sys/class/thermal ("thermal_zone0/temp").

    A thermal zone that a chip of hwmon shows as well (the kernel names it after the zone) is left out.
    """
    rows = []
    chips = set()
    readings = {
        match[1] + "/" + match[2]: (match, text)
        for path, text in sorted(hwmon.items())
        if (match := _INPUT.match(path))
    }
    for key, (match, text) in readings.items():
        value = _number(text)
        if value is None or hwmon.get(f"{key}_fault", "0").strip() == "1":
            continue
        chip = hwmon.get(f"{match[1]}/name", "").strip() or match[1]
        label = hwmon.get(f"{key}_label", "").strip() or match[2]
        sensor_class, scale = _CLASSES[match[3]]
        chips.add(chip)
        rows.append(_sensor(f"{chip} {label}", sensor_class, value * scale))
    for zone in sorted({path.partition("/")[0] for path in thermal}):
        name = thermal.get(f"{zone}/type", "").strip() or zone
        value = _number(thermal.get(f"{zone}/temp", ""))
        if value is not None and name not in chips and name.replace("-", "_") not in chips:
            rows.append(_sensor(name, "temperature", value * 1e-3))
    return rows


def _sensor(name: str, sensor_class: str, value: float) -> Row:
    return Row("sensor", {"name": name, "class": sensor_class}, {"value": round(value, 9)})
