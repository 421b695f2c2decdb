"""The sheets of a workbook that hold no chart: the first one, and those of tables."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from collector.report.formats.xlsx_book import Book, set_print
from collector.report.formats.xlsx_values import MAX_ROWS
from collector.report.model import Cell, Column, Estimate, Figure, Finding, Report, Spark, Table, Verdict
from collector.report.say import Text, say
from collector.report.unit import Unit
from collector.report.words import LEVELS

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_MEASURED_ROWS = 500
"""how many rows say how wide a column has to be"""

_SPARK_WIDTH = 24

_WIDTHS = (30, 24, 110)
"""of the first sheet's columns"""

_TITLE_POINTS = 22
_FILTER_WIDTH = 3
"""of the button in a heading"""


def write_first(
    book: Book, sheet: "Worksheet", report: Report, contents: Sequence[tuple[str, Text, Sequence[Text]]]
) -> None:
    """Title, period, figures, findings, notes, and what the other sheets hold (name, title, notes)."""
    page = _Page(book, sheet)
    page.line(report.title, bold=True, font_size=16)
    sheet.set_row(0, _TITLE_POINTS)
    page.line(book.language.period(report.since_ns, report.until_ns))
    if report.selection:
        page.line(say("Selection: {terms}", terms=" ".join(report.selection)))
    for note in report.notes:
        page.line(note)
    if report.figures:
        page.heading(say("Figures"))
        for figure in report.figures:
            page.figure(figure)
    if report.findings:
        page.heading(say("What needs attention"))
        for finding in report.by_urgency:
            page.finding(finding)
    if contents:
        page.heading(say("Sheets"))
        for name, title, notes in contents:
            page.content(name, title, notes)
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    set_print(sheet, sum(_WIDTHS))


class _Page:
    """The first sheet, from top to bottom: three columns."""

    def __init__(self, book: Book, sheet: "Worksheet") -> None:
        self._book = book
        self._sheet = sheet
        self._row = 0

    def line(self, text: Text | str, **properties: object) -> None:
        self._book.write_text(self._sheet, self._row, 0, text, **properties)
        self._row += 1

    def heading(self, text: Text) -> None:
        self._row += 1
        self.line(text, bold=True, font_size=12)

    def figure(self, figure: Figure) -> None:
        book, sheet, row = self._book, self._sheet, self._row
        book.write_text(sheet, row, 0, figure.label)
        book.write(sheet, row, 1, figure.value, figure.unit, bold=True, align="left")
        said = []
        if figure.before is not None:
            said.append(
                book.language.text(say("before: {value}", value=book.language.number(figure.before, figure.unit)))
            )
        if figure.note:
            said.append(book.language.text(figure.note))
        if said:
            book.write_text(sheet, row, 2, "; ".join(said))
        self._row += 1

    def finding(self, finding: Finding) -> None:
        book, sheet, row = self._book, self._sheet, self._row
        book.write(sheet, row, 0, Verdict(finding.level, LEVELS[finding.level]), Unit.TEXT)
        book.write_text(sheet, row, 1, finding.where, text_wrap=True)
        book.write_text(sheet, row, 2, finding.sentence, text_wrap=True)
        book.set_height(sheet, row, (finding.where, _WIDTHS[1]), (finding.sentence, _WIDTHS[2]))
        self._row += 1

    def content(self, name: str, title: Text, notes: Sequence[Text]) -> None:
        book, sheet, row = self._book, self._sheet, self._row
        book.write_text(sheet, row, 0, name)
        said = "\n".join(book.language.text(text) for text in (title, *notes))
        book.write_text(sheet, row, 2, said, text_wrap=True)
        book.set_height(sheet, row, (said, _WIDTHS[2]))
        self._row += 1


def write_table(book: Book, sheet: "Worksheet", table: Table) -> None:
    """A heading, which stays in sight and has filters, and the rows. The ends of intervals have columns of their own.

    Raises:
        ValueError: there are more rows than a sheet can hold.
    """
    if len(table.rows) >= MAX_ROWS:
        raise ValueError(f"{table.key}: {len(table.rows)} rows; a sheet holds {MAX_ROWS - 1}, CSV and JSON any number")
    headings: list[tuple[Text, float]] = []
    for column, title, cells in _columns(table):
        width = _write_column(book, sheet, len(headings), column, title, cells)
        headings.append((title, width - _FILTER_WIDTH))
    book.set_height(sheet, 0, *headings)
    sheet.freeze_panes(1, 1)
    sheet.repeat_rows(0)
    set_print(sheet, sum(width + _FILTER_WIDTH for _, width in headings))
    if table.rows:
        sheet.autofilter(0, 0, len(table.rows), len(headings) - 1)
    else:
        book.write_text(sheet, 1, 0, table.empty)


def _columns(table: Table) -> Iterator[tuple[Column, Text, Sequence[Cell]]]:
    """What each column is of, its heading and its cells."""
    for index, column in enumerate(table.columns):
        cells = [row[index] for row in table.rows]
        yield column, column.title, cells
        if any(isinstance(cell, Estimate) for cell in cells):
            estimates = [cell if isinstance(cell, Estimate) else None for cell in cells]
            yield column, say("{title}, at least", title=column.title), [cell and cell.low for cell in estimates]
            yield column, say("{title}, at most", title=column.title), [cell and cell.high for cell in estimates]


def _write_column(book: Book, sheet: "Worksheet", at: int, column: Column, title: Text, cells: Sequence[Cell]) -> float:
    """Write it; how wide it is."""
    heading = book.language.text(title)
    align = "right" if column.unit.is_number else "left"
    book.write_text(sheet, 0, at, heading, bold=True, bottom=1, text_wrap=True, align=align)
    for row, cell in enumerate(cells, 1):
        book.write(sheet, row, at, cell, column.unit)
    shown = [book.language.cell(cell, column.unit) for cell in cells[:_MEASURED_ROWS]]
    # long headings are wrapped, and have a button of the filter beside them
    words = [word + " " * _FILTER_WIDTH for word in heading.split()]
    drawn = [" " * _SPARK_WIDTH] if any(isinstance(cell, Spark) for cell in cells) else []
    width = book.width([*words, *shown, *drawn])
    sheet.set_column(at, at, width)
    return width
