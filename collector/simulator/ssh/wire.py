"""TCP to a device: delays, and connections that never become SSH."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, cast

import asyncssh

from collector.simulator.ssh.device import CliDevice

_LINGER_NOT = struct.pack("ii", 1, 0)  # struct linger of socket(7): close() sends a reset
_NO_SSH = bytes(range(256)) * 4


@dataclass(slots=True)
class Stats:
    """What a farm did. Octets are those of the sessions, without SSH.

    Attributes:
        connections: TCP connections accepted.
        logins: that succeeded.
        failed_logins: passwords refused.
        sessions: shells and exec channels that began.
        open: connections that are open now.
        most_open: at one time.
        commands: lines and exec commands received.
        bytes_out: sent by sessions.
    """

    connections: int = 0
    logins: int = 0
    failed_logins: int = 0
    sessions: int = 0
    open: int = 0
    most_open: int = 0
    commands: int = 0
    bytes_out: int = 0


class Farm(Protocol):
    """What a connection needs of its farm."""

    rtt_s: float
    clock: Callable[[], float]
    stats: Stats
    wires: set["Wire"]

    def greet(self, wire: "Wire") -> asyncssh.SSHServerConnection:
        """SSH's side of a connection, not yet connected."""


class Wire(asyncio.Protocol):
    """One TCP connection to a device. What arrives is handed on a round trip later, in order; what leaves, leaves at once.

    Attributes:
        device: that it leads to.
    """

    def __init__(self, farm: Farm, device: CliDevice) -> None:
        self._farm = farm
        self.device = device
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._ssh: asyncssh.SSHServerConnection | None = None
        self._late: deque[tuple[float, bytes | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._deaf = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        farm, stats = self._farm, self._farm.stats
        farm.wires.add(self)
        stats.connections += 1
        stats.open += 1
        stats.most_open = max(stats.most_open, stats.open)
        if farm.rtt_s:
            self._timer = self._loop.call_later(farm.rtt_s, self._begin)
        else:
            self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        self._farm.wires.discard(self)
        self._farm.stats.open -= 1
        self._forget()
        if self._ssh:
            self._ssh.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._farm.rtt_s or self._timer or self._late:
            self._receive_later(data)
        elif self._ssh and not self._deaf:
            self._ssh.data_received(data)

    def eof_received(self) -> bool:
        self._receive_later(None)
        return True  # not yet closed: what came before the end may still wait

    def abort(self) -> None:
        """End the connection now; what waits is lost."""
        self._forget()
        if self._transport:
            self._transport.abort()

    def reset(self) -> None:
        """End it with a TCP reset."""
        if self._transport:
            self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.abort()

    def half_close(self) -> None:
        """Send the end of the device's half, and listen to nothing any more."""
        self._deaf = True
        if self._transport:
            with suppress(OSError):  # the client was faster
                self._transport.get_extra_info("socket").shutdown(socket.SHUT_WR)

    def _begin(self) -> None:
        """The device notices the connection."""
        self._timer = None
        transport, device, at_connect = self._transport, self.device, self.device.faults.at_connect
        if transport is None:
            return
        crowded = device.max_sessions and sum(wire.device is device for wire in self._farm.wires) > device.max_sessions
        if crowded or at_connect == "close":
            transport.close()
        elif at_connect == "reset":
            self.reset()
        elif at_connect == "version_only":
            transport.write(f"SSH-2.0-{device.version or device.style.version}\r\n".encode())
        elif at_connect == "garbage":
            transport.write(_NO_SSH)
        elif not at_connect:
            self._ssh = self._farm.greet(self)
            self._ssh.connection_made(transport)
        self._arm()

    def _receive_later(self, data: bytes | None) -> None:
        self._late.append((self._loop.time() + self._farm.rtt_s, data))
        self._arm()

    def _arm(self) -> None:
        if self._late and not self._timer:
            self._timer = self._loop.call_at(self._late[0][0], self._deliver)

    def _deliver(self) -> None:
        self._timer = None
        now_s = self._loop.time() + 0.0005  # timers need not be finer
        while self._late and self._late[0][0] <= now_s:
            data = self._late.popleft()[1]
            if data is None:
                self.abort()
            elif self._ssh and not self._deaf:
                self._ssh.data_received(data)
        self._arm()

    def _forget(self) -> None:
        self._late.clear()
        if self._timer:
            self._timer.cancel()
            self._timer = None
