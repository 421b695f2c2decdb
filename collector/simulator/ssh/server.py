"""A device's side of one connection: TCP with its delays, SSH by asyncssh, and the session on it."""

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol, TypeAlias, cast

import asyncssh

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.faults import End, Step
from collector.simulator.ssh.terminal import Terminal

_LINGER_NOT = struct.pack("ii", 1, 0)  # struct linger of socket(7): close() sends a reset
_NO_SSH = bytes(range(256)) * 4
_MAX_STDIN_BYTES = 1 << 20
_LEGACY: dict[str, Any] = {
    "kex_algs": ["diffie-hellman-group14-sha1"],
    "encryption_algs": ["aes128-cbc"],
    "mac_algs": ["hmac-sha1"],
    "signature_algs": ["ssh-rsa"],
}
_LEGACY_LACKS = (b"rsa-sha2-256", b"rsa-sha2-512")


_Challenge: TypeAlias = tuple[str, str, str, Sequence[tuple[str, bool]]]
"""name, instruction, language; what is asked, and whether the answer is shown (RFC 4256 section 3.2)"""


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


class Owner(Protocol):
    """What a connection needs of its farm."""

    rtt_s: float
    stats: Stats
    wires: set["Wire"]

    def key_of(self, device: CliDevice) -> asyncssh.SSHKey:
        """The host key that the device shows now."""


class Wire(asyncio.Protocol):
    """One TCP connection to a device. What arrives is handed on a round trip later, in order; what leaves, leaves at once.

    Attributes:
        device: that it leads to.
    """

    def __init__(self, farm: Owner, device: CliDevice) -> None:
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
            options = _options(device, self._farm.key_of(device), lambda: _Server(self._farm, device, self))
            self._ssh = _Connection(self._loop, options)
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


def _options(device: CliDevice, key: asyncssh.SSHKey, server: Any) -> asyncssh.SSHServerConnectionOptions:
    options = asyncssh.SSHServerConnectionOptions(
        server_factory=server,
        server_host_keys=[key],
        server_version=device.version or device.style.version,
        encoding=None,
        line_editor=False,
        compression_algs=None,
        agent_forwarding=False,
        gss_host=None,
        **(_LEGACY if device.legacy else {}),
    )
    if device.legacy:
        for algorithm in _LEGACY_LACKS:
            options.server_host_keys.pop(algorithm, None)
    return options


class _Connection(asyncssh.SSHServerConnection):
    """asyncssh takes one request for the authentication service, sshd and devices one before every attempt; paramiko sends those."""

    def send_userauth_failure(self, partial_success: bool) -> None:
        super().send_userauth_failure(partial_success)
        self._next_service = b"ssh-userauth"


class _Server(asyncssh.SSHServer):
    """Who may log in, and what to."""

    def __init__(self, farm: Owner, device: CliDevice, wire: Wire) -> None:
        self._farm = farm
        self._device = device
        self._wire = wire
        self._login = self._user = ""
        self._conn: asyncssh.SSHServerConnection | None = None
        self._keys = {asyncssh.import_public_key(line).public_data for line in device.authorized_keys}

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn

    def begin_auth(self, username: str) -> bool:
        self._login = username
        self._user = username.partition("+")[0] if self._device.style.login_options else username
        if self._device.banner and self._conn:
            self._conn.send_auth_banner(self._device.banner)
        return bool(self._device.auth)

    def auth_completed(self) -> None:
        self._device.logins += 1
        self._farm.stats.logins += 1

    def public_key_auth_supported(self) -> bool:
        return "publickey" in self._device.auth

    def password_auth_supported(self) -> bool:
        return "password" in self._device.auth

    def kbdint_auth_supported(self) -> bool:
        return "keyboard-interactive" in self._device.auth

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        device = self._device
        if self._user == device.user and key.public_data in self._keys and not device.locked:
            return True
        device.refused_keys += 1
        return False

    async def validate_password(self, username: str, password: str) -> bool:
        device = self._device
        if device.faults.login_s:
            await asyncio.sleep(device.faults.login_s)
        if (self._user, password) == (device.user, device.password) and not device.locked:
            return True
        device.failed_logins += 1
        self._farm.stats.failed_logins += 1
        return False

    def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> _Challenge:
        return "", "", "", [("Password: ", False)]

    async def validate_kbdint_response(self, username: str, responses: Sequence[str]) -> bool:
        return len(responses) == 1 and await self.validate_password(username, responses[0])

    def session_requested(self) -> "_Session | bool":
        return not self._device.faults.no_shell and _Session(self._farm, self._device, self._wire, self._login)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        if any(fnmatchcase(f"{dest_host}:{dest_port}", pattern) for pattern in self._device.forwards):
            return True
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "forwarding is not allowed")


