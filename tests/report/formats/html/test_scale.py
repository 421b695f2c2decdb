"""Marks of axes are round, cover what is drawn, and are neither too few nor too many; thinning keeps what is seen."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.report.formats.html.scale import axis, step_of, thinned, time_marks
from collector.report.unit import Unit

amounts = st.floats(-1e15, 1e15).filter(lambda value: value == 0 or abs(value) > 1e-6)
drawn_units = st.sampled_from([unit for unit in Unit if unit not in (Unit.DATE, Unit.TIME, Unit.TEXT)])


@given(st.lists(amounts, min_size=1, max_size=20), drawn_units)
def test_the_axis_covers_all_values(values: list[float], unit: Unit) -> None:
    found = axis(values, unit)
    slack = 1e-6 * (found.high - found.low)
    assert found.low - slack <= min(values)
    assert max(values) <= found.high + slack
    assert found.low == found.marks[0]
    assert found.high == found.marks[-1]
    assert 2 <= len(found.marks) <= 8
    assert unit in (Unit.CELSIUS, Unit.PERCENT) or found.low <= 0 <= found.high


@given(st.lists(amounts, min_size=1, max_size=20), drawn_units)
def test_marks_are_equally_far_apart(values: list[float], unit: Unit) -> None:
    marks = axis(values, unit).marks
    step = marks[1] - marks[0]
    assert step > 0
    assert all(math.isclose(b - a, step, rel_tol=1e-6) for a, b in pairwise(marks))


@given(st.floats(1e-6, 1e15), drawn_units, st.integers(2, 12))
def test_steps_are_round(span: float, unit: Unit, most: int) -> None:
    step = step_of(span, unit, most)
    assert span / step <= most * (1 + 1e-6)
    if unit is Unit.BYTES:
        assert math.log2(step).is_integer()
    elif unit is not Unit.SECONDS:
        assert round(step / 10.0 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 5)
    if unit is Unit.COUNT:
        assert step >= 1


@pytest.mark.parametrize(
    ("values", "unit", "marks"),
    [
        ([0, 93], Unit.PERCENT, (0, 20, 40, 60, 80, 100)),
        ([17e6], Unit.BPS, (0, 5e6, 10e6, 15e6, 20e6)),
        ([3 << 30], Unit.BYTES, (0, 1 << 30, 2 << 30, 3 << 30)),
        ([2], Unit.COUNT, (0, 1, 2)),
        ([7000], Unit.SECONDS, (0, 1800, 3600, 5400, 7200)),
        ([21.5, 24.1], Unit.CELSIUS, (21, 22, 23, 24, 25)),
        ([99.2, 99.98], Unit.PERCENT, (99.2, 99.4, 99.6, 99.8, 100)),
        ([92, 104], Unit.PERCENT, (90, 95, 100, 105)),
        ([50, 99], Unit.PERCENT, (0, 20, 40, 60, 80, 100)),
        ([100, 100], Unit.PERCENT, (0, 20, 40, 60, 80, 100)),
        ([], Unit.NUMBER, (0, 0.2, 0.4, 0.6, 0.8, 1)),
    ],
)
def test_known_axes(values: list[float], unit: Unit, marks: tuple[float, ...]) -> None:
    assert axis(values, unit).marks == pytest.approx(marks)


HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")


def ns(moment: datetime) -> int:
    return round(moment.timestamp()) * 10**9


times = st.integers(ns(datetime(1990, 1, 1, tzinfo=UTC)), ns(datetime(2090, 1, 1, tzinfo=UTC)))


@given(times, st.timedeltas(timedelta(minutes=2), timedelta(days=4000)), st.sampled_from([HANOI, BERLIN, UTC]))
def test_marks_of_time(first: int, span: timedelta, zone: ZoneInfo) -> None:
    last = first + round(span.total_seconds()) * 10**9
    marks = time_marks(first, last, zone)
    assert len(marks) <= 12
    assert all(first <= mark.time_ns <= last for mark in marks)
    assert [mark.time_ns for mark in marks] == sorted({mark.time_ns for mark in marks})
    for mark in marks:
        local = datetime.fromtimestamp(mark.time_ns // 10**9, zone)
        assert local.second == 0
        assert mark.begins == "minute" or (local.hour, local.minute) == (0, 0) or zone is BERLIN
        assert mark.begins not in ("month", "year") or local.day == 1
    if timedelta(days=60) < span < timedelta(days=3000):
        assert len(marks) >= 2


def test_days_begin_at_local_midnight_when_clocks_change() -> None:
    first, last = datetime(2026, 3, 27, tzinfo=BERLIN), datetime(2026, 4, 1, tzinfo=BERLIN)
    marks = time_marks(ns(first), ns(last), BERLIN, most=6)
    assert [datetime.fromtimestamp(mark.time_ns / 1e9, BERLIN).strftime("%d %H") for mark in marks] == [
        *("27 00", "28 00", "29 00", "30 00", "31 00", "01 00")
    ]


def test_weeks_are_marked_on_mondays() -> None:
    first, last = datetime(2026, 1, 1, tzinfo=HANOI), datetime(2026, 2, 10, tzinfo=HANOI)
    days = [datetime.fromtimestamp(mark.time_ns / 1e9, HANOI) for mark in time_marks(ns(first), ns(last), HANOI)]
    assert len(days) == 6
    assert {day.weekday() for day in days} == {0}


def test_times_that_no_calendar_has() -> None:
    assert time_marks(0, 10**30, UTC) == []


series = st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1, max_size=400)


@given(series, st.integers(1, 40))
def test_thinning_keeps_gaps_ends_and_extremes(values: list[float | None], columns: int) -> None:
    points = [(float(x), y) for x, y in enumerate(values)]
    whole = thinned(points, 10_000_000, 0, len(values))
    runs = thinned(points, columns, 0, len(values))
    assert [(run[0], run[-1]) for run in runs] == [(run[0], run[-1]) for run in whole]
    for thin, full in zip(runs, whole, strict=True):
        assert set(thin) <= set(full)
        assert [x for x, _ in thin] == sorted(x for x, _ in thin)
        assert {min(y for _, y in thin), max(y for _, y in thin)} == {min(y for _, y in full), max(y for _, y in full)}
    assert sum(map(len, runs)) <= 4 * (columns + 1) + 4 * len(runs)
    assert sum(map(len, whole)) == sum(value is not None for value in values)


def test_what_is_no_number_is_a_gap() -> None:
    assert thinned([(0, 1.0), (1, math.nan), (2, math.inf), (3, 2.0)], 9, 0, 3) == [[(0, 1.0)], [(3, 2.0)]]
