"""Servers and tools of the system that tests start."""

# ruff: noqa: S310 - addresses are our own loopback servers

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def require_binary(name: str) -> str:
    """The path of a program; where it is not installed the test is skipped, or fails under CI=true."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if path is None:
        reason = f"{name} is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def influxd(folder: Path, *, auth: bool = False) -> Iterator[str]:
    """InfluxDB 1.x with its data under `folder`; gives its URL."""
    binary = require_binary("influxd")
    http, rpc = free_port(), free_port()
    config = folder / "influxdb.conf"
    config.write_text(
        f"""
        reporting-disabled = true
        bind-address = "127.0.0.1:{rpc}"
        [meta]
        dir = "{folder}/meta"
        [data]
        dir = "{folder}/data"
        wal-dir = "{folder}/wal"
        query-log-enabled = false
        [monitor]
        store-enabled = false
        [http]
        bind-address = "127.0.0.1:{http}"
        auth-enabled = {str(auth).lower()}
        log-enabled = false
        """
    )
    url = f"http://127.0.0.1:{http}"
    with _serving([binary, "run", "-config", str(config)], folder, f"{url}/ping"):
        yield url


@contextmanager
def victoria_metrics(folder: Path) -> Iterator[str]:
    """VictoriaMetrics with its data under `folder`; gives its URL."""
    binary = require_binary("victoria-metrics")
    url = f"http://127.0.0.1:{free_port()}"
    options = ["-retentionPeriod=100y", "-search.latencyOffset=0s", f"-httpListenAddr={url.removeprefix('http://')}"]
    with _serving([binary, *options, f"-storageDataPath={folder / 'data'}"], folder, f"{url}/health"):
        yield url


@contextmanager
def _serving(command: list[str], folder: Path, health: str) -> Iterator[None]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        _until_healthy(process, health, log)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _until_healthy(process: "subprocess.Popen[bytes]", health: str, log: Path) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(health, timeout=1) as answer:
                if answer.status < 300:
                    return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
