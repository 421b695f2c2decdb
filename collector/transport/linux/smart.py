"""Disks, from `smartctl -j -i -H -A` (smartmontools 7.0 and newer)."""

import re
from collections.abc import Iterator

from collector.plugin.model import Row
from collector.transport.linux.documents import document, entry, number, objects, text, without_empty

_WEAR_LEFT = re.compile(
    r"(media_wearout_indicator|wear_leveling_count|ssd_life_left|percent_lifetime_remain(ing)?|remaining_lifetime_perc)$",
    re.IGNORECASE,
)
"""ATA attributes whose normalised value begins at 100 and ends at 0"""
_ERROR_BITS = 0b11
"""of the exit status: the command line was wrong, or the disk could not be opened"""
_ASLEEP = re.compile(r"\b(STANDBY|SLEEP) mode", re.IGNORECASE)


def disk_rows(device: str, output: str) -> list[Row]:
    """Component, health, temperature and wear of one disk; `device` is what it was asked as, "/dev/sda sat".

    Raises:
        ValueError: the disk could not be asked; why.
    """
    whole = document(output)
    if not isinstance(whole, dict):
        raise ValueError(_first_line(output) or "no answer")
    name = f"Disk {_name(device)}"
    model = _first(whole, "model_name", "scsi_model_name", "product", "scsi_product")
    rows = []
    if model:
        fields = {
            "class": "disk",
            "descr": _first(whole, "model_family"),
            "model": model,
            "serial": text(whole, "serial_number"),
            "vendor": _first(whole, "vendor", "scsi_vendor"),
            "firmware_rev": _first(whole, "firmware_version", "revision", "scsi_revision"),
        }
        rows.append(Row("component", {"name": name}, without_empty(fields)))
    passed = entry(whole, "smart_status", "passed")
    if isinstance(passed, bool):
        state = "passed" if passed else "failed"
        rows.append(Row("state", {"name": name, "class": "smart"}, {"text": state, "ok": passed}))
    rows += _sensor_rows(name, whole)
    if not rows:
        reason = _reason(whole)
        if _ASLEEP.search(reason):
            return []
        if int(number(whole, "smartctl", "exit_status") or 0) & _ERROR_BITS or reason:
            raise ValueError(reason or "it could not be opened")
    return rows


def _sensor_rows(name: str, whole: object) -> Iterator[Row]:
    celsius = number(whole, "temperature", "current")
    if celsius is not None and -50 < celsius < 150 and celsius:
        yield Row("sensor", {"name": name, "class": "temperature"}, {"value": float(celsius)})
    wear = _wear_percent(whole)
    if wear is not None and 0 <= wear <= 255:
        yield Row("sensor", {"name": f"{name} wear", "class": "percent"}, {"value": float(wear)})


def _wear_percent(whole: object) -> float | None:
    """How much of its life a disk of flash has spent: NVMe's and SCSI's own figure may exceed 100."""
    for path in (
        ("nvme_smart_health_information_log", "percentage_used"),
        ("scsi_percentage_used_endurance_indicator",),
        ("endurance_used", "current_percent"),
    ):
        if (found := number(whole, *path)) is not None:
            return found
    for attribute in objects(entry(whole, "ata_smart_attributes", "table")):
        left = number(attribute, "value")
        if _WEAR_LEFT.match(text(attribute, "name")) and left is not None and 0 <= left <= 100:
            return 100 - left
    return None


def _name(device: str) -> str:
    """ "sda"; behind a RAID controller also which of its disks: "bus/0 megaraid,5"."""
    path, _, type_ = device.partition(" ")
    short = path.removeprefix("/dev/")
    return f"{short} {type_}" if "," in type_ else short


def _first(whole: object, *keys: str) -> str:
    return next(filter(None, (text(whole, key) for key in keys)), "")


def _reason(whole: object) -> str:
    messages = (text(message, "string") for message in objects(entry(whole, "smartctl", "messages")))
    return next(filter(None, messages), "")


def _first_line(output: str) -> str:
    return next(filter(None, (line.strip() for line in output.splitlines())), "")
