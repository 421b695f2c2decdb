"""Fixtures of the tests of commands."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.farm import RunningFarm, running_farm
from tests.cli.place import Place
from tests.transport.snmpd import running_snmpd
from tests.transport.ssh.sshd import Sshd, make_key, running_sshd


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Commands that run in this process set up logging as if it were theirs."""
    yield
    for name in ("collector", "inventory"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def farm() -> Iterator[RunningFarm]:
    """Simulated devices; see farm.py for who is who. Tests that change one change it back."""
    with running_farm() as running:
        yield running


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a net-snmp agent."""
    with running_snmpd(tmp_path_factory.mktemp("snmpd")) as port:
        yield port


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    """OpenSSH's server, which lets `folder.parent / "key"` in."""
    folder = tmp_path_factory.mktemp("sshd")
    make_key(folder / "key")
    with running_sshd(folder / "server", (folder / "key.pub").read_text()) as server:
        yield server


@pytest.fixture
def place(tmp_path: Path, farm: RunningFarm) -> Place:
    """A folder for a hosts.toml, its state and its store."""
    return Place(tmp_path, farm)
