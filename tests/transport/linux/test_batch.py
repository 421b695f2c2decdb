"""The script under real shells, on a made-up machine and on the one that this runs on."""

import re
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.metrics.catalogue import MEASUREMENTS
from collector.transport.linux import batch
from collector.transport.linux.batch import Snapshot, Wanted
from tests.servers import require_binary
from tests.transport.linux.machine import (
    ALL,
    CYCLE,
    DF,
    FILES,
    NONCE,
    SHELLS,
    fields,
    programs,
    read,
    run,
    write,
)
from tests.transport.linux.test_parsers import LATER


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    return write(tmp_path / "root")


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    return programs(tmp_path / "bin", {"df": DF, "ip": "echo '[]'", "lldpctl": "exit 1", "vtysh": "exit 1"})


def of_the_catalogue(snapshot: Snapshot) -> bool:
    for row in snapshot.rows:
        measurement = MEASUREMENTS[row.measurement]
        assert row.tags.keys() == set(measurement.tags) - {"family"}
        for name, value in row.fields.items():
            assert isinstance(value, measurement.field(name).type), (row.measurement, name, value)
    return True


@pytest.mark.parametrize("shell", SHELLS)
def test_a_whole_machine(machine: Path, stubs: Path, shell: str) -> None:
    snapshot = read(machine, stubs, ALL, shell)
    assert snapshot.os == "Linux"
    assert snapshot.problems == []
    assert snapshot.cpu_ticks == {"cpu0": [250, 1000], "cpu1": [150, 1000]}
    assert snapshot.uptime_ticks == 451_339
    assert of_the_catalogue(snapshot)
    assert {(row.measurement, row.tags.get("name", "")) for row in snapshot.rows} == {
        ("device", ""),
        ("device_info", ""),
        *(("memory", name) for name in ("Physical memory", "Buffers", "Cache", "Shared memory", "Swap space")),
        ("system", ""),
        *((kind, name) for kind in ("interface", "interface_info") for name in ("lo", "eth0")),
        *(("disk_io", name) for name in ("sda", "nvme0n1", "dm-0", "md127")),
        *(("storage", name) for name in ("/", "/data/with space", "/gone")),
        ("sensor", "k10temp temp1"),
        ("sensor", "cpu-thermal"),
    }
    assert fields(snapshot, "device") == {"": {"uptime_s": 4513.39}}
    assert fields(snapshot, "system")[""]["processes"] == 2
    assert fields(snapshot, "interface")["eth0"]["speed_bps"] == 10_000_000_000
    assert fields(snapshot, "interface_info")["eth0"]["alias"] == "to Hà Nội"
    assert fields(snapshot, "device_info")[""] == {
        "model": "Raspberry Pi 4",
        "os": "Debian",
        "os_version": "12",
        "sys_name": "box",
        "sys_descr": "Linux box 6.1.0",
    }


def test_the_programs_of_busybox(machine: Path, tmp_path: Path) -> None:
    busybox = require_binary("busybox")
    (tmp_path / "bin").mkdir()
    for name in ("cat", "date", "df", "grep", "id", "timeout", "true", "uname"):
        (tmp_path / "bin" / name).symlink_to(busybox)
    (machine / "proc/mounts").write_text(
        Path("/proc/mounts").read_text() + "/dev/made_up /no/such\\040folder ext4 rw 0 0\n"
    )
    snapshot = read(machine, tmp_path / "bin", ALL, "busybox")
    assert snapshot.problems == []
    assert fields(snapshot, "device_info")[""]["model"] == "Raspberry Pi 4"
    assert all(told["total_bytes"] for told in fields(snapshot, "storage").values())
    assert fields(snapshot, "interface").keys() == {"lo", "eth0"}


def test_processors_from_the_second_reading_on(machine: Path, stubs: Path) -> None:
    first = read(machine, stubs, CYCLE)
    (machine / "proc/stat").write_text(LATER)
    second = read(machine, stubs, CYCLE, previous=first.cpu_ticks)
    assert fields(first, "cpu") == {}
    assert fields(second, "cpu") == {"cpu0": {"usage_percent": 50.0}, "cpu1": {"usage_percent": 0.0}}
    assert not {"device_info", "interface_info"} & {row.measurement for row in second.rows}


