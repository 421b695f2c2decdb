"""Synthetic devices from the MIBs: the groups that every device has. Nothing here was recorded from anybody's network."""

import math
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from collector.simulator.tree import Level, Motion, Total, Tree, make_tree
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Tag, Value, VarBind

_DAY_TICKS = 8_640_000

INT, TEXT, OID, COUNTER, GAUGE, TICKS, COUNTER64 = (
    Tag.INTEGER,
    Tag.OCTET_STRING,
    Tag.OBJECT_IDENTIFIER,
    Tag.COUNTER32,
    Tag.GAUGE32,
    Tag.TIMETICKS,
    Tag.COUNTER64,
)


ETHERNET, SOFTWARE_LOOPBACK = 6, 24
"""IANAifType"""

_UNICAST_BYTES, _MULTICAST_BYTES, _BROADCAST_BYTES = 700, 35_000, 70_000
"""one such packet in so many octets"""


class Builder:
    """Collects the varbinds of a device and how they move."""

    def __init__(self) -> None:
        self.varbinds: list[VarBind] = []
        self.motions: dict[Oid, Motion] = {}

    def put(self, oid: str, tag: int, value: Value | Motion) -> None:
        """One varbind; texts may be given as str. A `Level` or `Total` in place of the value moves it."""
        name = oids.encode(oid)
        if isinstance(value, Level | Total):
            self.motions[name] = value
            value = value.at(0.0) if isinstance(value, Level) else 0
        if tag == TEXT and isinstance(value, str):
            value = value.encode()
        self.varbinds.append((name, tag, value))

    def row(self, entry: str, index: int | str, columns: dict[int, tuple[int, Value | Motion]]) -> None:
        """One row of a table: {column: (tag, value)}."""
        for column, (tag, value) in columns.items():
            self.put(f"{entry}.{column}.{index}", tag, value)

    def tree(self) -> Tree:
        """The device as an agent holds it."""
        return make_tree(self.varbinds, self.motions)


def mac_of(name: str, port: int = 0) -> bytes:
    """A locally administered MAC address that follows from the device's name."""
    return b"\x02" + (zlib.crc32(name.encode()) & 0xFFFFFF00).to_bytes(4, "big")[:3] + port.to_bytes(2, "big")


@dataclass(frozen=True, kw_only=True, slots=True)
class Port:
    """One interface. Without `octets` its counters move by the formula of tree.py.

    Attributes:
        type: IANAifType.
        octets: totals received and sent; packets follow from them.
        errors_in: total of ifInErrors; None has none.
        discards_out: total of ifOutDiscards.
    """

    index: int
    name: str
    descr: str
    speed_bps: int = 1_000_000_000
    type: int = ETHERNET
    mtu: int = 1500
    alias: str = ""
    admin_up: bool = True
    up: bool | Callable[[float], bool] = True
    octets: tuple[Total, Total] | None = None
    errors_in: Total | None = None
    discards_out: Total | None = None


def system(
    builder: Builder,
    *,
    descr: str,
    object_id: str,
    name: str,
    location: str = "",
    contact: str = "",
    services: int = 72,
) -> None:
    """SNMPv2-MIB's system group. sysUpTime was 40 to 140 days, by the name, when the farm's epoch began."""
    uptime = _DAY_TICKS * (40 + zlib.crc32(name.encode()) % 100)
    for column, tag, value in (
        (1, TEXT, descr),
        (2, OID, object_id),
        (3, TICKS, uptime),
        (4, TEXT, contact),
        (5, TEXT, name),
        (6, TEXT, location),
        (7, INT, services),
    ):
        builder.put(f"1.3.6.1.2.1.1.{column}.0", tag, value)


def interfaces(builder: Builder, device: str, ports: Sequence[Port]) -> None:
    """IF-MIB: ifNumber, ifTable, ifXTable and ifTableLastChange (RFC 2863)."""
    builder.put("1.3.6.1.2.1.2.1.0", INT, len(ports))
    builder.put("1.3.6.1.2.1.31.1.5.0", TICKS, 4_200)
    for port in ports:
        _if_row(builder, device, port)
        _ifx_row(builder, port)


def _if_row(builder: Builder, device: str, port: Port) -> None:
    builder.row(
        "1.3.6.1.2.1.2.2.1",
        port.index,
        {
            1: (INT, port.index),
            2: (TEXT, port.descr),
            3: (INT, port.type),
            4: (INT, port.mtu),
            5: (GAUGE, min(port.speed_bps, (1 << 32) - 1)),
            6: (TEXT, b"" if port.type == SOFTWARE_LOOPBACK else mac_of(device, port.index)),
            7: (INT, 1 if port.admin_up else 2),
            8: (INT, _oper_status(port.up)),
            9: (TICKS, 4_200),
            10: (COUNTER, _traffic(port, 0)),
            11: (COUNTER, _traffic(port, 0, _UNICAST_BYTES)),
            13: (COUNTER, 0),
            14: (COUNTER, port.errors_in or 0),
            15: (COUNTER, 0),
            16: (COUNTER, _traffic(port, 1)),
            17: (COUNTER, _traffic(port, 1, _UNICAST_BYTES)),
            19: (COUNTER, port.discards_out or 0),
            20: (COUNTER, 0),
        },
    )


def _oper_status(up: bool | Callable[[float], bool]) -> int | Level:
    if callable(up):
        return Level(lambda now_s: 1 if up(now_s) else 2)
    return 1 if up else 2


