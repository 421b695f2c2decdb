"""Reads a terminal: what a command answers, up to the prompt behind it.

An answer ends where the device's own prompt stands at the end of what came, at the beginning of a line, behind the echo of the
command; prompts within descriptions, or cut by a packet, do not end it.
"""

import re
import time
from enum import Enum, auto

import msgspec
import paramiko

from collector.transport.contract import BoundsError, NoAnswerError
from collector.transport.ssh.dial import Deadline
from collector.transport.ssh.errors import ClosedError
from collector.transport.ssh.screen import answer, ends_with_pager, has_echo, is_nothing_but, plain

MAX_OUTPUT_BYTES = 8 << 20
"""of one command; what is longer is no table"""
MAX_PAGES = 10_000
"""of one command, where paging cannot be turned off"""
_TAIL_BYTES = 2048
"""of an answer, in which a prompt is looked for"""


class Waits(Enum):
    """What is waited for."""

    MORE = auto()
    """in the midst of an answer"""
    ECHO = auto()
    """behind a prompt without the command's echo before it: one left over, unless this device echoes nothing"""
    ANYTHING = auto()
    """behind a prompt right after the echo: the command has nothing to say, or its answer is late"""
    THE_END = auto()
    """behind a prompt that ends an answer"""


SECONDS = {Waits.MORE: 15.0, Waits.ECHO: 1.0, Waits.ANYTHING: 0.3, Waits.THE_END: 0.02}
"""at most; slow boxes think for long over some commands"""


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


class Terminal:
    """A device's terminal, from its first prompt on. Not for several threads at once."""

    def __init__(self, channel: paramiko.Channel, ending: re.Pattern[str], pager: str, host: str) -> None:
        """`ending` finds the prompt at the end of a plain text; `pager` is the family's own text at the end of a page."""
        self._channel = channel
        self._ending = ending
        self._pager = pager
        self._host = host
        self._echoes = False

    def ask(self, command: str, line_end: str, deadline: Deadline) -> Output:
        """Send a command and read its answer.

        Raises:
            NoAnswerError: silence before the prompt came.
            BoundsError: no end to it, or the deadline passed.
            ClosedError: the device ended the session.
            SSHException, OSError: the connection is gone.
        """
        began = time.monotonic()
        self._drain()
        self._channel.sendall((command + line_end).encode())
        received: list[bytes] = []
        count, arrived_s, page, pages = 0, 0.0, 0, 0
        waits = Waits.MORE
        while chunk := self._receive(waits, deadline):
            arrived_s = arrived_s or time.time()
            received.append(chunk)
            count += len(chunk)
            if count > MAX_OUTPUT_BYTES or pages > MAX_PAGES:
                raise BoundsError(
                    f"{command!r}: no end after {count >> 10} KB",
                    host=self._host,
                    hint="is it of that family? set `family`",
                )
            if ends_with_pager(_tail(received[page:]), self._pager):
                self._channel.sendall(b" ")
                page, pages, waits = len(received), pages + 1, Waits.MORE
            else:
                waits = self._expected(received, command)
        text = plain(b"".join(received).decode("utf-8", "replace"), self._pager)
        if waits is Waits.MORE or (waits is Waits.ECHO and self._echoes):
            raise NoAnswerError(
                f"{command!r}: no prompt after {SECONDS[Waits.MORE]:.0f} s of silence; it ends {text[-60:]!r}",
                host=self._host,
                hint="is it of that family? set `family`",
            )
        self._echoes = self._echoes or has_echo(text[:_TAIL_BYTES], command)
        return Output(answer(text, command, self._ending), arrived_s, time.monotonic() - began, count)

    def _expected(self, received: list[bytes], command: str) -> Waits:
        tail = plain(_tail(received), self._pager)
        if not self._ending.search(tail):
            return Waits.MORE
        head = tail if len(received) == 1 else plain(_head(received), self._pager)
        if not has_echo(head, command):
            return Waits.ECHO if is_nothing_but(head, self._ending) else Waits.THE_END
        whole = sum(map(len, received)) < _TAIL_BYTES
        return Waits.ANYTHING if whole and not answer(tail, command, self._ending).strip() else Waits.THE_END

    def _receive(self, waits: Waits, deadline: Deadline) -> bytes:
        """What comes next; nothing where nothing does in time."""
        wait_s = SECONDS[Waits.MORE if waits is Waits.ECHO and self._echoes else waits]
        self._channel.settimeout(deadline.left(wait_s))
        try:
            chunk: bytes = self._channel.recv(65_536)
        except TimeoutError:
            deadline.left()
            return b""
        if not chunk:
            raise ClosedError("the device closed the session", host=self._host, hint="is it idle, or the line bad?")
        return chunk

    def _drain(self) -> None:
        """What still came of the last answer."""
        while self._channel.recv_ready():
            if not self._channel.recv(65_536):
                raise ClosedError("the device closed the session", host=self._host, hint="was it idle for too long?")


def _head(received: list[bytes]) -> str:
    """The beginning of what came: enough to see an echo in it."""
    head = b""
    for chunk in received:
        head += chunk
        if len(head) >= _TAIL_BYTES:
            break
    return head[:_TAIL_BYTES].decode("utf-8", "replace")


def _tail(received: list[bytes]) -> str:
    """The end of what came: enough to see a prompt in it."""
    tail = b""
    for chunk in reversed(received):
        tail = chunk + tail
        if len(tail) >= _TAIL_BYTES:
            break
    return tail[-_TAIL_BYTES:].decode("utf-8", "replace")
