"""What the mix-ins make of agents that follow their MIBs each in its own way."""

import pytest

from collector.plugin.registry import Registry
from collector.smi.value import Value
from tests.plugin.families import rows_of, said

REGISTRY = Registry.open()
HR_STORAGE = "1.3.6.1.2.1.25.2.3.1"
UPS = "1.3.6.1.2.1.33.1"


def storage(descr: str, kind: int, total: int = 1000, used: int = 100) -> dict[str, Value]:
    """A device with one row of hrStorageTable, in units of 4 KiB; `kind` is the last arc of its type."""
    return {
        f"{HR_STORAGE}.2.1": f"1.3.6.1.2.1.25.2.1.{kind}",
        f"{HR_STORAGE}.3.1": descr.encode(),
        f"{HR_STORAGE}.4.1": 4096,
        f"{HR_STORAGE}.5.1": total,
        f"{HR_STORAGE}.6.1": used,
    }


@pytest.mark.parametrize(
    ("descr", "kind", "measurement", "shown"),
    [
        ("/", 4, "storage", "disk"),
        ("/run", 4, "storage", "disk"),
        ("/dev/shm", 4, "storage", "disk"),
        ("/dev/ad0s1a: root file system, mounted on: /", 4, "storage", "disk"),
        ("C:\\ Label:System  Serial Number 1848504c", 4, "storage", "disk"),
        ("Software Packet Buffers", 1, "storage", "other"),
        ("Physical memory", 2, "memory", "physical"),
        ("RAM", 2, "memory", "physical"),
        ("RAM (Buffers)", 2, "memory", "buffers"),
        ("RAM (Cache)", 2, "memory", "cached"),
        ("Memory buffers", 1, "memory", "buffers"),
        ("Cached memory", 1, "memory", "cached"),
        ("Shared virtual memory", 3, "memory", "shared"),
        ("Swap space", 3, "memory", "swap"),
        ("/dev/hd6", 3, "memory", "virtual"),
    ],
)
def test_storage_is_told_from_memory(descr: str, kind: int, measurement: str, shown: str) -> None:
    (row,) = rows_of(REGISTRY.family("generic"), storage(descr, kind))
    assert (row.measurement, row.tags) == (measurement, {"name": descr, "kind": shown})


@pytest.mark.parametrize(
    "descr",
    [
        "/proc",
        "/sys/fs/cgroup",
        "/dev",
        "/dev/pts",
        "/run/user/0",
        "devfs: dev file system, mounted on: /dev",
        "procfs",
    ],
)
@pytest.mark.parametrize("kind", [3, 4])
def test_what_a_kernel_shows_as_files_is_no_storage(descr: str, kind: int) -> None:
    assert rows_of(REGISTRY.family("generic"), storage(descr, kind)) == []


def test_cache_is_not_memory_in_use_whatever_the_agent_calls_it() -> None:
    device: dict[str, Value] = {}
    for index, (name, used) in enumerate({"RAM": 800, "RAM (Buffers)": 100, "RAM (Cache)": 500}.items(), 1):
        device |= {oid[:-1] + str(index): value for oid, value in storage(name, 2, used=used).items()}
    used_bytes = {row.tags["name"]: row.fields["used_bytes"] for row in rows_of(REGISTRY.family("generic"), device)}
    assert used_bytes["RAM"] == 200 * 4096


@pytest.mark.parametrize(
    ("if_speed", "high_speed", "expected"),
    [
        (512_000, 0, 512_000),
        (1_000_000_000, 1000, 1_000_000_000),
        (4_294_967_295, 100_000, 100_000_000_000),
        (4_294_967_294, 8000, 8_000_000_000),
        (0, 0, None),
        (0, 100_000_000, 100_000_000),
        (0, 4_294_901_759, None),
    ],
)
def test_the_speed_is_of_the_column_that_can_hold_it(if_speed: int, high_speed: int, expected: int | None) -> None:
    device: dict[str, Value] = {
        "1.3.6.1.2.1.2.2.1.2.1": b"port1",
        "1.3.6.1.2.1.2.2.1.5.1": if_speed,
        "1.3.6.1.2.1.2.2.1.8.1": 1,
        "1.3.6.1.2.1.31.1.1.1.15.1": high_speed,
    }
    (row,) = (row for row in rows_of(REGISTRY.family("generic"), device) if row.measurement == "interface")
    assert row.fields.get("speed_bps") == expected


