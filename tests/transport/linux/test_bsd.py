"""The BSDs, of what their programs print; the script runs for real, among programs that print it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.plugin.model import Row
from collector.transport.linux import bsd, bsd_net, bsd_sensors
from tests.transport.linux import bsd_outputs as outputs
from tests.transport.linux.machine import ALL, CYCLE, SHELLS, fields, programs, read, say
from tests.transport.linux.test_batch import of_the_catalogue

NOW = {"date": "echo 1795303600", "ps": "printf '%5d\\n' 1 22 333"}
FREEBSD = {
    "uname": "echo FreeBSD",
    "sysctl": say(outputs.FREEBSD_SYSCTL),
    "netstat": f'case "$*" in -ibdnW) {say(outputs.FREEBSD_NETSTAT)}\n;; *) exit 1 ;; esac',
    "ifconfig": say(outputs.FREEBSD_IFCONFIG),
    "df": say(outputs.FREEBSD_DF),
    "swapinfo": say(outputs.FREEBSD_SWAP),
    "kenv": 'case $1 in *maker) echo "Dell Inc." ;; *product) echo "PowerEdge R240" ;; *serial) echo ABC1234 ;; esac',
    **NOW,
}
OPENBSD = {
    "uname": "echo OpenBSD",
    "sysctl": say(outputs.OPENBSD_SYSCTL),
    "netstat": f'case "$*" in -in) {say(outputs.OPENBSD_NETSTAT)}\n;; -ibn) {say(outputs.OPENBSD_NETSTAT_BYTES)}\n;; esac',
    "ifconfig": say(outputs.OPENBSD_IFCONFIG),
    "vmstat": say(outputs.OPENBSD_VMSTAT),
    "swapctl": say(outputs.OPENBSD_SWAP),
    "df": say(outputs.OPENBSD_DF),
    **NOW,
}
NETBSD = {
    "uname": "echo NetBSD",
    "sysctl": say(outputs.NETBSD_SYSCTL),
    "netstat": f'case "$*" in -in) {say(outputs.NETBSD_NETSTAT)}\n;; -ibn) {say(outputs.NETBSD_NETSTAT_BYTES)}\n;; esac',
    "ifconfig": say(outputs.NETBSD_IFCONFIG),
    "vmstat": say(outputs.NETBSD_VMSTAT),
    "swapctl": "echo 'no swap devices configured'",
    "df": say(outputs.OPENBSD_DF),
    **NOW,
}
GIB = 1 << 30
PAGE = 4096


@pytest.mark.parametrize("shell", SHELLS)
def test_freebsd(tmp_path: Path, shell: str) -> None:
    stubs = programs(tmp_path / "bin", FREEBSD)
    first = read(tmp_path, stubs, ALL, shell)
    assert (first.os, first.problems) == ("FreeBSD", [])
    assert of_the_catalogue(first)
    assert first.uptime_ticks == 360_000
    assert first.cpu_ticks == {"cpu0": [1550, 50000], "cpu1": [3050, 50000]}
    memory = fields(first, "memory")
    used = 8 * GIB - 1_250_000 * PAGE - GIB
    assert memory["Physical memory"] == {
        "total_bytes": 8 * GIB,
        "used_bytes": used,
        "free_bytes": 8 * GIB - used,
    }
    assert memory["Cache"]["used_bytes"] == GIB
    assert memory["Buffers"]["used_bytes"] == 100 << 20
    assert memory["Swap space"] == {"total_bytes": 4 * GIB, "used_bytes": GIB // 2, "free_bytes": 7 * GIB // 2}
    assert fields(first, "system") == {"": {"load_1m": 0.27, "load_5m": 0.32, "load_15m": 0.3, "processes": 3}}
    assert fields(first, "storage").keys() == {"/", "/data disk"}
    assert {name: row["value"] for name, row in fields(first, "sensor").items()} == {
        "cpu0": 45.0,
        "cpu1": 46.0,
        "tz0": 27.9,
    }
    assert fields(first, "device_info")[""] == {
        "vendor": "Dell Inc.",
        "model": "PowerEdge R240",
        "serial": "ABC1234",
        "os": "FreeBSD",
        "os_version": "14.1-RELEASE-p5",
        "sys_name": "fw1.example.net",
        "sys_descr": "FreeBSD fw1.example.net 14.1-RELEASE-p5 amd64",
    }


def test_interfaces_of_freebsd(tmp_path: Path) -> None:
    snapshot = read(tmp_path, programs(tmp_path / "bin", FREEBSD), ALL)
    found = fields(snapshot, "interface")
    assert found["em0"] == {
        "index": 1,
        "admin_status": "up",
        "oper_status": "up",
        "speed_bps": 1_000_000_000,
        "duplex": "full",
        "in_unicast_pkts": 48292011,
        "in_errors": 3,
        "in_discards": 7,
        "in_octets": 6543210987,
        "out_unicast_pkts": 9876543,
        "out_errors": 1,
        "out_octets": 1234567890,
        "out_discards": 2,
    }
    assert (found["igb1"]["admin_status"], found["igb1"]["oper_status"]) == ("down", "down")
    assert found["lo0"]["in_octets"] == 24000000
    assert found["vlan_management"]["speed_bps"] == 10_000_000_000
    assert (found["tun_wg0"]["oper_status"], found["tun_wg0"]["out_errors"]) == ("up", 4)
    info = fields(snapshot, "interface_info")
    assert info["em0"] == {
        "if_name": "em0",
        "index": 1,
        "mtu": 1500,
        "mac": "52:54:00:12:34:56",
        "alias": "uplink to core: port 7",
        "type": "ethernetCsmacd",
    }
    assert {name: one["type"] for name, one in info.items()} == {
        "em0": "ethernetCsmacd",
        "igb1": "ethernetCsmacd",
        "lo0": "softwareLoopback",
        "vlan_management": "l2vlan",
        "tun_wg0": "tunnel",
    }


def test_processors_of_freebsd_from_the_second_reading_on(tmp_path: Path) -> None:
    stubs = programs(tmp_path / "bin", FREEBSD)
    before = {"cpu0": [1500, 49900], "cpu1": [3050, 49900]}
    snapshot = read(tmp_path, stubs, CYCLE, previous=before)
    assert fields(snapshot, "cpu") == {"cpu0": {"usage_percent": 50.0}, "cpu1": {"usage_percent": 0.0}}
    assert not {"device_info", "interface_info"} & {row.measurement for row in snapshot.rows}


def test_a_netstat_that_does_not_know_wide_output(tmp_path: Path) -> None:
    narrow = f'case "$*" in -ibdn) {say(outputs.FREEBSD_NETSTAT)}\n;; *) echo usage >&2; exit 1 ;; esac'
    stubs = programs(tmp_path / "bin", {**FREEBSD, "uname": "echo DragonFly", "netstat": narrow})
    assert fields(read(tmp_path, stubs, CYCLE), "interface")["em0"]["in_octets"] == 6543210987


@pytest.mark.parametrize("shell", SHELLS)
def test_openbsd(tmp_path: Path, shell: str) -> None:
    snapshot = read(tmp_path, programs(tmp_path / "bin", OPENBSD), ALL, shell)
    assert (snapshot.os, snapshot.problems) == ("OpenBSD", [])
    assert of_the_catalogue(snapshot)
    assert snapshot.uptime_ticks == 360_000
    assert snapshot.cpu_ticks == {"cpu": [1700, 10000]}
    assert fields(snapshot, "memory") == {
        "Physical memory": {
            "total_bytes": 2_000_000 * PAGE,
            "used_bytes": 600_000 * PAGE,
            "free_bytes": 1_400_000 * PAGE,
        },
        "Swap space": {"total_bytes": 512 << 20, "used_bytes": 16 << 20, "free_bytes": 496 << 20},
    }
    assert fields(snapshot, "storage").keys() == {"/"}
    assert fields(snapshot, "device_info")[""]["model"] == "Super Server"
    assert "serial" not in fields(snapshot, "device_info")[""]  # 0123456789 is a maker's placeholder
    found = fields(snapshot, "interface")
    assert found["em0"] == {
        "index": 1,
        "admin_status": "up",
        "oper_status": "up",
        "speed_bps": 1_000_000_000,
        "duplex": "full",
        "in_unicast_pkts": 12345678,
        "in_errors": 5,
        "out_unicast_pkts": 8765432,
        "out_errors": 6,
        "in_octets": 9876543210,
        "out_octets": 1234567890,
    }
    assert found["lo0"]["in_octets"] == 50000
    # netstat cuts names off after seven letters: carp_la can be but one, vlan100 either of two
    assert found["carp_lan0"]["in_octets"] == 700
    assert found["carp_lan0"]["oper_status"] == "dormant"
    assert "in_unicast_pkts" not in found["vlan1001"] | found["vlan1002"]
    assert (found["vlan1002"]["oper_status"], found["vlan1002"]["duplex"]) == ("down", "half")
    assert fields(snapshot, "interface_info")["vlan1001"]["type"] == "l2vlan"


def test_sensors_of_openbsd(tmp_path: Path) -> None:
    rows = bsd_sensors.sensor_rows(bsd.values(outputs.OPENBSD_SYSCTL))
    assert {(row.tags["name"], row.tags["class"]): row.fields["value"] for row in rows if "value" in row.fields} == {
        ("cpu0 temp0", "temperature"): 45.0,
        ("cpu0 frequency0", "frequency"): 2.4e9,
        ("acpitz0 zone temperature", "temperature"): 27.8,
        ("it0 fan0", "fan"): 1200.0,
        ("it0 VCORE_A", "voltage"): 1.23,
        ("acpibat0 remaining capacity", "energy"): 0.03848,
        ("upd0 RemainingCapacity", "percent"): 100.0,
        ("itherm0 humidity0", "humidity"): 41.0,
        ("nmea0 GPS autonomous", "delay"): -0.004,
    }
    states = {
        (row.tags["name"], row.tags["class"]): (row.fields["text"], row.fields["ok"])
        for row in rows
        if "text" in row.fields
    }
    assert states["softraid0 sd2", "drive"] == ("online", True)
    assert states["mfi0 sd3", "drive"] == ("degraded", False)
    assert states["mfi0 sd4", "drive"] == ("powering-up", True)
    assert states["upd0 ACPresent", "status"] == ("critical", False)
    assert states["acpibat0 battery discharging", "status"] == ("ok", True)


def test_netbsd(tmp_path: Path) -> None:
    snapshot = read(tmp_path, programs(tmp_path / "bin", NETBSD), ALL)
    assert (snapshot.os, snapshot.problems) == ("NetBSD", [])
    assert of_the_catalogue(snapshot)
    assert snapshot.uptime_ticks == 360_000
    assert snapshot.cpu_ticks == {"cpu": [1600, 10000]}
    memory = fields(snapshot, "memory")
    assert memory.keys() == {"Physical memory", "Cache"}
    assert memory["Physical memory"]["used_bytes"] == 350_000 * PAGE
    assert fields(snapshot, "system")[""]["load_15m"] == 0.33
    found = fields(snapshot, "interface")
    assert (found["wm0"]["in_octets"], found["wm0"]["out_errors"]) == (987654321, 2)
    assert fields(snapshot, "interface_info")["wm0"]["mac"] == "08:00:27:aa:bb:cc"
    assert fields(snapshot, "device_info")[""]["serial"] == "5C7123456X"


@pytest.mark.parametrize(
    "text",
    ["1795300000", "{ sec = 1795300000, usec = 1 } Sat", "Sat Nov 21 22:26:40 2026", "Sat Nov  21 22:26:40 2026"],
)
def test_uptime(text: str) -> None:
    assert bsd.uptime_s({"kern.boottime": text}, "1795303600\n") == 3600.0
    assert bsd.uptime_s({"kern.boottime": text}, "1795200000\n") == 0.0
    assert bsd.uptime_s({"kern.boottime": text}, "soon") is None


def test_uptime_that_is_not_told() -> None:
    assert bsd.uptime_s({}, "1795303600") is None
    assert bsd.uptime_s({"kern.boottime": "yesterday"}, "1795303600") is None


SAMPLES = [value for name, value in vars(outputs).items() if name.isupper()]


@given(
    whole=st.sampled_from(SAMPLES),
    start=st.integers(0, 2000),
    length=st.integers(0, 800),
    noise=st.text("0123456789 :=.<>()#%\n\t-x²", max_size=80),
)
def test_no_text_makes_a_parser_raise(whole: str, start: int, length: int, noise: str) -> None:
    text = whole[:start] + noise + whole[start : start + length]
    values = bsd.values(text)
    rows: list[Row] = [
        *bsd.memory_rows(values, text, text),
        *bsd.memory_rows(values, "", text),
        *bsd.system_rows(values, text),
        *bsd_sensors.sensor_rows(values),
        *bsd_net.interface_rows((text, whole), bsd_net.interfaces(text)),
        bsd.device_info_row(values, {"maker": text}),
    ]
    assert all(isinstance(row.fields, dict) for row in rows)
    assert bsd.cpu_ticks(values, "FreeBSD") is not None
    bsd.uptime_s({"kern.boottime": text[:40]}, text[:12])
