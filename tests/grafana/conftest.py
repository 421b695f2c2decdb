"""The province that all tests of a worker ask."""

from collections.abc import Iterator

import pytest

from tests.grafana.world import Province, running_province


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    """Polled once; what tests add to it hurts no other test."""
    with running_province(tmp_path_factory.mktemp("grafana")) as running:
        yield running