def test_a_part_without_a_model_has_none_of_that_name() -> None:
    entity = "1.3.6.1.2.1.47.1.1.1.1"
    device: dict[str, Value] = {
        f"{entity}.5.1": 10,
        f"{entity}.7.1": b"Gi0/1",
        f"{entity}.11.1": b"AGT1105U10Z",
        f"{entity}.13.1": b"Unspecified",
        f"{entity}.5.2": 10,
        f"{entity}.7.2": b"Gi0/2",
        f"{entity}.11.2": b"N/A",
        f"{entity}.13.2": b"N/A",
    }
    (row,) = rows_of(REGISTRY.family("generic"), device)
    assert row.fields == {"class": "port", "serial": "AGT1105U10Z"}


@pytest.mark.parametrize("index", ["1", "1.0"])
def test_the_lines_of_a_ups_have_their_number_as_name(index: str) -> None:
    device: dict[str, Value] = {
        f"{UPS}.3.3.1.3.{index}": 230,
        f"{UPS}.4.4.1.2.{index}": 231,
        f"{UPS}.5.3.1.2.{index}": 0,
    }
    found = {row.tags["name"]: row.fields["value"] for row in rows_of(REGISTRY.family("generic"), device)}
    assert found == {"Input 1": 230.0, "Output 1": 231.0, "Bypass 1": 0.0}


@pytest.mark.parametrize(("minutes", "seconds"), [(12, [720.0]), (0, [0.0]), (2**32 - 1, [])])
def test_the_runtime_of_a_battery_is_one_that_it_can_have(minutes: int, seconds: list[float]) -> None:
    rows = rows_of(REGISTRY.family("generic"), {f"{UPS}.2.3.0": minutes})
    assert [row.fields["value"] for row in rows] == seconds


@pytest.mark.parametrize(
    ("object_id", "descr", "family"),
    [
        ("1.3.6.1.4.1.2011.2.23.291", "S5720-36C-EI-AC Huawei Versatile Routing Platform Software", "huawei/vrp"),
        ("1.3.6.1.4.1.2011.2.23.333", "S12704", "huawei/vrp"),
        ("1.3.6.1.4.1.2011.2.235", "Hardware management system", "huawei/ibmc"),
        ("1.3.6.1.4.1.2011.2.999", "ISM SNMP Agent", "generic"),
    ],
)
def test_not_all_that_huawei_makes_is_a_router(object_id: str, descr: str, family: str) -> None:
    assert REGISTRY.match(object_id, descr, {})[0].family == family


BGP = "1.3.6.1.2.1.15.3.1"
OSPF = "1.3.6.1.2.1.14.10.1"


def test_the_neighbours_of_a_router() -> None:
    device = {
        f"{BGP}.1.192.0.2.1": b"\x0a\x00\x00\x01",
        f"{BGP}.1.192.0.2.9": bytes(4),
        f"{BGP}.2.192.0.2.1": 6,
        f"{BGP}.2.192.0.2.9": 3,
        f"{BGP}.3.192.0.2.1": 2,
        f"{BGP}.9.192.0.2.1": 64500,
        f"{BGP}.16.192.0.2.1": 3600,
        f"{OSPF}.3.192.0.2.5.0": b"\x0a\x00\x00\x05",
        f"{OSPF}.6.192.0.2.5.0": 8,
        f"{OSPF}.3.0.0.0.0.7": b"\x0a\x00\x00\x07",  # over a line without addresses
        f"{OSPF}.6.0.0.0.0.7": 4,
        "1.3.6.1.2.1.191.1.9.1.5.3.0.167772161": b"\xfe\x80" + bytes(13) + b"\x01",
        "1.3.6.1.2.1.191.1.9.1.8.3.0.167772161": 8,
    }
    rows = [row for row in rows_of(REGISTRY.family("generic"), device) if row.measurement == "routing_peer"]
    assert {(row.tags["protocol"], row.tags["name"]): row.fields for row in rows} == {
        ("bgp", "192.0.2.1"): {
            "state": "established",
            "admin_status": "start",
            "remote_id": "10.0.0.1",
            "remote_as": 64500,
            "uptime_s": 3600.0,
        },
        ("bgp", "192.0.2.9"): {"state": "active"},
        ("ospf", "192.0.2.5"): {"state": "full", "remote_id": "10.0.0.5"},
        ("ospf", "10.0.0.7"): {"state": "two-way", "remote_id": "10.0.0.7"},
        ("ospfv3", "fe80::1"): {"state": "full"},
    }


