"""A report as a workbook: numbers, dates and durations are real ones, charts are the spreadsheet's own.

The first sheet has the figures and findings; every table and chart has a sheet of its own. Texts of devices are texts:
nothing becomes a formula or a link. Percentages are fractions shown as percent, durations are days shown as hours; rates and
sizes are bit/s and bytes shown with a prefix (of 1000: number formats know no other).
"""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from collector.report.formats.flat import tables
from collector.report.formats.xlsx_book import Book
from collector.report.formats.xlsx_charts import write_bar_chart, write_heat_map, write_line_chart
from collector.report.formats.xlsx_sheets import write_first, write_table
from collector.report.formats.xlsx_values import MAX_TITLE, cell_text
from collector.report.language import Language
from collector.report.model import BarChart, HeatMap, LineChart, Report, Section
from collector.report.say import Text, say


def encode(report: Report, language: Language) -> bytes:
    """The workbook. The same report gives the same bytes.

    Raises:
        ValueError: a table has more rows than a sheet can hold.
    """
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    workbook = Workbook(file, options)
    made = datetime.fromtimestamp(report.until_ns // 10**9, UTC).replace(tzinfo=None)
    # the day of the data, and nobody's name
    workbook.set_properties({"title": cell_text(language.text(report.title), MAX_TITLE), "created": made})
    book = Book(workbook, language)
    first = book.add_sheet(say("Summary"))
    contents = [part for section in report.sections for part in _write_section(book, section)]
    write_first(book, first, report, contents)
    book.finish()
    workbook.close()
    return file.getvalue()


def _write_section(book: Book, section: Section) -> Iterator[tuple[str, Text, Sequence[Text]]]:
    """Write it to sheets of its own; their names, titles and notes."""
    if isinstance(section, LineChart | BarChart | HeatMap):
        sheet = book.add_sheet(section.title)
        if isinstance(section, LineChart):
            write_line_chart(book, sheet, section)
        elif isinstance(section, BarChart):
            write_bar_chart(book, sheet, section)
        else:
            write_heat_map(book, sheet, section)
        yield sheet.get_name(), section.title, section.notes
        return
    for table in tables((section,)):
        sheet = book.add_sheet(table.title)
        write_table(book, sheet, table)
        yield sheet.get_name(), table.title, table.notes
