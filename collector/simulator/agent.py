"""One agent: from the octets of a request to the octets of its answers (RFC 1157, RFC 3416). No socket, no clock.

What answers a request does not depend on the time, only the values do. So which cells answer is planned once for each
text of a request and kept with the tree: pollers ask the same again every minute, and all devices of a tree are asked alike.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from collector.simulator.faults import NO_FAULTS, Faults
from collector.simulator.tree import Cell, Moment, Tree, encode_varbind, moment_at, parent_of, still_cell
from collector.smi import ber
from collector.smi import oid as oids
from collector.smi.oid import Oid
from collector.smi.value import Tag

_V1, _V2C = 0, 1
_GET, _GETNEXT, _RESPONSE, _SET, _GETBULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5
_TOO_BIG, _NO_SUCH_NAME, _GEN_ERR, _NO_ACCESS = 1, 2, 5, 6
_MAX_PLANS = 1024  # of a tree; a poller's steady state needs a dozen
_MAX_PLANNED_BYTES = 65_000  # no answer is larger
_ENDLESS = tuple(map(oids.encode, ("1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1")))

Booted: TypeAlias = Callable[[float], float | None]
"""when a device last rebooted, as of a time; None where it did not since the farm's epoch"""


def reboots_at(*moments_s: float) -> Booted:
    """Reboots at these times, in ascending order."""
    return lambda now_s: max((moment for moment in moments_s if moment <= now_s), default=None)


def down_between(*spans: tuple[float, float]) -> Callable[[float], bool]:
    """No answer from a span's first to its second time."""
    return lambda now_s: any(start <= now_s < stop for start, stop in spans)


@dataclass(slots=True, eq=False)
class Device:
    """One device of a farm.

    Attributes:
        address: IPv4 (any of 127.0.0.0/8) or IPv6.
        tree: what it holds.
        index: what distinguishes its counters from those of devices with the same tree.
        port: UDP port; None is the farm's.
        later: from a time (epoch) on it holds another tree: renumbered interfaces, a card pulled.
        booted: when it last rebooted.
        down: whether it is down at a time.
    """

    address: str
    tree: Tree
    index: int = 0
    community: bytes = b"public"
    port: int | None = None
    faults: Faults = NO_FAULTS
    later: tuple[tuple[float, Tree], ...] = ()
    booted: Booted | None = None
    down: Callable[[float], bool] | None = None

    def tree_at(self, now_s: float) -> Tree:
        """What it holds at `now_s`."""
        tree = self.tree
        for from_s, other in self.later:
            if now_s >= from_s:
                tree = other
        return tree

    def moment(self, now_s: float, epoch_s: float) -> Moment:
        """What its values depend on, in a farm whose recorded values are those of `epoch_s`."""
        booted_s = self.booted(now_s) if self.booted else None
        if booted_s is None or booted_s < epoch_s:
            return moment_at(now_s, self.index, epoch_s)
        return moment_at(now_s, self.index, booted_s, rebooted=True)


class Answer(NamedTuple):
    """A datagram to send, `delay_s` after the request; `varbinds` are in it."""

    datagram: bytes
    varbinds: int
    delay_s: float = 0.0


