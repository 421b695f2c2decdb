"""Servers that are started once for all tests of SSH."""

from collections.abc import Iterator

import pytest

from tests.transport.ssh.pools import RUNNER
from tests.transport.ssh.sshd import Sshd, make_key, running_sshd


@pytest.fixture(scope="session", autouse=True)
def one_loop() -> Iterator[None]:
    """The event loop of all pools."""
    with RUNNER:
        yield


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """OpenSSH's server, which lets `folder / "key"` in."""
    folder = tmp_path_factory.mktemp("sshd")
    make_key(folder / "key")
    with running_sshd(folder / "server", (folder / "key.pub").read_text()) as server:
        yield server
