import os
from pathlib import Path

import pytest

from inventory.load import load
from inventory.model import (
    Community,
    Credential,
    DuckdbStore,
    Host,
    InfluxStore,
    InterfaceFilter,
    Limits,
    Link,
    Secret,
    Site,
    Station,
    StdoutStore,
    UsmUser,
)
from tests.inventory.write import inventory, problems

WHOLE = """
[collector]
state_dir = "state"
deadline_s = "45s"
host_deadline_s = 20
concurrency = 100
interval_s = "1m"
intervals = { interface = "5m", device_info = "1d", cpu = 30 }
relearn_s = "12h"
plugin_folders = ["families"]
spool_max_bytes = "500MB"
spool_max_age_s = "3d"
max_series = 500
engine = "pysnmp"
log_format = "json"
ssh_sessions = 50
ssh_keep = true
known_hosts = "keys/known_hosts"

[store]
kind = "influxdb"
url = "https://influx.example:8086"
org = "province"
bucket = "network"
token = "env:TOKEN"
timeout_s = "5s"
batch_points = 1000

[credentials.lan]
snmp = { version = "2c", community = "env:SNMP_RO" }
[credentials.core.snmp]
version = "3"
user = "reader"
auth = "sha256"
auth_key = "file:auth.key"
priv = "aes128"
priv_key = "keyring:collector/reader"
context = "vlan-10"

[defaults]
credentials = ["core", "lan"]
limits = { sessions = 4, timeout_s = "1500ms" }

[sites.dc]
name = "Trung tâm dữ liệu"
commune = "Bắc Quỳnh"
district = "Bắc Sơn"
province = "Lạng Sơn"
lat = 21.85
lon = 106
population = 100_000

[hosts.r1]
address = "[2001:DB8:0::1]:1161"
site = "dc"
role = "wan-router"
family = "cisco-ios"
tags = ["ring-1"]
ping = false
limits = { retries = 0, packets_per_s = 20, max_pdu_bytes = 484 }
interfaces = { include = ["Tunnel*"], exclude = ["Vlan*"], default = false }
links."Gi0/0" = { contract_in_bps = "2M", contract_out_bps = 512_000, provider = "VNPT", kind = "copper", circuit_id = "7" }

[hosts.off]
address = "Switch-2.Example.:161"
enabled = false
credentials = []

[hosts.me]
transport = "local"

[[stations]]
id = "4G-1"
site = "dc"
technology = "4G"
operator = "Viettel"
uplink = "r1"
"""


def test_everything_that_can_be_written(tmp_path: Path) -> None:
    loaded = inventory(tmp_path, WHOLE)

    settings = loaded.settings
    assert settings.state_dir == str(tmp_path / "state")
    assert (settings.deadline_s, settings.host_deadline_s, settings.concurrency) == (45.0, 20.0, 100)
    assert (settings.interval_s, settings.relearn_s) == (60, 43_200)
    assert settings.intervals == {"interface": 300, "device_info": 86_400, "cpu": 30}
    assert settings.plugin_folders == (str(tmp_path / "families"),)
    assert (settings.spool_max_bytes, settings.spool_max_age_s, settings.max_series) == (500_000_000, 259_200, 500)
    assert (settings.engine, settings.log_format) == ("pysnmp", "json")
    assert (settings.ssh_sessions, settings.ssh_keep) == (50, True)
    assert settings.known_hosts == str(tmp_path / "keys" / "known_hosts")
    assert loaded.store == InfluxStore(
        url="https://influx.example:8086",
        org="province",
        bucket="network",
        token=Secret("env:TOKEN"),
        timeout_s=5.0,
        batch_points=1000,
    )
    core = Credential(
        name="core",
        snmp=UsmUser(
            user="reader",
            auth="sha256",
            auth_key=Secret(f"file:{tmp_path}/auth.key"),
            priv="aes128",
            priv_key=Secret("keyring:collector/reader"),
            context="vlan-10",
        ),
    )
    lan = Credential(name="lan", snmp=Community(version="2c", community=Secret("env:SNMP_RO")))
    assert loaded.credentials == {"lan": lan, "core": core}
    site = Site(
        id="dc",
        name="Trung tâm dữ liệu",
        kind="bts",
        commune="Bắc Quỳnh",
        district="Bắc Sơn",
        province="Lạng Sơn",
        lat=21.85,
        lon=106.0,
        population=100_000,
    )
    assert loaded.sites == {"dc": site}
    assert loaded.hosts["r1"] == Host(
        name="r1",
        address="2001:db8::1",
        snmp_port=1161,
        site=site,
        role="wan-router",
        credentials=(core, lan),
        family="cisco-ios",
        tags=("ring-1",),
        ping=False,
        limits=Limits(sessions=4, timeout_s=1.5, retries=0, packets_per_s=20.0, max_pdu_bytes=484),
        links=(
            Link(
                interface="Gi0/0",
                contract_in_bps=2_000_000,
                contract_out_bps=512_000,
                provider="VNPT",
                kind="copper",
                circuit_id="7",
            ),
        ),
        interfaces=InterfaceFilter(include=("Tunnel*",), exclude=("Vlan*",), default=False),
    )
    off = loaded.hosts["off"]
    assert (off.address, off.snmp_port, off.enabled, off.credentials) == ("switch-2.example.", 161, False, ())
    assert (loaded.hosts["me"].transport, loaded.hosts["me"].address) == ("local", "localhost")
    assert loaded.stations == (Station(id="4G-1", site="dc", technology="4G", operator="Viettel", uplink="r1"),)
    assert loaded.files == (str(tmp_path / "hosts.toml"),)


