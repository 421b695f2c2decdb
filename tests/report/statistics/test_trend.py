"""Trends against scipy's, and on series with known answers: seasons, gaps, outliers, jumps, noise that wanders."""

import time

import numpy as np
import pytest
import scipy.stats  # type: ignore[import-untyped]
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.random import default_rng
from numpy.typing import NDArray

from collector.report.statistics.trend import HORIZON_DAYS, Slope, Trend, fit, theil_sen

Floats = NDArray[np.float64]


def days(count: int) -> Floats:
    """The middles of the last days, counted from now."""
    return np.arange(count, dtype=float) - count + 0.5


def office(count: int, slope: float = 0.0, noise: float = 0.0, seed: int = 1, level: float = 100.0) -> Floats:
    """A line that reaches `level` now on workdays, and 30 % of it on the last two days of each week."""
    random = default_rng(seed)
    values = level + slope * days(count) + noise * random.standard_normal(count)
    rests = np.arange(count) % 7 >= 5
    return np.where(rests, 0.3 * values, values)


@given(
    st.lists(st.one_of(st.none(), st.integers(-50, 50).map(float)), min_size=4, max_size=50).filter(
        lambda values: sum(value is not None for value in values) >= 4
    )
)
def test_the_slope_and_its_interval_are_scipys(values: list[float | None]) -> None:
    grid = np.array([np.nan if value is None else value for value in values])
    places = np.flatnonzero(~np.isnan(grid))
    expected = scipy.stats.theilslopes(grid[places], places, alpha=0.95)
    found = theil_sen(grid)
    assert found.value == pytest.approx(expected.slope)
    if np.isfinite(found.low):
        assert found.low == pytest.approx(expected.low_slope)
        assert found.high == pytest.approx(expected.high_slope)
    else:
        assert len(places) < 8, "too few for an interval"


@given(st.integers(28, 180), st.floats(-5, 5), st.integers(0, 6))
def test_a_weekly_pattern_fakes_no_trend(count: int, slope: float, start: int) -> None:
    pattern = np.array([90, 95, 100, 92, 97, 20, 15.0])
    values = slope * days(count) + pattern[(np.arange(count) + start) % 7]
    trend = fit(values)
    assert trend is not None
    assert trend.slope.value == pytest.approx(slope, abs=1e-9)
    assert 90 <= trend.level <= 100


@settings(max_examples=60, deadline=None)
@example(60, -1.0, 1265)  # outliers on most of one weekday
@given(st.integers(60, 180), st.floats(-3, 3), st.integers(0, 10_000))
def test_gaps_and_outliers_hardly_move_it(count: int, slope: float, seed: int) -> None:
    random = default_rng(seed)
    values = 500 + slope * days(count) + random.standard_normal(count)
    values[random.random(count) < 0.2] = np.nan
    values[random.random(count) < 0.05] = 5000.0
    trend = fit(values)
    assert trend is not None
    assert trend.slope.value == pytest.approx(slope, abs=0.15)
    assert trend.level == pytest.approx(500, abs=5)


def covered(correlation: float, runs: int, count: int) -> float:
    """The share of runs whose interval holds the true slope, of a process with so correlated noise."""
    hits = 0
    for seed in range(runs):
        random = default_rng(seed)
        noise = np.zeros(count)
        for day in range(1, count):
            noise[day] = correlation * noise[day - 1] + random.standard_normal()
        trend = fit(200 + 0.3 * np.arange(count) + noise)
        assert trend is not None
        hits += trend.slope.low <= 0.3 <= trend.slope.high
    return hits / runs


@pytest.mark.parametrize("correlation", [0.0, 0.5])
def test_19_of_20_intervals_hold_the_truth_even_where_days_are_alike(correlation: float) -> None:
    assert covered(correlation, 150, 120) >= 0.89


