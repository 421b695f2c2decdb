"""`collector probe` over SSH: on devices that work, and on all that keep one from working."""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from collector.runtime.probe.evidence import Cause
from collector.simulator.ssh.device import CliDevice, Executed
from collector.simulator.ssh.faults import AtConnect, CliFaults
from tests.cli.farm import DEAD, SWITCH
from tests.cli.lines import BOX, ENABLE, LOGIN, PASSWORD, PRIVILEGED, Lines, box, counting, lines, router
from tests.cli.place import Place
from tests.cli.test_poll import snapshot
from tests.cli.test_probe import PARTS
from tests.runtime.ssh_world import write_family
from tests.servers import free_port
from tests.transport.ssh.sshd import USER, Sshd, make_key

INTERFACES = "display interface"
VRP = 'family = "huawei/vrp"'
SSH_PARTS = {
    "address", "port", "jump", "connect_ms", "banner", "key_type", "fingerprint", "trust", "credentials", "family", "reason",
    "prompt", "privileged", "uptime_s", "commands", "points", "duration_s", "failure", "remedy",
}  # fmt: skip
ASKED = {"command", "bytes_in", "duration_s", "rows", "refusal", "templates", "problems"}


def probed(place: Place, *arguments: str) -> dict[str, Any]:
    """The evidence, as JSON; a terminal shows the same verdict first, and what to do next."""
    result = place.run("probe", "--json", "--pause", "0", *arguments)
    assert result.stderr == ""
    found = json.loads(result.stdout)
    assert found["cause"] == result.exit_code
    assert found.keys() == PARTS
    assert found["verdict"]
    assert result.exit_code == 0 or found["remedy"]
    assert found["ssh"] is None or found["ssh"].keys() == SSH_PARTS
    return found  # type: ignore[no-any-return]


def shown(place: Place, *arguments: str) -> str:
    """What a person sees: the verdict first."""
    result = place.run("probe", "--pause", "0", *arguments)
    assert result.stderr == ""
    assert "Traceback" not in result.stdout
    first, second = result.stdout.splitlines()[:2]
    name = Cause(result.exit_code).name.replace("_", " ")
    assert first.startswith(f"{name}  r1: ")
    assert (result.exit_code == 0) or second.startswith("  do: ")
    return str(result.stdout)


@contextmanager
def one(place: Place, more: str = VRP, *, collector: str = "", login: str = LOGIN, **settings: Any) -> Iterator[Lines]:
    """A router alone, by default a Huawei that is known as one."""
    with lines(place, r1=router(1, **settings)) as it:
        it.write({"r1": it.table("r1", f", {more}" if more else "")}, collector=collector, more=login)
        yield it


def test_a_router_that_works(place: Place) -> None:
    with one(place, more="") as it:
        device = it.devices["r1"]
        device.answer = counting(device.answers, INTERFACES, 1000)
        result = place.run("probe", "r1", "--pause", "1.5")
        assert (result.exit_code, result.stderr) == (0, "")
        text = result.stdout
        port = it.served.port_of(device)
        for said in (
            "OK  r1: Huawei AR617VW-LTE4EA as family huawei/vrp by SSH: 16 commands, ",
            f"port {port}: SSH-2.0-HUAWEI-1.5, ",
            f"host key ssh-ed25519 {it.key('r1').fingerprint}: pinned",
            "cli (SSH user admin, password): works by password",
            "family huawei/vrp: 'display version' says so",
            "prompt <edge-1>\n",
            "up 3 min",
            "display version ",
            "version.textfsm",
            "GigabitEthernet0/0/4",
            "ok: 4",
            "routing_peer name=",
            "protocol=bgp: state=established",
            f"ssh -p {port} admin@127.45.0.1",
        ):
            assert said in text, said
        assert re.search(r"GigabitEthernet0/0/4 +all +ok +(7|8)(\.\d+)? kbps", text)
        assert PASSWORD not in text
        assert not (place.state / "collector.duckdb").exists()
        # the whole, in three logins at the most: what it is, the first reading, the second
        assert device.logins == 3


