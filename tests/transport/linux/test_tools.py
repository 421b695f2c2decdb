"""Optional programs: what their outputs say, and what is told of those that refuse, fail, hang or are not there."""

from pathlib import Path

import pytest

from collector.transport.linux import batch
from collector.transport.linux.batch import Wanted
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


def test_lldp_on_request_only(machine: Path, tmp_path: Path) -> None:
    stubs = programs(tmp_path / "bin", PROGRAMS)
    assert fields(read(machine, stubs, CYCLE), "neighbour") == {}
    assert fields(read(machine, stubs, ALL), "neighbour").keys() == {"eth0", "eth1"}
