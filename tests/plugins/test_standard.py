"""What the mix-ins make of agents that follow their MIBs each in its own way."""

import pytest

from collector.plugin.registry import Registry
from collector.smi.value import Value
from tests.plugin.families import rows_of

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
