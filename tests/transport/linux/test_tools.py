"""Optional programs: what their outputs say, and what is told of those that refuse, fail, hang or are not there."""

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.plugin.model import Row
from collector.transport.linux import batch, dmi, ipmi, lldp, routing, smart
from collector.transport.linux.batch import Wanted
from collector.transport.linux.documents import document
from collector.transport.linux.links import link_types
from tests.transport.linux import tool_outputs as outputs
from tests.transport.linux.machine import ALL, CYCLE, DF, NONCE, SHELLS, fields, programs, read, run, say, write
from tests.transport.linux.test_batch import of_the_catalogue

TOOLS = Wanted(info=True, neighbours=False, tools=("smartctl", "ipmitool", "dmidecode"))
PROGRAMS = {
    "df": DF,
    "ip": say(outputs.IP_LINK),
    "lldpctl": say(outputs.LLDPCTL),
    "vtysh": f'case "$2" in *bgp*) {say(outputs.BGP)}\n;; *ospf*) {say(outputs.OSPF)}\n;; esac',
    "smartctl": f"""case "$*" in
--scan) {say(outputs.SCAN)}
;; *"-n standby -d sat /dev/sda") {say(outputs.SMART_ATA)}
;; *"-d nvme /dev/nvme0") {say(outputs.SMART_NVME)}
exit 8 ;; *"-d megaraid,5 /dev/bus/0") {say(outputs.SMART_SCSI)}
;; *) exit 1 ;; esac""",
    "ipmitool": f'case "$1" in sdr) {say(outputs.IPMI_SDR)}\n;; chassis) {say(outputs.IPMI_CHASSIS)}\n;; esac',
    "dmidecode": say(outputs.DMIDECODE),
}


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return write(tmp_path / "root")


@pytest.mark.parametrize("shell", SHELLS)
def test_all_programs_on_one_machine(machine: Path, tmp_path: Path, shell: str) -> None:
    stubs = programs(tmp_path / "bin", PROGRAMS)
    wanted = Wanted(info=True, neighbours=True, tools=TOOLS.tools)
    snapshot = read(machine, stubs, wanted, shell)
    assert (snapshot.problems, snapshot.notes) == ([], [])
    assert of_the_catalogue(snapshot)
    assert fields(snapshot, "neighbour").keys() == {"eth0", "eth1"}
    assert fields(snapshot, "routing_peer").keys() == {
        *("10.0.0.2", "10.0.0.3", "2001:db8::2", "eth5"),
        *("192.0.2.2", "192.0.2.6", "192.0.2.9"),
    }
    components = fields(snapshot, "component")
    assert components.keys() >= {"Disk sda", "Disk nvme0", "Disk bus/0 megaraid,5", "Chassis", "A1", "Power supply"}
    assert fields(snapshot, "device_info")[""]["serial"] == "ABC1234"
    assert fields(snapshot, "device_info")[""]["model"] == "Raspberry Pi 4"  # the kernel's word first


def test_programs_are_run_when_they_are_asked_for(machine: Path, tmp_path: Path) -> None:
    log = {name: f'echo "{name} $*" >>"{tmp_path}/log"\n{text}' for name, text in PROGRAMS.items()}
    stubs = programs(tmp_path / "bin", log)
    read(machine, stubs, CYCLE)
    each_cycle = (tmp_path / "log").read_text().splitlines()
    assert [line.split()[0] for line in each_cycle] == ["df", "vtysh", "vtysh"]
    (tmp_path / "log").unlink()
    read(machine, stubs, Wanted(info=False, neighbours=True, tools=TOOLS.tools))
    assert [line.split()[0] for line in (tmp_path / "log").read_text().splitlines()] == [
        *("df", "vtysh", "vtysh", "lldpctl")
    ]