def test_all_evidence_as_json(place: Place) -> None:
    with one(place) as it:
        before = snapshot(place.state)
        found = probed(place, "r1")
        ssh = found["ssh"]
        assert (found["cause"], found["remedy"]) == (0, "")
        assert (ssh["address"], ssh["port"]) == ("127.45.0.1", it.served.port_of(it.devices["r1"]))
        assert (ssh["banner"], ssh["key_type"], ssh["trust"]) == ("SSH-2.0-HUAWEI-1.5", "ssh-ed25519", "pinned")
        assert ssh["fingerprint"] == it.key("r1").fingerprint
        assert 0 < ssh["connect_ms"] < 10_000
        assert [each | {"remedy": ""} for each in ssh["credentials"]] == ssh["credentials"]
        assert ssh["credentials"][0]["works"] is True
        assert (ssh["family"], ssh["prompt"], ssh["privileged"]) == ("huawei/vrp", "<edge-1>", None)
        assert ssh["uptime_s"] == 180
        assert len(ssh["commands"]) == 16
        for asked in ssh["commands"]:
            assert asked.keys() == ASKED
            assert asked["bytes_in"] > 0
            assert asked["duration_s"] > 0
            assert asked["rows"] > 0
            assert all(name.endswith(".textfsm") for name in asked["templates"])
            assert asked["templates"]
            assert (asked["refusal"], asked["problems"]) == ("", [])
        assert ssh["points"] == len(found["points"]) > 50
        assert {each["name"] for each in found["interfaces"]} >= {"GigabitEthernet0/0/4", "Cellular0/0/0"}
        assert len({each["name"] for each in found["interfaces"]}) == len(found["interfaces"])
        assert all(isinstance(each["time_ns"], int) and each["fields"] for each in found["points"])
        new = snapshot(place.state).keys() - before.keys()
        assert all(name.startswith("leases") or not (place.state / name).read_bytes() for name in new)


def test_everything_is_shown_when_wanted(place: Place) -> None:
    with one(place):
        few, everything = shown(place, "r1"), shown(place, "r1", "--all")
    assert "interface.textfsm, ..." in few
    assert "interface_optics.textfsm" in everything
    assert len(everything.splitlines()) > len(few.splitlines()) + 30
    assert "sensor name=XGigabitEthernet0/0/1,class=voltage" in everything


def test_points_are_written_when_wanted(place: Place) -> None:
    with one(place):
        found = probed(place, "r1", "--write")
        assert f"{len(found['points'])} points written" in found["store"]
        counts = json.loads(place.run("store", "info", "--json").stdout)["measurements"]
        assert counts["interface"] == 4
        assert counts["routing_peer"] > 5
        assert probed(place, "r1")["store"].startswith("0 of ")


@pytest.mark.server
def test_a_server(place: Place, sshd: Sshd) -> None:
    table = f'{{ address = "127.0.0.1", ssh_port = {sshd.port}, transport = "ssh", credentials = ["key"] }}'
    login = f'[credentials.key.ssh]\nuser = "{USER}"\nkey = "file:{sshd.folder.parent / "key"}"\nagent = true\n'
    place.write({"r1": table}, more=login)
    place.state.mkdir()
    (place.state / "known_hosts").write_text(sshd.known_hosts())
    found = probed(place, "r1", "--pause", "0.5")
    assert (found["cause"], found["ssh"]["family"]) == (0, "linux/server")
    assert "Linux" in found["ssh"]["reason"]
    assert found["ssh"]["credentials"][0]["verdict"] == "works by key"
    assert [each["command"] for each in found["ssh"]["commands"]] == ["sh -s"]
    assert {each["measurement"] for each in found["points"]} >= {"cpu", "memory", "storage", "device_info"}
    text = shown(place, "r1")
    assert "one script" in text
    assert "SSH-2.0-OpenSSH" in text


def test_a_closed_port(place: Place) -> None:
    port = free_port()
    place.write(
        {"r1": f'{{ address = "127.0.0.1", ssh_port = {port}, transport = "ssh", credentials = ["cli"] }}'}, more=LOGIN
    )
    found = probed(place, "r1")
    assert found["cause"] == Cause.UNREACHABLE
    assert found["verdict"] == f"SSH: port {port}: Connection refused"
    assert found["remedy"] == "enable SSH on the device, or correct ssh_port"
    assert found["reach"]["ssh_port_open"] is False
    assert "closed or filtered" in shown(place, "r1")


