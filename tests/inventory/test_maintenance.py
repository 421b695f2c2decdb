"""When hosts are under maintenance, against a count of minutes by the wall clock."""

import itertools
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.maintenance import windows
from inventory.model import Maintenance, Repeat

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")
"""puts its clocks forward on 2026-03-29 at 02:00 and back on 2026-10-25 at 03:00"""

S = 1_000_000_000
HOUR = 3600 * S


def ns(text: str, zone: tzinfo = HANOI) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * S


def planned(start: str, end: str, repeat: Repeat = "once", zone: tzinfo = HANOI, until: str = "") -> Maintenance:
    return Maintenance(
        hosts=frozenset({"r1"}),
        start_ns=ns(start, zone),
        end_ns=ns(end, zone),
        repeat=repeat,
        until_ns=ns(until, zone) if until else None,
    )


def local(found: list[tuple[int, int]], zone: tzinfo = HANOI) -> list[str]:
    return [" ".join(f"{datetime.fromtimestamp(at // S, zone):%m-%d %H:%M}" for at in window) for window in found]


def test_once() -> None:
    one = [planned("2026-11-20 22:00", "2026-11-21 02:00")]
    assert local(windows(one, "r1", ns("2026-11-01"), ns("2026-12-01"), HANOI)) == ["11-20 22:00 11-21 02:00"]
    assert windows(one, "r2", ns("2026-11-01"), ns("2026-12-01"), HANOI) == []
    assert windows(one, "r1", ns("2026-11-21 02:00"), ns("2026-12-01"), HANOI) == []


def test_it_is_cut_to_what_is_asked() -> None:
    one = [planned("2026-11-20 22:00", "2026-11-21 02:00")]
    found = windows(one, "r1", ns("2026-11-20 23:00"), ns("2026-11-21 01:00"), HANOI)
    assert local(found) == ["11-20 23:00 11-21 01:00"]


def test_weekly_until_its_last_day() -> None:
    weekly = [planned("2026-11-01 01:00", "2026-11-01 03:00", "weekly", until="2026-11-23")]
    assert local(windows(weekly, "r1", ns("2026-11-10"), ns("2026-12-31"), HANOI)) == [
        "11-15 01:00 11-15 03:00",
        "11-22 01:00 11-22 03:00",
    ]


def test_nothing_repeats_before_it_began() -> None:
    daily = [planned("2026-11-20 22:00", "2026-11-20 23:00", "daily")]
    assert local(windows(daily, "r1", ns("2026-11-01"), ns("2026-11-22"), HANOI)) == [
        "11-20 22:00 11-20 23:00",
        "11-21 22:00 11-21 23:00",
    ]


def test_what_overlaps_or_touches_is_one_window() -> None:
    both = [
        planned("2026-11-20 22:00", "2026-11-20 23:00"),
        planned("2026-11-20 23:00", "2026-11-21 01:00"),
        planned("2026-11-20 22:30", "2026-11-20 22:40"),
    ]
    assert local(windows(both, "r1", ns("2026-11-01"), ns("2026-12-01"), HANOI)) == ["11-20 22:00 11-21 01:00"]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("2026-03-28", "2026-03-31", ["03-28 01:00 03-28 05:00", "03-29 01:00 03-29 05:00", "03-30 01:00 03-30 05:00"]),
        ("2026-10-24", "2026-10-27", ["10-24 01:00 10-24 05:00", "10-25 01:00 10-25 05:00", "10-26 01:00 10-26 05:00"]),
    ],
)
def test_the_wall_clock_counts_where_clocks_are_moved(since: str, until: str, expected: list[str]) -> None:
    daily = [planned("2026-01-10 01:00", "2026-01-10 05:00", "daily", BERLIN)]
    assert local(windows(daily, "r1", ns(since, BERLIN), ns(until, BERLIN), BERLIN), BERLIN) == expected


