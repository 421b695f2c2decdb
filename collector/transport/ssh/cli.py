"""A command line: netmiko logs in and prepares it as each maker's wants it, then commands are asked one by one."""

import re
from collections.abc import Callable
from typing import Any

import paramiko
from netmiko.exceptions import NetmikoBaseException, ReadException
from paramiko.ssh_exception import SSHException

from collector.plugin.cli.model import CliFamily
from collector.transport.contract import NoAnswerError, TransportError
from collector.transport.ssh.dial import Deadline
from collector.transport.ssh.errors import ClosedError, ForbiddenError, PrivilegeError, PromptError
from collector.transport.ssh.guard import Guard, LoggedIn
from collector.transport.ssh.platforms import device, enable_command, has_user_mode
from collector.transport.ssh.screen import plain
from collector.transport.ssh.terminal import Output, Terminal
from inventory.model import Secret
from inventory.secrets import reveal

PREPARE_S = 15.0
ENABLE_S = 5.0
"""for the privileged mode: where a secret is wrong, some just ask again"""
USUAL_PROMPT = (
    r"(?:(?:^|\n)(?:\[/[^\n\]]{0,80}\]|\{(?:master|backup|primary|secondary|linecard)[^\n}]{0,20}\}) ?)?"  # SR OS, Junos
    r"(?:^|\n)(?:HRP_.)?[<\[~*]{0,2}{base}[^\s#>\]]{0,40}[#>\]%$]\s*\Z"
)
_OTHER_FAMILY = "is it of that family? set `family`"


class CliSession:
    """One logged-in command line. Not for several threads at once.

    Attributes:
        prompt: as the device shows it.
        privileged: whether it is in the privileged mode; None where the platform knows none, or the prompt does not tell.
    """

    def __init__(self, transport: paramiko.Transport, family: CliFamily, host: str, enable: Secret | None) -> None:
        """Nothing is sent before `open`."""
        self._host = host
        self._family = family
        self._enable = enable
        self._transport = transport
        self._deadline = Deadline(0, host)
        self._device: Any = None
        self._channel: Any = None
        self._terminal: Terminal | None = None
        self.prompt = ""
        self.privileged: bool | None = None

    def open(self, deadline: Deadline) -> None:
        """Prepare the session: width, paging, prompt, privileged mode.

        Raises:
            PromptError, PrivilegeError, ClosedError, NoAnswerError, BoundsError, SecretError
            ForbiddenError: netmiko prepares this platform by more than the family's `setup`.
        """
        self._deadline = deadline
        self._device, guard = self._guarded()
        self._device._build_ssh_client = lambda: LoggedIn(self._transport, guard, self._left)
        self._device.find_prompt = self._remembering(self._device.find_prompt)
        self._device.disconnect = lambda: None  # it would say good-bye in its own way, some for two seconds
        try:
            self._device._open()
            self._channel = self._device.remote_conn
            if self._family.enable:
                self._raise_privilege()
            self._learn_prompt()
        except (NetmikoBaseException, ReadException, ValueError) as error:
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
            raise ForbiddenError(
                f"{command!r} is no command of {self._family.name}", host=self._host, hint="a defect: nothing was sent"
            )
        if self._terminal is None:
            raise PromptError("the session is not open", host=self._host, hint="a defect: nothing was sent")
        try:
            return self._terminal.ask(command, str(self._device.RETURN), self._deadline)
        except (SSHException, EOFError, OSError) as error:
            raise self._gone(str(error)) from None

    def use(self, deadline: Deadline) -> None:
        """Go on within another deadline: a session that was kept."""
        self._deadline = deadline

    def close(self) -> None:
        """Say good-bye, so that the device frees its line at once. Idempotent."""
        channel, self._channel, self._terminal = self._channel, None, None
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

    def _guarded(self) -> tuple[Any, Guard]:
        """netmiko's object, and what may leave. The secret of the privileged mode is no variable of a frame that raises."""
        return self._with_secret(reveal(self._enable) if self._enable and self._family.enable else "")

    def _with_secret(self, secret: str) -> tuple[Any, Guard]:
        family = self._family
        user = (self._transport.get_username() or "").removesuffix(family.login_suffix)
        made = device(family.platform, self._host, user, secret, PREPARE_S)
        lines = [*family.setup, *family.allowed, family.logout]
        if family.enable:  # some ask for the user's name once more
            lines += [enable_command(made), user]
        return made, Guard(lines, self._host, secret)

    def _left(self) -> float:
        return self._deadline.left()

    def _raise_privilege(self) -> None:
        device = self._device
        device.read_timeout_override = ENABLE_S
        try:
            if not device.check_enable_mode():
                if not self._enable:
                    raise self._unprivileged()
                device.enable()
            if not self.prompt.endswith("#"):  # it was found before
                device.find_prompt()
        except (ValueError, NetmikoBaseException):  # netmiko's ways to say so
            if not self._transport.is_active():
                raise self._gone("") from None
            raise self._unprivileged() from None

    def _remembering(self, find_prompt: Callable[..., str]) -> Callable[..., str]:
        """netmiko's way to find the prompt, with what it found kept: to ask once more costs another round trip."""

        def find(*args: Any, **kwargs: Any) -> str:
            self.prompt = plain(find_prompt(*args, **kwargs)).strip()
            return self.prompt

        return find

    def _learn_prompt(self) -> None:
        # SR OS shows unsaved changes by a star, and somebody may save them at any time
        base = str(self._device.base_prompt).strip().lstrip("*")
        if not base:  # a command line of which nothing is known
            base = self._device.find_prompt().strip().strip("<>[]#$%~* ")
        if not base or not self.prompt:
            raise PromptError("no prompt was recognised", host=self._host, hint=_OTHER_FAMILY)
        ending = re.compile((self._family.prompt or USUAL_PROMPT).replace("{base}", re.escape(base)))
        if not ending.search("\n" + self.prompt):
            raise PromptError(
                f"its prompt {self.prompt[:60]!r} is none of {self._family.name}", host=self._host, hint=_OTHER_FAMILY
            )
        if has_user_mode(self._family.platform):
            self.privileged = {"#": True, ">": False}.get(self.prompt[-1])
        self._terminal = Terminal(self._channel, ending, self._family.pager, self._host)

    def _unprivileged(self) -> PrivilegeError:
        if not self._enable:
            return PrivilegeError(
                "its commands need the privileged mode",
                host=self._host,
                hint="set `enable` in the credential's ssh table",
            )
        return PrivilegeError(
            "the privileged mode was refused", host=self._host, hint="compare `enable` with the device's"
        )

    def _gone(self, why: str) -> TransportError:
        self._left()  # whoever closed it because the time was used up
        return ClosedError(
            f"the device closed the session{f': {why}' if why else ''}",
            host=self._host,
            hint="its sessions may be used up, or this user may have no command line",
        )

    def _trouble(self, error: Exception) -> TransportError:
        if not self._transport.is_active():
            return self._gone("")
        if self._family.enable and self.prompt.endswith(
            ">"
        ):  # some of netmiko's classes prepare in the privileged mode
            return self._unprivileged()
        said = " ".join(str(error).split())[:200]
        if (not self.prompt and not said.strip("'")) or "timed out waiting for data" in said.lower():
            return NoAnswerError("no word after the login", host=self._host, hint=_OTHER_FAMILY)
        return PromptError(f"the login's prompt did not come: {said}", host=self._host, hint=_OTHER_FAMILY)
