"""A workbook that is being written: its formats, each made once, the names of its sheets, and cells by their kind."""

import math
from collections import defaultdict
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from collector.report.formats.xlsx_values import PAPER_AND_INK, SheetNames, cell_text, excel_value, number_format
from collector.report.language import Language
from collector.report.model import Cell, Estimate, Level, Spark, Verdict
from collector.report.say import Text, say
from collector.report.unit import Unit

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

NARROWEST, WIDEST = 8, 60
"""columns, in characters"""

_LINE_POINTS, _HIGHEST_POINTS = 15, 409
_A4 = 9
_PAGE_WIDTH = 250
"""characters across a page of A4 in landscape, printed small but fit to be read"""


class Book:
    """What the writers of sheets share."""

    def __init__(self, workbook: "Workbook", language: Language) -> None:
        self.workbook = workbook
        self.language = language
        self._names = SheetNames()
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._plain: dict[Unit, Format] = {}
        self._sparks: list[tuple[Worksheet, int, int, tuple[float | None, ...]]] = []

    def add_sheet(self, title: Text | str) -> "Worksheet":
        """A new sheet whose name is like `title`."""
        return self.workbook.add_worksheet(self._names.name(self.language.text(title)))

    def format(self, **properties: Any) -> "Format":
        """The format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format({"valign": "top", **properties})
        return self._formats[key]

    def level(self, level: Level) -> "Format":
        """The format of a verdict."""
        paper, ink = PAPER_AND_INK[level]
        return self.format(bg_color=paper, font_color=ink)

    def write(self, sheet: "Worksheet", row: int, column: int, cell: Cell, unit: Unit, **properties: Any) -> None:
        """A cell by its kind; nothing for None."""
        if isinstance(cell, str | Text):
            self.write_text(sheet, row, column, cell, **properties)
        elif isinstance(cell, Verdict):
            sheet.write_string(row, column, cell_text(self.language.text(cell.text)), self.level(cell.level))
        elif isinstance(cell, Spark):
            self._write_spark(sheet, row, column, cell)
        else:
            number = cell.value if isinstance(cell, Estimate) else cell
            self.write_number(sheet, row, column, number, unit, **properties)

    def write_text(self, sheet: "Worksheet", row: int, column: int, text: Text | str, **properties: Any) -> None:
        """A text, which stays one whatever it looks like."""
        sheet.write_string(row, column, cell_text(self.language.text(text)), self.format(**properties))

    def write_number(
        self, sheet: "Worksheet", row: int, column: int, value: float | None, unit: Unit, **properties: Any
    ) -> None:
        """A number, date or duration; nothing for what is not known."""
        written = excel_value(value, unit, self.language.zone)
        if written is None:
            return
        if isinstance(written, bool):
            self.write_text(sheet, row, column, self.language.number(written, unit), **properties)
            return
        # nearly all cells have no properties of their own
        form = None if properties else self._plain.get(unit)
        if form is None:
            form = self.format(num_format=number_format(unit, self.language), **properties)
            if not properties:
                self._plain[unit] = form
        if isinstance(written, float | int):
            sheet.write_number(row, column, written, form)
        else:
            sheet.write_datetime(row, column, written, form)

    def width(self, texts: "list[str]") -> float:
        """For a column that holds `texts`."""
        longest = max((len(line) for text in texts for line in text.split("\n")), default=0)
        return min(max(longest + 2, NARROWEST), WIDEST)

    def set_height(self, sheet: "Worksheet", row: int, *texts: tuple[Text | str, float]) -> None:
        """Make a row high enough for wrapped texts in columns of these widths: not every program does so by itself."""
        lines = max(
            sum(max(1, len(wrap(line, int(width)))) for line in self.language.text(text).split("\n"))
            for text, width in texts
        )
        sheet.set_row(row, min(_LINE_POINTS * lines, _HIGHEST_POINTS))

    def _write_spark(self, sheet: "Worksheet", row: int, column: int, spark: Spark) -> None:
        if any(value is not None for value in spark.values):
            self._sparks.append((sheet, row, column, spark.values))

    def finish(self) -> None:
        """Write what sparklines are drawn from, on a hidden sheet behind all others."""
        from xlsxwriter.utility import xl_rowcol_to_cell

        if not self._sparks:
            return
        data = self.add_sheet(say("Sparklines"))
        data.hide()
        groups: dict[tuple[Worksheet, int], dict[str, str]] = defaultdict(dict)
        for at, (sheet, row, column, values) in enumerate(self._sparks):
            for index, value in enumerate(values):
                if value is not None and math.isfinite(value):
                    data.write_number(at, index, value)
            groups[sheet, column][xl_rowcol_to_cell(row, column)] = reference(data, at, 0, at, len(values) - 1)
        # those of a column together: each group carries a whole style of its own
        for (sheet, column), ranges in groups.items():
            look = {"location": list(ranges), "range": list(ranges.values()), "min": 0, "show_hidden": True}
            sheet.add_sparkline(0, column, look)


def set_print(sheet: "Worksheet", width: float) -> None:
    """Print a sheet whose columns are so many characters wide on A4 in landscape, on as few pages side by side as can be read."""
    pages = math.ceil(width / _PAGE_WIDTH)
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(pages, 0)
    if pages > 1:
        sheet.repeat_columns(0)


def reference(sheet: "Worksheet", row: int, column: int, last_row: int, last_column: int) -> str:
    """A range of a sheet, for charts and sparklines."""
    from xlsxwriter.utility import xl_range_abs

    name = sheet.get_name().replace("'", "''")
    return f"'{name}'!{xl_range_abs(row, column, last_row, last_column)}"
