"""`collector store` and `collector spool` as a user runs them."""

import json
import re
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collector.cli.main import cli
from collector.metrics.model import Point
from collector.store.contract import Rejected
from collector.store.duck import DuckStore
from collector.store.spool import Spool
from inventory.model import DuckdbStore

TOKEN = "hunter2-hunter2"

DUCKDB = 'kind = "duckdb"\npath = "collector.duckdb"'
INFLUX = f'kind = "influxdb"\nurl = "http://127.0.0.1:9"\nbucket = "b"\norg = "o"\ntoken = "{TOKEN}"'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    configure(tmp_path, DUCKDB)
    return tmp_path


def configure(folder: Path, store: str) -> None:
    (folder / "hosts.toml").write_text(f'[collector]\nstate_dir = "state"\n[store]\n{store}\n')


def run(folder: Path, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--config", str(folder / "hosts.toml"), *words], input=typed)


def duck(folder: Path) -> DuckStore:
    return DuckStore(DuckdbStore(path=str(folder / "collector.duckdb")))


def waiting(folder: Path) -> Spool:
    return Spool(folder / "state" / "spool", max_bytes=1 << 20, max_age_s=1e9)


def sample(age_s: float = 0.0, value: float = 1.0) -> Point:
    return Point("cpu", {"host": "r1"}, {"usage_percent": value}, int((time.time() - age_s) * 1e9))


def test_info_for_people_and_programs(folder: Path) -> None:
    assert "nothing stored yet" in run(folder, "store", "info").output
    duck(folder).write([sample(), sample(60)])
    text = run(folder, "store", "info").output
    assert re.search(r"^cpu +2$", text, re.MULTILINE)
    found = json.loads(run(folder, "store", "info", "--json").output)
    assert found["measurements"] == {"cpu": 2}


def test_backup_and_restore(folder: Path) -> None:
    duck(folder).write([sample(60)])
    copy = folder / "copy.duckdb"
    assert run(folder, "store", "backup", str(copy)).exit_code == 0
    duck(folder).write([sample()])
    assert run(folder, "store", "restore", str(copy), typed="n\n").exit_code == 1
    assert duck(folder).info().measurements == {"cpu": 2}
    assert run(folder, "store", "restore", str(copy), typed="y\n").exit_code == 0
    assert duck(folder).info().measurements == {"cpu": 1}
    again = run(folder, "store", "backup", str(copy))
    assert again.exit_code == 1
    assert "exists already" in again.output
    assert "give another name" in again.output


def test_restoring_what_is_no_backup(folder: Path) -> None:
    (folder / "bad").write_bytes(b"bad" * 5000)
    result = run(folder, "store", "restore", "--yes", str(folder / "bad"))
    assert result.exit_code == 1
    assert not (folder / "collector.duckdb").exists()


def test_compacting(folder: Path) -> None:
    duck(folder).write([sample(3 * 86_400), sample(), sample(100 * 86_400)])
    assert "2 days of measurements rolled up, 1 old rows dropped" in run(folder, "store", "compact").output
    assert "0 days of measurements rolled up, 0 old rows dropped" in run(folder, "store", "compact").output
    # cron sends what is printed
    assert run(folder, "store", "compact", "--quiet").output == ""


@pytest.mark.parametrize("words", [("compact",), ("backup", "x")])
def test_influxdb_looks_after_itself(folder: Path, words: tuple[str, ...]) -> None:
    configure(folder, INFLUX)
    result = run(folder, "store", *words)
    assert result.exit_code == 2
    assert "only a DuckDB store" in result.output


def test_the_spool_is_shown_and_flushed(folder: Path) -> None:
    assert run(folder, "spool", "status").exit_code == 0
    waiting(folder).append([sample(), sample(60)])
    waiting(folder).set_aside([Rejected(sample(), "too ugly")])
    shown = run(folder, "spool", "status")
    assert shown.exit_code == 3
    assert "2 points" in shown.output
    assert json.loads(run(folder, "spool", "status", "--json").output)["dead_letters"] == 1
    flushed = run(folder, "spool", "flush")
    assert (flushed.exit_code, flushed.output) == (0, "2 points stored, 0 rejected\n")
    assert duck(folder).info().measurements == {"cpu": 2}
    assert run(folder, "spool", "status").exit_code == 0


def test_flushing_to_a_store_that_is_away(folder: Path) -> None:
    configure(folder, INFLUX)
    waiting(folder).append([sample()])
    for words in (("spool", "flush"), ("store", "info")):
        result = run(folder, *words)
        assert result.exit_code in (1, 3)
        assert "refused" in result.output
        assert TOKEN not in result.output
    assert waiting(folder).status().points == 1


def test_flushing_tells_of_rejected_points(folder: Path) -> None:
    waiting(folder).append([sample(), Point("cpu", {"host": "r1"}, {"load": 1.0}, 1)])
    result = run(folder, "spool", "flush")
    assert result.exit_code == 1
    assert "1 points stored, 1 rejected" in result.output
    assert waiting(folder).status().dead_letters == 1


@pytest.mark.parametrize(
    "words", ["store", "store info", "store backup", "store restore", "store compact", "spool status", "spool flush"]
)
def test_help_has_examples(folder: Path, words: str) -> None:
    assert "Examples:" in run(folder, *words.split(), "--help").output
