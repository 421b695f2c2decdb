"""OpenSSH's server as an ordinary process: a port, host keys and authorized keys of its own, ended by its pid.

Who runs the tests logs in, by key. Passwords would be those of the system's accounts, so that they are tried on fake devices.
"""

import getpass
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.servers import free_port, require_binary

USER = getpass.getuser()


@dataclass(frozen=True)
class Sshd:
    """A running server.

    Attributes:
        host_keys: the public ones, by type, as "TYPE BASE64".
        pid: of the listener.
    """

    port: int
    folder: Path
    pid: int
    host_keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> str:
        """All that it said until now."""
        return (self.folder / "log").read_text(errors="replace")

    def known_hosts(self, *types: str, address: str = "127.0.0.1") -> str:
        """Lines that pin its host keys, all of them or those of some types."""
        return "".join(
            f"[{address}]:{self.port} {key}\n" for kind, key in self.host_keys.items() if not types or kind in types
        )


def make_key(path: Path, kind: str = "ed25519", passphrase: str = "", *options: str) -> str:
    """A key pair by ssh-keygen; gives the text of the private key, the public one lies beside it."""
    keygen = require_binary("ssh-keygen")
    subprocess.run(
        [keygen, "-q", "-t", kind, "-N", passphrase, "-a", "1", "-f", path, *options], check=True, timeout=30
    )
    return path.read_text()


@contextmanager
def running_sshd(folder: Path, authorized_keys: str, *settings: str, address: str = "127.0.0.1") -> Iterator[Sshd]:
    """A server that lets those keys in; `settings` are lines of sshd_config(5) that come before our own."""
    binary = require_binary("sshd")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it insists on it for its unprivileged half
    folder.mkdir(parents=True, exist_ok=True)
    host_keys = {}
    for kind in ("ed25519", "rsa"):
        path = folder / f"host_{kind}"
        make_key(path, kind, "", *(("-b", "1024") if kind == "rsa" else ()))
        words = path.with_suffix(".pub").read_text().split()
        host_keys[words[0]] = " ".join(words[:2])
    (folder / "authorized_keys").write_text(authorized_keys)
    port = free_port()
    lines = [
        *settings,
        f"ListenAddress [{address}]:{port}" if ":" in address else f"ListenAddress {address}:{port}",
        *(f"HostKey {folder}/host_{kind}" for kind in ("ed25519", "rsa")),
        f"AuthorizedKeysFile {folder}/authorized_keys",
        "PidFile none",
        "StrictModes no",
        "UsePAM no",
        "PermitRootLogin yes",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PrintMotd no",
        "LogLevel VERBOSE",
    ]
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    with (folder / "log").open("wb") as log:
        command = [binary, "-D", "-e", "-f", folder / "sshd_config"]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _until_open(process, address, port, folder / "log")
        yield Sshd(port, folder, process.pid, host_keys)
    finally:
        process.terminate()
        process.wait(10)


def _until_open(process: "subprocess.Popen[bytes]", address: str, port: int, log: Path) -> None:
    ends = time.monotonic() + 10
    while time.monotonic() < ends and process.poll() is None:
        try:
            with socket.create_connection((address, port), timeout=1) as sock:
                sock.recv(1)
                return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"sshd did not start:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def running_agent(folder: Path, *keys: Path) -> Iterator[str]:
    """An agent that holds some keys; gives the path of its socket."""
    folder.mkdir(parents=True, exist_ok=True)
    path = str(folder / "agent")
    process = subprocess.Popen(
        [require_binary("ssh-agent"), "-D", "-a", path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        ends = time.monotonic() + 10
        while not Path(path).exists() and time.monotonic() < ends:
            time.sleep(0.01)
        for key in keys:
            subprocess.run(
                [require_binary("ssh-add"), "-q", key],
                check=True,
                timeout=10,
                env={**os.environ, "SSH_AUTH_SOCK": path},
            )
        yield path
    finally:
        process.terminate()
        process.wait(10)
