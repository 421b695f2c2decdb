"""Devices that are polled by SSH, alone or beside SNMP: what is asked, what is remembered, what is left alone."""

import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from collector.runtime.facts import HostLogins, HostSsh
from collector.runtime.logins import PAUSES_S
from collector.runtime.poll import Polled
from collector.runtime.snmp_visit import DEAD_AFTER_CYCLES, RELEARN_BROKEN_S
from collector.runtime.ssh_visit import LONGEST_PAUSE_S
from collector.simulator.agent import Device
from collector.simulator.faults import Faults
from collector.simulator.ssh.device import CliDevice
from collector.simulator.ssh.faults import NO_FAULTS, CliFaults
from collector.transport.snmp import udp
from collector.transport.ssh import terminal
from inventory.model import Credential, Host, Secret, SshLogin
from tests.runtime.ssh_world import FAMILY, INTERFACES, PEERS, RARE, VERSION, SshWorld, answers, login, write_family
from tests.runtime.world import IMPATIENT, Clock, community, named, only, tree_of


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SshWorld]:
    clock = Clock()
    monkeypatch.setattr(udp, "time", clock)
    monkeypatch.setattr(terminal, "time", SimpleNamespace(time=clock, monotonic=time.monotonic))
    with SshWorld(tmp_path / "state", clock) as world:
        yield world


def series(polled: Polled) -> list[tuple[str, frozenset[tuple[str, str]]]]:
    return [(point.measurement, frozenset(point.tags.items())) for point in polled.points]


def test_a_device_without_snmp_is_found_out_and_read(world: SshWorld) -> None:
    box = world.add_cli()
    polled = world.poll(world.cli_host(box))
    assert polled.health.error == ""
    assert only(polled, "device") == {"up": True, "ssh_up": True}
    assert only(polled, "device_info") == {"vendor": "Acme", "os_version": "1.2", "serial": "S1"}
    assert named(polled, "interface")["Gi0/1"]["in_octets"] == 1000
    assert {point.tags["name"] for point in polled.points if point.measurement == "routing_peer"} == {
        "192.0.2.1",
        "192.0.2.2",
    }
    assert {point.tags.get("family") for point in polled.points if point.measurement == "device"} == {FAMILY}
    facts = world.state.load(HostSsh, box.address)
    assert facts
    assert (facts.family, facts.prompt) == (FAMILY, "R1#")
    assert facts.texts[RARE] == ""


def test_a_family_fixed_by_the_operator_is_not_asked_for(world: SshWorld) -> None:
    box = world.add_cli()
    world.poll(world.cli_host(box, family=FAMILY))
    assert box.logins == 1
    assert box.received.count(VERSION) == 1


def test_counters_become_rates(world: SshWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY)
    world.poll(host)
    box.answers = answers(world.clock, {"Gi0/1": 1000 + 7500})
    fields = named(world.poll(host), "interface")["Gi0/1"]
    assert (fields["interval_s"], fields["in_bps"], fields["out_bps"]) == (60, 1000, 1000)


def test_commands_have_their_turns(world: SshWorld) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY)
    world.poll(host)
    box.received.clear()
    world.poll(host)
    assert [line for line in box.received if line.startswith("show")] == [INTERFACES, PEERS]


def test_a_command_that_the_device_does_not_know_is_asked_again_only_when_it_is_learnt_anew(world: SshWorld) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY)
    world.poll(host)
    assert {RARE, "show hardware"} <= set(box.received)
    box.received.clear()
    assert world.poll(host, everything=True).health.outcome == "ok"
    assert RARE not in box.received
    box.answers = {**box.answers, "show hardware": "serial X1\n"}
    polled = world.poll(host, after_s=86_400)
    assert named(polled, "component")["chassis"]["serial"] == "X1"


def test_an_output_that_no_longer_fits_its_template_is_told(world: SshWorld) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY)
    world.poll(host)
    box.answers = {**box.answers, INTERFACES: "Gi0/1 went up\n"}
    polled = world.poll(host)
    assert polled.health.outcome == "partial"
    assert polled.health.error == f"{INTERFACES}: no rows of interface, where there were some"
    assert named(polled, "interface") == {}


def both(world: SshWorld, agent: Device, box: CliDevice) -> Host:
    """One device at one address, with its agent and its command line."""
    credentials = (community("lan"), login())
    return world.cli_host(box, credentials=credentials, limits=IMPATIENT, snmp_port=world.farm.port)


