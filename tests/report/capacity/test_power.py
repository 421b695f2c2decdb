"""Supplies of power: their load against what they are made for, their batteries, their phases."""

from typing import Any

import numpy as np
import pytest

from collector.metrics.model import Point
from collector.report.capacity.power import capacity_power
from collector.report.capacity.power_points import delivered, is_left, loads, phase_of, phases, whole
from collector.report.capacity.power_spells import spells_of
from collector.report.model import LineChart, Report, Table
from inventory.model import Host
from tests.report.world import (
    HOUR_NS,
    MINUTE_NS,
    NOW_NS,
    ago,
    context_of,
    host,
    inventory_of,
    over_time,
    point,
    site,
    store_with,
)

UPS = host("ups-1", site("dc"), "power")
RATED = host("pdu-1", site("dc"), "power", rated_power_w=4000.0, rated_current_a=16.0)
DAYS = 3


def sensor(name: str, kind: str, value: Any, who: Host = UPS, *, days: float = DAYS) -> list[Point]:
    return over_time(who, "sensor", {"name": name, "class": kind}, since_ns=ago(days=days), every_s=300, value=value)


def source(texts: list[str], who: Host = UPS) -> list[Point]:
    """One text each five minutes, the last one now."""
    since = NOW_NS - len(texts) * 5 * MINUTE_NS
    tags = {"name": "Output source", "class": "output-source"}
    codes = [5 if text == "battery" else 3 for text in texts]
    good = [text != "battery" for text in texts]
    return over_time(who, "state", tags, since_ns=since, every_s=300, text=texts, code=codes, ok=good)


def battery(charge: Any = 100, runtime: Any = 3600, who: Host = UPS) -> list[Point]:
    return [*sensor("Battery", "charge", charge, who), *sensor("Battery", "runtime", runtime, who)]


def up(*hosts: Host, is_up: bool = True) -> list[Point]:
    return [point(each, "device", {"family": "x"}, up=is_up) for each in hosts]


def report(points: list[Point], *hosts: Host, with_up: bool = True) -> Report:
    chosen = hosts or (UPS,)
    more = up(*chosen) if with_up else []
    return capacity_power(context_of(inventory_of(*chosen), store_with([*points, *more]), days=DAYS))


def rows(found: Report, key: str = "supplies") -> list[dict[str, Any]]:
    (section,) = (each for each in found.sections if each.key == key)
    assert isinstance(section, Table)
    return [dict(zip((column.key for column in section.columns), row, strict=True)) for row in section.rows]


def said(row: dict[str, Any]) -> str:
    return str(row["verdict"].text)


QUIET = ["normal"] * 12


def test_a_ups_in_order() -> None:
    hourly = np.tile(np.repeat(np.arange(24.0), 12), DAYS)  # 0 to 23 % by the hour of the day
    found = report([*source(QUIET), *battery(), *sensor("Output 1", "load", hourly)])
    (row,) = rows(found)
    assert said(row) == "fine"
    assert (row["load_percent"], row["load_p95_percent"], row["load_peak_percent"]) == (23, 22, 23)
    assert (row["measured"], row["charge_percent"], row["runtime_s"]) == ("Output 1", 100, 3600)
    assert (row["outages"], row["on_battery_s"], row["since"]) == (0, 0, None)
    assert found.findings == ()
    (chart,) = (each for each in found.sections if isinstance(each, LineChart))
    assert chart.lines[0].values[:24] == tuple(range(24))


def test_on_battery_now_with_its_runtime_and_since_when() -> None:
    points = [
        *source([*QUIET, *["battery"] * 3]),
        *battery([100] * (DAYS * 288 - 1) + [40], [3600] * (DAYS * 288 - 1) + [840]),
    ]
    office = host("office", UPS.site)
    found = report(points, UPS, office)
    (row,) = rows(found)
    assert said(row) == "on battery"
    assert row["since"] == ago(minutes=15)
    assert (row["charge_percent"], row["least_charge_percent"], row["least_runtime_s"]) == (40, 40, 840)
    (finding,) = found.findings
    assert (finding.key, finding.where, finding.urgency) == ("ups-on-battery", "ups-1", 100)
    assert "lasts 840 s more; 1 other host is there" in str(finding.sentence)
    (outage,) = rows(found, "on_battery")
    assert (outage["start"], str(outage["end"]), outage["length_s"]) == (ago(minutes=15), "now", 900)


