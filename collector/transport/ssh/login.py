"""From a credential to an authenticated connection: key, agent, password, in that order, and each once (RFC 4252).

No exception of this module, and none behind one, has a secret in its text or in the local variables of its frames.
"""

import os
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import Any, NamedTuple

import paramiko
from paramiko.agent import AgentKey, AgentSSH
from paramiko.ssh_exception import AuthenticationException, BadAuthenticationType, SSHException

from collector.transport.contract import NoAnswerError
from collector.transport.ssh.errors import ClosedError, KeyFileError, LoginRefusedError
from collector.transport.ssh.private_key import KEY_TYPES, private_key
from inventory.model import SshLogin
from inventory.secrets import reveal

MAX_AGENT_KEYS = 3
"""of an agent: each is a failed try to the server, and servers count them (sshd: MaxAuthTries 6)"""
AGENT_S = 5.0
"""for an agent to answer: some ask a person first"""
_LIST_KEYS, _KEYS_LISTED = b"\x0b", 12
_MAX_LISTED = 32
_HINT = "compare user, password and key with the device's; collector probe tries again at once"


class _Answer(Enum):
    """What a server says to one way to log in."""

    WELCOME = auto()
    PARTLY = auto()
    """it wants another one besides"""
    REFUSED = auto()
    NOT_TAKEN = auto()
    HUNG_UP = auto()
    SILENCE = auto()
    NO_SIGNATURE = auto()
    """the agent's fault"""


class _Said(NamedTuple):
    answer: _Answer
    takes: Sequence[str] = ()


def authenticate(transport: paramiko.Transport, login: SshLogin, host: str, *, suffix: str = "") -> str:
    """Log in; returns the way that worked: "key", "agent" or "password". `suffix` stands behind the user's name.

    Raises:
        LoginRefusedError: none of the ways; which ones the server takes is in the message. A device that hangs up when it has
            got the password refuses it, as far as anybody can know: to try again might lock the account.
        KeyFileError: our own private key, or the agent, cannot be used.
        SecretError: a secret cannot be had.
        ClosedError, NoAnswerError: the device hung up, or says nothing.
    """
    refused: list[str] = []
    takes: Sequence[str] = ()
    hung_up = False
    with _ways(login, host) as ways:
        for way, key in ways:
            said = _try(transport, login, suffix, key)
            takes = said.takes or takes
            if said.answer is _Answer.WELCOME:
                return way
            if said.answer is _Answer.SILENCE:
                raise NoAnswerError(
                    "no answer to the login", host=host, hint="can the device reach its own TACACS+ or RADIUS server?"
                )
            if said.answer is _Answer.NO_SIGNATURE:
                raise KeyFileError(f"the SSH agent did not sign within {AGENT_S:.0f} s", host=host, hint="ssh-add -L")
            if said.answer in (_Answer.REFUSED, _Answer.HUNG_UP):
                hung_up = said.answer is _Answer.HUNG_UP
                if hung_up and not refused and way != "password":
                    raise ClosedError(
                        "the device closed the connection during the login",
                        host=host,
                        hint="its sessions may be used up",
                    )
                refused.append(way)
            if hung_up:
                break
    raise LoginRefusedError(_refusal(login, refused, takes, hung_up=hung_up), host=host, hint=_HINT)


def _try(transport: paramiko.Transport, login: SshLogin, suffix: str, key: paramiko.PKey | None) -> _Said:
    """One way. What goes wrong is returned: the frames behind paramiko's exceptions hold the password."""
    try:
        if key is not None:
            takes = transport.auth_publickey(login.user + suffix, key)
        else:
            takes = _password(transport, login, login.user + suffix)
    except BadAuthenticationType as error:
        return _Said(_Answer.NOT_TAKEN, error.allowed_types)
    except AuthenticationException as error:
        if "timeout" in str(error).lower():
            return _Said(_Answer.SILENCE)
        return _Said(_Answer.REFUSED if transport.is_active() else _Answer.HUNG_UP)
    except _NoSignatureError:
        return _Said(_Answer.NO_SIGNATURE)
    except (SSHException, EOFError, OSError):
        return _Said(_Answer.HUNG_UP)
    return _Said(_Answer.WELCOME) if transport.is_authenticated() else _Said(_Answer.PARTLY, takes)


def _password(transport: paramiko.Transport, login: SshLogin, user: str) -> list[str]:
    """By the method of that name, or as the answer to what the device asks (RFC 4256): paramiko's own way from the one to the
    other would tell a refused answer as a method that is not taken."""

    def answer(*asked: Any) -> list[str]:
        return [reveal(login.password) if login.password else "" for _ in asked[-1]]

    try:
        takes: list[str] = transport.auth_password(user, answer([""])[0], fallback=False)
    except BadAuthenticationType as error:
        if "keyboard-interactive" not in error.allowed_types:
            raise
        takes = transport.auth_interactive(user, answer)
    return takes


def _refusal(login: SshLogin, refused: list[str], takes: Sequence[str], *, hung_up: bool) -> str:
    tried = f"refused: {', '.join(dict.fromkeys(refused))}" if refused else "not complete" if takes else "not tried"
    only = f"; the device takes {', '.join(takes)}" if takes else ""
    end = "; then it hung up" if hung_up else ""
    return f"login of user {login.user} {tried}{only}{end}"


@contextmanager
def _ways(login: SshLogin, host: str) -> Iterator[list[tuple[str, paramiko.PKey | None]]]:
    """What is tried, in its order. The agent's connection is needed until its keys have signed."""
    ways: list[tuple[str, paramiko.PKey | None]] = []
    if login.key:
        ways.append(("key", private_key(login, host)))
    agent = _Agent()
    try:
        if login.agent:
            agent.ask()
            ways += [("agent", key) for key in agent.get_keys() if key.get_name() in KEY_TYPES][:MAX_AGENT_KEYS]
            if not ways and not login.password:
                raise KeyFileError(
                    "the SSH agent holds no keys, or there is none", host=host, hint="ssh-add; $SSH_AUTH_SOCK"
                )
        if login.password:
            ways.append(("password", None))
        yield ways
    finally:
        agent.close()


class _NoSignatureError(SSHException):  # type: ignore[misc] # it comes without types
    """The agent does not sign."""


class _Agent(AgentSSH):  # type: ignore[misc] # it comes without types
    """The agent of $SSH_AUTH_SOCK (draft-ietf-sshm-ssh-agent); one that is not there, or makes no sense, holds no keys."""

    def ask(self) -> None:
        """Let it list its keys."""
        self._conn = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._conn.settimeout(AGENT_S)
        with suppress(OSError, SSHException):
            self._conn.connect(os.environ.get("SSH_AUTH_SOCK", ""))
            kind, listed = self._send_message(_LIST_KEYS)
            if kind == _KEYS_LISTED:
                count = min(listed.get_int(), _MAX_LISTED)
                self._keys = tuple(AgentKey(self, listed.get_binary(), listed.get_text()) for _ in range(count))

    def close(self) -> None:
        """Idempotent."""
        self._close()

    def _send_message(self, message: bytes | paramiko.Message) -> tuple[int, paramiko.Message]:
        try:
            kind, answer = super()._send_message(message)
        except (OSError, SSHException, struct.error, TypeError) as error:  # TypeError: an answer without a type
            raise _NoSignatureError(str(error)) from None
        return kind, answer
