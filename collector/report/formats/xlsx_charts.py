"""Charts as a spreadsheet's own: their data on a sheet, the chart beside it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from collector.report.formats.xlsx_book import Book, reference, set_print
from collector.report.formats.xlsx_values import FILL, MAX_TITLE, cell_text, number_format, serial
from collector.report.model import BarChart, HeatMap, LineChart
from collector.report.say import Text, say
from collector.report.unit import Unit

if TYPE_CHECKING:
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

_SIZE = {"width": 960, "height": 480}
_LINE = {"width": 1.5}
_LIMIT = {"color": "#C62828", "dash_type": "dash", "width": 1.5}
_FORECAST = {"color": "#6A6A6A", "dash_type": "round_dot", "width": 1.5}
_WIDTH = 18
_HOUR_WIDTH = 10
_PIXELS = 7
"""of a character"""
_CELL_PIXELS = (64, 20)
"""width and height of a cell, where nothing else is said"""
_LIKE_A_CELL = re.compile(r"!(?=\$?[A-Z])")


def write_line_chart(book: Book, sheet: "Worksheet", chart: LineChart) -> None:
    """Lines over a time axis: gaps stay gaps, limits are dashed, a forecast is dotted."""
    data = _Data(book, sheet)
    series = []
    for line in chart.lines:
        if line.times_ns:
            at = data.times(line.times_ns), data.column(line.label, line.values, chart.unit)
            series.append(data.series(*at, len(line.times_ns), _LINE))
    cone_times = chart.cone.times_ns if chart.cone else ()
    all_times = [time for line in chart.lines for time in line.times_ns] + list(cone_times)
    if not all_times:
        return
    ends = (min(all_times), max(all_times))
    for limit in chart.limits:
        at = data.times(ends), data.column(limit.label, (limit.value, limit.value), chart.unit)
        series.append(data.series(*at, len(ends), _LIMIT))
    if cone := chart.cone:
        for label, values in (
            (say("forecast"), cone.middle),
            (say("forecast, at least"), cone.low),
            (say("forecast, at most"), cone.high),
        ):
            at = data.times(cone.times_ns), data.column(label, values, chart.unit)
            series.append(data.series(*at, len(values), _FORECAST))
    drawn = book.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    for each in series:
        drawn.add_series(each)
    first, last = (serial(time, book.language.zone) for time in ends)
    drawn.set_x_axis(
        {"num_format": number_format(Unit.DATE, book.language), "min": first, "max": last, "label_position": "low"}
    )
    drawn.set_y_axis({"num_format": number_format(chart.unit, book.language)})
    drawn.show_blanks_as("gap")
    _place(book, sheet, drawn, chart.title, data.columns)


def write_bar_chart(book: Book, sheet: "Worksheet", chart: BarChart) -> None:
    """Stacked bars, a row for each category and a column for each part."""
    if not chart.categories or not chart.parts:
        return
    drawn = book.workbook.add_chart({"type": "bar", "subtype": "stacked"})
    data = _Data(book, sheet)
    names = data.texts(say("Category"), chart.categories)
    alone = Counter(part.level for part in chart.parts)
    for part in chart.parts:
        at = data.column(part.label, part.values, chart.unit)
        look = {"fill": {"color": FILL[part.level]}} if alone[part.level] == 1 else {}
        drawn.add_series(
            {
                "name": reference(sheet, 0, at, 0, at),
                "categories": reference(sheet, 1, names, len(chart.categories), names),
                "values": reference(sheet, 1, at, len(chart.categories), at),
                "gap": 40,
                **look,
            }
        )
    drawn.set_y_axis({"reverse": True})
    drawn.set_x_axis({"num_format": number_format(chart.unit, book.language), "min": 0})
    _place(book, sheet, drawn, chart.title, data.columns)


def write_heat_map(book: Book, sheet: "Worksheet", chart: HeatMap) -> None:
    """Weekdays by hours, coloured by value."""
    for hour in range(24):
        book.write_text(sheet, 0, hour + 1, f"{hour:02}:00", bold=True, align="right")
    for day, (name, values) in enumerate(zip(book.language.weekdays, chart.values, strict=False), 1):
        book.write_text(sheet, day, 0, name, bold=True)
        for hour, value in enumerate(values, 1):
            book.write_number(sheet, day, hour, value, chart.unit)
    scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": "#E06666"}
    sheet.conditional_format(1, 1, 7, 24, scale)
    sheet.set_column(1, 24, _HOUR_WIDTH)
    sheet.freeze_panes(1, 1)
    set_print(sheet, 24 * _HOUR_WIDTH)


class _Data:
    """Columns of a sheet, from left to right, with their headings; times that were written once are not written again."""

    def __init__(self, book: Book, sheet: "Worksheet") -> None:
        self._book = book
        self._sheet = sheet
        self._times: dict[tuple[int, ...], int] = {}
        self.columns = 0

    def texts(self, title: Text, texts: Sequence[Text | str]) -> int:
        """The column of `texts`."""
        at = self._heading(title)
        for row, text in enumerate(texts, 1):
            self._book.write_text(self._sheet, row, at, text)
        return at

    def times(self, times_ns: tuple[int, ...]) -> int:
        """The column of these times."""
        if times_ns not in self._times:
            self._times[times_ns] = self.column(say("Time"), times_ns, Unit.TIME)
        return self._times[times_ns]

    def column(self, title: Text | str, values: Sequence[float | None], unit: Unit) -> int:
        """The column of `values`, which are in `unit`."""
        at = self._heading(title)
        for row, value in enumerate(values, 1):
            self._book.write_number(self._sheet, row, at, value, unit)
        return at

    def _heading(self, title: Text | str) -> int:
        self._book.write_text(self._sheet, 0, self.columns, title, bold=True, text_wrap=True)
        self._sheet.set_column(self.columns, self.columns, _WIDTH)
        self.columns += 1
        return self.columns - 1

    def series(self, times: int, values: int, count: int, line: Mapping[str, object]) -> dict[str, object]:
        """What a chart draws of two columns."""
        return {
            "name": reference(self._sheet, 0, values, 0, values),
            "categories": reference(self._sheet, 1, times, count, times),
            "values": reference(self._sheet, 1, values, count, values),
            "line": dict(line),
            "marker": {"type": "none"},
        }


def _place(book: Book, sheet: "Worksheet", chart: "Chart", title: Text, column: int) -> None:
    # XlsxWriter takes a title that has `x!A1` in it for a formula; a word joiner, which nobody sees, prevents that
    name = _LIKE_A_CELL.sub("!\u2060", book.language.text(title))
    chart.set_title({"name": cell_text(name, MAX_TITLE), "name_font": {"size": 12}, "overlay": False})
    chart.set_legend({"position": "bottom"})
    chart.set_size(_SIZE)
    sheet.freeze_panes(1, 0)
    sheet.insert_chart(1, column + 1, chart)
    # the chart, without what it is drawn from
    sheet.print_area(
        1, column + 1, 1 + _SIZE["height"] // _CELL_PIXELS[1], column + 1 + _SIZE["width"] // _CELL_PIXELS[0]
    )
    set_print(sheet, _SIZE["width"] / _PIXELS)
