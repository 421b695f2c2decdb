"""What is asked over SSH in `benchmarks.ssh`: fake switches in a process of their own, and a real sshd at many addresses."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import IO, Any

BASE, SERVERS_BASE = "127.20.0.1", "127.21.0.1"
USER, PASSWORD = "bench", "bench"
_PORTS = 24
_LISTENERS = 16
"""addresses of one sshd at the most (MAX_LISTEN_SOCKS)"""
_END_WITHIN_S = 10.0

_VERSION = """\
Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E7, RELEASE SOFTWARE (fc2)
Technical Support: http://www.cisco.com/techsupport
Copyright (c) 1986-2022 by Cisco Systems, Inc.
Compiled Wed 23-Nov-22 04:13 by prod_rel_team

ROM: Bootstrap program is C2960X boot loader

{name} uptime is 31 weeks, 2 days, 4 hours, 11 minutes
System returned to ROM by power-on
System image file is "flash:/c2960x-universalk9-mz.152-7.E7.bin"

cisco WS-C2960X-24TS-L (APM86XXX) processor (revision B0) with 524288K bytes of memory.
Processor board ID FOC1811W0AB
1 Virtual Ethernet interface
24 Gigabit Ethernet interfaces
The password-recovery mechanism is enabled.

Configuration register is 0xF
"""
_INTERFACE = """\
GigabitEthernet1/0/{port} is up, line protocol is up (connected)
  Hardware is Gigabit Ethernet, address is 00a1.b2c3.d4{port:02x} (bia 00a1.b2c3.d4{port:02x})
  Description: {name}# desk {port}
  MTU 1500 bytes, BW 1000000 Kbit/sec, DLY 10 usec,
     reliability 255/255, txload 1/255, rxload 1/255
  Encapsulation ARPA, loopback not set
  Keepalive set (10 sec)
  Full-duplex, 1000Mb/s, media type is 10/100/1000BaseTX
  input flow-control is off, output flow-control is unsupported
  ARP type: ARPA, ARP Timeout 04:00:00
  Last input 00:00:01, output 00:00:00, output hang never
  Last clearing of "show interface" counters never
  Input queue: 0/75/0/0 (size/max/drops/flushes); Total output drops: {port}
  Queueing strategy: fifo
  Output queue: 0/40 (size/max)
  5 minute input rate 1312000 bits/sec, 214 packets/sec
  5 minute output rate 3914000 bits/sec, 402 packets/sec
     {port}88766511 packets input, {port}31277653187 bytes, 0 no buffer
     Received 12882 broadcasts (1277 multicasts)
     0 runts, 0 giants, 0 throttles
     0 input errors, 0 CRC, 0 frame, 0 overrun, 0 ignored
     0 watchdog, 1277 multicast, 0 pause input
     0 input packets with dribble condition detected
     {port}09876543 packets output, {port}19876543210 bytes, 0 underruns
     0 output errors, 0 collisions, 1 interface resets
     4 unknown protocol drops
     0 babbles, 0 late collision, 0 deferred
     0 lost carrier, 0 no carrier, 0 pause output
     0 output buffer failures, 0 output buffers swapped out