def test_makers_tell_the_prefixes_of_a_bgp_neighbour() -> None:
    cisco, peer = "1.3.6.1.4.1.9.9.187.1.2", "2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"
    device = {
        f"{BGP}.2.192.0.2.1": 6,
        f"{cisco}.5.1.3.1.4.192.0.2.1": 6,
        f"{cisco}.5.1.3.{peer}": 6,
        f"{cisco}.8.1.1.1.4.192.0.2.1.1.1": 500,
        f"{cisco}.8.1.1.1.4.192.0.2.1.1.128": 9,
        f"{cisco}.8.1.1.{peer}.2.1": 70,
    }
    rows = [row for row in rows_of(REGISTRY.family("cisco/ios"), device) if row.measurement == "routing_peer"]
    assert said(rows) == {
        "192.0.2.1": {"state": "established", "prefixes_received": 500},
        "2001:db8::1": {"state": "established", "prefixes_received": 70},
    }
    juniper = "1.3.6.1.4.1.2636.5.1.1.2"
    index = "0.1.192.0.2.2.1.192.0.2.1"
    device = {
        f"{juniper}.1.1.1.2.{index}": 6,
        f"{juniper}.1.1.1.10.{index}": 1,
        f"{juniper}.1.1.1.11.{index}": bytes((192, 0, 2, 1)),
        f"{juniper}.1.1.1.14.{index}": 4,
        f"{juniper}.6.2.1.8.4.1.1": 12,
    }
    rows = [row for row in rows_of(REGISTRY.family("juniper/junos"), device) if row.measurement == "routing_peer"]
    assert said(rows) == {"192.0.2.1": {"state": "established", "prefixes_received": 12}}


@pytest.mark.parametrize(
    ("family", "device", "expected"),
    [
        (
            "huawei/vrp",
            {
                "1.3.6.1.4.1.2011.5.25.177.1.1.2.1.5.0.1.1.1.4.192.0.2.1": 6,
                "1.3.6.1.4.1.2011.5.25.177.1.1.2.1.5.0.1.128.1.4.192.0.2.1": 6,  # the VPN routes of the same
                "1.3.6.1.4.1.2011.5.25.177.1.1.3.1.1.0.1.1.1.4.192.0.2.1": 30,
            },
            {"192.0.2.1": {"state": "established", "prefixes_received": 30}},
        ),
        (
            "nokia/timos",
            {
                "1.3.6.1.4.1.6527.3.1.2.14.4.7.1.6.1.1.4.192.0.2.1": 2,
                "1.3.6.1.4.1.6527.3.1.2.14.4.7.1.59.1.1.4.192.0.2.1": 3,
                "1.3.6.1.4.1.6527.3.1.2.14.4.8.1.5.1.1.4.192.0.2.1": 0,
            },
            {"192.0.2.1": {"state": "active", "admin_status": "start", "prefixes_received": 0}},
        ),
    ],
)
def test_further_makers_bgp_neighbours(
    family: str, device: dict[str, Value | tuple[int, Value]], expected: dict[str, object]
) -> None:
    device = {"1.3.6.1.2.1.15.3.1.2.192.0.2.1": 1, **device}
    rows = [row for row in rows_of(REGISTRY.family(family), device) if row.measurement == "routing_peer"]
    assert said(rows) == expected


@pytest.mark.parametrize(
    ("held", "used_kb"),
    [
        ({"Physical memory": (1000, 700)}, 700),
        ({"Physical memory": (1000, 700), "Memory buffers": (1000, 50), "Cached memory": (200, 200)}, 450),
        ({"Physical memory": (1000, 700), "Cached memory": (200, 200), "Available memory": (450, 0)}, 500),
        ({"Physical memory": (1000, 700), "Available memory": (450, 0)}, 550),
        ({"Physical memory": (1000, 100), "Cached memory": (200, 200)}, 100),  # counts no cache in
    ],
)
def test_memory_in_use_is_without_buffers_and_cache(held: dict[str, tuple[int, int]], used_kb: int) -> None:
    device: dict[str, Value | tuple[int, Value]] = {}
    for index, (name, (total, used)) in enumerate(held.items(), 1):
        device |= {
            f"{HR_STORAGE}.2.{index}": "1.3.6.1.2.1.25.2.1.2",
            f"{HR_STORAGE}.3.{index}": name.encode(),
            f"{HR_STORAGE}.4.{index}": 1024,
            f"{HR_STORAGE}.5.{index}": total,
            f"{HR_STORAGE}.6.{index}": used,
        }
    rows = rows_of(REGISTRY.family("generic"), device)
    assert [row.fields["used_bytes"] for row in rows if row.tags.get("kind") == "physical"] == [used_kb * 1024]