@pytest.mark.parametrize(
    ("at_connect", "verdict", "remedy"),
    [
        ("silent", "is open and says nothing", "is SSH on, may this address log in"),
        ("garbage", "what answers there is no SSH", "correct ssh_port"),
        ("close", "closes the connection at once", "its sessions may be used up"),
        ("reset", "closes the connection at once", "its sessions may be used up"),
        ("version_only", "its time is used up", "is it busy"),
    ],
)
def test_what_is_no_ssh(place: Place, at_connect: AtConnect, verdict: str, remedy: str) -> None:
    with one(place, faults=CliFaults(at_connect=at_connect), collector="deadline_s = 4"):
        found = probed(place, "r1")
    assert found["cause"] == Cause.SSH_FAILED
    assert verdict in found["verdict"]
    assert remedy in found["remedy"]
    assert found["ssh"]["credentials"] == []


def test_an_unknown_host_key(place: Place) -> None:
    with one(place) as it:
        it.file.unlink()
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_HOST_KEY
        assert found["remedy"] == "compare it with the device's, then: collector trust r1"
        assert (found["ssh"]["trust"], found["ssh"]["fingerprint"]) == ("unknown", it.key("r1").fingerprint)
        text = shown(place, "r1")
        assert f"{it.key('r1').fingerprint}: unknown: not trusted" in text
        assert it.devices["r1"].logins == it.devices["r1"].failed_logins == 0
        assert place.run("trust", "r1", "--yes").exit_code == 0
        assert probed(place, "r1")["cause"] == 0


def test_a_changed_host_key(place: Place) -> None:
    with one(place) as it:
        it.served.change_key(it.devices["r1"])
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_HOST_KEY
        assert "its host key has changed" in found["verdict"]
        assert "collector trust --replace r1" in found["remedy"]
        assert found["ssh"]["trust"] == "changed"
        assert it.devices["r1"].failed_logins == it.devices["r1"].logins == 0


def test_a_refused_password(place: Place) -> None:
    with one(place, password="another") as it:
        device = it.devices["r1"]
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_REFUSED
        assert found["verdict"] == "SSH: login of user admin refused: password"
        assert "compare user, password and key with the device's" in found["remedy"]
        assert device.failed_logins == 1
        assert [(each["works"], each["verdict"]) for each in found["ssh"]["credentials"]] == [
            (False, "login of user admin refused: password")
        ]
        assert place.run("poll").exit_code == 1
        assert device.failed_logins == 1, "polls know, and hold back"
        assert "cli (SSH user admin, password): login of user admin refused" in shown(place, "r1")
        assert device.failed_logins == 2
        device.password = PASSWORD
        assert probed(place, "r1")["cause"] == 0
        assert place.run("poll").exit_code == 0


def test_each_login_has_a_verdict(place: Place, tmp_path: Any) -> None:
    make_key(tmp_path / "key")
    with lines(place, r1=router(1)) as it:
        login = (
            LOGIN
            + '[credentials.old.ssh]\nuser = "admin"\npassword = "an-old-one"\n'
            + f'[credentials.key.ssh]\nuser = "admin"\nkey = "file:{tmp_path / "key"}"\n'
        )
        it.write({"r1": it.table("r1", f", {VRP}", credentials='"key", "old", "cli"')}, more=login)
        found = probed(place, "r1")
        assert found["cause"] == 0
        assert [(each["name"], each["works"]) for each in found["ssh"]["credentials"]] == [
            ("key", False), ("old", False), ("cli", True)
        ]  # fmt: skip
        assert "login of user admin refused: key" in found["ssh"]["credentials"][0]["verdict"]
        assert it.devices["r1"].failed_logins == 1


def test_old_algorithms_only(place: Place) -> None:
    with one(place, legacy=True) as it:
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_FAILED
        assert "legacy_ssh = true" in found["remedy"]
        it.write({"r1": it.table("r1", f", {VRP}, legacy_ssh = true")})
        assert probed(place, "r1")["cause"] == 0


def test_another_family_than_it_is(place: Place) -> None:
    with one(place, more='family = "cisco/ios"'):
        found = probed(place, "r1")
        assert place.run("poll").exit_code == 1
    assert found["cause"] == Cause.SSH_FAILED
    assert found["verdict"] == "SSH: nothing that it answers is what cisco/ios knows"
    assert "set `family`" in found["remedy"]
    assert found["ssh"]["credentials"][0]["works"] is True
    assert found["ssh"]["prompt"] == "<edge-1>"
    assert not any(each["rows"] for each in found["ssh"]["commands"])


