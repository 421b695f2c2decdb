"""Parsers of /proc (proc(5)). What does not parse makes no row; counters are 64 bits wide."""

import math
import re
from collections.abc import Mapping
from typing import TypeAlias

from collector.metrics.model import FieldValue
from collector.plugin.model import Row

CpuTicks: TypeAlias = dict[str, list[int]]
"""by processor: ticks not idle, all ticks"""

KIB = 1024
SECTOR_BYTES = 512
"""of /proc/diskstats, whatever the disk's own sectors are"""
LOCAL_FILE_SYSTEMS = (
    "bcachefs", "btrfs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fuseblk", "hfsplus", "jfs", "nilfs2", "ntfs",
    "ntfs3", "ocfs2", "reiserfs", "ubifs", "ufs", "vfat", "xfs", "zfs",
)  # fmt: skip
"""those that hold data of this machine; a network's are left out, as asking after them hangs when their server is gone"""
_NO_DISK = re.compile(r"(loop|ram|zram|sr|fd|nbd)\d+$")
_PARTITION = re.compile(r"((sd|hd|vd|xvd)[a-z]+\d+|(nvme\d+n\d+|mmcblk\d+|md\d+|nbd\d+)p\d+|mmcblk\d+boot\d+)$")


def _integers(text: list[str]) -> list[int]:
    return [int(word) for word in text if word.isascii() and word.isdigit() and len(word) <= 20]


def uptime_s(uptime: str) -> float | None:
    """Seconds since the start, from /proc/uptime."""
    try:
        seconds = float(uptime.split()[0])
    except (IndexError, ValueError):
        return None
    return seconds if 0 <= seconds < 1e11 else None


def cpu_ticks(stat: str) -> CpuTicks:
    """Ticks of each processor since the start, from /proc/stat; `cpu`, the sum of all, is left out.

    guest and guest_nice are contained in user and nice; iowait is idle time.
    """
    ticks: CpuTicks = {}
    for line in stat.splitlines():
        name, *words = line.split() or [""]
        if name.startswith("cpu") and name[3:].isdigit():
            counts = _integers(words)[:8]
            if len(counts) >= 4:
                idle = counts[3] + (counts[4] if len(counts) > 4 else 0)
                ticks[name] = [sum(counts) - idle, sum(counts)]
    return ticks


def cpu_rows(before: Mapping[str, list[int]], now: Mapping[str, list[int]]) -> list[Row]:
    """Usage of each processor between two readings; none of those that began anew or did not tick."""
    rows = []
    for name, (busy, total) in now.items():
        if len(before.get(name, ())) != 2:
            continue
        spent, passed = busy - before[name][0], total - before[name][1]
        if 0 <= spent <= passed and passed:
            rows.append(Row("cpu", {"name": name}, {"usage_percent": 100.0 * spent / passed}))
    return rows


def memory_rows(meminfo: str) -> list[Row]:
    """Physical memory, buffers, cache, shared memory and swap, from /proc/meminfo.

    Used is what MemAvailable, the kernel's own estimate, leaves; kernels before 3.14 have none: there it is what is
    neither free nor in buffers nor cache.
    """
    sizes: dict[str, int] = {}
    for line in meminfo.splitlines():
        name, _, size = line.partition(":")
        numbers = _integers(size.split()[:1])
        if numbers:
            sizes[name.strip()] = numbers[0] * KIB
    total = sizes.get("MemTotal", 0)
    buffers = sizes.get("Buffers", 0)
    shared = sizes.get("Shmem", 0)
    cached = max(sizes.get("Cached", 0) + sizes.get("SReclaimable", 0) - shared, 0)
    rows = []
    if total and "MemFree" in sizes:
        available = min(sizes.get("MemAvailable", sizes["MemFree"] + buffers + cached), total)
        rows.append(memory_row("Physical memory", "physical", total, total - available))
    rows += [
        memory_row(name, kind, total, used)
        for name, kind, used in (
            ("Buffers", "buffers", buffers),
            ("Cache", "cached", cached),
            ("Shared memory", "shared", shared),
        )
        if total and used
    ]
    swap, swap_free = sizes.get("SwapTotal", 0), sizes.get("SwapFree", 0)
    if swap:
        rows.append(memory_row("Swap space", "swap", swap, max(swap - swap_free, 0)))
    return rows


