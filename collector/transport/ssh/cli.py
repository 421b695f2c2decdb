"""A command line: netmiko logs in and prepares it as each maker's wants it, then commands are asked one by one.

The reading is our own: an answer ends where the device's own prompt stands at the end of what came, at the beginning of a
line, behind the echo of the command; prompts within descriptions, or cut by a packet, do not end it.
"""

import re
import time
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import paramiko
from netmiko.exceptions import NetmikoBaseException, ReadException
from paramiko.ssh_exception import SSHException

from collector.plugin.cli.model import CliFamily
from collector.transport.contract import BoundsError, NoAnswerError
from collector.transport.ssh.dial import Deadline
from collector.transport.ssh.errors import ClosedError, ForbiddenError, PrivilegeError, PromptError
from collector.transport.ssh.platforms import device, enable_command
from collector.transport.ssh.screen import answer, ends_with_pager, has_echo, is_nothing_but, plain
from inventory.model import Secret
from inventory.secrets import reveal

MAX_OUTPUT_BYTES = 8 << 20
"""of one command; what is longer is no table"""
SILENCE_S = 15.0
"""without a byte, in the midst of an answer: slow boxes think for long over some commands"""
SETTLE_S = 0.02
"""an answer is over when nothing more comes for that long behind the prompt"""
NO_ECHO_S = 1.0
"""a prompt without the command's echo before it is one left over, unless nothing follows it for that long"""
PREPARE_S = 15.0
USUAL_PROMPT = r"(?:^|\n)[<\[~*]{0,2}(?:HRP_.)?{base}[^\s#>\]]{0,40}[#>\]%$]\s*\Z"
_TAIL_BYTES = 2048
"""of an answer, in which a prompt is looked for"""


class Output(msgspec.Struct, frozen=True):
    """What a command answered.

    Attributes:
        text: without echo and prompt; lines end in a newline.
        arrived_s: when its first byte came, seconds since the epoch: counters are of that moment.
    """

    text: str
    arrived_s: float
    duration_s: float
    bytes_in: int