def test_the_device_knows_better_for_how_long() -> None:
    found = report([*source(["battery"] * 3), *battery(80, 5000), *sensor("Time on battery", "runtime", 7200.0)])
    (row,) = rows(found)
    assert row["since"] == NOW_NS - 5 * MINUTE_NS - 2 * HOUR_NS
    assert row["runtime_s"] == 5000


def test_outages_that_are_over_are_counted() -> None:
    texts = [*QUIET, *["battery"] * 2, *QUIET, "battery", *QUIET]
    found = report([*source(texts), *battery()])
    (row,) = rows(found)
    assert (said(row), row["outages"], row["on_battery_s"]) == ("fine", 2, 900)
    assert [each["length_s"] for each in rows(found, "on_battery")] == [300, 600]


def test_what_is_bad_but_no_battery_is_no_outage() -> None:
    texts = [*QUIET, *["battery"] * 2, *["bypass"] * 3, *QUIET]
    points = source(texts)
    for each in points:
        each.fields["ok"] = each.fields["text"] == "normal"
    (row,) = rows(report([*points, *battery()]))
    assert (row["outages"], row["on_battery_s"]) == (1, 600)


def test_a_rectifier_tells_by_its_alarm() -> None:
    rectifier = host("rect-1", role="power")
    tags = {"name": "AC failure", "class": "alarm"}
    good = [True] * 20 + [False] * 4
    points = over_time(rectifier, "state", tags, since_ns=ago(hours=2), every_s=300, ok=good, text="x", code=1)
    for each in points:
        each.fields["text"] = "inactive" if each.fields["ok"] else "active"
    found = report(points, rectifier)
    (row,) = rows(found)
    assert (said(row), row["since"], row["on_battery_s"]) == ("on battery", ago(minutes=20), 1200)
    assert "nobody knows" in str(found.findings[0].sentence)


def test_a_silent_ups_that_was_on_battery_is_told_so() -> None:
    found = report([*source(["battery"] * 3), *up(UPS, is_up=False)], with_up=False)
    assert said(rows(found)[0]) == "silent, was on battery"
    assert "battery may be empty" in str(found.findings[0].sentence)
    found = report([*source(QUIET), *up(UPS, is_up=False)], with_up=False)
    assert said(rows(found)[0]) == "no data"
    assert found.findings == ()


def test_load_against_the_inventorys_rating() -> None:
    points = [
        *sensor("PDU 1 phase 1", "power", 1000, RATED), *sensor("PDU 1 phase 2", "power", 1400, RATED),
        *sensor("Outlet 3", "power", 9000, RATED), *sensor("PDU 1 phase 1", "current", 5, RATED),
        *sensor("PDU 1 phase 2", "current", 14, RATED),
    ]  # fmt: skip
    found = report(points, RATED)
    (row,) = rows(found)
    assert row["power_w"] == 2400
    assert row["load_p95_percent"] == pytest.approx(87.5)  # 14 of 16 A beats 2400 of 4000 W
    assert (said(row), row["measured"]) == ("heavily loaded", "PDU 1 phase 2")
    assert {finding.key for finding in found.findings} == {"ups-overload", "phase-imbalance"}


def test_half_a_sum_is_no_load() -> None:
    points = [*sensor("PDU 1 phase 1", "power", 1000, RATED), *sensor("PDU 1 phase 2", "power", 1400, RATED, days=1)]
    (row,) = rows(report(points, RATED))
    assert row["load_p95_percent"] == pytest.approx(60)


@pytest.mark.parametrize(
    ("percent", "verdict", "urgency"), [(79, "fine", None), (80, "heavily loaded", 45), (104, "overloaded", 75)]
)
def test_loads_are_judged_by_their_95th_percentile(percent: float, verdict: str, urgency: float | None) -> None:
    found = report([*source(QUIET), *battery(), *sensor("Output", "load", percent)])
    assert said(rows(found)[0]) == verdict
    assert [finding.urgency for finding in found.findings] == ([] if urgency is None else [urgency])


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (battery(100, 420), "full, it lasts only"),
        (battery(60, 3600), "has not charged it beyond"),
        (
            [
                *battery(),
                point(UPS, "state", {"name": "Battery", "class": "battery"}, text="replace", code=4, ok=False),
            ],
            "it says Battery: replace",
        ),
    ],
)
def test_a_battery_that_would_not_help(points: list[Point], why: str) -> None:
    found = report([*source(QUIET), *points])
    assert said(rows(found)[0]) == "battery weak"
    (finding,) = found.findings
    assert finding.key == "battery-weak"
    assert why in str(finding.sentence)


