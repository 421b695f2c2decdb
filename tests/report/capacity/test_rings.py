"""Whether rings are closed, where they are open, and what becomes of them when a span fails."""

import random

import numpy as np
import pytest

from collector.metrics.model import Point
from collector.report.capacity.ring_reserve import after_failure, cut_off
from collector.report.capacity.ring_spans import Load
from collector.report.capacity.rings import capacity_rings
from collector.report.model import Level, Network, Report, Table, Verdict
from tests.report.capacity.ring_world import BACK, NAMES, NODES, ONWARDS, TE, neighbours, ring, traffic, ups
from tests.report.world import ago, context_of, host, inventory_of, point, site, store_with

EVEN = dict.fromkeys(NAMES, 2e9)


def report(points: list[Point], *more: object, interfaces: bool = True, only: list[str] | None = None) -> Report:
    inventory = inventory_of(*NODES, ring(interfaces=interfaces), *more)  # type: ignore[arg-type]
    return capacity_rings(context_of(inventory, store_with(points), days=2, only=only))


def row(found: Report, table: str, place: int = 0) -> dict[str, object]:
    section = next(each for each in found.sections if each.key == table)
    assert isinstance(section, Table)
    return dict(zip((column.key for column in section.columns), section.rows[place], strict=True))


def verdict(cell: object) -> str:
    assert isinstance(cell, Verdict)
    return str(cell.text)


def test_a_closed_ring_with_reserve_is_fine() -> None:
    found = report([*ups(), *neighbours(), *traffic(EVEN, EVEN)])
    ring_row = row(found, "rings")
    assert verdict(ring_row["verdict"]) == "closed"
    assert ring_row["highest_p95_percent"] == pytest.approx(20)
    assert ring_row["after_failure_percent"] == pytest.approx(40)  # its own 2 and the failed one's 2 Gbit/s
    assert found.findings == ()
    span = row(found, "spans", 3)
    assert (span["a_host"], span["b_host"], span["speed_bps"]) == ("n3", "core", TE)
    assert (span["a_interface"], span["b_interface"]) == (ONWARDS, BACK)
    assert str(span["neighbour"]) == "by both ends"


def test_a_cut_span_opens_the_ring_there_and_since_then() -> None:
    found = report([*ups(), *neighbours(without=["n1"]), *traffic(EVEN, EVEN, down=["n1"])])
    ring_row = row(found, "rings")
    assert verdict(ring_row["verdict"]) == "open"
    assert ring_row["open_at"] == "n1 – n2"
    assert ring_row["since"] == ago(days=0.5)
    assert ring_row["cut_off"] == 0
    assert ring_row["next_cut_off"] == 2  # n2 and n3, if n3 – core fails too
    (finding,) = found.findings
    assert (finding.key, finding.level, finding.where) == ("ring-open", Level.CRITICAL, "east")
    assert "n1 – n2" in str(finding.sentence)
    assert "n2, n3" in str(finding.sentence)


def test_two_cut_spans_cut_off_what_lies_between_and_behind() -> None:
    office = host("office", site("s-office"))
    heard = point(
        NODES[2], "neighbour", {"name": "Gi0/9", "protocol": "cdp"}, remote_host="office", remote_port="Gi0/0"
    )
    found = report([*ups(), heard, *traffic(EVEN, EVEN, down=["n1", "n2"])], office)
    ring_row = row(found, "rings")
    assert verdict(ring_row["verdict"]) == "hosts cut off"
    assert ring_row["cut_off"] == 2
    (finding,) = found.findings
    assert finding.urgency == 100
    assert "n2, office" in str(finding.sentence)


def test_ports_that_nobody_wrote_are_found_by_neighbours_heard_by_either_end() -> None:
    for nodes in (NODES, NODES[:1] + NODES[2:3]):  # every other node hears both of its spans
        found = report([*ups(), *neighbours(nodes), *traffic(EVEN, EVEN)], interfaces=False)
        assert verdict(row(found, "rings")["verdict"]) == "closed"
        assert (row(found, "spans")["a_interface"], row(found, "spans")["b_interface"]) == (ONWARDS, BACK)


def test_a_span_that_was_heard_before_it_was_cut_is_still_known() -> None:
    heard = [*neighbours(without=["n1"]), *neighbours(days=1)]
    found = report([*ups(), *heard, *traffic(EVEN, EVEN, down=["n1"])], interfaces=False)
    assert row(found, "rings")["open_at"] == "n1 – n2"


def test_a_port_is_found_by_its_description_where_nobody_is_heard() -> None:
    described = [
        point(NODES[place], "interface_info", {"name": name}, alias=f"ring to {NAMES[(place + step) % 4]}")
        for place in range(4)
        for name, step in ((ONWARDS, 1), (BACK, -1))
    ]
    found = report([*ups(), *described, *traffic(EVEN, EVEN, down=["n1"])], interfaces=False)
    assert row(found, "rings")["open_at"] == "n1 – n2"


def test_two_hosts_that_hear_others_but_never_each_other_have_no_cable() -> None:
    points = [*neighbours(without=["n1"]), *traffic(EVEN, EVEN, down=["n1"], down_days=2)]
    found = report([*ups(), *points], interfaces=False)
    assert (row(found, "rings")["open_at"], row(found, "rings")["since"]) == ("n1 – n2", None)
    assert "since before the period" in str(found.findings[0].sentence)
    silent = report([*ups(silent=["n2"]), *points], interfaces=False)
    assert verdict(row(silent, "rings")["verdict"]) == "no data"


def test_without_data_nobody_knows() -> None:
    found = report([])
    assert verdict(row(found, "rings")["verdict"]) == "no data"
    assert row(found, "rings")["cut_off"] is None
    assert row(found, "rings")["highest_p95_percent"] is None
    assert [finding.key for finding in found.findings] == ["ring-unknown"]


