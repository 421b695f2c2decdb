"""A device is learnt once, read in few requests from then on, and learnt again when it has changed."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from collector.runtime.snmp_visit import RELEARN_PAUSE_S
from collector.simulator.agent import Device, reboots_at
from collector.simulator.devices.models import plain_switch
from collector.simulator.faults import Faults
from collector.simulator.tree import Tree, rate_of
from collector.smi.oid import encode
from tests.runtime.world import CYCLE_S, World, absurd_rates, community, named, octets_per_s, only, tree_of

PORTS = ("Gi0/1", "Gi0/2", "Gi0/3")
IF_HC_IN_OCTETS = "1.3.6.1.2.1.31.1.1.1.6"


def assert_own_rates(interfaces: dict[str, dict[str, object]]) -> None:
    """Each port has a rate, and it is its own: no history crossed to another."""
    for name, fields in interfaces.items():
        assert fields["in_bps"] == pytest.approx(8 * octets_per_s(name), rel=0.001), name


@pytest.mark.parametrize("ports", [1, 24, 120])
def test_after_the_first_cycle_everything_comes_in_packed_requests(world: World, ports: int) -> None:
    host = world.host(world.add(plain_switch(ports)))
    learning = world.poll(host).health
    assert (learning.outcome, learning.error) == ("ok", "")
    for _ in range(3):
        polled = world.poll(host)
        traffic = polled.health.traffic
        assert (polled.health.outcome, traffic.retries, traffic.timeouts) == ("ok", 0, 0)
        assert traffic.varbinds >= 15 * ports
        assert traffic.pdus <= traffic.varbinds / 50 + 3
        assert len(named(polled, "interface")) == ports


def test_rates_are_those_of_the_device(world: World) -> None:
    device = world.add(plain_switch(4))
    host = world.host(device)
    first, second = world.poll(host), world.poll(host)
    assert all("in_bps" not in fields for fields in named(first, "interface").values())
    for name, fields in named(second, "interface").items():
        per_s = rate_of(f"{IF_HC_IN_OCTETS}.{fields['index']}", device.index)
        assert fields["in_bps"] == pytest.approx(8 * per_s, rel=0.001), name
        assert fields["interval_s"] == pytest.approx(CYCLE_S, abs=0.02)


def test_points_bear_the_time_of_the_cycle_and_the_name_of_the_host(world: World) -> None:
    host = world.host(world.add(tree_of(PORTS)), role="switch")
    polled = world.poll(host, after_s=CYCLE_S + 7.25)
    aligned_ns = int(world.clock.now_s) // CYCLE_S * CYCLE_S * 1_000_000_000
    assert {point.time_ns for point in polled.points} == {aligned_ns}
    assert {(point.tags["host"], point.tags["role"]) for point in polled.points} == {(host.name, "switch")}


def _more_ports(device: Device) -> None:
    device.tree = tree_of((*PORTS, "Gi0/4"), last_change=4_200)


def _table_changed(device: Device) -> None:
    device.tree = tree_of((*PORTS, "Gi0/4"), last_change=9_999, if_number=len(PORTS))


def _card_swapped(device: Device) -> None:
    device.tree = tree_of({1: "Gi0/1", 2: "Gi0/2", 4: "Gi0/4"})


@pytest.mark.parametrize("change", [_more_ports, _table_changed, _card_swapped])
def test_a_device_that_tells_of_a_change_is_learnt_again_at_once(
    world: World, change: Callable[[Device], None]
) -> None:
    device = world.add(tree_of(PORTS))
    host = world.host(device)
    world.poll(host)
    world.poll(host, after_s=RELEARN_PAUSE_S)
    change(device)
    polled = world.poll(host)
    assert "Gi0/4" in named(polled, "interface")
    assert world.facts(host).learnt_s == world.clock.now_s
    assert polled.health.outcome == "ok"
    world.poll(host)
    assert world.facts(host).learnt_s < world.clock.now_s, "it is not learnt twice for one change"
    assert_own_rates(named(world.poll(host), "interface"))


def test_a_reboot_is_a_reset_and_a_reason_to_learn_again(world: World) -> None:
    device = world.add(tree_of(PORTS))
    host = world.host(device)
    world.poll(host)
    assert_own_rates(named(world.poll(host, after_s=RELEARN_PAUSE_S), "interface"))
    device.booted = reboots_at(world.clock.now_s + 20)
    device.tree = tree_of((*PORTS, "Gi0/4"), if_number=len(PORTS))
    rebooted = world.poll(host)
    interfaces = named(rebooted, "interface")
    assert "Gi0/4" in interfaces
    for name in PORTS:
        assert interfaces[name]["reset"] is True
        assert "in_bps" not in interfaces[name]
    assert only(rebooted, "device")["uptime_s"] == pytest.approx(40, abs=1)
    after = world.poll(host)
    assert absurd_rates(after) == {}
    assert_own_rates(named(after, "interface"))


def test_a_device_that_changes_all_the_time_is_not_walked_all_the_time(world: World) -> None:
    device = world.add(tree_of(PORTS))
    host = world.host(device)
    learnt_at = set()
    for number in range(12):
        device.tree = tree_of(PORTS, last_change=number)
        world.poll(host)
        learnt_at.add(world.facts(host).learnt_s)
    assert len(learnt_at) == 1 + 12 * CYCLE_S // (RELEARN_PAUSE_S + CYCLE_S)


@pytest.mark.parametrize(
    "after",
    [
        pytest.param({1: "Gi0/3", 2: "Gi0/1", 3: "Gi0/2"}, id="rotated"),
        pytest.param({1: "Gi0/2", 2: "Gi0/1", 3: "Gi0/3"}, id="two swapped"),
        pytest.param({11: "Gi0/1", 12: "Gi0/2", 13: "Gi0/3"}, id="moved"),
        pytest.param({2: "Gi0/1", 3: "Gi0/2", 4: "Gi0/3"}, id="shifted"),
    ],
)
@pytest.mark.parametrize("since_learnt_s", [CYCLE_S, RELEARN_PAUSE_S])
def test_renumbered_interfaces_keep_their_histories(world: World, after: dict[int, str], since_learnt_s: int) -> None:
    device = world.add(tree_of(PORTS))
    host = world.host(device)
    world.poll(host)
    assert_own_rates(named(world.poll(host, after_s=since_learnt_s), "interface"))
    device.tree = tree_of(after)
    for _ in range(2):
        polled = world.poll(host)
        interfaces = named(polled, "interface")
        assert absurd_rates(polled) == {}
        for name, fields in interfaces.items():
            assert after[int(str(fields["index"]))] == name
        assert_own_rates(interfaces)
    # indexes that no longer exist are no proof of a move: those are learnt anew after a pause at the latest
    assert_own_rates(named(world.poll(host, after_s=RELEARN_PAUSE_S), "interface"))
    assert set(named(world.poll(host), "interface")) == set(PORTS)


def test_rows_are_learnt_again_on_schedule(world: World) -> None:
    world.configure(relearn_s=3_600)
    host = world.host(world.add(tree_of(PORTS)))
    world.poll(host)
    first = world.facts(host).learnt_s
    world.poll(host, after_s=3_500)
    assert world.facts(host).learnt_s == first
    polled = world.poll(host, after_s=100)
    assert world.facts(host).learnt_s == world.clock.now_s
    assert polled.health.outcome == "ok"


def test_tables_are_read_when_they_are_due(world: World) -> None:
    host = world.host(world.add(tree_of(PORTS)))
    seen = []
    for _ in range(130):
        polled = world.poll(host)
        assert len(named(polled, "interface")) == len(PORTS)
        if named(polled, "interface_info"):
            seen.append(world.clock.now_s)
    assert len(seen) == 3, "at first, and then once an hour"
    assert seen[2] - seen[1] == 3_600


def test_the_configuration_says_how_often(world: World) -> None:
    world.configure(intervals={"interface_info": 120, "interface": 300})
    host = world.host(world.add(tree_of(PORTS)))
    cycles = [world.poll(host) for _ in range(11)]
    assert sum(1 for polled in cycles if named(polled, "interface_info")) in (5, 6)
    assert sum(1 for polled in cycles if named(polled, "interface")) in (2, 3)
    everything = world.poll(host, everything=True)
    assert named(everything, "interface")
    assert named(everything, "interface_info")


def test_nothing_is_forgotten_over_a_restart(world: World) -> None:
    host = world.host(world.add(tree_of(PORTS)))
    world.poll(host)
    world.restart()
    polled = world.poll(host)
    assert polled.health.traffic.pdus <= 3
    assert_own_rates(named(polled, "interface"))


@pytest.mark.parametrize("kind", ["facts", "state"])
@pytest.mark.parametrize("damage", [b"", b"no state file at all", b"COL1\x00\x00\x00\x00\xff"])
def test_damaged_memory_is_set_aside_and_made_again(world: World, kind: str, damage: bytes) -> None:
    host = world.host(world.add(tree_of(PORTS)))
    world.poll(host)
    world.poll(host)
    file = world.state.path / kind / host.name
    file.write_bytes(damage)
    polled = world.poll(host)
    assert polled.health.outcome == "ok"
    assert set(named(polled, "interface")) == set(PORTS)
    assert file.with_name(f"{host.name}@damaged").read_bytes() == damage
    assert_own_rates(named(world.poll(host), "interface"))
    assert world.facts(host).plan.tables


def test_memory_that_cannot_be_read_costs_its_host_only(world: World) -> None:
    healthy, troubled = map(world.host, [world.add(tree_of(PORTS)) for _ in range(2)])
    (world.state.path / "state").mkdir(exist_ok=True)
    (world.state.path / "state" / troubled.name).mkdir()
    done, stats = world.poll_all([troubled, healthy])
    assert (stats.hosts_ok, stats.hosts) == (1, 2)
    outcomes = {polled.host: polled.health for polled in done}
    assert outcomes[healthy.name].outcome == "ok"
    assert troubled.name in outcomes[troubled.name].error


def test_another_address_is_another_device(world: World) -> None:
    first, second = world.add(tree_of(PORTS)), world.add(tree_of(("eth0",)))
    world.poll(world.host(first, name="r1"))
    polled = world.poll(world.host(second, name="r1"))
    assert set(named(polled, "interface")) == {"eth0"}


def test_another_family_is_learnt_anew(world: World) -> None:
    device = world.add(tree_of(PORTS))
    world.poll(world.host(device))
    assert world.facts(world.host(device)).plan.family == "generic"
    world.poll(world.host(device, family="cisco/ios"))
    assert world.facts(world.host(device)).plan.family == "cisco/ios"


def test_the_size_of_answers_is_found_out_once(world: World) -> None:
    device = world.add(plain_switch(24), faults=Faults(max_bytes=484))
    host = world.host(device)
    first = world.poll(host)
    assert first.health.outcome == "ok"
    again = world.poll(host)
    world.restart()
    restarted = world.poll(host)
    for polled in (again, restarted):
        assert polled.health.outcome == "ok"
        assert len(named(polled, "interface")) == 24
    assert restarted.health.traffic.pdus < first.health.traffic.pdus
    smallest_answers = 484 / 30  # octets of a varbind, about
    assert restarted.health.traffic.pdus <= restarted.health.traffic.varbinds / smallest_answers * 2 + 3


def test_a_value_that_is_gone_costs_itself(world: World) -> None:
    device = world.add(tree_of(PORTS))
    host = world.host(device)
    world.poll(host)
    device.tree = without(device.tree, f"{IF_HC_IN_OCTETS}.2")
    polled = world.poll(host)
    interfaces = named(polled, "interface")
    assert set(interfaces) == set(PORTS)
    assert "in_bps" not in interfaces["Gi0/2"]
    assert "out_bps" in interfaces["Gi0/2"]
    assert_own_rates({name: interfaces[name] for name in ("Gi0/1", "Gi0/3")})


def without(tree: Tree, *dotted: str) -> Tree:
    """The tree without some of its values."""
    missing = set(map(encode, dotted))
    cells = [cell for cell in tree.cells if cell.oid not in missing]
    kept = {oid for oid in tree.places if oid not in missing}
    return replace(
        tree,
        cells=cells,
        places={cell.oid: place for place, cell in enumerate(cells)},
        _order=[order for order, cell in zip(tree._order, tree.cells, strict=True) if cell.oid in kept],
        plans={},
    )


def test_the_credential_that_worked_is_remembered(world: World) -> None:
    device = world.add(tree_of(PORTS), community=b"third")
    credentials = tuple(community(name, name) for name in ("first", "second", "third", "fourth"))
    host = world.host(device, credentials=credentials)
    assert world.poll(host).health.outcome == "ok"
    assert [name for _, name in world.opened] == ["first", "second", "third"]
    world.opened.clear()
    world.restart()
    assert world.poll(host).health.outcome == "ok"
    assert [name for _, name in world.opened] == ["third"]


def test_no_more_than_four_credentials_are_tried(world: World) -> None:
    device = world.add(tree_of(PORTS), community=b"c5")
    host = world.host(device, credentials=tuple(community(f"c{number}", f"c{number}") for number in range(6)))
    assert world.poll(host).health.outcome == "down"
    assert [name for _, name in world.opened] == ["c0", "c1", "c2", "c3"]


def test_a_credential_that_was_taken_away_gives_way_to_the_next(world: World) -> None:
    device = world.add(tree_of(PORTS), community=b"old")
    host = world.host(device, credentials=(community("old", "old"), community("new", "new")))
    world.poll(host)
    device.community = b"new"
    outcomes = [world.poll(host).health.outcome for _ in range(8)]
    assert "ok" in outcomes
    assert outcomes[-1] == "ok"
    assert world.facts(host).credential == "new"
