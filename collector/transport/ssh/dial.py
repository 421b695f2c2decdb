"""The way to a device's SSH: its name, its port, its first word; or a jump host in between."""

import asyncio
import os
import socket
import time
from typing import Any

import msgspec
import paramiko
from paramiko.ssh_exception import ChannelException, SSHException

from collector.transport.contract import (
    BoundsError,
    NoAnswerError,
    ResolutionError,
    TransportError,
    UnreachableError,
)
from collector.transport.ssh.errors import ClosedError
from inventory.model import Host

CONNECT_S = 5.0
BANNER_S = 5.0
MAX_BANNER_BYTES = 255
"""of an identification string (RFC 4253, section 4.2)"""
MAX_ADDRESSES = 3
"""of a name, that are tried in their order"""
_PROHIBITED = 1
"""SSH_OPEN_ADMINISTRATIVELY_PROHIBITED (RFC 4254, section 5.1)"""
USED_UP = "its sessions may be used up, or an ACL keeps this address out"
"""a remedy"""
_TOO_SLOW = "is it busy, or the line slow? collector probe tells what takes how long"


class Deadline:
    """When all work on a device must be over, by `time.monotonic()`; `host` is whose, for messages."""

    def __init__(self, ends: float, host: str = "") -> None:
        self.ends = ends
        self.host = host

    def left(self, at_most_s: float = 3600.0) -> float:
        """Seconds that one step may take.

        Raises:
            BoundsError: none is left.
        """
        left_s = self.ends - time.monotonic()
        if left_s <= 0:
            raise BoundsError("its time is used up", host=self.host, hint=_TOO_SLOW)
        return min(left_s, at_most_s)


class Answered(msgspec.Struct, frozen=True):
    """A connected socket whose other end began to speak."""

    sock: socket.socket
    connect_ms: float


async def connect(host: Host, deadline: Deadline) -> Answered:
    """Resolve, connect, and wait until the device says something: all without a thread. Addresses that fail are followed by
    the name's next.

    Raises:
        ResolutionError, UnreachableError, NoAnswerError, ClosedError, BoundsError
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(deadline.left(CONNECT_S)):
            found = _written(host) or await loop.getaddrinfo(host.address, host.ssh_port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise ResolutionError(
            f"no answer to what {host.address} is", host=host.name, hint="does the name server answer?"
        ) from None
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no name"
        raise ResolutionError(
            f"{host.address} has no address: {why}", host=host.name, hint="correct `address`, or the name server"
        ) from None
    failed: TransportError | None = None
    for family, _, _, _, address in found[:MAX_ADDRESSES]:
        try:
            return await _connect(host, family, address, deadline)
        except TransportError as error:
            failed = failed or error
    raise failed or ResolutionError(f"{host.address} has no address", host=host.name, hint="correct `address`")


def _written(host: Host) -> list[Any]:
    """What an address is that is written out: to look up hundreds of names at once, each takes one of few threads."""
    try:
        return socket.getaddrinfo(
            host.address, host.ssh_port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
    except (OSError, UnicodeError):  # it is a name
        return []


async def _connect(host: Host, family: int, address: tuple[object, ...], deadline: Deadline) -> Answered:
    loop = asyncio.get_running_loop()
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setblocking(False)
    began = time.perf_counter()
    try:
        async with asyncio.timeout(deadline.left(CONNECT_S)):
            await loop.sock_connect(sock, address)
        connect_ms = (time.perf_counter() - began) * 1e3
        async with asyncio.timeout(deadline.left(BANNER_S)):
            await _readable(loop, sock)
        _see_greeting(sock, host)
    except TimeoutError:
        connected = _is_connected(sock)
        sock.close()
        what = f"port {host.ssh_port} is open and says nothing" if connected else f"no answer from port {host.ssh_port}"
        raise NoAnswerError(what, host=host.name, hint="is SSH on, may this address log in (ACL, firewall)?") from None
    except ConnectionResetError:
        sock.close()
        raise _closed_at_once(host) from None
    except OSError as error:
        sock.close()
        raise UnreachableError(
            f"port {host.ssh_port}: {os.strerror(error.errno) if error.errno else error}",
            host=host.name,
            hint="enable SSH on the device, or correct ssh_port",
        ) from None
    except BaseException:
        sock.close()
        raise
    sock.setblocking(True)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Answered(sock, connect_ms)


async def _readable(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> None:
    ready = asyncio.Event()
    loop.add_reader(sock, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sock)


def _is_connected(sock: socket.socket) -> bool:
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def _see_greeting(sock: socket.socket, host: Host) -> None:
    """Raise where the other end has closed the connection without a word."""
    try:
        begun = sock.recv(MAX_BANNER_BYTES, socket.MSG_PEEK)
    except ConnectionError:
        begun = b""
    if not begun:
        raise _closed_at_once(host)


def _closed_at_once(host: Host) -> ClosedError:
    return ClosedError("the device closes the connection at once", host=host.name, hint=USED_UP)


def through(jump: paramiko.Transport, host: Host, deadline: Deadline) -> paramiko.Channel:
    """A way to a device through a jump host's transport (RFC 4254, section 7.2).

    Raises:
        UnreachableError: the jump host could not connect, or may not forward.
        NoAnswerError: the device gave it no answer.
        ClosedError: the jump host's connection is gone.
    """
    where = f"jump host {host.jump} to {host.address} port {host.ssh_port}"
    try:
        return jump.open_channel(
            "direct-tcpip", (host.address, host.ssh_port), ("127.0.0.1", 0), timeout=deadline.left(CONNECT_S + BANNER_S)
        )
    except ChannelException as error:
        may_not = error.code == _PROHIBITED
        raise UnreachableError(
            f"{where}: {error.text or 'refused'}",
            host=host.name,
            hint="let that user forward connections (sshd: AllowTcpForwarding)"
            if may_not
            else "is SSH on, the port right?",
        ) from None
    except (SSHException, EOFError, OSError) as error:
        deadline.left()
        if jump.is_active() and "timeout" in str(error).lower():
            raise NoAnswerError(f"{where}: no answer", host=host.name, hint="is the device up, and SSH on?") from None
        if jump.is_active():  # paramiko keeps one refusal for all who ask at once: another got the reason
            hint = "let that user forward connections (sshd: AllowTcpForwarding); is SSH on, the port right?"
            raise UnreachableError(f"{where}: refused", host=host.name, hint=hint) from None
        raise ClosedError(
            f"{where}: {str(error) or 'connection lost'}", host=host.name, hint="poll the jump host itself"
        ) from None