def test_plain_types_come_out(tmp_path: Path) -> None:
    """Readers' own number types stay inside: a store's client or a msgpack encoder need not know them."""
    loaded = inventory(tmp_path, WHOLE)
    limits, (link,) = loaded.hosts["r1"].limits, loaded.hosts["r1"].links
    numbers = [*map(type, (limits.timeout_s, link.contract_in_bps, loaded.settings.deadline_s))]
    assert numbers == [float, int, float]
    assert {type(every) for every in loaded.settings.intervals.values()} == {int}
    assert type(loaded.settings.spool_max_bytes) is int


def test_an_empty_file_is_an_inventory_with_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "xdg"))
    loaded = inventory(tmp_path, "")
    assert loaded.settings.state_dir == str(tmp_path / "xdg" / "collector")
    assert loaded.store == DuckdbStore(path=str(tmp_path / "xdg" / "collector" / "collector.duckdb"))
    assert not loaded.hosts


def test_state_dir_of_the_system_where_it_is_writable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: True)
    assert inventory(tmp_path, "").settings.state_dir == "/var/lib/collector"


def test_state_dir_without_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert inventory(tmp_path, "").settings.state_dir == str(tmp_path / ".local/state/collector")


def test_a_short_cycle_shortens_each_hosts_share(tmp_path: Path) -> None:
    assert inventory(tmp_path, "[collector]\ndeadline_s = 10").settings.host_deadline_s == 10.0


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        ('kind = "stdout"', StdoutStore()),
        ('kind = "stdout"\nformat = "json"', StdoutStore(format="json")),
        ('path = "/srv/c.duckdb"\nraw_days = 7', DuckdbStore(path="/srv/c.duckdb", raw_days=7)),
        (
            'kind = "influxdb"\nurl = "http://[::1]:8086"\ndatabase = "d"\nuser = "u"\npassword = "env:P"',
            InfluxStore(url="http://[::1]:8086", database="d", user="u", password=Secret("env:P")),
        ),
    ],
)
def test_stores(tmp_path: Path, store: str, expected: object) -> None:
    assert inventory(tmp_path, f"[store]\n{store}").store == expected


def test_includes_are_relative_to_the_file_that_includes(tmp_path: Path) -> None:
    (tmp_path / "north" / "bts").mkdir(parents=True)
    (tmp_path / "north" / "all.toml").write_text('include = ["bts/*.toml", "../sites.csv"]\n')
    (tmp_path / "north" / "bts" / "b.toml").write_text('[hosts.b]\naddress = "10.0.0.2"\nsite = "s"\n')
    (tmp_path / "north" / "bts" / "a.toml").write_text(
        '[credentials.x]\nsnmp = { version = "1", community = "file:key" }\n[hosts.a]\naddress = "10.0.0.1"\n'
    )
    loaded = inventory(tmp_path, 'include = ["north/all.toml", "sites.csv"]', sites_csv="id\ns\n")
    assert list(loaded.hosts) == ["a", "b"]
    assert loaded.hosts["b"].site == loaded.sites["s"]
    credential = loaded.credentials["x"].snmp
    assert isinstance(credential, Community)
    assert credential.community.reference == f"file:{tmp_path}/north/bts/key"


def test_an_absolute_include(tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("id\ns\n")
    assert "s" in inventory(tmp_path, f'include = ["{tmp_path}/*.csv"]').sites


def test_one_name_however_it_was_typed(tmp_path: Path) -> None:
    """Composed and decomposed letters look alike; two series of one district would not."""
    decomposed = (
        "[sites.la\u0323ng]\ndistrict = 'Ba\u0306\u0301c\u00a0Sơn'\n[hosts.a]\naddress = 'h'\nsite = 'l\u1ea1ng'\n"
    )
    site = inventory(tmp_path, decomposed.replace("la\u0323ng", '"la\u0323ng"')).hosts["a"].site
    assert site
    assert (site.id, site.district) == ("l\u1ea1ng", "B\u1eafc Sơn")


def test_two_agents_behind_one_address(tmp_path: Path) -> None:
    loaded = inventory(
        tmp_path,
        """
        [credentials]
        a.snmp = { version = "3", user = "u", context = "vlan-1" }
        b.snmp = { version = "3", user = "u", context = "vlan-2" }
        [hosts]
        a = { address = "10.0.0.1", credentials = ["a"] }
        b = { address = "10.0.0.1", credentials = ["b"] }
        """,
    )
    assert len(loaded.hosts) == 2


def test_limits_and_interfaces_over_the_defaults_key_by_key(tmp_path: Path) -> None:
    host = inventory(
        tmp_path,
        """
        [defaults]
        limits = { sessions = 1, timeout_s = 5 }
        interfaces = { exclude = ["a"], default = false }
        [hosts.r1]
        address = "h"
        limits = { sessions = 3 }
        interfaces = { include = ["b"] }
        """,
    ).hosts["r1"]
    assert (host.limits.sessions, host.limits.timeout_s) == (3, 5.0)
    assert host.interfaces == InterfaceFilter(include=("b",), exclude=("a",), default=False)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"none\.toml: cannot be read: No such file or directory$"):
        load(tmp_path / "none.toml")


def test_byte_order_mark_and_line_ends_of_windows(tmp_path: Path) -> None:
    (tmp_path / "hosts.toml").write_bytes(b'\xef\xbb\xbf[hosts.r1]\r\naddress = "10.0.0.1"\r\n')
    assert load(tmp_path / "hosts.toml").hosts["r1"].address == "10.0.0.1"


def test_a_host_twice_in_files_of_one_pattern(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("1", "2"):
        (tmp_path / "b" / f"{name}.csv").write_text("name,address\nr1,10.0.0.1\n")
    assert problems(tmp_path, 'include = ["b/*.csv"]') == ["b/2.csv:2: hosts.r1: is there twice, first in b/1.csv:2"]
