"""The folder as it is written, and by whom."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from collector.cli.main import cli
from collector.grafana.folder import MANIFEST, NotOursError, write
from collector.grafana.provisioning import PASSWORD_VARIABLE, TOKEN_VARIABLE, files
from collector.grafana.provisioning import yaml as as_yaml
from inventory.model import InfluxStore, Secret, Settings
from tests.grafana.boards import SETTINGS, STORE, Json, asked, boards, exported

PASSWORD = "hunter2-of-influx"


def datasource(store: InfluxStore, settings: Settings = SETTINGS) -> Json:
    found = yaml.safe_load(files(store, settings, "/srv")["provisioning/datasources/collector.yaml"])
    assert found["apiVersion"] == 1
    ours, sites = found["datasources"]
    assert (sites["type"], sites["uid"]) == ("grafana-testdata-datasource", "collector-sites")
    assert isinstance(ours, dict)
    return ours


def test_the_folder_has_what_grafana_looks_for() -> None:
    assert {path for path in exported() if path.startswith("provisioning/")} == {
        f"provisioning/{kind}/collector.yaml" for kind in ("alerting", "dashboards", "datasources")
    }
    (provider,) = yaml.safe_load(exported()["provisioning/dashboards/collector.yaml"])["providers"]
    assert provider["options"]["path"] == "/srv/dashboards"
    assert {f"dashboards/{board['uid']}.json" for board in boards()} < exported().keys()


def test_version_1_is_asked_with_a_password_out_of_the_environment() -> None:
    found = datasource(InfluxStore(url="https://influx:8086", database="nms", user="graf", password=Secret(PASSWORD)))
    assert (found["type"], found["access"], found["url"], found["user"]) == (
        "influxdb",
        "proxy",
        "https://influx:8086",
        "graf",
    )
    assert found["jsonData"]["dbName"] == "nms"
    assert found["jsonData"]["version"] == "InfluxQL"
    assert found["secureJsonData"] == {"password": f"${PASSWORD_VARIABLE}"}


def test_versions_2_and_3_are_asked_with_a_token_out_of_the_environment() -> None:
    found = datasource(
        InfluxStore(url="http://i:8086", org="o", bucket="nms", token=Secret(PASSWORD), verify_tls=False)
    )
    assert found["jsonData"]["dbName"] == "nms"
    assert found["jsonData"]["httpHeaderName1"] == "Authorization"
    assert found["jsonData"]["tlsSkipVerify"] is True
    assert found["secureJsonData"] == {"httpHeaderValue1": f"Token ${TOKEN_VARIABLE}"}
    assert "user" not in found


def test_dollars_of_the_inventory_are_no_variables() -> None:
    found = datasource(InfluxStore(url="http://i:8086/$HOME", database="c$l", user="$me"))
    assert (found["url"], found["jsonData"]["dbName"], found["user"]) == ("http://i:8086/$$HOME", "c$$l", "$$me")


def test_secrets_are_written_nowhere() -> None:
    store = InfluxStore(url="http://i:8086", database="nms", user="graf", password=Secret(PASSWORD))
    assert PASSWORD not in "".join(files(store, SETTINGS, "/srv").values())


def test_windows_follow_the_intervals_of_the_inventory() -> None:
    settings = Settings(state_dir="s", interval_s=120, intervals={"storage": 600})
    found = files(STORE, settings, "/srv")
    intervals = {
        query.panel["interval"]
        for query in asked(boards(found))
        if 'FROM "storage"' in query.target["query"] and "interval" in query.panel
    }
    assert intervals == {"600s"}
    assert datasource(STORE, settings)["jsonData"]["timeInterval"] == "120s"
    assert {query.panel.get("interval") for query in asked(boards(found)) if 'FROM "cpu"' in query.target["query"]} == {
        "120s",
        None,
    }


def test_a_retention_policy_is_named_in_every_query() -> None:
    store = InfluxStore(url="http://i:8086", database="nms", retention_policy="raw")
    found = boards(files(store, SETTINGS, "/srv"))
    assert all('FROM "raw"."' in query.target["query"] for query in asked(found))
    assert all('FROM "raw"."' in each["query"] for board in found for each in board["templating"]["list"])


def test_years_are_drawn_where_there_are_rollups() -> None:
    for raw_days, there in ((None, False), (45, True)):
        found = boards(files(InfluxStore(url="http://i:8086", database="nms", raw_days=raw_days), SETTINGS, "/srv"))
        assert any('FROM "daily"."interface"' in query.target["query"] for query in asked(found)) is there


def test_the_same_inventory_makes_the_same_files() -> None:
    program = (
        "import hashlib; from tests.grafana.boards import exported;"
        "print(hashlib.sha256(repr(exported()).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    "content",
    [
        {"a": 1, "b": [1, "two", {"c": None, "d": [True]}], "e": {}, "f": [], "g": {"h": "x: #y\n\"z\" 'ß' \\d"}},
        {"list": [{"a": {"b": {"c": 1.5}}}, {"a": [{"b": 1}, {"c": 2}]}]},
    ],
)
def test_yaml_reads_back(content: Json) -> None:
    assert yaml.safe_load(as_yaml(content)) == content


def test_what_is_written_can_be_written_again(tmp_path: Path) -> None:
    assert write(tmp_path, {"a/b.json": "1", "c.json": "2"}) == (2, 0)
    assert write(tmp_path, {"a/b.json": "1", "c.json": "3"}) == (1, 0)
    assert write(tmp_path, {"a/b.json": "1"}) == (0, 1)
    assert not (tmp_path / "c.json").exists()
    assert list(json.loads((tmp_path / MANIFEST).read_text())) == ["a/b.json"]


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("mine")
    for force in (False, True):
        with pytest.raises(NotOursError, match=r"a\.json: was not written by this command"):
            write(tmp_path, {"a.json": "1", "b.json": "2"}, force=force)
    assert (tmp_path / "a.json").read_text() == "mine"
    assert not (tmp_path / "b.json").exists()


def test_files_that_somebody_changed_are_replaced_only_by_force(tmp_path: Path) -> None:
    write(tmp_path, {"a.json": "1", "b.json": "1"})
    (tmp_path / "a.json").write_text("better")
    for found in ({"a.json": "2", "b.json": "2"}, {"b.json": "2"}):
        with pytest.raises(NotOursError, match=r"a\.json: was changed"):
            write(tmp_path, found)
    assert (tmp_path / "b.json").read_text() == "1"
    assert write(tmp_path, {"a.json": "2", "b.json": "1"}, force=True) == (1, 0)


def test_an_export_that_was_broken_off_can_be_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(file: Path, text: str, **_: object) -> int:
        with file.open("w") as opened:
            opened.write(text[:1])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        with pytest.raises(OSError, match="No space left"):
            write(tmp_path, {"a.json": "12", "b.json": "12"})
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert write(tmp_path, {"a.json": "12", "b.json": "12"}) == (2, 0)


def test_a_manifest_leads_to_no_files_elsewhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / MANIFEST).write_text(json.dumps({"../outside.json": "0", str(outside): "0"}))
    write(folder, {"a.json": "1"}, force=True)
    assert outside.read_text() == "precious"


def run(folder: Path, store: str, *arguments: str) -> Result:
    (folder / "hosts.toml").write_text(f'[collector]\nstate_dir = "state"\n[store]\n{store}\n')
    return CliRunner().invoke(cli, ["--config", str(folder / "hosts.toml"), "dashboards", "export", *arguments])


def test_the_command_writes_the_folder(tmp_path: Path) -> None:
    store = f'kind = "influxdb"\nurl = "http://127.0.0.1:8086"\ndatabase = "nms"\nuser = "u"\npassword = "{PASSWORD}"'
    result = run(tmp_path, store, str(tmp_path / "out"), "--seen-at", "/etc/grafana")
    assert result.exit_code == 0, result.output
    assert "12 files written" in result.output
    provider = (tmp_path / "out" / "provisioning" / "dashboards" / "collector.yaml").read_text()
    assert '"/etc/grafana/dashboards"' in provider
    assert not any(PASSWORD in file.read_text() for file in (tmp_path / "out").rglob("*") if file.is_file())
    (tmp_path / "out" / "dashboards" / "collector-site.json").write_text("{}")
    again = run(tmp_path, store, str(tmp_path / "out"))
    assert again.exit_code == 2
    assert "collector-site.json: was changed" in again.output


def test_a_folder_without_a_name_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, 'kind = "influxdb"\nurl = "http://127.0.0.1:8086"\ndatabase = "nms"', "")
    assert (result.exit_code, result.output) == (2, "collector: DIRECTORY is empty: name the folder to write to\n")


def test_only_influxdb_can_be_drawn(tmp_path: Path) -> None:
    result = run(tmp_path, 'kind = "duckdb"\npath = "x.duckdb"', str(tmp_path / "out"))
    assert result.exit_code == 2
    assert '"duckdb"' in result.output
    assert not (tmp_path / "out").exists()
