import pytest

from collector.simulator.curves import ORIGIN_S
from collector.simulator.devices.build import Builder, Neighbour, Port, lldp, mac_of
from collector.simulator.devices.models import (
    Identity,
    apc_ups,
    cisco_router,
    cisco_switch,
    huawei_switch,
    linux_server,
    mikrotik_router,
    plain_switch,
    standard_ups,
)
from collector.simulator.devices.power import Battery
from collector.simulator.devices.server import Disk
from collector.simulator.tree import Level, Total, Tree, moment_at
from collector.smi import ber
from collector.smi import oid as oids
from collector.smi.value import Value

WHO = Identity(name="d1", location="here")
PORTS = [Port(index=index, name=f"p{index}", descr=f"port {index}") for index in (1, 2)]
DISK = Disk(path="/srv", device="sda", size_bytes=4 << 40, used_bytes=1 << 40)
TREES: dict[str, Tree] = {
    "plain_switch": plain_switch(),
    "cisco_switch": cisco_switch(WHO, PORTS),
    "cisco_router": cisco_router(WHO, PORTS),
    "huawei_switch": huawei_switch(WHO, PORTS),
    "huawei_mobile": huawei_switch(WHO, PORTS, mobile=True),
    "mikrotik_router": mikrotik_router(WHO, PORTS),
    "linux_server": linux_server(WHO, PORTS, [DISK], cpus=4, memory_bytes=32 << 30, shape=(0.5,) * 168),
    "standard_ups": standard_ups(WHO, PORTS, Battery(), 40),
    "apc_ups": apc_ups(WHO, PORTS, Battery(), 40),
}


def read(tree: Tree, oid: str, now_s: float = ORIGIN_S) -> Value:
    cell = tree.get(oids.encode(oid))
    assert cell, oid
    encoded = cell.still or cell.encode(moment_at(now_s, 0, 0.0))
    start, _ = ber.enter(encoded, 0, 0x30)
    _, stop = ber.enter(encoded, start, 0x06)
    tag, at, end = ber.read_tlv(encoded, stop)
    return ber.decode_value(tag, encoded, at, end)


@pytest.mark.parametrize("name", TREES)
def test_every_value_of_every_device_can_be_read_at_any_time(name: str) -> None:
    tree = TREES[name]
    for cell in tree.cells:
        for now_s in (ORIGIN_S, ORIGIN_S + 12_345_678.9):
            read(tree, oids.decode(cell.oid), now_s)


@pytest.mark.parametrize("name", TREES)
def test_every_device_says_who_it_is(name: str) -> None:
    tree = TREES[name]
    assert read(tree, "1.3.6.1.2.1.1.5.0") == (b"switch" if name == "plain_switch" else b"d1")
    assert str(read(tree, "1.3.6.1.2.1.1.2.0")).startswith("1.3.6.1.")
    rows = sum(oids.decode(cell.oid).startswith("1.3.6.1.2.1.2.2.1.1.") for cell in tree.cells)
    assert read(tree, "1.3.6.1.2.1.2.1.0") == rows > 0


def test_the_switch_for_benchmarks_has_24_ports_of_all_columns() -> None:
    interfaces = [oids.arcs(cell.oid) for cell in TREES["plain_switch"].cells]
    if_table = {arcs[9] for arcs in interfaces if arcs[:9] == (1, 3, 6, 1, 2, 1, 2, 2, 1)}
    if_x_table = {arcs[10] for arcs in interfaces if arcs[:10] == (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)}
    assert if_table >= {1, 2, 3, 5, 7, 8, 10, 13, 14, 15, 16, 19, 20}
    assert if_x_table == set(range(1, 20))
    assert sum(arcs[:10] == (1, 3, 6, 1, 2, 1, 2, 2, 1, 1) for arcs in interfaces) == 24


def test_32_and_64_bit_counters_count_the_same() -> None:
    octets = Total(lambda now_s: 1e6 * now_s)
    port = Port(index=1, name="p", descr="p", octets=(octets, octets))
    tree = cisco_switch(WHO, [port])
    wide, narrow = read(tree, "1.3.6.1.2.1.31.1.1.1.6.1"), read(tree, "1.3.6.1.2.1.2.2.1.10.1")
    assert wide == 1e6 * ORIGIN_S
    assert narrow == int(1e6 * ORIGIN_S) % (1 << 32)


def test_a_port_may_go_down() -> None:
    tree = cisco_switch(WHO, [Port(index=1, name="p", descr="p", up=lambda now_s: now_s < ORIGIN_S)])
    status = "1.3.6.1.2.1.2.2.1.8.1"
    assert (read(tree, status, ORIGIN_S - 1), read(tree, status, ORIGIN_S)) == (1, 2)


def test_lldp_names_the_other_end() -> None:
    builder = Builder()
    lldp(builder, "d1", PORTS, [Neighbour(port=2, device="d2", device_port="p9")])
    tree = builder.tree()
    row = "1.0.8802.1.1.2.1.4.1.1.{}.0.2.1"
    assert [read(tree, row.format(column)) for column in (5, 7, 9)] == [mac_of("d2"), b"p9", b"d2"]


def test_a_ups_loses_its_mains() -> None:
    battery = Battery(runtime_s=3_600, mains_lost_s=ORIGIN_S)
    for make, source, charge in (
        (standard_ups, "1.3.6.1.2.1.33.1.4.1.0", "1.3.6.1.2.1.33.1.2.4.0"),
        (apc_ups, "1.3.6.1.4.1.318.1.1.1.4.1.1.0", "1.3.6.1.4.1.318.1.1.1.2.2.1.0"),
    ):
        tree = make(WHO, PORTS, battery, 40)
        sources = [read(tree, source, ORIGIN_S + second) for second in (-1, 0)]
        assert sources == ([3, 5] if make is standard_ups else [2, 3])
        assert [read(tree, charge, ORIGIN_S + second) for second in (-1, 0, 1_800, 1e6)] == [100, 100, 50, 5]


def test_a_disk_fills() -> None:
    disk = Disk(
        path="/srv", device="sda", size_bytes=1 << 40, used_bytes=Level(lambda now_s: int(now_s - ORIGIN_S) << 20)
    )
    tree = linux_server(WHO, PORTS, [disk], cpus=1, memory_bytes=1 << 30, shape=(0.5,) * 168)
    used, unit, size = (f"1.3.6.1.2.1.25.2.3.1.{column}.31" for column in (6, 4, 5))
    assert int(read(tree, unit)) * int(read(tree, size)) == 1 << 40  # type: ignore[arg-type]
    assert read(tree, used, ORIGIN_S + 100) == (100 << 20) // 4096


def test_processor_time_adds_up() -> None:
    tree = TREES["linux_server"]
    raw = [f"1.3.6.1.4.1.2021.11.{column}.0" for column in (50, 52, 53, 54)]
    spent = [int(read(tree, oid, ORIGIN_S + 3_600)) - int(read(tree, oid, ORIGIN_S)) for oid in raw]  # type: ignore[arg-type]
    assert sum(spent) == pytest.approx(4 * 100 * 3_600, rel=0.001)
