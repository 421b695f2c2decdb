"""Fixtures of the tests of the runtime."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.transport.snmp import udp
from tests.runtime.world import Clock, World


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Devices and a poller whose time is the test's."""
    clock = Clock()
    monkeypatch.setattr(udp, "time", clock)  # it stamps what arrives
    with World(tmp_path / "state", clock) as world:
        yield world