def test_no_family_knows_it(place: Place) -> None:
    answers = {"show version": "Frobnicator 9\n", "show interfaces": "none\n"}
    with one(place, more="", platform="cisco_ios", answers=answers):
        found = probed(place, "r1")
    assert found["cause"] == Cause.SSH_FAILED
    assert "no family knows this command line: SSH-2.0-Cisco-1.25" in found["verdict"]
    assert "Frobnicator 9" in found["verdict"]
    assert "set `family`" in found["remedy"]
    assert found["ssh"]["credentials"][0]["works"] is True


@pytest.mark.parametrize(
    ("enable", "said"),
    [("", "its commands need the privileged mode"), ("not-the-one", "the privileged mode was refused")],
)
def test_the_privileged_mode_is_missing(place: Place, enable: str, said: str) -> None:
    login = LOGIN + (f'enable = "{enable}"\n' if enable else "")
    with lines(place, r1=box(place)) as it:
        it.write({"r1": it.table("r1", f", {BOX}")}, collector=PRIVILEGED, more=login)
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_FAILED
        assert said in found["verdict"]
        assert "`enable`" in found["remedy"]
        assert found["ssh"]["credentials"][0]["works"] is True
        assert not [line for line in it.devices["r1"].received if line.startswith("show")]
        it.write({"r1": it.table("r1", f", {BOX}")}, collector=PRIVILEGED, more=f'{LOGIN}enable = "{ENABLE}"\n')
        found = probed(place, "r1")
        assert (found["ssh"]["privileged"], found["ssh"]["failure"]) == (True, "")
        assert "prompt edge-1#, privileged" in shown(place, "r1")


def test_a_command_that_is_refused(place: Place) -> None:
    with one(place) as it:
        device = it.devices["r1"]
        device.answers = {name: text for name, text in device.answers.items() if name != "display fan"}
        found = probed(place, "r1")
        assert found["cause"] == 0, "no device knows all commands of its family"
        refused = {each["command"]: each["refusal"] for each in found["ssh"]["commands"] if each["refusal"]}
        assert refused.keys() == {"display fan", "display device fan"} - set(device.answers)
        assert "Unrecognized command" in refused["display fan"]
        device.answers = {}
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_FAILED
        assert "it takes none of the commands of huawei/vrp" in found["verdict"]
        assert "may need more rights" in found["remedy"]
        assert found["ssh"]["prompt"] == "<edge-1>"
        assert all(each["refusal"] for each in found["ssh"]["commands"])


def test_a_template_that_does_not_fit(place: Place) -> None:
    with one(place) as it:
        device = it.devices["r1"]
        device.answers = {**device.answers, INTERFACES: "Interface overview of another release\n" * 20}
        found = probed(place, "r1")
        assert found["cause"] == Cause.PARTIAL
        assert "0 of 0 interfaces kept" in found["verdict"]
        assert "an output that gives no rows" in found["remedy"]
        asked = next(each for each in found["ssh"]["commands"] if each["command"] == INTERFACES)
        assert asked["rows"] == 0
        assert asked["bytes_in"] > 500
        line = next(line for line in shown(place, "r1").splitlines() if line.startswith(f"  {INTERFACES} "))
        assert line.rstrip().endswith("no rows")


def test_a_device_that_hangs(place: Place) -> None:
    hangs = CliFaults(breaks="hang", breaks_at=INTERFACES, breaks_after_bytes=100)
    with one(place, faults=hangs, collector="host_deadline_s = 3") as it:
        began = time.monotonic()
        found = probed(place, "r1")
        assert time.monotonic() - began < 14
        assert found["cause"] == Cause.PARTIAL
        assert found["ssh"]["prompt"] == "<edge-1>"
        assert [each["command"] for each in found["ssh"]["commands"]] == ["display version", "display esn", INTERFACES]
        assert any(each.startswith(f"{INTERFACES}: its time is used up") for each in found["problems"]), found[
            "problems"
        ]
        it.devices["r1"].faults = CliFaults(breaks="hang", breaks_at="display version")
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_FAILED
        assert found["ssh"]["prompt"] == "<edge-1>", "what was seen is told"
        assert found["ssh"]["credentials"][0]["works"] is True


