"""Simulated devices in a process of their own: the collector's simulator, or another program by its command line."""

import os
import select
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

BASE = "127.1.0.1"
_START_WITHIN_S = 60.0
_END_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with some devices.

    Attributes:
        name: for tables.
        ours: as `collector simulate --fault` takes it.
        mapped: as it stands in a `{map}` file of another farm; empty where that has no such fault.
        answers: whether a patient poller gets good values all the same.
    """

    name: str
    ours: str
    mapped: str = ""
    answers: bool = False


@dataclass(frozen=True, slots=True)
class Farm:
    """How many devices there are, and which of them are ill: ranges of indexes, the last one excluded.

    Attributes:
        command: of another farm, with {port}, {count}, {base}, {recording} and perhaps {map}; empty is our own.
    """

    count: int
    recording: Path
    command: str = ""
    ill: Sequence[tuple[int, int, Fault]] = field(default_factory=tuple)

    def address(self, index: int) -> str:
        """Where a device answers."""
        return str(IPv4Address(BASE) + index)

    @property
    def healthy(self) -> int:
        """How many devices can be polled in full in spite of all."""
        return self.count - sum(stop - start for start, stop, fault in self.ill if not fault.answers)

    @contextmanager
    def serving(self, folder: Path) -> Iterator[int]:
        """Serve until the end of the block; gives the port.

        Raises:
            RuntimeError: the farm did not start.
        """
        port = free_port()
        log = folder / "farm.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                self._command(port, folder), stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
            try:
                self._await_answer(process, port, log)
                yield port
            finally:
                os.killpg(process.pid, signal.SIGTERM)
                try:
                    process.wait(_END_WITHIN_S)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()

    def _command(self, port: int, folder: Path) -> list[str]:
        if not self.command:
            return [
                *(sys.executable, "-m", "collector.cli.main", "simulate", "--count", str(self.count), "--base", BASE),
                *("--port", str(port), "--recording", str(self.recording)),
                *(part for start, stop, fault in self.ill for part in ("--fault", f"{start}-{stop - 1}:{fault.ours}")),
            ]
        map_file = folder / "farm.map"
        lines = [
            f"{self.address(index)} - {fault.mapped}\n"
            for start, stop, fault in self.ill
            for index in range(start, stop)
        ]
        map_file.write_text("".join(lines), encoding="utf-8")
        if lines and "{map}" not in self.command:
            raise RuntimeError("the farm's command has no {map}, so that no device can be ill")
        places = {"port": port, "count": self.count, "base": BASE, "recording": self.recording, "map": map_file}
        return shlex.split(self.command.format(**{name: shlex.quote(str(value)) for name, value in places.items()}))

    def _await_answer(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        """Ask the last device, which is never ill, until it answers."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.connect((self.address(self.count - 1), port))
            for _ in range(int(_START_WITHIN_S / 0.05)):
                if process.poll() is not None:
                    break
                try:
                    sock.send(_SYS_UPTIME_REQUEST)
                    if select.select([sock], [], [], 0.05)[0] and sock.recv(65_535):
                        return
                except ConnectionRefusedError:
                    time.sleep(0.05)
        raise RuntimeError(f"the farm does not answer:\n{log.read_text(errors='replace')[-2_000:]}")


_SYS_UPTIME_REQUEST = bytes.fromhex("302602010104067075626c6963a019020101020100020100300e300c06082b060102010103000500")
"""a v2c GET of sysUpTime.0 with the community `public`"""


def free_port() -> int:
    """A UDP port that nobody has at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("0.0.0.0", 0))  # noqa: S104 - asked for, then given back
        return int(sock.getsockname()[1])


DEAD = Fault("dead", "dead", "dead")
SLOW = Fault("200 ms late", "delay_s=0.2", "delay=200", answers=True)
FAULTS = (
    DEAD,
    SLOW,
    Fault("3 s late", "delay_s=3", "delay=3000"),
    Fault("loses 30%", "drop=0.3", "drop=0.3", answers=True),
    Fault("loses 80%", "drop=0.8", "drop=0.8"),
    Fault("walks in a loop", "loop", "loop"),
    Fault("wrong request id", "wrong_id", "badid"),
    Fault("garbage", "garbage", "garbage"),
    Fault("truncated answers", "truncate"),
    Fault("endless tables", "endless", "huge"),
    Fault("answers twice", "duplicate", "dup", answers=True),
    Fault("at most 300 bytes, else tooBig", "max_bytes=300", answers=True),
    Fault("over 600 bytes: silence", "silent_bytes=600", answers=True),
    Fault("10 ms a value", "varbind_delay_s=0.01"),
)
