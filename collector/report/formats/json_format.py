"""A report as JSON for programs: raw numbers in the units that are named, times in ISO 8601, English keys.

    {"report": "capacity links", "title": ..., "language": "en", "since": ..., "until": ..., "selection": [...],
     "figures": [{"key", "label", "value", "unit", "level", "before", "note"}],
     "findings": [{"key", "level", "urgency", "where", "sentence"}],
     "tables": [{"key", "title", "columns": [{"key", "title", "unit", "help"}], "rows": [{KEY: CELL}], "notes"}],
     "charts": [{"key", "title", "columns", "rows", "notes"}],
     "notes": [...]}

A CELL is a string, a number, a flag or null; what is more is an object: {"level", "text"} is a verdict, {"value", "low",
"high"} an estimate, {"values", "limit"} a sparkline, and {"text"} says why there is no number. Charts, maps and networks have
the shape of tables. Keys are only ever added.
"""

import math
from typing import Any

import msgspec

from collector.report.formats.flat import clean, moment, tables
from collector.report.language import Language
from collector.report.model import Cell, Column, Estimate, Figure, Report, Spark, Table, Verdict
from collector.report.say import Text
from collector.report.unit import Unit


def encode(report: Report, language: Language) -> bytes:
    """The whole report, and a newline."""
    own = {section.key for section in report.sections if isinstance(section, Table)}
    shown = [(table.key in own, _table(table, language)) for table in tables(report.sections)]
    document = {
        "report": report.name,
        "title": _text(report.title, language),
        "language": language.code,
        "since": moment(report.since_ns, Unit.TIME, language.zone),
        "until": moment(report.until_ns, Unit.TIME, language.zone),
        "selection": [clean(term) for term in report.selection],
        "figures": [_figure(figure, language) for figure in report.figures],
        "findings": [
            {
                "key": finding.key,
                "level": finding.level.name.lower(),
                "urgency": round(finding.urgency, 1),
                "where": clean(finding.where),
                "sentence": _text(finding.sentence, language),
            }
            for finding in report.by_urgency
        ],
        "tables": [shape for is_own, shape in shown if is_own],
        "charts": [shape for is_own, shape in shown if not is_own],
        "notes": [_text(note, language) for note in report.notes],
    }
    return msgspec.json.encode(document) + b"\n"


def _figure(figure: Figure, language: Language) -> dict[str, Any]:
    return {
        "key": figure.key,
        "label": _text(figure.label, language),
        "value": _cell(figure.value, figure.unit, language),
        "unit": figure.unit.value,
        "level": figure.level.name.lower(),
        "before": _cell(figure.before, figure.unit, language),
        "note": _text(figure.note, language) if figure.note else None,
    }


def _table(table: Table, language: Language) -> dict[str, Any]:
    keys = [column.key for column in table.columns]
    units = [column.unit for column in table.columns]
    return {
        "key": table.key,
        "title": _text(table.title, language),
        "columns": [_column(column, language) for column in table.columns],
        "rows": [
            {key: _cell(cell, unit, language) for key, unit, cell in zip(keys, units, row, strict=True)}
            for row in table.rows
        ],
        "notes": [_text(note, language) for note in table.notes],
    }


def _column(column: Column, language: Language) -> dict[str, Any]:
    return {
        "key": column.key,
        "title": _text(column.title, language),
        "unit": column.unit.value,
        "help": _text(column.help, language) if column.help else None,
    }


def _cell(cell: Cell, unit: Unit, language: Language) -> Any:
    if isinstance(cell, str | Text):
        text = _text(cell, language)
        return text if unit is Unit.TEXT else {"text": text}
    if isinstance(cell, Verdict):
        return {"level": cell.level.name.lower(), "text": _text(cell.text, language)}
    if isinstance(cell, Estimate):
        ends = {"value": cell.value, "low": cell.low, "high": cell.high}
        return {name: _number(end, unit, language) for name, end in ends.items()}
    if isinstance(cell, Spark):
        return {"values": [_number(value, Unit.NUMBER, language) for value in cell.values], "limit": cell.limit}
    return _number(cell, unit, language)


def _number(value: float | None, unit: Unit, language: Language) -> str | float | None:
    if value is None or not math.isfinite(value):
        return None
    return moment(value, unit, language.zone) if unit in (Unit.DATE, Unit.TIME) else value


def _text(text: Text | str, language: Language) -> str:
    return clean(language.text(text))
