"""Percentiles, means, busy hours against independent computations and known answers."""

from datetime import UTC, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.report.statistics import samples as statistics
from collector.report.statistics.samples import LocalHours
from collector.store.contract import History
from tests.report.world import DAY_NS, HOUR_NS, MINUTE_NS, NOW_NS, ago

VALUES = st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=60)
VIETNAM = timezone(timedelta(hours=7))


@given(VALUES, st.integers(1, 100))
def test_the_percentile_is_numpys_of_nearest_rank(values: list[float], percent: int) -> None:
    expected = np.percentile(values, percent, method="inverted_cdf")
    assert statistics.percentile(np.array(values), percent) == expected


@given(VALUES)
def test_the_billing_percentile_drops_the_highest_5_percent_and_no_more(values: list[float]) -> None:
    found = statistics.percentile(np.array(values), 95)
    assert found in values
    assert sum(value > found for value in values) <= 0.05 * len(values)
    assert sum(value >= found for value in values) > 0.05 * len(values)


@given(st.lists(st.tuples(st.floats(0, 1e9), st.integers(1, 12)), min_size=1, max_size=30))
def test_a_long_window_counts_as_the_short_ones_it_is_made_of(windows: list[tuple[float, int]]) -> None:
    values, counts = (np.array(column, dtype=float) for column in zip(*windows, strict=True))
    spread = np.repeat(values, counts.astype(int))
    assert statistics.percentile(values, 95, counts * 300) == statistics.percentile(spread, 95)
    assert statistics.mean(values, counts * 300) == pytest.approx(spread.mean())


def test_gaps_are_no_zeros() -> None:
    values = np.array([np.nan, 4.0, np.nan, 8.0])
    ones = np.ones(4)
    assert statistics.mean(values, ones) == 6.0
    assert statistics.percentile(values, 50) == statistics.percentile(values, 50, ones) == 4.0
    assert statistics.highest(values) == 8.0
    nothing = np.array([np.nan])
    assert statistics.mean(nothing, np.ones(1)) is None
    assert statistics.percentile(nothing, 95) is None
    assert statistics.highest(nothing) is None
    assert statistics.higher(values, np.array([1.0, np.nan, np.nan, 9.0])).tolist()[::3] == [1.0, 9.0]


def test_a_month_with_36_busy_hours_is_billed_by_what_is_below_them() -> None:
    month = np.full(8640, 2e6)  # of 30 days, 5 % are 36 hours
    month[:432] = 9e6
    assert statistics.percentile(month, 95) == 2e6
    month[432] = 5e6
    assert statistics.percentile(month, 95) == 5e6


def test_windows_are_as_long_as_what_is_left_of_their_time() -> None:
    days = np.arange(ago(days=40), ago(days=30), DAY_NS)
    hours = np.arange(ago(days=30), ago(days=2), HOUR_NS)
    fine = np.arange(ago(days=2), ago(), 5 * MINUTE_NS)
    times = np.concatenate((days, hours, fine))
    lengths = statistics.window_lengths_s(times, 300)
    assert set(lengths[:10]) == {86_400.0}
    assert set(lengths[10 : 10 + len(hours)]) == {3600.0}
    assert set(lengths[10 + len(hours) :]) == {300.0}
    assert lengths.sum() == 40 * 86_400


def test_gaps_do_not_make_windows_long() -> None:
    times = np.arange(ago(days=2), ago(), 5 * MINUTE_NS)
    random = np.random.default_rng(4)
    assert set(statistics.window_lengths_s(times[random.random(len(times)) < 0.5], 300)) == {300.0}
    assert statistics.window_lengths_s(np.array([ago(hours=5)]), 300).tolist() == [300.0]
    assert statistics.window_lengths_s(np.array([], dtype=np.int64), 300).tolist() == []


def test_samples_that_are_seldom_stand_for_the_time_between_them() -> None:
    seldom = np.arange(ago(days=30), ago(days=1), 30 * MINUTE_NS)
    often = np.arange(ago(days=1), ago(), 5 * MINUTE_NS)
    lengths = statistics.window_lengths_s(np.concatenate((seldom, often)), 300)
    assert lengths.sum() == 30 * 86_400
    assert set(lengths[: len(seldom)]) == {1800.0}


