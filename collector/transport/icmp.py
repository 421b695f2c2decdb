"""Echo requests (RFC 792, RFC 4443) to many hosts over one socket for each family of addresses.

Two kinds of sockets can send them: datagram sockets of ICMP, which the kernel gives to the groups in
`net.ipv4.ping_group_range`, and raw ones, which take CAP_NET_RAW. Where the kernel allows neither, nothing is pinged.

An echo is told by a number and a token in its payload, not by identifier and sequence alone: the first is the kernel's
on a datagram socket, the second repeats after 65,536 echoes, and on a raw socket everybody's replies arrive.
"""

import asyncio
import secrets
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from collector.transport.contract import ResolutionError

COUNT = 3
INTERVAL_S = 0.1
TIMEOUT_S = 1.0
READ_AT_ONCE = 256
"""packets taken in a row before other work has its turn"""
RECEIVE_BUFFER_BYTES = 4 << 20
"""replies of a burst wait here while the loop is busy; what does not fit looks like loss on the line"""

_ECHO = struct.Struct("!BBHHH")
_PAYLOAD = struct.Struct("!8sI")
_PADDING = bytes(range(44))  # up to the 56 octets that ping(8) sends
_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
_PROTOCOL = {socket.AF_INET: socket.IPPROTO_ICMP, socket.AF_INET6: socket.IPPROTO_ICMPV6}
_SOL_RAW, _ICMP_FILTER = 255, 1  # linux/icmp.h; a set bit blocks a type
_ICMP6_FILTER = 1  # RFC 3542, section 3.2; Linux: a set bit blocks a type
_SO_TIMESTAMPNS = 35  # asm-generic/socket.h: the kernel's time of arrival, a struct timespec
_TIMESPEC = struct.Struct("@qq")
_SO_RCVBUFFORCE = 33


class PingResult(msgspec.Struct, frozen=True):
    """The echoes of one call. The round trips are of those that came back, 0 where none did."""

    sent: int
    received: int
    rtt_min_ms: float
    rtt_avg_ms: float
    rtt_max_ms: float

    @property
    def loss_percent(self) -> float:
        """Share of the echoes that did not come back in time."""
        return 100.0 * (self.sent - self.received) / self.sent


class _Visit:
    """One call of `ping`: who is asked, what came back."""

    __slots__ = ("all_back", "awaited", "rtts_ms", "source")

    def __init__(self, source: str, awaited: int, all_back: "asyncio.Future[None]") -> None:
        self.source = source
        self.awaited = awaited
        self.rtts_ms: list[float] = []
        self.all_back = all_back


class _Sent(NamedTuple):
    visit: _Visit
    wall_ns: int
    steady_ns: int


class Pinger:
    """Holds the sockets; one for a whole process, of one event loop."""

    def __init__(self, sockets: dict[socket.AddressFamily, socket.socket], loop: asyncio.AbstractEventLoop) -> None:
        self._sockets = sockets
        self._loop = loop
        self._token = secrets.token_bytes(8)
        self._identifier = secrets.randbits(16)
        self._number = secrets.randbits(32)
        self._sent: dict[int, _Sent] = {}
        for family, sock in sockets.items():
            loop.add_reader(sock, self._reader(family, sock))

    @classmethod
    async def open(cls) -> "Pinger | None":
        """A pinger of the running loop; None where the kernel allows neither kind of socket."""
        opened = ((family, _open(family)) for family in (socket.AF_INET, socket.AF_INET6))
        sockets = {family: sock for family, sock in opened if sock}
        return cls(sockets, asyncio.get_running_loop()) if sockets else None

    def close(self) -> None:
        """Give the sockets back. Idempotent."""
        for sock in self._sockets.values():
            self._loop.remove_reader(sock)
            sock.close()
        self._sockets = {}

    async def ping(
        self, address: str, count: int = COUNT, interval_s: float = INTERVAL_S, timeout_s: float = TIMEOUT_S
    ) -> PingResult:
        """Send `count` echoes, `interval_s` apart, to an address or name; each is waited for `timeout_s` or longer.

        An echo that cannot be sent (no route) is a lost one.

        Raises:
            ResolutionError: the name has no address of a family that can be pinged.
        """
        family, target = await self._resolve(address)
        visit = _Visit(target[0].partition("%")[0], count, self._loop.create_future())
        numbers: list[int] = []
        try:
            for left in reversed(range(count)):
                numbers.append(await self._send(family, target, visit))
                if left:
                    await asyncio.sleep(interval_s)
            timer = self._loop.call_later(timeout_s, _finish, visit)
            await visit.all_back
            timer.cancel()
        finally:
            for number in numbers:
                self._sent.pop(number, None)
        rtts = visit.rtts_ms
        if not rtts:
            return PingResult(count, 0, 0.0, 0.0, 0.0)
        return PingResult(count, len(rtts), min(rtts), sum(rtts) / len(rtts), max(rtts))

    async def _resolve(self, address: str) -> tuple[socket.AddressFamily, tuple[str, int]]:
        for family in self._sockets:
            try:
                socket.inet_pton(family, address)
            except OSError:
                continue
            return family, (address, 0)
        try:
            found = await self._loop.getaddrinfo(address, 0, type=socket.SOCK_DGRAM)
        except OSError as error:
            raise ResolutionError(f"the name has no address: {error.strerror or error}", host=address) from error
        for family, _, _, _, target in found:
            if family in self._sockets:
                return socket.AddressFamily(family), target  # type: ignore[return-value] # of an Internet family
        raise ResolutionError("the name has no address that can be pinged from here", host=address)

    async def _send(self, family: socket.AddressFamily, target: tuple[str, int], visit: _Visit) -> int:
        self._number = number = (self._number + 1) & 0xFFFFFFFF
        packet = _packet(family, self._identifier, number, self._token)
        sock = self._sockets[family]
        self._sent[number] = _Sent(visit, time.time_ns(), time.monotonic_ns())
        try:
            sock.sendto(packet, target)
        except BlockingIOError:  # the socket's send buffer is full: its turn comes soon
            await asyncio.sleep(0.01)
            self._sent[number] = _Sent(visit, time.time_ns(), time.monotonic_ns())
            try:
                sock.sendto(packet, target)
            except OSError:
                self._sent.pop(number, None)
        except OSError:  # no route, or the host refuses: as good as lost
            self._sent.pop(number, None)
        return number

    def _reader(self, family: socket.AddressFamily, sock: socket.socket) -> Callable[[], None]:
        with_header = family == socket.AF_INET and sock.type == socket.SOCK_RAW
        own_identifier = self._identifier if sock.type == socket.SOCK_RAW else None
        wanted = _REPLY[family]

        def read() -> None:
            for _ in range(READ_AT_ONCE):
                try:
                    data, ancillary, _, source = sock.recvmsg(512, 64)
                except BlockingIOError:
                    return
                except OSError:  # a refusal by some router, reported on the next read; the echo is lost anyway
                    continue
                number = _number(data, with_header, wanted, own_identifier, self._token)
                if number is not None:
                    self._take(number, source[0].partition("%")[0], ancillary)

        return read

    def _take(self, number: int, source: str, ancillary: list[tuple[int, int, bytes]]) -> None:
        sent = self._sent.get(number)
        if sent is None or sent.visit.source != source:
            return
        del self._sent[number]
        visit = sent.visit
        visit.rtts_ms.append(_round_trip_ms(sent, ancillary))
        if len(visit.rtts_ms) == visit.awaited:
            _finish(visit)


