"""Outages from samples: generated truths, and their recovery against a slow computation minute by minute."""

from datetime import UTC

import msgspec
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from collector.metrics.model import Point
from collector.report.availability.fleet import Fleet, fleet, mean_percent_up
from collector.report.availability.outage_grid import Grid, coarse
from collector.report.availability.outage_record import Record, State, site_record
from collector.report.context import Context
from collector.report.statistics.spans import Spans
from collector.store.contract import Store
from collector.store.duck import DuckStore
from inventory.model import DuckdbStore, Host, Inventory, Maintenance
from tests.report.world import DAY_NS, HOUR_NS, MINUTE_NS, NOW_NS, ago, context_of, duck_with, host, inventory_of, site
from tests.report.world import store_with as in_memory

FIVE = 5


def samples(
    of: Host, truth: "set[range] | None" = None, lost: "set[range] | None" = None, *, days: float = 2, every: int = FIVE
) -> list[Point]:
    """One sample every so many minutes of the last days; `truth` is when it is down, `lost` when it is not asked, both in
    minutes since the beginning."""
    down = {minute for span in truth or () for minute in span}
    missing = {minute for span in lost or () for minute in span}
    return [
        Point("device", of.point_tags(), {"up": minute not in down}, ago(days) + minute * MINUTE_NS)
        for minute in range(0, round(days * 1440), every)
        if minute not in missing
    ]


def fleet_of(*hosts: Host, store: Store, days: float = 2, parts: tuple[Maintenance, ...] = (), late: int = 0) -> Fleet:
    until_ns = NOW_NS - late * MINUTE_NS
    return fleet(Context(inventory_of(*hosts, *parts), store, since_ns=ago(days), until_ns=until_ns, zone=UTC))