class _Session(asyncssh.SSHServerSession[bytes]):
    """A shell or an exec channel."""

    def __init__(self, farm: Owner, device: CliDevice, wire: Wire, login: str) -> None:
        self._farm = farm
        self._device = device
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._terminal: Terminal | None = Terminal(device, login)
        self._channel: asyncssh.SSHServerChannel[bytes] | None = None
        self._command = ""
        self._stdin = bytearray()
        self._steps: deque[Step] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._last_input_s = self._loop.time()
        self._full = False
        self._over = False
        self._leaves = False

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel = chan

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        if self._leaves and self._channel:
            self._channel.get_connection().close()
        self._channel = None

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:
        return True

    def shell_requested(self) -> bool:
        return True

    def exec_requested(self, command: str) -> bool:
        if not self._device.execute or self._device.faults.no_exec:
            return False
        self._command, self._terminal = command, None
        self._device.received.append(command)
        self._farm.stats.commands += 1
        return True

    def session_started(self) -> None:
        self._farm.stats.sessions += 1
        if self._terminal:
            self._watch_idle()
            self._play(self._terminal.start())
        else:
            self._execute(None)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._over:
            return
        if self._terminal:
            self._last_input_s = self._loop.time()
            before = len(self._device.received)
            steps = self._terminal.feed(data)
            self._farm.stats.commands += len(self._device.received) - before
            self._play(steps)
        elif len(self._stdin) < _MAX_STDIN_BYTES:
            self._stdin += data

    def eof_received(self) -> bool:
        if not self._terminal and not self._over:
            self._execute(bytes(self._stdin))
        return True

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._advance()

    def _execute(self, stdin: bytes | None) -> None:
        if self._device.execute and self._channel and (done := self._device.execute(self._command, stdin)):
            self._over = True
            self._farm.stats.bytes_out += len(done.stdout) + len(done.stderr)
            self._channel.write(done.stdout)
            if done.stderr:
                self._channel.write_stderr(done.stderr)
            self._channel.exit(done.status)

    def _play(self, steps: list[Step]) -> None:
        self._steps.extend(steps)
        self._advance()

    def _advance(self, *, waited: bool = False) -> None:
        """Send what is due; where a pause comes first, come back."""
        if waited:
            self._timer = None
        if self._timer:
            return
        ready = bytearray()
        while self._steps and not self._full and not self._over:
            step = self._steps[0]
            if step.pause_s and not waited:
                self._timer = self._loop.call_later(step.pause_s, self._again)
                break
            waited = False
            if step.end is not End.REPEAT:
                self._steps.popleft()
            ready += step.data
            if step.end not in (End.NOTHING, End.REPEAT):
                self._write(ready)
                self._end(step.end)
                return
        self._write(ready)

    def _again(self) -> None:
        self._advance(waited=True)

    def _write(self, ready: bytearray) -> None:
        if ready and self._channel:
            self._farm.stats.bytes_out += len(ready)
            self._channel.write(bytes(ready))
            ready.clear()

    def _end(self, end: End) -> None:
        self._stop()
        if end is End.LEAVE and self._channel:
            self._leaves = True
            self._channel.exit(0)
        elif end is End.RESET:
            self._wire.reset()
        elif end is End.HALF_CLOSE:
            self._wire.half_close()

    def _stop(self) -> None:
        """Nothing is sent or heard any more."""
        self._over = True
        self._steps.clear()
        for timer in (self._timer, self._idle):
            if timer:
                timer.cancel()
        self._timer = self._idle = None

    def _watch_idle(self) -> None:
        """Close the session when nothing was typed for `idle_s`; looked at as often."""
        idle_s = self._device.faults.idle_s
        left_s = self._last_input_s + idle_s - self._loop.time()
        if idle_s and left_s <= 0:
            self._end(End.LEAVE)
        elif idle_s:
            self._idle = self._loop.call_later(left_s, self._watch_idle)