def _finish(visit: _Visit) -> None:
    if not visit.all_back.done():
        visit.all_back.set_result(None)


def _round_trip_ms(sent: _Sent, ancillary: list[tuple[int, int, bytes]]) -> float:
    """By the kernel's time of arrival, as the loop may come to read much later; by the steady clock where the kernel
    tells none, or the wall clock was set meanwhile."""
    steady_ns = time.monotonic_ns() - sent.steady_ns
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS and len(data) >= _TIMESPEC.size:
            seconds, nanoseconds = _TIMESPEC.unpack_from(data)
            wall_ns = seconds * 1_000_000_000 + nanoseconds - sent.wall_ns
            if 0 <= wall_ns <= steady_ns:
                return float(wall_ns) / 1e6
    return steady_ns / 1e6


def _packet(family: socket.AddressFamily, identifier: int, number: int, token: bytes) -> bytes:
    body = _PAYLOAD.pack(token, number) + _PADDING
    head = _ECHO.pack(_REQUEST[family], 0, 0, identifier, number & 0xFFFF)
    if family == socket.AF_INET6:
        return head + body  # the kernel fills in the checksum, as it knows the addresses (RFC 3542, section 3.1)
    return _ECHO.pack(_REQUEST[family], 0, checksum(head + body), identifier, number & 0xFFFF) + body


def checksum(octets: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(octets) % 2:
        octets += b"\0"
    total: int = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def _number(data: bytes, with_header: bool, wanted: int, identifier: int | None, token: bytes) -> int | None:
    """The number of the echo that `data` answers; None if it is no reply to one of ours."""
    at = (data[0] & 0x0F) * 4 if with_header and data else 0
    if len(data) < at + _ECHO.size + _PAYLOAD.size:
        return None
    kind, code, _, answered, sequence = _ECHO.unpack_from(data, at)
    if kind != wanted or code != 0 or (identifier is not None and answered != identifier):
        return None
    echoed, number = _PAYLOAD.unpack_from(data, at + _ECHO.size)
    return int(number) if echoed == token and number & 0xFFFF == sequence else None


def _open(family: socket.AddressFamily) -> socket.socket | None:
    for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):
        try:
            sock = socket.socket(family, kind, _PROTOCOL[family])
        except OSError:  # not allowed, or no such family in this kernel
            continue
        sock.setblocking(False)
        _tune(sock, family)
        return sock
    return None


def _tune(sock: socket.socket, family: socket.AddressFamily) -> None:
    """A large buffer, times of arrival, and of raw sockets only echo replies: better with, but it works without."""
    options: list[tuple[int, int, int | bytes]] = [(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)]
    if sys.platform == "linux":
        options += [
            (socket.SOL_SOCKET, _SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES),
            (socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1),
        ]
        if sock.type == socket.SOCK_RAW and family == socket.AF_INET:
            options.append((_SOL_RAW, _ICMP_FILTER, struct.pack("@I", ~(1 << _REPLY[family]) & 0xFFFFFFFF)))
        if sock.type == socket.SOCK_RAW and family == socket.AF_INET6:
            reply = _REPLY[family]
            blocked = [0xFFFFFFFF] * 8
            blocked[reply >> 5] &= ~(1 << (reply & 31)) & 0xFFFFFFFF
            options.append((socket.IPPROTO_ICMPV6, _ICMP6_FILTER, struct.pack("@8I", *blocked)))
    for level, name, value in options:
        try:
            sock.setsockopt(level, name, value)
        except OSError:  # SO_RCVBUFFORCE is for root alone
            continue
