"""Texts, numbers, dates and amounts as readers of one language write them.

Messages come from gettext catalogues (`locale/vi.po`), which are compiled when they are loaded; what a catalogue has not is
English. Names and texts of devices and inventories (`str`) pass through as they are: they are never looked up in a catalogue,
and braces in them mean nothing. Escaping is the business of renderers.

Numbers are written by hand with the signs of the locale: reports have hundreds of thousands of cells, and Babel takes
thirty times as long for each.
"""

import gettext
import io
import math
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Literal, TypeAlias

from collector.report.model import Cell, Estimate, Spark, Verdict
from collector.report.say import Quantity, Text, Value, say
from collector.report.unit import Unit

Code: TypeAlias = Literal["en", "vi"]

CODES: tuple[Code, ...] = ("en", "vi")

FOLDER = Path(__file__).parent / "locale"

_BIT_PREFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_BYTE_PREFIXES = ((1 << 50, "Pi"), (1 << 40, "Ti"), (1 << 30, "Gi"), (1 << 20, "Mi"), (1 << 10, "Ki"))
_PARTS = (
    (86_400, say("{number} d")),
    (3_600, say("{number} h")),
    (60, say("{number} min")),
    (1, say("{number} s")),
)
_PATTERNS = {
    Unit.PERCENT: say("{number}%"),
    Unit.BPS_PER_DAY: say("{number} a day"),
    Unit.BYTES_PER_DAY: say("{number} a day"),
    Unit.HOURS: say("{number} h"),
    Unit.DAYS: say("{number} d"),
    Unit.PER_SECOND: say("{number}/s"),
    Unit.WATT: say("{number} W"),
    Unit.VOLT_AMPERE: say("{number} VA"),
    Unit.AMPERE: say("{number} A"),
    Unit.VOLT: say("{number} V"),
    Unit.CELSIUS: say("{number} °C"),
}