@pytest.mark.parametrize("zone", [UTC, VIETNAM, timezone(timedelta(hours=5, minutes=45)), ZoneInfo("Europe/Berlin")])
def test_hours_of_the_week_are_local(zone: timezone) -> None:
    hours = LocalHours(zone, ago(days=200), NOW_NS)
    times = np.arange(ago(days=200), NOW_NS, 13 * HOUR_NS + 7 * MINUTE_NS)
    from datetime import datetime

    local = [datetime.fromtimestamp(time / 1e9, zone) for time in times.tolist()]
    assert hours.of_week(times).tolist() == [moment.weekday() * 24 + moment.hour for moment in local]
    assert hours.days(times) == len({moment.date() for moment in local})


def test_the_busy_hour_is_the_local_hour_of_the_highest_mean_of_many_days() -> None:
    times = np.arange(ago(days=14), NOW_NS, HOUR_NS)
    hours = LocalHours(VIETNAM, ago(days=14), NOW_NS)
    of_week = hours.of_week(times)
    values = np.where(of_week % 24 == 20, 9.0, 3.0)
    values[5] = 50.0  # one busy moment makes no busy hour
    weights = np.ones(len(times))
    assert statistics.busy_hour(values, of_week, weights, hours.days(times)) == 20
    assert statistics.busy_hour(values[:100], of_week[:100], weights[:100], hours.days(times[:100])) is None
    assert statistics.busy_hour(np.full(len(times), 3.0), of_week, weights, 14) is None


def test_the_heat_map_means_each_hour_of_the_week() -> None:
    times = np.arange(ago(days=28), NOW_NS, HOUR_NS)
    of_week = LocalHours(UTC, ago(days=28), NOW_NS).of_week(times)
    values = of_week.astype(float) + np.repeat([-3.0, -1.0, 1.0, 3.0], 168)
    values[of_week == 30] = np.nan
    rows = statistics.week_rows(statistics.week(values, of_week, np.ones(len(times))))
    assert [len(row) for row in rows] == [24] * 7
    assert rows[0][0] == 0.0
    assert rows[1][6] is None
    assert rows[6][23] == 167.0


def test_time_above_a_limit_is_time_not_windows() -> None:
    assert statistics.hours_above(np.array([81.0, 80.0, np.nan, 90.0]), 80.0, np.array([300.0, 300, 300, 3600])) == (
        pytest.approx(3900 / 3600)
    )


def test_a_series_whose_place_was_renamed_is_one() -> None:
    def part(district: str, times: list[int], values: list[float], samples: list[float]) -> History:
        tags = {"host": "r1", "district": district, "name": "Gi0/1"}
        return History(tags, np.array(times), {"in_bps": np.array(values)}, np.array(samples))

    old, new = part("Mai Chau", [1, 2, 3], [1.0, 2.0, 3.0], [5, 5, 1]), part("Tan Hoa", [3, 4], [33.0, 4.0], [4, 5])
    other = part("Mai Chau", [1], [7.0], [5])
    other.tags["name"] = "Gi0/2"
    found = list(statistics.joined([new, other, old], ("host", "name"), {("r1", "Gi0/1"): 2}))
    assert [history.tags["name"] for history in found] == ["Gi0/2", "Gi0/1"]
    assert found[1].tags["district"] == "Tan Hoa"
    assert found[1].times_ns.tolist() == [1, 2, 3, 4]
    assert found[1].values["in_bps"].tolist() == [1.0, 2.0, 33.0, 4.0]


def test_days_without_a_value_stay_without() -> None:
    times = np.array([ago(days=5), ago(days=3), ago(days=1)])
    grid = statistics.on_days(times, np.array([1.0, 2.0, 3.0]), ago(days=4), 4)
    assert statistics.known_or_none(grid) == [None, 2.0, None, 3.0]
