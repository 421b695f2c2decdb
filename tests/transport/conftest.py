"""Fixtures of the tests of transports."""

from collections.abc import Iterator

import pytest

from tests.transport.snmpd import running_snmpd


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a net-snmp agent."""
    with running_snmpd(tmp_path_factory.mktemp("snmpd")) as port:
        yield port
