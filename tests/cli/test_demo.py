"""`collector demo`: what it makes of points, and the whole of it once."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from collector.cli.demo_view import Finding, findings
from collector.cli.main import cli
from collector.metrics.model import FieldValue, Point
from collector.simulator.province.files import write_province
from inventory.load import load
from inventory.model import Inventory

NOW_S = 1_780_000_000.0


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    return load(write_province(tmp_path_factory.mktemp("demo"), 1161, NOW_S))


def point(measurement: str, host: str, tags: dict[str, str] | None = None, **fields: FieldValue) -> Point:
    return Point(measurement, {"host": host, **(tags or {})}, fields, int(NOW_S * 1e9))


def found(inventory: Inventory, *points: Point) -> dict[str, Finding]:
    def latest(measurement: str) -> list[Point]:
        return [each for each in points if each.measurement == measurement]

    return {finding.title: finding for finding in findings(inventory, latest)}


def test_nothing_to_tell_of_nothing(inventory: Inventory) -> None:
    assert found(inventory) == {}


def test_a_saturated_line_comes_first(inventory: Inventory) -> None:
    uplink = "GigabitEthernet0/2/0"
    lines = found(
        inventory,
        point("interface", "bts-vu-le-1", {"name": uplink}, in_util_percent=40.0, out_util_percent=4.0, in_bps=2e7),
        point(
            "interface", "wan-binh-gia", {"name": "ether1"}, in_util_percent=30.0, out_util_percent=98.4, out_bps=1.97e6
        ),
        point("interface", "wan-binh-gia", {"name": "ether2"}, in_util_percent=99.0),
    )["The busiest lines"]
    assert lines.rows[0] == ("wan-binh-gia", "ether1", "2 Mbps", "", "1.97 Mbps", "98 %")
    assert [row[0] for row in lines.rows] == ["wan-binh-gia", "bts-vu-le-1"]
    assert lines.bad == {0}


def test_a_ups_on_battery_is_named(inventory: Inventory) -> None:
    tags = {"role": "power", "name": "Battery"}
    power = found(
        inventory,
        point("sensor", "ups-dc-1", {**tags, "class": "charge"}, value=75.0),
        point("sensor", "ups-dc-1", {**tags, "class": "runtime"}, value=2_700.0),
        point(
            "state", "ups-dc-1", {**tags, "name": "Output source", "class": "output-source"}, text="battery", ok=False
        ),
        point("sensor", "ups-dc-2", {**tags, "class": "charge"}, value=100.0),
    )["Power"]
    assert power.rows == [
        ("ups-dc-1", "Output source: battery", "75 %", "45 min"),
        ("ups-dc-2", "all is well", "100 %", ""),
    ]
    assert power.bad == {0}


def test_the_dead_and_what_depends_on_them(inventory: Inventory) -> None:
    tables = found(
        inventory,
        point("device", "bts-huu-kien-1", up=False, error="no answer"),
        point("device", "bts-huu-kien-2", up=True),
        point("device", "bts-vu-le-1", up=True),
    )
    assert tables["Hosts that are down"].rows == [("bts-huu-kien-1", "BTS Hữu Kiên 1", "no answer")]
    assert tables["Communes with a single live BTS"].rows == [("Hữu Kiên", "Chi Lăng", "1 of 2", "bts-huu-kien-2")]


def test_the_ring_and_the_disks(inventory: Inventory) -> None:
    tables = found(
        inventory,
        point("interface", "ring-binh-gia", {"name": "XGigabitEthernet0/0/1"}, oper_status="down", in_bps=0.0),
        point("interface", "ring-binh-gia", {"name": "XGigabitEthernet0/0/2"}, oper_status="up", in_bps=1e9),
        point("interface", "ring-binh-gia", {"name": "GigabitEthernet0/0/1"}, oper_status="up"),
        point("neighbour", "ring-binh-gia", {"name": "XGigabitEthernet0/0/2"}, remote_host="ring-van-quan"),
        point("storage", "srv-backup-1", {"name": "/srv/backup"}, used_percent=97.0, total_bytes=7 << 40),
        point("storage", "srv-backup-1", {"name": "/"}, used_percent=33.0, total_bytes=1 << 40),
    )
    assert [row[2:4] for row in tables["Fibre ring"].rows] == [("down", "nobody"), ("up", "ring-van-quan")]
    assert tables["Fibre ring"].bad == {0}
    assert tables["Disks nearly full"].rows == [("srv-backup-1", "/srv/backup", "7.0 TiB", "97.0 %")]


def test_what_is_asked_by_ssh_alone(inventory: Inventory) -> None:
    rows = found(
        inventory,
        point("device_info", "wan-tan-thanh", vendor="Cisco", model="ISR4331/K9", os="IOS-XE"),
        point("interface", "wan-tan-thanh", {"name": "Gi0/0/0"}, oper_status="up", in_bps=1e6, out_bps=1.2e7),
        point("interface", "wan-tan-thanh", {"name": "Gi0/0/2"}, oper_status="down"),
        point("cpu", "wan-tan-thanh", {"name": "0"}, usage_percent=12.4),
        point("interface", "wan-binh-gia", {"name": "ether1"}, oper_status="up", in_bps=1e6),
    )["Asked by SSH, without SNMP"].rows
    assert rows == [("wan-tan-thanh", "Cisco ISR4331/K9 IOS-XE", "12 %", "1 of 2", "12 Mbps")]


def test_it_spares_an_inventory_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").write_text("# mine\n")
    result = CliRunner().invoke(cli, ["demo", str(tmp_path)])
    assert result.exit_code == 2
    assert "not the demo's" in result.output
    assert (tmp_path / "hosts.toml").read_text() == "# mine\n"


def test_the_whole_of_it(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "collector.cli.main",
        "demo",
        str(tmp_path / "demo"),
        "--cycles",
        "1",
        "--no-history",
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert result.returncode == 0, result.stderr
    for expected in (
        "61 hosts",
        "Cisco ISR4331/K9",
        "bts-huu-kien-1",
        "Output source: battery",
        "/srv/backup",
        "Hữu Kiên",
        "This machine",
    ):
        assert expected in result.stdout, result.stdout
    assert "Traceback" not in result.stderr
    assert "leaked" not in result.stderr
