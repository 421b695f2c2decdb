"""From when until when: times as people type them."""

import os
import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

SINCE, UNTIL = "30d", "now"
"""the period, where none is asked for"""

ALLOWED = '"30d", "12h", "3 months", "yesterday", "2026-01-31", "2026-01-31 08:00"'

_FIRST_YEAR = 1970
"""stores count nanoseconds from there; the period before one that begins then is still within their reach"""

_AGO = re.compile(r"(\d{1,6})\s*([a-z]+)")
_LENGTHS = {
    **dict.fromkeys(("min", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "week", "weeks"), timedelta(weeks=1)),
}
_MONTHS = {
    **dict.fromkeys(("mo", "month", "months"), 1),
    **dict.fromkeys(("y", "year", "years"), 12),
}


class PeriodError(ValueError):
    """Says what was typed and what may be."""


def local_zone() -> tzinfo:
    """The time zone of this machine: $TZ, else /etc/localtime, else today's distance from UTC."""
    try:
        if (named := os.environ.get("TZ", "").lstrip(":")) and not named.startswith("/"):
            return ZoneInfo(named)
        with Path(named or "/etc/localtime").open("rb") as file:
            return ZoneInfo.from_file(file, key="localtime")
    except (OSError, ValueError, KeyError):
        return datetime.now().astimezone().tzinfo or UTC


def period(since: str, until: str, now_ns: int, zone: tzinfo) -> tuple[int, int]:
    """`[since, until)` in ns since the epoch. What is "ago" in `since` is so before `until`, in `until` before now.

    Raises:
        PeriodError: nobody can tell what is meant, it has not come yet, or it ends before it begins.
    """
    now = datetime.fromtimestamp(now_ns // 10**9, zone)
    end = _moment("--until", until, now)
    if end > now:
        raise PeriodError(f"--until {until}: {end:%Y-%m-%d %H:%M} has not come yet")
    begin = _moment("--since", since, end)
    if begin >= end:
        raise PeriodError(f"--since {since}: {begin:%Y-%m-%d %H:%M} is not before {end:%Y-%m-%d %H:%M}, where it ends")
    if begin.year < _FIRST_YEAR:
        raise PeriodError(f"--since {since}: nothing was measured before {_FIRST_YEAR}")
    # the last samples of "now" are younger than its second
    return _ns(begin), now_ns if end == now else _ns(end)


def _moment(option: str, text: str, now: datetime) -> datetime:
    words = text.strip().lower()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    fixed = {"now": now, "today": midnight, "yesterday": _before(midnight, timedelta(days=1))}
    if words in fixed:
        return fixed[words]
    try:
        if ago := _AGO.fullmatch(words.removesuffix(" ago").rstrip()):
            count, unit = int(ago[1]), ago[2]
            if unit in _LENGTHS:
                return _before(now, count * _LENGTHS[unit])
            if unit in _MONTHS:
                return _months_before(now, count * _MONTHS[unit])
        elif re.match(r"\d{4}-\d\d-\d\d", words):
            typed = datetime.fromisoformat(words.upper())
            return typed.replace(tzinfo=now.tzinfo) if typed.tzinfo is None else typed.astimezone(now.tzinfo)
    except (ValueError, OverflowError):
        pass
    raise PeriodError(f"{option} {text!r} is no time that is understood; allowed are {ALLOWED}")


def _before(now: datetime, ago: timedelta) -> datetime:
    """Whole days go by the calendar, where a day may have 23 hours; less than a day goes by the clock."""
    if ago % timedelta(days=1):
        return (now.astimezone(UTC) - ago).astimezone(now.tzinfo)
    return now - ago


def _months_before(now: datetime, months: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def _ns(moment: datetime) -> int:
    return int(moment.timestamp()) * 10**9