class Language:
    """How a report is written for its readers.

    Attributes:
        code: as in BCP 47, and the name of the catalogue.
        zone: in which times are written.
        decimal, group: the signs of numbers: 1,234.5 or 1.234,5.
        weekdays: their short names, Monday first.
    """

    def __init__(self, code: Code, zone: tzinfo) -> None:
        from babel.core import Locale

        locale = Locale.parse(code)
        signs = locale.number_symbols["latn"]
        self.code = code
        self.zone = zone
        self.decimal = str(signs["decimal"])
        self.group = str(signs["group"])
        self._signs = str.maketrans({",": self.group, ".": self.decimal})
        self.weekdays = tuple(str(locale.days["stand-alone"]["abbreviated"][day]) for day in range(7))
        self._months = locale.months["format"]["abbreviated"]
        self._catalogue = catalogue(code)
        # one look-up for each unit, not one for each cell
        self._patterns = {unit: self._gettext(pattern.message) for unit, pattern in _PATTERNS.items()}
        self._parts = [(length, self._gettext(pattern.message)) for length, pattern in _PARTS]

    def text(self, text: Text | str) -> str:
        """A message in this language, with its values; a `str` as it is."""
        if isinstance(text, str):
            return text
        if text.plural:
            count = text.values.get("count")
            number = count if isinstance(count, int) else 2
            message = self._catalogue.ngettext(text.message, text.plural, number)
        else:
            message = self._gettext(text.message)
        return message.format_map({name: self._value(value) for name, value in text.values.items()})

    def cell(self, cell: Cell, unit: Unit) -> str:
        """A cell as text, numbers with their unit. "" for None, and for a Spark, which is drawn and not written."""
        if isinstance(cell, str):
            return cell
        if cell is None or isinstance(cell, Spark):
            return ""
        if isinstance(cell, Text):
            return self.text(cell)
        if isinstance(cell, Verdict):
            return self.text(cell.text)
        if isinstance(cell, Estimate):
            return self._estimate(cell, unit)
        return self.number(cell, unit)

    def number(self, value: float, unit: Unit) -> str:
        """`value`, which is in `unit`, as it is read: scaled, rounded to what matters, with its unit. "" for NaN."""
        if isinstance(value, bool):
            return self.text(say("yes") if value else say("no"))
        if unit is Unit.TEXT and isinstance(value, int):
            return str(value)
        if not math.isfinite(value):
            return ""
        match unit:
            case Unit.DATE:
                return self.date(int(value))
            case Unit.TIME:
                return self.time(int(value))
            case Unit.COUNT:
                return self._grouped(value, 0)
            case Unit.TEXT | Unit.NUMBER:
                return self._grouped(value, 0) if isinstance(value, int) else self._rounded(value)
            case Unit.SECONDS:
                return self._duration(value)
            case Unit.BPS:
                return self._scaled(value, _BIT_PREFIXES, "bps")
            case Unit.BYTES:
                return self._scaled(value, _BYTE_PREFIXES, "B")
            case Unit.BPS_PER_DAY:
                written = self._scaled(value, _BIT_PREFIXES, "bps", signed=True)
            case Unit.BYTES_PER_DAY:
                written = self._scaled(value, _BYTE_PREFIXES, "B", signed=True)
            case Unit.PERCENT:
                written = self._percent(value)
            case Unit.CELSIUS:
                written = self._grouped(value, 1)
            case _:
                written = self._rounded(value)
        return self._patterns[unit].replace("{number}", written)

    def unit(self, unit: Unit) -> str:
        """What stands behind numbers of `unit` that are not scaled: "h", "giờ"; "" for those without, or scaled ones."""
        return self._patterns.get(unit, "").replace("{number}", "").strip()

    def date(self, time_ns: int) -> str:
        """The local day of `time_ns`: "22 Nov 2026", "22/11/2026". "" for a time that no calendar has."""
        moment = self._local(time_ns)
        return self._day(moment) if moment else ""

    def time(self, time_ns: int) -> str:
        """The local day and time of `time_ns`, to the minute."""
        moment = self._local(time_ns)
        return f"{self._day(moment)} {moment:%H:%M}" if moment else ""

    def period(self, since_ns: int, until_ns: int) -> str:
        """`[since, until)`: from day to day where it is whole local days, else with times."""
        since, until = self._local(since_ns), self._local(until_ns)
        if since is None or until is None:
            return ""
        if (since.hour, since.minute) == (until.hour, until.minute) == (0, 0) and since < until:
            first, last = self._day(since), self._day(until - timedelta(days=1))
            return first if first == last else f"{first} – {last}"
        return f"{self.time(since_ns)} – {self.time(until_ns)}"

    def _gettext(self, message: str) -> str:
        # what is filed under "" is the catalogue's own header
        return self._catalogue.gettext(message) if message else ""

    def _value(self, value: Value) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, Text):
            return self.text(value)
        if isinstance(value, Quantity):
            return self.number(value.value, value.unit)
        return self.number(value, Unit.NUMBER)

    def _estimate(self, estimate: Estimate, unit: Unit) -> str:
        value = self.number(estimate.value, unit)
        # "a day" is said once
        ends = {Unit.BPS_PER_DAY: Unit.BPS, Unit.BYTES_PER_DAY: Unit.BYTES}.get(unit, unit)
        low = None if estimate.low is None else self.number(estimate.low, ends)
        high = None if estimate.high is None else self.number(estimate.high, ends)
        if low and low == high:
            return value
        if low and high:
            return f"{value} ({low} – {high})"
        if low or high:
            return f"{value} (≥ {low})" if low else f"{value} (≤ {high})"
        return value

    def _local(self, time_ns: int) -> datetime | None:
        try:
            return datetime.fromtimestamp(time_ns // 10**9, self.zone)
        except (ValueError, OverflowError, OSError):
            return None

    def _day(self, moment: datetime) -> str:
        if self.code == "vi":
            return f"{moment.day:02}/{moment.month:02}/{moment.year:04}"
        return f"{moment.day} {self._months[moment.month]} {moment.year}"

    def _grouped(self, value: float, digits: int) -> str:
        written = f"{value:,.{digits}f}"
        # nobody wants to read "-0"
        return (written if float(written.replace(",", "")) else f"{0:.{digits}f}").translate(self._signs)

    def _rounded(self, value: float) -> str:
        """Three digits, or all before the point; without zeros at the end."""
        size = abs(value)
        digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2
        if 0 < size < 0.1:
            digits = min(6, 1 - math.floor(math.log10(size)))
        written = self._grouped(value, digits)
        return written.rstrip("0").rstrip(self.decimal) if digits else written

    def _percent(self, value: float) -> str:
        """One digit behind the point; more where it would look as if it were all or nothing."""
        for digits in (1, 2, 3):
            if value in (0, 100) or float(f"{value:.{digits}f}") not in (0, 100):
                return self._grouped(value, digits)
        if 0 < value < 1:
            return f"<{self._grouped(0.001, 3)}"
        return f">{self._grouped(99.999, 3)}" if 99 < value < 100 else self._grouped(value, 0)

    def _scaled(self, value: float, prefixes: Sequence[tuple[float, str]], unit: str, *, signed: bool = False) -> str:
        # 999.97 of one prefix is written as 1 of the next
        factor, prefix = next(((f, p) for f, p in prefixes if abs(value) >= f * 0.9995), (1.0, ""))
        scaled = value / factor
        written = self._rounded(scaled)
        return f"{'+' if signed and value > 0 else ''}{written} {prefix}{unit}"

    def _duration(self, seconds: float) -> str:
        """The two largest parts, the second left out where it is 0; below ten seconds with decimals."""
        sign, seconds = ("-" if seconds < 0 else ""), abs(seconds)
        if seconds < 10:
            return sign + self._parts[-1][1].replace("{number}", self._rounded(seconds))
        # rounded to what will be shown, so that 59.9 min are 1 h
        step = next((step for least, step in ((86_400, 3_600), (3_600, 60)) if seconds >= least), 1)
        left = round(seconds / step) * step
        written: list[tuple[int, str]] = []
        for length, pattern in self._parts:
            count, left = divmod(left, length)
            if count or written:
                written.append((count, pattern.replace("{number}", self._grouped(count, 0))))
            if len(written) == 2:
                break
        return sign + " ".join(part for count, part in written if count)


def catalogue(code: Code) -> gettext.NullTranslations:
    """The messages of a language; English, which the source is written in, needs none."""
    if code == "en":
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with (FOLDER / f"{code}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
