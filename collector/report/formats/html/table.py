"""Tables: the first rows as they are, all others in a <template>, from which the script takes what is sorted and filtered to
the top. So 15,000 rows cost a browser little until somebody wants to see them.

What a cell is sorted by stands in `data-v`, raw; where it is missing, numbers are missing.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from collector.report.formats.html.level import class_of
from collector.report.formats.html.markup import Markup, joined, shown, tag
from collector.report.formats.html.spark import bar_svg, spark_svg
from collector.report.language import Language
from collector.report.model import Cell, Column, Estimate, Spark, Table, Verdict
from collector.report.say import Text, say
from collector.report.unit import Unit

FIRST_ROWS = 200
_TOOLS_FROM = 8
"""shorter tables need no filter"""
_CHOICES = 40
"""a filter offers no more values than that"""
_SHORT = 26
"""texts up to this length are not broken"""
_LONG = re.compile(r".{61}|\S{25}", re.DOTALL)
"""such names are broken anywhere, and cut to some lines until the pointer is on them"""
_COLUMNS = 12
"""of tables with more, those that a narrow terminal leaves out are shown only when asked for, and are not on paper"""
_UPRIGHT = 8
"""tables with more columns than that are printed across"""
_BAR_SPREAD = 10.0
"""percentages that differ less would all have the same bar"""


def table(table: Table, language: Language, ids: dict[str, str]) -> Markup:
    """The table with its filters; `ids` has the id of each section on the page."""
    if not table.rows:
        return tag("p", language.text(table.empty), class_="empty")
    kinds = _kinds(table)
    extra = [kind for kind in kinds if kind.is_extra]
    links = [ids.get(key, "") for key in table.links] or [""] * len(table.rows)
    openings = [f'<td class="{kind.classes}"' if kind.classes else "<td" for kind in kinds]
    rows = [_row(row, kinds, openings, link, language) for row, link in zip(table.rows, links, strict=True)]
    rest = tag("template", joined(rows[FIRST_ROWS:])) if len(rows) > FIRST_ROWS else None
    head = tag("thead", tag("tr", *(_heading(kind, language) for kind in kinds)))
    grid = tag("table", head, tag("tbody", joined(rows[:FIRST_ROWS])), aria_label=language.text(table.title))
    return tag(
        "div",
        _tools(table, kinds, language) if len(rows) >= _TOOLS_FROM or extra else None,
        tag("div", grid, class_="table-box", tabindex="0", role="region", aria_label=language.text(table.title)),
        rest,
        _more(len(rows), language),
        _not_on_paper(extra, language),
        _help(table, language),
        class_="data across" if len(kinds) - len(extra) > _UPRIGHT else "data",
        data_first=FIRST_ROWS,
    )


_SortsBy: TypeAlias = Literal["verdict", "number", "text", ""]
"""nothing where cells are drawings"""


class _Kind(msgspec.Struct, frozen=True):
    """What a column's cells have in common: how they are sorted, aligned and drawn."""

    index: int
    column: Column
    sorts_by: _SortsBy
    has_bars: bool
    is_extra: bool

    @property
    def classes(self) -> str:
        """Of its cells and its heading."""
        return " ".join(("n",) * (self.sorts_by == "number") + ("extra",) * self.is_extra)


def _kinds(table: Table) -> list[_Kind]:
    kinds = []
    left_out = _left_out(table)
    for index, column in enumerate(table.columns):
        cells = [row[index] for row in table.rows]
        sorts_by: _SortsBy
        if any(isinstance(cell, Spark) for cell in cells):
            sorts_by = ""
        elif any(isinstance(cell, Verdict) for cell in cells):
            sorts_by = "verdict"
        else:
            sorts_by = "number" if column.unit.is_number else "text"
        has_bars = False
        if column.unit is Unit.PERCENT:
            amounts = [amount for cell in cells if (amount := _amount(cell)) is not None]
            has_bars = min(amounts, default=-1) >= 0 and max(amounts) - min(amounts) >= _BAR_SPREAD
        kinds.append(_Kind(index, column, sorts_by, has_bars, index in left_out))
    return kinds


def _left_out(table: Table) -> set[int]:
    """The columns that are left out until somebody wants them, from the right; what is drawn is never one."""
    surplus = len(table.columns) - _COLUMNS
    extra = [
        index
        for index, column in enumerate(table.columns)
        if index and column.wide_only and not any(isinstance(row[index], Spark) for row in table.rows)
    ]
    return set(extra[-surplus:]) if surplus > 0 else set()


def _amount(cell: Cell) -> float | None:
    """A finite number of a cell."""
    value = cell.value if isinstance(cell, Estimate) else cell
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _row(row: Sequence[Cell], kinds: Sequence[_Kind], openings: Sequence[str], link: str, language: Language) -> Markup:
    cells = [
        _cell(cell, kind, opening, language, "" if kind.index else link)
        for cell, kind, opening in zip(row, kinds, openings, strict=True)
    ]
    return Markup(f"<tr>{''.join(cells)}</tr>")