def test_young_series_have_no_trend() -> None:
    assert fit(office(20)) is None
    assert fit(office(21)) is not None
    sparse = office(60)
    sparse[np.arange(60) % 7 != 0] = np.nan
    assert fit(sparse) is None
    assert fit(np.full(100, np.nan)) is None
    assert fit(np.array([])) is None


def test_what_fell_silent_is_heading_nowhere() -> None:
    values = office(100, 0.5)
    values[-7:] = np.nan
    assert fit(values) is not None
    values[-8:] = np.nan
    assert fit(values) is None


def test_an_upgrade_is_no_growth() -> None:
    values = office(120, noise=4)
    values[:70] *= 0.4
    trend = fit(values)
    assert trend is not None
    assert trend.jumped
    assert trend.since_days == 50
    assert trend.level == pytest.approx(100, abs=3)
    assert abs(trend.slope.value) < 0.1


def test_too_soon_after_a_jump_nothing_is_said() -> None:
    values = office(120, noise=4)
    values[:107] *= 0.4
    assert fit(values) is None


def test_growth_is_no_jump() -> None:
    for slope in (0.2, -0.3, 0.7):
        trend = fit(office(150, slope, noise=6))
        assert trend is not None
        assert not trend.jumped
        assert trend.slope.value == pytest.approx(slope, abs=0.08)


def test_a_long_holiday_is_no_jump() -> None:
    values = office(120, 0.4, noise=3)
    values[60:69] *= 0.2
    trend = fit(values)
    assert trend is not None
    assert not trend.jumped
    assert trend.slope.value == pytest.approx(0.4, abs=0.06)


def test_dates_follow_from_level_and_slope() -> None:
    trend = fit(office(180, 0.5, noise=2, level=80.0))
    assert trend is not None
    reach = trend.reaches(100)
    assert reach.days == pytest.approx(40, abs=4)
    assert reach.earliest is not None
    assert reach.latest is not None
    assert reach.earliest < 40 < reach.latest
    low, middle, high = trend.at(reach.days or 0)
    assert low < middle < high
    assert middle == pytest.approx(100)
    assert trend.reaches(79).already


def test_the_true_date_lies_within_the_interval() -> None:
    hits = 0
    for seed in range(100):
        trend = fit(office(120, 0.25, noise=4, seed=seed, level=80.0))
        assert trend is not None
        reach = trend.reaches(100)
        assert reach.earliest is not None
        hits += reach.earliest <= 80 <= (reach.latest or np.inf)
    assert hits >= 92


def test_what_stands_still_or_falls_is_never_full() -> None:
    still = fit(office(100))
    assert still is not None
    assert (still.slope.low, still.slope.value, still.slope.high) == (0, 0, 0)
    assert still.reaches(101) == still.reaches(1000)
    assert still.reaches(101).days is None
    assert still.reaches(101).earliest is None
    falling = fit(office(100, -0.5, noise=1))
    assert falling is not None
    assert falling.reaches(120).earliest is None


def test_what_cannot_be_told_from_standing_still_has_an_open_end() -> None:
    unsure = Trend(Slope(0.1, -0.1, 0.4), 80, 79, 81, 100)
    reach = unsure.reaches(100)
    assert reach.days is None
    assert reach.latest is None
    assert reach.earliest == pytest.approx(19 / 0.4)


def test_nothing_is_foretold_beyond_the_horizon() -> None:
    slow = Trend(Slope(0.01, 0.005, 0.02), 80, 80, 80, 100)
    assert slow.reaches(100).days is None
    assert slow.reaches(100).earliest == pytest.approx(20 / 0.02)
    assert HORIZON_DAYS > 20 / 0.02


def test_thousands_of_lines_take_seconds() -> None:
    values = [office(180, 0.1, noise=5, seed=seed) for seed in range(20)]
    fit(values[0])
    start = time.process_time()
    for each in values:
        fit(each)
    assert (time.process_time() - start) / len(values) < 0.01
