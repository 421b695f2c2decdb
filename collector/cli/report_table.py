"""Reports on a terminal, or in a pipe: figures, findings, tables. What is drawn elsewhere is named.

A pipe gets every row and column, one line a row; a terminal what fits. Colour says nothing that words do not say.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import click

from collector.cli.app import printable
from collector.cli.show import SPARKS
from collector.cli.text_table import Field, Heading, draw, fold
from collector.report.language import Language
from collector.report.model import Cell, Figure, Level, Report, Spark, Table, Verdict
from collector.report.say import Text, say, say_many
from collector.report.unit import Unit
from collector.report.words import LEVELS

SPARK_WIDTH = 24

_COLORS = {Level.CRITICAL: "red", Level.WARNING: "yellow", Level.UNKNOWN: "bright_black", Level.OK: "green"}

Paint = Callable[[str], str]


def render(report: Report, language: Language, *, width: int | None, rows: int | None = None) -> str:
    """The report as text with the colours of a terminal, which `click.echo` takes away where there is none.

    Args:
        width: columns of the terminal; None where nothing is folded or left out.
        rows: how many rows of each table, and findings, are shown; None for all.
    """
    page = _Page(language, width, rows)
    return "\n".join(page.lines(report)) + "\n"


class _Page:
    def __init__(self, language: Language, width: int | None, rows: int | None) -> None:
        self._language = language
        self._width = width
        self._rows = rows

    def lines(self, report: Report) -> Iterator[str]:
        yield from map(_bold, self._folded(self._text(report.title)))
        about = [self._language.period(report.since_ns, report.until_ns), *map(_one_line, report.selection)]
        yield from self._folded("  ".join(about))
        if report.figures:
            yield ""
            yield from self._figures(report.figures)
        if report.findings:
            yield ""
            yield _bold(self._text(say("What needs attention")))
            yield from self._findings(report)
        for section in report.sections:
            if isinstance(section, Table):
                yield ""
                yield from self._table(section)
        yield from self._ending(report)

    def _figures(self, figures: Sequence[Figure]) -> Iterator[str]:
        labels = [self._text(figure.label) for figure in figures]
        rows = []
        for label, figure in zip(labels, figures, strict=True):
            told = []
            if figure.before is not None:
                before = self._language.number(figure.before, figure.unit)
                told.append(self._text(say("before: {value}", value=before)))
            if figure.note:
                told.append(self._text(figure.note))
            value = self._field(figure.value, figure.unit).text or "–"
            rows.append((Field(label), Field(value, _paint(figure.level, bold=True)), Field("; ".join(told))))
        # without their headings
        yield from draw((Heading(""), Heading("", is_number=True), Heading("")), rows, self._width).lines[1:]

    def _findings(self, report: Report) -> Iterator[str]:
        shown = report.by_urgency[: self._rows]
        rows = [
            (Field(self._text(LEVELS[finding.level]), _paint(finding.level)), Field(self._text(finding.sentence)))
            for finding in shown
        ]
        yield from draw((Heading(""), Heading("")), rows, self._width).lines[1:]
        yield from self._more(len(report.findings) - len(shown))

    def _table(self, table: Table) -> Iterator[str]:
        yield _bold(self._text(table.title))
        if not table.rows:
            yield from self._folded(self._text(table.empty))
        else:
            judged = {index for row in table.rows for index, cell in enumerate(row) if isinstance(cell, Verdict)}
            headings = [
                Heading(self._text(column.title), column.unit.is_number, column.wide_only, index in judged)
                for index, column in enumerate(table.columns)
            ]
            rows = [
                [self._field(cell, column.unit) for cell, column in zip(row, table.columns, strict=True)]
                for row in table.rows[: self._rows]
            ]
            drawn = draw(headings, rows, self._width, _bold)
            yield from drawn.lines
            yield from self._more(len(table.rows) - len(rows))
            if drawn.left_out:
                names = "; ".join(drawn.left_out)
                yield from self._aside(say("Columns that have no room here: {names}", names=names))
        for note in table.notes:
            yield from self._aside(note)

    def _ending(self, report: Report) -> Iterator[str]:
        drawn = sum(not isinstance(section, Table) for section in report.sections)
        if report.notes or drawn:
            yield ""
        for note in report.notes:
            yield from self._aside(note)
        if drawn:
            yield from self._aside(
                say_many("{count} chart: {option}", "{count} charts: {option}", drawn, option="--format html")
            )

    def _more(self, count: int) -> Iterator[str]:
        if count > 0:
            yield from self._aside(say("{count} more: {option}", count=count, option="--rows 0"))

    def _aside(self, text: Text) -> Iterator[str]:
        return (click.style(line, dim=True) for line in self._folded(self._text(text)))

    def _folded(self, text: str) -> list[str]:
        return fold(text, self._width) if self._width else [text]

    def _field(self, cell: Cell, unit: Unit) -> Field:
        if isinstance(cell, Spark):
            return Field(spark(cell.values))
        if isinstance(cell, Verdict):
            return Field(self._text(cell.text), _paint(cell.level))
        return Field(_one_line(self._language.cell(cell, unit)))

    def _text(self, text: Text | str) -> str:
        return _one_line(self._language.text(text))


def spark(values: Sequence[float | None]) -> str:
    """Values as a row of bars from 0 (or the least) to the most; a gap is a space.

    >>> spark([0, 1, None, 7])
    '▁▂ █'
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return ""
    low, high = min(0.0, *known), max(known)
    share = (len(SPARKS) - 1) / ((high - low) or 1.0)
    return "".join(" " if value is None else SPARKS[int((value - low) * share + 0.5)] for value in _thinned(values))


def _thinned(values: Sequence[float | None]) -> list[float | None]:
    """At most `SPARK_WIDTH` values, each the mean of its neighbours."""
    parts = min(len(values), SPARK_WIDTH)
    thinned: list[float | None] = []
    for part in range(parts):
        some = values[part * len(values) // parts : (part + 1) * len(values) // parts]
        known = [value for value in some if value is not None and math.isfinite(value)]
        thinned.append(sum(known) / len(known) if known else None)
    return thinned


def _one_line(text: str) -> str:
    """Text of anybody, fit for a terminal and for a line of a table."""
    return printable(text.replace("\r\n", " ").replace("\n", " ").replace("\t", " "))


def _bold(text: str) -> str:
    return click.style(text, bold=True)


def _paint(level: Level, *, bold: bool = False) -> Paint:
    return partial(click.style, fg=_COLORS.get(level), bold=bold or None)
