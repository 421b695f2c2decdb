"""Texts of a command line as values of the catalogue: numbers with separators, speeds, durations, sizes. Pure."""

import math
import re
from collections.abc import Callable, Mapping

import msgspec

from collector.metrics.model import FieldValue
from collector.plugin.template import Template, first_filled

_NOTHING = frozenset(("", "-", "--", "n/a", "na", "none", "null", "unknown", "not available", "not supported", "never"))
_NUMBER = re.compile(
    r"[-+]?\d+(?:[ ,']\d{3})+(?:\.\d+)?(?![\d])|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?|[-+]?\.\d+", re.IGNORECASE
)
_SPEED = re.compile(
    r"([\d.,]+)\s*([kmgt]?)\s*(?:b(?:it|its)?(?:p?s|/s(?:ec)?|/second)?|bps|base.*)?(?![a-z])", re.IGNORECASE
)
_SIZE = re.compile(r"([\d.,]+)\s*([kmgt]?)i?(?:b(?:ytes?)?)?\b", re.IGNORECASE)
_DECIMAL = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_BINARY = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}
_CLOCK = re.compile(r"(?<!\d)(\d+):(\d\d)(?::(\d\d))?(?:\.\d+)?")
_SPAN = re.compile(
    r"(?<!\d)(\d+)\s*(years?|yrs?|y|months?|weeks?|wks?|w|days?|d|hours?|hrs?|hr|h|minutes?|mins?|min|m|seconds?|secs?|sec|s)(?![a-z])",
    re.IGNORECASE,
)
_MAC = re.compile(
    r"(?<![0-9a-f.:-])(?:[0-9a-f]{4}([.:-])[0-9a-f]{4}\1[0-9a-f]{4}|[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\2){4}[0-9a-f]{2}|"
    r"[0-9a-f]{6}-[0-9a-f]{6}|[0-9a-f]{12})(?![0-9a-f:-])",
    re.IGNORECASE,
)
_UNITS = {"y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3600, "m": 60, "s": 1}

_COUNTER_DIGITS = 20
"""of 64 bits"""

Lookup = Callable[[str], FieldValue | None]
"""the value of a record by its name; None where it has none"""


def number(text: str) -> float | None:
    """The first number in a text: "1,234,567", "2 836 141", "36.5 C", "-2.31 dBm"; None where there is none."""
    if text.strip().lower() in _NOTHING:
        return None
    match = _NUMBER.search(text)
    if not match:
        return None
    return _finite(float(re.sub(r"[ ,']", "", match[0])))


def speed(text: str) -> float | None:
    """bit/s of "1000Mb/s", "BW 100000 Kbit/sec", "10G", "10 Gbps", "a-1000", "100GBASE-LR4"; a bare number stands as it is.

    None for "auto" and its like.
    """
    match = _SPEED.search(text)
    return None if not match else _scaled(match[1], _DECIMAL[match[2].lower()])


def size(text: str) -> float | None:
    """Bytes of "512K", "1.5 GB", "16384 kB", "7.8GiB": prefixes are powers of 1024, as memory is counted."""
    match = _SIZE.search(text)
    return None if not match else _scaled(match[1], _BINARY[match[2].lower()])


def _scaled(digits: str, factor: int) -> float | None:
    try:
        return _finite(float(digits.replace(",", "")) * factor)
    except ValueError:
        return None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def duration(text: str) -> float | None:
    """Seconds of "1y2w", "3d04h", "2 days, 4 hours, 1 minute", "00:12:33", "1d02:03:04", "4w1d2h3m4s"; None for "never".

    A clock of two parts is hours and minutes.
    """
    total, found = 0.0, False
    rest = text
    if clock := _CLOCK.search(text):
        hours, minutes, seconds = (float(part or 0) for part in clock.groups())
        total += hours * 3600 + minutes * 60 + seconds
        rest, found = text[: clock.start()], True
    for span in _SPAN.finditer(rest):
        unit = span[2].lower()
        total += float(span[1]) * (30 * 86_400 if unit.startswith("mo") else _UNITS[unit[0]])
        found = True
    return _finite(total) if found else None


def mac(text: str) -> str | None:
    """The hardware address in "0011.2233.4455", "00-11-22-33-44-55", "0011-2233-4455" or "001122334455" as SNMP's rows
    have it, "00:11:22:33:44:55"; None where there is none, or only zeros."""
    match = _MAC.search(text)
    digits = re.sub(r"[.:-]", "", match[0]).lower() if match else ""
    return ":".join(re.findall("..", digits)) if digits.strip("0") else None


def identifier(text: str) -> str:
    """What a neighbour calls itself or its port, as SNMP's rows have it: a hardware address with colons, else as it is."""
    return (mac(text) or text) if _MAC.fullmatch(text) and not text.isalnum() else text


def milliwatt_to_dbm(text: str) -> float | None:
    """Optical power in dBm of one in mW; none where it is dark."""
    value = number(text)
    return 10 * math.log10(value) if value and value > 0 else None


def busy(text: str) -> float | None:
    """The percentage that is not idle, of the one that is: "97" -> 3."""
    idle = number(text)
    return 100 - idle if idle is not None and 0 <= idle <= 100 else None


CONVERTERS: Mapping[str, Callable[[str], float | None]] = {
    "number": number,
    "speed": speed,
    "size": size,
    "duration": duration,
    "milliwatt_to_dbm": milliwatt_to_dbm,
    "busy": busy,
}
"""for fields that are numbers"""
TEXT_CONVERTERS: Mapping[str, Callable[[str], str | None]] = {"mac": mac, "id": identifier}
"""for fields that are texts"""


def _is_counter(text: str) -> bool:
    return len(text) <= _COUNTER_DIGITS and text.isascii() and text.isdigit()


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How one field is read from a record.

    Attributes:
        sources: names of values (or paths), the first that gives anything counts.
        texts: the field is the first of these that can be filled, in place of `sources`.
        constant: the field is always this.
        kind: the field's type in the catalogue.
        convert: one of CONVERTERS, for numbers; one of TEXT_CONVERTERS, for texts.
        scale: what a number is multiplied by.
        enum: what a text becomes, in lower case; others are nothing, unless `others` lets them through.
        regex: only its first group (or all it finds) counts.
        sentinels: texts, in lower case, that mean nothing.
    """

    sources: tuple[str, ...] = ()
    texts: tuple[Template, ...] = ()
    constant: FieldValue | None = None
    kind: type[FieldValue] = str
    convert: str = "number"
    scale: float = 1.0
    enum: Mapping[str, FieldValue] | None = None
    others: bool = False
    regex: re.Pattern[str] | None = None
    sentinels: frozenset[str] = frozenset()

    def read(self, lookup: Lookup) -> FieldValue | None:
        """The field's value in the record behind `lookup`; None where it says nothing."""
        if self.constant is not None:
            return self.constant
        if self.texts:
            return self._value(first_filled(self.texts, lookup))
        for source in self.sources:
            if (value := self._value(lookup(source))) is not None:
                return value
        return None

    def _value(self, found: FieldValue | None) -> FieldValue | None:
        if found is None:
            return None
        text = str(found).strip()
        if self.regex is not None:
            match = self.regex.search(text)
            if not match:
                return None
            text = (match[1] if match.re.groups else match[0]) or ""
        if not text or text.lower() in self.sentinels:
            return None
        if self.enum is not None:
            meaning = self.enum.get(text.lower())
            return text.lower() if meaning is None and self.others else meaning
        if self.kind is str:
            return TEXT_CONVERTERS[self.convert](text) if self.convert in TEXT_CONVERTERS else text
        if self.kind is bool:
            return text.lower() in ("true", "yes", "1", "up", "on")
        if self.kind is int and self.scale == 1.0 and self.convert == "number" and _is_counter(text):
            return int(text)  # most values there are, and without a doubt
        value = CONVERTERS[self.convert](text)
        scaled = None if value is None else _finite(value * self.scale)
        return self._exact(text, scaled) if self.kind is int and scaled is not None else scaled

    def _exact(self, text: str, scaled: float) -> int:
        """Counters of 64 bits have more digits than a float."""
        digits = re.sub(r"(?<=\d)[ ,'](?=\d)", "", text)
        if self.scale == 1.0 and self.convert == "number" and digits.isascii() and digits.isdigit():
            return int(digits)
        return round(scaled)
