"""Servers that the tests of stores share, one of each a test run's worker."""

# ruff: noqa: S310 - addresses are our own loopback servers

import itertools
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.store.faults import FaultServer


@pytest.fixture(scope="session")
def influx_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """InfluxDB 1.x without authentication."""
    with servers.influxd(tmp_path_factory.mktemp("influxd")) as url:
        yield url


@pytest.fixture(scope="session")
def victoria_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with servers.victoria_metrics(tmp_path_factory.mktemp("victoria")) as url:
        yield url


_numbers = itertools.count()


def influxql(url: str, statement: str, **parameters: str) -> bytes:
    """Run a statement on InfluxDB, as an administrator would."""
    asked = urllib.parse.urlencode({"q": statement, **parameters})
    with urllib.request.urlopen(f"{url}/query?{asked}", b"", timeout=10) as answer:
        return answer.read()


@pytest.fixture
def database(influx_url: str) -> Iterator[str]:
    """A database of the test's own."""
    name = f"test{next(_numbers)}"
    influxql(influx_url, f'CREATE DATABASE "{name}"')
    yield name
    influxql(influx_url, f'DROP DATABASE "{name}"')


@pytest.fixture
def faulty() -> Iterator[Callable[..., FaultServer]]:
    """Starts fault servers; ends them with the test."""
    started: list[FaultServer] = []

    def start(*script: object, forward: str = "") -> FaultServer:
        started.append(FaultServer(*script, forward=forward))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def duck_path(tmp_path: Path) -> Path:
    return tmp_path / "collector.duckdb"
