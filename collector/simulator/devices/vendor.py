"""What makers put into MIBs of their own: processors, memory, temperatures."""

from collections.abc import Sequence

from collector.simulator.curves import OFFICE, around
from collector.simulator.devices.build import GAUGE, INT, TEXT, Builder, Part, entity


def cisco_health(builder: Builder, name: str, *, memory_bytes: int, shape: Sequence[float] = OFFICE) -> None:
    """CISCO-PROCESS-MIB, CISCO-MEMORY-POOL-MIB and CISCO-ENVMON-MIB's temperatures."""
    columns = {column: (GAUGE, around(f"{name} cpu {column}", 8, 30, shape)) for column in (6, 7, 8)}
    builder.row("1.3.6.1.4.1.9.9.109.1.1.1.1", 1, {2: (INT, 0), **columns})
    used = around(f"{name} memory", 0.38 * memory_bytes, 0.05 * memory_bytes, shape)
    free = around(f"{name} memory", 0.62 * memory_bytes, -0.05 * memory_bytes, shape)
    builder.row(
        "1.3.6.1.4.1.9.9.48.1.1.1", 1, {2: (TEXT, "Processor"), 4: (INT, 1), 5: (GAUGE, used), 6: (GAUGE, free)}
    )
    builder.row(
        "1.3.6.1.4.1.9.9.13.1.3.1",
        1,
        {2: (TEXT, "chassis"), 3: (GAUGE, around(f"{name} temperature", 33, 9, shape)), 4: (INT, 75), 6: (INT, 1)},
    )


def huawei_health(builder: Builder, name: str, *, model: str, serial: str, shape: Sequence[float] = OFFICE) -> None:
    """HUAWEI-ENTITY-EXTENT-MIB beside ENTITY-MIB: the board with its processor, memory and temperature."""
    chassis, board = 16_777_216, 67_108_867
    entity(
        builder,
        [
            Part(index=chassis, name=model, descr=model, kind=3, model=model, serial=serial, maker="Huawei"),
            Part(index=board, name=f"{model} 0", descr=f"{model} board", kind=9, within=chassis, maker="Huawei"),
        ],
    )
    builder.row(
        "1.3.6.1.4.1.2011.5.25.31.1.1.1.1",
        board,
        {
            1: (INT, 12),
            2: (INT, 3),
            5: (INT, around(f"{name} cpu", 9, 28, shape)),
            7: (INT, around(f"{name} memory", 41, 8, shape)),
            9: (INT, 1 << 30),
            11: (INT, around(f"{name} temperature", 38, 10, shape)),
        },
    )


def mikrotik_health(builder: Builder, *, model: str, serial: str, version: str, name: str) -> None:
    """MIKROTIK-MIB: identity, and mtxrHealth's voltage and temperature in tenths."""
    for oid, tag, value in (
        ("4.4", TEXT, version),
        ("7.3", TEXT, serial),
        ("7.4", TEXT, version),
        ("7.8", TEXT, model),
        ("7.9", TEXT, model),
        ("3.8", INT, 241),
        ("3.10", INT, around(f"{name} temperature", 390, 80)),
    ):
        builder.put(f"1.3.6.1.4.1.14988.1.1.{oid}.0", tag, value)
