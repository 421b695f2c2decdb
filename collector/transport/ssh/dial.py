"""The way to a device's SSH: name, port, identification string, key exchange, host key. No login yet."""

import asyncio
import socket
import time
from collections.abc import Callable

import msgspec
import paramiko
from paramiko.ssh_exception import ChannelException, IncompatiblePeer, SSHException

from collector.transport.contract import (
    BoundsError,
    NoAnswerError,
    ProtocolError,
    ResolutionError,
    TransportError,
    UnreachableError,
)
from collector.transport.ssh.algorithms import LEGACY, STRICT
from collector.transport.ssh.errors import AlgorithmError, ChangedHostKeyError, ClosedError, UnknownHostKeyError
from collector.transport.ssh.known_hosts import HostKey, KnownHosts, Trust
from inventory.model import Host

CONNECT_S = 5.0
BANNER_S = 5.0
HANDSHAKE_S = 10.0
LOGIN_S = 10.0
MAX_BANNER_BYTES = 255
"""of an identification string (RFC 4253, section 4.2)"""


class Deadline:
    """When all work on a device must be over, by `time.monotonic()`."""

    def __init__(self, ends: float) -> None:
        self.ends = ends

    def left(self, at_most_s: float = 3600.0) -> float:
        """Seconds that one step may take.

        Raises:
            BoundsError: none is left.
        """
        left_s = self.ends - time.monotonic()
        if left_s <= 0:
            raise BoundsError("its time is used up")
        return min(left_s, at_most_s)


class Answered(msgspec.Struct, frozen=True):
    """A connected socket whose other end began to speak."""

    sock: socket.socket
    connect_ms: float


async def connect(host: Host, deadline: Deadline) -> Answered:
    """Resolve, connect, and wait until the device says something: all without a thread.

    Raises:
        ResolutionError, UnreachableError, NoAnswerError, ClosedError, BoundsError
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host.address, host.ssh_port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise ResolutionError(f"{host.address} has no address: {error.strerror or error}", host=host.name) from None
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
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
    except OSError as error:
        sock.close()
        raise UnreachableError(
            f"port {host.ssh_port}: {error.strerror or error}",
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
        raise ClosedError(
            "the device closes the connection at once",
            host=host.name,
            hint="its sessions may be used up, or an ACL keeps this address out",
        )


class Handshake(msgspec.Struct, frozen=True):
    """A connection whose two ends have keys.

    Attributes:
        banner: the device's identification string.
        key: the host key that it proved to have.
        trust: what the pinned keys say of it.
    """

    transport: paramiko.Transport
    banner: str
    key: HostKey
    trust: Trust


def handshake(
    host: Host,
    sock: socket.socket | paramiko.Channel,
    known_hosts: KnownHosts,
    deadline: Deadline,
    opened: Callable[[paramiko.Transport], None],
) -> Handshake:
    """Exchange keys. `opened` is told the transport before anything blocks, so that somebody else can end it.

    Raises:
        AlgorithmError, ProtocolError, ClosedError, NoAnswerError, BoundsError
    """
    disabled = LEGACY if host.legacy_ssh else STRICT
    try:
        transport = paramiko.Transport(sock, disabled_algorithms=disabled)
    except (SSHException, OSError) as error:
        sock.close()
        raise ProtocolError(str(error), host=host.name) from None
    opened(transport)
    transport.banner_timeout = deadline.left(BANNER_S)
    transport.auth_timeout = deadline.left(LOGIN_S)
    transport.channel_timeout = deadline.left(LOGIN_S)
    _prefer_pinned(transport, known_hosts.of(host.address, host.ssh_port))
    try:
        transport.start_client(timeout=deadline.left(HANDSHAKE_S))
        if not transport.initial_kex_done:  # it returns at its timeout as if all were well
            raise TimeoutError("timeout")
        shown = transport.get_remote_server_key()
    except (SSHException, EOFError, OSError) as error:
        transport.close()
        raise _failed_handshake(error, host) from None
    key = HostKey(shown.get_name(), shown.asbytes())
    trust = known_hosts.judge(host.address, host.ssh_port, key)
    return Handshake(transport, transport.remote_version, key, trust)


def _prefer_pinned(transport: paramiko.Transport, pinned: set[HostKey]) -> None:
    """A device with keys of several types shows the one that we prefer: that has to be one we know."""
    types = {key.type for key in pinned}
    if "ssh-rsa" in types:
        types |= {"rsa-sha2-256", "rsa-sha2-512"}
    options = transport.get_security_options()
    allowed = list(transport.preferred_keys)
    options.key_types = [name for name in allowed if name in types] + [name for name in allowed if name not in types]


def _failed_handshake(error: Exception, host: Host) -> TransportError:
    text = str(error)
    if isinstance(error, IncompatiblePeer) or "no acceptable" in text.lower():
        if host.legacy_ssh:
            return AlgorithmError(f"no algorithm in common: {text}", host=host.name)
        return AlgorithmError(
            f"only old algorithms in common: {text}",
            host=host.name,
            hint="legacy_ssh = true on this host allows SHA-1 and CBC; better: newer software on the device",
        )
    if "banner" in text.lower():
        return ProtocolError("what answers there is no SSH", host=host.name)
    if "timeout" in text.lower() or isinstance(error, TimeoutError):
        return NoAnswerError("no answer to the key exchange", host=host.name)
    return ClosedError(
        f"the device closed the connection during the key exchange{f': {text}' if text else ''}",
        host=host.name,
        hint="its sessions may be used up; where it only knows old algorithms: legacy_ssh = true",
    )


def check_host_key(host: Host, handshake_: Handshake) -> None:
    """Raises UnknownHostKeyError or ChangedHostKeyError, unless the key is pinned."""
    if handshake_.trust is Trust.PINNED:
        return
    key = handshake_.key
    shown = f"{key.type} {key.fingerprint}"
    error: UnknownHostKeyError | ChangedHostKeyError
    if handshake_.trust is Trust.UNKNOWN:
        error = UnknownHostKeyError(
            f"its host key is not pinned: {shown}",
            host=host.name,
            hint=f"compare it with the device's, then: collector trust {host.name}",
        )
    else:
        what = "is revoked" if handshake_.trust is Trust.REVOKED else "has changed"
        error = ChangedHostKeyError(
            f"its host key {what}: {shown}",
            host=host.name,
            hint=f"if the device was replaced or set up anew: collector trust --replace {host.name}; if not, somebody may stand between",
        )
    error.fingerprint = key.fingerprint
    raise error


def through(jump: paramiko.Transport, host: Host, deadline: Deadline) -> paramiko.Channel:
    """A way to a device through a jump host's transport (RFC 4254, section 7.2).

    Raises:
        UnreachableError: the jump host could not connect, or may not forward.
        ClosedError: the jump host's connection is gone.
    """
    try:
        return jump.open_channel(
            "direct-tcpip", (host.address, host.ssh_port), ("127.0.0.1", 0), timeout=deadline.left(CONNECT_S + BANNER_S)
        )
    except ChannelException as error:
        raise UnreachableError(
            f"jump host {host.jump}: {error.text or 'may not forward'}",
            host=host.name,
            hint="may that user forward connections?",
        ) from None
    except (SSHException, EOFError, OSError) as error:
        raise ClosedError(f"jump host {host.jump}: {str(error) or 'connection lost'}", host=host.name) from None