def test_what_only_root_may_ask_goes_through_sudo(machine: Path, tmp_path: Path) -> None:
    sudo = {"id": "echo 1000", "sudo": f'echo "$*" >>"{tmp_path}/sudo"; [ "$1" = -n ] || exit 9; shift; exec "$@"'}
    snapshot = read(machine, programs(tmp_path / "bin", PROGRAMS | sudo), TOOLS)
    assert snapshot.problems == []
    assert (tmp_path / "sudo").read_text().splitlines() == [
        "-n dmidecode -t 1,3,17,39",
        "-n ipmitool sdr elist",
        "-n ipmitool chassis status",
        "-n smartctl --scan",
        "-n smartctl -j -i -H -A -n standby -d sat /dev/sda",
        "-n smartctl -j -i -H -A -n standby -d nvme /dev/nvme0",
        "-n smartctl -j -i -H -A -n standby -d megaraid,5 /dev/bus/0",
    ]


def test_a_refusal_of_sudo_is_a_problem(machine: Path, tmp_path: Path) -> None:
    refusal = {"id": "echo 1000", "sudo": "echo 'sudo: a password is required' >&2; exit 1"}
    snapshot = read(machine, programs(tmp_path / "bin", PROGRAMS | refusal), TOOLS)
    assert snapshot.uptime_ticks == 451_339
    assert snapshot.problems == [
        "smartctl: refused (exit status 1): sudo: a password is required",
        "ipmitool: refused (exit status 1): sudo: a password is required",
        "ipmitool chassis: refused (exit status 1): sudo: a password is required",
        "dmidecode: refused (exit status 1): sudo: a password is required",
    ]


def test_programs_that_fail_or_are_not_there(machine: Path, tmp_path: Path) -> None:
    failing = {
        "lldpctl": "echo 'unable to connect to socket /run/lldpd.socket: Permission denied' >&2; exit 1",
        "vtysh": "echo 'Exiting: failed to connect to any daemons.' >&2; exit 1",
        "dmidecode": "echo '/dev/mem: Permission denied'; exit 1",
        "smartctl": f'[ "$1" = --scan ] && {{ {say(outputs.SCAN)}\nexit; }}; {say(outputs.SMART_DENIED)}\nexit 2',
        "df": DF,
    }
    wanted = Wanted(info=True, neighbours=True, tools=TOOLS.tools)
    snapshot = read(machine, programs(tmp_path / "bin", failing), wanted)
    assert snapshot.notes == [
        "lldpctl: refused (exit status 1): unable to connect to socket /run/lldpd.socket: Permission denied",
        "vtysh (BGP): failed (exit status 1): Exiting: failed to connect to any daemons.",
        "vtysh (OSPF): failed (exit status 1): Exiting: failed to connect to any daemons.",
    ]
    assert snapshot.problems == [
        "smartctl: /dev/sda: Smartctl open device: DISK failed: Permission denied",
        "smartctl: /dev/nvme0, /dev/bus/0: Smartctl open device: /dev/sda failed: Permission denied",
        "ipmitool: not installed",
        "dmidecode: refused (exit status 1): /dev/mem: Permission denied",
    ]


def test_programs_that_hang_or_were_cut_off(machine: Path, tmp_path: Path) -> None:
    stubs = programs(
        tmp_path / "bin", {**PROGRAMS, "timeout": 'shift 3; case "$1" in ip*) exit 137 ;; esac; exec "$@"'}
    )
    output = run(batch.script(NONCE, TOOLS, root=str(machine)), "dash", stubs)
    whole = batch.read(output, NONCE, TOOLS, {})
    assert whole.problems == ["ipmitool: did not end in time", "ipmitool chassis: did not end in time"]
    cut = batch.read(output[: output.index(b"SAMSUNG")], NONCE, TOOLS, {})
    assert cut.problems[0] == "smartctl: /dev/nvme0: cut off"
    before = batch.read(output[: output.index(f"{NONCE} > smartctl\n".encode())], NONCE, TOOLS, {})
    assert before.problems[0] == "smartctl: the time was over before its turn came"
    assert "Disk sda" in fields(cut, "component")


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


def test_lldp_on_request_only(machine: Path, tmp_path: Path) -> None:
    stubs = programs(tmp_path / "bin", PROGRAMS)
    assert fields(read(machine, stubs, CYCLE), "neighbour") == {}
    assert fields(read(machine, stubs, ALL), "neighbour").keys() == {"eth0", "eth1"}