@pytest.mark.parametrize("shell", SHELLS)
def test_only_this_machines_file_systems_are_asked_after(tmp_path: Path, stubs: Path, shell: str) -> None:
    mounts = (
        "server:/export /mnt nfs4 rw 0 0\n//nas/share /smb cifs rw 0 0\nsshfs /remote fuse.sshfs rw 0 0\n"
        "/dev/sdb1 /a\\040b\\011c\\134d\\043 xfs rw 0 0\n/dev/sdb1 /again xfs rw 0 0\n"
        "tank/x /odd\\0401 zfs rw 0 0\n/dev/sdd1 /*\\134040 ext4 rw 0 0\n/dev/loop0 /snap ext4 ro 0 0\n"
    )
    root = write(tmp_path / "root", {**FILES, "proc/mounts": mounts})
    programs(stubs, {"df": f'for word; do printf "(%s)" "$word" >>"{tmp_path}/asked"; done\n{DF}'})
    found = fields(read(root, stubs, CYCLE, shell), "storage")
    assert set(found) == {"/a b\tc\\d#", "/odd 1", "/*\\040"}
    assert (tmp_path / "asked").read_text() == "(-Pk)(--)(/a b\tc\\d#)(/odd 1)(/*\\040)"


@pytest.mark.parametrize(("knows", "expected"), [("-s", "-s KILL 5 df -Pk -- "), ("-t", "-t 5 -s KILL df -Pk -- ")])
def test_what_may_hang_has_a_time_limit_with_any_timeout(machine: Path, stubs: Path, knows: str, expected: str) -> None:
    if knows == "-t" and not Path("/bin/busybox").exists():
        pytest.skip("there is no busybox")
    programs(stubs, {"timeout": f'echo "$*" >>"{stubs}/limits"; [ "$1" = {knows} ] || exit 1; shift 3; exec "$@"'})
    read(machine, stubs, CYCLE)
    assert any(line.startswith(expected) for line in (stubs / "limits").read_text().splitlines())


def test_file_systems_that_do_not_answer_are_a_problem(machine: Path, stubs: Path) -> None:
    programs(stubs, {"timeout": 'shift 3; [ "$1" != df ] || exit 137; exec "$@"'})
    snapshot = read(machine, stubs, CYCLE)
    assert snapshot.problems == ["df: did not end in time"]
    assert fields(snapshot, "storage") == {}
    assert "Physical memory" in fields(snapshot, "memory")


def test_hundreds_of_interfaces(tmp_path: Path, stubs: Path) -> None:
    names = [f"veth{number}" for number in range(600)]
    counters = "".join(f"{name}: {' 1' * 16}\n" for name in names)
    attributes: dict[str, str | bytes] = {f"sys/class/net/{name}/mtu": "1500\n" for name in names}
    attributes |= {f"sys/class/net/{name}/ifindex": f"{number}\n" for number, name in enumerate(names)}
    root = write(tmp_path / "root", {**FILES, **attributes, "proc/net/dev": counters})
    found = fields(read(root, stubs, ALL), "interface_info")
    assert [info["index"] for info in found.values()] == list(range(600))
    assert all(info["mtu"] == 1500 for info in found.values())


@pytest.mark.parametrize("shell", SHELLS)
def test_hostile_files(tmp_path: Path, stubs: Path, shell: str) -> None:
    marker = "\naaaaaaaaaaaaaaaaaa . machine\n\naaaaaaaaaaaaaaaaaa > df\n/dev/x 1 1 1 1% /forged\n"
    hostile: dict[str, str | bytes] = {
        "sys/class/net/eth0/ifalias": f"x{marker}proc/uptime:1 1\n$(touch {tmp_path}/pwned) `touch {tmp_path}/pwned`",
        "sys/class/net/$(touch pwned)/ifindex": "7\n",
        "sys/class/net/-e/ifindex": "8\n",
        "sys/class/net/eth0/duplex": b"\xff\xfe\x00full\n",
        "sys/class/hwmon/hwmon0/name": b"\xc3\x28 chip",
        "proc/loadavg": "9" * 5000 + " nan inf\n",
        "proc/sys/kernel/hostname": "a" * 100_000,
        "etc/os-release": "NAME='" + "$(id)" * 50_000,
    }
    root = write(tmp_path / "root", {**FILES, **hostile})
    snapshot = read(root, stubs, ALL, shell)
    assert fields(snapshot, "device") == {"": {"uptime_s": 4513.39}}
    assert set(fields(snapshot, "storage")) == {"/", "/data/with space", "/gone"}
    assert fields(snapshot, "interface_info")["eth0"]["alias"].startswith("x")  # type: ignore[attr-defined]
    assert fields(snapshot, "sensor")["\ufffd( chip temp1"] == {"value": 50.0}
    assert not list(tmp_path.rglob("pwned"))
    assert of_the_catalogue(snapshot)


