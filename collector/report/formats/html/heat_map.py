"""Values by hour and weekday as a table whose cells are shaded: it can be read out, copied, and printed."""

import math

from collector.report.formats.html.markup import Markup, tag
from collector.report.language import Language
from collector.report.model import HeatMap
from collector.report.say import say

STEPS = 9
"""shades that the style sheet has, from the least to the greatest"""


def heat_map(chart: HeatMap, language: Language) -> Markup:
    """The table with its legend."""
    from babel.core import Locale

    known = [value for row in chart.values for value in row if value is not None and math.isfinite(value)]
    if not known:
        return tag("p", language.text(say("No data.")), class_="empty")
    low, high = min(0.0, *known), max(known)
    names = Locale.parse(language.code).days["stand-alone"]["abbreviated"]
    hours = max(len(row) for row in chart.values)
    head = tag("tr", tag("td"), *(tag("th", f"{hour:02}", scope="col") for hour in range(hours)))
    body = [
        tag(
            "tr",
            tag("th", names[day % 7], scope="row"),
            *(
                _cell(value, f"{names[day % 7]} {hour:02}:00", chart, low, high, language)
                for hour, value in enumerate(row)
            ),
        )
        for day, row in enumerate(chart.values)
    ]
    table = tag("table", tag("thead", head), tag("tbody", *body), aria_label=language.text(chart.title))
    return tag("div", tag("div", table, class_="heat-box"), _legend(chart, low, high, language), class_="heat")


def _cell(value: float | None, when: str, chart: HeatMap, low: float, high: float, language: Language) -> Markup:
    if value is None or not math.isfinite(value):
        return tag("td", class_="none", title=f"{when}: {language.text(say('no data'))}")
    step = min(int((value - low) / ((high - low) or 1.0) * STEPS), STEPS - 1)
    over = " over" if chart.limit is not None and value > chart.limit else ""
    number = language.number(value, chart.unit)
    return tag("td", tag("span", number), class_=f"heat-{step}{over}", title=f"{when}: {number}")


def _legend(chart: HeatMap, low: float, high: float, language: Language) -> Markup:
    swatches = [
        tag("svg", tag("path", class_=f"heat-{step}", d="M0 0H18V12H0z"), width="18", height="12")
        for step in range(STEPS)
    ]
    entries = [tag("span", language.number(low, chart.unit), tag("i", *swatches), language.number(high, chart.unit))]
    if chart.limit is not None:
        sign = tag("svg", tag("path", class_="over", d="M2 2H16V10H2z"), width="18", height="12")
        limit = language.text(say("above {limit}", limit=language.number(chart.limit, chart.unit)))
        entries.append(tag("span", sign, limit, class_="key"))
    return tag("p", *entries, class_="legend")
