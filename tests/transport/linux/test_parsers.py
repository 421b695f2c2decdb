"""The parsers on text as kernels write it, and on text that none would."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.plugin.model import Row
from collector.transport.linux import proc, sysfs


def by_name(rows: list[Row], measurement: str) -> dict[str, dict[str, object]]:
    return {row.tags.get("name", ""): dict(row.fields) for row in rows if row.measurement == measurement}


STAT = """cpu  300 0 100 1600 0 0 0 0 0 0
cpu0 200 0 50 750 0 0 0 0 0 0
cpu1 100 0 50 750 100 0 0 0 0 0
intr 278850 0
btime 1795309579
"""
LATER = """cpu0 290 0 60 850 0 0 0 0 40 0
cpu1 100 0 50 800 150 0 0 0 0 0
"""


def test_processors_are_busy_when_neither_idle_nor_waiting() -> None:
    before, now = proc.cpu_ticks(STAT), proc.cpu_ticks(LATER)
    assert before == {"cpu0": [250, 1000], "cpu1": [150, 1000]}
    assert by_name(proc.cpu_rows(before, now), "cpu") == {
        "cpu0": {"usage_percent": 50.0},
        "cpu1": {"usage_percent": 0.0},
    }


def test_processors_have_no_usage_at_first_after_a_restart_and_in_no_time() -> None:
    now = proc.cpu_ticks(STAT)
    assert proc.cpu_rows({}, now) == []
    assert proc.cpu_rows(proc.cpu_ticks(LATER), now) == []
    assert proc.cpu_rows(now, now) == []


MEMINFO = """MemTotal:        1000 kB
MemFree:          100 kB
MemAvailable:     600 kB
Buffers:           50 kB
Cached:           400 kB
SReclaimable:     100 kB
Shmem:             30 kB
SwapTotal:        200 kB
SwapFree:         150 kB
"""


def test_memory_is_used_by_what_cannot_be_had() -> None:
    rows = proc.memory_rows(MEMINFO)
    assert {(row.tags["name"], row.tags["kind"]): row.fields["used_bytes"] for row in rows} == {
        ("Physical memory", "physical"): 400 * 1024,
        ("Buffers", "buffers"): 50 * 1024,
        ("Cache", "cached"): 470 * 1024,
        ("Shared memory", "shared"): 30 * 1024,
        ("Swap space", "swap"): 50 * 1024,
    }


def test_memory_of_a_kernel_without_an_estimate_and_without_swap() -> None:
    text = MEMINFO.replace("MemAvailable", "Other").replace("SwapTotal:        200", "SwapTotal:        0")
    rows = by_name(proc.memory_rows(text), "memory")
    assert rows["Physical memory"] == {
        "total_bytes": 1000 * 1024,
        "used_bytes": (1000 - 100 - 50 - 470) * 1024,
        "free_bytes": (100 + 50 + 470) * 1024,
    }
    assert "Swap space" not in rows


def test_load() -> None:
    (row,) = proc.system_rows("0.10 1.20 12.00 2/345 6789\n", 81)
    assert row.fields == {"load_1m": 0.1, "load_5m": 1.2, "load_15m": 12.0, "processes": 81}
    assert proc.system_rows("", None) == []


NET_DEV = """Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 2706414    2797    0    0    0     0          0         0  2706414    2797    0    0    0     0       0          0
eth0:1:18446744073709551615 5950 1 2 0 0 0 50 286277 2637 3 4 0 0 0 0
"""


def test_interface_counters_also_where_the_name_has_a_colon_and_no_space_follows() -> None:
    counters = proc.interface_counters(NET_DEV)
    assert counters["eth0:1"] == {
        "in_octets": 2**64 - 1,
        "in_unicast_pkts": 5900,
        "in_multicast_pkts": 50,
        "in_errors": 1,
        "in_discards": 2,
        "out_octets": 286277,
        "out_unicast_pkts": 2637,
        "out_errors": 3,
        "out_discards": 4,
    }
    assert set(counters) == {"lo", "eth0:1"}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"ifindex": "2\n", "flags": "0x1003\n", "operstate": "up\n", "speed": "10000\n", "duplex": "full\n"},
            {"index": 2, "admin_status": "up", "oper_status": "up", "speed_bps": 10_000_000_000, "duplex": "full"},
        ),
        (
            {"flags": "0x1002\n", "operstate": "lowerlayerdown\n", "speed": "-1\n", "duplex": "unknown\n"},
            {"admin_status": "down", "oper_status": "lower-layer-down"},
        ),
        ({"flags": "0x9\n", "operstate": "unknown\n", "carrier": "1\n"}, {"admin_status": "up", "oper_status": "up"}),
        ({"operstate": "unknown\n", "carrier": ""}, {"oper_status": "unknown"}),
        ({"operstate": "sideways\n", "flags": "?"}, {}),
        ({}, {}),
    ],
)
def test_interface_states(files: dict[str, str], expected: dict[str, object]) -> None:
    (row,) = sysfs.interface_rows({"eth0": {}}, {"eth0": files}, with_info=False)
    assert row.fields == expected


def test_interface_info() -> None:
    files = {"ifindex": "2", "mtu": "1500", "address": "02:fc:00:00:00:01", "ifalias": "to Hà Nội\n", "type": "1"}
    rows = sysfs.interface_rows(
        {"eth0": {}, "lo": {}, "br0": {}},
        {"eth0": files, "lo": {"address": "00:00:00:00:00:00", "type": "772"}, "br0": {"type": "1"}},
        {"br0": "bridge"},
    )
    assert by_name(rows, "interface_info") == {
        "eth0": {
            "if_name": "eth0",
            "index": 2,
            "mtu": 1500,
            "mac": "02:fc:00:00:00:01",
            "alias": "to Hà Nội",
            "type": "ethernetCsmacd",
        },
        "lo": {"if_name": "lo", "type": "softwareLoopback"},
        "br0": {"if_name": "br0", "type": "bridge"},
    }


DISKSTATS = """   7       0 loop0 10 0 10 0 0 0 0 0 0 0 0
   8       0 sda 100 5 2048 30 200 6 4096 60 0 70 90
   8       1 sda1 90 5 2000 30 190 6 4000 60 0 70 90
 259       0 nvme0n1 1 0 8 0 2 0 16 0 0 0 0 0 0 0 0
 259       1 nvme0n1p1 1 0 8 0 2 0 16 0 0 0 0
 253       0 dm-0 3 0 24 0 4 0 32 0 0 0 0
   9       0 md127 5 0 8 0 6 0 8 0 0 0 0