def test_a_silent_end_is_not_a_cut_and_the_other_end_decides() -> None:
    found = report([*ups(silent=["n2"]), *traffic(EVEN, EVEN)])
    assert verdict(row(found, "rings")["verdict"]) == "closed"


def test_another_neighbour_than_written_is_told() -> None:
    wrong = point(
        NODES[1],
        "neighbour",
        {"name": ONWARDS, "protocol": "lldp"},
        ago(minutes=5),
        remote_host="n3",
        remote_port="Te0/9",
    )
    found = report([*ups(), *neighbours(without=["n1"]), wrong, *traffic(EVEN, EVEN)])
    assert verdict(row(found, "spans", 1)["verdict"]) == "another neighbour"
    assert [finding.key for finding in found.findings] == ["ring-miswired"]


def test_a_ring_that_cannot_lose_a_span_is_told_with_the_worst_pair() -> None:
    forward = {"core": 7e9, "n1": 1e9, "n2": 1e9, "n3": 2e9}
    backward = {"core": 1e9, "n1": 4e9, "n2": 1e9, "n3": 1e9}
    found = report([*ups(), *neighbours(), *traffic(forward, backward)])
    # if core – n1 fails, its 7 come back over n1 – n2, on top of 4
    assert row(found, "spans", 1)["after_failure_percent"] == pytest.approx(110)
    assert row(found, "spans", 1)["worst_failure"] == "core – n1"
    (finding,) = found.findings
    assert finding.key == "ring-overload"
    assert {"core – n1", "n1 – n2"} == {str(finding.sentence.values[name]) for name in ("failed", "span")}


def test_an_open_ring_is_told_by_what_it_carries_since() -> None:
    before = traffic(EVEN, EVEN, days=2, down=["n2"], down_days=0.5)
    after = traffic({**EVEN, "core": 9e9}, EVEN, days=0.5, down=["n2"], down_days=0.5)
    found = report([*ups(), *before, *after])
    assert row(found, "spans")["p95_percent"] == 90
    assert row(found, "spans")["after_failure_percent"] == 90
    assert row(found, "spans", 2)["after_failure_percent"] is None
    assert [finding.key for finding in found.findings] == ["ring-open", "ring-overload"]
    assert "While ring east is open at n2 – n3" in str(found.findings[1].sentence)


def test_a_selection_shows_its_rings_whole() -> None:
    points = [*ups(), *neighbours(), *traffic(EVEN, EVEN)]
    assert verdict(row(report(points, only=["n1"]), "rings")["verdict"]) == "closed"
    lone = host("lone")
    assert row_count(report(points, lone, only=["lone"])) == 0


def row_count(found: Report) -> int:
    section = found.sections[0]
    assert isinstance(section, Table)
    return len(section.rows)


def test_a_ring_is_drawn_as_a_circle_of_its_hosts() -> None:
    drawn = report([*ups(), *neighbours(), *traffic(EVEN, EVEN)]).sections[2]
    assert isinstance(drawn, Network)
    assert [node.id for node in drawn.nodes] == NAMES
    assert len(drawn.edges) == 4
    distances = [np.hypot(x - 0.5, y - 0.5) for x, y in drawn.positions.values()]
    assert distances == pytest.approx([distances[0]] * 4)


@pytest.mark.parametrize("seed", range(20))
def test_the_load_after_a_failure_is_a_bound_for_any_demands(seed: int) -> None:
    """Demands are routed the short way round, a span fails, they go the other way: never more than was said."""
    chance = random.Random(seed)
    count, windows = chance.randint(3, 8), 40
    forward, backward = np.zeros((count, windows)), np.zeros((count, windows))
    demands = []
    for _ in range(12):
        start, hops = chance.randrange(count), chance.randrange(1, count)
        volume = np.array([chance.random() for _ in range(windows)])
        ahead = [(start + hop) % count for hop in range(hops)]
        back = [span for span in range(count) if span not in ahead]
        is_ahead = chance.random() < 0.5
        demands.append((ahead, back, is_ahead, volume))
        for span in ahead if is_ahead else back:
            (forward if is_ahead else backward)[span] += volume
    bounds = after_failure(Load(forward, backward, np.arange(windows), np.full(windows, 300.0)))
    rank = int(np.ceil(0.95 * windows)) - 1
    for failed in range(count):
        after = np.zeros((2, count, windows))
        for ahead, back, is_ahead, volume in demands:
            path = ahead if is_ahead else back
            moved = failed in path
            goes_ahead = is_ahead != moved
            for span in ahead if goes_ahead else back:
                after[0 if goes_ahead else 1, span] += volume
        for span in set(range(count)) - {failed}:
            bound = bounds[span]
            assert bound is not None
            assert np.sort(after[:, span], axis=1)[:, rank].max() <= bound.bps + 1e-9


def test_loads_of_hours_weigh_more_than_those_of_minutes() -> None:
    load = Load(
        np.array([[1.0, 9.0, 9.0], [0.0, 0.0, 0.0]]),
        np.zeros((2, 3)),
        np.arange(3),
        np.array([39 * 300.0, 300.0, 300.0]),
    )
    worst = after_failure(load)[1]
    assert worst is not None
    assert worst.bps == 1.0  # less than 5 % of the time is above


@pytest.mark.parametrize(
    ("broken", "gone"),
    [([], []), ([1], []), ([1, 3], ["c", "d"]), ([0, 1], ["b"]), ([2, 3], ["d"]), ([0, 1, 2, 3], ["b", "c", "d"])],
)
def test_cut_off_is_what_no_head_reaches(broken: list[int], gone: list[str]) -> None:
    assert cut_off(["a", "b", "c", "d"], broken, ["a"]) == gone
