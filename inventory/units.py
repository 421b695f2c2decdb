"""Quantities and times as people write them: "5m", "2.5 Gbps", "1 GiB", "2026-11-20 22:00"."""

import math
import re
from datetime import date, datetime, time, timedelta


class Seconds(float):
    """A duration: a number of seconds, or text such as "60s", "5m", "1h", "1h30m", "2d"."""


class Bps(int):
    """A line's speed in bit/s: a whole number, or text such as "512k", "2M", "2.5 Gbps"."""


class Bytes(int):
    """An amount of data: a whole number of bytes, or text such as "500MB", "1GiB"."""


class Moment(int):
    """A time in ns since the epoch: a date and a time of day, of the machine's zone where they have no offset."""


class DayEnd(int):
    """A time in ns since the epoch: the end of a day, or a date and a time of day."""


class Day(str):
    """A day as "2026-11-20"."""

    __slots__ = ()


ALLOWED: dict[type, str] = {
    Seconds: 'seconds, such as 60, "60s", "5m", "1h"',
    Bps: 'bits a second, such as 2000000, "512k", "2M", "2.5 Gbps"',
    Bytes: 'bytes, such as 1073741824, "500MB", "1GiB"',
    Moment: "a date and a time of day, such as 2026-11-20T22:00:00 or 2026-11-20T22:00:00+07:00",
    DayEnd: "a day, such as 2026-11-20, or a date and a time of day",
    Day: "a day, such as 2026-11-20",
}

_MAX = 10**18
_SECONDS = {"ms": 0.001, "s": 1, "": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_DECIMAL = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BINARY = {"k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}

# patterns are text, compiled by `re` when first used: most runs need none of them
_NUMBER = r"(\d+(?:[.,]\d+)?)"
_DURATION = rf"{_NUMBER}\s*(ms|s|min|m|h|d|w|)\s*"
_SPEED = rf"{_NUMBER}\s*([kmgt]?)\s*(?:bps|bit/s|bits/s|b/s|bit|b|)"
_BYTE_SPEED = r"[\d.,]+\s*[kKmMgGtT]?i?B(?:/s|ps)?"
_SIZE = rf"{_NUMBER}\s*(?:([kmgt])(i?))?b?"


def parse_duration(written: object) -> Seconds:
    """Seconds of a number or text; several parts add up ("1h30m").

    Raises:
        ValueError: neither, negative, or not finite.
    """
    if isinstance(written, str):
        parts = list(re.finditer(_DURATION, written.strip(), re.ASCII))
        if not parts or "".join(part[0] for part in parts) != written.strip():
            raise ValueError(ALLOWED[Seconds])
        if len(parts) > 1 and any(not part[2] for part in parts):
            raise ValueError(ALLOWED[Seconds])
        return Seconds(_bounded(sum(_number(part[1]) * _SECONDS[part[2]] for part in parts), Seconds))
    return Seconds(_plain(written, (int, float), Seconds))


def parse_speed(written: object) -> Bps:
    """Bit/s of a whole number or text. Prefixes are decimal, as lines are sold; bytes a second are refused.

    Raises:
        ValueError: neither, negative, or not a whole number of bit/s.
    """
    if isinstance(written, str):
        text = written.strip()
        if re.fullmatch(_BYTE_SPEED, text):
            raise ValueError(f"{ALLOWED[Bps]}; B stands for bytes: write bits")
        if not (match := re.fullmatch(_SPEED, text, re.ASCII | re.IGNORECASE)):
            raise ValueError(ALLOWED[Bps])
        return Bps(_whole(_number(match[1]) * _DECIMAL[match[2].lower()], Bps))
    return Bps(int(_plain(written, (int,), Bps)))


def parse_size(written: object) -> Bytes:
    """Bytes of a whole number or text; "MB" is 10^6, "MiB" 2^20.

    Raises:
        ValueError: neither, negative, or not a whole number of bytes.
    """
    if isinstance(written, str):
        if not (match := re.fullmatch(_SIZE, written.strip(), re.ASCII | re.IGNORECASE)):
            raise ValueError(ALLOWED[Bytes])
        prefix = (match[2] or "").lower()
        return Bytes(_whole(_number(match[1]) * (_BINARY if match[3] else _DECIMAL)[prefix], Bytes))
    return Bytes(int(_plain(written, (int,), Bytes)))


def parse_moment(written: object) -> Moment:
    """Of TOML's date-times or text in ISO 8601; the machine's zone counts where no offset is written.

    Raises:
        ValueError: neither, no time of day, or not of this age.
    """
    return Moment(_epoch_ns(_calendar(written, Moment), Moment))


def parse_day_end(written: object) -> DayEnd:
    """The midnight behind a day; of a date-time that moment.

    Raises:
        ValueError: neither, or not of this age.
    """
    when = _calendar(written, DayEnd)
    if not isinstance(when, datetime):
        _of_this_age(when, DayEnd)
        when = datetime.combine(when + timedelta(days=1), time())
    return DayEnd(_epoch_ns(when, DayEnd))


def parse_day(written: object) -> Day:
    """Of TOML's dates or text in ISO 8601.

    Raises:
        ValueError: neither, or with a time of day, or not of this age.
    """
    when = _calendar(written, Day)
    if isinstance(when, datetime):
        raise ValueError(ALLOWED[Day])
    return Day(_of_this_age(when, Day).isoformat())


def _calendar(written: object, kind: type) -> date | datetime:
    if isinstance(written, str):
        text = written.strip()
        try:
            return date.fromisoformat(text) if len(text) == len("2026-11-20") else datetime.fromisoformat(text)
        except ValueError:
            raise ValueError(ALLOWED[kind]) from None
    if not isinstance(written, date):
        raise ValueError(ALLOWED[kind])
    return written


def _epoch_ns(when: date | datetime, kind: type) -> int:
    if not isinstance(when, datetime):
        raise ValueError(ALLOWED[kind])
    _of_this_age(when, kind)
    return round(when.timestamp() * 1e6) * 1_000


def _of_this_age(when: date, kind: type) -> date:
    """Beyond these years are typing mistakes, and times that calendars cannot count with."""
    if not 1990 <= when.year <= 2200:
        raise ValueError(f"{ALLOWED[kind]}, of the years 1990 to 2200")
    return when


def _number(text: str) -> float:
    """A decimal with a point or a comma; "1,000" could be either, so it is neither."""
    if re.fullmatch(r"\d+,\d{3}", text):
        raise ValueError(f"a number that can be read in one way: {text.replace(',', '')} or {text.replace(',', '.')}")
    return float(text.replace(",", "."))


def _plain(written: object, types: tuple[type, ...], kind: type) -> float:
    if isinstance(written, bool) or not isinstance(written, (int, float)) or not isinstance(written, types):
        raise ValueError(ALLOWED[kind])
    return _bounded(written, kind)


def _whole(value: float, kind: type) -> int:
    nearest = round(_bounded(value, kind))
    if not math.isclose(value, nearest, rel_tol=1e-9):
        raise ValueError(ALLOWED[kind])
    return nearest


def _bounded(value: float, kind: type) -> float:
    """Refuses what is negative, no number, or beyond what any device, line or disk can be."""
    if not 0 <= value <= _MAX:
        raise ValueError(ALLOWED[kind])
    return value
