"""A CLI device: what it is called, who may log in, and what it answers to which command. No socket."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from collector.simulator.ssh.faults import NO_FAULTS, CliFaults
from collector.simulator.ssh.style import STYLES, Style

Auth: TypeAlias = Literal["password", "publickey", "keyboard-interactive"]


class Executed(NamedTuple):
    """What came of a command on an exec channel."""

    stdout: bytes
    stderr: bytes = b""
    status: int = 0


Executor: TypeAlias = Callable[[str, bytes | None], Executed | None]
"""Called with the command of an exec channel and None; where it gives None it wants the standard input, and is called again with all of that."""


@dataclass(slots=True, eq=False, kw_only=True)
class CliDevice:
    """One device of a farm. All of it may be changed while it runs.

    Attributes:
        address: of 127.0.0.0/8.
        port: TCP port; None is the farm's.
        name: in the prompt.
        platform: whose manners it has, a key of `STYLES`.
        answers: the output of each command, without echo and prompt, lines ended by "\\n".
        answer: asked before `answers`, with the command and the time in seconds since the epoch: for counters that move.
        user: who may log in.
        password: with it.
        authorized_keys: public keys in OpenSSH's format that may.
        auth: methods that are offered; none at all lets everybody in.
        enable: secret of the privileged mode; empty means that sessions begin there.
        privileged: commands unknown outside of it.
        banner: sent before authentication (RFC 4252 section 5.4).
        motd: shown after it.
        page_lines: lines of a terminal page until a setup command turns the pager off; 0 is no pager.
        host_key: private key in OpenSSH's format; empty has one made.
        key_type: of the key that is made.
        version: of the software, in the server's greeting; empty takes the platform's.
        legacy: knows nothing but ssh-rsa with SHA-1, diffie-hellman-group14-sha1, aes128-cbc and hmac-sha1.
        max_sessions: connections beyond are closed at once; 0 is no limit.
        forwards: patterns (`127.*:22`) of addresses that a client may be forwarded to: a jump host.
        execute: answers exec channels; None refuses them.
        dark: nothing answers at the address, not even TCP; read when the farm starts.
        faults: what is wrong with it.
        received: every command line that came, as it came, on shells and exec channels.
        logins: that succeeded.
        failed_logins: passwords refused.
        refused_keys: public keys refused.
    """

    address: str = "127.0.0.1"
    port: int | None = None
    name: str = "R1"
    platform: str = "cisco_ios"
    answers: Mapping[str, str] = field(default_factory=dict)
    answer: Callable[[str, float], str | None] | None = None
    user: str = "admin"
    password: str = "admin"  # noqa: S105 - of a device that is not there
    authorized_keys: Sequence[str] = ()
    auth: Sequence[Auth] = ("publickey", "password")
    enable: str = ""
    privileged: frozenset[str] = frozenset()
    banner: str = ""
    motd: str = ""
    page_lines: int = 24
    host_key: str = ""
    key_type: Literal["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256"] = "ssh-ed25519"
    version: str = ""
    legacy: bool = False
    max_sessions: int = 0
    forwards: Sequence[str] = ()
    execute: Executor | None = None
    dark: bool = False
    faults: CliFaults = NO_FAULTS
    received: list[str] = field(default_factory=list)
    logins: int = 0
    failed_logins: int = 0
    refused_keys: int = 0

    def __post_init__(self) -> None:
        if self.platform not in STYLES:
            raise ValueError(f"platform {self.platform!r} is none of {', '.join(STYLES)}")

    @property
    def style(self) -> Style:
        return STYLES[self.platform]

    @property
    def locked(self) -> bool:
        """Whether no login succeeds any more."""
        faults = self.faults
        return faults.locked or 0 < faults.lock_after <= self.failed_logins

    def output(self, command: str, now_s: float) -> str | None:
        """What it prints to `command`, its words parted by single spaces; None where it knows no such command."""
        if self.answer and (text := self.answer(command, now_s)) is not None:
            return text
        return self.answers.get(command)
