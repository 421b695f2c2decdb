from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.simulator.curves import (
    DAY_S,
    HOUR_S,
    OFFICE,
    ORIGIN_S,
    WEEK_S,
    Outages,
    amount,
    around,
    bursts,
    chance,
    lost,
    rising,
    stopped,
    traffic,
)

TIMES = st.floats(ORIGIN_S, ORIGIN_S + 520 * WEEK_S)
TUESDAY_9 = ORIGIN_S + DAY_S + 9 * HOUR_S


def bps(total: object, at_s: float, over_s: float = 60.0) -> float:
    until = total.until  # type: ignore[attr-defined]
    return (until(at_s + over_s) - until(at_s)) / over_s * 8


def test_the_week_begins_on_monday_in_vietnam() -> None:
    assert ORIGIN_S % DAY_S == 17 * HOUR_S, "midnight at UTC+7"
    assert (ORIGIN_S // DAY_S + 3) % 7 == 6, "Sunday in UTC"


def test_traffic_follows_the_hours() -> None:
    line = traffic("r1", OFFICE, 1e6, wobble=0.0)
    assert bps(line, TUESDAY_9, 1.0) == pytest.approx(1e6, rel=1e-3)
    assert bps(line, TUESDAY_9 + 18 * HOUR_S, 1.0) == pytest.approx(0.02 * 1e6, rel=0.01)
    assert bps(line, TUESDAY_9 + 4 * DAY_S, 1.0) == pytest.approx(0.12 * 1e6, rel=0.01), "Saturday"
    week = (line.until(ORIGIN_S + WEEK_S) - line.until(ORIGIN_S)) * 8 / WEEK_S
    assert week == pytest.approx(fmean(OFFICE) * 1e6)


@given(TIMES, st.floats(0.001, 2 * DAY_S), st.sampled_from([0.0, 0.3]))
def test_counters_never_fall(at_s: float, later_s: float, growth: float) -> None:
    for total in (traffic("r1", OFFICE, 1e9, growth_per_year=growth), amount(OFFICE, 5), bursts("r1", 40)):
        assert total.until(at_s + later_s) >= total.until(at_s)


@given(TIMES)
def test_a_line_never_carries_more_than_it_can(at_s: float) -> None:
    assert bps(traffic("r1", OFFICE, 5e6, line_bps=2e6), at_s) <= 2e6 * 1.001


def test_growth_comes_week_by_week_without_a_jump() -> None:
    line = traffic("r1", OFFICE, 1e6, growth_per_year=0.52, as_of_s=TUESDAY_9 + 100 * WEEK_S, wobble=0.0)
    for weeks, expected in ((50, 0.5e6), (100, 1e6), (200, 2e6)):
        assert bps(line, TUESDAY_9 + weeks * WEEK_S, 1.0) == pytest.approx(expected, rel=1e-3)
    border_s = ORIGIN_S + 100 * WEEK_S
    assert line.until(border_s) - line.until(border_s - 1e-3) < 1_000


def test_what_does_not_fit_is_lost() -> None:
    dropped = lost(OFFICE, 3e6, 2e6, packet_bytes=1_000)
    assert bps(dropped, TUESDAY_9, 1.0) / 8 == pytest.approx(125, rel=0.01)
    assert bps(dropped, TUESDAY_9 + 15 * HOUR_S) == 0


def test_a_stopped_counter_stands_still() -> None:
    cut = stopped(traffic("r1", OFFICE, 1e6), TUESDAY_9)
    assert cut.until(TUESDAY_9 + DAY_S) == cut.until(TUESDAY_9) > cut.until(TUESDAY_9 - 1)


def test_bursts_are_bursts() -> None:
    errors = bursts("r1", 40, every_s=3_600)
    minutes = [errors.until(ORIGIN_S + 60 * (n + 1)) - errors.until(ORIGIN_S + 60 * n) for n in range(120)]
    assert sum(minutes) == pytest.approx(80)
    assert sum(minute > 0 for minute in minutes) <= 4


def test_levels_stay_near_their_middle() -> None:
    level = around("r1 cpu", 10, 30)
    values = [level.at(ORIGIN_S + 600 * n) for n in range(1_008)]
    assert all(7 <= int(value) <= 43 for value in values)
    assert max(values) > 35  # type: ignore[type-var]


def test_what_fills_is_full_at_last() -> None:
    disk = rising(1_000.0, 2.0, full=500, start=100)
    assert [disk.at(now_s) for now_s in (0.0, 1_000.0, 1_050.0, 9_000.0)] == [100, 100, 200, 500]


@given(st.text(max_size=20), st.integers())
def test_chance_is_a_share(name: str, number: int) -> None:
    assert 0 <= chance(name, number) < 1


def test_outages_take_some_of_the_days() -> None:
    outages = Outages("bts-1", per_day=0.2)
    minutes = 365 * 24 * 60
    down = sum(outages.down(ORIGIN_S + 60 * minute) for minute in range(0, minutes, 10)) * 10
    # 73 outages of 5 minutes to 4 hours, the short ones more often: 83 minutes at the mean
    assert 73 * 50 < down < 73 * 120


@given(TIMES)
def test_a_device_boots_when_the_power_comes_back(now_s: float) -> None:
    outages = Outages("bts-1", per_day=0.2)
    booted_s = outages.booted(now_s)
    assert booted_s <= now_s
    assert outages.down(booted_s - 1) or now_s - booted_s > 300 * DAY_S
    if not outages.down(now_s):
        assert not any(outages.down(now_s - (now_s - booted_s) * share) for share in (0.1, 0.5, 0.9))


def test_a_device_without_outages_is_rebooted_now_and_then() -> None:
    outages = Outages("switch-1")
    assert not outages.down(ORIGIN_S + 1e8)
    assert 0 <= ORIGIN_S + 1e8 - outages.booted(ORIGIN_S + 1e8) <= 400 * DAY_S


def test_some_stay_down() -> None:
    outages = Outages("bts-1", since_s=ORIGIN_S + 1e6)
    assert [outages.down(ORIGIN_S + second) for second in (1e6 - 1, 1e6, 1e9)] == [False, True, True]


def test_a_weekly_restart() -> None:
    outages = Outages("srv-1", weekly=(6 * DAY_S + HOUR_S, 600.0))
    sunday_1 = ORIGIN_S + 6 * DAY_S + HOUR_S
    for week in (0, 3):
        at = sunday_1 + week * WEEK_S
        assert [outages.down(at + second) for second in (-1, 0, 599, 600)] == [False, True, True, False]
        assert outages.booted(at + 600) == outages.booted(at + WEEK_S - 1) == at + 600