def test_a_machine_that_tells_nothing(tmp_path: Path, stubs: Path) -> None:
    (tmp_path / "root").mkdir()
    snapshot = read(tmp_path / "root", stubs, ALL)
    assert [(row.measurement, row.fields) for row in snapshot.rows] == [("device_info", {})]
    assert snapshot.cpu_ticks == {}
    assert snapshot.uptime_ticks is None
    assert snapshot.problems == ["it does not tell its uptime", "it does not tell the work of its processors"]


def test_a_system_that_is_neither(tmp_path: Path, stubs: Path) -> None:
    programs(stubs, {"uname": "echo SunOS"})
    assert "SunOS is neither Linux nor one of the BSDs" in read(tmp_path, stubs, CYCLE).problems


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_machine_that_this_runs_on(shell: str) -> None:
    snapshot = batch.read(run(batch.script(NONCE, ALL), shell), NONCE, ALL, {})
    told = {row.measurement for row in snapshot.rows}
    assert {"device", "device_info", "memory", "system", "interface", "interface_info"} <= told
    assert snapshot.problems == []
    assert of_the_catalogue(snapshot)


def test_banners_around_the_output_do_not_matter(machine: Path, stubs: Path) -> None:
    output = run(batch.script(NONCE, CYCLE, root=str(machine)), "dash", stubs)
    noisy = batch.read(b"Welcome to box!\n" + output + b"\nlogout\n", NONCE, CYCLE, {})
    assert noisy == batch.read(output, NONCE, CYCLE, {})


def test_what_is_cut_off_is_an_error_that_says_where(machine: Path, stubs: Path) -> None:
    output = run(batch.script(NONCE, ALL, root=str(machine)), "dash", stubs)
    end = output.index(f"\n{NONCE} . machine".encode())
    for length in range(0, end, 97):
        with pytest.raises(ValueError, match=f"^(no marker in|cut off after) {length} bytes"):
            batch.read(output[:length], NONCE, ALL, {})
    with pytest.raises(ValueError, match=r"in section 'processes', number 3"):
        batch.read(output[: output.index(b" > processes\n") + 13], NONCE, ALL, {})


def test_an_account_without_a_shell() -> None:
    with pytest.raises(ValueError, match=r"no marker in 41 bytes: 'This account is currently not available\.'"):
        batch.read(b"This account is currently not available.\n", NONCE, CYCLE, {})


@pytest.mark.parametrize("nonce", ["", "short", "0123456789abcde'; rm", "0123456789abcdef\n", "x" * 65])
def test_nonces_are_letters_and_digits(nonce: str) -> None:
    with pytest.raises(ValueError, match="a nonce has 16 to 64 letters and digits"):
        batch.script(nonce, CYCLE)


def test_unknown_tools_are_refused() -> None:
    with pytest.raises(ValueError, match="unknown tools rm; there are smartctl, ipmitool, dmidecode"):
        batch.script(NONCE, Wanted(info=True, neighbours=False, tools=("rm", "smartctl")))


def test_half_a_script_does_nothing(machine: Path, stubs: Path) -> None:
    script = batch.script(NONCE, CYCLE, root=str(machine))
    for share in (0.3, 0.6, 0.9, 0.99):
        assert run(script[: int(len(script) * share)], "dash", stubs) == b""


def test_the_script_writes_nothing() -> None:
    text = batch.script(NONCE, ALL).decode()
    allowed = (r"\$N > \$1", r"2?>/dev/null", r"2>&1", r"\$N < \$1", r"</dev/null", r'<"\$R/proc/sys/kernel/ostype"')
    assert re.findall(r"[<>]", re.sub("|".join(allowed), "", text)) == []


@given(output=st.binary(max_size=300), tail=st.sampled_from((b"", b". machine\n", b"> files\n", b"< 1\n")))
def test_no_output_makes_anything_else_than_a_value_error(output: bytes, tail: bytes) -> None:
    marker = f"\n{NONCE} ".encode()
    with suppress(ValueError):
        assert of_the_catalogue(batch.read(output.replace(b"@", marker) + marker + tail, NONCE, ALL, {}))