@pytest.mark.parametrize(
    ("start", "end", "day", "hours"),
    [
        ("02:15", "02:45", "2026-03-29", 1.5),  # there is no such half hour
        ("02:30", "03:15", "2026-03-29", 0.75),
        ("02:15", "02:45", "2026-10-25", 1.5),  # there are two
    ],
)
def test_in_the_hour_that_clocks_are_moved_the_longer_reading_counts(
    start: str, end: str, day: str, hours: float
) -> None:
    daily = [planned(f"2026-01-10 {start}", f"2026-01-10 {end}", "daily", BERLIN)]
    [(began, ended)] = windows(daily, "r1", ns(day, BERLIN), ns(day, BERLIN) + 22 * HOUR, BERLIN)
    assert (ended - began) / HOUR == hours


DAYS = st.dates(date(2026, 3, 20), date(2026, 4, 10))
PLANNED = st.builds(
    lambda day, start_m, long_m, repeat, until: Maintenance(
        hosts=frozenset({"r1"}),
        start_ns=ns(f"{day}", UTC) + start_m * 60 * S,
        end_ns=ns(f"{day}", UTC) + (start_m + long_m) * 60 * S,
        repeat=repeat,
        until_ns=None if until is None else ns(f"{day + timedelta(days=until)}", UTC),
    ),
    DAYS,
    st.integers(0, 1439),
    st.integers(1, 1440),
    st.sampled_from(["once", "daily", "weekly"]),
    st.none() | st.integers(1, 20),
)


@given(st.lists(PLANNED, max_size=3), DAYS, st.integers(1, 6), st.integers(0, 1439))
def test_every_minute_is_in_a_window_where_it_should_be(
    all_planned: list[Maintenance], day: date, days: int, minute: int
) -> None:
    """A zone without daylight saving: each repetition is the first one, moved by whole days."""
    since, until = ns(f"{day}", UTC), ns(f"{day + timedelta(days=days)}", UTC)
    at = since + minute * 60 * S
    found = windows(all_planned, "r1", since, until, HANOI)
    assert all(since <= start < end <= until for start, end in found)
    assert all(before[1] < after[0] for before, after in itertools.pairwise(found))

    def covers(one: Maintenance) -> bool:
        every = {"once": 0, "daily": 24, "weekly": 168}[one.repeat] * HOUR
        starts = [one.start_ns + number * every for number in range(60 if every else 1)]
        length = one.end_ns - one.start_ns
        last = one.until_ns if one.until_ns is not None and every else 2**63
        return any(start <= at < start + length for n, start in enumerate(starts) if n == 0 or start < last)

    assert any(start <= at < end for start, end in found) == any(map(covers, all_planned))


@given(PLANNED, DAYS, st.integers(1, 6), st.integers(1, 5), st.sampled_from([HANOI, BERLIN]))
def test_a_time_in_parts_has_the_windows_of_the_whole(
    one: Maintenance, day: date, days: int, part: int, zone: tzinfo
) -> None:
    since, until = ns(f"{day}", UTC), ns(f"{day + timedelta(days=days)}", UTC)
    middle = since + (until - since) * part // 6
    parts = windows([one], "r1", since, middle, zone) + windows([one], "r1", middle, until, zone)
    whole = windows([one], "r1", since, until, zone)
    assert sum(end - start for start, end in parts) == sum(end - start for start, end in whole)


@given(PLANNED, DAYS, st.sampled_from([HANOI, BERLIN]))
def test_repetitions_start_and_end_at_the_same_local_time(one: Maintenance, day: date, zone: tzinfo) -> None:
    since = ns(f"{day}", UTC)
    edges = (since, since + 9 * 24 * HOUR)
    found = windows([one], "r1", *edges, zone)

    def clock(at: int) -> str:
        return f"{datetime.fromtimestamp(at // S, zone):%H:%M}"

    moved = {"02", "03"} if zone is BERLIN else set()
    allowed = {clock(one.start_ns), clock(one.end_ns)}
    for at in (at for window in found for at in window if at not in edges):
        assert clock(at) in allowed or clock(at)[:2] in moved | {"01"}
