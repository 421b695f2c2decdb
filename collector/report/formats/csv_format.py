"""A table as CSV (RFC 4180): comma, CRLF, quotes where they are needed, UTF-8.

Headings are the keys of the columns. Numbers are raw, in the unit that the heading names; times are ISO 8601. What is not
known is empty. Where a column has values with an interval, its ends stand in two more columns behind all others.

Spreadsheets run what looks like a formula. Texts that could (they come from devices) get an apostrophe before them.
"""

import csv
import io
import math
from collections.abc import Iterator
from datetime import tzinfo

from collector.report.formats.flat import clean, moment
from collector.report.language import Language
from collector.report.model import Cell, Estimate, Spark, Table, Verdict
from collector.report.say import Text
from collector.report.unit import Unit

BYTE_ORDER_MARK = "\ufeff"
"""by which Excel knows UTF-8; without it Vietnamese letters are broken there"""

_ONE_LINE = str.maketrans({"\r": "", "\n": " ", "\t": " "})
_FORMULAS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def encode(table: Table, language: Language, *, mark: bool = False) -> bytes:
    """The table with its heading; with a byte order mark before it where a spreadsheet will open it."""
    intervals = [
        index for index in range(len(table.columns)) if any(isinstance(row[index], Estimate) for row in table.rows)
    ]
    file = io.StringIO(newline="")
    file.write(BYTE_ORDER_MARK if mark else "")
    writer = csv.writer(file, lineterminator="\r\n")
    keys = [column.key for column in table.columns]
    writer.writerow([*keys, *(f"{keys[index]}_{end}" for index in intervals for end in ("low", "high"))])
    for row in table.rows:
        written: list[str | float | None] = [
            _field(cell, column.unit, language) for cell, column in zip(row, table.columns, strict=True)
        ]
        for index in intervals:
            written += _ends(row[index], table.columns[index].unit, language.zone)
        writer.writerow(written)
    return file.getvalue().encode()


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula, without control characters, on one line: a row is a line.

    >>> harmless("=1+1"), harmless("Gi0/1")
    ("'=1+1", 'Gi0/1')
    """
    # the signs behind spaces too: some programs trim
    line = clean(text.translate(_ONE_LINE))
    return f"'{line}" if line.lstrip(" ").startswith(_FORMULAS) else line


def _field(cell: Cell, unit: Unit, language: Language) -> str | float | None:
    if isinstance(cell, str):
        return harmless(cell)
    if isinstance(cell, Text):
        return harmless(language.text(cell))
    if isinstance(cell, Verdict):
        return harmless(language.text(cell.text))
    if isinstance(cell, Spark):
        return " ".join("nan" if value is None else f"{value:.6g}" for value in cell.values)
    return _number(cell.value if isinstance(cell, Estimate) else cell, unit, language.zone)


def _ends(cell: Cell, unit: Unit, zone: tzinfo) -> Iterator[str | float | None]:
    ends = (cell.low, cell.high) if isinstance(cell, Estimate) else (None, None)
    return (_number(end, unit, zone) for end in ends)


def _number(value: float | None, unit: Unit, zone: tzinfo) -> str | float | None:
    if value is None or not math.isfinite(value):
        return None
    return moment(value, unit, zone) if unit in (Unit.DATE, Unit.TIME) else value