def _cell(cell: Cell, kind: _Kind, opening: str, language: Language, link: str = "") -> str:
    """Written without `tag`: there are hundreds of thousands of them. `opening` is "<td" with the class of its column."""
    if cell is None:
        inside = '<span class="nil">–</span>'
        return f"{opening}>{inside}</td>"
    if isinstance(cell, Verdict):
        return (
            f'{opening} data-v="{int(cell.level)}"><b class="badge {class_of(cell.level)}">'
            f"{shown(language.text(cell.text))}</b></td>"
        )
    if isinstance(cell, Spark):
        return f"{opening}>{spark_svg(cell)}</td>"
    words = language.cell(cell, kind.column.unit)
    inside = shown(words)
    if len(words) > _SHORT:
        class_ = "told" if isinstance(cell, Text) else "long" if _LONG.search(words) else "wide"
        inside = f'<span class="{class_}">{inside}</span>'
    if link:
        inside = f'<a href="#{shown(link)}">{inside}</a>'
    amount = _amount(cell)
    raw = f"{amount:.9g}" if isinstance(amount, float) else f"{amount or 0:d}"
    if kind.sorts_by != "number":
        return opening + (f">{inside}</td>" if amount is None else f' data-v="{raw}">{inside}</td>')
    if amount is None:
        # a text says why there is no number
        return f'{opening}><span class="why">{inside}</span></td>'
    if isinstance(cell, Estimate):
        value, _, interval = words.partition(" (")
        inside = shown(value) + (f"<small>({shown(interval)}</small>" if interval else "")
    if kind.has_bars:
        inside += bar_svg(amount)
    return f'{opening} data-v="{raw}">{inside}</td>'


def _heading(kind: _Kind, language: Language) -> Markup:
    title = language.text(kind.column.title)
    help = language.text(kind.column.help) if kind.column.help else None
    sorts_by = kind.sorts_by or None
    return tag(
        "th",
        tag("button", title, type="button") if sorts_by else title,
        scope="col",
        class_=kind.classes or None,
        title=help,
        data_sort=sorts_by,
        aria_sort="none" if sorts_by else None,
    )


def _tools(table: Table, kinds: Sequence[_Kind], language: Language) -> Markup:
    """A box to search in, choices, and how many rows there are."""
    choices = [
        _choices(table, kind, language) for kind in kinds if kind.sorts_by == "verdict" or kind.column.filterable
    ]
    label = language.text(say("Find in {table}", table=table.title))
    return tag(
        "div",
        tag("input", type="search", placeholder=language.text(say("Find…")), aria_label=label, autocomplete="off"),
        *choices,
        tag("button", language.text(say("All columns")), type="button", data_all=True, aria_pressed="false")
        if any(kind.is_extra for kind in kinds)
        else None,
        tag("output", class_="count"),
        class_="tools",
        hidden=True,
    )


def _choices(table: Table, kind: _Kind, language: Language) -> Markup:
    cells = (row[kind.index] for row in table.rows)
    counts = Counter(
        (int(cell.level) if isinstance(cell, Verdict) else 0, language.cell(cell, kind.column.unit)) for cell in cells
    )
    values = sorted((level, words) for level, words in counts if words)
    if not 2 <= len(values) <= _CHOICES:
        return Markup("")
    title = language.text(kind.column.title)
    # what a reader chooses is compared with what the cells show
    options = [
        tag("option", f"{words} ({language.number(counts[level, words], Unit.COUNT)})", value=words)
        for level, words in values
    ]
    everything = tag("option", language.text(say("{column}: all", column=title)), value="")
    return tag("select", everything, *options, aria_label=title, data_column=kind.index)


def _more(count: int, language: Language) -> Markup:
    """What is said where rows are left out, and where none is left."""
    return joined(
        [
            tag("p", language.text(say("No row matches.")), class_="empty", data_none=True, hidden=True),
            tag(
                "p",
                tag("span", language.text(_first(count))),
                " ",
                tag("button", language.text(say("Show more")), type="button", data_more=True, hidden=True),
                class_="more",
            )
            if count > FIRST_ROWS
            else "",
        ]
    )


def _first(count: int) -> Text:
    return say("The first {shown} of {count} rows.", shown=FIRST_ROWS, count=count)


def _not_on_paper(extra: Sequence[_Kind], language: Language) -> Markup | None:
    if not extra:
        return None
    names = ", ".join(language.text(kind.column.title) for kind in extra)
    return tag("p", language.text(say("Not printed: {columns}", columns=names)), class_="note on-paper")


def _help(table: Table, language: Language) -> Markup:
    told = [
        joined([tag("dt", language.text(column.title)), tag("dd", language.text(column.help))])
        for column in table.columns
        if column.help
    ]
    if not told:
        return Markup("")
    return tag("details", tag("summary", language.text(say("What the columns mean"))), tag("dl", *told), class_="help")
