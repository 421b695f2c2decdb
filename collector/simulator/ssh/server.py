"""SSH's side of a device: algorithms, who may log in, and what to."""

import asyncio
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

import asyncssh

from collector.simulator.ssh.session import Session
from collector.simulator.ssh.wire import Farm, Wire

_LEGACY: dict[str, Any] = {
    "kex_algs": ["diffie-hellman-group14-sha1"],
    "encryption_algs": ["aes128-cbc"],
    "mac_algs": ["hmac-sha1"],
    "signature_algs": ["ssh-rsa"],
}
_LEGACY_LACKS = (b"rsa-sha2-256", b"rsa-sha2-512")


_Challenge: TypeAlias = tuple[str, str, str, Sequence[tuple[str, bool]]]
"""name, instruction, language; what is asked, and whether the answer is shown (RFC 4256 section 3.2)"""


def greet(farm: Farm, wire: Wire, key: asyncssh.SSHKey) -> asyncssh.SSHServerConnection:
    """SSH's side of a connection whose server shows `key`."""
    device = wire.device
    options = asyncssh.SSHServerConnectionOptions(
        server_factory=lambda: _Server(farm, wire),
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
    return _Connection(asyncio.get_running_loop(), options)


class _Connection(asyncssh.SSHServerConnection):
    """asyncssh takes one request for the authentication service, sshd and devices one before every attempt; paramiko sends those."""

    def send_userauth_failure(self, partial_success: bool) -> None:
        super().send_userauth_failure(partial_success)
        self._next_service = b"ssh-userauth"


class _Server(asyncssh.SSHServer):
    """Who may log in, and what to."""

    def __init__(self, farm: Farm, wire: Wire) -> None:
        self._farm = farm
        self._device = device = wire.device
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

    def session_requested(self) -> Session | bool:
        return not self._device.faults.no_shell and Session(self._farm, self._wire, self._login)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> bool:
        if any(fnmatchcase(f"{dest_host}:{dest_port}", pattern) for pattern in self._device.forwards):
            return True
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "forwarding is not allowed")