class Guard:
    """Lets through to a device what its family allows, line by line, and nothing else."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._allowed = {line.strip() for line in lines}

    def check(self, data: bytes | str) -> None:
        """Raises ForbiddenError where `data` holds a line that is not allowed."""
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        for line in re.split(r"[\r\n]+", text):
            if line.strip() and line.strip() not in self._allowed:
                raise ForbiddenError("something that is no command of its family was about to be sent; nothing was")

    def watch(self, channel: paramiko.Channel) -> paramiko.Channel:
        """The channel, on which only what is allowed can be written."""
        send = channel.send

        def guarded(data: bytes) -> int:
            self.check(data)
            return int(send(data))

        def guarded_all(data: bytes) -> None:
            self.check(data)
            while data:
                data = data[send(data) :]

        channel.send = guarded
        channel.sendall = guarded_all
        return channel


class _LoggedIn(paramiko.SSHClient):  # type: ignore[misc] # it comes without types
    """A connection that was made, checked and authenticated already, in the place where netmiko makes its own."""

    def __init__(self, transport: paramiko.Transport, guard: Guard) -> None:
        super().__init__()
        self._transport = transport
        self._guard = guard

    def connect(self, *_args: object, **_kwargs: object) -> None:
        """It is."""

    def invoke_shell(self, *args: Any, **kwargs: Any) -> paramiko.Channel:
        return self._guard.watch(super().invoke_shell(*args, **kwargs))


class CliSession:
    """One logged-in command line. Not for several threads at once.

    Attributes:
        prompt: as the device shows it.
        privileged: whether it is in the privileged mode, where the prompt tells.
    """

    def __init__(self, transport: paramiko.Transport, family: CliFamily, host: str, enable: Secret | None) -> None:
        """Nothing is sent before `open`."""
        self._host = host
        self._family = family
        self._enable = enable
        self._transport = transport
        self._deadline = Deadline(0)
        self._device: Any = None
        self._channel: Any = None
        self._ending: re.Pattern[str] | None = None
        self.prompt = ""
        self.privileged: bool | None = None

    def open(self, deadline: Deadline) -> None:
        """Prepare the session: width, paging, prompt, privileged mode.

        Raises:
            PromptError, PrivilegeError, ClosedError, NoAnswerError, BoundsError, SecretError
        """
        self._deadline = deadline
        family = self._family
        secret = reveal(self._enable) if self._enable else ""
        self._device = device(family.platform, self._host, secret, deadline.left(PREPARE_S))
        allowed = [*family.setup, *family.allowed, family.logout]
        if family.enable:
            allowed += [enable_command(self._device), secret]
        self._device._build_ssh_client = lambda: _LoggedIn(self._transport, Guard(allowed))
        self._device.find_prompt = self._remembering(self._device.find_prompt)
        try:
            self._device._open()
            self._channel = self._device.remote_conn
            if family.enable:
                self._raise_privilege()
            self._learn_prompt()
        except (NetmikoBaseException, ReadException) as error:
            raise self._trouble(error) from None
        except (SSHException, EOFError, OSError) as error:
            raise self._gone(str(error)) from None

    def run(self, command: str) -> Output:
        """Ask one command of the family.

        Raises:
            ForbiddenError: it is none of the family's.
            NoAnswerError: silence before the prompt came.
            ClosedError, BoundsError
        """
        if command not in self._family.allowed:
            raise ForbiddenError(f"{command!r} is no command of {self._family.name}", host=self._host)
        began = time.monotonic()
        try:
            self._drain()
            self._channel.sendall(command.encode() + self._device.RETURN.encode())
            text, arrived_s, count = self._answer(command)
        except (SSHException, EOFError, OSError) as error:
            raise self._gone(str(error)) from None
        return Output(text, arrived_s, time.monotonic() - began, count)

    def use(self, deadline: Deadline) -> None:
        """Go on within another deadline: a session that was kept."""
        self._deadline = deadline

    def close(self) -> None:
        """Say good-bye, so that the device frees its line at once. Idempotent."""
        channel, self._channel = self._channel, None
        if channel is not None and not channel.closed:
            try:
                channel.settimeout(1.0)
                channel.sendall(self._family.logout.encode() + self._device.RETURN.encode())
                channel.close()
            except (SSHException, EOFError, OSError):  # it was quicker
                return

    @property
    def alive(self) -> bool:
        """Whether the connection is still there, as far as is known."""
        return self._channel is not None and not self._channel.closed and self._transport.is_active()

    def _raise_privilege(self) -> None:
        device = self._device
        try:
            if not device.check_enable_mode():
                if not self._enable:
                    raise PrivilegeError(
                        "its commands need the privileged mode",
                        host=self._host,
                        hint="set `enable` in the credential's ssh table",
                    )
                device.enable()
                device.find_prompt()
        except ValueError:  # netmiko's way to say so
            raise PrivilegeError(
                "the privileged mode was refused", host=self._host, hint="compare `enable` with the device's"
            ) from None

    def _remembering(self, find_prompt: Callable[..., str]) -> Callable[..., str]:
        """netmiko's way to find the prompt, with what it found kept: to ask once more costs another round trip."""

        def find(*args: Any, **kwargs: Any) -> str:
            self.prompt = find_prompt(*args, **kwargs).strip()
            return self.prompt

        return find

    def _learn_prompt(self) -> None:
        base = (
            str(self._device.base_prompt).strip().lstrip("*")
        )  # SR OS: unsaved changes, which somebody may save any time
        if not base:  # a command line of which nothing is known
            base = self._device.find_prompt().strip().strip("<>[]#$%~* ")
        if not base or not self.prompt:
            raise PromptError("no prompt was recognised", host=self._host)
        self._ending = re.compile((self._family.prompt or USUAL_PROMPT).replace("{base}", re.escape(base)))
        if not self._ending.search("\n" + self.prompt):
            raise PromptError(
                f"its prompt {self.prompt[:60]!r} is none of {self._family.name}",
                host=self._host,
                hint="is it of that family? set `family`",
            )
        self.privileged = {"#": True, ">": False}.get(self.prompt[-1])

    def _answer(self, command: str) -> tuple[str, float, int]:
        received: list[bytes] = []
        count, arrived_s, patience_s = 0, 0.0, SILENCE_S
        while True:
            chunk = self._receive(patience_s)
            if not chunk and patience_s < SILENCE_S:
                text = plain(b"".join(received).decode("utf-8", "replace"))
                return answer(text, command, self._ended), arrived_s, count
            if not chunk:
                end = plain(_tail(received))[-60:]
                raise NoAnswerError(
                    f"{command!r}: no prompt after {SILENCE_S:.0f} s of silence; it ends {end!r}", host=self._host
                )
            arrived_s = arrived_s or time.time()
            count += len(chunk)
            if count > MAX_OUTPUT_BYTES:
                raise BoundsError(f"{command!r}: more than {MAX_OUTPUT_BYTES >> 20} MB of output", host=self._host)
            received.append(chunk)
            patience_s = self._patience(received, command)

    def _patience(self, received: list[bytes], command: str) -> float:
        """How long to wait for the next byte: hardly at all behind a prompt."""
        tail = _tail(received)
        if ends_with_pager(tail, self._family.pager):
            self._channel.sendall(b" ")
        elif self._ended.search(plain(tail)):
            head = plain(received[0][:_TAIL_BYTES].decode("utf-8", "replace") + (tail if len(received) > 1 else ""))
            left_over = not has_echo(head, command) and is_nothing_but(head, self._ended)
            return NO_ECHO_S if left_over else SETTLE_S
        return SILENCE_S

    @property
    def _ended(self) -> re.Pattern[str]:
        if self._ending is None:
            raise PromptError("the session is not open", host=self._host)
        return self._ending

    def _receive(self, wait_s: float) -> bytes:
        """What comes next; nothing where nothing does in time."""
        self._channel.settimeout(self._deadline.left(wait_s))
        try:
            chunk: bytes = self._channel.recv(65_536)
        except TimeoutError:
            self._deadline.left()
            return b""
        if not chunk:
            raise self._gone("")
        return chunk

    def _drain(self) -> None:
        """What still came of the last answer."""
        while self._channel.recv_ready():
            if not self._channel.recv(65_536):
                raise self._gone("")

    def _gone(self, why: str) -> ClosedError:
        return ClosedError(f"the device closed the session{f': {why}' if why else ''}", host=self._host)

    def _trouble(self, error: Exception) -> PromptError | ClosedError:
        if not self._transport.is_active():
            return self._gone("")
        line = " ".join(str(error).split())[:200]
        return PromptError(
            f"the login's prompt did not come: {line}", host=self._host, hint="is it of that family? set `family`"
        )


def _tail(received: list[bytes]) -> str:
    """The end of what came: enough to see a prompt in it."""
    tail = b""
    for chunk in reversed(received):
        tail = chunk + tail
        if len(tail) >= _TAIL_BYTES:
            break
    return tail[-_TAIL_BYTES:].decode("utf-8", "replace")
