"""A folder with a hosts.toml, and the commands run there: in this process, or as a user would."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from collector.cli.app import App
from collector.cli.main import cli
from tests.cli.farm import COMMUNITY, RunningFarm

COLLECTOR = [sys.executable, "-m", "collector.cli.main"]


class Place:
    """Where commands run. `env` is all that children have of an environment beside PATH."""

    def __init__(self, folder: Path, farm: RunningFarm) -> None:
        self.folder = folder
        self.farm = farm
        self.env: dict[str, str] = {"HOME": str(folder), "COLUMNS": "200"}

    @property
    def config(self) -> Path:
        return self.folder / "hosts.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def write(
        self,
        hosts: Mapping[str, str],
        *,
        store: str = 'kind = "duckdb"',
        collector: str = "",
        community: str = COMMUNITY,
        more: str = "",
    ) -> None:
        """hosts.toml with hosts by name: their address in the farm, or a whole table."""
        lines = [
            "# the province's inventory",
            "[collector]",
            'state_dir = "state"',
            collector,
            "[store]",
            store,
            "[credentials.lan]",
            f'snmp = {{ version = "2c", community = "{community}" }}',
            "[defaults]",
            'credentials = ["lan"]',
            "ping = false",
            "limits = { timeout_s = 0.3, retries = 0 }",
            more,
            "[hosts]",
        ]
        for name, host in hosts.items():
            table = host if host.startswith("{") else f'{{ address = "{self.farm.at(host)}" }}'
            lines.append(f'"{name}" = {table}  # kept')
        self.config.write_text("\n".join(lines) + "\n")
        self.config.chmod(0o600)

    def run(self, *arguments: str, **more: Any) -> Result:
        """A command in this process, with --config."""
        return self.run_bare(*arguments, "--config", str(self.config), **more)

    def run_bare(self, *arguments: str, **more: Any) -> Result:
        """A command in this process."""
        env: dict[str, str | None] = {**self.env, "COLLECTOR_CONFIG": None} | more.pop("env", {})
        return CliRunner(env=env).invoke(cli, list(arguments), obj=App(), catch_exceptions=False, **more)

    def child(
        self, *arguments: str, env: Mapping[str, str] | None = None, **more: Any
    ) -> "subprocess.CompletedProcess[str]":
        """A command as a child process in the folder."""
        return subprocess.run(
            [*COLLECTOR, *arguments],
            cwd=self.folder,
            env=self._environment(env or {}),
            capture_output=True,
            text=True,
            timeout=60,
            **more,
        )

    def _environment(self, env: Mapping[str, str]) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], **self.env, **env}

    @contextmanager
    def background(self, *arguments: str, **env: str) -> "Iterator[Background]":
        """A command that goes on; its log is `log()`."""
        log = self.folder / "background.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*COLLECTOR, *arguments],
                cwd=self.folder,
                env=self._environment(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=output,
            )
        background = Background(process, log)
        try:
            yield background
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()


class Background:
    """A command that runs beside the test."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process = process
        self._log = log

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def wait_for(self, text: str, times: int = 1, within_s: float = 20.0) -> None:
        """Until its log has `text` that often."""
        wait_until(lambda: self.log().count(text) >= times or self.process.poll() is not None, within_s)
        assert self.log().count(text) >= times, self.log()

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


def wait_until(condition: Callable[[], bool], within_s: float = 20.0) -> None:
    ends = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)