"""
_CPU = "CPU utilization for five seconds: 12%/3%; one minute: 10%; five minutes: 9%\n"

INTERFACES, CPU = "show interfaces", "show processes cpu | include CPU utilization"
COMMANDS = ("show version", INTERFACES, CPU)
_DEAD: Sequence[dict[str, Any] | None] = (
    {"dark": True},
    {"faults": {"at_connect": "version_only"}},
    None,  # nothing is there: the port is closed
    {"faults": {"breaks": "hang", "breaks_at": INTERFACES, "breaks_after_bytes": 9_000}},
)
"""how devices are dead, in turn: silent, mute behind the identification string, refusing, hanging in the midst of an output"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """How many switches there are, and which share of them is dead."""

    count: int
    dead: float
    rtt_s: float

    def is_dead(self, index: int) -> bool:
        """The dead stand among the living, at equal distances."""
        return int((index + 1) * self.dead + 1e-9) > int(index * self.dead + 1e-9)

    @property
    def healthy(self) -> int:
        return sum(not self.is_dead(index) for index in range(self.count))

    def address(self, index: int) -> str:
        """Where a switch listens."""
        return str(IPv4Address(BASE) + index)


class Serving:
    """The process that is the switches.

    Attributes:
        port: of all of them.
        known_hosts: their host keys.
        last: what `stats` said when it was last looked at.
    """

    def __init__(self, process: subprocess.Popen[str], port: int, known_hosts: str) -> None:
        self.port = port
        self.known_hosts = known_hosts
        self.last: dict[str, Any] = {}
        self._process = process

    def stats(self) -> dict[str, Any]:
        """Totals since the start: logins, commands, octets, CPU time."""
        return _ask(self._process, "\n")


@contextmanager
def switches(fleet: Fleet, folder: Path) -> Iterator[Serving]:
    """Serve until the end of the block.

    Raises:
        RuntimeError: they did not start.
    """
    import asyncssh

    key = asyncssh.generate_private_key("ssh-ed25519")
    file, log = folder / "switches.json", folder / "switches.log"
    file.write_text(json.dumps({"devices": list(_devices(fleet, key.export_private_key().decode()))}))
    command = [sys.executable, "-m", "collector.simulator.ssh", str(file), "--rtt-s", str(fleet.rtt_s)]
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True
        )
    try:
        try:
            port = int(_ask(process, "")["port"])
        except ValueError:
            raise RuntimeError(f"the switches do not start:\n{log.read_text(errors='replace')[-2_000:]}") from None
        public = key.export_public_key().decode().strip()
        lines = [f"[{fleet.address(index)}]:{port} {public}\n" for index in range(fleet.count)]
        yield Serving(process, port, "".join(lines))
    finally:
        _end(process)


def _devices(fleet: Fleet, key: str) -> Iterator[dict[str, Any]]:
    dead = 0
    for index in range(fleet.count):
        name = f"sw{index:05}"
        trouble: dict[str, Any] | None = {}
        if fleet.is_dead(index):
            trouble = _DEAD[dead % len(_DEAD)]
            dead += 1
        if trouble is not None:
            interfaces = "".join(_INTERFACE.format(name=name, port=port) for port in range(1, _PORTS + 1))
            answers = {COMMANDS[0]: _VERSION.format(name=name), INTERFACES: interfaces, CPU: _CPU}
            who = {"name": name, "address": fleet.address(index), "user": USER, "password": PASSWORD}
            yield {**who, "host_key": key, "answers": answers, **trouble}


def _ask(process: subprocess.Popen[str], line: str) -> dict[str, Any]:
    stdin, stdout = _pipes(process)
    if line:
        stdin.write(line)
        stdin.flush()
    found = json.loads(stdout.readline())
    return dict(found)


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("started without pipes")
    return process.stdin, process.stdout


def _end(process: subprocess.Popen[Any]) -> None:
    """End a process and the group that it leads."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(_END_WITHIN_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except ProcessLookupError:
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


@dataclass(frozen=True, slots=True)
class Servers:
    """One real sshd, asked at many addresses as if each were a server.

    Attributes:
        key: file of the private key that may log in.
        user: as whom.
    """

    addresses: list[str]
    port: int
    key: Path
    user: str
    known_hosts: str


@contextmanager
def servers(count: int, folder: Path) -> Iterator[Servers | None]:
    """Serve this machine until the end of the block; None where no sshd is installed."""
    binary = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if binary is None:
        yield None
        return
    import getpass

    host_key, key = folder / "host_key", folder / "user_key"
    for file in (host_key, key):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd's own wish
    addresses = [str(IPv4Address(SERVERS_BASE) + index) for index in range(count)]
    port = _free_port(addresses)
    with ExitStack() as stack:
        for start in range(0, count, _LISTENERS):
            config = folder / f"sshd_{start}"
            config.write_text(
                f"Port {port}\nHostKey {host_key}\nAuthorizedKeysFile {folder}/user_key.pub\nStrictModes no\nUsePAM no\n"
                f"PasswordAuthentication no\nPermitRootLogin yes\nPidFile none\nMaxStartups 1000\nLogLevel ERROR\n"
                + "".join(f"ListenAddress {address}\n" for address in addresses[start : start + _LISTENERS])
            )
            process = subprocess.Popen(
                [binary, "-D", "-e", "-f", str(config)], stderr=subprocess.DEVNULL, start_new_session=True
            )
            stack.callback(_end, process)
        for address in addresses:
            _await_port(address, port)
        public = Path(f"{host_key}.pub").read_text().split()
        lines = [f"[{address}]:{port} {public[0]} {public[1]}\n" for address in addresses]
        yield Servers(addresses, port, key, getpass.getuser(), "".join(lines))


def _free_port(addresses: Sequence[str]) -> int:
    with socket.socket() as probe:
        probe.bind((addresses[0], 0))
        return int(probe.getsockname()[1])


def _await_port(address: str, port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection((address, port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"sshd does not listen at {address} port {port}")
