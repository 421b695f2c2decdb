"""`ict-index`: the infrastructure indicators that provinces report, each with where its number comes from.

A number is measured where devices say it, counted where the inventory lists the things, and declared where somebody states
it in the inventory. The best of the three is the indicator's value; the others stand beside it, so that a gap between what
is declared and what is really there is seen.
"""

from collections import Counter
from collections.abc import Sequence

from collector.report.context import Context
from collector.report.indicators import Row, facts_of, indicators, of_district
from collector.report.model import Cell, Column, Figure, Level, Report, Table, Verdict
from collector.report.say import say
from collector.report.unit import Unit
from inventory.model import Declared, Indicator

MEASURED = Verdict(Level.OK, say("measured"))
COUNTED = Verdict(Level.INFO, say("counted in the inventory"))
DECLARED = Verdict(Level.WARNING, say("declared"))
UNKNOWN = Verdict(Level.UNKNOWN, say("not known"))


def ict_index(context: Context) -> Report:
    """The report. Where a selection is given, its numbers are the selection's; declared ones are always the whole province's."""
    everything = facts_of(context)
    rows = list(indicators(context, everything))
    districts = sorted({site.district for site in everything.sites if site.district})
    by_district = [(name, list(indicators(context, of_district(everything, name)))) for name in districts]
    declared = {(each.indicator, each.district): each for each in context.inventory.declared}
    values = [_value(row, declared, "") for row in rows]
    bases = Counter(id(basis) for _, basis in values)
    return context.report(
        name="ict-index",
        title=say("ICT infrastructure indicators"),
        figures=tuple(
            Figure(key, verdict.text, bases[id(verdict)], Unit.COUNT, verdict.level)
            for key, verdict in (
                ("measured", MEASURED),
                ("counted", COUNTED),
                ("declared", DECLARED),
                ("unknown", UNKNOWN),
            )
        ),
        sections=(_indicator_table(rows, declared), _district_table(by_district, declared)),
        notes=(
            say("Measured numbers are as of the end of the period; availability is over the whole period."),
            say(
                "A commune is covered by a technology while one of its stations there works; how far it reaches is not measured."
            ),
        ),
    )


def _value(row: Row, declared: dict[tuple[Indicator, str], Declared], district: str) -> tuple[float | None, Verdict]:
    """The best number of an indicator and its basis: measured before declared before counted."""
    if row.measured is not None:
        return row.measured, MEASURED
    if row.indicator and (row.indicator, district) in declared:
        return declared[row.indicator, district].value, DECLARED
    return (row.counted, COUNTED) if row.counted is not None else (None, UNKNOWN)


def _indicator_table(rows: Sequence[Row], declared: dict[tuple[Indicator, str], Declared]) -> Table:
    return Table(
        key="indicators",
        title=say("Indicators of the province"),
        columns=(
            Column("indicator", say("Indicator")),
            Column("value", say("Value"), Unit.NUMBER),
            Column("unit", say("Unit")),
            Column("basis", say("Basis"), filterable=True),
            Column("measured", say("Measured"), Unit.NUMBER),
            Column("counted", say("In the inventory"), Unit.NUMBER),
            Column("declared", say("Declared"), Unit.NUMBER),
            Column("how", say("How it is measured or counted"), wide_only=True),
            Column("source", say("Source of what is declared"), wide_only=True),
            Column("as_of", say("As of"), wide_only=True),
        ),
        rows=tuple(_cells(row, declared) for row in rows),
        empty=say("There is nothing to report."),
    )


def _cells(row: Row, declared: dict[tuple[Indicator, str], Declared]) -> tuple[Cell, ...]:
    value, basis = _value(row, declared, "")
    said = declared.get((row.indicator, "")) if row.indicator else None
    return (
        row.title,
        value,
        row.unit,
        basis,
        row.measured,
        row.counted,
        said.value if said else None,
        row.how,
        said.source if said else None,
        said.as_of if said else None,
    )


def _district_table(
    by_district: Sequence[tuple[str, Sequence[Row]]], declared: dict[tuple[Indicator, str], Declared]
) -> Table:
    titles = [(row.key, row.title) for row in by_district[0][1]] if by_district else []
    return Table(
        key="districts",
        title=say("Indicators by district"),
        columns=(
            Column("district", say("District")),
            *(Column(key, title, Unit.NUMBER, wide_only=place > 6) for place, (key, title) in enumerate(titles)),
        ),
        rows=tuple((name, *(_value(row, declared, name)[0] for row in rows)) for name, rows in by_district),
        empty=say("The inventory names no districts."),
    )
