"""Polling by SSH as an operator has it: hosts without an agent, hosts with both protocols, what is stored, said and remembered."""

import json
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from collector.simulator.ssh.faults import CliFaults
from tests.cli.farm import SWITCH
from tests.cli.lines import LOGIN, PASSWORD, Lines, counting, lines, router
from tests.cli.place import Place
from tests.cli.test_poll import TIME, snapshot, stored
from tests.servers import free_port
from tests.transport.ssh.sshd import USER, Sshd

EVERY_SECOND = "interval_s = 1\nintervals = { interface = 1 }\ndeadline_s = 20"
EVERY_2_S = EVERY_SECOND.replace("interval_s = 1", "interval_s = 2")  # samples must not be too close
VERSION, INTERFACES = "display version", "display interface"
VRP = 'family = "huawei/vrp"'
BOTH = LOGIN + '[credentials.lan2]\nsnmp = { version = "2c", community = "another-community" }\n'


def points(place: Place, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    """What a poll would store."""
    result = place.run("poll", "--output", "json", *arguments)
    assert result.exit_code == code, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def named(found: list[dict[str, Any]], measurement: str) -> dict[str, dict[str, Any]]:
    return {each["tags"].get("name", ""): each["fields"] for each in found if each["measurement"] == measurement}


def asked(it: Lines, name: str) -> list[str]:
    """The commands that a device was asked since the last time."""
    received = it.devices[name].received
    found = [line for line in received if line.startswith(("display", "show"))]
    received.clear()
    return found


def latest(place: Place, host: str) -> list[dict[str, Any]]:
    result = place.run("show", host, "--json")
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def server_table(sshd: Sshd, more: str = "") -> str:
    return f'{{ address = "127.0.0.1", ssh_port = {sshd.port}, transport = "ssh", credentials = ["key"]{more} }}'


def server_login(sshd: Sshd) -> str:
    return f'[credentials.key.ssh]\nuser = "{USER}"\nkey = "file:{sshd.folder.parent / "key"}"\n'


@pytest.mark.server
def test_a_router_and_a_server_without_agents(place: Place, sshd: Sshd) -> None:
    device = router(1)
    device.answer = counting(device.answers, INTERFACES, 1000)
    with lines(place, r1=device) as it:
        it.write(
            {"r1": it.table("r1"), "server": server_table(sshd)},
            collector=EVERY_SECOND,
            more=LOGIN + server_login(sshd),
        )
        it.pin(sshd.known_hosts())
        first = place.child("poll", "--stats", "stats.json")
        assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
        stats = json.loads((place.folder / "stats.json").read_text())
        assert (stats["hosts_ok"], stats["hosts_partial"], stats["hosts_down"]) == (2, 0, 0)
        assert stats["stored"] == stats["points"] == sum(stored(place).values())
        assert stats["bytes_in"] > 10_000
        assert VERSION in asked(it, "r1")
        remembered = snapshot(place.state / "ssh")
        assert len(remembered) == 2

        assert place.child("poll").returncode == 0
        again = asked(it, "r1")
        assert INTERFACES in again
        assert not {"show version", "display esn"} & set(again), "what it is and has is known"
        assert snapshot(place.state / "ssh") == remembered
        fields = named(latest(place, "r1"), "interface")["GigabitEthernet0/0/4"]
        assert fields["in_bps"] == pytest.approx(8000, rel=0.2)
        assert fields["interval_s"] < 60
        server = latest(place, "server")
        assert all(0 <= each["usage_percent"] <= 100 for each in named(server, "cpu").values())
        assert named(server, "cpu")
        assert {each["measurement"] for each in server} >= {"device", "device_info", "memory", "storage", "poll"}
        page = place.run("show", "r1")
        assert page.exit_code == 0
        for text in ("r1: up", "AR617VW-LTE4EA", "GigabitEthernet0/0/4", "MPU Board 0", "10.1.1.1", "established"):
            assert text in page.stdout
    assert PASSWORD not in page.output


@contextmanager
def one(place: Place, more: str = VRP, collector: str = "", **settings: Any) -> Iterator[Lines]:
    """A router alone."""
    with lines(place, r1=router(1, **settings)) as it:
        it.write({"r1": it.table("r1", f", {more}" if more else "")}, collector=collector)
        yield it


def test_rows_are_learnt_anew_when_their_time_has_come(place: Place) -> None:
    with one(place, collector=EVERY_SECOND) as it:
        assert place.run("poll").exit_code == 0
        assert "display esn" in asked(it, "r1")
        time.sleep(1)
        assert place.run("poll").exit_code == 0
        assert "display esn" not in asked(it, "r1")
        it.write({"r1": it.table("r1", f", {VRP}")}, collector=f"{EVERY_SECOND}\nrelearn_s = 1")
        assert place.run("poll").exit_code == 0
        assert "display esn" in asked(it, "r1")


def both(it: Lines, transport: str) -> str:
    """The router whose SNMP agent is the farm's switch."""
    table = it.table("r1", transport=transport, credentials='"lan", "cli"')
    return table if transport == "ssh" else table.replace(f'"{SWITCH}"', f'"{it.place.farm.at(SWITCH)}"')


def test_both_protocols_and_each_alone(place: Place) -> None:
    """A device that has both tells each thing once: by SNMP what its agent has, the rest by SSH."""
    device = router(1, address=SWITCH)
    with lines(place, r1=device) as it:
        found = {}
        for transport in ("auto", "snmp", "ssh"):
            it.write({"r1": both(it, transport)})
            found[transport] = points(place, "--all")
            series = [(each["measurement"], *sorted(each["tags"].items())) for each in found[transport]]
            assert len(set(series)) == len(series)
        assert set(named(found["snmp"], "interface")) == {f"Gi0/{number}" for number in range(1, 5)}
        assert "routing_peer" not in {each["measurement"] for each in found["snmp"]}
        assert named(found["auto"], "interface").keys() == named(found["snmp"], "interface").keys()
        assert named(found["auto"], "routing_peer").keys() == named(found["ssh"], "routing_peer").keys()
        assert "GigabitEthernet0/0/4" in named(found["ssh"], "interface")
        up = {each: next(iter(named(found[each], "device").values())) for each in found}
        assert (up["auto"]["snmp_up"], up["auto"]["ssh_up"]) == (True, True)
        assert "ssh_up" not in up["snmp"]
        assert "snmp_up" not in up["ssh"]


def test_one_protocol_that_fails_makes_it_partial(place: Place) -> None:
    device = router(1, address=SWITCH)
    with lines(place, r1=device) as it:
        it.write({"r1": both(it, "auto")})
        device.password = "another"
        result = place.run("poll")
        assert result.exit_code == 1
        assert "0 of 1 hosts down, 1 partial: r1: login of user admin refused" in result.stderr
        device.password = PASSWORD
        it.write(
            {"r1": it.table("r1", transport="auto", credentials='"lan", "cli"')}
        )  # SNMP's port is the usual one, where nobody answers
        place.run("probe", "r1", "--pause", "0")
        result = place.run("poll")
        assert result.exit_code == 1
        assert "0 of 1 hosts down, 1 partial: r1: " in result.stderr


def test_this_machine_needs_no_login(place: Place) -> None:
    place.write({"me": '{ transport = "local", credentials = [] }'})
    found = points(place, "--all")
    assert {each["measurement"] for each in found} >= {"device_info", "memory", "interface", "storage", "device"}
    assert named(found, "device")[""]["up"] is True


@pytest.mark.parametrize("keep", [False, True])
def test_the_resident_poller(place: Place, keep: bool) -> None:
    with one(place, collector=f"{EVERY_2_S}\nssh_keep = {str(keep).lower()}") as it:
        device = it.devices["r1"]
        device.answer = counting(device.answers, INTERFACES, 1000)
        with place.background("run", "-v") as running:
            running.wait_for("cycle: 1 hosts, 0 down, 0 partial", 2)
            running.signal(signal.SIGTERM)
            assert running.process.wait(10) == 0
            assert "Traceback" not in running.log()
        cycles = running.log().count("cycle: ")
        assert device.logins == 1 if keep else device.logins == cycles
        assert device.received.count("display esn") == 1
        assert device.received[-1] == "quit" or device.received[-1] == "exit"
        assert named(latest(place, "r1"), "interface")["GigabitEthernet0/0/4"]["in_bps"] == pytest.approx(8000, rel=0.2)


def test_a_closed_port_is_told(place: Place) -> None:
    table = f'{{ address = "127.0.0.1", ssh_port = {free_port()}, transport = "ssh", credentials = ["cli"] }}'
    place.write({"r1": table}, more=LOGIN)
    done = place.child("poll")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(TIME + r"WARNING 1 of 1 hosts down, 0 partial: r1: port \d+: Connection refused\n", done.stderr)
    assert latest(place, "r1")


def test_an_unknown_and_a_changed_host_key_are_told_with_what_to_do(place: Place) -> None:
    with one(place) as it:
        it.file.unlink()
        result = place.run("poll")
        assert result.exit_code == 1
        assert "r1: its host key is not pinned: ssh-ed25519 SHA256:" in result.stderr
        assert "collector trust" in result.stderr
        assert place.run("trust", "r1", "--yes").exit_code == 0
        assert place.run("poll").exit_code == 0
        it.served.change_key(it.devices["r1"])
        result = place.run("poll")
        assert result.exit_code == 1
        assert "its host key has changed" in result.stderr
        assert "collector trust" in result.stderr
        assert it.devices["r1"].logins == 1


def test_a_refused_password_is_tried_once(place: Place) -> None:
    with one(place, password="another") as it:
        device = it.devices["r1"]
        result = place.run("poll")
        assert result.exit_code == 1
        assert "r1: login of user admin refused: password" in result.stderr
        for _ in range(3):
            held = place.run("poll")
            assert held.exit_code == 1
            assert "login refused before (1 times); tried again in 4.0 h" in held.stderr
        assert device.failed_logins == 1
        assert place.run("probe", "r1", "--pause", "0").exit_code == 20
        assert device.failed_logins == 2, "who asks is answered"
        assert "refused before (2 times); tried again in 12.0 h" in place.run("poll").stderr
        device.password = PASSWORD
        assert place.run("poll").exit_code == 1, "polls do not know"
        assert device.logins == 0
        assert place.run("probe", "r1", "--pause", "0").exit_code == 0
        assert place.run("poll").exit_code == 0


@pytest.mark.parametrize(
    ("login", "said"),
    [
        ('password = "env:NOT_SET"', "env:NOT_SET: the environment has no such variable"),
        ('password = "file:/nonexistent/secret"', "file:/nonexistent/secret"),
        ('key = "env:NO_KEY"', "NO_KEY"),
        ('key = "env:PASSWORD_IN_PLACE_OF_A_KEY"', "the private key env:PASSWORD_IN_PLACE_OF_A_KEY is none"),
    ],
)
def test_secrets_that_cannot_be_had_are_named(place: Place, login: str, said: str) -> None:
    place.env["PASSWORD_IN_PLACE_OF_A_KEY"] = PASSWORD
    with one(place) as it:
        it.write({"r1": it.table("r1", f", {VRP}")}, more=f'[credentials.cli]\nssh = {{ user = "admin", {login} }}')
        for command in (["poll"], ["probe", "r1", "--pause", "0"]):
            result = place.run(*command)
            assert result.exit_code, result.output
            assert said in result.output
            assert "Traceback" not in result.output
        assert it.devices["r1"].failed_logins == 0


def test_a_hanging_device_costs_its_own_time_alone(place: Place) -> None:
    with lines(place, slow=router(1, faults=CliFaults(breaks="hang", breaks_at=INTERFACES)), good=router(2)) as it:
        it.write(
            {name: it.table(name, f", {VRP}") for name in it.devices}, collector="deadline_s = 10\nhost_deadline_s = 3"
        )
        began = time.monotonic()
        result = place.run("poll")
        assert time.monotonic() - began < 14
        assert result.exit_code == 1
        assert "0 of 2 hosts down, 1 partial: slow: display interface: " in result.stderr
        assert named(latest(place, "good"), "interface")


def test_a_jump_host(place: Place) -> None:
    bastion = router(1, forwards=("127.45.0.2:*",))
    with lines(place, bastion=bastion, r2=router(2), r3=router(3)) as it:
        behind = {name: it.table(name, f', {VRP}, jump = "bastion"') for name in ("r2", "r3")}
        it.write({"bastion": it.table("bastion", f", {VRP}")} | behind)
        result = place.run("poll", "r*")
        assert result.exit_code == 1
        assert "1 of 2 hosts down, 0 partial: r3: jump host bastion to 127.45.0.3 port" in result.stderr
        assert bastion.logins == 1, "one connection for all behind it"
        assert named(latest(place, "r2"), "interface")


def test_a_login_that_may_run_nothing_is_no_success(place: Place) -> None:
    with one(place, answers={}) as it:
        for _ in range(2):
            result = place.run("poll")
            assert result.exit_code == 1
            assert "r1: " in result.stderr
            assert "Unrecognized command" in result.stderr
        assert asked(it, "r1")


def test_a_dry_run_remembers_nothing(place: Place) -> None:
    with one(place) as it:
        before = snapshot(place.state)
        assert place.run("poll", "--dry-run").exit_code == 0
        after = snapshot(place.state)
        assert {name for name in after if after[name]} - {"poll.lock"} == set(before)
        it.devices["r1"].password = "another"
        place.run("poll", "--dry-run")
        assert {name for name, text in snapshot(place.state).items() if text} - {"poll.lock"} == set(before)