def test_what_came_before_the_session_broke_is_kept(world: SshWorld) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY)
    world.poll(host)
    box.faults = CliFaults(breaks="reset", breaks_at=PEERS)
    polled = world.poll(host)
    assert polled.health.outcome == "partial"
    assert polled.health.error.startswith(f"{PEERS}: the device closed the session")
    assert set(named(polled, "interface")) == {"Gi0/1"}
    box.faults = NO_FAULTS
    assert world.poll(host).health.outcome == "ok"


def test_a_command_that_breaks_the_session_when_it_is_learnt_is_tried_again_soon(world: SshWorld) -> None:
    box = world.add_cli(faults=CliFaults(breaks="reset", breaks_at=PEERS))
    host = world.cli_host(box, family=FAMILY)
    assert world.poll(host).health.error.startswith(f"{PEERS}: the device closed the session")
    polled = world.poll(host)
    assert (polled.health.outcome, box.received.count(PEERS)) == ("partial", 1)
    assert polled.health.error.startswith(f"{PEERS}: left out")
    box.faults = NO_FAULTS
    assert world.poll(host, after_s=RELEARN_BROKEN_S).health.outcome == "ok"
    assert box.received.count(PEERS) == 2


def test_what_snmp_has_is_not_asked_for_by_ssh(world: SshWorld) -> None:
    agent = world.add(tree_of(("Gi0/1", "Gi0/2")))
    box = world.add_cli(address=agent.address)
    polled = world.poll(both(world, agent, box))
    assert polled.health.error == ""
    assert set(named(polled, "interface")) == {"Gi0/1", "Gi0/2"}
    assert {point.measurement for point in polled.points} >= {"routing_peer", "interface"}
    device = only(polled, "device")
    assert (device["snmp_up"], device["ssh_up"]) == (True, True)
    assert len(set(series(polled))) == len(series(polled))
    assert INTERFACES not in box.received
    assert box.received.count(VERSION) == 1  # to find out what it is


def test_nobody_logs_in_for_nothing(world: SshWorld) -> None:
    agent = world.add(tree_of(("Gi0/1", "Gi0/2")))
    box = world.add_cli(address=agent.address)
    world.configure(intervals={"routing_peer": 600})
    host = both(world, agent, box)
    world.poll(host)
    logins = box.logins
    polled = [world.poll(host) for _ in range(10)]
    assert box.logins == logins + 1
    assert sum("ssh_up" in only(each, "device") for each in polled) == 1
    assert {each.health.outcome for each in polled} == {"ok"}


def test_a_family_says_what_ssh_gives_although_snmp_has_it(world: SshWorld, tmp_path: Path) -> None:
    world.configure(registry=write_family(tmp_path / "state", 'wins = ["interface"]'))
    agent = world.add(tree_of(("Gi0/1", "Gi0/2")))
    box = world.add_cli(address=agent.address)
    host = both(world, agent, box)
    polled = world.poll(host)  # what the command line gives is learnt while SNMP still tells it
    assert len(set(series(polled))) == len(series(polled))
    assert set(named(polled, "interface")) == {"Gi0/1", "Gi0/2"}
    polled = world.poll(host)
    assert set(named(polled, "interface")) == {"Gi0/1"}
    assert len(set(series(polled))) == len(series(polled))


def test_ssh_stands_in_for_snmp_that_fell_silent(world: SshWorld) -> None:
    agent = world.add(tree_of(("Gi0/1", "Gi0/2")))
    box = world.add_cli(address=agent.address)
    host = both(world, agent, box)
    world.poll(host)
    agent.faults = Faults(dead=True)
    for _ in range(DEAD_AFTER_CYCLES - 1):
        polled = world.poll(host)
        assert polled.health.outcome == "partial"
        assert named(polled, "interface") == {}
    polled = world.poll(host, everything=True)
    assert set(named(polled, "interface")) == {"Gi0/1"}
    agent.faults = Faults()
    polled = world.poll(host)
    assert polled.health.outcome == "ok"
    assert set(named(polled, "interface")) == {"Gi0/1", "Gi0/2"}