"""


def test_traffic_of_whole_disks() -> None:
    rows = by_name(proc.disk_io_rows(DISKSTATS), "disk_io")
    assert set(rows) == {"sda", "nvme0n1", "dm-0", "md127"}
    assert rows["sda"] == {"read_bytes": 1 << 20, "written_bytes": 1 << 21, "reads": 100, "writes": 200}


MOUNTS = r"""proc /proc proc rw 0 0
/dev/sda1 / ext4 rw 0 0
/dev/sda1 /var/lib/bind ext4 rw 0 0
tmpfs /run tmpfs rw 0 0
/dev/sdb1 /data/with\040space xfs rw 0 0
/dev/loop3 /snap/core/1 squashfs ro 0 0
server:/export /mnt nfs4 rw 0 0
/dev/sdc1 /gone ext4 rw 0 0
"""


DF = """Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/sda1             1000      600       200      75% /
/dev/sdb1                0        0         0       - /data/with space  and more
tank/home             1000      100       900      10% /home
/dev/da0p2            1000     1050       -50     105% /full
map auto_home            0        0         0     100% /auto
devfs                    1        1         0     100% /dev
/usr/ports            1000      600       200      75% /jail/ports
df: /gone: No such file or directory
"""


def test_file_systems_with_devices_of_their_own() -> None:
    rows = by_name(proc.storage_rows(DF), "storage")
    assert rows == {
        "/": {"total_bytes": 1024000, "used_bytes": 614400, "free_bytes": 204800, "used_percent": 75.0},
        "/data/with space  and more": {"total_bytes": 0, "used_bytes": 0, "free_bytes": 0},
        "/home": {"total_bytes": 1024000, "used_bytes": 102400, "free_bytes": 921600, "used_percent": 10.0},
        "/full": {"total_bytes": 1024000, "used_bytes": 1075200, "free_bytes": 0, "used_percent": 100.0},
    }


HWMON = {
    "hwmon0/name": "coretemp\n",
    "hwmon0/temp1_input": "45000\n",
    "hwmon0/temp1_label": "Package id 0\n",
    "hwmon0/temp2_input": "-5500\n",
    "hwmon0/temp3_input": "127000\n",
    "hwmon0/temp3_fault": "1\n",
    "hwmon1/name": "acpitz\n",
    "hwmon1/fan1_input": "1200\n",
    "hwmon1/in0_input": "12040\n",
    "hwmon1/power1_average": "90000000\n",
    "hwmon1/curr1_input": "no\n",
}
THERMAL = {"thermal_zone0/type": "acpitz\n", "thermal_zone0/temp": "27800\n", "thermal_zone1/type": "soc-thermal\n", "thermal_zone1/temp": "61234\n"}  # fmt: skip


def test_sensors() -> None:
    rows = sysfs.sensor_rows(HWMON, THERMAL)
    assert {(row.tags["name"], row.tags["class"]): row.fields["value"] for row in rows} == {
        ("coretemp Package id 0", "temperature"): 45.0,
        ("coretemp temp2", "temperature"): -5.5,
        ("acpitz fan1", "fan"): 1200.0,
        ("acpitz in0", "voltage"): 12.04,
        ("acpitz power1", "power"): 90.0,
        ("soc-thermal", "temperature"): 61.234,
    }


def test_what_the_machine_is() -> None:
    row = sysfs.device_info_row(
        'NAME="Debian GNU/Linux"\nVERSION_ID="12"\n# no\n',
        {"sys_vendor": "Dell Inc.\n", "product_name": "PowerEdge R640\n", "product_serial": "To Be Filled By O.E.M.\n"},
        {"hostname": "db1\n", "ostype": "Linux\n", "osrelease": "6.1.0-18-amd64\n", "version": "#1 SMP\n"},
    )
    assert row.fields == {
        "vendor": "Dell Inc.",
        "model": "PowerEdge R640",
        "os": "Debian GNU/Linux",
        "os_version": "12",
        "sys_name": "db1",
        "sys_descr": "Linux db1 6.1.0-18-amd64 #1 SMP",
    }
    board = sysfs.device_info_row("", {}, {}, "Raspberry Pi 4 Model B Rev 1.4\0")
    assert board.fields == {"model": "Raspberry Pi 4 Model B Rev 1.4"}


@pytest.mark.parametrize(
    "parse",
    [
        proc.uptime_s,
        proc.cpu_ticks,
        proc.memory_rows,
        lambda text: proc.system_rows(text, 1),
        proc.interface_counters,
        proc.disk_io_rows,
        proc.storage_rows,
        lambda text: sysfs.device_info_row(text, {"sys_vendor": text}, {"hostname": text}, text),
        lambda text: sysfs.interface_rows(
            {"x": {}}, {"x": {"ifindex": text, "flags": text, "speed": text, "mtu": text, "type": text}}
        ),
        lambda text: sysfs.sensor_rows({"hwmon0/temp1_input": text, "hwmon0/name": text}, {"thermal_zone0/temp": text}),
    ],
)
@given(
    text=st.one_of(
        st.text(max_size=200),
        st.text("cpu0123456789 :kBMemTotal/dev\n-.\\²", max_size=200),
        st.sampled_from((STAT, MEMINFO, NET_DEV, DISKSTATS, DF)).flatmap(
            lambda whole: st.integers(0, len(whole)).map(lambda end: whole[:end])
        ),
    )
)
def test_no_text_makes_a_parser_raise(parse: Callable[[str], object], text: str) -> None:
    parse(text)
