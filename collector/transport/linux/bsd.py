"""What sysctl(8), vmstat(8), swapinfo(8) and kenv(1) of the BSDs say: text in, rows out.

FreeBSD and DragonFly write "name: value", OpenBSD "name=value", NetBSD "name = value"; structures are written out in
braces (FreeBSD) or as lists.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from collector.metrics.model import FieldValue
from collector.plugin.model import Row
from collector.transport.linux.proc import KIB, CpuTicks, memory_row
from collector.transport.linux.sysfs import named

_LINE = re.compile(r"([a-z][\w.%-]*)(?:: ?|=| = )(.*)")
_INTEGER = re.compile(r"\d+")
_DECIMAL = re.compile(r"\d+\.\d+")
_ASCTIME = "%a %b %d %H:%M:%S %Y"
_CPU_STATES = {"OpenBSD": 6}
"""user, nice, sys, spin, intr, idle; the others have no spin. Idle is the last everywhere"""


def values(sysctl: str) -> dict[str, str]:
    """By name what sysctl told; the further lines of a value (kern.version) are left out."""
    found: dict[str, str] = {}
    for line in sysctl.splitlines():
        if match := _LINE.match(line):
            found.setdefault(match[1], match[2].strip())
    return found


def uptime_s(values: Mapping[str, str], now: str) -> float | None:
    """Seconds since kern.boottime; `now` is what `date +%s` said on the same machine."""
    text = values.get("kern.boottime", "")
    started: float | None = None
    if match := re.search(r"\bsec = (\d{1,12})", text) or re.fullmatch(r"(\d{1,12})", text):
        started = float(match[1])
    else:
        try:
            started = datetime.strptime(" ".join(text.split()), _ASCTIME).replace(tzinfo=UTC).timestamp()
        except ValueError:
            return None
    seconds = now.strip()
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 12:
        return None
    return max(float(seconds) - started, 0.0)


def cpu_ticks(values: Mapping[str, str], system: str) -> CpuTicks:
    """Ticks not idle and all ticks: of each processor (kern.cp_times) or, where that is not told, of all together."""
    states = _CPU_STATES.get(system, 5)
    each = _integers(values.get("kern.cp_times", ""))
    if each and len(each) % states == 0:
        cores = [each[at : at + states] for at in range(0, len(each), states)]
        return {f"cpu{number}": [sum(core) - core[-1], sum(core)] for number, core in enumerate(cores)}
    whole = _integers(values.get("kern.cp_time", ""))
    return {"cpu": [sum(whole) - whole[-1], sum(whole)]} if len(whole) in (5, 6) else {}


def system_rows(values: Mapping[str, str], ps: str) -> list[Row]:
    """Load from vm.loadavg; processes from `ps -axo pid=`."""
    loads = [float(word) for word in _DECIMAL.findall(values.get("vm.loadavg", ""))[:3]]
    fields: dict[str, FieldValue] = dict(zip(("load_1m", "load_5m", "load_15m"), loads, strict=False))
    if processes := len(ps.split()):
        fields["processes"] = processes
    return [Row("system", {}, fields)] if fields else []


def memory_rows(values: Mapping[str, str], vmstat: str, swap: str) -> list[Row]:
    """Physical memory without what can be had again (inactive pages, ZFS's cache), caches, swap."""
    rows = list(_counted_pages(vmstat) if vmstat else _free_pages(values))
    total = used = 0
    for line in swap.splitlines():
        words = line.split()
        if len(words) >= 4 and words[0].startswith("/") and words[1].isdigit() and words[2].isdigit():
            total += int(words[1]) * KIB
            used += int(words[2]) * KIB
    if total:
        rows.append(memory_row("Swap space", "swap", total, min(used, total)))
    return rows


def _free_pages(values: Mapping[str, str]) -> Iterator[Row]:
    """FreeBSD's and DragonFly's vm.stats.vm."""
    total, page = _integer(values, "hw.physmem"), _integer(values, "hw.pagesize")
    if not total or not page or "vm.stats.vm.v_free_count" not in values:
        return
    names = ("v_free_count", "v_inactive_count", "v_cache_count")
    cache = _integer(values, "kstat.zfs.misc.arcstats.size")
    free = sum(_integer(values, f"vm.stats.vm.{name}") for name in names) * page + cache
    yield memory_row("Physical memory", "physical", total, max(total - free, 0))
    for name, kind, used in (
        ("Buffers", "buffers", _integer(values, "vfs.bufspace")),
        ("Cache", "cached", cache),
    ):
        if used:
            yield memory_row(name, kind, total, min(used, total))


def _counted_pages(vmstat: str) -> Iterator[Row]:
    """`vmstat -s` of OpenBSD and NetBSD: "  1020435 pages managed"."""
    counts = {}
    for line in vmstat.splitlines():
        number, _, label = line.strip().partition(" ")
        if number.isascii() and number.isdigit() and len(number) < 19:
            counts[label.strip()] = int(number)
    page, managed, free = (counts.get(name, 0) for name in ("bytes per page", "pages managed", "pages free"))
    if not page or not managed:
        return
    total = page * managed
    available = min(page * (free + counts.get("pages inactive", 0)), total)
    yield memory_row("Physical memory", "physical", total, total - available)
    cached = page * (counts.get("cached file pages", 0) + counts.get("cached executable pages", 0))
    if cached:
        yield memory_row("Cache", "cached", total, min(cached, total))


def device_info_row(values: Mapping[str, str], smbios: Mapping[str, str]) -> Row:
    """What the machine is; `smbios` is maker, product and serial from kenv(1), where there is one."""
    system, host, release = (values.get(f"kern.{name}", "") for name in ("ostype", "hostname", "osrelease"))
    fields = {
        "vendor": _first(smbios.get("maker"), values.get("hw.vendor"), values.get("machdep.dmi.system-vendor")),
        "model": _first(smbios.get("product"), values.get("hw.product"), values.get("machdep.dmi.system-product")),
        "serial": _first(smbios.get("serial"), values.get("hw.serialno"), values.get("machdep.dmi.system-serial")),
        "os": system,
        "os_version": release,
        "sys_name": host,
        "sys_descr": " ".join(filter(None, (system, host, release, values.get("hw.machine", "")))),
    }
    return Row("device_info", {}, {name: text for name, text in fields.items() if text})


def _first(*texts: str | None) -> str:
    return next((name for text in texts if (name := named(text or ""))), "")


def _integers(text: str) -> list[int]:
    return [int(word) for word in _INTEGER.findall(text) if len(word) < 20]


def _integer(values: Mapping[str, str], name: str) -> int:
    return (_integers(values.get(name, "")) or [0])[0]
