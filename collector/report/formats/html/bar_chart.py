"""Stacked bars, lying, one below the other: names of districts are long, and a page can be as long as it likes."""

import math
from collections import Counter

from collector.report.formats.html.level import class_of
from collector.report.formats.html.markup import Markup, tag
from collector.report.language import Language
from collector.report.model import BarChart, BarPart, Level
from collector.report.say import say

_SHADES = 4
"""how many parts of the same level the style sheet tells apart"""

_WRITTEN = 0.07
"""a part this large of the longest bar has its number within"""


def bar_chart(chart: BarChart, language: Language) -> Markup:
    """A list of bars with their numbers, below a legend with the sums."""
    if not chart.categories or not chart.parts:
        return tag("p", language.text(say("No data.")), class_="empty")
    colors = _colors(chart)
    totals = [sum(_amount(part, index) for part in chart.parts) for index in range(len(chart.categories))]
    longest = max(totals) or 1.0
    legend = tag(
        "p",
        *(
            tag(
                "span",
                tag("svg", tag("path", class_=f"part {color}", d="M1 1H13V11H1z"), width="14", height="12"),
                language.text(part.label),
                " ",
                tag("b", language.number(sum(_amount(part, index) for index in range(len(part.values))), chart.unit)),
                class_="key",
            )
            for part, color in zip(chart.parts, colors, strict=True)
        ),
        class_="legend",
    )
    rows = []
    for index, category in enumerate(chart.categories):
        rows.append(
            tag(
                "li",
                tag("span", language.text(category), class_="name"),
                _bar(chart, colors, index, longest, language),
                tag("span", language.number(totals[index], chart.unit), class_="total"),
            )
        )
    return tag("div", legend, tag("ol", *rows), class_="bars")


def _bar(chart: BarChart, colors: list[str], index: int, longest: float, language: Language) -> Markup:
    drawn: list[Markup] = []
    at = 0.0
    for part, color in zip(chart.parts, colors, strict=True):
        share = _amount(part, index) / longest
        if share <= 0:
            continue
        number = language.number(part.values[index], chart.unit)
        middle = f"{(at + share / 2) * 100:.2f}%"
        drawn.append(
            tag(
                "g",
                tag("title", f"{language.text(part.label)}: {number}"),
                tag("rect", x=f"{at * 100:.2f}%", width=f"{share * 100:.2f}%", height="22", class_=f"part {color}"),
                tag("text", number, x=middle, y="15.5") if share >= _WRITTEN else None,
            )
        )
        at += share
    return tag("svg", *drawn, width="100%", height="22", role="img", aria_label=_told(chart, index, language))


def _amount(part: BarPart, index: int) -> float:
    """What can be drawn: nothing is shorter than nothing."""
    value = part.values[index]
    return value if math.isfinite(value) and value > 0 else 0.0


def _told(chart: BarChart, index: int, language: Language) -> str:
    return ", ".join(
        f"{language.text(part.label)} {language.number(part.values[index], chart.unit)}" for part in chart.parts
    )


def _colors(chart: BarChart) -> list[str]:
    """By level; what is neither good nor bad takes the colours of lines; parts of the same level are told apart by shades."""
    seen: Counter[Level] = Counter()
    colors = []
    for part in chart.parts:
        nth = seen[part.level]
        seen[part.level] += 1
        neutral = part.level is Level.INFO
        colors.append(f"series-{nth % 6}" if neutral else f"{class_of(part.level)} shade-{nth % _SHADES}")
    return colors