def test_a_battery_that_recovers_from_use_is_not_weak() -> None:
    assert report([*source(["battery", *QUIET]), *battery(50, 1800)]).findings == ()


@pytest.mark.parametrize(
    ("amperes", "imbalance"), [((10, 10, 10), 0), ((6, 10, 14), 40), ((12, 10, 8), 20), ((0.1, 0.5, 0.2), None)]
)
def test_phases_against_their_mean(amperes: tuple[float, ...], imbalance: float | None) -> None:
    points = [
        each
        for phase, value in zip("ABC", amperes, strict=True)
        for each in sensor(f"Output {phase}", "current", value)
    ]
    found = report([*source(QUIET), *points])
    (row,) = rows(found, "phases")
    assert (row["l1"], row["l2"], row["l3"]) == pytest.approx(amperes)
    assert row["imbalance_percent"] == (None if imbalance is None else pytest.approx(imbalance))
    assert [finding.key for finding in found.findings] == (["phase-imbalance"] if (imbalance or 0) > 25 else [])


def test_what_is_a_supply_of_power() -> None:
    switch, terminal, nas = host("sw", role="switch"), host("olt", role="other"), host("nas", role="server")
    mute = host("mute", role="power")
    tags = {"name": "Power", "class": "power-source"}
    points = [
        point(switch, "state", tags, text="internal-power", code=1, ok=True),
        point(terminal, "state", tags, text="battery", code=1, ok=False),
        *sensor("UPS", "runtime", 1200, nas),
        *sensor("Mobile connection", "runtime", 1200, switch),
    ]
    found = rows(report(points, switch, terminal, nas, mute))
    assert {row["host"]: said(row) for row in found} == {"olt": "on battery", "nas": "fine", "mute": "no data"}


def test_nothing_is_said_of_nothing() -> None:
    found = report([], host("r1"), with_up=False)
    assert (rows(found), found.findings) == ([], ())


def test_spells_end_with_the_first_window_that_says_no_or_with_a_gap() -> None:
    step = 300 * 10**9
    said = [(0, True), (1, True), (2, False), (3, True), (20, True), (21, True)]
    found = spells_of([(number * step, is_on) for number, is_on in said], 300, 22 * step)
    assert [(start // step, stop // step) for start, stop in found] == [(0, 2), (3, 4), (20, 22)]


@pytest.mark.parametrize(
    ("name", "place", "phase"),
    [
        ("Output 1", "Output", "1"),
        ("Output 3.0", "Output", "3"),
        ("Output 1 phase 2", "Output 1", "2"),
        ("UPS 1 output B", "UPS 1 output", "2"),
        ("Infeed L3", "Infeed", "3"),
        ("Output T", "Output", "3"),
        ("Phase 2", "", "2"),
        ("PDU 2", "PDU 2", ""),
        ("PDU 1 output 2", "PDU 1 output 2", ""),
        ("Total", "Total", ""),
    ],
)
def test_names_say_place_and_phase(name: str, place: str, phase: str) -> None:
    assert phase_of(name) == (place, phase)


def test_what_a_supply_delivers() -> None:
    assert whole({"Output 1": 1, "Output 2": 2, "Input 1": 9, "Bypass 1": 9, "Battery": 9}) == [1, 2]
    assert whole({"Output": 7, "Output phase 1": 3, "Output phase 2": 4}) == [7]
    assert whole({"PDU 1": 1, "PDU 2": 2, "Outlet 1": 9, "Bank 1": 9}) == [1, 2]
    assert whole({"Input 1 phase 1": 3, "Input 1 phase 2": 4}) == [3, 4]  # a PDU measures where power comes in
    assert whole({"Outlet 1": 9}) == []
    assert delivered(["Input 1", "Output 1"]) == ["Output 1"]
    assert loads(["Output", "Bank 1", "Outlet 2", "Battery quality"]) == ["Output", "Bank 1"]
    assert phases(["Output 1", "Output 2"], is_ups=False) == {}
    assert [is_left(name) for name in ("Battery", "UPS 1 battery", "Time on battery", "Generator fuel", "UPS")] == [
        True, True, False, False, True,
    ]  # fmt: skip