def test_a_second_reading_that_fails_leaves_the_first(place: Place) -> None:
    with one(place) as it:
        device = it.devices["r1"]
        times: list[float] = []

        def answer(command: str, now_s: float) -> str | None:
            if command == INTERFACES:
                times.append(now_s)
                device.faults = CliFaults(at_connect="close")
            return None

        device.answer = answer
        found = probed(place, "r1", "--pause", "0.1")
        assert len(times) == 1
        assert len(found["points"]) > 50
        assert any("second reading: " in problem for problem in found["problems"])


def test_behind_a_jump_host(place: Place) -> None:
    bastion = router(9, forwards=("127.45.0.1:*",))
    with lines(place, r1=router(1), bastion=bastion) as it:
        it.write({"r1": it.table("r1", f', {VRP}, jump = "bastion"'), "bastion": it.table("bastion")})
        found = probed(place, "r1")
        assert (found["cause"], found["ssh"]["jump"]) == (0, "bastion")
        assert found["reach"]["ssh_port_open"] is None, "its port need not be open to us"
        assert "by way of bastion" in shown(place, "r1")

        bastion.forwards = ()
        found = probed(place, "r1")
        assert found["cause"] == Cause.UNREACHABLE
        assert "jump host bastion to 127.45.0.1 port" in found["verdict"]
        assert "let that user forward" in found["remedy"]

        bastion.password = "another"
        failed = bastion.failed_logins
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_REFUSED
        assert "jump host bastion: login of user admin refused" in found["verdict"]
        assert bastion.failed_logins == failed + 1

        it.served.change_key(bastion)
        found = probed(place, "r1")
        assert found["cause"] == Cause.SSH_HOST_KEY
        assert "jump host bastion: its host key has changed" in found["verdict"]
        assert "collector trust --replace bastion" in found["remedy"]


def test_a_name_that_only_the_jump_host_knows(place: Place) -> None:
    with lines(place, bastion=router(9, forwards=("inside.invalid:*",))) as it:
        table = '{ address = "inside.invalid", transport = "ssh", credentials = ["cli"], jump = "bastion" }'
        it.write({"r1": table, "bastion": it.table("bastion")})
        found = probed(place, "r1")
        assert found["reach"]["addresses"] == []
        assert found["cause"] == Cause.UNREACHABLE
        assert "jump host bastion to inside.invalid port 22" in found["verdict"]
        assert it.devices["bastion"].logins == 1


@pytest.mark.parametrize("stderr", [b"", b"This account is currently not available.\n"])
def test_a_server_without_a_shell(place: Place, stderr: bytes) -> None:
    def refuse(command: str, stdin: bytes | None) -> Executed:
        return Executed(b"", stderr, 1)

    with one(place, 'family = "linux/server"', execute=refuse, version="OpenSSH_9.2p1"):
        found = probed(place, "r1")
    assert found["cause"] == Cause.SSH_FAILED
    assert "its shell did not run the script" in found["verdict"]
    assert stderr.decode().strip() in found["verdict"]
    assert found["remedy"]


def both(it: Lines, address: str) -> str:
    """The router with an agent of the farm."""
    table = it.table("r1", f", {VRP}", transport="auto", credentials='"lan", "cli"')
    return table.replace(f'"{it.devices["r1"].address}"', f'"{it.place.farm.at(address)}"')


def test_both_protocols_work(place: Place) -> None:
    with lines(place, r1=router(1, address=SWITCH)) as it:
        it.write({"r1": both(it, SWITCH)})
        found = probed(place, "r1", "--family", "generic")
        found = probed(place, "r1")
        assert found["cause"] in (0, 1)
        assert "SSH adds " in found["verdict"]
        assert [each["works"] for each in found["credentials"] + found["ssh"]["credentials"]] == [True, True]
        series = [(each["measurement"], *sorted(each["tags"].items())) for each in found["points"]]
        assert len(set(series)) == len(series)
        assert {each["name"] for each in found["interfaces"]} == {f"Gi0/{number}" for number in range(1, 5)}
        assert "routing_peer" in {each["measurement"] for each in found["points"]}


