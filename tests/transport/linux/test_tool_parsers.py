"""Outputs of optional programs as rows, and outputs that none of them would print."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.plugin.model import Row
from collector.transport.linux import dmi, ipmi, lldp, routing, smart
from collector.transport.linux.documents import document
from collector.transport.linux.links import link_types
from tests.transport.linux import tool_outputs as outputs


def test_neighbours() -> None:
    rows = lldp.neighbour_rows(outputs.LLDPCTL)
    assert [(row.tags, row.fields) for row in rows] == [
        (
            {"name": "eth0", "protocol": "lldp"},
            {
                "remote_host": "sw-core-1",
                "remote_port": "Gi1/0/7",
                "remote_chassis": "00:1b:21:aa:bb:cc",
                "remote_descr": "Vendor OS 1.2",
            },
        ),
        (
            {"name": "eth1", "protocol": "cdp"},
            {"remote_port": "Port 1", "remote_chassis": "phone", "remote_descr": "A phone"},
        ),
    ]
    (single,) = lldp.neighbour_rows(outputs.LLDPCTL_SINGLE)
    assert single.fields == {"remote_host": "leaf", "remote_port": "xe-0/0/1", "remote_chassis": "aa"}


def test_routing_neighbours() -> None:
    bgp = {row.tags["name"]: row.fields for row in routing.bgp_rows(outputs.BGP)}
    assert bgp == {
        "10.0.0.2": {
            "state": "established",
            "admin_status": "start",
            "remote_as": 65002,
            "prefixes_received": 812,
            "uptime_s": 3723.0,
        },
        "10.0.0.3": {"state": "idle", "admin_status": "stop", "remote_as": 4200000000, "prefixes_received": 0},
        "2001:db8::2": {
            "state": "established",
            "admin_status": "start",
            "remote_as": 65002,
            "prefixes_received": 77,
            "uptime_s": 6.0,
        },
        "eth5": {
            "state": "active",
            "admin_status": "start",
            "remote_as": 65005,
            "prefixes_received": 9,
            "uptime_s": 5.0,
        },
    }
    ospf = {row.tags["name"]: row.fields for row in routing.ospf_rows(outputs.OSPF)}
    assert ospf == {
        "192.0.2.2": {"state": "full", "remote_id": "10.0.0.2", "uptime_s": 86400.5},
        "192.0.2.6": {"state": "two-way", "remote_id": "10.0.0.2", "uptime_s": 1.0},
        "192.0.2.9": {"state": "exchange-start", "remote_id": "10.0.0.9"},
    }
    (old,) = routing.ospf_rows(outputs.OSPF_OLD)
    assert (old.tags["name"], old.fields["state"]) == ("192.0.2.2", "init")
    assert routing.bgp_rows("% BGP instance not found\n") == routing.ospf_rows("{}") == []


def test_kinds_of_interfaces() -> None:
    assert link_types(outputs.IP_LINK) == {
        "eth0.10": "l2vlan",
        "br0": "bridge",
        "bond0": "ieee8023adLag",
        "wg0": "tunnel",
        "gre1": "tunnel",
    }
    assert link_types('Option "-j" is unknown, try "ip -help".\n') == {}


def test_disks() -> None:
    ata = smart.disk_rows("/dev/sda sat", outputs.SMART_ATA)
    assert [(row.measurement, row.tags, row.fields) for row in ata] == [
        (
            "component",
            {"name": "Disk sda"},
            {
                "class": "disk",
                "descr": "Intel S4510/S4610/S4500/S4600 Series SSDs",
                "model": "INTEL SSDSC2KB480G8",
                "serial": "PHYF000000000000000",
                "firmware_rev": "XCV10132",
            },
        ),
        ("state", {"name": "Disk sda", "class": "smart"}, {"text": "passed", "ok": True}),
        ("sensor", {"name": "Disk sda", "class": "temperature"}, {"value": 27.0}),
        ("sensor", {"name": "Disk sda wear", "class": "percent"}, {"value": 3.0}),
    ]
    nvme = smart.disk_rows("/dev/nvme0 nvme", outputs.SMART_NVME)
    assert nvme[1].fields == {"text": "failed", "ok": False}
    assert nvme[3].fields == {"value": 104.0}
    scsi = smart.disk_rows("/dev/bus/0 megaraid,5", outputs.SMART_SCSI)
    assert scsi[0].fields == {
        "class": "disk",
        "model": "SEAGATE ST600MM0088",
        "serial": "Z4000000",
        "vendor": "SEAGATE",
        "firmware_rev": "TT31",
    }
    assert [row.measurement for row in scsi] == ["component", "state"]
    assert smart.disk_rows("/dev/sda sat", outputs.SMART_ASLEEP) == []
    with pytest.raises(ValueError, match="Permission denied"):
        smart.disk_rows("/dev/sda sat", outputs.SMART_DENIED)
    with pytest.raises(ValueError, match="UNRECOGNIZED OPTION: j"):
        smart.disk_rows("/dev/sda sat", "\n=======> UNRECOGNIZED OPTION: j\n")


def test_sensors_of_a_management_controller() -> None:
    rows = ipmi.sensor_rows(outputs.IPMI_SDR)
    assert {(row.tags["name"], row.tags["class"]): row.fields["value"] for row in rows if "value" in row.fields} == {
        ("Inlet Temp", "temperature"): 23.0,
        ("Temp 3.1", "temperature"): 45.0,
        ("Temp 3.2", "temperature"): 98.0,
        ("Fan1", "fan"): 480.0,
        ("12V", "voltage"): 12.1,
        ("Current 1", "current"): 0.4,
        ("Pwr Consumption", "power"): 112.0,
        ("CUPS Util", "percent"): 35.0,
    }
    states = {(row.tags["name"], row.tags["class"]): row.fields for row in rows if "text" in row.fields}
    assert {name for (name, _), told in states.items() if not told["ok"]} == {
        *("Temp 3.2", "Fan1", "PS2 Status", "PS Redundancy", "Drive 3")
    }
    assert states["Temp 3.2", "temperature"]["text"] == "critical"
    assert states["PS1 Status", "power-supply"] == {"text": "presence detected", "ok": True}
    assert states["Fan Redundancy", "fan"]["text"] == "fully redundant"
    assert {name for name, _ in states}.isdisjoint({"Fan2", "SEL", "ECC Corr Err", "Intrusion"})


def test_states_of_a_chassis() -> None:
    states = {
        row.tags["name"]: (row.tags["class"], *row.fields.values()) for row in ipmi.chassis_rows(outputs.IPMI_CHASSIS)
    }
    assert states == {
        "System power": ("power", "on", True),
        "Power overload": ("power-supply", "ok", True),
        "Main power": ("power-supply", "fault", False),
        "Power control": ("power-supply", "ok", True),
        "Chassis": ("intrusion", "open", False),
        "Drives": ("disk", "ok", True),
        "Cooling": ("fan", "ok", True),
    }


def test_parts_of_a_server() -> None:
    assert dmi.system_fields(outputs.DMIDECODE) == {
        "vendor": "Dell Inc.",
        "model": "PowerEdge R640",
        "serial": "ABC1234",
    }
    parts = {row.tags["name"]: row.fields for row in dmi.component_rows(outputs.DMIDECODE)}
    assert parts == {
        "Chassis": {"class": "chassis", "descr": "Rack Mount Chassis", "serial": "ABC1234", "vendor": "Dell Inc."},
        "A1": {
            "class": "memory",
            "descr": "32 GB DDR4 2933 MT/s",
            "model": "HMA84GR7CJR4N-WM",
            "serial": "12345678",
            "vendor": "00AD00B300AD",
        },
        "P0 CHANNEL B DIMM 0": {"class": "memory", "descr": "16384 MB", "model": "NO DIMM"},
        "Power supply": {
            "class": "power-supply",
            "descr": "750 W",
            "model": "0PJMDN",
            "serial": "CNDED0000000000",
            "vendor": "DELL",
            "hardware_rev": "A01",
        },
    }


def test_json_behind_other_text() -> None:
    assert document('warning: [x\n{"a": 1} trailing') == {"a": 1}
    assert document("[" * 100_000) is None
    assert document("") is document("{") is document("nothing") is None


SAMPLES = [value for name, value in vars(outputs).items() if name.isupper()]
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(("lldp", "interface", "chassis", "port", "id", "value", "peers", "state", "neighbors", "linkinfo", "smartctl", "temperature", "ata_smart_attributes", "table", "x")),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)  # fmt: skip


@given(
    text=st.one_of(
        st.text(max_size=100),
        JSON.map(lambda value: json.dumps(value)),
        st.builds(
            lambda whole, start, end, noise: whole[:start] + noise + whole[end:],
            st.sampled_from(SAMPLES),
            st.integers(0, 1500),
            st.integers(0, 1500),
            st.text('0123456789:|{}[],"\t\n ', max_size=20),
        ),
    )
)
def test_no_text_makes_a_parser_raise_anything_unexpected(text: str) -> None:
    rows: list[Row] = [
        *lldp.neighbour_rows(text),
        *routing.bgp_rows(text),
        *routing.ospf_rows(text),
        *ipmi.sensor_rows(text),
        *ipmi.chassis_rows(text),
        *dmi.component_rows(text),
    ]
    assert all(row.fields for row in rows)
    link_types(text)
    dmi.system_fields(text)
    with suppress(ValueError):
        smart.disk_rows("/dev/sda sat", text)
