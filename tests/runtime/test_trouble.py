"""Broken, slow and dead devices cost themselves: time, points and attempts."""

import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from collector.runtime import poll as poll_module
from collector.runtime import snmp_visit as snmp_visit_module
from collector.runtime import tools as tools_module
from collector.runtime import visit as visit_module
from collector.runtime.lease import HeldError, Leases
from collector.runtime.snmp_visit import DEAD_AFTER_CYCLES, REFUSED_PAUSE_S
from collector.runtime.turns import Cycle
from collector.simulator.devices.models import plain_switch
from collector.simulator.faults import NO_FAULTS, Faults
from collector.smi.oid import encode
from collector.transport.contract import SecurityError
from collector.transport.icmp import Pinger
from collector.transport.snmp.learnt import Learnt
from collector.transport.snmp.session import Session
from inventory.model import Credential, Host, Limits
from tests.runtime.world import World, absurd_rates, community, named, only, tree_of

PORTS = ("Gi0/1", "Gi0/2")
IF_IN_ERRORS_1, IF_IN_ERRORS_2 = "1.3.6.1.2.1.2.2.1.14.1", "1.3.6.1.2.1.2.2.1.14.2"
HASTY = Limits(timeout_s=0.05, retries=1)

FAULTS = {
    "drop": (Faults(drop=0.2), {"ok", "partial", "down"}),
    "delay": (Faults(delay_s=0.02), {"ok"}),
    "dead": (Faults(dead=True), {"down"}),
    "loop": (Faults(loop=True), {"ok", "partial"}),
    "endless": (Faults(endless=True), {"ok", "partial"}),
    "garbage": (Faults(garbage=True), {"down"}),
    "truncate": (Faults(truncate=True), {"down"}),
    "wrong id": (Faults(wrong_id=True), {"down"}),
    "duplicate": (Faults(duplicate=True), {"ok"}),
    "too big": (Faults(max_bytes=300), {"ok"}),
    "silence beyond a size": (Faults(silent_bytes=300), {"ok"}),
    "one bad value": (Faults(gen_err=frozenset({encode(IF_IN_ERRORS_1)})), {"ok", "partial"}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("from_the_beginning", [True, False])
def test_a_fault_costs_its_own_host_only(world: World, fault: str, from_the_beginning: bool) -> None:
    faults, allowed = FAULTS[fault]
    devices = [world.add(tree_of(PORTS)) for _ in range(6)]
    hosts = [world.host(device, limits=HASTY) for device in devices]
    if not from_the_beginning:
        world.poll_all(hosts)
    faulty = devices[2]
    faulty.faults = faults
    world.configure(host_deadline_s=1.5)
    for _ in range(2):
        began = time.monotonic()
        done, stats = world.poll_all(hosts)
        assert time.monotonic() - began < 4, "the cycle ends soon after the host's deadline"
        assert stats.hosts == len(hosts)
        for polled in done:
            assert absurd_rates(polled) == {}
            assert only(polled, "poll")["outcome"] == polled.health.outcome
            if polled.host == faulty.address:
                assert polled.health.outcome in allowed, polled.health.error
                assert (polled.health.error == "") == (polled.health.outcome == "ok")
            else:
                assert (polled.health.outcome, polled.health.error) == ("ok", "")
                assert set(named(polled, "interface")) == set(PORTS)
    faulty.faults = NO_FAULTS
    world.poll(hosts[2])
    assert world.poll(hosts[2], after_s=600).health.outcome == "ok", "it is well again as soon as the device is"


def test_one_bad_value_costs_itself_and_is_told(world: World) -> None:
    device = world.add(tree_of(PORTS))
    host = world.host(device)
    world.poll(host)
    device.faults = Faults(gen_err=frozenset({encode(IF_IN_ERRORS_2)}))
    polled = world.poll(host)
    assert polled.health.outcome == "partial"
    assert polled.health.error
    interfaces = named(polled, "interface")
    assert "in_errors" not in interfaces["Gi0/2"]
    assert "in_errors" in interfaces["Gi0/1"]
    assert "in_bps" in interfaces["Gi0/2"]


def test_one_bad_table_costs_itself_and_is_named(world: World) -> None:
    """The agent never comes to the end of ifTable; its sensors and its identity are read all the same."""
    device = world.add(plain_switch(2), faults=Faults(loop=True))
    polled = world.poll(world.host(device))
    assert polled.health.outcome == "partial"
    assert "interface" in polled.health.error
    assert only(polled, "device")["snmp_up"] is True


def test_a_dead_host_is_asked_once_a_cycle_and_comes_back_at_once(world: World) -> None:
    device = world.add(tree_of(PORTS))
    host = world.host(device, limits=Limits(timeout_s=0.05, retries=2))
    assert world.poll(host).health.outcome == "ok"
    device.faults = Faults(dead=True)
    for _ in range(DEAD_AFTER_CYCLES):
        polled = world.poll(host)
        assert polled.health.outcome == "down"
        assert only(polled, "device")["snmp_up"] is False
        assert polled.health.traffic.pdus > 1
    for _ in range(3):
        assert world.poll(host).health.traffic.pdus == 1
    device.faults = NO_FAULTS
    polled = world.poll(host)
    assert (polled.health.outcome, world.host_state(host).silent_cycles) == ("ok", 0)
    assert set(named(polled, "interface")) == set(PORTS)
    assert absurd_rates(polled) == {}


def test_a_host_never_heard_of_is_asked_once_a_cycle_with_each_credential_in_turn(world: World) -> None:
    device = world.add(tree_of(PORTS), community=b"second", faults=Faults(dead=True))
    credentials = (community("first", "first"), community("second", "second"))
    host = world.host(device, credentials=credentials, limits=HASTY)
    for _ in range(DEAD_AFTER_CYCLES):
        world.poll(host)
    world.opened.clear()
    for _ in range(4):
        assert world.poll(host).health.traffic.pdus == 0  # none of them got a session
    assert sorted(name for _, name in world.opened) == ["first", "first", "second", "second"]
    device.faults = NO_FAULTS
    assert "ok" in {world.poll(host).health.outcome for _ in range(2)}


@pytest.mark.parametrize(("learnt_before", "credentials"), [(True, 1), (False, 4)])
def test_a_host_that_is_silent_until_its_deadline_counts_as_dead(
    world: World, learnt_before: bool, credentials: int
) -> None:
    """However many credentials and repeats there are: a deadline that comes before their end changes nothing."""
    world.configure(host_deadline_s=0.1)
    device = world.add(tree_of(PORTS))
    named_ = (community("lan"), *(community(f"c{number}", f"c{number}") for number in range(1, credentials)))
    host = world.host(device, credentials=named_, limits=Limits(timeout_s=0.2, retries=2))
    if learnt_before:
        assert world.poll(host).health.outcome == "ok"
    device.faults = Faults(dead=True)
    for _ in range(DEAD_AFTER_CYCLES):
        assert world.poll(host).health.outcome == "down"
    assert world.host_state(host).silent_cycles == DEAD_AFTER_CYCLES
    world.opened.clear()
    world.poll(host)
    assert len(world.opened) == 1


def test_the_dead_never_delay_the_living(world: World) -> None:
    world.configure(concurrency=2)
    devices = [world.add(tree_of(PORTS)) for _ in range(14)]
    hosts = [world.host(device, limits=Limits(timeout_s=0.06, retries=0)) for device in devices]
    living = {host.name for host in hosts[8:]}
    world.poll_all(hosts)
    for device in devices[:8]:
        device.faults = Faults(dead=True)
    for _ in range(DEAD_AFTER_CYCLES):
        world.poll_all(hosts)
    done, stats = world.poll_all(hosts)
    assert (stats.hosts_ok, stats.hosts_down) == (6, 8)
    assert {polled.host for polled in done[:6]} == living


def test_hosts_to_be_learnt_never_delay_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools_module, "LEARNING_AT_ONCE", 1)
    devices = [world.add(tree_of(PORTS)) for _ in range(8)]
    hosts = [world.host(device, limits=Limits(timeout_s=1)) for device in devices]
    world.poll_all(hosts[4:])
    for device in devices[:4]:
        device.faults = Faults(delay_s=0.01)
    done, stats = world.poll_all(hosts)
    assert stats.hosts_ok == 8
    assert {polled.host for polled in done[:4]} == {host.name for host in hosts[4:]}


def test_a_device_that_answers_but_is_not_learnt_in_time_is_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snmp_visit_module, "LEARNING_SHARE", 1000.0)
    polled = world.poll(world.host(world.add(tree_of(PORTS))))
    assert polled.health.error == "its turn to be learnt did not come before the deadline"
    assert only(polled, "device")["snmp_up"] is True


