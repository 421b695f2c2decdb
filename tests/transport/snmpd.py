"""A real net-snmp agent that tests start on a free port of 127.0.0.1 and ::1."""

import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.transport.contract import TransportError
from collector.transport.snmp.open import discover_engine
from tests.servers import require_binary

COMMUNITY = "reading-room"
AUTH_PASSPHRASE = "an auth passphrase"
PRIV_PASSPHRASE = "a priv passphrase"
CONTEXT = "other"
LONG_CONTACT = "c" * 250
LARGEST_ANSWER_BYTES = 4000

# user name -> what net-snmp calls the protocols, and what the inventory calls them
AUTH_USERS = {
    "md5": "MD5",
    "sha1": "SHA",
    "sha224": "SHA-224",
    "sha256": "SHA-256",
    "sha384": "SHA-384",
    "sha512": "SHA-512",
}
PRIV_USERS = {
    ("sha1", "des"): ("SHA", "DES"),
    ("sha1", "aes128"): ("SHA", "AES"),
    ("md5", "aes192"): ("MD5", "AES-192"),
    ("sha1", "aes256"): ("SHA", "AES-256"),
    ("sha512", "aes256"): ("SHA-512", "AES-256"),
    ("sha1", "aes192c"): ("SHA", "AES-192-C"),
    ("sha1", "aes256c"): ("SHA", "AES-256-C"),
}


def _config(port: int) -> str:
    lines = [
        f"agentAddress udp:127.0.0.1:{port},udp6:[::1]:{port}",
        f"rocommunity {COMMUNITY}",
        f"rocommunity6 {COMMUNITY}",
        f"sysContact {LONG_CONTACT}",
        "sysName tested",
        f"[snmp] sendMessageMaxSize {LARGEST_ANSWER_BYTES}",
        "[snmpd]",
        "view everything included .1",
        "createUser nobody",
        "rouser nobody noauth",
        f'createUser inside SHA "{AUTH_PASSPHRASE}"',
        f"rouser inside auth -V everything {CONTEXT}",
        f"proxy -Cn {CONTEXT} -v 2c -c {COMMUNITY} 127.0.0.1:{port} .1.3.6.1.2.1.1",
    ]
    for auth, name in AUTH_USERS.items():
        lines += [f'createUser {auth} {name} "{AUTH_PASSPHRASE}"', f"rouser {auth} auth"]
    for (auth, priv), (auth_name, priv_name) in PRIV_USERS.items():
        user = f"{auth}-{priv}"
        lines += [
            f'createUser {user} {auth_name} "{AUTH_PASSPHRASE}" {priv_name} "{PRIV_PASSPHRASE}"',
            f"rouser {user} priv",
        ]
    return "\n".join(lines) + "\n"


def free_port() -> int:
    """A UDP port that is free on both loopback addresses at the moment."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as v4,
            socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as v6,
        ):
            v4.bind(("127.0.0.1", 0))
            port = int(v4.getsockname()[1])
            try:
                v6.bind(("::1", port))
            except OSError:
                continue
            return port


@contextmanager
def running_snmpd(folder: Path) -> Iterator[int]:
    """The port of an agent that runs until the block ends."""
    binary = require_binary("snmpd")
    port = free_port()
    config = folder / "snmpd.conf"
    config.write_text(_config(port))
    command = [binary, "-f", "-Lf", str(folder / "log"), "-C", "-c", str(config), "-I", "-smux"]
    command += [f"--persistentDir={folder / 'state'}", "-p", str(folder / "pid")]
    process = subprocess.Popen(
        command,
        env={**os.environ, "MIBS": ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_it_answers(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_it_answers(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            asyncio.run(discover_engine("127.0.0.1", port, 0.3))
        except TransportError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
