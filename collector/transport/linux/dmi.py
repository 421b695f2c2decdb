"""Parts of a server, from `dmidecode -t 1,3,17,39` (SMBIOS: system, chassis, memory devices, power supplies)."""

import re

from collector.plugin.model import Row
from collector.transport.linux.documents import without_empty
from collector.transport.linux.sysfs import named

MAX_PARTS = 512
_SYSTEM, _CHASSIS, _MEMORY, _POWER_SUPPLY = 1, 3, 17, 39
_HANDLE = re.compile(r"Handle 0x[0-9A-Fa-f]+, DMI type (\d+)\b")
_EMPTY = re.compile(r"no module installed|unknown|0 [kMG]?B?$", re.IGNORECASE)


def system_fields(output: str) -> dict[str, str]:
    """Fields of `device_info`: vendor, model, serial."""
    for kind, part in _parts(output):
        if kind == _SYSTEM:
            fields = {
                "vendor": part.get("Manufacturer", ""),
                "model": part.get("Product Name", ""),
                "serial": part.get("Serial Number", ""),
            }
            return {name: text for name, text in fields.items() if text}
    return {}


def component_rows(output: str) -> list[Row]:
    """Chassis, memory modules and power supplies that are there."""
    rows = []
    for kind, part in _parts(output):
        described = None
        if kind == _CHASSIS:
            described = "chassis", "Chassis", part.get("Type", "")
        elif kind == _MEMORY and not _EMPTY.match(part.get("Size", "unknown")):
            words = (part.get(key, "") for key in ("Size", "Type", "Speed"))
            described = "memory", _slot(part), " ".join(filter(None, words))
        elif kind == _POWER_SUPPLY and "not present" not in part.get("Status", "").lower():
            described = "power-supply", part.get("Location") or "Power supply", part.get("Max Power Capacity", "")
        if described:
            fields = {
                "class": described[0],
                "descr": described[2],
                "model": part.get("Part Number") or part.get("Model Part Number", ""),
                "serial": part.get("Serial Number", ""),
                "vendor": part.get("Manufacturer", ""),
                "hardware_rev": part.get("Version") or part.get("Revision", ""),
            }
            rows.append(Row("component", {"name": described[1]}, without_empty(fields)))
    return rows


def _slot(part: dict[str, str]) -> str:
    """ "DIMM_A1"; some makers name the slot by bank and locator together, and repeat the locator in each bank."""
    locator, bank = part.get("Locator", ""), part.get("Bank Locator", "")
    return " ".join(filter(None, (bank, locator))) if len(locator) < 7 and bank else locator or "Memory module"


def _parts(output: str) -> list[tuple[int, dict[str, str]]]:
    """Type and attributes of each structure; attributes that are placeholders or lists are left out."""
    parts: list[tuple[int, dict[str, str]]] = []
    for line in output.splitlines():
        if match := _HANDLE.match(line):
            if len(parts) == MAX_PARTS:
                break
            parts.append((int(match[1][:4]), {}))
        elif parts and line.startswith("\t") and not line.startswith("\t\t"):
            key, colon, value = line.strip().partition(":")
            if colon and (value := named(value)):
                parts[-1][1][key] = value
    return parts