def test_rows_that_cannot_be_relearnt_in_time_cost_nothing_of_the_cycle(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = world.host(world.add(tree_of(PORTS)))
    world.poll(host)
    monkeypatch.setattr(snmp_visit_module, "LEARNING_SHARE", 1000.0)
    polled = world.poll(host, after_s=2 * 86_400)
    assert set(named(polled, "interface")) == set(PORTS)
    assert polled.health.outcome == "partial"
    assert "its turn to be learnt" in polled.health.error


def test_a_slow_device_is_cut_off_at_its_deadline_and_keeps_what_came(world: World) -> None:
    device = world.add(plain_switch(48))
    host = world.host(device, limits=Limits(timeout_s=5, sessions=1))
    world.poll(host)
    world.configure(host_deadline_s=0.6)
    device.faults = Faults(delay_s=0.15)
    began = time.monotonic()
    polled = world.poll(host)
    assert time.monotonic() - began < 2
    assert polled.health.outcome == "partial"
    assert "lost" in polled.health.error
    assert 0 < len(named(polled, "interface")) < 48


def test_a_hanging_device_is_given_up_at_its_deadline(world: World) -> None:
    world.configure(host_deadline_s=0.3)
    device = world.add(plain_switch(2), faults=Faults(delay_s=60))
    began = time.monotonic()
    polled = world.poll(world.host(device, limits=Limits(timeout_s=30)))
    assert time.monotonic() - began < 1.8
    assert polled.health.outcome == "down"


def test_no_work_begins_after_the_end_of_the_cycle(world: World) -> None:
    world.configure(concurrency=1, host_deadline_s=0.5)
    devices = [world.add(tree_of(PORTS), faults=Faults(delay_s=60)) for _ in range(5)]
    hosts = [world.host(device, limits=Limits(timeout_s=30)) for device in devices]
    began = time.monotonic()
    done, stats = world.poll_all(hosts, deadline_s=0.7)
    assert time.monotonic() - began < 3
    assert stats.hosts_down == 5
    assert sum("did not come before the deadline" in polled.health.error for polled in done) >= 2
    assert all(only(polled, "poll")["outcome"] == "down" for polled in done), "each host has its line"


def test_a_host_whose_turn_did_not_come_is_not_told_to_be_down(world: World) -> None:
    host = world.host(world.add(tree_of(PORTS)))
    polled = world.poll(host, deadline_s=-1)
    assert polled.health.outcome == "down"
    assert "up" not in [name for point in polled.points if point.measurement == "device" for name in point.fields], (
        "nobody asked it"
    )


def test_a_host_that_another_process_talks_to_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poll_module, "LEASE_WAIT_S", 0.0)
    host = world.host(world.add(tree_of(PORTS)))
    monkeypatch.setattr(Leases, "hold", _held)
    requests = world.farm.stats.requests
    polled = world.poll(host)
    assert world.farm.stats.requests == requests
    assert polled.health.error == f"{host.name} is being polled or probed by another process"
    assert "up" not in [name for point in polled.points if point.measurement == "device" for name in point.fields]
    monkeypatch.undo()
    assert world.poll(host).health.outcome == "ok"


