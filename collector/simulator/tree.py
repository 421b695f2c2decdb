"""What an agent holds: the ordered varbinds of a recording, ready encoded, and how their values move.

Nothing counts. Every moving value is a function of the time at which a request arrives, so that a test can recompute it,
and a thousand devices may share one tree:

    ticks               1/100 s since the farm's epoch, or since the device last rebooted
    sysUpTime.0         recorded + ticks                         (hrSystemUptime.0 likewise)
    Counter32, 64       recorded + rate * ticks // 100           modulo 2^32, 2^64; rate: `rate_of`
    all else            as recorded

From a reboot on, `recorded` is 0 in these. A tree may give single OIDs a motion of their own, a `Level` or a `Total`.
All values of one answer share their moment.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias
from zlib import crc32

from collector.smi import ber
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Tag, Value, VarBind

TICKS_PER_S = 100

_UPTIMES = frozenset(map(oids.encode, ("1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.25.1.1.0")))
_OCTET_COLUMNS = tuple(f"1.3.6.1.2.1.{column}." for column in ("2.2.1.10", "2.2.1.16", "31.1.1.1.6", "31.1.1.1.10"))
_TROUBLE_COLUMNS = tuple(f"1.3.6.1.2.1.2.2.1.{column}." for column in (13, 14, 15, 19, 20))

_MODULUS = {Tag.COUNTER32: 1 << 32, Tag.TIMETICKS: 1 << 32, Tag.COUNTER64: 1 << 64}
_RANGE = {Tag.INTEGER: (-(1 << 31), (1 << 31) - 1), Tag.GAUGE32: (0, (1 << 32) - 1)}


class Moment(NamedTuple):
    """When a request reaches a device.

    Attributes:
        device: index of the device.
        now_s: seconds since the Unix epoch.
        start_s: when its counters had their recorded values, or when it rebooted after that.
        ticks: 1/100 s from start_s to now_s.
        rebooted: whether the counters began at 0 then.
        key: the index as 4 octets, the lowest first.
    """

    device: int
    now_s: float
    start_s: float
    ticks: int
    rebooted: bool
    key: bytes


def moment_at(now_s: float, device: int, start_s: float, *, rebooted: bool = False) -> Moment:
    """The moment `now_s` of a device whose counters began at `start_s`."""
    return Moment(device, now_s, start_s, int((now_s - start_s) * TICKS_PER_S), rebooted, _key(device))


@dataclass(frozen=True, slots=True)
class Level:
    """A value that is a function of the time, seconds since the Unix epoch."""

    at: Callable[[float], int | bytes]


@dataclass(frozen=True, slots=True)
class Total:
    """A counter whose growth between two times is `until(later) - until(earlier)`."""

    until: Callable[[float], float]


Motion: TypeAlias = Level | Total


def rate_of(oid: str, device: int) -> int:
    """How much a counter grows in a second: from the CRC-32 of the dotted OID and of the device's index.

    Octets of IF-MIB: 1,000 to 1,000,999. Its errors and discards: 2 for one in 64, else 0. Other counters: 1 to 1,000.
    """
    return _rate(crc32(_key(device), crc32(oid.encode())), _spread(oid))


def value_at(oid: str, tag: int, recorded: int, moment: Moment) -> int:
    """The value of a counter or of an uptime at `moment`, by the formula above."""
    base = 0 if moment.rebooted else recorded
    if oids.encode(oid) in _UPTIMES:
        return (base + moment.ticks) % (1 << 32)
    return (base + rate_of(oid, moment.device) * moment.ticks // TICKS_PER_S) % _MODULUS[Tag(tag)]


def _spread(oid: str) -> int:
    """How wide the rates of this counter spread."""
    if oid.startswith(_OCTET_COLUMNS):
        return 1_000_000
    return 0 if oid.startswith(_TROUBLE_COLUMNS) else 1_000


def _key(device: int) -> bytes:
    return device.to_bytes(4, "little")


def _rate(crc: int, spread: int) -> int:
    if spread:
        return crc % spread + (1_000 if spread > 1_000 else 1)
    return 0 if crc % 64 else 2


class Cell:
    """One varbind that stays as it is.

    Attributes:
        oid: its name.
        tag: type of the value.
        still: the whole encoded VarBind, or None where it moves.
    """

    __slots__ = ("oid", "still", "tag")

    def __init__(self, oid: Oid, tag: int, still: bytes | None) -> None:
        self.oid = oid
        self.tag = tag
        self.still = still

    def encode(self, moment: Moment) -> bytes:
        """The encoded VarBind at `moment`, of one that moves."""
        raise NotImplementedError

    def value(self, moment: Moment) -> Value:
        """What a client reads of it at `moment`."""
        data = self.still or self.encode(moment)
        start, _ = ber.enter(data, 0, 0x30)
        _, start = ber.enter(data, start, Tag.OBJECT_IDENTIFIER)
        tag, start, stop = ber.read_tlv(data, start)
        return ber.decode_value(tag, data, start, stop)


def encode_varbind(oid: Oid, value: bytes) -> bytes:
    """A VarBind of an encoded value."""
    return ber.tlv(0x30, ber.tlv(Tag.OBJECT_IDENTIFIER, oid) + value)


def still_cell(oid: Oid, tag: int, value: Value) -> Cell:
    """A varbind that stays as it is.

    Raises:
        BerError: the value is not one of the tag's.
    """
    return Cell(oid, tag, encode_varbind(oid, ber.encode_value(tag, value)))


class _NumberCell(Cell):
    """A number that moves. The octets before its content are kept for each length that the content had."""

    __slots__ = ("heads",)

    def __init__(self, oid: Oid, tag: int) -> None:
        super().__init__(oid, tag, None)
        self.heads: dict[int, bytes] = {}

    def make_head(self, octets: int) -> bytes:
        head = encode_varbind(self.oid, bytes((self.tag, octets)) + bytes(octets))[:-octets]
        self.heads[octets] = head
        return head

    def number(self, moment: Moment) -> int:
        raise NotImplementedError

    def value(self, moment: Moment) -> Value:
        return self.number(moment)

    def encode(self, moment: Moment) -> bytes:
        value = self.number(moment)
        octets = (value if value >= 0 else ~value).bit_length() // 8 + 1
        return (self.heads.get(octets) or self.make_head(octets)) + value.to_bytes(octets, "big", signed=True)


class _CounterCell(_NumberCell):
    """A counter that moves by the formula. Nearly all that is ever asked of a farm, hence the shortcuts."""

    __slots__ = ("modulus", "recorded", "seed", "spread")

    def __init__(self, oid: Oid, tag: int, recorded: int, origin: Oid) -> None:
        super().__init__(oid, tag)
        text = oids.decode(origin)
        self.recorded = recorded
        self.seed = crc32(text.encode())
        self.spread = _spread(text)
        self.modulus = _MODULUS[Tag(tag)]

    def number(self, moment: Moment) -> int:
        _, _, _, ticks, rebooted, key = moment
        rate = _rate(crc32(key, self.seed), self.spread)
        return ((0 if rebooted else self.recorded) + rate * ticks // TICKS_PER_S) % self.modulus

    def encode(self, moment: Moment) -> bytes:
        value = self.number(moment)
        octets = value.bit_length() // 8 + 1
        return (self.heads.get(octets) or self.make_head(octets)) + value.to_bytes(octets, "big")


class _UptimeCell(_NumberCell):
    __slots__ = ("recorded",)

    def __init__(self, oid: Oid, tag: int, recorded: int) -> None:
        super().__init__(oid, tag)
        self.recorded = recorded

    def number(self, moment: Moment) -> int:
        return ((0 if moment.rebooted else self.recorded) + moment.ticks) % (1 << 32)


class _TotalCell(_NumberCell):
    """`began` is what the total was when the device's counters began, with that time: most moments share it."""

    __slots__ = ("began", "modulus", "recorded", "until")

    def __init__(self, oid: Oid, tag: int, recorded: int, total: Total) -> None:
        super().__init__(oid, tag)
        self.recorded = recorded
        self.until = total.until
        self.began = math.nan, 0.0
        self.modulus = _MODULUS[Tag(tag)]

    def number(self, moment: Moment) -> int:
        start_s, before = self.began
        if start_s != moment.start_s:
            before = self.until(moment.start_s)
            self.began = moment.start_s, before
        return ((0 if moment.rebooted else self.recorded) + int(self.until(moment.now_s) - before)) % self.modulus