class _Request(NamedTuple):
    """A request as far as each one must be read. data[asked:] is the PDU behind its request id."""

    data: bytes
    version: int
    head: bytes  # the version and the community, encoded, for the answer
    kind: int
    request_id: bytes  # encoded
    asked: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which cells answer a request. `error` (status, index) instead where it fails whatever the time."""

    names: bytes  # the varbinds of the request, for answers that repeat them
    cells: tuple[Cell, ...]
    cut: bool = False  # whether what does not fit is left out (GETBULK) rather than tooBig
    error: tuple[int, int] | None = None


def answer(data: bytes, device: Device, now_s: float, epoch_s: float, dice: random.Random) -> list[Answer]:
    """The answers of `device` to a datagram that arrived at `now_s`: none, one or two.

    Like a real agent it is silent about all that is no request to it: malformed, SNMPv3, another community.
    `dice` decides which requests are lost.
    """
    try:
        request = _read_request(data, device.community)
        if request is None or (device.down and device.down(now_s)):
            return []
        plan = _plan_of(request, device.tree_at(now_s), device.faults)
    except ValueError:
        return []
    if device.faults is NO_FAULTS:
        return [_respond(request, plan, device.moment(now_s, epoch_s), NO_FAULTS.max_bytes)]
    return _misbehave(request, plan, device, device.moment(now_s, epoch_s), dice)


def _read_request(data: bytes, community: bytes) -> _Request | None:
    start, stop = ber.enter(data, 0, 0x30)
    if stop != len(data):
        return None
    version, at = ber.read_integer(data, start)
    given, pdu_at = ber.read_octets(data, at)
    kind, pdu_start, pdu_stop = ber.read_tlv(data, pdu_at)
    if version not in (_V1, _V2C) or given != community or pdu_stop != len(data):
        return None
    if kind not in ((_GET, _GETNEXT, _SET) if version == _V1 else (_GET, _GETNEXT, _SET, _GETBULK)):
        return None
    _, asked = ber.read_integer(data, pdu_start)
    return _Request(data, version, data[start:pdu_at], kind, data[pdu_start:asked], asked)


def _plan_of(request: _Request, tree: Tree, faults: Faults) -> _Plan:
    key = (request.version, request.kind, faults.loop, faults.endless, faults.gen_err, request.data[request.asked :])
    plan: _Plan | None = tree.plans.get(key)
    if plan is None:
        if len(tree.plans) >= _MAX_PLANS:
            tree.plans.clear()
        plan = tree.plans[key] = _make_plan(request, tree, faults)
    return plan


def _make_plan(request: _Request, tree: Tree, faults: Faults) -> _Plan:
    non_repeaters, at = ber.read_integer(request.data, request.asked)
    max_repetitions, at = ber.read_integer(request.data, at)
    start, stop = ber.enter(request.data, at, 0x30)
    names = request.data[start:stop]
    asked = list(_read_names(names))
    if request.kind == _SET:
        return _Plan(names, (), error=(_NO_SUCH_NAME if request.version == _V1 else _NO_ACCESS, min(1, len(asked))))
    v1 = request.version == _V1
    if request.kind == _GETBULK:
        cells = tuple(_bulk(asked, non_repeaters, max_repetitions, tree, faults))
    elif request.kind == _GETNEXT:
        cells = tuple(_next(oid, tree, faults, v1=v1) for oid in asked)
    else:
        cells = tuple(_get(oid, tree) for oid in asked)
    for place, cell in enumerate(cells):
        if cell.oid in faults.gen_err:
            if place and request.kind == _GETBULK:
                return _Plan(names, cells[:place], cut=True)
            return _Plan(names, (), error=(_GEN_ERR, place + 1))
        if v1 and not _in_v1(cell):
            return _Plan(names, (), error=(_NO_SUCH_NAME, place + 1))
    return _Plan(names, cells, cut=request.kind == _GETBULK)


def _read_names(varbinds: bytes) -> Iterator[Oid]:
    at = 0
    while at < len(varbinds):
        start, at = ber.enter(varbinds, at, 0x30)
        name, stop = ber.enter(varbinds, start, Tag.OBJECT_IDENTIFIER)
        oid = varbinds[name:stop]
        ber.check_oid(oid)
        yield oid


def _in_v1(cell: Cell) -> bool:
    """Whether SNMPv1 can say it: it has no exceptions and no Counter64 (RFC 3584, section 4.2.2)."""
    return cell.tag < Tag.NO_SUCH_OBJECT and cell.tag != Tag.COUNTER64


def _exception(oid: Oid, tag: Tag) -> Cell:
    return Cell(oid, tag, encode_varbind(oid, bytes((tag, 0))))


def _get(oid: Oid, tree: Tree) -> Cell:
    cell = tree.get(oid)
    if cell is not None:
        return cell
    return _exception(oid, Tag.NO_SUCH_INSTANCE if tree.has_siblings(oid) else Tag.NO_SUCH_OBJECT)


def _next(oid: Oid, tree: Tree, faults: Faults, *, v1: bool = False) -> Cell:
    if faults.loop and (same := tree.get(oid)):
        return same
    place = tree.place_after(oid)
    if faults.endless and oid.startswith(_ENDLESS) and (more := _one_more_row(oid, tree, place)):
        return more
    while place < len(tree.cells):
        cell = tree.cells[place]
        if not v1 or _in_v1(cell):
            return cell
        place += 1
    return _exception(oid, Tag.END_OF_MIB_VIEW)


def _one_more_row(oid: Oid, tree: Tree, place: int) -> Cell | None:
    """The row behind the last of a column, where `oid` is the last one or one made up before."""
    prefix = parent_of(oid)
    if prefix in _ENDLESS or (place < len(tree.cells) and tree.cells[place].oid.startswith(prefix)):
        return None
    if not tree.cells[place - 1].oid.startswith(prefix):
        return None
    index = oids.arcs(oid)[-1]
    return still_cell(prefix + oids.encode_index((index + 1,)), Tag.INTEGER, 1)


def _bulk(asked: list[Oid], non_repeaters: int, max_repetitions: int, tree: Tree, faults: Faults) -> Iterator[Cell]:
    """RFC 3416, section 4.2.3; ends where no more fits into any answer, or where all columns are at their end."""
    split = min(max(non_repeaters, 0), len(asked))
    for oid in asked[:split]:
        yield _next(oid, tree, faults)
    names = asked[split:]
    planned = 0
    for _ in range(max_repetitions if names else 0):
        row = [_next(oid, tree, faults) for oid in names]
        yield from row
        planned += sum(len(cell.oid) + 6 for cell in row)
        if planned > _MAX_PLANNED_BYTES or all(cell.tag == Tag.END_OF_MIB_VIEW for cell in row):
            return
        names = [cell.oid for cell in row]


def _respond(request: _Request, plan: _Plan, moment: Moment, max_bytes: int) -> Answer:
    if plan.error is not None:
        return _message(request, *plan.error, plan.names, 0)
    parts = [cell.still or cell.encode(moment) for cell in plan.cells]
    body = b"".join(parts)
    whole = _message(request, 0, 0, body, len(parts))
    excess = len(whole.datagram) - max_bytes
    if excess <= 0:
        return whole
    if plan.cut:
        while parts and excess > 0:
            excess -= len(parts.pop())
        if parts:
            return _message(request, 0, 0, b"".join(parts), len(parts))
    # RFC 3416, 4.2.1: tooBig has no varbinds; RFC 1157, 4.1.2: it repeats the request's
    return _message(request, _TOO_BIG, 0, plan.names if request.version == _V1 else b"", 0)


def _message(request: _Request, status: int, index: int, varbinds: bytes, count: int) -> Answer:
    state = b"\2\1\0\2\1\0" if not status else ber.encode_integer(status) + ber.encode_integer(index)
    pdu = ber.tlv(_RESPONSE, request.request_id + state + ber.tlv(0x30, varbinds))
    return Answer(ber.tlv(0x30, request.head + pdu), count)


def _misbehave(request: _Request, plan: _Plan, device: Device, moment: Moment, dice: random.Random) -> list[Answer]:
    faults = device.faults
    if faults.dead or (faults.drop and dice.random() < faults.drop):
        return []
    if faults.wrong_id:
        value, _ = ber.read_integer(request.request_id, 0)
        other = ber.encode_integer((value + 1) % (1 << 31))
        request = request._replace(request_id=other)
    good = _respond(request, plan, moment, faults.max_bytes)
    datagram = good.datagram
    if faults.silent_bytes is not None and len(datagram) > faults.silent_bytes:
        return []
    if faults.truncate:
        datagram = datagram[: len(datagram) * 2 // 3]
    if faults.garbage:
        datagram = dice.randbytes(len(datagram))
    delay_s = faults.delay_s + faults.varbind_delay_s * good.varbinds
    return [Answer(datagram, good.varbinds, delay_s)] * (2 if faults.duplicate else 1)
