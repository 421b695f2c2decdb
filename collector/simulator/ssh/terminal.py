"""A session on a device's CLI: from what is typed to what is shown. No socket, no waiting."""

import re
import time
from collections.abc import Callable, Iterator
from enum import Enum, auto
from functools import cache

from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.faults import End, Step, broken, coloured, littered, pieces
from collector.simulator.ssh.style import STYLES

_LEAVE = frozenset({"exit", "quit", "logout"})
_PASSWORD_TRIES = 3
_MAX_LINE_BYTES = 4096
_REPEATED_LINES, _REPEAT_PAUSE_S = 100, 0.001
_CTRL_C, _BACKSPACE, _DELETE = 0x03, 0x08, 0x7F
_LINE_ENDS = re.compile(rb"\r\n|\r\x00|\r|\n")
_TYPED = re.compile(rb"[^\x00-\x1f\x7f]+")


class _Asks(Enum):
    """What the next octets are to the session."""

    COMMAND = auto()
    PASSWORD = auto()
    PAGER = auto()
    KEY = auto()
    LEAVE = auto()


class Terminal:
    """One session. `start()` and `feed(typed)` give what the device then sends."""

    def __init__(self, device: CliDevice, login: str, clock: Callable[[], float] = time.time) -> None:
        self._device = device
        self._clock = clock
        self._style = device.style
        self._user, _, options = login.partition("+") if device.style.login_options else (login, "", "")
        self._privileged = not (device.enable and self._style.user_prompt)
        self._pages = bool(device.page_lines) and not (options and re.search(device.style.login_options, options))
        self._asks = _Asks.COMMAND
        self._line = bytearray()
        self._tries = 0
        self._rest: list[str] = []

    def start(self) -> list[Step]:
        """What is shown after the login."""
        motd = self._text(self._device.motd)
        if key := self._device.faults.press_key or self._style.press_key:
            self._asks = _Asks.KEY
            return [Step(motd + self._text(key))]
        return [Step(motd), *self._prompt()]

    def feed(self, typed: bytes) -> list[Step]:
        """What is shown for `typed`: a part of a line, or many lines, but not half of the CR LF that ends one.

        What stands behind the session's end is not read.
        """
        steps: list[Step] = []
        at = 0
        while at < len(typed) and not (steps and steps[-1].end is not End.NOTHING):
            if self._asks in (_Asks.KEY, _Asks.PAGER):
                end = _LINE_ENDS.match(typed, at)
                key, at = typed[at : at + 1], end.end() if end else at + 1
                steps += self._key(key) if self._asks is _Asks.KEY else self._turn(key)
            elif run := _TYPED.match(typed, at):
                self._line += run[0][: _MAX_LINE_BYTES - len(self._line)]
                steps += self._echo(run[0])
                at = run.end()
            elif end := _LINE_ENDS.match(typed, at):
                steps += self._entered()
                at = end.end()
            else:
                steps += self._control(typed[at])
                at += 1
        return steps

    def _control(self, octet: int) -> list[Step]:
        if octet == _CTRL_C:
            self._line.clear()
            self._asks = _Asks.COMMAND
            return [Step(self._text("\n")), *self._prompt()]
        if octet in (_BACKSPACE, _DELETE) and self._line:
            del self._line[-1]
            return self._echo(b"\b \b")
        return []

    def _echo(self, shown: bytes) -> list[Step]:
        return [Step(shown)] if self._asks is not _Asks.PASSWORD and self._device.faults.echo != "none" else []

    def _entered(self) -> list[Step]:
        """A line is complete."""
        line = self._line.decode(errors="replace")
        self._line.clear()
        newline = Step(self._text("\n"))
        if self._asks is _Asks.PASSWORD:
            return [newline, *self._enable(line)]
        if self._asks is _Asks.LEAVE:
            self._asks = _Asks.COMMAND
            return [newline, Step(b"", end=End.LEAVE)] if line.startswith("y") else [newline, *self._prompt()]
        echo = self._device.faults.echo
        steps = [newline] if echo != "none" else []
        if echo == "twice":
            steps += [*self._prompt(), Step(line.encode()), newline]
        return steps + self._command(line)

    def _command(self, line: str) -> list[Step]:
        device, style = self._device, self._style
        command = " ".join(line.split())
        if not command:
            return self._prompt()
        device.received.append(line)
        if command in _LEAVE:
            if command == "logout" and style.confirm_leave:
                self._asks = _Asks.LEAVE
                return [Step(self._text(style.confirm_leave))]
            return [Step(b"", end=End.LEAVE)]
        if device.enable and style.user_prompt:
            if command == "disable":
                self._privileged = False
                return self._prompt()
            if re.fullmatch(style.enable, command):
                return self._prompt() if self._privileged else self._ask_password()
        if (reply := _setup_reply(device.platform, command)) is not None:
            if re.fullmatch(style.paging_off, command):
                self._pages = device.faults.always_pages
            return [Step(self._text(reply)), *self._prompt()]
        text = None if command in device.privileged and not self._privileged else device.output(command, self._clock())
        if text is None:
            text = self._error(command)
        elif text and not text.endswith("\n"):
            text += "\n"
        if style.stamped:
            text = time.strftime("%a %b %d %H:%M:%S.000 UTC\n", time.gmtime(self._clock())) + text
        return list(self._show(text, command))

    def _show(self, text: str, command: str) -> Iterator[Step]:
        """An output with all that is wrong with it, and the prompt or the pager behind."""
        device, faults = self._device, self._device.faults
        self._rest = []
        if self._pages and text.count("\n") >= device.page_lines:
            lines = text.splitlines(keepends=True)
            text, self._rest = "".join(lines[: device.page_lines - 1]), lines[device.page_lines - 1 :]
        data = self._text(text)
        data = littered(data) if faults.garbage else data
        data = coloured(data) if faults.ansi else data
        data, end = broken(data, faults, command)
        if faults.command_s:
            yield Step(b"", faults.command_s)
        yield from pieces(data, faults, device.name)
        if end is End.REPEAT:
            last_line = data[data.rfind(b"\n", 0, -1) + 1 :] or b"\r\n"
            yield Step(last_line * _REPEATED_LINES, faults.chunk_pause_s or _REPEAT_PAUSE_S, end)
        elif end is not End.NOTHING:
            yield Step(b"", faults.chunk_pause_s, end)
        elif self._rest:
            self._asks = _Asks.PAGER
            yield Step(self._style.pager[0].encode())
        else:
            yield from self._prompt()

    def _turn(self, key: bytes) -> list[Step]:
        """A key at the pager: a page, a line, or the end of the output."""
        wipe = Step(self._style.pager[1].encode())
        count = {b" ": self._device.page_lines - 1, b"\r": 1, b"\n": 1}.get(key, 0)
        if not count:
            self._rest = []
        lines, self._rest = self._rest[:count], self._rest[count:]
        shown = list(pieces(self._text("".join(lines)), self._device.faults, self._device.name))
        if self._rest:
            return [wipe, *shown, Step(self._style.pager[0].encode())]
        self._asks = _Asks.COMMAND
        return [wipe, *shown, *self._prompt()]

    def _key(self, key: bytes) -> list[Step]:
        self._asks = _Asks.COMMAND
        return [Step(self._text("\n")), *self._prompt()]

    def _ask_password(self) -> list[Step]:
        self._asks = _Asks.PASSWORD
        return [Step(b"Password: ")]

    def _enable(self, secret: str) -> list[Step]:
        self._asks = _Asks.COMMAND
        self._privileged = secret == self._device.enable
        self._tries = 0 if self._privileged else self._tries + 1
        if self._privileged:
            return self._prompt()
        if self._tries < _PASSWORD_TRIES:
            return self._ask_password()
        self._tries = 0
        return [Step(self._text("% Bad secrets\n\n")), *self._prompt()]

    def _error(self, command: str) -> str:
        """The complaint about a command, which points at the first word that no known command has there."""
        words = command.split(" ")
        known = [answered.split(" ") for answered in self._device.answers]
        good = max((_common(words, other) for other in known), default=0)
        good = min(good, len(words) - 1)
        column = len(" ".join(words[:good])) + bool(good)
        last_line = self._plain_prompt().rpartition("\n")[2]
        return self._style.error.format(
            caret=" " * (len(last_line) + column) + "^", word=words[good], token=good, column=column + 1
        )

    def _plain_prompt(self) -> str:
        prompt = self._style.prompt if self._privileged else self._style.user_prompt
        return prompt.format(name=self._device.name, user=self._user)

    def _prompt(self) -> list[Step]:
        faults = self._device.faults
        prompt = self._text(self._plain_prompt())
        prompt = coloured(prompt) if faults.ansi else prompt
        late = [Step(self._text("\n") + prompt, faults.late_prompt_s)] if faults.late_prompt_s else []
        return [Step(prompt), *late]

    def _text(self, text: str) -> bytes:
        return text.replace("\n", self._style.newline).encode()


def _common(words: list[str], other: list[str]) -> int:
    """How many words both begin with."""
    return next(
        (at for at, (one, two) in enumerate(zip(words, other, strict=False)) if one != two), min(len(words), len(other))
    )


@cache
def _setup_reply(platform: str, command: str) -> str | None:
    return next((reply for form, reply in STYLES[platform].setup.items() if re.fullmatch(form, command)), None)
