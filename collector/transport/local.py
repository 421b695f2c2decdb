"""The machine that the collector runs on, without a protocol: the same rows that a device's tables make."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from collector.plugin.model import Row
from collector.transport.linux import proc, sysfs

MAX_FILE_BYTES = 1 << 20
ROOT = Path("/")


def read(
    previous: Mapping[str, list[int]],
    root: Path = ROOT,
    statvfs: Callable[[Path], os.statvfs_result] = os.statvfs,
    *,
    with_info: bool = True,
) -> tuple[list[Row], dict[str, list[int]]]:
    """All rows of the machine whose / is `root`, and what is to be handed in as `previous` the next time.

    What a kernel does not have is left out. The load of the processors takes two readings, so the first has none of it.
    `with_info` adds what seldom changes: `device_info` and `interface_info`.
    """
    ticks = proc.cpu_ticks(_text(root / "proc/stat"))
    counters = proc.interface_counters(_text(root / "proc/net/dev"))
    rows = _device(root, with_info)
    rows += proc.cpu_rows(previous, ticks)
    rows += proc.memory_rows(_text(root / "proc/meminfo"))
    rows += proc.system_rows(_text(root / "proc/loadavg"), _processes(root / "proc"))
    rows += sysfs.interface_rows(counters, _attributes(root / "sys/class/net", list(counters)), with_info=with_info)
    rows += proc.disk_io_rows(_text(root / "proc/diskstats"))
    rows += proc.storage_rows(_text(root / "proc/mounts"), _usage_below(root, statvfs))
    rows += _sensors(root)
    return rows, ticks


def uptime_ticks(root: Path = ROOT) -> int | None:
    """The machine's uptime as sysUpTime has it, 1/100 s modulo 2^32: it goes into the rows' `Stamp`."""
    uptime_s = proc.uptime_s(_text(root / "proc/uptime"))
    return None if uptime_s is None else int(uptime_s * 100) % (1 << 32)


def _text(path: Path) -> str:
    """The content of a file, "" where it is not there or not for us."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES).decode(errors="replace")
    except OSError:  # kernels differ, drivers refuse to tell a speed, serial numbers are for root
        return ""


def _names(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir())
    except OSError:  # no such class of devices
        return []


def _device(root: Path, with_info: bool) -> list[Row]:
    uptime_s = proc.uptime_s(_text(root / "proc/uptime"))
    rows = [] if uptime_s is None else [Row("device", {}, {"uptime_s": uptime_s})]
    if with_info:
        kernel = {
            name: _text(root / "proc/sys/kernel" / name) for name in ("hostname", "ostype", "osrelease", "version")
        }
        dmi = {name: _text(root / "sys/class/dmi/id" / name) for name in sysfs.DMI_FILES}
        model = _text(root / "proc/device-tree/model")
        rows.append(sysfs.device_info_row(_text(root / "etc/os-release"), dmi, kernel, model))
    return rows


def _processes(folder: Path) -> int | None:
    return sum(name.isdigit() for name in _names(folder)) or None


def _attributes(folder: Path, names: list[str]) -> dict[str, dict[str, str]]:
    return {name: {file: _text(folder / name / file) for file in sysfs.INTERFACE_FILES} for name in names}


def _usage_below(
    root: Path, statvfs: Callable[[Path], os.statvfs_result]
) -> Callable[[str], tuple[int, int, int] | None]:
    def usage(mount_point: str) -> tuple[int, int, int] | None:
        try:
            found = statvfs(root / mount_point.lstrip("/"))
        except OSError:  # not for us, or unmounted meanwhile
            return None
        unit = found.f_frsize
        return found.f_blocks * unit, (found.f_blocks - found.f_bfree) * unit, found.f_bavail * unit

    return usage


def _sensors(root: Path) -> list[Row]:
    hwmon = _files(root / "sys/class/hwmon", sysfs.hwmon_files)
    thermal = _files(root / "sys/class/thermal", lambda names: [name for name in names if name in ("type", "temp")])
    return sysfs.sensor_rows(hwmon, {path: text for path, text in thermal.items() if path.startswith("thermal_zone")})


def _files(folder: Path, wanted: Callable[[list[str]], list[str]]) -> dict[str, str]:
    return {
        f"{device}/{name}": _text(folder / device / name)
        for device in _names(folder)
        for name in wanted(_names(folder / device))
    }
