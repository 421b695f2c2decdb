"""`collector simulate` as a process."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from collector.cli.main import cli
from tests.servers import require_binary

RECORDING = "1.3.6.1.2.1.1.5.0|4|recorded\n1.3.6.1.2.1.2.2.1.10.1|65|1000\n"


@contextmanager
def simulating(*arguments: str) -> "Iterator[tuple[subprocess.Popen[str], int]]":
    command = [sys.executable, "-m", "collector.cli.main", "simulate", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        word, port = process.stdout.readline().split()
        assert word == "ready"
        try:
            yield process, int(port)
        finally:
            process.kill()


def get(address: str, port: int, name: str = "1.3.6.1.2.1.1.5.0") -> str:
    command = [require_binary("snmpget"), "-v2c", "-cpublic", "-r0", "-t2", "-Oqv", f"{address}:{port}", name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_recordings_until_it_is_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    recording = tmp_path / "a.snmprec"
    recording.write_text(RECORDING)
    with simulating("--recording", str(recording), "--count", "3", "--base", "127.66.0.255") as (process, port):
        assert [get(address, port) for address in ("127.66.0.255", "127.66.1.0", "127.66.1.1")] == ['"recorded"'] * 3
        process.send_signal(number)
        output, _ = process.communicate(timeout=10)
        assert process.returncode == 0
        assert json.loads(output)["answers"] == 3


def test_faults_concern_some_devices() -> None:
    with simulating("--count", "4", "--base", "127.66.2.1", "--fault", "1-2:dead", "--fault", "3:duplicate") as (
        _,
        port,
    ):
        assert get("127.66.2.1", port) == get("127.66.2.4", port) == '"switch"'
        with pytest.raises(subprocess.CalledProcessError):
            get("127.66.2.2", port)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fault", "0-9:dead"], "the devices are 0 to 0"),
        (["--fault", "late"], "unknown fault 'late'"),
        (["--fault", "x:dead"], "'x' is no range"),
        (["--base", "localhost"], "localhost"),
        (["--base", "255.255.255.255", "--count", "2"], "not permitted as an IPv4 address"),
    ],
)
def test_mistakes_are_told(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(cli, ["simulate", *arguments])
    assert result.exit_code == 2
    assert message in result.output


def test_a_directory_without_a_province_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["simulate", str(tmp_path)])
    assert result.exit_code == 2
    assert "province.json" in result.output
