"""What people type for a time."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import TZPATH, ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.cli.period import PeriodError, local_zone, period

HANOI = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 22, 14, 15, 30, tzinfo=HANOI)
NOW_NS = int(NOW.timestamp()) * 10**9 + 250_000_000


def spoken(since: str, until: str = "now", zone: tzinfo = HANOI, now_ns: int = NOW_NS) -> tuple[str, str]:
    begin, end = period(since, until, now_ns, zone)
    return (
        f"{datetime.fromtimestamp(begin // 10**9, zone):%Y-%m-%d %H:%M}",
        f"{datetime.fromtimestamp(end // 10**9, zone):%Y-%m-%d %H:%M}",
    )


@pytest.mark.parametrize(
    ("since", "begin"),
    [
        ("30d", "2026-10-23 14:15"),
        ("30 days", "2026-10-23 14:15"),
        ("1 day ago", "2026-11-21 14:15"),
        ("12h", "2026-11-22 02:15"),
        ("90min", "2026-11-22 12:45"),
        ("2w", "2026-11-08 14:15"),
        ("3 months", "2026-08-22 14:15"),
        ("9mo", "2026-02-22 14:15"),
        ("1y", "2025-11-22 14:15"),
        ("today", "2026-11-22 00:00"),
        ("Yesterday", "2026-11-21 00:00"),
        ("2026-11-01", "2026-11-01 00:00"),
        ("2026-11-01 08:30", "2026-11-01 08:30"),
        ("2026-11-01T08:30:15", "2026-11-01 08:30"),
        ("2026-11-01T08:30:00Z", "2026-11-01 15:30"),
        ("2026-11-01T08:30:00+09:00", "2026-11-01 06:30"),
    ],
)
def test_since(since: str, begin: str) -> None:
    assert spoken(since) == (begin, "2026-11-22 14:15")


def test_until() -> None:
    assert spoken("7d", "2026-11-01") == ("2026-10-25 00:00", "2026-11-01 00:00")
    assert spoken("7d", "7d") == ("2026-11-08 14:15", "2026-11-15 14:15")
    assert spoken("yesterday", "today") == ("2026-11-21 00:00", "2026-11-22 00:00")
    assert spoken("1 month", "2026-03-31") == ("2026-02-28 00:00", "2026-03-31 00:00")
    # up to the last sample of now
    assert period("1h", "now", NOW_NS, HANOI)[1] == NOW_NS


def test_days_go_by_the_calendar_and_hours_by_the_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")  # where 2026-10-25 has 25 hours
    now_ns = int(datetime(2026, 10, 26, 12, tzinfo=berlin).timestamp()) * 10**9
    assert spoken("2d", zone=berlin, now_ns=now_ns)[0] == "2026-10-24 12:00"
    assert spoken("30h", zone=berlin, now_ns=now_ns)[0] == "2026-10-25 06:00"
    begin, end = period("1d", "2026-10-26", now_ns, berlin)
    assert (end - begin) / 3600e9 == 25


@pytest.mark.parametrize(
    "text",
    ["", "30", "d", "30 parsecs", "22/11/2026", "2026-13-01", "2026-02-30", "-3d", "3m", "999999y", "999999 days"],
)
def test_nonsense_is_told_with_what_is_allowed(text: str) -> None:
    for arguments in ((text, "now"), ("30d", text)):
        with pytest.raises(PeriodError) as told:
            period(*arguments, NOW_NS, HANOI)
        assert repr(text) in str(told.value)
        assert '"2026-01-31 08:00"' in str(told.value)


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("2026-11-22 15:00", "now", "--since 2026-11-22 15:00: 2026-11-22 15:00 is not before 2026-11-22 14:15"),
        ("2026-11-02", "2026-11-01", "is not before"),
        ("now", "now", "is not before"),
        ("30d", "2027-01-01", "--until 2027-01-01: 2027-01-01 00:00 has not come yet"),
    ],
)
def test_periods_that_cannot_be(since: str, until: str, message: str) -> None:
    with pytest.raises(PeriodError, match=message):
        period(since, until, NOW_NS, HANOI)


@given(since=st.text(max_size=12), until=st.text(max_size=12))
def test_any_text_is_a_time_or_told(since: str, until: str) -> None:
    with contextlib.suppress(PeriodError):
        begin, end = period(since, until, NOW_NS, HANOI)
        assert begin < end <= NOW_NS


def test_the_zone_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 7, 1, tzinfo=UTC)
    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    assert moment.astimezone(local_zone()).utcoffset() == timedelta(hours=7)
    monkeypatch.setenv("TZ", ":Europe/Berlin")
    assert moment.astimezone(local_zone()).utcoffset() == timedelta(hours=2)
    monkeypatch.setenv("TZ", f":{next(Path(each) / 'Europe/Berlin' for each in TZPATH)}")
    for month, hours in ((1, 1), (7, 2)):
        assert datetime(2026, month, 1, tzinfo=UTC).astimezone(local_zone()).utcoffset() == timedelta(hours=hours)
    for other in ("No/Such", ":/no/such", ":/etc/passwd", "", "../../etc/passwd"):
        monkeypatch.setenv("TZ", other)
        assert moment.astimezone(local_zone()).utcoffset() is not None