def _ifx_row(builder: Builder, port: Port) -> None:
    columns: dict[int, tuple[int, Value | Motion]] = {1: (TEXT, port.name)}
    for way in (0, 1):
        multicast, broadcast = _traffic(port, way, _MULTICAST_BYTES), _traffic(port, way, _BROADCAST_BYTES)
        columns |= {
            2 + 2 * way: (COUNTER, multicast),
            3 + 2 * way: (COUNTER, broadcast),
            6 + 4 * way: (COUNTER64, _traffic(port, way)),
            7 + 4 * way: (COUNTER64, _traffic(port, way, _UNICAST_BYTES)),
            8 + 4 * way: (COUNTER64, multicast),
            9 + 4 * way: (COUNTER64, broadcast),
        }
    columns |= {
        14: (INT, 1),
        15: (GAUGE, port.speed_bps // 1_000_000),
        16: (INT, 2),
        17: (INT, 1 if port.type == ETHERNET else 2),
        18: (TEXT, port.alias),
        19: (TICKS, 0),
    }
    builder.row("1.3.6.1.2.1.31.1.1.1", port.index, columns)


def _traffic(port: Port, way: int, per: int = 1) -> int | Total:
    """Octets received (way 0) or sent (way 1), or packets of which there is one in `per` octets."""
    if port.octets is None:
        return zlib.crc32(f"{port.name} {way} {per}".encode())
    until = _remembered(port.octets[way].until)
    return Total(lambda now_s: until(now_s) / per)


@lru_cache(maxsize=4096)
def _remembered(until: Callable[[float], float]) -> Callable[[float], float]:
    """The same, which knows its last answer: a port's octets and packets are all asked for at one time."""
    last = math.nan, 0.0

    def at(now_s: float) -> float:
        nonlocal last
        known_s, value = last
        if known_s != now_s:
            value = until(now_s)
            last = now_s, value
        return value

    return at


def ether_like(builder: Builder, ports: Iterable[Port]) -> None:
    """EtherLike-MIB: errors and duplex of Ethernet ports (RFC 3635)."""
    for port in ports:
        if port.type == ETHERNET:
            counters = dict.fromkeys((2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 16, 18), (COUNTER, 0))
            builder.row("1.3.6.1.2.1.10.7.2.1", port.index, {1: (INT, port.index), **counters, 19: (INT, 3)})


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One physical entity; `kind` is PhysicalClass: 3 chassis, 6 power supply, 7 fan, 8 sensor, 9 module, 10 port."""

    index: int
    name: str
    descr: str
    kind: int
    within: int = 0
    model: str = ""
    serial: str = ""
    maker: str = ""
    hardware: str = ""
    software: str = ""


def entity(builder: Builder, parts: Iterable[Part]) -> None:
    """ENTITY-MIB: entPhysicalTable (RFC 6933)."""
    for part in parts:
        builder.row(
            "1.3.6.1.2.1.47.1.1.1.1",
            part.index,
            {
                2: (TEXT, part.descr),
                3: (OID, "0.0"),
                4: (INT, part.within),
                5: (INT, part.kind),
                6: (INT, part.index),
                7: (TEXT, part.name),
                8: (TEXT, part.hardware),
                9: (TEXT, ""),
                10: (TEXT, part.software),
                11: (TEXT, part.serial),
                12: (TEXT, part.maker),
                13: (TEXT, part.model),
                16: (INT, 1 if part.kind in (3, 6, 9) else 2),
            },
        )
    builder.put("1.3.6.1.2.1.47.1.4.1.0", TICKS, 4_100)


def sensor(builder: Builder, part: int, kind: int, value: int | Level, *, precision: int = 0) -> None:
    """ENTITY-SENSOR-MIB (RFC 3433): `value` of the entity with index `part`; kind 8 is celsius, 10 rpm, 4 voltsDC."""
    builder.row(
        "1.3.6.1.2.1.99.1.1.1",
        part,
        {
            1: (INT, kind),
            2: (INT, 9),
            3: (INT, precision),
            4: (INT, value),
            5: (INT, 1),
            6: (TEXT, ""),
            7: (TICKS, 0),
            8: (GAUGE, 0),
        },
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Neighbour:
    """What LLDP hears on a port: the other device and its port."""

    port: int
    device: str
    device_port: str
    descr: str = ""


def lldp(builder: Builder, device: str, ports: Iterable[Port], neighbours: Iterable[Neighbour]) -> None:
    """LLDP-MIB (IEEE 802.1AB): the local system and its ports, and who is heard on them."""
    builder.put("1.0.8802.1.1.2.1.3.1.0", INT, 4)
    builder.put("1.0.8802.1.1.2.1.3.2.0", TEXT, mac_of(device))
    builder.put("1.0.8802.1.1.2.1.3.3.0", TEXT, device)
    for port in ports:
        if port.type == ETHERNET:
            builder.row(
                "1.0.8802.1.1.2.1.3.7.1", port.index, {2: (INT, 5), 3: (TEXT, port.name), 4: (TEXT, port.alias)}
            )
    for rank, neighbour in enumerate(neighbours, 1):
        builder.row(
            "1.0.8802.1.1.2.1.4.1.1",
            f"0.{neighbour.port}.{rank}",
            {
                4: (INT, 4),
                5: (TEXT, mac_of(neighbour.device)),
                6: (INT, 5),
                7: (TEXT, neighbour.device_port),
                8: (TEXT, neighbour.device_port),
                9: (TEXT, neighbour.device),
                10: (TEXT, neighbour.descr),
                11: (TEXT, b"\x28"),
                12: (TEXT, b"\x28"),
            },
        )
