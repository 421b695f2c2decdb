"""Sockets of agents, and the limit of open files."""

import subprocess
import sys

import pytest

# in a process of its own, as the limit of open files belongs to a process
_MANY_SOCKETS = """
import resource
from collector.transport.contract import TransportError
from collector.transport.snmp.udp import open_socket, socket_capacity

resource.setrlimit(resource.RLIMIT_NOFILE, (30, {hard}))
try:
    sockets = [open_socket(("127.0.0.1", 161)) for _ in range(100)]
except TransportError as error:
    print(error, "|", error.hint)
else:
    print(len(sockets), resource.getrlimit(resource.RLIMIT_NOFILE), socket_capacity())
"""


@pytest.mark.parametrize(
    ("hard", "said"),
    [
        (300, "100 (300, 300) 172"),
        (60, "127.0.0.1: no socket: Too many open files | raise the limit of open files (ulimit -n)"),
    ],
)
def test_the_limit_of_open_files_is_lifted_as_far_as_it_goes(hard: int, said: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _MANY_SOCKETS.format(hard=hard)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == said
