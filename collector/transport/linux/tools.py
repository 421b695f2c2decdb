"""What optional and root-only programs told, and why those did not that should have."""

import re

import msgspec

from collector.metrics.model import FieldValue
from collector.plugin.model import Row
from collector.transport.linux import dmi, ipmi, lldp, routing, smart
from collector.transport.linux.sections import Section, Sections

_REFUSED = re.compile(
    r"permission denied|operation not permitted|must be root|need to be root|a (terminal|password) is required"
    r"|not allowed to|is not in the sudoers|authentication (failed|required|needed)|not permitted|access denied",
    re.IGNORECASE,
)
_LIMITED = ("df", "swap")
"""what every machine has, and yet may hang"""
_KILLED = (124, 137, 143)
_SHOWN = 160


class Told(msgspec.Struct):
    """What programs told.

    Attributes:
        rows: of all of them.
        device: fields of `device_info` that nobody else may know (the serial number).
        problems: of programs that were asked for by name.
        notes: of programs that are run where they are found: one that lets nobody in is no fault.
    """

    rows: list[Row] = []
    device: dict[str, FieldValue] = {}
    problems: list[str] = []
    notes: list[str] = []


def read(found: Sections, asked: tuple[str, ...]) -> Told:
    """What lldpctl and vtysh told, and those of smartctl, ipmitool and dmidecode that were `asked` for."""
    told = Told()
    for name, parse, program in (
        ("lldp", lldp.neighbour_rows, "lldpctl"),
        ("bgp", routing.bgp_rows, "vtysh (BGP)"),
        ("ospf", routing.ospf_rows, "vtysh (OSPF)"),
    ):
        if section := found.by_name.get(name):
            rows = parse(section.text)
            told.rows += rows
            if reason := "" if rows else why_silent(section):
                told.notes.append(f"{program}: {reason}")
    hung = (name for name in _LIMITED if (section := found.by_name.get(name)) and section.status in _KILLED)
    told.problems += [f"{name}: did not end in time" for name in hung]
    for program in asked:
        _ASKED[program](found, told)
        if "tools" not in found.parts and not any(name.partition(" ")[0] == program for name in found.by_name):
            told.problems.append(f"{program}: the time was over before its turn came")
    return told


def why_silent(section: Section) -> str:
    """Why a program told nothing: "" where it ended well, or was not there to be run."""
    if section.absent:
        return "not installed"
    if section.status in _KILLED:
        return "did not end in time"
    if section.status is None:
        return "cut off"
    if not section.status:
        return ""
    lines = [line.strip() for line in section.text.splitlines() if line.strip()]
    line = next((line for line in lines if _REFUSED.search(line)), lines[-1] if lines else "")
    verdict = "refused" if _REFUSED.search(line) else "failed"
    shown = "".join(letter for letter in line if letter.isprintable())[:_SHOWN]
    return f"{verdict} (exit status {section.status}){': ' + shown if shown else ''}"


def _smartctl(found: Sections, told: Told) -> None:
    reasons: dict[str, list[str]] = {}
    for device, section in found.starting("smartctl"):
        path = device.partition(" ")[0]
        try:
            told.rows += smart.disk_rows(device, section.text)
        except ValueError as error:
            reason = why_silent(section) if section.status in (None, *_KILLED) else str(error)[:_SHOWN]
            reasons.setdefault(reason.replace(path, "DISK"), []).append(path)
    told.problems += [f"smartctl: {', '.join(paths[:4])}: {reason}" for reason, paths in reasons.items()]
    scan = found.by_name.get("smartctl")
    if scan and (reason := why_silent(scan)):
        told.problems.append(f"smartctl: {reason}")


def _ipmitool(found: Sections, told: Told) -> None:
    for name, parse in (("ipmitool", ipmi.sensor_rows), ("ipmitool chassis", ipmi.chassis_rows)):
        if section := found.by_name.get(name):
            told.rows += parse(section.text)
            if reason := why_silent(section):
                told.problems.append(f"{name}: {reason}")


def _dmidecode(found: Sections, told: Told) -> None:
    if section := found.by_name.get("dmidecode"):
        told.rows += dmi.component_rows(section.text)
        told.device.update(dmi.system_fields(section.text))
        if reason := why_silent(section):
            told.problems.append(f"dmidecode: {reason}")


_ASKED = {"smartctl": _smartctl, "ipmitool": _ipmitool, "dmidecode": _dmidecode}
TOOLS = tuple(_ASKED)
"""programs that are run only where they are asked for"""