def memory_row(name: str, kind: str, total: int, used: int) -> Row:
    """A pool of memory, in bytes."""
    return Row(
        "memory", {"name": name, "kind": kind}, {"total_bytes": total, "used_bytes": used, "free_bytes": total - used}
    )


def system_rows(loadavg: str, processes: int | None) -> list[Row]:
    """Load, from /proc/loadavg. Its count is of threads, so `processes` comes from elsewhere (the folders of /proc)."""
    fields: dict[str, FieldValue] = {}
    for name, word in zip(("load_1m", "load_5m", "load_15m"), loadavg.split(), strict=False):
        try:
            load = float(word)
        except ValueError:
            return []
        if math.isfinite(load):
            fields[name] = load
    if processes is not None:
        fields["processes"] = processes
    return [Row("system", {}, fields)] if fields else []


_RECEIVED = {0: "in_octets", 2: "in_errors", 3: "in_discards", 7: "in_multicast_pkts"}
_SENT = {8: "out_octets", 9: "out_unicast_pkts", 10: "out_errors", 11: "out_discards"}


def interface_counters(net_dev: str) -> dict[str, dict[str, int]]:
    """Counters of each interface, from /proc/net/dev.

    The kernel's packets received contain those of multicast; of those sent it tells no kinds apart.
    """
    counters: dict[str, dict[str, int]] = {}
    for line in net_dev.splitlines():
        name, colon, words = line.rpartition(":")
        numbers = _integers(words.split())
        if not colon or len(numbers) < 16:
            continue
        fields = {field: numbers[at] for at, field in (_RECEIVED | _SENT).items()}
        if numbers[1] >= numbers[7]:
            fields["in_unicast_pkts"] = numbers[1] - numbers[7]
        counters[name.strip()] = fields
    return counters


def disk_io_rows(diskstats: str) -> list[Row]:
    """Traffic of whole disks, from /proc/diskstats (the kernel's Documentation/admin-guide/iostats.rst)."""
    rows = []
    for line in diskstats.splitlines():
        words = line.split()
        if len(words) < 11 or _NO_DISK.match(words[2]) or _PARTITION.match(words[2]):
            continue
        numbers = _integers(words[3:11])
        if len(numbers) < 8:
            continue
        reads, _, sectors_read, _, writes, _, sectors_written, _ = numbers
        rows.append(
            Row(
                "disk_io",
                {"name": words[2]},
                {
                    "read_bytes": sectors_read * SECTOR_BYTES,
                    "written_bytes": sectors_written * SECTOR_BYTES,
                    "reads": reads,
                    "writes": writes,
                },
            )
        )
    return rows


_NO_STORAGE = frozenset(
    ("devfs", "fdescfs", "kernfs", "linprocfs", "linsysfs", "mfs", "procfs", "ptyfs", "tmpfs", "map")
)


def storage_rows(df: str) -> list[Row]:
    """File systems, from `df -Pk` of local ones; what shows no device of its own (devfs, nullfs) is left out.

    The percentage is df's: root's reserve is neither used nor to be had.
    """
    rows = []
    for line in df.splitlines():
        words = line.split()
        # "Filesystem 1024-blocks Used Available Capacity Mounted on", where the first and the last may hold blanks
        at = next((at for at, word in enumerate(words) if at > 3 and (word.endswith("%") or word == "-")), 0)
        sizes = [_size(word) for word in words[at - 3 : at]]
        if not at or None in sizes or len(words) < at + 2:
            continue
        device, path = words[0], line.split(None, at + 1)[-1].rstrip()
        if device.partition(":")[0] in _NO_STORAGE or (device.startswith("/") and not device.startswith("/dev/")):
            continue
        total, used, available = (size for size in sizes if size is not None)
        fields: dict[str, FieldValue] = {"total_bytes": total, "used_bytes": used, "free_bytes": available}
        if used + available > 0:
            fields["used_percent"] = 100.0 * used / (used + available)
        rows.append(Row("storage", {"name": path, "kind": "disk"}, fields))
    return rows


def _size(word: str) -> int | None:
    """Bytes of a number of KiB. What is available is negative where root has used its reserve."""
    digits = word.removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        return None
    return 0 if word.startswith("-") else int(digits) * KIB