class _LevelCell(Cell):
    __slots__ = ("at",)

    def __init__(self, oid: Oid, tag: int, level: Level) -> None:
        super().__init__(oid, tag, None)
        self.at = level.at

    def value(self, moment: Moment) -> Value:
        value = self.at(moment.now_s)
        if isinstance(value, int):
            low, high = _RANGE.get(Tag(self.tag), (0, (1 << 64) - 1))
            value = min(max(value, low), high)
        return value

    def encode(self, moment: Moment) -> bytes:
        return encode_varbind(self.oid, ber.encode_value(self.tag, self.value(moment)))


def _cell(varbind: VarBind, motion: Motion | None, origin: Oid) -> Cell:
    oid, tag, value = varbind
    if isinstance(motion, Level):
        return _LevelCell(oid, tag, motion)
    if isinstance(value, int):
        if isinstance(motion, Total):
            return _TotalCell(oid, tag, value, motion)
        if tag == Tag.TIMETICKS and origin in _UPTIMES:
            return _UptimeCell(oid, tag, value)
        if tag in (Tag.COUNTER32, Tag.COUNTER64):
            return _CounterCell(oid, tag, value, origin)
    return still_cell(oid, tag, value)


def parent_of(oid: Oid) -> Oid:
    """`oid` without its last arc."""
    end = len(oid) - 1
    while end and oid[end - 1] >= 0x80:
        end -= 1
    return oid[:end]