def _held(self: Leases, name: str, wait_s: float) -> object:
    @asynccontextmanager
    async def refuse():  # type: ignore[no-untyped-def]
        raise HeldError(f"{name} is being polled or probed by another process")
        yield

    return refuse()


def _refusing(
    refused: set[str], then: Callable[[Host, Credential, Learnt], Awaitable[Session]]
) -> Callable[[Host, Credential, Learnt], Awaitable[Session]]:
    """Sessions of the credentials in `refused` fail as SNMPv3's do."""

    async def open_(host: Host, credential: Credential, learnt: Learnt) -> Session:
        session = await then(host, credential, learnt)
        if credential.name in refused:

            async def get(*_: object) -> object:
                raise SecurityError("wrong digest")

            session.get = get  # type: ignore[method-assign,assignment]
        return session

    return open_


@pytest.mark.parametrize("learnt_before", [True, False])
def test_a_refused_user_is_not_tried_again_soon(world: World, learnt_before: bool) -> None:
    refused: set[str] = set()
    world.open_session = _refusing(refused, world.open_session)
    host = world.host(world.add(tree_of(PORTS)))
    if learnt_before:
        world.poll(host)
    refused.add("lan")
    assert world.poll(host).health.error == "wrong digest"
    world.opened.clear()
    for _ in range(10):
        polled = world.poll(host)
        assert polled.health.outcome == "down"
        assert only(polled, "device")["snmp_up"] is False
    assert world.opened == []
    world.restart()
    refused.clear()
    assert world.poll(host, after_s=REFUSED_PAUSE_S).health.outcome == "ok"
    assert world.poll(host).health.outcome == "ok"


