"""A cron poll of one host must not feel the inventory, a province's must not wait for it."""

import subprocess
import sys
import time
from pathlib import Path

from inventory.load import load
from tests.inventory.write import inventory, problems


def seconds(path: Path) -> float:
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        load(path)
        best = min(best, time.process_time() - began)
    return best


def test_a_province_loads_quickly(tmp_path: Path) -> None:
    hosts = "".join(
        f"ls-{n:04};10.{n >> 8}.{n & 255}.1;ls-{n % 1400:04};bts-uplink;lan;ring-{n % 9};2\n" for n in range(1600)
    )
    sites = "".join(f"ls-{n:04};Trạm {n};Bắc Sơn;Lạng Sơn;21,8{n:04};106,7{n:04};{n}\n" for n in range(1400))
    stations = "".join(
        f"{n % 4 + 2}G-{n:04};ls-{n % 1400:04};{n % 4 + 2}G;Viettel;ls-{n % 1600:04}\n" for n in range(3294)
    )
    loaded = inventory(
        tmp_path,
        'include = ["*.csv"]\n[credentials]\nlan.snmp = { version = "2c", community = "env:A" }\n',
        hosts_csv=f"name;address;site;role;credentials;tags;limits.sessions\n{hosts}",
        sites_csv=f"id;name;district;province;lat;lon;population\n{sites}",
        stations_csv=f"id;site;technology;operator;uplink\n{stations}",
    )
    assert (len(loaded.hosts), len(loaded.sites), len(loaded.stations)) == (1600, 1400, 3294)
    assert seconds(tmp_path / "hosts.toml") < 0.5


def test_a_province_of_mistakes_is_told_quickly(tmp_path: Path) -> None:
    hosts = "".join(f"ls-{n:04},10.{n >> 8}.{n & 255}.1,site-{n}\n" for n in range(1600))
    sites = "".join(f"site/{n}\n" for n in range(1400))
    began = time.process_time()
    said = problems(tmp_path, 'include = ["*.csv"]', hosts_csv=f"name,address,site\n{hosts}", sites_csv=f"id\n{sites}")
    assert len(said) == 1600
    assert time.process_time() - began < 3


def test_one_host_loads_in_milliseconds(tmp_path: Path) -> None:
    inventory(tmp_path, '[hosts.me]\ntransport = "local"\n')
    assert seconds(tmp_path / "hosts.toml") < 0.02


def test_the_loader_imports_little(tmp_path: Path) -> None:
    inventory(tmp_path, '[hosts.me]\ntransport = "local"\n')
    code = (
        "import pathlib, sys; from inventory.load import load; load(pathlib.Path(sys.argv[1]));"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "hosts.toml")], check=True, capture_output=True, text=True
    )
    heavy = {"csv", "difflib", "tomlkit", "keyring", "cryptography", "duckdb", "rich", "click"}
    assert heavy & set(ran.stdout.split()) == set()
