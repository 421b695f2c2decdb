"""Between netmiko and a device: only what its family allows leaves, and nothing after the deadline."""

import re
from collections.abc import Callable, Iterable
from typing import Any

import paramiko

from collector.transport.ssh.errors import ForbiddenError

_LINE_ENDS = re.compile(r"[\r\n]+")


class Guard:
    """Lets through to a device what its family allows, line by line, and nothing else."""

    def __init__(self, lines: Iterable[str], host: str, secret: str = "") -> None:
        """`secret` is a further line that may leave; it stands in no message."""
        self._lines = frozenset(line.strip() for line in lines)
        self._host = host
        self._is_secret: Callable[[str], bool] = lambda line: line == secret
        self._shown: Callable[[str], str] = lambda line: line.replace(secret, "<secret>") if secret else line

    def check(self, data: bytes | str) -> None:
        """Raises ForbiddenError where `data` holds a line that is not allowed."""
        text = data.decode("utf-8", "replace") if isinstance(data, bytes) else data
        for line in map(str.strip, _LINE_ENDS.split(text)):
            if line and line not in self._lines and not self._is_secret(line):
                raise ForbiddenError(
                    f"{self._shown(line)[:60]!r} was about to be sent; nothing was",
                    host=self._host,
                    hint="a defect: it is neither a command nor in `setup` of the family's cli.toml",
                )

    def watch(self, channel: paramiko.Channel, in_time: Callable[[], object]) -> paramiko.Channel:
        """The channel, on which only what is allowed can be written; `in_time` raises when it is too late to read on."""
        send, ready = channel.send, channel.recv_ready

        def guarded(data: bytes) -> int:
            self.check(data)
            return int(send(data))

        def guarded_all(data: bytes) -> None:
            self.check(data)
            while data:
                data = data[send(data) :]

        def ready_in_time() -> bool:
            in_time()
            return bool(ready())

        channel.send, channel.sendall, channel.recv_ready = guarded, guarded_all, ready_in_time
        return channel


class LoggedIn(paramiko.SSHClient):  # type: ignore[misc] # it comes without types
    """A connection that was made, checked and authenticated already, in the place where netmiko makes its own."""

    def __init__(self, transport: paramiko.Transport, guard: Guard, in_time: Callable[[], object]) -> None:
        super().__init__()
        self._transport = transport
        self._guard = guard
        self._in_time = in_time

    def connect(self, *_args: object, **_kwargs: object) -> None:
        """It is."""

    def invoke_shell(self, *args: Any, **kwargs: Any) -> paramiko.Channel:
        return self._guard.watch(super().invoke_shell(*args, **kwargs), self._in_time)