def test_what_ssh_wins_is_told_once(place: Place) -> None:
    with lines(place, r1=box(place, address=SWITCH, enable="")) as it:
        write_family(place.folder, 'wins = ["interface"]')
        table = both(it, SWITCH).replace(VRP, BOX)
        it.write({"r1": table}, collector=PRIVILEGED)
        found = probed(place, "r1")
        assert [each["name"] for each in found["interfaces"]] == ["Gi0/1"]
        series = [(each["measurement"], *sorted(each["tags"].items())) for each in found["points"]]
        assert len(set(series)) == len(series)
        assert [each["tags"]["name"] for each in found["points"] if each["measurement"] == "interface"] == ["Gi0/1"]


def test_snmp_works_and_ssh_fails(place: Place) -> None:
    with lines(place, r1=router(1, address=SWITCH, password="another")) as it:
        it.write({"r1": both(it, SWITCH)})
        found = probed(place, "r1")
        assert found["cause"] == Cause.PARTIAL
        assert "SSH fails: login of user admin refused: password" in found["verdict"]
        assert "compare user, password and key" in found["remedy"]
        assert "interface" in {each["measurement"] for each in found["points"]}


def test_ssh_works_and_snmp_fails(place: Place) -> None:
    with lines(place, r1=router(1, address=DEAD)) as it:
        it.write({"r1": both(it, DEAD)})
        found = probed(place, "r1")
        assert found["cause"] == Cause.PARTIAL
        assert "as family huawei/vrp by SSH" in found["verdict"]
        assert "not by SNMP: the host is up, and silent to SNMP" in found["verdict"]
        assert "community" in found["remedy"] or "echo" in found["remedy"]
        assert "GigabitEthernet0/0/4" in {each["name"] for each in found["interfaces"]}


def test_both_fail(place: Place) -> None:
    with lines(place, r1=router(1, address=DEAD, password="another")) as it:
        it.write({"r1": both(it, DEAD)})
        found = probed(place, "r1")
        assert found["cause"] == Cause.SNMP_SILENT
        assert "SSH: login of user admin refused: password" in found["problems"]
        assert "login of user admin refused" in shown(place, "r1")


@pytest.mark.parametrize(
    ("login", "said"),
    [
        (
            '[credentials.cli.ssh]\nuser = "admin"\npassword = "env:NOT_SET"\n',
            "env:NOT_SET: the environment has no such",
        ),
        ('[credentials.cli.ssh]\nuser = "admin"\npassword = "file:/nonexistent/it"\n', "file:/nonexistent/it"),
        ('[credentials.cli.ssh]\nuser = "admin"\nkey = "env:NO_KEY"\n', "env:NO_KEY"),
        (LOGIN + 'enable = "env:NO_ENABLE"\n', "env:NO_ENABLE"),
    ],
)
def test_a_secret_that_cannot_be_had(place: Place, login: str, said: str) -> None:
    with lines(place, r1=box(place)) as it:
        it.write({"r1": it.table("r1", f", {BOX}")}, collector=PRIVILEGED, more=login)
        found = probed(place, "r1")
        assert found["cause"] == Cause.CONFIGURATION
        assert said in found["verdict"]
        assert it.devices["r1"].failed_logins == 0


def test_a_community_that_cannot_be_had(place: Place) -> None:
    place.write({"r1": place.farm.at(SWITCH).partition(":")[0]}, community="env:NOT_SET")
    found = probed(place, "r1")
    assert found["cause"] == Cause.CONFIGURATION
    assert "env:NOT_SET: the environment has no such variable" in found["verdict"]


def test_a_capture_of_a_device_whose_ssh_secret_is_missing(place: Place) -> None:
    with lines(place, r1=router(1, address=SWITCH)) as it:
        it.write({"r1": both(it, SWITCH)}, more='[credentials.cli.ssh]\nuser = "admin"\npassword = "env:NOT_SET"\n')
        file = place.folder / "r1.snmprec"
        found = probed(place, "r1", "--capture", str(file))
        assert found["cause"] == Cause.PARTIAL
        assert found["captured"] == str(file)
        assert "env:NOT_SET" in found["verdict"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_pinned_keys_that_cannot_be_read(place: Place) -> None:
    with one(place) as it:
        it.file.chmod(0)
        assert "pinned host keys cannot be read" in probed(place, "r1")["verdict"]


def test_fakes_are_of_use() -> None:
    """A device that answers nothing would make the tests above meaningless."""
    device = router(1)
    assert isinstance(device, CliDevice)
    assert len(device.answers) >= 16
