"""A farm of agents on one UDP socket: every address of 127.0.0.0/8 that is asked is a device of its own."""

import asyncio
import ipaddress
import random
import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple, Self, TypeAlias

from collector.simulator.agent import Device, answer
from collector.simulator.faults import NO_FAULTS

_MAX_REQUEST = 65_535
_RECEIVED_AT_ONCE = 1024
_ANSWERED_AT_ONCE = 32  # before the socket is emptied again
_RECEIVE_BUFFER = 8 << 20
_PKTINFO = struct.Struct("@i4s4s")  # struct in_pktinfo of ip(7): interface, local address, destination
_IP_PKTINFO = getattr(socket, "IP_PKTINFO", 8)  # named by Python from 3.12 on

_NO_DICE = random.Random(0)  # noqa: S311 - of devices that are well; never thrown
_ANCILLARY_BYTES = socket.CMSG_SPACE(_PKTINFO.size)

_Peer: TypeAlias = Any  # a socket address, of either family


@dataclass(slots=True)
class Stats:
    """What a farm did. Bytes are UDP payload."""

    requests: int = 0
    answers: int = 0
    varbinds: int = 0
    bytes_in: int = 0
    bytes_out: int = 0


class _Arrived(NamedTuple):
    """A request that waits for its answer."""

    device: Device
    data: bytes
    now_s: float
    send: Callable[[bytes], None]


class Farm:
    """Answers for `devices` from `async with farm:` to its end.

    Attributes:
        port: that of all devices that name none; if 0 was given, a free one is taken on start.
        epoch_s: when counters have their recorded values, seconds since the Unix epoch.
        stats: totals since the start.
    """

    def __init__(
        self,
        devices: Iterable[Device],
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        epoch_s: float | None = None,
        seed: int = 0,
    ) -> None:
        """Two farms with equal devices, `epoch_s` and `seed` answer alike at equal times of `clock`.

        Raises:
            ValueError: an address is none, or two devices have the same one.
        """
        self.devices = list(devices)
        self.port = port
        self.epoch_s = clock() if epoch_s is None else epoch_s
        self.stats = Stats()
        self._clock = clock
        self._seed = seed
        self._sockets: list[socket.socket] = []
        self._dice: dict[str, random.Random] = {}
        self._buffer = memoryview(bytearray(_MAX_REQUEST))
        self._buffers = [self._buffer]
        self._waiting: deque[_Arrived] = deque()
        self._working = False
        seen: set[tuple[str, int | None]] = set()
        for device in self.devices:
            ipaddress.ip_address(device.address)
            if (device.address, device.port) in seen:
                raise ValueError(f"two devices at {device.address}")
            seen.add((device.address, device.port))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def start(self) -> None:
        """Bind and begin to answer.

        Raises:
            OSError: a port is taken, or an address is not of this machine.
        """
        try:
            for port in sorted({device.port or 0 for device in self.devices if ":" not in device.address}):
                bound = self._open_net(port or self.port, [d for d in self.devices if (d.port or 0) == port])
                self.port = self.port or bound
            for device in self.devices:
                if ":" in device.address:
                    bound = self._open_one(device.port or self.port, device)
                    self.port = self.port or bound
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        """Give the sockets back. Requests that wait, and answers held back by a delay, are lost. Idempotent."""
        self._waiting.clear()
        while self._sockets:
            sock = self._sockets.pop()
            asyncio.get_running_loop().remove_reader(sock)
            sock.close()

    def _open_net(self, port: int, devices: list[Device]) -> int:
        """One socket for all IPv4 `devices`. It learns from each datagram where it was sent, and answers from there."""
        by_address = {socket.inet_aton(device.address): device for device in devices if ":" not in device.address}
        sock = self._new_socket(socket.AF_INET)
        sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        sock.bind(("0.0.0.0", port))  # noqa: S104 - what was sent to other addresses than the devices' is ignored
        asyncio.get_running_loop().add_reader(sock, self._receive_net, sock, by_address)
        return int(sock.getsockname()[1])

    def _open_one(self, port: int, device: Device) -> int:
        """A socket for one device on IPv6, which has no net of loopback addresses."""
        sock = self._new_socket(socket.AF_INET6)
        sock.bind((device.address, port))
        asyncio.get_running_loop().add_reader(sock, self._receive_one, sock, device)
        return int(sock.getsockname()[1])

    def _new_socket(self, family: socket.AddressFamily) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_DGRAM)
        self._sockets.append(sock)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        sock.setblocking(False)
        return sock

    def _receive_net(self, sock: socket.socket, by_address: dict[bytes, Device]) -> None:
        """Take all that has arrived: thousands of pollers' requests at once do not fit into the kernel's buffer."""
        for _ in range(_RECEIVED_AT_ONCE):
            try:
                size, ancillary, _, peer = sock.recvmsg_into(self._buffers, _ANCILLARY_BYTES)
            except OSError:  # nothing left
                break
            for _, _, content in ancillary:
                address = _PKTINFO.unpack(content)[2]
                if device := by_address.get(address):
                    send = partial(_send_from, sock, address, peer)
                    self._waiting.append(_Arrived(device, bytes(self._buffer[:size]), self._clock(), send))
        self._work_on()

    def _receive_one(self, sock: socket.socket, device: Device) -> None:
        for _ in range(_RECEIVED_AT_ONCE):
            try:
                size, peer = sock.recvfrom_into(self._buffer)
            except OSError:  # nothing left
                break
            send = partial(_send_to, sock, peer)
            self._waiting.append(_Arrived(device, bytes(self._buffer[:size]), self._clock(), send))
        self._work_on()

    def _work_on(self) -> None:
        """Have what waits answered, if nobody is at it."""
        if self._waiting and not self._working:
            self._working = True
            asyncio.get_running_loop().call_soon(self._work)

    def _work(self) -> None:
        """Answer some, then let the event loop look for new ones."""
        for _ in range(min(_ANSWERED_AT_ONCE, len(self._waiting))):
            self._serve(self._waiting.popleft())
        self._working = False
        self._work_on()

    def _serve(self, arrived: _Arrived) -> None:
        device, data, now_s, send = arrived
        stats = self.stats
        stats.requests += 1
        stats.bytes_in += len(data)
        for datagram, varbinds, delay_s in answer(data, device, now_s, self.epoch_s, self._dice_of(device)):
            stats.answers += 1
            stats.varbinds += varbinds
            stats.bytes_out += len(datagram)
            if delay_s:
                asyncio.get_running_loop().call_later(delay_s, send, datagram)
            else:
                send(datagram)

    def _dice_of(self, device: Device) -> random.Random:
        """The device's own, so that its losses do not depend on when others are asked."""
        dice = self._dice.get(device.address, _NO_DICE if device.faults is NO_FAULTS else None)
        if dice is None:
            dice = self._dice[device.address] = random.Random(f"{self._seed} {device.address}")  # noqa: S311
        return dice


def _send_from(sock: socket.socket, address: bytes, peer: _Peer, datagram: bytes) -> None:
    with suppress(OSError):  # lost, as datagrams may be; or the farm stopped meanwhile
        sock.sendmsg([datagram], [(socket.IPPROTO_IP, _IP_PKTINFO, _PKTINFO.pack(0, address, bytes(4)))], 0, peer)


def _send_to(sock: socket.socket, peer: _Peer, datagram: bytes) -> None:
    with suppress(OSError):
        sock.sendto(datagram, peer)