def test_a_refused_login_is_not_repeated_for_hours(world: SshWorld) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY, credentials=(login(wrong=True),))
    polled = world.poll(host)
    assert polled.health.outcome == "down"
    assert "login of user admin refused: password" in polled.health.error
    assert "wrong" not in polled.health.error
    for _ in range(3):
        polled = world.poll(host)
    assert "login refused before (1 times); tried again in 4.0 h" in polled.health.error
    assert box.failed_logins == 1
    world.restart()
    world.poll(host)
    assert box.failed_logins == 1  # another process knows it, too
    world.poll(host, after_s=PAUSES_S[0])
    assert box.failed_logins == 2
    box.password = "wrong"
    assert world.poll(host, after_s=PAUSES_S[1]).health.outcome == "ok"
    assert world.state.load(HostLogins, host.name) == HostLogins()


def test_a_refused_privileged_mode_is_not_tried_again_for_hours(world: SshWorld, tmp_path: Path) -> None:
    world.configure(registry=write_family(tmp_path / "state", "enable = true"))
    box = world.add_cli(enable="open", privileged=frozenset({INTERFACES}))
    wrong = Credential(name="admin", ssh=SshLogin(user="admin", password=Secret("admin"), enable=Secret("wrong")))
    host = world.cli_host(box, family=FAMILY, credentials=(wrong,))
    assert "the privileged mode was refused" in world.poll(host).health.error
    assert "login refused before" in world.poll(host, everything=True).health.error
    assert box.logins == 1


def test_the_next_credential_is_tried_and_remembered(world: SshWorld) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY, credentials=(login("old", wrong=True), login("new")))
    assert world.poll(host).health.outcome == "ok"
    world.poll(host)
    assert (box.failed_logins, box.logins) == (1, 2)


def test_nobody_logs_in_where_the_host_key_is_not_the_pinned_one(world: SshWorld) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY)
    world.poll(host)
    world.served.change_key(box)
    polled = world.poll(host)
    assert polled.health.outcome == "down"
    assert "its host key has changed" in polled.health.error
    assert box.logins == 1
    world.known_hosts.write_text("")
    world.restart()
    assert "its host key is not pinned" in world.poll(host).health.error
    assert box.logins == 1


def test_a_device_that_is_gone_is_asked_ever_less_often(world: SshWorld) -> None:
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY)
    world.poll(host)
    world.served.call(world.served.take_down(box))
    said = [world.poll(host).health.error for _ in range(12)]
    tried = [number for number, error in enumerate(said) if "asked again in" not in error]
    assert tried[: DEAD_AFTER_CYCLES + 1] == [0, 1, 2, 3]
    assert len(tried) < 7
    device = only(world.poll(host), "device")
    assert (device["up"], device["ssh_up"]) == (False, False)
    world.served.call(world.served.bring_up(box))
    assert world.poll(host, after_s=LONGEST_PAUSE_S).health.outcome == "ok"


def test_kept_sessions_save_the_logins(world: SshWorld) -> None:
    world.keep_sessions = True
    box = world.add_cli()
    host = world.cli_host(box, family=FAMILY)
    for _ in range(3):
        assert world.poll(host).health.outcome == "ok"
    assert box.logins == 1
    world.served.call(world.served.take_down(box))
    world.served.call(world.served.bring_up(box))
    assert world.poll(host).health.outcome == "ok"
    assert box.logins == 2


def test_a_command_line_that_no_family_knows(world: SshWorld) -> None:
    box = world.add_cli(answers={VERSION: "Frobnicator 9\n"})
    host = world.cli_host(box)
    polled = world.poll(host)
    assert polled.health.outcome == "down"
    assert "no family knows this command line" in polled.health.error
    assert "Frobnicator" in polled.health.error
    logins = box.logins
    assert "asked again in 14 min" in world.poll(host).health.error
    assert box.logins == logins
    world.poll(host, everything=True)  # somebody wants to know
    assert box.logins > logins


def test_a_user_who_may_run_nothing_is_told(world: SshWorld) -> None:
    box = world.add_cli(answers={})
    host = world.cli_host(box, family=FAMILY)
    for _ in range(2):
        polled = world.poll(host)
        assert polled.health.outcome == "down"
        assert f"it takes none of the commands of {FAMILY}: '{VERSION}': % Invalid input" in polled.health.error
    box.answers = answers(world.clock, {"Gi0/1": 1000})
    assert world.poll(host, everything=True).health.outcome == "ok"
