"""A farm of CLI devices in one event loop, each at an address or a port of its own."""

import asyncio
import ipaddress
import socket
import threading
import time
import warnings
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from types import TracebackType
from typing import Any, Self, TypeVar

import asyncssh

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.server import greet
from collector.simulator.ssh.wire import Stats, Wire

_BACKLOG = 128
_PORTS_TRIED = 10
_STOPPED_WITHIN_S = 5.0
_Result = TypeVar("_Result")


class SshFarm:
    """Serves `devices` from `async with farm:` to its end.

    Attributes:
        port: that of all devices that name none; if 0 was given, a free one is taken on start.
        rtt_s: round trip: what a client sends is heard so much later, in order, and the first word of a device comes so much
            later. The TCP connection itself is made without delay.
        clock: what the devices' answers take for the time.
        stats: totals since the start.
    """

    def __init__(
        self,
        devices: Iterable[CliDevice],
        *,
        port: int = 0,
        rtt_s: float = 0.0,
        share_keys: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """With `share_keys` all devices without a host key of their own show the same one of a type.

        Raises:
            ValueError: an address is none of 127.0.0.0/8, or two devices have the same address and port.
        """
        self.devices = list(devices)
        self.port = port
        self.rtt_s = rtt_s
        self.clock = clock
        self.stats = Stats()
        self.wires: set[Wire] = set()
        self._share_keys = share_keys
        self._keys: dict[tuple[str, str], asyncssh.SSHKey] = {}
        self._made: dict[CliDevice, asyncssh.SSHKey] = {}
        self._servers: dict[CliDevice, asyncio.Server] = {}
        self._dark: list[socket.socket] = []
        self._ports: dict[CliDevice, int] = {}
        seen: set[tuple[str, int]] = set()
        for device in self.devices:
            if ipaddress.ip_address(device.address) not in ipaddress.ip_network("127.0.0.0/8"):
                raise ValueError(f"{device.address} is not of 127.0.0.0/8")
            if device.port and (device.address, device.port) in seen:
                raise ValueError(f"two devices at {device.address} port {device.port}")
            seen.add((device.address, device.port or 0))

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Bind and begin to serve.

        Raises:
            OSError: a port is taken.
        """
        warnings.filterwarnings("ignore", message="Diffie-Hellman over finite fields")  # old gear knows nothing else
        sockets = self._bind()
        for device, sock in sockets.items():
            self._ports[device] = sock.getsockname()[1]
            if device.dark:
                self._darken(sock)
            else:
                await self._listen(device, sock)

    async def stop(self) -> None:
        """End all connections and give the ports back. Idempotent."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()
        while self._dark:
            self._dark.pop().close()
        ends_s = asyncio.get_running_loop().time() + _STOPPED_WITHIN_S
        while self.wires and asyncio.get_running_loop().time() < ends_s:
            for wire in list(self.wires):
                wire.abort()
            await asyncio.sleep(0)
        await asyncio.sleep(0)  # asyncssh tells its sessions in the next turn of the loop

    def port_of(self, device: CliDevice) -> int:
        """Where `device` listens."""
        return self._ports[device]

    async def take_down(self, device: CliDevice) -> None:
        """From now on connections are refused; those there are end."""
        if server := self._servers.pop(device, None):
            server.close()
        for wire in [wire for wire in self.wires if wire.device is device]:
            wire.abort()

    async def bring_up(self, device: CliDevice) -> None:
        """Serve `device` again, at its old port."""
        if device not in self._servers:
            await self._listen(device, _bound(device.address, self._ports[device]))

    def key_of(self, device: CliDevice) -> asyncssh.SSHKey:
        """The host key that `device` shows now."""
        if device.host_key:
            return _imported(device.host_key)
        if device not in self._made:
            kind = "ssh-rsa" if device.legacy else device.key_type
            shared = self._share_keys or kind == "ssh-rsa"
            self._made[device] = _shared_key(kind) if shared else asyncssh.generate_private_key(kind)
        return self._made[device]

    def greet(self, wire: Wire) -> asyncssh.SSHServerConnection:
        """SSH's side of a new connection."""
        return greet(self, wire, self.key_of(wire.device))

    def change_key(self, device: CliDevice) -> None:
        """Give `device` another host key than it had, of the same type."""
        kind = self.key_of(device).get_algorithm()
        device.host_key = ""
        self._made[device] = asyncssh.generate_private_key(kind)

    def known_hosts(self) -> str:
        """The devices' host keys as lines of OpenSSH's known_hosts."""
        lines = []
        for device in self.devices:
            port = self._ports[device]
            host = device.address if port == 22 else f"[{device.address}]:{port}"
            lines.append(f"{host} {self.key_of(device).export_public_key().decode().strip()}\n")
        return "".join(lines)

    def _bind(self) -> dict[CliDevice, socket.socket]:
        """A bound socket a device. The farm's port has to be free at all addresses, so that some may be tried."""
        for tries_left in reversed(range(_PORTS_TRIED if not self.port else 1)):
            port, taken, sockets = self.port, set[str](), dict[CliDevice, socket.socket]()
            try:
                for device in self.devices:
                    again = device.address in taken
                    sock = _bound(device.address, device.port or (0 if again else port))
                    sockets[device] = sock
                    if device.port is None and not again:
                        port = port or sock.getsockname()[1]
                        taken.add(device.address)
            except OSError:
                for sock in sockets.values():
                    sock.close()
                if not tries_left:
                    raise
            else:
                self.port = port
                return sockets
        raise AssertionError("the last try returns or raises")

    async def _listen(self, device: CliDevice, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._servers[device] = await loop.create_server(partial(Wire, self, device), sock=sock, backlog=_BACKLOG)

    def _darken(self, sock: socket.socket) -> None:
        """Let nobody in: a listener whose queue is full ignores what would open further connections."""
        self._dark.append(sock)
        sock.listen(0)
        for _ in range(2):
            filler = socket.socket()
            self._dark.append(filler)
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(sock.getsockname())


def _bound(address: str, port: int) -> socket.socket:
    sock = socket.socket()
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
    except OSError:
        sock.close()
        raise
    return sock


@cache
def _shared_key(kind: str) -> asyncssh.SSHKey:
    """One key of a type a process: an RSA key takes a tenth of a second to make."""
    return asyncssh.generate_private_key(kind)


@cache
def _imported(text: str) -> asyncssh.SSHKey:
    return asyncssh.import_private_key(text)


class Served(SshFarm):
    """A farm whose event loop runs in a thread of its own."""

    loop: asyncio.AbstractEventLoop

    def call(self, what: Coroutine[Any, Any, _Result]) -> _Result:
        """Have one of the farm's coroutines run there, from another thread."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result()


@contextmanager
def serve_cli(
    devices: Iterable[CliDevice],
    *,
    port: int = 0,
    rtt_s: float = 0.0,
    share_keys: bool = False,
    clock: Callable[[], float] = time.time,
) -> Iterator[Served]:
    """A farm for callers that block.

    Raises:
        OSError, ValueError: as the farm does.
    """
    farm = Served(devices, port=port, rtt_s=rtt_s, share_keys=share_keys, clock=clock)
    farm.loop = asyncio.new_event_loop()
    thread = threading.Thread(target=farm.loop.run_forever, name="ssh-farm", daemon=True)
    thread.start()
    try:
        farm.call(farm.start())
        try:
            yield farm
        finally:
            farm.call(farm.stop())
    finally:
        farm.loop.call_soon_threadsafe(farm.loop.stop)
        thread.join()
        farm.loop.close()
