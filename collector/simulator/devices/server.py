"""Servers: HOST-RESOURCES-MIB (RFC 2790) and net-snmp's UCD-SNMP-MIB and UCD-DISKIO-MIB."""

from collections.abc import Sequence
from dataclasses import dataclass

from collector.simulator.curves import amount, around
from collector.simulator.devices.build import COUNTER, COUNTER64, GAUGE, INT, OID, TEXT, TICKS, Builder
from collector.simulator.tree import Level
from collector.smi.value import Tag

_UNIT_BYTES = 4_096
_HR = "1.3.6.1.2.1.25"
_UCD = "1.3.6.1.4.1.2021"
_RAM, _VIRTUAL_MEMORY, _FIXED_DISK = (f"{_HR}.2.1.{kind}" for kind in (2, 3, 4))


@dataclass(frozen=True, kw_only=True, slots=True)
class Disk:
    """A file system; what is used counts in bytes."""

    path: str
    device: str
    size_bytes: int
    used_bytes: int | Level


def _units(amount_bytes: int | Level) -> int | Level:
    """Bytes as storage units."""
    if isinstance(amount_bytes, int):
        return amount_bytes // _UNIT_BYTES
    at = amount_bytes.at
    return Level(lambda now_s: int(at(now_s)) // _UNIT_BYTES)


def host_resources(
    builder: Builder, name: str, *, cpus: int, memory_bytes: int, disks: Sequence[Disk], shape: Sequence[float]
) -> None:
    """hrSystem, hrStorage (memory, swap, the disks), hrProcessor: busy as `shape` is."""
    builder.put(f"{_HR}.1.1.0", TICKS, 900_000_000)
    builder.put(f"{_HR}.1.5.0", GAUGE, 2)
    builder.put(f"{_HR}.1.6.0", GAUGE, around(f"{name} processes", 210, 40, shape))
    builder.put(f"{_HR}.1.7.0", INT, 0)
    builder.put(f"{_HR}.2.2.0", INT, memory_bytes // 1024)
    used_memory = around(f"{name} memory", 0.4 * memory_bytes, 0.25 * memory_bytes, shape)
    storages: list[tuple[int, str, str, int, int | Level]] = [
        (1, _RAM, "Physical memory", memory_bytes, used_memory),
        (10, _VIRTUAL_MEMORY, "Swap space", 4 << 30, 100 << 20),
        *((31 + row, _FIXED_DISK, disk.path, disk.size_bytes, disk.used_bytes) for row, disk in enumerate(disks)),
    ]
    for index, kind, descr, size_bytes, used_bytes in storages:
        builder.row(
            f"{_HR}.2.3.1",
            index,
            {
                1: (INT, index),
                2: (OID, kind),
                3: (TEXT, descr),
                4: (INT, _UNIT_BYTES),
                5: (INT, size_bytes // _UNIT_BYTES),
                6: (INT, _units(used_bytes)),
            },
        )
    for cpu in range(cpus):
        index = 196_608 + cpu  # as net-snmp numbers them
        builder.row(
            f"{_HR}.3.2.1",
            index,
            {
                1: (INT, index),
                2: (OID, f"{_HR}.3.1.3"),
                3: (TEXT, "GenuineIntel: simulated"),
                4: (OID, "0.0"),
                5: (INT, 2),
            },
        )
        builder.row(f"{_HR}.3.3.1", index, {1: (OID, "0.0"), 2: (INT, around(f"{name} cpu {cpu}", 6, 55, shape))})


def ucd(
    builder: Builder, name: str, *, cpus: int, memory_bytes: int, disks: Sequence[Disk], shape: Sequence[float]
) -> None:
    """memory, laTable, systemStats' raw counters and diskIOTable."""
    memory_kib = memory_bytes // 1024
    available = around(f"{name} free", 0.35 * memory_kib, -0.25 * memory_kib, shape)
    for column, kib in ((3, 4 << 20), (4, 4_092 << 10), (5, memory_kib), (6, available)):
        builder.put(f"{_UCD}.4.{column}.0", INT, kib)
    for column, share in ((11, 0.4), (13, 0.0), (14, 0.02), (15, 0.22)):
        builder.put(f"{_UCD}.4.{column}.0", INT, int(memory_kib * share))
    for index, minutes in enumerate((1, 5, 15), 1):
        load = around(f"{name} load {minutes}", 20, 60 * cpus, shape)  # in hundredths
        builder.row(
            f"{_UCD}.10.1",
            index,
            {1: (INT, index), 2: (TEXT, f"Load-{minutes}"), 3: (TEXT, _decimal(load)), 5: (INT, load)},
        )
    busy = [0.06 + 0.55 * weight for weight in shape]
    idle = [1 - weight for weight in busy]
    for column, per_s, when in (
        (50, 70 * cpus, busy),
        (52, 25 * cpus, busy),
        (54, 5 * cpus, busy),
        (53, 100 * cpus, idle),
    ):
        builder.put(f"{_UCD}.11.{column}.0", COUNTER, amount(when, per_s))
    for column in (51, 55, 56, 61, 64):
        builder.put(f"{_UCD}.11.{column}.0", COUNTER, amount(shape, 0.01))
    builder.put(f"{_UCD}.11.67.0", INT, cpus)
    for index, device in enumerate(dict.fromkeys(disk.device for disk in disks), 1):
        read, written = amount(shape, 3e6), amount(shape, 5e6)
        builder.row(
            f"{_UCD}.13.15.1.1",
            index,
            {
                1: (INT, index),
                2: (TEXT, device),
                3: (COUNTER, read),
                4: (COUNTER, written),
                5: (COUNTER, amount(shape, 90)),
                6: (COUNTER, amount(shape, 140)),
                12: (COUNTER64, read),
                13: (COUNTER64, written),
            },
        )


def _decimal(hundredths: Level) -> Level:
    at = hundredths.at
    return Level(lambda now_s: f"{int(at(now_s)) / 100:.2f}".encode())


def net_snmp_version(builder: Builder, version: str) -> None:
    """versionTag of the agent."""
    builder.put(f"{_UCD}.100.2.0", Tag.OCTET_STRING, version)
