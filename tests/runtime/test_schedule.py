"""Who is due when."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from collector.runtime.schedule import aligned, interval_of, is_due, phase_s

TIMES = st.integers(0, 4_000_000_000)


def test_what_was_never_done_is_due() -> None:
    assert is_due(300, None, 1000)


def test_a_clock_that_was_set_back_stops_nothing() -> None:
    assert is_due(300, 5000, 1000)


@given(start=TIMES, interval_s=st.sampled_from([60, 300, 3600]), phase=st.integers(0, 3600))
def test_polled_each_minute_something_is_done_once_an_interval(start: int, interval_s: int, phase: int) -> None:
    minute = aligned(start, 60)
    last: int | None = minute
    done = []
    for now in range(minute + 60, minute + 60 + 3 * interval_s, 60):
        if is_due(interval_s, last, now, phase):
            done.append(now)
            last = now
    assert len(done) == 3
    assert all(later - earlier == interval_s for earlier, later in itertools.pairwise(done)) or phase % 60


@given(now=TIMES, late_s=st.integers(0, 59))
def test_a_late_cycle_does_not_delay_the_next(now: int, late_s: int) -> None:
    cycle = aligned(now, 300)
    assert is_due(300, cycle - 300, aligned(cycle + late_s, 60))
    assert is_due(300, aligned(cycle + late_s, 60), cycle + 300)


@given(now=st.floats(0, 4e9), interval_s=st.integers(1, 86400))
def test_an_aligned_time_is_the_start_of_its_interval(now: float, interval_s: int) -> None:
    assert aligned(now, interval_s) % interval_s == 0
    assert 0 <= now - aligned(now, interval_s) < interval_s


def test_phases_spread_hosts_over_the_interval() -> None:
    phases = [phase_s(f"host-{number}", 3600) for number in range(1000)]
    in_each_ten_minutes = [sum(1 for phase in phases if phase // 600 == part) for part in range(6)]
    assert min(in_each_ten_minutes) > 100


def test_the_configuration_overrides_the_family_but_not_the_cycle() -> None:
    assert interval_of("storage", 300, {}, 60) == 300
    assert interval_of("storage", 300, {"storage": 600}, 60) == 600
    assert interval_of("interface", 30, {}, 60) == 60
