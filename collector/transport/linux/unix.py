"""A server's sections as rows: what the parsers beside this make of them, for Linux and for the BSDs."""

from collector.plugin.model import Row
from collector.transport.linux import bsd, bsd_net, bsd_sensors, proc, sysfs
from collector.transport.linux.links import link_types
from collector.transport.linux.proc import CpuTicks
from collector.transport.linux.sections import Sections, files

BSDS = frozenset(("FreeBSD", "OpenBSD", "NetBSD", "DragonFly"))


def linux(found: Sections, *, info: bool) -> tuple[list[Row], CpuTicks, float | None]:
    """Rows (without the load of processors), ticks of processors, and the uptime in seconds."""
    told = files(found.text("files"))
    counters = proc.interface_counters(told.get("proc/net/dev", ""))
    attributes: dict[str, dict[str, str]] = {}
    for path, text in _below("sys/class/net/", told).items():
        name, _, file = path.rpartition("/")
        attributes.setdefault(name, {})[file] = text
    processes = found.text("processes").strip()[:9]
    types = link_types(found.text("ip")) if info else {}
    rows = [
        *proc.memory_rows(told.get("proc/meminfo", "")),
        *proc.system_rows(told.get("proc/loadavg", ""), int(processes) if processes.isdecimal() else None),
        *sysfs.interface_rows(counters, attributes, types, with_info=info),
        *proc.disk_io_rows(told.get("proc/diskstats", "")),
        *proc.storage_rows(found.text("df")),
        *sysfs.sensor_rows(_below("sys/class/hwmon/", told), _below("sys/class/thermal/", told)),
    ]
    if info:
        dmi, kernel = _below("sys/class/dmi/id/", told), _below("proc/sys/kernel/", told)
        release = told.get("etc/os-release") or told.get("usr/lib/os-release", "")
        rows.append(sysfs.device_info_row(release, dmi, kernel, told.get("proc/device-tree/model", "")))
    return rows, proc.cpu_ticks(told.get("proc/stat", "")), proc.uptime_s(told.get("proc/uptime", ""))


def _below(folder: str, told: dict[str, str]) -> dict[str, str]:
    return {path.removeprefix(folder): text for path, text in told.items() if path.startswith(folder)}


def berkeley(found: Sections, system: str, *, info: bool) -> tuple[list[Row], CpuTicks, float | None]:
    """The same of a BSD."""
    values = bsd.values(found.text("sysctl"))
    netstats = (found.text("netstat"), found.text("netstat-bytes"))
    rows = [
        *bsd.memory_rows(values, found.text("vmstat"), found.text("swap")),
        *bsd.system_rows(values, found.text("ps")),
        *bsd_net.interface_rows(netstats, bsd_net.interfaces(found.text("ifconfig")), with_info=info),
        *proc.storage_rows(found.text("df")),
        *bsd_sensors.sensor_rows(values),
    ]
    if info:
        smbios = {name: section.text for name, section in found.starting("kenv")}
        rows.append(bsd.device_info_row(values, smbios))
    return rows, bsd.cpu_ticks(values, system), bsd.uptime_s(values, found.text("now"))
