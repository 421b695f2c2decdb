"""Key exchange with a device (RFC 4253), and whether its host key is the pinned one. No login yet."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

import msgspec
import paramiko
from paramiko.ssh_exception import IncompatiblePeer, SSHException

from collector.transport.contract import NoAnswerError, ProtocolError, TransportError
from collector.transport.ssh.algorithms import LEGACY, STRICT
from collector.transport.ssh.dial import BANNER_S, USED_UP, Deadline
from collector.transport.ssh.errors import AlgorithmError, ChangedHostKeyError, ClosedError, UnknownHostKeyError
from collector.transport.ssh.known_hosts import HostKey, KnownHosts, Trust
from inventory.model import Host

HANDSHAKE_S = 10.0
LOGIN_S = 10.0
_LOOK_S = 30.0
"""how often a settled connection's thread looks whether it is to end; it is woken besides"""
_END_S = 0.5
_NO_BANNER = re.compile("banner|protocol version", re.IGNORECASE)
"""in what paramiko says where no identification string came"""


class Transport(paramiko.Transport):  # type: ignore[misc] # it comes without types
    """paramiko's, whose thread looks ten times a second whether it is to end: too often for hundreds of kept sessions."""

    def settle(self) -> None:
        """Look seldom from now on; before the login is done, these looks are what keeps paramiko's timeouts."""
        self.sock.settimeout(_LOOK_S)

    def stop_thread(self) -> None:
        """End the thread before its socket is closed: else it may wait on a number that is another file's by then."""
        self.active = False
        with suppress(OSError, EOFError):  # it is closed already
            if isinstance(self.sock, paramiko.Channel):
                self.sock.close()
            else:
                self.sock.shutdown(socket.SHUT_RDWR)
        if self.is_alive() and self is not threading.current_thread():
            self.join(_END_S)
        super().stop_thread()


class Handshake(msgspec.Struct, frozen=True):
    """A connection whose two ends have keys.

    Attributes:
        banner: the device's identification string.
        key: the host key that it proved to have.
        trust: what the pinned keys say of it.
    """

    transport: Transport
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
        transport = Transport(sock, disabled_algorithms=disabled)
    except (SSHException, OSError) as error:
        sock.close()
        raise ClosedError(f"the connection was lost: {error}", host=host.name, hint=USED_UP) from None
    opened(transport)
    try:
        transport.banner_timeout = deadline.left(BANNER_S)
        transport.auth_timeout = deadline.left(LOGIN_S)
        transport.channel_timeout = deadline.left(LOGIN_S)
        _prefer_pinned(transport, known_hosts.of(host.address, host.ssh_port))
        transport.start_client(timeout=deadline.left(HANDSHAKE_S))
        if not transport.initial_kex_done:  # it returns at its timeout as if all were well
            raise TimeoutError("timeout")
        shown = transport.get_remote_server_key()
        key = HostKey(shown.get_name(), shown.asbytes())
        trust = known_hosts.judge(host.address, host.ssh_port, key)
    except TransportError:
        _give_up(transport)
        raise
    except (SSHException, EOFError, OSError) as error:
        _give_up(transport)
        deadline.left()
        raise _failed_handshake(error, host) from None
    return Handshake(transport, transport.remote_version, key, trust)


def _give_up(transport: paramiko.Transport) -> None:
    transport.close()
    transport.packetizer.complete_handshake()  # it is not: but so ends the thread that watches over it


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
    cause = error.__context__ or error  # paramiko says the same of silence, an end and rubbish in place of the banner
    if "incompatible version" in text.lower():
        return AlgorithmError(
            "it only speaks SSH version 1", host=host.name, hint="turn version 2 on (Cisco: ip ssh version 2)"
        )
    if isinstance(error, IncompatiblePeer) or "no acceptable" in text.lower():
        if host.legacy_ssh:
            hint = "newer software on the device, or SNMP alone (transport)"
            return AlgorithmError(f"no algorithm in common: {text}", host=host.name, hint=hint)
        return AlgorithmError(
            f"only old algorithms in common: {text}",
            host=host.name,
            hint="legacy_ssh = true on this host allows SHA-1 and CBC; better: newer software on the device",
        )
    if isinstance(cause, TimeoutError) or "timeout" in text.lower():
        return NoAnswerError("no answer to the key exchange", host=host.name, hint="is it busy, or the line slow?")
    if isinstance(cause, EOFError | ConnectionError) or not _NO_BANNER.search(text):
        return ClosedError(
            f"the device closed the connection during the key exchange{f': {text}' if text else ''}",
            host=host.name,
            hint=f"{USED_UP}; where it only knows old algorithms: legacy_ssh = true",
        )
    return ProtocolError("what answers there is no SSH", host=host.name, hint="correct ssh_port")


def check_host_key(host: Host, handshake_: Handshake) -> None:
    """Raises UnknownHostKeyError or ChangedHostKeyError, unless the key is pinned."""
    if handshake_.trust is Trust.PINNED:
        return
    key = handshake_.key
    shown = f"{key.type} {key.fingerprint}"
    error: UnknownHostKeyError | ChangedHostKeyError
    if handshake_.trust is Trust.UNKNOWN:
        error = UnknownHostKeyError(
            f"its host key is not pinned: {shown}; see collector trust",
            host=host.name,
            hint=f"compare it with the device's, then: collector trust {host.name}",
        )
    else:
        what = "is revoked" if handshake_.trust is Trust.REVOKED else "has changed"
        error = ChangedHostKeyError(
            f"its host key {what}: {shown}; see collector trust",
            host=host.name,
            hint=f"if the device was replaced or set up anew: collector trust --replace {host.name}; if not, somebody may stand between",
        )
    error.fingerprint = key.fingerprint
    raise error