def test_a_refused_user_gives_way_to_the_next_after_a_pause(world: World) -> None:
    refused: set[str] = set()
    world.open_session = _refusing(refused, world.open_session)
    host = world.host(world.add(tree_of(PORTS)), credentials=(community("first"), community("second")))
    world.poll(host)
    refused.add("first")
    assert world.poll(host).health.outcome == "down"
    assert world.poll(host, after_s=REFUSED_PAUSE_S).health.outcome == "ok"
    assert world.facts(host).credential == "second"


def test_a_defect_costs_its_host_and_is_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    devices = [world.add(tree_of(PORTS)) for _ in range(4)]
    hosts = [world.host(device) for device in devices]
    normalise = visit_module.normalise

    def broken(rows, stamps, context, samples):  # type: ignore[no-untyped-def]
        if context.tags["host"] in (hosts[0].name, hosts[1].name):
            raise KeyError("a defect")
        return normalise(rows, stamps, context, samples)

    monkeypatch.setattr(visit_module, "normalise", broken)
    done, stats = world.poll_all(hosts)
    assert (stats.hosts_ok, stats.hosts_down) == (2, 2)
    assert {polled.health.error for polled in done} == {"", "unexpected KeyError"}
    assert sum(record.exc_info is not None for record in caplog.records) == 1


def test_a_name_without_an_address_costs_its_host_only(world: World) -> None:
    device = world.add(tree_of(PORTS))
    hosts = [world.host(device, name="lost", address="no-such-host.invalid", ping=True), world.host(device, ping=True)]

    async def poll_with_echoes(cycle: Cycle) -> None:
        pinger = await Pinger.open()
        if pinger is None:
            pytest.skip("no echo can be sent from here")
        world.poller._pinger = pinger
        try:
            lost, found = [await world.poller.poll(host, cycle) for host in hosts]
        finally:
            pinger.close()
        assert (lost.health.outcome, found.health.outcome) == ("down", "ok")
        assert "address" in lost.health.error
        assert only(found, "device")["icmp_up"] is True
        assert only(found, "ping")["loss_percent"] == 0.0

    cycle = world.next_cycle()
    world.run(poll_with_echoes(cycle))


def test_secrets_that_cannot_be_had_cost_their_host_only(world: World) -> None:
    device = world.add(tree_of(PORTS))
    lost = world.host(device, name="lost", credentials=(community("lan", "env:NOBODY_SET_THIS"),))
    done, _ = world.poll_all([lost, world.host(device)])
    errors = {polled.host: polled.health.error for polled in done}
    assert "NOBODY_SET_THIS" in errors["lost"]
    assert errors[device.address] == ""