def minutes(spans: Spans, days: float = 2) -> list[tuple[int, int]]:
    return [((start - ago(days)) // MINUTE_NS, (stop - ago(days)) // MINUTE_NS) for start, stop in spans]


def outage_minutes(record: Record, days: float = 2) -> list[tuple[int, int | None, int]]:
    return [
        (
            (outage.start_ns - ago(days)) // MINUTE_NS,
            None if outage.end_ns is None else (outage.end_ns - ago(days)) // MINUTE_NS,
            outage.down_ns // MINUTE_NS,
        )
        for outage in record.outages
    ]


# --- known answers


def test_an_outage_lasts_from_the_first_sample_down_to_the_next_one_up() -> None:
    router = host("r1", site("s1"))
    found = fleet_of(router, store=in_memory(samples(router, {range(603, 721)}))).hosts["r1"]
    assert outage_minutes(found) == [(605, 725, 120)]
    assert found.percent_up == pytest.approx(100 * (2880 - 120) / 2880)
    assert found.state is State.UP
    assert found.mttr_s == 120 * 60
    assert found.mtbf_s == (2880 - 120) * 60
    assert found.interval_ns == FIVE * MINUTE_NS


def test_one_sample_down_is_an_outage_of_one_interval() -> None:
    router = host("r1", site("s1"))
    assert outage_minutes(fleet_of(router, store=in_memory(samples(router, {range(600, 601)}))).hosts["r1"]) == [
        (600, 605, 5)
    ]


def test_an_outage_that_has_not_ended_is_open() -> None:
    router = host("r1", site("s1"))
    found = fleet_of(router, store=in_memory(samples(router, {range(2700, 2880)}))).hosts["r1"]
    assert outage_minutes(found) == [(2700, None, 180)]
    assert found.state is State.DOWN
    assert found.open_outage is not None


def test_an_outage_that_began_before_is_cut() -> None:
    router = host("r1", site("s1"))
    found = fleet_of(router, store=in_memory(samples(router, {range(60)}))).hosts["r1"]
    assert found.outages[0].is_cut
    assert found.outages[0].start_ns == ago(2)


def test_the_collectors_own_gap_is_no_outage_of_anybody() -> None:
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    off = {range(1000, 1200)}
    points = samples(one, lost=off) + samples(other, {range(990, 1300)}, lost=off)
    found = fleet_of(one, other, store=in_memory(points))
    assert minutes(found.gaps) == [(1000, 1200)]
    assert found.hosts["r1"].percent_up == 100
    assert minutes(found.hosts["r1"].unknown) == [(1000, 1200)]
    # down before and after: one outage, of which the gap is not counted
    assert outage_minutes(found.hosts["r2"]) == [(990, 1300, 310 - 200)]


def test_a_host_that_is_not_asked_while_others_are_is_unknown() -> None:
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    found = fleet_of(one, other, store=in_memory(samples(one, lost={range(1000, 1200)}) + samples(other)))
    assert not found.gaps
    assert minutes(found.hosts["r1"].unknown) == [(1000, 1200)]
    assert found.hosts["r1"].known_ns == (2880 - 200) * MINUTE_NS


def test_a_few_missing_polls_are_bridged() -> None:
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    lost = {range(1000, 1006), range(1500, 1511)}  # two; three
    found = fleet_of(one, other, store=in_memory(samples(one, lost=lost) + samples(other)))
    assert minutes(found.hosts["r1"].unknown) == [(1500, 1515)]


def test_a_dead_host_that_is_asked_seldom_stays_down() -> None:
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    lost = {range(start + 1, start + 60) for start in range(1000, 1960, 60)}
    found = fleet_of(one, other, store=in_memory(samples(one, {range(1000, 2000)}, lost) + samples(other)))
    assert outage_minutes(found.hosts["r1"]) == [(1000, 2000, 1000)]


def test_what_was_down_when_last_asked_is_down() -> None:
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    found = fleet_of(
        one, other, store=in_memory(samples(one, {range(2000, 2880)}, {range(2300, 2880)}) + samples(other))
    )
    assert found.hosts["r1"].state is State.DOWN
    assert outage_minutes(found.hosts["r1"]) == [(2000, None, 300)]


def test_a_host_without_samples_is_unknown() -> None:
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    found = fleet_of(one, other, store=in_memory(samples(one)))
    assert found.hosts["r2"].percent_up is None
    assert found.hosts["r2"].state is State.UNKNOWN
    assert found.hosts["r2"].unknown == ((ago(2), NOW_NS),)


def test_nothing_is_known_of_an_empty_store() -> None:
    one = host("r1", site("s1"))
    found = fleet_of(one, store=in_memory([]))
    assert found.first_ns is None
    assert found.gaps == ()
    assert found.hosts["r1"].percent_up is None
    assert fleet_of(store=in_memory([])).hosts == {}


def test_a_collector_that_began_within_the_period_has_no_gap_before() -> None:
    one = host("r1", site("s1"))
    found = fleet_of(one, store=in_memory(samples(one, lost={range(1000)})))
    assert found.first_ns == ago(2) + 1000 * MINUTE_NS
    assert not found.gaps
    assert found.hosts["r1"].percent_up == 100


def test_a_collector_that_stopped_has_a_gap_until_now() -> None:
    one = host("r1", site("s1"))
    found = fleet_of(one, store=in_memory(samples(one, lost={range(2700, 2880)})))
    assert minutes(found.gaps) == [(2700, 2880)]
    assert found.hosts["r1"].state is State.UNKNOWN


def test_a_cycle_under_way_is_no_gap() -> None:
    one = host("r1", site("s1"))
    found = fleet_of(one, store=in_memory(samples(one, lost={range(2875, 2880)})), late=1)
    assert not found.gaps
    assert found.hosts["r1"].state is State.UP


def test_hosts_that_are_not_selected_tell_whether_the_collector_ran() -> None:
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    off = range(500, 700)
    store = in_memory(samples(one, lost={off, range(1000, 1200)}) + samples(other, lost={off}))
    found = fleet(context_of(inventory_of(one, other), store, days=2, only=["r1"]))
    assert minutes(found.gaps) == [(500, 700)]
    assert minutes(found.hosts["r1"].unknown) == [(500, 700), (1000, 1200)]


def test_series_of_one_host_under_two_families_are_one() -> None:
    one = host("r1", site("s1"))
    points = samples(one, {range(700, 730)})
    for point in points[:150]:
        point.tags["family"] = "cisco"
    found = fleet_of(one, store=in_memory(points)).hosts["r1"]
    assert outage_minutes(found) == [(700, 730, 30)]
    assert not found.unknown


def test_the_interval_may_change() -> None:
    one = host("r1", site("s1"))
    down = {range(700, 733), range(2000, 2033)}
    points = samples(one, down, {range(1440, 2880)}) + samples(one, down, {range(1440)}, every=1)
    found = fleet_of(one, store=in_memory(points)).hosts["r1"]
    assert outage_minutes(found) == [(700, 735, 35), (2000, 2033, 33)]
    assert not found.unknown


def test_the_interval_of_a_store_that_is_minutes_old() -> None:
    one = host("r1", site("s1"))
    points = samples(one, {range(2872, 2874)}, {range(2868)}, every=1)
    found = fleet_of(one, store=in_memory(points)).hosts["r1"]
    assert found.interval_ns == MINUTE_NS
    assert outage_minutes(found) == [(2872, 2874, 2)]
    assert found.known_ns == 12 * MINUTE_NS


def test_what_went_down_before_the_period_began_when_it_was_last_up() -> None:
    place = site("s1")
    routers = host("r1", place), host("r2", place)
    points = samples(routers[0], {range(600, 2880)}) + samples(routers[1], {range(700, 2880)})
    found = fleet(context_of(inventory_of(*routers), in_memory(points), days=1))
    assert outage_minutes(found.hosts["r1"]) == [(600, None, 1440)]
    assert outage_minutes(found.hosts["r2"]) == [(700, None, 1440)]
    assert outage_minutes(found.sites["s1"]) == [(700, None, 1440)]


def test_cycles_that_do_not_divide_the_hour() -> None:
    one = host("r1", site("s1"))
    found = fleet_of(one, store=in_memory(samples(one, {range(700, 733)}, every=7))).hosts["r1"]
    assert outage_minutes(found) == [(700, 735, 35)]
    assert not found.unknown


@pytest.mark.parametrize("every", [1, 15, 60])
def test_other_intervals(every: int) -> None:
    one = host("r1", site("s1"))
    found = fleet_of(one, store=in_memory(samples(one, {range(720, 840)}, every=every))).hosts["r1"]
    assert outage_minutes(found) == [(720, 840, 120)]
    assert not found.unknown


def test_cycles_of_ten_seconds() -> None:
    one, start_ns, step_ns = host("r1", site("s1")), ago(hours=8), 10 * 10**9
    lost, down = range(600, 630), range(1000, 1005)  # five minutes, which are bridged; fifty seconds
    points = [
        Point("device", one.point_tags(), {"up": number not in down}, start_ns + number * step_ns)
        for number in range(8 * 360)
        if number not in lost
    ]
    found = fleet_of(one, store=in_memory(points)).hosts["r1"]
    assert [(each.start_ns, each.end_ns, each.down_ns) for each in found.outages] == [
        (start_ns + 1000 * step_ns, start_ns + 1005 * step_ns, 5 * step_ns)
    ]
    assert found.known_ns == 8 * HOUR_NS
    assert found.interval_ns == step_ns


def test_a_restart_that_no_sample_saw_is_counted() -> None:
    one = host("r1", site("s1"))
    points = samples(one, {range(2000, 2010)})
    for number, point in enumerate(points):
        minute = FIVE * number
        booted = 2010 if minute >= 2010 else 903 if minute >= 903 else -5000
        if point.fields["up"]:
            point.fields["uptime_s"] = (minute - booted) * 60.0
    found = fleet_of(one, store=in_memory(points)).hosts["r1"]
    assert found.restarts == 1
    assert len(found.outages) == 1


def test_a_counter_of_uptime_that_wraps_is_no_restart() -> None:
    one = host("r1", site("s1"))
    points = samples(one)
    for number, point in enumerate(points):
        point.fields["uptime_s"] = (42_949_672.96 - 86_400 + 300 * number) % 42_949_672.96
    assert fleet_of(one, store=in_memory(points)).hosts["r1"].restarts == 0


# --- maintenance


def maintenance(first: int, last: int, *names: str) -> Maintenance:
    return Maintenance(
        hosts=frozenset(names), start_ns=ago(2) + first * MINUTE_NS, end_ns=ago(2) + last * MINUTE_NS, reason="work"
    )


def test_maintenance_is_neither_up_nor_down() -> None:
    one = host("r1", site("s1"))
    points = samples(one, {range(600, 700), range(1000, 1100)})
    found = fleet_of(one, store=in_memory(points), parts=(maintenance(580, 720, "r1"),)).hosts["r1"]
    assert outage_minutes(found) == [(1000, 1100, 100)]
    assert found.known_ns == (2880 - 140) * MINUTE_NS
    assert found.percent_up == pytest.approx(100 * (2740 - 100) / 2740)


def test_an_outage_longer_than_the_maintenance_counts_for_the_rest() -> None:
    one = host("r1", site("s1"))
    points = samples(one, {range(600, 800)})
    found = fleet_of(one, store=in_memory(points), parts=(maintenance(580, 720, "r1"),)).hosts["r1"]
    assert outage_minutes(found) == [(600, 800, 80)]


def test_down_in_maintenance_is_a_state_of_its_own() -> None:
    one = host("r1", site("s1"))
    points = samples(one, {range(2800, 2880)})
    found = fleet_of(one, store=in_memory(points), parts=(maintenance(2700, 3000, "r1"),)).hosts["r1"]
    assert found.state is State.MAINTENANCE
    assert not found.outages


# --- sites


def test_a_site_is_up_while_one_of_its_routers_is() -> None:
    place = site("s1")
    routers = host("r1", place), host("r2", place)
    switch = host("sw1", place, role="switch")
    points = (
        samples(routers[0], {range(600, 700)})
        + samples(routers[1], {range(650, 750)})
        + samples(switch, {range(100, 900)})
    )
    found = fleet_of(*routers, switch, store=in_memory(points))
    assert found.gates["s1"] == ("r1", "r2")
    assert outage_minutes(found.sites["s1"]) == [(650, 700, 50)]


def test_a_site_without_a_router_is_up_while_any_host_is() -> None:
    place = site("s1")
    cameras = host("c1", place, role="camera"), host("c2", place, role="camera")
    points = samples(cameras[0], {range(600, 700)}) + samples(cameras[1], {range(2880)})
    assert outage_minutes(fleet_of(*cameras, store=in_memory(points)).sites["s1"]) == [(600, 700, 100)]


def test_a_router_that_was_never_seen_does_not_hide_that_the_other_is_down() -> None:
    place = site("s1")
    routers = host("r1", place), host("r2", place)
    found = fleet_of(*routers, store=in_memory(samples(routers[0], {range(600, 700)})))
    assert outage_minutes(found.sites["s1"]) == [(600, 700, 100)]


def test_areas_weigh_sites_by_what_is_known() -> None:
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    points = samples(one, {range(288)}) + samples(other, lost={range(1440)})
    found = fleet_of(one, other, store=in_memory(points))
    assert mean_percent_up(found.sites.values()) == pytest.approx(100 * (1 - 290 / (2880 + 1440)))
    assert mean_percent_up([]) is None
    assert site_record([], 0, 10).percent_up is None


# --- by property


@st.composite
def lives(draw: st.DrawFn) -> "list[tuple[set[range], set[range]]]":
    """When each of some hosts is down, and not asked; hosts are not asked together now and then."""

    def stretches(most: int, longest: int) -> "set[range]":
        starts = draw(st.lists(st.integers(0, 2879), max_size=most))
        return {range(start, min(2880, start + draw(st.integers(1, longest)))) for start in starts}

    off = stretches(2, 300)
    return [(stretches(5, 200), stretches(3, 120) | off) for _ in range(draw(st.integers(1, 3)))]


def _slowly(asked: list[dict[int, bool]], end: int) -> "list[list[str]]":
    """The state of each host minute by minute, from the rules as they are written."""
    found: list[list[str]] = []
    heard: list[list[bool]] = []
    for answers in asked:
        states, speaks = [], []
        following: int | None = None
        afters: list[int | None] = []
        for minute in reversed(range(end)):
            afters.append(following)
            following = minute if minute in answers else following
        before: int | None = None
        for minute, after in enumerate(reversed(afters)):
            before = minute if minute in answers else before
            speaking = before is not None and (
                (after if after is not None else end) - before <= 15 or minute - before < FIVE
            )
            state = "unknown"
            if before is not None and speaking:
                state = "up" if answers[before] else "down"
            elif before is not None and after is not None and not answers[before] and not answers[after]:
                state = "down"
            states.append(state)
            speaks.append(speaking)
        found.append(states)
        heard.append(speaks)
    for minute in range(end):
        if not any(speaks[minute] for speaks in heard):
            for states in found:
                states[minute] = "unknown"
    return found


@settings(max_examples=40, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(lives(), st.integers(0, 90))
def test_spans_are_those_of_a_slow_computation(lives: "list[tuple[set[range], set[range]]]", late: int) -> None:
    hosts = [host(f"r{number}", site(f"s{number}")) for number in range(len(lives))]
    points = [samples(of, down, lost) for of, (down, lost) in zip(hosts, lives, strict=True)]
    end = 2880 - late
    asked = [
        {minute: bool(point.fields["up"]) for point in mine if (minute := (point.time_ns - ago(2)) // MINUTE_NS) < end}
        for mine in points
    ]
    expected = _slowly(asked, end)
    found = fleet_of(*hosts, store=in_memory([point for mine in points for point in mine]), late=late)
    for of, states in zip(hosts, expected, strict=True):
        record = found.hosts[of.name]
        was = ["up"] * end
        for name, spans in (("down", record.down), ("unknown", record.unknown)):
            for start, stop in minutes(spans):
                was[start:stop] = [name] * (stop - start)
        assert was == states
        assert record.up_ns == states.count("up") * MINUTE_NS
        assert record.down_ns == states.count("down") * MINUTE_NS
        assert (
            len(record.outages)
            == "".join(state[0] for state in states if state != "unknown").replace("u", " ").split().__len__()
        )


def test_a_period_may_begin_within_an_hour() -> None:
    router = host("r1", site("s1"))
    since_ns = ago(1) + 50 * MINUTE_NS
    store = in_memory(samples(router, {range(1440 + 25, 1440 + 65)}))
    found = fleet(Context(inventory_of(router), store, since_ns=since_ns, until_ns=NOW_NS, zone=UTC)).hosts["r1"]
    assert minutes(found.down) == [(1440 + 50, 1440 + 65)]
    assert len(found.outages) == 1


# --- old samples are gone


def test_of_hours_alone_an_outage_goes_on_from_one_to_the_next() -> None:
    samples_each = np.full((1, 24), 12, np.uint16)
    ups = samples_each.copy()
    ups[0, [5, 6, 7, 10, 14, 15, 16]] = 8, 4, 6, 6, 6, 0, 9
    grid = Grid(0, samples_each, ups, np.full((1, 1), 12, np.uint16), ups < samples_each, np.zeros((1, 24), np.bool_))
    found = coarse(grid, 0, np.array([5, 6, 7, 10, 14, 16]))
    down = [(start, stop) for start, stop, up in zip(found.times, found.held, found.up, strict=True) if not up]
    assert [(start // MINUTE_NS, stop // MINUTE_NS) for start, stop in down] == [
        (5 * 60 + 40, 6 * 60),
        (6 * 60, 6 * 60 + 40),  # as it began before, not at the end towards the next one
        (7 * 60, 7 * 60 + 30),
        (10 * 60, 10 * 60 + 30),
        (14 * 60 + 30, 15 * 60),
        (16 * 60, 16 * 60 + 15),
    ]


@pytest.fixture(scope="module")
def aged(tmp_path_factory: pytest.TempPathFactory) -> tuple[DuckStore, Inventory, list[Point]]:
    """Five days of two hosts, of which one is left as samples, two as hours and two as days."""
    one, other = host("r1", site("s1")), host("r2", site("s2"))
    down = {range(400, 520), range(2 * 1440 + 620, 2 * 1440 + 760), range(4 * 1440 + 615, 4 * 1440 + 640)}
    off = {range(3 * 1440 + 1000, 3 * 1440 + 1090)}
    points = samples(one, down, off, days=5) + samples(other, lost=off, days=5)
    path = tmp_path_factory.mktemp("aged") / "store.duckdb"
    duck_with(path, points)
    config = DuckdbStore(path=str(path), raw_days=1, hourly_days=3)
    store = DuckStore(config)
    store.compact(NOW_NS)
    return store, msgspec.structs.replace(inventory_of(one, other), store=config), points


@pytest.mark.parametrize("knows", [True, False], ids=["as configured", "older than configured"])
def test_what_is_only_left_by_the_hour_or_the_day_is_known_to_that(
    aged: tuple[DuckStore, Inventory, list[Point]], knows: bool
) -> None:
    store, inventory, points = aged
    days = 5 if knows else 3
    exact = fleet_of(*inventory.hosts.values(), store=in_memory(points), days=days)
    if not knows:
        inventory = inventory_of(*inventory.hosts.values())
    found = fleet(Context(inventory, store, since_ns=ago(days), until_ns=NOW_NS, zone=UTC))
    *older, new = found.hosts["r1"].outages
    *expected, expected_new = exact.hosts["r1"].outages
    assert new == expected_new
    assert [outage.down_ns for outage in older] == [outage.down_ns for outage in expected]
    for outage, true, exactness in zip(reversed(older), reversed(expected), (HOUR_NS, DAY_NS), strict=False):
        assert abs(outage.start_ns - true.start_ns) <= exactness
    assert found.hosts["r1"].known_ns == exact.hosts["r1"].known_ns
    assert [(stop - start) // MINUTE_NS for start, stop in found.gaps] == [90]