@dataclass(slots=True, eq=False)
class Tree:
    """The varbinds of one kind of agent, in the order of SNMP. Immutable once made, shared by any number of devices.

    Attributes:
        cells: the varbinds.
        places: where the varbind of an OID stands in `cells`.
        plans: which cells answer a request that came before; see agent.py.
    """

    cells: list[Cell]
    places: dict[Oid, int]
    _order: list[tuple[int, ...]]
    _parents: frozenset[Oid]
    plans: dict[tuple[object, ...], Any] = field(default_factory=dict)

    def get(self, oid: Oid) -> Cell | None:
        """The varbind of that name."""
        place = self.places.get(oid)
        return None if place is None else self.cells[place]

    def has_siblings(self, oid: Oid) -> bool:
        """Whether a varbind shares all arcs but the last with `oid`: then the object exists, and only the instance not."""
        return parent_of(oid) in self._parents

    def place_after(self, oid: Oid) -> int:
        """Where the first varbind after `oid` stands; len(cells) where there is none."""
        place = self.places.get(oid)
        if place is not None:
            return place + 1
        return bisect_right(self._order, oids.arcs(oid))


def make_tree(
    varbinds: Iterable[VarBind], motions: Mapping[Oid, Motion] | None = None, origins: Mapping[Oid, Oid] | None = None
) -> Tree:
    """A tree of `varbinds` in any order; of equal names the first counts.

    Args:
        motions: values that move otherwise than by the formula.
        origins: for a varbind that stands for another (see `renumber`), the name from which its rate follows.

    Raises:
        BerError: a value is not one of its tag's.
        KeyError: a motion for a name that is not there.
    """
    motions, origins = motions or {}, origins or {}
    unique: dict[Oid, VarBind] = {}
    for varbind in varbinds:
        unique.setdefault(varbind[0], varbind)
    for oid in motions:
        if oid not in unique:
            raise KeyError(f"a motion for {oids.decode(oid)}, which the tree does not hold")
    ordered = sorted((oids.arcs(oid), oid) for oid in unique)
    cells = [_cell(unique[oid], motions.get(oid), origins.get(oid, oid)) for _, oid in ordered]
    return Tree(
        cells=cells,
        places={cell.oid: place for place, cell in enumerate(cells)},
        _order=[arcs for arcs, _ in ordered],
        _parents=frozenset(map(parent_of, unique)),
    )


_IF_ENTRIES = tuple(map(oids.encode, ("1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1")))
_IF_INDEX = oids.encode("1.3.6.1.2.1.2.2.1.1")


def renumber(
    varbinds: Iterable[VarBind], mapping: Mapping[int, int], motions: Mapping[Oid, Motion] | None = None
) -> Tree:
    """A tree in which interfaces have other indexes (old -> new) in ifTable and ifXTable, their counters going on.

    Indexes that `mapping` does not name stay.
    """
    moved: dict[Oid, Oid] = {}
    result: list[VarBind] = []
    for oid, tag, value in varbinds:
        name, content = oid, value
        if oid.startswith(_IF_ENTRIES):
            *column, index = oids.arcs(oid)
            name = oids.encode_index((40 * column[0] + column[1], *column[2:], mapping.get(index, index)))
            if oid.startswith(_IF_INDEX) and isinstance(value, int):
                content = mapping.get(value, value)
        moved[oid] = name
        result.append((name, tag, content))
    names = {new: old for old, new in moved.items()}
    return make_tree(result, {moved[oid]: motion for oid, motion in (motions or {}).items()}, names)
