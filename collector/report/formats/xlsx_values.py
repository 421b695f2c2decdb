"""What a spreadsheet makes of values, and what it allows: number formats, lengths, names of sheets."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo

from collector.report.formats.flat import clean
from collector.report.language import Language
from collector.report.model import Level
from collector.report.unit import Unit

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767
MAX_NAME = 31
MAX_TITLE = 255
"""of charts and properties"""

PAPER_AND_INK: Mapping[Level, tuple[str, str]] = {
    Level.CRITICAL: ("#FFC7CE", "#9C0006"),
    Level.WARNING: ("#FFEB9C", "#7F6000"),
    Level.UNKNOWN: ("#E2E2E2", "#404040"),
    Level.INFO: ("#DDEBF7", "#1F4E78"),
    Level.OK: ("#E2F0D9", "#375623"),
}
"""of cells, as spreadsheets themselves mark bad, neutral and good"""

FILL: Mapping[Level, str] = {
    Level.CRITICAL: "#C62828",
    Level.WARNING: "#F2A900",
    Level.UNKNOWN: "#9E9E9E",
    Level.INFO: "#1565C0",
    Level.OK: "#2E7D32",
}
"""of bars"""

_SCALED = '[>=1000000000]0.00,,," G{0}";[>=1000000]0.00,," M{0}";0.0," k{0}"'
_FORMATS = {
    Unit.TEXT: "General",
    Unit.COUNT: "#,##0",
    Unit.NUMBER: "General",
    Unit.PERCENT: "0.00%",
    Unit.BPS: _SCALED.format("bps"),
    Unit.BPS_PER_DAY: _SCALED.format("bps"),
    Unit.BYTES: _SCALED.format("B"),
    Unit.BYTES_PER_DAY: _SCALED.format("B"),
    Unit.SECONDS: "[h]:mm:ss",
}

_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")


def number_format(unit: Unit, language: Language) -> str:
    """The number format for what `excel_value` gives; the program shows it with the signs of its own locale."""
    if unit in (Unit.DATE, Unit.TIME):
        day = "dd/mm/yyyy" if language.code == "vi" else "d mmm yyyy"
        return day if unit is Unit.DATE else f"{day} hh:mm"
    return _FORMATS.get(unit) or f'#,##0.0"\u00a0{language.unit(unit)}"'


def excel_value(value: float | None, unit: Unit, zone: tzinfo) -> float | datetime | None:
    """A number as a cell holds it: a fraction for percent, days for a duration, local time without its zone.

    None for what is not known, and for times that a spreadsheet has no number for.
    """
    if value is None or not math.isfinite(value):
        return None
    if unit is Unit.PERCENT:
        return value / 100
    if unit is Unit.SECONDS:
        return value / 86_400
    if unit not in (Unit.DATE, Unit.TIME):
        return value
    try:
        local = datetime.fromtimestamp(int(value) // 10**9, zone).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None
    if local.year < 1901:
        return None
    return local.replace(hour=0, minute=0, second=0) if unit is Unit.DATE else local


def serial(time_ns: int, zone: tzinfo) -> float | None:
    """The number by which a spreadsheet knows a time, for the ends of axes."""
    local = excel_value(time_ns, Unit.TIME, zone)
    return (local - datetime(1899, 12, 30)) / timedelta(days=1) if isinstance(local, datetime) else None  # noqa: DTZ001


def cell_text(text: str, most: int = MAX_TEXT) -> str:
    """Text that a cell can hold; what is longer is cut."""
    cleaned = clean(text)
    # nearly all texts need no counting
    if len(cleaned) * 2 <= most or _length(cleaned) <= most:
        return cleaned
    return _cut(cleaned, most - 1) + "…"


def _length(text: str) -> int:
    """As spreadsheets count: in units of UTF-16."""
    return len(text.encode("utf-16-le")) // 2


def _cut(text: str, most: int) -> str:
    return text.encode("utf-16-le")[: most * 2].decode("utf-16-le", errors="ignore")


class SheetNames:
    """Names of the sheets of one workbook: at most 31 characters, none of []:*?/\\, all different."""

    def __init__(self) -> None:
        self._taken = {"history"}  # a name that Excel keeps for itself

    def name(self, title: str) -> str:
        """A name like `title` that is free yet."""
        plain = _FORBIDDEN.sub(" ", clean(title).replace("\n", " ").replace("\t", " ")).strip(" '") or "-"
        name, number = _cut(plain, MAX_NAME).strip(" '"), 2
        while name.casefold() in self._taken:
            end = f" ({number})"
            name, number = _cut(plain, MAX_NAME - len(end)).rstrip(" '") + end, number + 1
        self._taken.add(name.casefold())
        return name
