"""Neighbours matched with the inventory and from both ends; the network that is made of them."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.metrics.model import Point
from collector.report.model import Level, Network, Report, Table, Verdict
from collector.report.network.neighbours import Directory, cables, heard_by
from collector.report.network.ports import Port, hexadecimal, ports_of, same_port
from collector.report.network.topology import topology
from inventory.model import Host, Ring, Span
from tests.report.world import ago, context_of, host, inventory_of, over_time, point, site, store_with

A = host("sw-a", site("s1"), "switch", address="10.0.0.1")
B = host("sw-b", site("s2", district="Da Bac"), "switch", address="10.0.0.2")
GI1, GI2 = "GigabitEthernet0/0/1", "GigabitEthernet0/0/2"


def hears(who: Host, port: str, name: str, remote_port: str = "", *, hours: float = 0.1, **more: Any) -> Point:
    said = {"remote_host": name, "remote_port": remote_port, "remote_chassis": more.pop("chassis", "")}
    return point(
        who,
        "neighbour",
        {"name": port, "protocol": more.pop("protocol", "lldp")},
        ago(hours=hours),
        **{key: value for key, value in said.items() if value},
        **more,
    )


def port(who: Host, name: str, **more: Any) -> list[Point]:
    info = {key: more.pop(key) for key in ("mac", "if_name", "descr", "alias") if key in more}
    state = {"oper_status": "up", "admin_status": "up", "speed_bps": 1_000_000_000, **more}
    return [
        point(who, "interface", {"name": name}, **state),
        point(who, "interface_info", {"name": name}, type="ethernetCsmacd", **info),
    ]


def up(*hosts: Host) -> list[Point]:
    return [point(each, "device", {"family": "x"}, up=True) for each in hosts]


def report(points: list[Point], *hosts: Host) -> Report:
    return topology(context_of(inventory_of(*(hosts or (A, B))), store_with(points), days=7))


def rows(found: Report, key: str) -> list[dict[str, Any]]:
    (section,) = (each for each in found.sections if each.key == key)
    assert isinstance(section, Table)
    return [dict(zip((column.key for column in section.columns), row, strict=True)) for row in section.rows]


@pytest.mark.parametrize(
    ("name", "chassis", "found"),
    [
        ("SW-A", "", "sw-a"),
        ("sw-a.example.vn", "", "sw-a"),
        ("sw-a(FOC1234X0AB)", "", "sw-a"),
        ("0123456(SW-B)", "", "sw-b"),
        ("Core.Switch.North", "", "sw-b"),
        ("core.other.domain", "", "sw-b"),
        ("", "00:1a:2b:3c:4d:5e", "sw-a"),
        ("", "001A-2B3C-4D5E", "sw-a"),
        ("Huawei", "00:1a:2b:3c:4d:5e", "sw-a"),
        ("", "10.0.0.2", "sw-b"),
        ("10.0.0.2", "", "sw-b"),
        ("10.0.0.3", "", ""),
        ("Huawei", "", ""),
        ("10", "", ""),
        ("", "", ""),
        ("", "00:00:00:00:00:00", ""),
    ],
)
def test_a_neighbour_is_found_by_what_is_one_hosts_alone(name: str, chassis: str, found: str) -> None:
    twins = {"x1": host("x1", address="10.1.1.1"), "x2": host("x2", address="10.1.1.2")}
    ports = [Port("sw-a", GI1, mac=hexadecimal("00-1a-2b-3c-4d-5e")), Port("sw-b", GI1, mac="0" * 12)]
    names = {"sw-b": "Core.switch.north", "x1": "Huawei", "x2": "Huawei"}
    assert Directory({"sw-a": A, "sw-b": B, **twins}, names, ports).host(name, chassis) == found


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("GigabitEthernet0/0/1", "Gi0/0/1", True),
        ("GigabitEthernet 0/1", "ge-0/1", True),
        ("XGigabitEthernet0/0/1", "Te0/0/1", True),
        ("10GE1/0/1", "TenGigE1/0/1", True),
        ("100GE1/0/1", "HundredGigE1/0/1", True),
        ("Gi0/1", "Te0/1", False),
        ("Gi0/1", "Gi0/10", False),
        ("ether1", "ether2", False),
        ("port 1", "PORT 1", True),
        ("", "", True),
    ],
)
def test_names_of_a_port_are_the_same_however_makers_shorten_them(one: str, other: str, is_same: bool) -> None:
    assert (same_port(one) == same_port(other)) is is_same


def test_a_cable_that_both_ends_hear_is_one() -> None:
    points = [*up(A, B), *port(A, GI1), *port(B, GI2), hears(A, GI1, "SW-B", "Gi0/0/2"), hears(B, GI2, "sw-a.x", GI1)]
    points.append(hears(A, GI1, "sw-b", GI2, protocol="cdp", hours=0.2))
    (link,) = rows(found := report(points), "links")
    assert (link["a_host"], link["a_port"], link["b_host"], link["b_port"]) == ("sw-a", GI1, "sw-b", GI2)
    assert (str(link["heard"]), str(link["verdict"].text)) == ("both ends", "up")
    assert rows(found, "one_sided") == []
    assert rows(found, "alone") == []


def test_what_ports_do_not_tell_is_told_by_there_being_no_other_cable() -> None:
    points = [*up(A, B), hears(A, "port 7", "sw-b", "unlabelled"), hears(B, "port 9", "sw-a", "")]
    (link,) = rows(report(points), "links")
    assert (link["a_port"], link["b_port"], str(link["heard"])) == ("port 7", "port 9", "both ends")


def test_two_cables_between_two_hosts_stay_two() -> None:
    points = [
        *up(A, B),
        *(hears(A, name, "sw-b", name) for name in (GI1, GI2)),
        *(hears(B, name, "sw-a", name) for name in (GI2, GI1)),
    ]
    found = rows(report(points), "links")
    assert [(link["a_port"], link["b_port"]) for link in found] == [(GI1, GI1), (GI2, GI2)]


def test_a_port_named_by_address_or_description_is_the_hosts_own() -> None:
    points = [
        *up(A, B), *port(B, GI1, mac="02:00:00:00:00:01"), *port(B, GI2, alias="to sw-a", descr="Slot 0 Port 2"),
        hears(A, GI1, "sw-b", "02-00-00-00-00-01"), hears(A, GI2, "sw-b", "Slot 0 Port 2"),
    ]  # fmt: skip
    assert [link["b_port"] for link in rows(report(points), "links")] == [GI1, GI2]


def test_a_link_that_only_one_end_hears_is_told() -> None:
    found = report([*up(A, B), hears(B, GI1, "sw-a", GI2)])
    (one,) = rows(found, "one_sided")
    assert one == {"heard_by": "sw-b", "port": GI1, "silent": "sw-a", "silent_port": GI2}


def test_several_neighbours_of_one_port_are_all_at_that_port() -> None:
    phone, switch = "phone-17", "sw-b"  # the poller tells their series apart by rank
    points = [*up(A, B), *port(A, GI1), *port(A, "NIC #2"), *port(B, GI2)]
    points += [hears(A, f"{GI1} #1", phone), hears(A, f"{GI1} #2", switch, GI2), hears(A, "NIC #2", "printer")]
    found = rows(report(points), "links")
    assert {(str(each["b_host"]), each["a_port"]) for each in found} == {
        (phone, GI1),
        (switch, GI1),
        ("printer", "NIC #2"),
    }


def test_neighbours_that_the_inventory_lacks_are_candidates() -> None:
    points = [
        *up(A, B),
        hears(A, GI1, "printer", chassis="02:00:00:00:00:09", remote_descr="Laser\n  9000"),
        hears(B, GI1, "printer", chassis="02:00:00:00:00:0a"),
        hears(B, GI2, "phone"),
        hears(A, GI2, "phone"),
    ]
    found = report(points)
    strangers = rows(found, "not_in_inventory")
    assert [(each["neighbour"], each["links"]) for each in strangers] == [
        ("phone", 2),  # nothing tells the two apart
        ("printer 02:00:00:00:00:09", 1),
        ("printer 02:00:00:00:00:0a", 1),
    ]
    assert strangers[1]["says"] == "Laser 9000"
    assert [finding.key for finding in found.findings] == ["neighbour-unmanaged"]
    (drawn,) = (each for each in found.sections if isinstance(each, Network))
    assert {node.id: node.kind for node in drawn.nodes}["phone"] == "unmanaged"
    assert drawn.positions.keys() == {node.id for node in drawn.nodes}


def test_states_loads_and_hosts_alone() -> None:
    lone = host("lone")
    points = [
        *up(A, B), point(lone, "device", {"family": "x"}, up=False),
        *port(A, GI1), *port(B, GI1), *port(A, GI2, oper_status="down"), *port(B, GI2),
        hears(A, GI1, "sw-b", GI1), hears(A, GI2, "sw-b", GI2, hours=9), hears(B, GI2, "sw-a", GI2, hours=9),
        *over_time(A, "interface", {"name": GI1}, since_ns=ago(hours=6), every_s=300, in_bps=9e8, out_bps=1e8),
    ]  # fmt: skip
    found = report(points, A, B, lone)
    first, second = rows(found, "links")
    assert (first["a_port"], first["verdict"].level) == (GI2, Level.CRITICAL)
    assert (str(second["verdict"].text), second["load_percent"], second["speed_bps"]) == ("busy", 90, 10**9)
    assert [(each["host"], each["up"].level) for each in rows(found, "alone")] == [("lone", Level.CRITICAL)]


def test_a_cable_is_gone_when_its_host_is_heard_without_it() -> None:
    points = [*up(A, B), hears(A, GI1, "sw-b", GI1, hours=5), hears(A, GI2, "sw-b", GI2)]
    context = context_of(inventory_of(A, B), store_with(points), days=7)
    found = {cable.a_port: cable.is_there for cable in cables(heard_by(context, ports_of(context), 10**15))}
    assert found == {GI1: False, GI2: True}
    silent = [point(A, "device", {"family": "x"}, up=False), hears(A, GI1, "sw-b", GI1, hours=5)]
    context = context_of(inventory_of(A, B), store_with(silent), days=7)
    assert [cable.is_there for cable in cables(heard_by(context, {}, 10**15))] == [True]  # the last that is known


def test_a_cut_span_of_a_ring_is_drawn_though_nobody_is_heard_over_it() -> None:
    spans = (
        Span(a_host="sw-a", a_interface=GI1, b_host="sw-b", b_interface=GI1),
        Span(a_host="sw-b", a_interface=GI2, b_host="sw-a", b_interface=GI2),
    )
    points = [*up(A, B), *port(A, GI1, oper_status="down"), *port(B, GI1, oper_status="down")]
    inventory = inventory_of(A, B, Ring(name="r", spans=spans))
    found = topology(context_of(inventory, store_with(points), days=7))
    first, second = rows(found, "links")
    assert (first["a_port"], first["verdict"].level, first["last"]) == (GI1, Level.CRITICAL, None)
    assert (second["a_port"], second["verdict"].level, str(second["heard"])) == (GI2, Level.UNKNOWN, "nobody")
    assert rows(found, "one_sided") == []


def test_nothing_heard_is_nothing_drawn() -> None:
    found = report([])
    assert not any(isinstance(section, Network) for section in found.sections)
    assert {each["host"] for each in rows(found, "alone")} == {"sw-a", "sw-b"}
    assert all(isinstance(each["up"], Verdict) and each["up"].level is Level.UNKNOWN for each in rows(found, "alone"))


@pytest.mark.parametrize(
    ("name", "kind", "is_physical"),
    [
        ("GigabitEthernet0/0/1", "ethernetCsmacd", True),
        ("GigabitEthernet0/0/1", "", True),
        ("1:1", "ethernetCsmacd", True),
        ("port1.0.1", "ethernetCsmacd", True),
        ("Vlanif10", "propVirtual", False),
        ("Vlan10", "ethernetCsmacd", False),
        ("Eth-Trunk1", "ethernetCsmacd", False),
        ("Port-channel1", "", False),
        ("ae0", "ieee8023adLag", False),
        ("LoopBack0", "", False),
        ("Stack-Port0/1", "ethernetCsmacd", False),
        ("MEth0/0/1", "ethernetCsmacd", False),
        ("mgmt0", "ethernetCsmacd", False),
    ],
)
def test_physical_ports_are_those_a_cable_goes_into(name: str, kind: str, is_physical: bool) -> None:
    assert Port("r1", name, type=kind).is_physical is is_physical


def test_a_vlan_of_a_port_is_no_port() -> None:
    points = [*port(A, "Gi0/1"), *port(A, "Gi0/1.100"), *port(A, "port1.0.1")]
    found = ports_of(context_of(inventory_of(A), store_with(points)))["sw-a"]
    assert [name for name, each in found.items() if each.is_physical] == ["Gi0/1", "port1.0.1"]


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_every_cable_is_found_once_whoever_hears_it_and_however_it_is_spelt(data: st.DataObject) -> None:
    hosts = [host(f"sw-{number}", role="switch", address=f"10.0.0.{number}") for number in range(4)]
    free = {(each.name, f"GigabitEthernet0/0/{number}") for each in hosts for number in range(5)}
    true = set()
    points = up(*hosts)
    for _ in range(data.draw(st.integers(0, 6))):
        one = data.draw(st.sampled_from(sorted(free)))
        others = sorted(end for end in free if end[0] != one[0])
        free.discard(one)
        if not others:
            continue
        other = data.draw(st.sampled_from(others))
        free.discard(other)
        true.add(frozenset((one, other)))
        ways = data.draw(st.sampled_from([[(one, other)], [(other, one)], [(one, other), (other, one)]]))
        for (mine, port_here), (theirs, port_there) in ways:
            short = port_there.replace("GigabitEthernet", data.draw(st.sampled_from(["Gi", "ge-", "GigabitEthernet "])))
            name = data.draw(st.sampled_from([theirs.upper(), f"{theirs}.example.vn", f"{theirs}(ABC123)"]))
            points.append(hears(next(each for each in hosts if each.name == mine), port_here, name, short))
    for name, number in itertools.product([each.name for each in hosts], range(5)):
        points += port(next(each for each in hosts if each.name == name), f"GigabitEthernet0/0/{number}")
    context = context_of(inventory_of(*hosts), store_with(points), days=1)
    found = cables(heard_by(context, ports_of(context), 10**15))
    ends = [frozenset(((cable.a, cable.a_port), (cable.b, cable.b_port))) for cable in found]
    assert len(ends) == len(set(ends))
    assert set(ends) == true
