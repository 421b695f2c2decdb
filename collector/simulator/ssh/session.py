"""A shell or an exec channel of a device, over SSH."""

import asyncio
from collections import deque
from typing import Any

import asyncssh

from collector.simulator.ssh.faults import End, Step
from collector.simulator.ssh.terminal import Terminal
from collector.simulator.ssh.wire import Farm, Wire

_MAX_STDIN_BYTES = 1 << 20


class Session(asyncssh.SSHServerSession[bytes]):
    """A shell or an exec channel."""

    def __init__(self, farm: Farm, wire: Wire, login: str) -> None:
        self._farm = farm
        self._device = wire.device
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._terminal: Terminal | None = Terminal(wire.device, login, farm.clock)
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
