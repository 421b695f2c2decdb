"""A machine made of files, and the one that the tests run on."""

import os
import sys
from pathlib import Path

import pytest

from collector.metrics.catalogue import MEASUREMENTS
from collector.transport import local
from tests.transport.linux.test_parsers import DISKSTATS, LATER, MEMINFO, MOUNTS, NET_DEV, STAT

FILES = {
    "proc/stat": STAT,
    "proc/meminfo": MEMINFO,
    "proc/uptime": "4513.39 8000.00\n",
    "proc/loadavg": "0.10 0.20 0.30 1/300 99\n",
    "proc/net/dev": NET_DEV,
    "proc/diskstats": DISKSTATS,
    "proc/mounts": MOUNTS,
    "proc/1/comm": "init\n",
    "proc/22/comm": "sshd\n",
    "proc/sys/kernel/hostname": "box\n",
    "etc/os-release": "NAME=Debian\nVERSION_ID=12\n",
    "sys/class/net/lo/flags": "0x9\n",
    "sys/class/net/lo/type": "772\n",
    "sys/class/hwmon/hwmon0/name": "k10temp\n",
    "sys/class/hwmon/hwmon0/temp1_input": "50000\n",
    "sys/class/hwmon/hwmon0/uevent": "noise\n",
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "40000\n",
    "sys/class/thermal/cooling_device0/type": "fan\n",
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def statvfs(path: Path) -> os.statvfs_result:
    if path.name == "gone":
        raise FileNotFoundError(path)
    return os.statvfs_result((512, 4096, 1000, 400, 300, 0, 0, 0, 0, 255))


def test_a_whole_machine(machine: Path) -> None:
    rows, state = local.read({}, machine, statvfs)
    assert state == {"cpu0": [250, 1000], "cpu1": [150, 1000]}
    told = {(row.measurement, row.tags.get("name", "")) for row in rows}
    assert told == {
        ("device", ""),
        ("device_info", ""),
        *(("memory", name) for name in ("Physical memory", "Buffers", "Cache", "Shared memory", "Swap space")),
        ("system", ""),
        *((kind, name) for kind in ("interface", "interface_info") for name in ("lo", "eth0:1")),
        *(("disk_io", name) for name in ("sda", "nvme0n1", "dm-0", "md127")),
        *(("storage", name) for name in ("/", "/data/with space")),
        ("sensor", "k10temp temp1"),
        ("sensor", "cpu-thermal"),
    }
    fields = {(row.measurement, row.tags.get("name", "")): row.fields for row in rows}
    assert fields["device", ""] == {"uptime_s": 4513.39}
    assert fields["system", ""]["processes"] == 2
    assert fields["storage", "/"]["used_bytes"] == 600 * 4096
    assert local.uptime_ticks(machine) == 451_339


def test_processors_from_the_second_reading_on(machine: Path) -> None:
    _, state = local.read({}, machine, statvfs)
    (machine / "proc/stat").write_text(LATER)
    rows, _ = local.read(state, machine, statvfs, with_info=False)
    assert {row.tags["name"]: row.fields["usage_percent"] for row in rows if row.measurement == "cpu"} == {
        "cpu0": 50.0,
        "cpu1": 0.0,
    }
    assert not {"device_info", "interface_info"} & {row.measurement for row in rows}


def test_a_machine_that_tells_nothing(tmp_path: Path) -> None:
    rows, state = local.read({}, tmp_path, statvfs)
    assert [(row.measurement, row.fields) for row in rows] == [("device_info", {})]
    assert state == {}
    assert local.uptime_ticks(tmp_path) is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_machine_that_this_runs_on() -> None:
    rows, _ = local.read({})
    told = {row.measurement for row in rows}
    assert {"device", "device_info", "memory", "system", "interface", "interface_info"} <= told
    for row in rows:
        measurement = MEASUREMENTS[row.measurement]
        assert row.tags.keys() == set(measurement.tags) - {"family"}
        assert row.fields.keys() <= {field.name for field in measurement.fields}
